"""What people really bring of a sample, asked of HGACL-DRP of the bundle that is served, with names of genes added."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from model.bundle.reader import read_bundle
from model.genes.table import Gene
from tests.helpers.bundled_hgacl import asking_hgacl
from tests.helpers.genes import gene_table
from tests.helpers.published_layouts import Samples, layouts, text
from training.export.annotate import annotate, gene_tables

BUNDLE = Path("bundles/gdsc")
DRUGS = ["Erlotinib", "Dabrafenib"]


@pytest.fixture(scope="module")
def panel():
    manifest = json.loads((BUNDLE / "manifest.json").read_bytes())
    return manifest["models"]["hgacl"]["inductive"]["genes"]


@pytest.fixture(scope="module")
def genes(panel):
    """Real names of some genes, made up ids of all others that the model reads."""
    real = list(gene_table().genes)
    taken = {name for gene in real for name in gene.names}
    others = sorted({gene for table in panel.values() for gene in table} - taken)
    return [*real, *(Gene(g, (), (), (f"ENSG{i:011d}",), (str(i),)) for i, g in enumerate(others, 900_000))]


@pytest.fixture(scope="module")
def client(tmp_path_factory, genes):
    folder = tmp_path_factory.mktemp("annotated") / "gdsc"
    annotate(BUNDLE, folder, gene_tables(read_bundle(BUNDLE), genes))
    with asking_hgacl(folder) as client:
        yield client


@pytest.fixture(scope="module")
def mean():
    model = json.loads((BUNDLE / "manifest.json").read_bytes())["default_model"]
    return load_file(BUNDLE / model / "population.safetensors")


@pytest.fixture(scope="module")
def samples(panel, genes, mean):
    """Two samples near the mean line."""
    random, ids = np.random.default_rng(8), {}
    for gene in genes:
        for name in gene.names | {gene.symbol}:
            ids[name] = (gene.ensembl[0], gene.entrez[0])
    noise = random.normal(0, 0.8, (2, len(panel["expression"])))
    rows = np.maximum(mean["expression_mean"] + noise, 0).round(4)
    values = {gene: (float(a), float(b)) for gene, a, b in zip(panel["expression"], *rows, strict=True)}
    return Samples(
        ("one", "two"), {gene: ids[gene.upper()] if gene not in ids else ids[gene] for gene in values}, values
    )


def ask(client, status=200, **sample):
    body = {"pairs": [{"cell_line": "me", "drug": drug} for drug in DRUGS], "samples": {"me": sample}}
    answer = client.post("/predict", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def upload(client, status=200, unit="log2(TPM+1)", model="hgacl", **tables):
    files = {name: (name, content) for name, content in tables.items()}
    answer = client.post("/predict/table", files=files, data={"drugs": DRUGS, "expression_unit": unit, "model": model})
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("written", "symbol"),
    [
        *(("BRAF V600E", "BRAF"), ("KRAS p.G12D", "KRAS"), ("HER2", "ERBB2"), ("p53", "TP53"), ("673", "BRAF")),
        *(("ENSG00000157764.14", "BRAF"), ("BRAF (673)", "BRAF"), ("H3-3A", "H3F3A"), ("SEPTIN9", "SEPT9")),
        *(("KRAS c.35G>A", "KRAS"), ("BRAFV600E", "BRAF"), ("NEU", "ERBB2"), ("ensg00000141736", "ERBB2")),
    ],
)
def test_a_mutation_is_the_same_however_its_gene_is_written(client, written, symbol):
    read, plain = ask(client, mutation=[written]), ask(client, mutation=[symbol])
    assert read["predictions"] == plain["predictions"]
    assert read["predictions"] != ask(client, mutation=[])["predictions"]
    assert read["samples"]["me"]["mutation"]["known"] == 1


def test_a_protein_change_is_said_to_be_read_as_its_gene(client):
    counts = ask(client, mutation=["BRAF V600E", "TTN"])["samples"]["me"]["mutation"]
    assert counts["notes"] == ["read as BRAF: BRAF V600E"]
    assert counts["unread"] == ["TTN"]


@pytest.mark.parametrize(
    "mutations", [["None"], [" "], ["TTN"], ["p.G12D"], ["BRAF wt"], ["MLL2"], ["KRASS", "none"], ["ENSG00000000001"]]
)
def test_a_list_of_which_nothing_is_read_is_refused(client, mutations):
    problem = ask(client, 422, mutation=mutations)
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("invalid_sample", "/samples/me/mutation")
    assert "empty list" in problem["detail"]


@pytest.mark.parametrize("date", ["1-Mar", "9-Sep", "2023-09-01", "Sep-09"])
def test_a_gene_that_became_a_date_is_refused(client, date):
    assert "spreadsheet" in ask(client, 422, mutation=["BRAF", date])["detail"]
    assert "spreadsheet" in ask(client, 422, copy_number={"BRAF": 0, date: 0})["detail"]


LAYOUTS = list(layouts(Samples(("a",), {"BRAF": ("ENSG00000157764", "673")}, {"BRAF": (1.0,)})))


@pytest.fixture(scope="module")
def plain(client, samples):
    """Answers of both models to the samples as a plain table."""
    table = text(samples.across()).encode()
    return {model: upload(client, model=model, expression=table)["predictions"] for model in ("kernel_stack", "hgacl")}


@pytest.mark.parametrize("model", ["kernel_stack", "hgacl"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_samples_are_answered_the_same_to_the_last_digit_in_every_layout(
    client, samples, plain, layout, model
):
    answer = upload(client, model=model, expression=layouts(samples)[layout])
    assert answer["predictions"] == plain[model]
    counts = answer["samples"]["one"]["expression"]
    assert (counts["known"], counts["missing"]) == (len(samples.values), 0)


def test_a_table_and_a_body_of_json_are_answered_the_same(client, samples, plain):
    body = ask(client, expression={gene: row[0] for gene, row in samples.values.items()})["predictions"]
    assert [one["score"] for one in body] == [one["score"] for one in plain["hgacl"][:2]]


def test_real_values_in_the_models_unit_are_answered_without_a_warning(client, samples):
    assert upload(client, expression=text(samples.across()).encode())["warnings"] == []


@pytest.mark.parametrize(
    ("change", "unit", "looks"),
    [
        (lambda x: x * np.log(2), "log2(TPM+1)", "is this ln(TPM+1)?"),
        (lambda x: np.round(2**x - 1), "TPM", "are these counts?"),
        (lambda x: (2**x - 1) * 6, "TPM", "FPKM, CPM or counts?"),
        (lambda x: np.round((2**x - 1) * 6), "TPM", "are these counts?"),
        (lambda x: np.maximum(6 - x, 0), "log2(TPM+1)", "genes and unit right?"),
    ],
)
def test_expression_in_a_doubtful_unit_is_answered_with_a_warning(client, samples, change, unit, looks):
    values = {gene: tuple(change(np.array(row)).tolist()) for gene, row in samples.values.items()}
    changed = Samples(samples.names, samples.ids, values)
    warnings = upload(client, expression=text(changed.across()).encode(), unit=unit)["warnings"]
    assert any(looks in warning and "expression of one" in warning for warning in warnings)
    assert any(looks in warning for warning in ask(client, expression={g: v[0] for g, v in values.items()},
                                                   expression_unit=unit)["warnings"])  # fmt: skip


@pytest.mark.parametrize(
    ("change", "unit", "looks"),
    [
        (lambda x: np.full_like(x, 3.0), "log2(TPM+1)", "the same value"),
        (lambda x: (2**x - 1) * 100, "TPM", "looks like counts"),
        (lambda x: np.log2((2**x - 1) * 100 + 1), "log2(TPM+1)", "looks like counts"),
        (lambda x: x, "TPM", "log2 values called TPM"),
        (lambda x: x * np.log10(2), "log2(TPM+1)", "log10(TPM+1)"),
        (lambda x: x - 4, "log2(TPM+1)", "z-scores within the sample"),
        (lambda x: 8 - x / 2, "log2(TPM+1)", "log2 intensities of an array"),
        (lambda x: 2**x - 1, "log2(TPM+1)", "outside 0 to 20"),
    ],
)
def test_expression_that_cannot_be_in_its_unit_is_refused(client, samples, change, unit, looks):
    values = {gene: tuple(change(np.array(row)).tolist()) for gene, row in samples.values.items()}
    problem = upload(client, 422, unit, expression=text(Samples(samples.names, samples.ids, values).across()).encode())
    assert problem["code"] == "invalid_sample"
    assert looks in problem["detail"]


@pytest.mark.parametrize(
    ("change", "looks"),
    [
        (lambda x: 2**x, "looks like ratios"),
        (lambda x: np.log2(2**x + 1), "log2(ratio + 1)"),
        (lambda x: np.round(2 * 2**x), "absolute copies"),
        (lambda x: x + 2, "median is 2"),
    ],
)
def test_copy_number_that_cannot_be_a_log2_ratio_is_refused(client, panel, mean, change, looks):
    ratio = np.round(mean["copy_number_mean"].astype(float), 1)
    values = dict(zip(panel["copy_number"], change(ratio).tolist(), strict=True))
    problem = ask(client, 422, copy_number=values)
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("invalid_sample", "/samples/me/copy_number")
    assert looks in problem["detail"]


@pytest.mark.parametrize(
    ("change", "looks"),
    [
        (lambda x: -x, "is the sign turned?"),
        (lambda x: np.clip(np.round(4 * x), -2, 2), "GISTIC"),
        (lambda x: -2 * x, "is the sign turned?"),
        (lambda x: np.where(x > 0.1, 1.0, np.where(x < -0.1, -1.0, 0.0)), "GISTIC"),
    ],
)
def test_copy_number_in_a_doubtful_unit_is_answered_with_a_warning(client, panel, mean, change, looks):
    values = dict(zip(panel["copy_number"], change(mean["copy_number_mean"].astype(float)).tolist(), strict=True))
    assert any(looks in warning for warning in ask(client, copy_number=values)["warnings"])


@pytest.mark.parametrize(
    ("across", "write"),
    [
        (False, lambda table: text(table, "\t").encode()),
        (False, lambda table: gzip.compress(text(table, ";", comma=True).encode(), 1)),
        (True, lambda table: text(table).encode()),
        (True, lambda table: gzip.compress(text(table, "\t").encode("utf-16"), 1)),
    ],
)
def test_genes_of_a_whole_transcriptome_that_the_model_does_not_read_change_nothing(client, samples, across, write):
    down = samples.down(gene="{gene}")
    whole = [*down, *([f"AC{i:06d}.1", 1.5, 0.0] for i in range(20_000))]
    table = [list(column) for column in zip(*whole, strict=True)] if across else whole
    answer = upload(client, expression=write(table))
    assert answer["predictions"] == upload(client, expression=text(down).encode())["predictions"]
    assert answer["samples"]["one"]["expression"]["unknown"] == 20_000


def test_repeated_genes_that_the_model_does_not_read_are_no_question(client, samples):
    table = [*samples.down(gene="{gene}"), ["Y_RNA", 1.0, 2.0], ["Y_RNA", 3.0, 4.0]]
    plain = upload(client, expression=text(samples.down(gene="{gene}")).encode())
    assert upload(client, expression=text(table).encode())["predictions"] == plain["predictions"]


def test_a_repeated_gene_that_is_read_and_differs_is_named(client, samples):
    problem = upload(
        client, 422, expression=text([*samples.down(gene="{gene}"), ["p53", 1.0, 2.0], ["TP53", 0.0, 0.0]]).encode()
    )
    assert (problem["code"], "TP53" in problem["detail"]) == ("invalid_table", True)


def test_mutations_come_as_a_maf(client):
    maf = "Hugo_Symbol\tTumor_Sample_Barcode\tVariant_Classification\nBRAF\tme\tMissense_Mutation\nTTN\tme\tSilent\n"
    answer = upload(client, mutation=maf.encode())
    assert [one["score"] for one in answer["predictions"]] == [
        one["score"] for one in ask(client, mutation=["BRAF"])["predictions"]
    ]
    assert any("MAF" in warning for warning in answer["warnings"])
    assert upload(client, 422, expression=maf.encode())["errors"][0]["pointer"] == "/expression"
