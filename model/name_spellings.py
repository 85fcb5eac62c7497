"""Spellings that people shorten, lengthen or translate, as further names to look for."""

import re
from collections.abc import Iterator

SALTS = re.compile(
    r"[\s-]+(?:(?:di|mono|tri)?(?:hydrochloride|hydrobromide|sodium|potassium|phosphate|mesylate|maleate|citrate)"
    r"|mesilate|methanesulfonate|(?:di)?tosylate|besylate|malate|(?:bi|di)?tartrate|fumarate|succinate|sulfate|sulphate"
    r"|acetate|lactate|bromide|chloride|camsylate|isethionate|hcl|hbr|meglumine|calcium|anhydrous"
    r"|(?:hemi|mono|di|tri|tetra|penta|hepta)?hydrate)$",
    re.IGNORECASE,
)
ABOUT = re.compile(r"\s*(?:/\s*ATCC|\(TB\)|\(ATCC\)|\bATCC|\[[^\]]*\]|\bcells?|\bcell line)$", re.IGNORECASE)
# International names, brand names and abbreviations of drugs that lists of compounds lack.
COMMON = {
    "glivec": "Imatinib", "cddp": "Cisplatin", "cis-ddp": "Cisplatin", "fluorouracil": "5-Fluorouracil",
    "adrucil": "5-Fluorouracil", "taxotere": "Docetaxel", "abraxane": "Paclitaxel", "vp-16": "Etoposide",
    "ara-c": "Cytarabine", "mtx": "Methotrexate", "atra": "Tretinoin", "zolinza": "Vorinostat", "saha": "Vorinostat",
    "lynparza": "Olaparib", "sprycel": "Dasatinib", "tasigna": "Nilotinib", "tykerb": "Lapatinib",
    "tyverb": "Lapatinib", "nexavar": "Sorafenib", "sutent": "Sunitinib", "votrient": "Pazopanib",
    "inlyta": "Axitinib", "xalkori": "Crizotinib", "iclusig": "Ponatinib", "tafinlar": "Dabrafenib",
    "mekinist": "Trametinib", "gilotrif": "Afatinib", "giotrif": "Afatinib", "ibrance": "Palbociclib",
    "jakafi": "Ruxolitinib", "jakavi": "Ruxolitinib", "zydelig": "Idelalisib", "erivedge": "Vismodegib",
    "temodar": "Temozolomide", "temodal": "Temozolomide", "revlimid": "Lenalidomide", "gemzar": "Gemcitabine",
    "navelbine": "Vinorelbine", "velban": "Vinblastine", "sirolimus": "Rapamycin", "torisel": "Temsirolimus",
    "mutamycin": "Mitomycin-C", "mitomycin": "Mitomycin-C", "casodex": "Bicalutamide", "nolvadex": "Tamoxifen",
    "talzenna": "Talazoparib", "rubraca": "Rucaparib", "alecensa": "Alectinib", "cometriq": "Cabozantinib",
    "cabometyx": "Cabozantinib", "erbitux": "Cetuximab", "rydapt": "Midostaurin", "targretin": "Bexarotene",
}  # fmt: skip


def line_spellings(name: str) -> Iterator[str]:
    """Other spellings of a cell line: without a collection's mark, with or without NCI- and -MG, a number as text."""
    bare = ABOUT.sub("", _number(name.strip()))
    yield bare
    if found := re.fullmatch(r"(?:NCI[-\s]*)?H[-\s]?(\d+\w?)", bare, re.IGNORECASE):
        yield from (f"H{found[1]}", f"NCI-H{found[1]}")
    if found := re.fullmatch(r"U[-\s]?(\d+)", bare, re.IGNORECASE):
        yield f"U-{found[1]}-MG"
    yield re.sub(r"^NCI[-\s]+", "", bare, flags=re.IGNORECASE)


def drug_spellings(name: str) -> Iterator[str]:
    """Other spellings of a drug: without its salt, by a common name, a number as text."""
    bare = _number(name.strip())
    while (shorter := SALTS.sub("", bare)) != bare:
        bare = shorter
    yield bare
    if (common := COMMON.get(bare.casefold())) is not None:
        yield common


def _number(name: str) -> str:
    """A number without decimals that a spreadsheet has added: 905949.0."""
    return name[:-2] if re.fullmatch(r"\d+\.0", name) else name
