"""What notation a text is in: SMILES, InChI, molfile, or something that is no structure."""

import re

from model.molecules.faults import UnparsableSmilesError

SMILES_CHARACTERS = frozenset("ABCDEFGHIKLMNOPRSTUVWXYZabcdefghiklmnoprstuy0123456789[]()=#$:/\\.+-@%*<>")
INCHIKEY = re.compile(r"(?:InChIKey=)?[A-Z]{14}-[A-Z]{10}-[A-Z]", re.IGNORECASE)
CXSMILES = re.compile(r"\s+\|([^|\n]*)\|.*", re.DOTALL)  # coordinates, labels and other extensions after the SMILES
FREE_TEXT = re.compile(r"\$[^$]*\$|\([^)]*\)")  # of labels and coordinates
NO_MOLECULE = {"Sg:n:": "a polymer", "LN:": "repeated units", "m:": "a bond of no fixed place"}
ENHANCED_STEREO = (
    (re.compile(r"(?:^|,)(?:&\d+:|r(?:,|$))"), "a racemate or another mixture of stereoisomers"),
    (re.compile(r"(?:^|,)o\d+:"), "one of several stereoisomers, it is not known which"),
)
RADICALS = re.compile(r"(?:^|,)\^\d:")
PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z-]{3,}")
REMEDY = "give its SMILES, InChI or molfile"


def is_inchi(text: str) -> bool:
    """Whether the text says that it is an InChI."""
    return text.startswith("InChI=")


def is_molfile(text: str) -> bool:
    """Whether the text is a molfile, V2000 or V3000."""
    return "M  END" in text and ("V2000" in text or "V3000" in text)


def without_extensions(smiles: str) -> str:
    """The SMILES without a CXSMILES tail."""
    return CXSMILES.sub("", smiles)


def refuse_extensions(smiles: str) -> None:
    """Raise UnparsableSmilesError where a CXSMILES tail makes of the SMILES what is no one molecule."""
    tail = _tail(smiles)
    for sign, what in NO_MOLECULE.items():
        if f",{sign}" in f",{tail}":
            raise UnparsableSmilesError(f"{what}, by {sign!r} in its CXSMILES tail; give the SMILES of one molecule")


def states_radicals(smiles: str) -> bool:
    """Whether a CXSMILES tail gives atoms radical electrons."""
    return bool(RADICALS.search(_tail(smiles)))


def stereo_doubts(text: str) -> list[str]:
    """What a CXSMILES tail says of the stereoisomers and a model cannot read."""
    if is_molfile(text) or is_inchi(text):
        return []
    tail = _tail(text)
    return [
        f"its CXSMILES tail says that it is {what}; it is answered as the one that is written"
        for pattern, what in ENHANCED_STEREO
        if pattern.search(tail)
    ]


def _tail(smiles: str) -> str:
    """Extensions of a CXSMILES without free text; "" where there is none."""
    found = CXSMILES.search(smiles)
    return FREE_TEXT.sub("", found[1]).strip() if found else ""


def refuse_other_notations(text: str) -> None:
    """Raise UnparsableSmilesError for what people send in place of a structure, saying what to send."""
    if INCHIKEY.fullmatch(text):
        raise UnparsableSmilesError(
            f"an InChIKey, from which no structure can be had; {REMEDY}, or name a drug of the bundle by it in a pair"
        )
    if re.fullmatch(r"\d+(?:-\d\d-\d)?", text) or re.fullmatch(r"(?:CHEMBL|CID|DB|SID)[ :]?\d+", text, re.IGNORECASE):
        raise UnparsableSmilesError(f"a number of a database and no structure; {REMEDY}")
    if ">>" in text:
        raise UnparsableSmilesError(f"a reaction and no compound; {REMEDY}")


def syntax_fault(text: str) -> str:
    """What a reader would point at in a text that is no SMILES: a name, a strange character, a bracket left open."""
    if PLAIN_WORD.fullmatch(text):
        return f"not SMILES, perhaps a name: an atom is unknown; {REMEDY}, or name a drug of the bundle in a pair"
    if place := strange_character(text):
        character = text[place - 1]
        shown = "a blank" if character.isspace() else f"character {character!r}"
        return f"not SMILES: {shown} at position {place}; give one SMILES and nothing else"
    for opening, closing in ("()", "[]"):
        if text.count(opening) != text.count(closing):
            return f"not SMILES: {text.count(opening)} {opening!r} but {text.count(closing)} {closing!r}"
    return "not SMILES: a ring is left open, a bond hangs loose, or an atom is unknown"


def strange_character(text: str) -> int:
    """Position, from 1, of the first character that no SMILES has, or 0; RDKit would stop reading there in silence."""
    return next((place for place, character in enumerate(text, 1) if character not in SMILES_CHARACTERS), 0)
