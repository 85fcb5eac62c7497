"""The numbers: the same in every company, equal to numpy's, refused where the bundle or the device is wrong."""

import numpy as np
import onnxruntime as ort
import pytest

from model.bundle.manifest import BundleError
from model.bundle.reader import read_bundle
from model.bundle.writer import write_bundle
from model.scoring import calibrated, ln_ic50, pair_scores
from service.answers.new_entities import encoders_of
from service.prediction.decoder import Decoder
from service.prediction.embeddings import Embeddings
from service.prediction.onnx_session import CPU, CUDA, DeviceError
from service.prediction.predictor import Predictor
from service.settings import Settings
from tests.helpers.demo_bundle import DRUGS, LINES, build_bundle, decoder

BATCHES = (1, 2, 3, 7, 64, 228, 1000)


@pytest.mark.parametrize("width", [16, 64, 96, 208])
def test_a_score_is_the_same_to_the_last_bit_in_every_company(tmp_path, width):
    bundle = read_bundle(build_bundle(tmp_path / "bundle", width=width, lines=40, drugs=25))
    part = bundle.models["hgacl"]
    scorer, unknown = Decoder(part, Settings()), np.full(25, np.nan, np.float32)
    embeddings = Embeddings(part.cell, part.drug, part.drug_margin, unknown, unknown)
    cells, drugs = (axis.ravel() for axis in np.indices((40, 25)))
    whole = scorer.score(embeddings, cells, drugs)
    order = np.random.default_rng(0).permutation(1000)
    for batch in BATCHES:
        for rows in np.array_split(order, 1000 // batch)[: 300 // batch + 1]:
            some = scorer.score(embeddings, cells[rows], drugs[rows])
            np.testing.assert_array_equal(some, [answer[rows] for answer in whole])


def test_onnx_agrees_with_numpy(predictor):
    part = predictor.bundle.models["hgacl"]
    cells, drugs = (axis.ravel() for axis in np.indices((LINES, DRUGS)))
    answers = predictor.predict("hgacl", cells, drugs)
    scores = pair_scores(part.cell[cells], part.drug[drugs])
    np.testing.assert_allclose(answers.score, scores, atol=1e-6)
    np.testing.assert_allclose(answers.probability, calibrated(scores, *part.calibration), atol=1e-6)


def test_ln_ic50_is_the_threshold_less_the_margin_in_the_drugs_deviations(predictor):
    part = predictor.bundle.models["hgacl"]
    margin = pair_scores(part.cell[[3, 4]], part.drug_margin[[1, 2]])
    answers = predictor.predict("hgacl", [3, 4], [1, 2])
    np.testing.assert_allclose(answers.ln_ic50, 1.5 - 0.8 * (0.9 * margin + 0.1), rtol=1e-6)
    np.testing.assert_allclose(answers.ln_ic50, ln_ic50(margin, 0.9, 0.1, np.float32(1.5), np.float32(0.8)))
    np.testing.assert_allclose(answers.half_width, [0.8 * 1.4] * 2, rtol=1e-6)
    assert np.abs(margin - answers.score).min() > 0.1


def test_without_margin_codes_the_score_is_the_margin_as_in_older_bundles(tmp_path):
    predictor = Predictor.load(Settings(bundle=build_bundle(tmp_path / "bundle", margins=False)))
    answers = predictor.predict("hgacl", [3, 4], [1, 2])
    np.testing.assert_allclose(answers.ln_ic50, 1.5 - 0.8 * (0.9 * answers.score + 0.1), rtol=1e-6)


def test_ln_ic50_is_the_same_to_the_last_bit_in_every_company(predictor):
    cells, drugs = (axis.ravel() for axis in np.indices((LINES, DRUGS)))
    whole = predictor.predict("hgacl", cells, drugs).ln_ic50
    order = np.random.default_rng(0).permutation(len(cells))
    for batch in BATCHES:
        for rows in np.array_split(order, max(len(cells) // batch, 1)):
            np.testing.assert_array_equal(predictor.predict("hgacl", cells[rows], drugs[rows]).ln_ic50, whole[rows])


def test_a_model_of_labels_alone_gives_no_ln_ic50(predictor):
    assert np.isnan(predictor.predict("other", [3], [1]).ln_ic50).all()


def test_a_rank_holds_the_numbers_of_predict_best_first(predictor):
    ranked = predictor.rank_drugs("hgacl", 5, range(DRUGS), 4)
    again = predictor.predict("hgacl", ranked.cells, ranked.drugs)
    np.testing.assert_array_equal(ranked.score, again.score)
    np.testing.assert_array_equal(ranked.probability, again.probability)
    everything = predictor.predict("hgacl", [5] * DRUGS, range(DRUGS))
    assert list(ranked.score) == sorted(everything.score, reverse=True)[:4]


def test_ties_keep_the_order_of_the_bundle(predictor):
    ranked = list(predictor.rank_lines("hgacl", 0, range(LINES), LINES).cells)
    assert ranked.index(11) == ranked.index(10) + 1  # lines 10 and 11 have the same embeddings


def test_a_percentile_is_the_share_of_lines_below(predictor):
    answers = predictor.rank_lines("hgacl", 3, range(LINES), LINES)
    below = [(answers.score < score).mean() * 100 for score in answers.score]
    np.testing.assert_allclose(answers.percentile, below, rtol=1e-6)


def test_permuting_the_pairs_permutes_the_answers(predictor):
    rng = np.random.default_rng(1)
    cells, drugs, order = rng.integers(LINES, size=50), rng.integers(DRUGS, size=50), rng.permutation(50)
    straight, permuted = (
        predictor.predict("other", cells, drugs),
        predictor.predict("other", cells[order], drugs[order]),
    )
    np.testing.assert_array_equal(straight.take(order).probability, permuted.probability)


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        (b"not a graph", "ONNX Runtime refuses it"),
        (decoder(64, slope=7.0), "self-test fails, probability is off"),
        (decoder(64).replace(b"score", b"scare"), "must map"),
    ],
)
def test_a_decoder_that_does_not_answer_as_the_manifest_says_stops_the_start(tmp_path, graph, reason):
    folder = build_bundle(tmp_path / "bundle")
    bundle = read_bundle(folder)
    object.__setattr__(bundle.models["other"], "decoder", graph)
    write_bundle(folder, bundle)
    with pytest.raises(BundleError, match=rf"other/decoder\.onnx: .*{reason}"):
        Predictor.load(Settings(bundle=folder))


@pytest.mark.parametrize(
    ("row", "reason"),
    [({"name": None}, "row 0, name"), ({"name": "x", "tissue": ["lung"]}, "row 0, tissue")],
)
def test_a_row_that_cannot_be_shown_stops_the_start(tmp_path, row, reason):
    folder = build_bundle(tmp_path / "bundle")
    bundle = read_bundle(folder)
    bundle.cell_lines[0].update(row)
    write_bundle(folder, bundle)
    with pytest.raises(BundleError, match=rf"cell_lines\.json: {reason}"):
        Predictor.load(Settings(bundle=folder))


def test_cuda_that_is_not_there_stops_the_start(bundle_folder):
    with pytest.raises(DeviceError, match="DRP_ALLOW_CPU_FALLBACK"):
        Predictor.load(Settings(bundle=bundle_folder, device="cuda"))


def test_cuda_that_the_session_does_not_get_stops_the_start(bundle_folder, monkeypatch):
    monkeypatch.setattr(ort, "get_available_providers", lambda: [CUDA, CPU])
    real = ort.InferenceSession
    monkeypatch.setattr(ort, "InferenceSession", lambda graph, options, providers: real(graph, options, [CPU]))
    with pytest.raises(DeviceError):
        Predictor.load(Settings(bundle=bundle_folder, device="cuda"))


@pytest.mark.parametrize("changes", [{"device": "auto"}, {"device": "cuda", "allow_cpu_fallback": True}])
def test_the_cpu_serves_where_the_settings_allow_it(bundle_folder, changes):
    predictor = Predictor.load(Settings(bundle=bundle_folder, **changes))
    assert {served.decoder.provider for served in predictor.models.values()} == {CPU}


def test_without_what_places_new_entities_known_pairs_are_answered_alike(settings, predictor):
    lean, rows = Predictor.load(settings, places_new=False), np.arange(9)
    for one, other in zip(
        vars(lean.predict("hgacl", rows, rows)).values(),
        vars(predictor.predict("hgacl", rows, rows)).values(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(RuntimeError, match="only a worker"):
        encoders_of(lean, "hgacl", "samples")
