"""The page of `drp report` on a synthetic folder: numbers, figures, self-containment, what is said where data lack."""

import base64
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tests.helpers.results_folder import METHODS
from training.cli.main import app
from training.page.parts import Section
from training.report.figures.attention import token_weights
from training.report.figures.embeddings import same_tissue
from training.report.figures.tables import split_tables
from training.report.method_labels import label
from training.report.page import write_report
from training.report.results_folder import read_results
from training.report.study import studies

RUN = CliRunner()
FIGURES = {
    *(f"{kind}-{split}" for kind in ("critical_difference", "curves", "per_drug", "drug_by_drug", "ablation-hgacl")
      for split in ("LPO", "LCO")),
    "reliability", "most_sensitive", "most_sensitive-dim2", "perturbation-hgacl", "stages",
    "attention-dim2-LPO", "shuffled", "seeds",
}  # fmt: skip


class Page(HTMLParser):
    """Tables by id as lists of rows of text, links, images, and headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.addresses: list[tuple[str, str, str]] = []
        self.tags: set[str] = set()
        self._table = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        given = dict(attrs)
        self.addresses += [(tag, name, value) for name, value in given.items() if name in ("src", "href", "srcset")]
        if tag == "table":
            self._table = given["id"]
            self.tables[self._table] = []
        elif tag == "tr":
            self.tables[self._table].append([])
        elif tag in ("td", "th"):
            self.tables[self._table][-1].append("")

    def handle_endtag(self, tag):
        if tag == "table":
            self._table = ""

    def handle_data(self, data):
        if self._table and self.tables[self._table] and self.tables[self._table][-1]:
            self.tables[self._table][-1][-1] += f" {data.strip()}"


@pytest.fixture(scope="module", autouse=True)
def coarse():
    """Figures of few pixels: no test here looks at one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.page.writing.DPI", 30)
        yield


@pytest.fixture(scope="module")
def report(results, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("report") / "report"
    done = RUN.invoke(app, ["report", str(results), str(out)])
    assert done.exit_code == 0, done.output
    assert "no data" not in done.output
    return out


@pytest.fixture(scope="module")
def lean_report(lean, tmp_path_factory) -> tuple[Path, dict[str, Section]]:
    """The report of `lean` and its sections by anchor, in a folder that held an older report and a file of others."""
    out = tmp_path_factory.mktemp("report") / "lean"
    (out / "figures").mkdir(parents=True)
    (out / "figures" / "curves-OLD.png").write_bytes(b"old")
    (out / "notes.txt").write_text("mine")
    return out, {section.anchor: section for section in write_report(lean, out)}


@pytest.fixture(scope="module")
def page(report) -> Page:
    return Page((report / "report.html").read_text(encoding="utf-8"))


def row_of(table: list[list[str]], name: str) -> list[str]:
    return next(row for row in table if row[0].strip() == name)


@pytest.mark.parametrize("split", ["LPO", "LCO"])
@pytest.mark.parametrize("method", list(METHODS))
def test_the_tables_numbers_are_those_of_the_parquet(results, page, method, split):
    table = pd.read_parquet(results / "results.parquet")
    rows = table[
        (table["method"] == method) & (table["split"] == split) & (table["shuffle"] == "none")
        & (table["protocol"] == "folds") & (table["metric"] == "per_drug_auroc") & (table["level"] == "pooled")
    ]  # fmt: skip
    folds = rows.groupby("fold")[["value", "low", "high"]].mean()
    shown = page.tables[f"table-results-{split}"]
    text = row_of(shown, label(method))[[cell.strip() for cell in shown[0]].index("per-drug AUROC")]
    numbers = [float(number) for number in re.findall(r"\d*\.\d+", text)]
    expected = [folds["value"].mean(), folds["value"].std(), folds["low"].mean(), folds["high"].mean()]
    assert numbers == pytest.approx(expected, abs=6e-4)


def test_the_csv_beside_the_page_has_full_precision(results, report):
    table = pd.read_parquet(results / "results.parquet")
    rows = table[(table["protocol"] == "transfer") & (table["metric"] == "auroc") & (table["level"] == "pooled")]
    found = pd.read_csv(report / "tables" / "transfer-GDSC_CCLE.csv").set_index(["method", "metric"])["mean"]
    for row in rows.to_dict("records"):
        assert found[row["method"], "auroc"] == pytest.approx(row["value"], abs=1e-12)


def test_pairs_are_counted_once_though_means_over_drugs_count_drugs(results, page):
    frames = results.glob("cells/folds-hgacl-none-LPO-*-seed0.parquet")
    pairs = sum(len(pd.read_parquet(path)) for path in frames)
    assert studies(read_results(results), None, ())[0].extent("LPO") == f"3 test folds, {pairs:,} pairs"
    published = page.tables["table-published-hgacl_published"]
    cell = pd.read_parquet(next(results.glob("cells/published-hgacl-*.parquet")))
    assert row_of(published, "HGACL-DRP")[-1].strip() == f"{len(cell):,}"


def test_every_figure_is_there_as_png_and_svg_and_in_the_page(report, page):
    files = {path.name for path in (report / "figures").iterdir()}
    assert files == {f"{name}.{kind}" for name in FIGURES for kind in ("png", "svg")}
    inlined = [value for tag, _, value in page.addresses if tag == "img"]
    pngs = sorted((report / "figures").glob("*.png"))
    assert sorted(base64.b64decode(value.partition(",")[2]) for value in inlined) == sorted(
        path.read_bytes() for path in pngs
    )
    for path in (report / "figures").glob("*.svg"):
        assert "<svg" in path.read_text(encoding="utf-8")[:600]


def test_the_page_needs_no_network_and_no_script(report, page):
    assert not page.tags & {"script", "link", "iframe", "object", "embed"}
    for tag, _, value in page.addresses:
        assert value.startswith("data:image/png;base64," if tag == "img" else "#"), (tag, value[:60])
    text = (report / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import", text)
    assert "@media print" in text


def test_every_link_of_the_contents_has_its_section(report, page):
    text = (report / "report.html").read_text(encoding="utf-8")
    for tag, _, value in page.addresses:
        if tag == "a":
            assert f'<section id="{value[1:]}">' in text


def test_every_figure_says_how_many_pairs_or_lines_it_stands_on(report):
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", (report / "report.html").read_text(encoding="utf-8"))
    assert len(captions) == len(FIGURES)
    for caption in captions:
        assert len(caption) > 100
        assert re.search(r"\d[\d,]* (pairs|cell lines)", caption), caption


def test_the_most_sensitive_drugs_are_counted_out_of_fold(results, page):
    frames = [pd.read_parquet(path) for path in results.glob("cells/folds-hgacl-none-LPO-*-seed0.parquet")]
    frame = pd.concat(frames)
    assert not frame.duplicated(["cell_line_id", "drug_id"]).any()
    counts = frame.groupby("drug_id")["called"].sum().sort_values(ascending=False)
    shown = page.tables["table-most_sensitive"]
    assert len(shown) == 11
    assert [int(row[1]) for row in shown[1:]] == counts.head(10).to_list()
    assert shown[1][0].strip().startswith("Drug ")
    assert shown[1][0].strip().endswith("inib")


def test_the_reference_can_be_chosen(lean, tmp_path):
    done = RUN.invoke(app, ["report", str(lean), str(tmp_path), "--reference", "als_ln_ic50"])
    assert done.exit_code == 0, done.output
    found = pd.read_csv(tmp_path / "tables" / "paired_drugs-LCO.csv")
    assert set(found["reference"]) == {"als_ln_ic50"}
    assert "no data for 'Drugs with most predicted-sensitive lines'" in done.output


def test_sections_without_data_say_which_command_adds_them(lean_report):
    out, sections = lean_report
    empty = {"most_sensitive", "ablation", "perturbation", "stages", "attention", "shuffled", "seeds"}
    empty |= {"transfer", "stated", "published"}
    assert {anchor for anchor, section in sections.items() if not section.parts} == empty
    text = (out / "report.html").read_text(encoding="utf-8")
    assert text.count("Not in these results. To add it: <code>drp evaluate") == len(empty)
    assert "--models ablations" in text


def test_splits_can_be_left_out(results):
    study = studies(read_results(results), None, ("LCO",))[0]
    assert study.splits == ["LCO"]
    assert study.methods[0] == study.reference == "hgacl"


def test_two_tables_without_predictions_stand_apart_and_lack_the_curves(lean, tmp_path):
    table = pd.read_parquet(lean / "results.parquet")
    other = table.assign(dataset="other", value=table["value"] * 0.9)
    of_ten = other[(other["method"] == "als_ln_ic50") & (other["split"] == "LCO")].assign(folds=10, value=0.0)
    pd.concat([table, other, of_ten]).to_parquet(tmp_path / "results.parquet")
    sections = {s.anchor: s for s in write_report(tmp_path, tmp_path / "out")}
    one, two = (pd.read_csv(tmp_path / "out" / "tables" / f"{name}-results-LCO.csv") for name in ("made_up", "other"))
    np.testing.assert_allclose(two["mean"], 0.9 * one["mean"])
    assert not sections["curves"].parts
    assert not sections["calibration"].parts
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "LCO: 2 folds are shown, 10 folds of als_ln_ic50 are left out" in page


def test_an_old_report_is_replaced_and_foreign_files_stay(lean_report):
    out = lean_report[0]
    assert (out / "figures" / "curves-LCO.png").exists()
    assert not (out / "figures" / "curves-OLD.png").exists()
    assert (out / "notes.txt").read_text() == "mine"


def test_a_method_with_fewer_folds_is_marked_and_compared_on_its_own_folds(lean, tmp_path):
    table = pd.read_parquet(lean / "results.parquet")
    path = tmp_path / "results.parquet"
    table[(table["method"] != "als_ln_ic50") | (table["fold"] == 0)].to_parquet(path)
    study = studies(read_results(tmp_path), None, ())[0]
    shown = split_tables(study, "LCO")[0]
    als = next(row for row in shown.rows if row[0].text == label("als_ln_ic50"))
    assert als[1].small.startswith("1 of 2 folds")


def test_of_two_numbers_of_folds_one_is_shown_and_the_page_says_so(results, tmp_path):
    folder = tmp_path / "results"
    shutil.copytree(results, folder)
    table = pd.read_parquet(folder / "results.parquet")
    for path in folder.glob("cells/folds-hgacl-none-LPO-?of3-seed0.json"):
        content = json.loads(path.read_text())
        content["cell"]["folds"] = 6
        again = path.with_name(path.name.replace("of3", "of6"))
        again.write_text(json.dumps(content))
        shutil.copy(path.with_suffix(".parquet"), again.with_suffix(".parquet"))
    plain = (table["protocol"] == "folds") & (table["shuffle"] == "none")
    other = table[plain & (table["method"] == "hgacl") & (table["split"] == "LPO")].assign(folds=6, value=0.0)
    pd.concat([other, table]).to_parquet(folder / "results.parquet")
    mixed, plain_study = (studies(read_results(each), None, ())[0] for each in (folder, results))
    pd.testing.assert_frame_equal(mixed.main("LPO"), plain_study.main("LPO"), check_dtype=False)
    pairs = mixed.predictions("hgacl", "LPO")
    assert not pairs.duplicated(["cell_line_id", "drug_id"]).any()
    assert len(pairs) == len(plain_study.predictions("hgacl", "LPO"))
    assert mixed.left_out == ("LPO: 3 folds are shown, 6 folds of hgacl are left out",)


def test_a_cell_of_another_dataset_is_left_aside(results, tmp_path):
    folder = tmp_path / "results"
    shutil.copytree(results, folder)
    path = next(folder.glob("cells/folds-hgacl-none-LPO-0of3-seed0.json"))
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"key": {"dataset_hash": "older"}}))
    study = studies(read_results(folder), None, ())[0]
    assert study.cells_of("hgacl", "LPO")["fold"].to_list() == [1, 2]


def test_the_attentions_figure_has_the_largest_weights_of_each_side_first_and_the_even_weight(results):
    study = studies(read_results(results), None, ())[0]
    [drawing] = token_weights(study, "LPO")
    with np.load(results / "attention" / "folds-dim2-none-LPO-1of3-seed0.npz") as stored:
        for axes, side, tokens, shown in zip(drawing.figure.axes, ("cell", "drug"), (69, 4), (20, 4), strict=True):
            order = np.argsort(-stored[f"{side}_mean"])[:shown]
            assert [bar.get_width() for bar in axes.patches] == stored[f"{side}_mean"][order].tolist()
            assert [text.get_text() for text in axes.get_yticklabels()] == stored[f"{side}_labels"][order].tolist()
            assert axes.lines[-1].get_xdata()[0] == pytest.approx(1 / tokens)
    assert "20 of 69 and 4 of 4" in drawing.caption
    assert token_weights(study, "LCO") == []


def test_same_tissue_is_one_for_clusters_and_chance_for_noise():
    tissue = np.repeat(["lung", "skin"], 200)
    clusters = np.repeat([0.0, 100.0], 200)[:, None] + np.random.default_rng(0).normal(size=(400, 3))
    assert same_tissue(clusters, tissue) == 1.0
    assert same_tissue(np.random.default_rng(1).normal(size=(400, 3)), tissue) == pytest.approx(0.5, abs=0.05)
