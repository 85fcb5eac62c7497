"""Wrong samples, compounds, rankings and tables beside the answers they must get, as in bad_inputs."""

import json

from tests.helpers.bad_requests import GOOD, LONG, MIB, NO_PLACE, PAIR, Bad, asked, named, raw
from tests.helpers.ugly_molecules import ladder, sheet


def bringing(name: str, status: int, code: str, place: str | None, **body: object) -> Bad:
    """A pair of known things beside samples or compounds that are wrong."""
    return Bad(name, status, code, place, body=json.dumps({"pairs": [GOOD], **body}).encode())


def sample(name: str, code: str, place: str, value: object) -> Bad:
    """A wrong sample; the place is the one within it."""
    return bringing(f"sample: {name}", 422, code, f"/samples/s{place}", samples={"s": value})


def compound(name: str, code: str, place: str, value: object) -> Bad:
    """A wrong compound."""
    return bringing(f"compound: {name}", 422, code, f"/compounds/c{place}", compounds={"c": value})


def ranked(name: str, status: int, code: str, place: str | None, **body: object) -> Bad:
    """A wrong body of POST /rank."""
    return Bad(f"rank: {name}", status, code, place, path="/rank", body=json.dumps(body).encode())


def uploaded(name: str, status: int, code: str, place: str | None, accept: str = "*/*", **parts: str) -> Bad:
    """A form of tables to /predict/table."""
    part = '--x\r\ncontent-disposition: form-data; name="{0}"{1}\r\n\r\n{2}\r\n'
    file = '; filename="t.csv"'
    body = "".join(part.format(key, "" if key in {"drugs", "dose"} else file, text) for key, text in parts.items())
    headers = {"content-type": "multipart/form-data; boundary=x", "accept": accept}
    return Bad(
        f"table: {name}", status, code, place, path="/predict/table", body=f"{body}--x--".encode(), headers=headers
    )


FULL = {"TP53": 1, "KRAS": 2, "EGFR": 3}

SAMPLES = [
    bringing("samples a list", 422, "invalid_request", "/samples", samples=[{}]),
    bringing("samples null", 422, "invalid_request", "/samples", samples=None),
    bringing("a sample without a name", 422, "invalid_request", "/samples/", samples={"": {"mutation": []}}),
    bringing("a sample with a name too long", 422, "invalid_request", f"/samples/{'x' * 64}",
             samples={LONG: {"mutation": []}}),
    sample("null", "invalid_request", "", None),
    sample("a text", "invalid_request", "", "KRAS"),
    sample("no table", "invalid_sample", "", {}),
    sample("a tissue alone", "invalid_sample", "", {"tissue": "lung"}),
    sample("a field that is not known", "invalid_request", "/methylation", {"mutation": [], "methylation": {}}),
    sample("too few genes", "invalid_sample", "/expression", {"expression": {"TP53": 1}}),
    sample("no genes", "invalid_sample", "/expression", {"expression": {}}),
    sample("genes of another kind of name", "invalid_sample", "/expression",
           {"expression": {f"ENSG{i}": 1 for i in range(1000)}}),
    sample("expression a list", "invalid_request", "/expression", {"expression": ["TP53"]}),
    sample("expression over log2's range", "invalid_sample", "/expression/KRAS",
           {"expression": {**FULL, "KRAS": 812}}),
    sample("negative TPM", "invalid_sample", "/expression/TP53",
           {"expression": {**FULL, "TP53": -1}, "expression_unit": "TPM"}),
    sample("1e308 TPM", "invalid_sample", "/expression/TP53",
           {"expression": {**FULL, "TP53": 1e308}, "expression_unit": "TPM"}),
    sample("-1e308", "invalid_sample", "/expression/TP53", {"expression": {**FULL, "TP53": -1e308}}),
    sample("a value of another gene is 1e308", "invalid_sample", "/expression/OTHER",
           {"expression": {**FULL, "OTHER": 1e308}}),
    sample("an integer of 400 digits", "invalid_request", "/expression/TP53",
           {"expression": {**FULL, "TP53": 10**400}}),
    sample("a number as text", "invalid_request", "/expression/TP53", {"expression": {**FULL, "TP53": "1.5"}}),
    sample("true as a number", "invalid_request", "/expression/TP53", {"expression": {**FULL, "TP53": True}}),
    sample("null as a number", "invalid_request", "/expression/TP53", {"expression": {**FULL, "TP53": None}}),
    sample("a gene twice", "invalid_sample", "/expression/tp53", {"expression": {**FULL, "tp53": 2}}),
    sample("a gene without a name", "invalid_request", "/expression/", {"expression": {**FULL, "": 1}}),
    sample("a gene of a mebibyte", "invalid_request", f"/expression/{'G' * 64}", {"expression": {"G" * MIB: 1}}),
    sample("an unknown unit", "invalid_request", "/expression_unit", {"expression": FULL, "expression_unit": "FPKM"}),
    sample("copy number of 40", "invalid_sample", "/copy_number/EGFR",
           {"copy_number": {"MYC": 0, "CDKN2A": 0, "EGFR": 40}}),
    sample("half a mutation", "invalid_sample", "/mutation/KRAS", {"mutation": {"TP53": 0, "KRAS": 0.5}}),
    sample("mutations a text", "invalid_request", "/mutation", {"mutation": "KRAS"}),
    sample("a mutated gene is a number", "invalid_request", "/mutation/1", {"mutation": ["KRAS", 5]}),
    sample("a mutated gene is null", "invalid_request", "/mutation/0", {"mutation": [None]}),
    sample("100,000 wrong genes", "invalid_request", "/mutation/0", {"mutation": [5] * 100_000}),
    sample("an unknown tissue", "invalid_sample", "/tissue", {"mutation": [], "tissue": "lungs"}),
    sample("an unknown cancer type", "invalid_sample", "/cancer_type", {"mutation": [], "cancer_type": "\u202e\0"}),
    sample("an unknown medium", "invalid_sample", "/medium", {"mutation": [], "medium": "water"}),
    bringing("sample: more fields than are read", 422, "invalid_request", NO_PLACE,
             samples={"s": {f"f{i}": 1 for i in range(101)}}),
    raw("Infinity in a sample", f'{{"pairs":[{PAIR}],"samples":{{"s":{{"expression":{{"TP53":Infinity}}}}}}}}'),
    Bad("sample: 1e999", 422, "invalid_request", "/samples/s/expression/TP53",
        body=f'{{"pairs":[{PAIR}],"samples":{{"s":{{"expression":{{"TP53":1e999}}}}}}}}'.encode()),
    bringing("samples of a model that cannot place them", 422, "cannot_place", "/samples", model="other",
             samples={"s": {"mutation": []}}),
    Bad("too many samples", 413, "too_many_new", settings={"max_samples_per_request": 2},
        body=json.dumps({"pairs": [GOOD], "samples": {str(i): 5 for i in range(3)}}).encode()),
    named("a name that no sample of the request has", {"pairs": [{"cell_line": "s2", "drug": "JQ1"}],
          "samples": {"s": {"mutation": []}}}, 404, "unknown_cell_line", "/pairs/0/cell_line"),
]  # fmt: skip

COMPOUNDS = [
    bringing("compounds a list", 422, "invalid_request", "/compounds", compounds=["CCO"]),
    bringing("a compound without a name", 422, "invalid_request", "/compounds/", compounds={"": "CCO"}),
    compound("a number", "invalid_request", "", 5),
    compound("null", "invalid_request", "", None),
    compound("a list", "invalid_request", "", ["CCO"]),
    compound("no SMILES", "invalid_request", "/smiles", {"targets": ["EGFR"]}),
    compound("an empty SMILES", "invalid_request", "/smiles", ""),
    compound("a blank SMILES", "invalid_compound", "", " "),
    compound("a mebibyte of SMILES", "invalid_request", "/smiles", "C" * MIB),
    compound("too many atoms", "invalid_compound", "", "C" * 301),
    compound("no SMILES but a name", "invalid_compound", "", "Aspirin"),
    compound("an open ring", "invalid_compound", "", "C1CC"),
    compound("a carbon of five bonds", "invalid_compound", "", "C(C)(C)(C)(C)C"),
    compound("a placeholder atom", "invalid_compound", "", "*CC"),
    compound("two SMILES", "invalid_compound", "", "CCO CCN"),
    compound("control characters", "invalid_compound", "", "CC\0O\x1b[31m"),
    compound("another script", "invalid_compound", "", "СС"),
    compound("an InChIKey", "invalid_compound", "", "BSYNRYMUTXBXSQ-UHFFFAOYSA-N"),
    compound("a ladder of rings", "invalid_compound", "", ladder(60)),
    compound("graphite", "invalid_compound", "", sheet(7, 7)),
    compound("aromatic atoms that cannot be", "invalid_compound", "", sheet(4, 5)),
    compound("carbon with 128 hydrogens", "invalid_compound", "", "[CH128]"),
    compound("a field that is not known", "invalid_request", "/dose", {"smiles": "CCO", "dose": 1}),
    compound("targets a text", "invalid_request", "/targets", {"smiles": "CCO", "targets": "EGFR"}),
    compound("a target is a number", "invalid_request", "/targets/0", {"smiles": "CCO", "targets": [5]}),
    compound("too many targets", "invalid_request", "/targets", {"smiles": "CCO", "targets": ["EGFR"] * 101}),
    compound("a pathway too long", "invalid_request", "/pathway", {"smiles": "CCO", "pathway": LONG}),
    bringing("compounds of a model that cannot place them", 422, "cannot_place", "/compounds", model="other",
             compounds={"c": "CCO"}),
    Bad("too many pairs to explain", 413, "too_many_pairs", settings={"max_explained_pairs": 2},
        body=json.dumps({"pairs": [GOOD] * 3, "detail": "explain"}).encode()),
    Bad("too many compounds", 413, "too_many_new", settings={"max_compounds_per_request": 2},
        body=json.dumps({"pairs": [GOOD], "compounds": {str(i): "C" for i in range(3)}}).encode()),
]  # fmt: skip

RANKS = [
    ranked("nothing to rank for", 422, "invalid_request", ""),
    ranked("two things to rank for", 422, "invalid_request", "", cell_line="A549", drug="JQ1"),
    ranked("a line and a sample", 422, "invalid_request", "", cell_line="A549", sample={"mutation": []}),
    ranked("samples for a line", 422, "invalid_request", "/samples", cell_line="A549",
           samples={"s": {"mutation": []}}),
    ranked("a target for a drug", 422, "invalid_request", "/target", drug="JQ1", target="EGFR"),
    ranked("an unknown line", 404, "unknown_cell_line", "/cell_line", cell_line="A5499"),
    ranked("an unknown drug", 404, "unknown_drug", "/drug", drug="none"),
    ranked("an ambiguous line", 422, "ambiguous_name", "/cell_line", cell_line="t t"),
    ranked("an unknown target", 422, "unknown_filter", "/target", cell_line="A549", target="none"),
    ranked("an unknown model", 422, "unknown_model", "/model", cell_line="A549", model="none"),
    ranked("a sample without a table", 422, "invalid_sample", "/sample", sample={}),
    ranked("a wrong value of a sample", 422, "invalid_sample", "/sample/mutation/KRAS",
           sample={"mutation": {"TP53": 1, "KRAS": 7}}),
    ranked("a wrong compound", 422, "invalid_compound", "/compound", compound="C1CC"),
    ranked("a wrong one of the compounds", 422, "invalid_compound", "/compounds/c", cell_line="A549",
           compounds={"c": "C1CC"}),
    ranked("k of 0", 422, "invalid_request", "/k", cell_line="A549", k=0),
    ranked("k of a fraction", 422, "invalid_request", "/k", cell_line="A549", k=1.5),
    ranked("a field that is not known", 422, "invalid_request", "/order", cell_line="A549", order="best"),
    ranked("a model that cannot place", 422, "cannot_place", "/compound", compound="CCO", model="other"),
    asked("/rank", 405, "method_not_allowed"),
]  # fmt: skip

TABLES = [
    uploaded("nothing", 422, "invalid_request", NO_PLACE),
    uploaded("a media type that there is not", 406, "not_acceptable", NO_PLACE, "image/png",
             compounds="name,smiles\nA,C"),
    uploaded("no gene of the model", 422, "invalid_table", "/expression", expression="s,X\none,1"),
    uploaded("a row too short", 422, "invalid_table", "/expression", expression="s,TP53,KRAS\none,1"),
    uploaded("a word for a number", 422, "invalid_table", "/expression", expression="s,TP53,KRAS\none,1,high"),
    uploaded("negative expression", 422, "invalid_sample", "/expression/one/KRAS", expression="s,TP53,KRAS\none,1,-1"),
    uploaded("zero bytes", 422, "invalid_table", "/mutation", mutation="\0\0\0"),
    uploaded("a mebibyte of one cell", 422, "invalid_table", "/mutation", mutation=f"s,TP53\none,{'1' * MIB}"),
    uploaded("no SMILES", 422, "invalid_table", "/compounds", compounds="name,formula\nA,CH4"),
    uploaded("a wrong SMILES", 422, "invalid_compound", "/compounds/A", compounds="name,smiles\nA,C1CC"),
    uploaded("an unknown drug", 404, "unknown_drug", "/drugs/0", compounds="name,smiles\nA,C", drugs="none"),
    uploaded("a field that is not known", 422, "invalid_request", "/dose", compounds="name,smiles\nA,C", dose="1"),
    Bad("table: a form that is cut off", 422, "invalid_request", NO_PLACE, path="/predict/table", body=b"--x\r\n",
        headers={"content-type": "multipart/form-data; boundary=x"}),
    Bad("table: JSON", 422, "invalid_request", NO_PLACE, path="/predict/table", body=b"{}"),
    asked("/predict/table", 405, "method_not_allowed"),
]  # fmt: skip

BAD_NEWCOMERS = SAMPLES + COMPOUNDS + RANKS + TABLES
