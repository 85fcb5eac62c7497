"""A large table is read where it lies: the model's genes go out, in parts, and the answers are those of the file."""

import csv
import gzip
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from client.__main__ import app
from client.cli import tables
from client.cli.tables import predict_files
from client.errors import RefusedError

BUNDLE = Path(__file__).parents[2] / "bundles" / "gdsc"
OTHERS = [f"LOC{i}" for i in range(3000)]

pytestmark = pytest.mark.usefixtures("bundle_read_once")


@pytest.fixture(scope="module")
def transcriptome(expression):
    """The same five samples with 3,000 genes before the model's that it does not read."""
    return pd.concat([pd.DataFrame(1.5, expression.index, OTHERS), expression], axis=1)


class Recording:
    """A client that notes what it sends."""

    def __init__(self, client):
        self.client = client
        self.genes, self.known_pair = client.genes, client.known_pair
        self.sent = []

    def predict_tables(self, content, **options):
        self.sent.append((content, options))
        return self.client.predict_tables(content, **options)


def written(folder, table, form):
    """The table as a file of this form: its ending, genes down or across."""
    ending, down = form
    path = folder / f"table{ending}"
    (table.T if down else table).to_csv(path, sep=";" if ending == ".csv" else "\t", index_label="gene_name")
    return path


@pytest.mark.parametrize("form", [(".tsv", True), (".tsv", False), (".csv", True), (".tsv.gz", True)])
def test_only_the_models_genes_are_sent_and_the_answers_stay(client, transcriptome, tmp_path, monkeypatch, form):
    monkeypatch.setattr(tables, "SMALL_BYTES", 1000)
    path = written(tmp_path, transcriptome, form)
    recording = Recording(client)
    answer = predict_files(recording, {"expression": path}, "log2(TPM+1)", drugs=["Erlotinib", "Trametinib"])
    ((content, _),) = recording.sent
    header = gzip.decompress(content["expression"]).decode().partition("\n")[0].split("\t")
    assert sorted(header[1:]) == sorted(set(transcriptome.columns) - set(OTHERS))
    whole = client.predict_tables({"expression": path}, drugs=["Erlotinib", "Trametinib"])
    assert answer.predictions == whole.predictions


def test_many_samples_go_in_parts_with_their_further_tables(client, transcriptome, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "SMALL_BYTES", 1000)
    files = {"expression": written(tmp_path, transcriptome, (".tsv", True))}
    files["samples"] = tmp_path / "about.csv"
    files["samples"].write_text("name,tissue\ns1,skin\ns4,lung_NSCLC\n")
    whole = predict_files(client, files, "log2(TPM+1)", cell_lines=["A549"], drugs=["Erlotinib"])
    monkeypatch.setattr(tables, "SAMPLES_PER_REQUEST", 2)
    recording = Recording(client)
    parts = predict_files(recording, files, "log2(TPM+1)", cell_lines=["A549"], drugs=["Erlotinib"])
    assert parts == whole
    assert [options["cell_lines"] for _, options in recording.sent] == [[], [], ["A549"]]
    about = [gzip.decompress(content.get("samples", gzip.compress(b""))).decode() for content, _ in recording.sent]
    assert about == ["name\ttissue\ns1\tskin\n", "", "name\ttissue\ns4\tlung_NSCLC\n"]


def test_a_part_of_which_no_sample_can_be_read_costs_no_other_part(client, transcriptome, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "SMALL_BYTES", 1000)
    spoiled = transcriptome.copy()
    spoiled.loc["s4", spoiled.columns[len(OTHERS) + 20 :]] = np.nan
    files = {"expression": written(tmp_path, spoiled, (".tsv", True))}
    whole = predict_files(client, files, "log2(TPM+1)", drugs=["Erlotinib"])
    monkeypatch.setattr(tables, "SAMPLES_PER_REQUEST", 2)
    parts = predict_files(client, files, "log2(TPM+1)", drugs=["Erlotinib"])
    assert parts == whole
    assert [one.name for one in parts.refused] == ["s4"]


def test_samples_of_two_tables_that_do_not_meet_are_named_once(client, transcriptome, tmp_path, monkeypatch):
    mutation = tmp_path / "mutation.csv"
    renamed = [f"{name}-01" for name in transcriptome.index[:2]]
    manifest = json.loads((BUNDLE / "manifest.json").read_bytes())
    genes = manifest["models"][manifest["default_model"]]["inductive"]["genes"]["mutation"]
    pd.DataFrame(0, renamed, genes).to_csv(mutation, index_label="sample")
    files = {"expression": written(tmp_path, transcriptome, (".tsv", True)), "mutation": mutation}
    monkeypatch.setattr(tables, "SAMPLES_PER_REQUEST", 2)
    for small in (1 << 18, 10):
        monkeypatch.setattr(tables, "SMALL_BYTES", small)
        warnings = predict_files(client, files, "log2(TPM+1)", drugs=["Erlotinib"]).warnings
        (told,) = (one for one in warnings if one.startswith("samples"))
        assert "none of them in two: expression lacks s0-01, s1-01; mutation lacks s0, s1, s2, s3, s4;" in told


def test_an_annotation_of_no_sample_is_refused_also_in_parts(client, transcriptome, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "SMALL_BYTES", 1000)
    monkeypatch.setattr(tables, "SAMPLES_PER_REQUEST", 2)
    (tmp_path / "about.csv").write_text("name,tissue\ns1,skin\ns9,skin\n")
    files = {"expression": written(tmp_path, transcriptome, (".tsv", True)), "samples": tmp_path / "about.csv"}
    with pytest.raises(RefusedError, match="1 of its samples stand in no other table"):
        predict_files(client, files, "log2(TPM+1)", drugs=["Erlotinib"])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda table: table.rename(columns={"TP53": "LFS1"}),
        lambda table: table.rename(columns={"TP53": "1-Mar", "KRAS": "ENSG00000133703.14"}).drop(columns="1-Mar"),
        lambda table: table.drop(columns="TP53"),
        lambda table: table.assign(TP53=np.nan),
    ],
)
def test_a_gene_that_is_absent_or_has_another_name_keeps_no_table_whole(
    client, transcriptome, tmp_path, monkeypatch, spoil
):
    monkeypatch.setattr(tables, "SMALL_BYTES", 1000)
    monkeypatch.setattr(tables, "SAMPLES_PER_REQUEST", 3)
    path = written(tmp_path, spoil(transcriptome), (".tsv", True))
    recording = Recording(client)
    answer = predict_files(recording, {"expression": path}, "log2(TPM+1)", drugs=["Erlotinib"])
    assert len(recording.sent) == 2
    assert answer.predictions == client.predict_tables({"expression": path}, drugs=["Erlotinib"]).predictions


@pytest.mark.parametrize(
    "spoil",
    [
        lambda table: table.assign(TP53="high"),
        lambda table: table.rename(columns={"TP53": "1-Mar"}),
        lambda table: table[OTHERS],
    ],
)
def test_what_cannot_be_read_is_sent_for_the_service_to_say_why(client, transcriptome, tmp_path, monkeypatch, spoil):
    monkeypatch.setattr(tables, "SMALL_BYTES", 1000)
    path = written(tmp_path, spoil(transcriptome), (".tsv", True))
    assert tables._read(client, "expression", path, {}) is None


def test_a_unit_that_the_layout_states_goes_along(client, transcriptome, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "SMALL_BYTES", 1000)
    path = tmp_path / "salmon.merged.gene_tpm.tsv"
    table = (2**transcriptome - 1).T.rename_axis("gene_name").reset_index()
    table.insert(0, "gene_id", table["gene_name"])
    table.to_csv(path, sep="\t", index=False)
    answer = predict_files(client, {"expression": path}, "TPM", drugs=["Erlotinib"])
    assert (
        answer.predictions
        == client.predict_tables({"expression": path}, expression_unit="TPM", drugs=["Erlotinib"]).predictions
    )


def drp(*words):
    result = CliRunner().invoke(app, [*words, "--bundle", str(BUNDLE), "--format", "csv"])
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


@pytest.mark.parametrize("order", ["score", "probability", "percentile", "ln_ic50"])
@pytest.mark.parametrize("subject", [["A549"], ["--drug", "Erlotinib"], ["--compound", "CCO"]])
def test_rankings_go_by_the_order_that_is_asked_for(subject, order):
    found = [float(row[order]) for row in drp("rank", *subject, "--order", order, "-k", "5")]
    assert found == sorted(found, reverse=order != "ln_ic50")


def test_a_table_is_ranked_by_the_order_that_is_asked_for(transcriptome, tmp_path):
    path = written(tmp_path, transcriptome, (".tsv", True))
    found = drp("rank", "--sample", str(path), "--order", "percentile", "-k", "3")
    first = [float(row["percentile"]) for row in found[:3]]
    assert [row["cell_line"] for row in found] == [name for name in transcriptome.index for _ in range(3)]
    assert first == sorted(first, reverse=True)


@pytest.mark.parametrize("form", [(".tsv", True), (".tsv", False), (".csv", True), (".tsv.gz", False)])
def test_a_table_is_ranked_whatever_it_was_saved_as(transcriptome, tmp_path, form):
    few = transcriptome.iloc[:1].drop(columns=OTHERS)
    plain = drp("rank", "--sample", str(written(tmp_path, few, (".tsv", True))), "-k", "2")
    assert drp("rank", "--sample", str(written(tmp_path, few, form)), "-k", "2") == plain


ASPIRIN, ETHANOL = "CC(=O)Oc1ccccc1C(=O)O", "CCO"


@pytest.mark.parametrize(
    ("words", "case"),
    [
        (["rank", "--compound", ASPIRIN], "unseen drug, inside"),
        (["rank", "--compound", ETHANOL], "unseen drug, OUTSIDE"),
        (["rank", "--compound", f"{ASPIRIN}.[Na+].[Cl-]"], "unseen drug, inside"),
        (["rank", "A549"], "known, inside"),
        (["rank", "--drug", "Erlotinib"], "known, inside"),
    ],
)
def test_a_ranking_on_the_terminal_shows_case_domain_and_nearest(words, case):
    command = [*words, "-k", "1", "--bundle", str(BUNDLE)]
    shown = CliRunner().invoke(app, command, env={"COLUMNS": "200"}).stdout
    assert "case, domain" in shown
    assert case in shown
    (row,) = (line for line in shown.splitlines() if case in line)
    assert row.rstrip().endswith("–") == (case == "known, inside")


@pytest.mark.parametrize("unit", ["ratio", "absolute"])
def test_the_unit_of_copy_number_goes_along(tmp_path, unit):
    manifest = json.loads((BUNDLE / "manifest.json").read_bytes())
    genes = manifest["models"][manifest["default_model"]]["inductive"]["genes"]["copy_number"]
    ratios = pd.DataFrame(2.0 ** np.resize([0, 0, 0, 1, -1], (len(genes), 1)), genes, ["a"])
    path = tmp_path / "copies.csv"
    (ratios if unit == "ratio" else 2 * ratios).to_csv(path, index_label="gene")
    (row,) = drp("predict", "--copy-number", str(path), "--copy-number-unit", unit, "--with-drug", "Erlotinib")
    np.log2(ratios).to_csv(path, index_label="gene")
    (plain,) = drp("predict", "--copy-number", str(path), "--with-drug", "Erlotinib")
    assert row == plain
