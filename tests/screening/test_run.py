"""A screen gives the service's numbers, each compound once, and the same bytes however it was interrupted."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from arro3.io import read_parquet

from screening.job import ScreenError
from screening.tables import read_table
from screening.worker import screen_chunk
from service.prediction.new_entities import Compound, NewEntities
from tests.screening.conftest import LIBRARY, content, here

TOLERANCE = 1e-6


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read(path):
    return read_table(path.read_bytes())


def test_each_row_is_answered_refused_or_a_repeat(answer):
    counts = json.loads((answer / "manifest.json").read_text(encoding="utf-8"))
    rejects, repeats = rows(answer / "rejects.csv"), rows(answer / "repeats.csv")
    assert [(row["compound"], row["place"]) for row in rejects] == [("compound11", "row 12"), ("compound25", "row 26")]
    assert "a ring is left open" in rejects[0]["reason"]
    assert "a mixture of 2 compounds" in rejects[1]["reason"]
    assert rejects[0]["structure"] == "c1ccccc"
    assert [(row["compound"], row["first_number"]) for row in repeats] == [("compound12", "0"), ("compound24", "13")]
    assert {row["differs_in"] for row in repeats} == {""}
    assert counts["differing_repeats"] == 0
    assert counts["rows"] == len(LIBRARY) == counts["compounds"] + counts["rejects"] + counts["repeats"]
    cost = rows(answer / "cost.csv")
    assert sum(int(row["rows"]) for row in cost) == len(LIBRARY)
    assert all(float(row["cpu_s"]) >= 0 and int(row["peak_mib"]) > 0 for row in cost)


def test_the_numbers_are_the_services(answer, predictor, job):
    best = read(answer / "best.parquet")
    model = predictor.models[job.model]
    rank = {ref.id: place for place, ref in enumerate(predictor.lines.refs)}
    feeds = {name: model.encoders.read_compound(Compound(name)) for name in dict.fromkeys(best["smiles"])}
    new = NewEntities(None, model.encoders.encode_compounds(feeds))
    place = {name: len(predictor.drugs) + i for i, name in enumerate(feeds)}
    served = predictor.predict(
        job.model, [rank[i] for i in best["cell_line"]], [place[i] for i in best["smiles"]], new
    )
    for name in ("score", "probability", "percentile", "ln_ic50", "half_width"):
        assert np.abs(getattr(served, name) - best[name]).max() <= TOLERANCE, name


def test_the_best_of_a_line_are_the_best_of_all_its_scores(answer, job):
    best, parts = read(answer / "best.parquet"), [read(path) for path in sorted((answer / "scores").iterdir())]
    names = [name for part in parts for name in part["compound"]]
    assert len(names) == len(set(names)) == len(LIBRARY) - 4
    for line in job.all_scores:
        scores = np.concatenate([part[line] for part in parts])
        here_best = [i for i, one in enumerate(best["cell_line"]) if one == line]
        order = np.argsort(-scores, kind="stable")[: job.top]
        assert [best["compound"][i] for i in here_best] == [names[i] for i in order]
        assert best["rank"][here_best].tolist() == [1, 2, 3, 4]
        assert (best["score"][here_best] == scores[order]).all()


def test_all_files_of_scores_have_the_same_types(answer):
    types = {str(read_parquet(path).schema) for path in sorted((answer / "scores").iterdir())}
    assert len(types) == 1
    assert "Float32" in types.pop()


def test_a_drug_of_the_bundle_is_that_drug(screened, predictor, job, tmp_path):
    drug = next(row for row in predictor.drugs.rows if row.smiles)
    (tmp_path / "one.smi").write_text(f"{drug.smiles} mine\nCCCCO other\n", encoding="utf-8")
    screened(tmp_path / "one.smi", tmp_path / "out")
    best = read(tmp_path / "out" / "best.parquet")
    mine = [place for place, name in enumerate(best["compound"]) if name == "mine"]
    assert {best["drug"][place] for place in mine} == {drug.id}
    column = next(place for place, ref in enumerate(predictor.drugs.refs) if ref.id == drug.id)
    lines = {ref.id: place for place, ref in enumerate(predictor.lines.refs)}
    known = predictor.predict(job.model, [lines[best["cell_line"][i]] for i in mine], [column] * len(mine))
    assert np.abs(known.score - best["score"][mine]).max() <= TOLERANCE
    assert np.abs(known.half_width - best["half_width"][mine]).max() <= TOLERANCE


def test_a_geometry_at_a_metal_makes_no_repeat(screened, tmp_path):
    rows = ("N[Pt@SP2](N)(Cl)Cl trans", "N[Pt](N)(Cl)Cl plain", "CCO", "Cl[Pt@SP2](Cl)(N)N again")
    (tmp_path / "metals.smi").write_text("\n".join(rows), encoding="utf-8")
    counts = screened(tmp_path / "metals.smi", tmp_path / "out")
    assert (counts["compounds"], counts["repeats"]) == (3, 1)


REPEATED = """name,smiles,targets,max_concentration_um
first,CCO,,
amine,CCN,,
other targets,CCO,BRD2,
picoline,c1ccncc1C,,
aniline,CCCCNc1ccccc1,,
other concentration,CCO,,10
within a chunk,CCO,EGFR,10
same,CCO,,
"""


@pytest.mark.parametrize("chunk", [1, 2, 3, 4])
def test_repeats_with_other_inputs_take_no_place_and_are_named(screened, job, tmp_path, chunk):
    (tmp_path / "some.csv").write_text(REPEATED, encoding="utf-8")
    answers = []
    for name, size in (("cut", chunk), ("whole", 100)):
        counts = screened(tmp_path / "some.csv", tmp_path / name, job=replace(job, top=1), chunk=size)
        best = read(tmp_path / name / "best.parquet")
        answers.append((best["cell_line"], best["compound"], rows(tmp_path / name / "repeats.csv")))
        assert counts["differing_repeats"] == 3
        assert counts["warnings"][0].startswith("repeats have other targets, pathway or")
        assert counts["warnings"][0].endswith("(rows: 3)")
    assert answers[0] == answers[1]
    assert set(answers[0][1]) <= {"first", "amine", "aniline", "picoline"}
    assert [(row["compound"], row["first_number"], row["differs_in"]) for row in answers[0][2]] == [
        ("other targets", "0", "targets"),
        ("other concentration", "0", "max_concentration_um"),
        ("within a chunk", "0", "targets, max_concentration_um"),
        ("same", "0", ""),
    ]


def test_a_screen_that_was_killed_while_chunks_were_ranked_again_goes_on(screened, job, tmp_path):
    (tmp_path / "some.csv").write_text(REPEATED, encoding="utf-8")

    def ends(job, chunk):
        if chunk.repeats:
            raise KeyboardInterrupt
        return screen_chunk(job, chunk)

    job = replace(job, top=1)
    screened(tmp_path / "some.csv", tmp_path / "whole", job=job, chunk=2)
    with pytest.raises(KeyboardInterrupt):
        screened(tmp_path / "some.csv", tmp_path / "out", here(job, ends), job=job, chunk=2)
    screened(tmp_path / "some.csv", tmp_path / "out", job=job, chunk=2)
    assert content(tmp_path / "out") == content(tmp_path / "whole")


def test_a_library_that_changes_before_chunks_are_ranked_again_is_refused(screened, job, tmp_path):
    (tmp_path / "some.csv").write_text(REPEATED, encoding="utf-8")

    def changes(job, chunk):
        (tmp_path / "some.csv").write_text(REPEATED.replace("CCN", "CCC"), encoding="utf-8")
        return screen_chunk(job, chunk)

    job = replace(job, top=1)
    with pytest.raises(ScreenError, match="changed while it was screened; screen it into another folder"):
        screened(tmp_path / "some.csv", tmp_path / "out", here(job, changes), job=job, chunk=2)


@pytest.mark.parametrize("stop", [2, 4])
def test_a_screen_that_was_killed_goes_on_and_has_the_same_bytes(library, answer, screened, job, tmp_path, stop):
    done = []

    def ends(job, chunk):
        if len(done) == stop:
            raise KeyboardInterrupt
        done.append(chunk.number)
        return screen_chunk(job, chunk)

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        screened(library, out, here(job, ends))
    assert not (out / "manifest.json").exists()
    kept = {int(path.name) for path in (out / "chunks").iterdir()}
    (out / "chunks" / ".000000004").mkdir()  # what a kill in the middle of writing leaves
    shown, fresh = [], []

    def goes_on(job, chunk):
        fresh.append(chunk.number)
        return screen_chunk(job, chunk)

    screened(library, out, here(job, goes_on), show=shown.append)
    assert sorted([*kept, *fresh]) == list(range(5))  # none is lost, none done twice
    assert shown[-1].rows == len(LIBRARY) > shown[-1].fresh
    assert content(out) == content(answer)


class ProcessExpired(Exception):  # noqa: N818 -- pebble's name
    pass


def test_a_compound_that_ends_its_process_is_refused_and_the_others_answered(library, screened, job, tmp_path):
    def dies(job, chunk):
        if any(row.name == "compound15" and row.number not in chunk.lost for row in chunk.rows):
            raise ProcessExpired
        return screen_chunk(job, chunk)

    counts = screened(library, tmp_path / "out", here(job, dies))
    refused = {row["compound"]: row["reason"] for row in rows(tmp_path / "out" / "rejects.csv")}
    assert refused["compound15"] == "the process that read it ended; it was not screened"
    assert counts["rejects"] == 3


def test_a_chunk_that_is_lost_as_a_whole_ends_the_screen_with_a_remedy(library, screened, job, tmp_path):
    def dies(job, chunk):
        if len(chunk.rows) > 1:
            raise ProcessExpired
        return screen_chunk(job, chunk)

    with pytest.raises(ScreenError, match=r"process of row \d+ to row \d+ ended 3 times.*--jobs"):
        screened(library, tmp_path / "out", here(job, dies))


def test_a_folder_of_another_screen_is_not_touched(library, answer, screened, tmp_path):
    with pytest.raises(ScreenError, match="another chunk; give another folder"):
        screened(library, answer, chunk=5)
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ScreenError, match="is not empty and holds no screen"):
        screened(library, tmp_path)
