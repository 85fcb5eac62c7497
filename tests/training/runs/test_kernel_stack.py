"""The kernel stack's run and bundle: the service says what the fitted stack says, in each of the four cases."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from client.bundle import open_bundle
from client.errors import RefusedError
from model.bundle.bundle import ModelPart
from model.bundle.manifest import BundleError
from model.bundle.reader import read_bundle
from model.bundle.writer import write_bundle
from model.encoder_inputs import DRUG_OUTPUTS, MODALITIES, compound_arrays, sample_arrays
from model.kernel_stack.config import KernelStackConfig
from model.kernel_stack.potency import CONCENTRATION_WEIGHT
from model.sample import Sample
from service.prediction.embeddings import Embeddings
from service.prediction.predictor import Predictor
from service.prediction.stack_decoder import StackDecoder, stack_sessions
from service.settings import Settings
from training.data.arrays import align
from training.data.folder import write_dataset
from training.export.bundle import export
from training.kernel_stack.fit import fit_kernel_stack
from training.kernel_stack.served import genes_read, pathway_names, stack_tensors, target_names
from training.metrics.calibration import OTHER_ASSAY_HALF_WIDTH_LN_UM
from training.runs.folder import read_run
from training.runs.kernel_stack import train_kernel_stack_run
from training.sources.layouts.demo import demo_dataset

LINE, DRUG = 5, 3  # hidden from the fit


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    demo = demo_dataset(60, 10, 0)
    highest = {"max_concentration_um": np.geomspace(0.1, 30, 8, dtype=np.float32)}
    table = pd.DataFrame(highest, index=demo.drugs["id"][:8].tolist()).rename_axis("drug_id")
    return write_dataset(replace(demo, concentration=table), tmp_path_factory.mktemp("demo") / "data")


@pytest.fixture(scope="module")
def arrays(dataset):
    return align(dataset)


@pytest.fixture(scope="module")
def run(dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "stack"
    train_kernel_stack_run(dataset, folder, KernelStackConfig(precision="float32"), 0)
    return read_run(folder)


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles") / "stack"
    export(run, folder, "stack", {}, "drp train DATASET RUN --model kernel_stack")
    return folder


@pytest.fixture(scope="module")
def service(folder):
    with open_bundle(folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def sample(arrays):
    return sample_of(arrays, LINE)


def sample_of(arrays, line):
    tables = {
        name: dict(zip(arrays.feature_names[name], arrays.features[name][line].tolist(), strict=True))
        for name in MODALITIES
        if arrays.present[name][line]
    }
    return {**tables, "tissue": arrays.tissue[line], "cancer_type": arrays.cancer_type[line]}


@pytest.mark.parametrize("told", [False, True])
def test_all_four_cases_are_answered_as_the_fit_does(arrays, sample, told):
    pairs = arrays.measured.copy()
    pairs[LINE], pairs[:, DRUG] = False, False
    fitted = fit_kernel_stack(arrays, pairs, 0, told=told)
    score, ln_ic50 = fitted.predict()
    lines, known = len(pairs), np.flatnonzero(fitted.drugs.known)
    none = np.zeros((lines, 0)), np.zeros((len(known), 0))
    card = {"calibration": {"slope": 1.0, "intercept": 0.0}, "inductive": {}}
    part = ModelPart("s", *none, b"", card, stack=stack_tensors(fitted, arrays, {}, compact=False))
    of_lines, of_drugs = stack_sessions(decoder := StackDecoder(part), part)
    entry = {
        "genes": genes_read(fitted, arrays),
        "tissues": sorted(set(arrays.tissue)),
        "cancer_types": sorted(set(arrays.cancer_type)),
        "media": [],
        "targets": target_names(fitted, arrays),
        "pathways": pathway_names(fitted, arrays),
        "concentrations": 7,
    }
    feed, _ = sample_arrays(entry, [Sample(**sample)])
    ((code,),) = of_lines.run(["code"], feed)
    own = [float(arrays.concentration[DRUG]) if told else None]
    compound = compound_arrays(entry, [arrays.smiles[DRUG]], [arrays.targets[DRUG]], [arrays.drug_pathway[DRUG]], own)
    drug = dict(zip(DRUG_OUTPUTS, of_drugs.run(DRUG_OUTPUTS, compound), strict=True))
    codes, _ = decoder.codes()
    codes[LINE, : len(code)] = code
    weights = np.vstack([np.zeros((len(known), len(known)), np.float32), drug["code"]])
    threshold = np.r_[np.zeros(len(known)), drug["threshold"]].astype(np.float32)
    embeddings = Embeddings(codes, weights, weights, threshold, threshold)
    columns = [*known, DRUG]
    rows, places = np.indices((lines, len(columns))).reshape(2, -1)
    for got, wanted in (
        (decoder.score(embeddings, rows, places)[0], score),
        (decoder.ln_ic50(embeddings, rows, places), ln_ic50),
    ):
        np.testing.assert_allclose(got.reshape(lines, -1), wanted[:, columns], atol=1e-5)


def test_the_service_answers_a_known_pair_as_the_fit_on_all_pairs(service, run, arrays):
    score, ln_ic50 = fit_kernel_stack(arrays, arrays.measured, 0).predict()
    score = score * run.card["training"]["known_slope"] + run.card["training"]["known_intercept"]
    every = [(line, drug) for line in arrays.cell_line_ids[:3] for drug in arrays.drug_ids]
    got = service.predict(every).predictions
    np.testing.assert_allclose([one.score for one in got], score[:3].ravel(), atol=1e-5)
    np.testing.assert_allclose([one.ln_ic50 for one in got], ln_ic50[:3].ravel(), atol=1e-5)
    assert {one.case for one in got} == {"known"}


def test_a_ranking_has_the_numbers_of_single_predictions(service, arrays, sample):
    new = {"ethanol": "CCO"}
    ranked = service.rank_sample(sample).drugs
    one_by_one = [service.predict([("me", one.drug.id)], samples={"me": sample}).predictions[0] for one in ranked]
    numbers = [(one.score, one.probability, one.ln_ic50, one.ln_ic50_interval, one.percentile) for one in ranked]
    assert numbers == [(p.score, p.probability, p.ln_ic50, p.ln_ic50_interval, p.percentile) for p in one_by_one]
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)
    lines, pair = service.rank_lines_of_compound("CCO", len(arrays.tissue)), [(arrays.cell_line_ids[7], "ethanol")]
    (alone,) = service.predict(pair, compounds=new).predictions
    (among,) = [one for one in lines.cell_lines if one.cell_line.id == arrays.cell_line_ids[7]]
    assert (among.score, among.ln_ic50) == (alone.score, alone.ln_ic50)


def test_the_highest_concentration_moves_potency_and_nothing_else(service, arrays):
    pairs = [(arrays.cell_line_ids[0], name) for name in ("bare", "weak", "strong")]
    highest = {"bare": {}, "weak": {"max_concentration_um": 100}, "strong": {"max_concentration_um": 0.01}}
    compounds = {name: {"smiles": "CCOC(=O)c1ccccc1N", **given} for name, given in highest.items()}
    bare, weak, strong = service.predict(pairs, compounds=compounds).predictions
    assert bare.score == weak.score == strong.score
    assert strong.ln_ic50 < bare.ln_ic50 < weak.ln_ic50
    assert weak.ln_ic50 - strong.ln_ic50 == pytest.approx(CONCENTRATION_WEIGHT * np.log(1e4), abs=1e-4)
    table = "name,smiles,max concentration (um)\nweak,CCOC(=O)c1ccccc1N,100\nbroken,CCO,much\nzero,CCO,0\n"
    answer = service.predict_tables({"compounds": table.encode()}, cell_lines=arrays.cell_line_ids[:1])
    assert answer.predictions[0].ln_ic50 == weak.ln_ic50
    assert ["max_concentration_um" in one.detail for one in answer.refused] == [True, True]


def test_a_sample_known_by_less_has_wider_intervals_and_a_limit_of_its_own(service, run, arrays):
    whole = sample_of(arrays, 1)
    little = {"mutation": whole["mutation"], "tissue": whole["tissue"]}
    pairs = [("whole", arrays.drug_ids[0]), ("little", arrays.drug_ids[0])]
    one, other = service.predict(pairs, samples={"whole": whole, "little": little}).predictions
    sets = {item["name"]: item for item in run.card["inductive"]["table_sets"]}
    assert sets["rnaseq"]["new_line"] < sets["mutation_tissue"]["new_line"]
    for found, name in ((one, "rnaseq"), (other, "mutation_tissue")):
        low, high = found.ln_ic50_interval
        sd = run.drugs[0]["ln_ic50_sd"]
        assert (high - low) / 2 == pytest.approx(sd * sets[name]["new_line"], rel=1e-4)
        assert found.in_domain == (found.nearest.cell_line.similarity >= sets[name]["domain"])


def test_intervals_of_known_drugs_are_their_own_and_wider_for_another_assay(service, run, arrays):
    by_drug = run.card["half_widths_by_drug_sd"]
    assert {case: len(widths) for case, widths in by_drug.items()} == {"known": 10, "new_line": 10}
    assert len(set(by_drug["new_line"])) > 1  # some sixty lines each
    for row, drug in enumerate(arrays.drug_ids):
        (found,) = service.predict([(arrays.cell_line_ids[0], drug)]).predictions
        half = by_drug["known"][row] * run.drugs[row]["ln_ic50_sd"]
        assert found.ln_ic50_interval[1] - found.ln_ic50 == pytest.approx(half, rel=1e-4)
        other = found.ln_ic50_interval_other_assay[1] - found.ln_ic50
        assert other == pytest.approx(np.hypot(half, OTHER_ASSAY_HALF_WIDTH_LN_UM), rel=1e-4)


def test_a_sample_mixed_of_lines_is_outside_the_domain(service, run, arrays):
    rng = np.random.default_rng(0)
    names = arrays.feature_names["expression"]
    values = arrays.features["expression"][arrays.present["expression"]]
    whole = dict(zip(names, values[3].tolist(), strict=True))
    mixed = dict(
        zip(names, values[rng.integers(0, len(values), len(names)), np.arange(len(names))].tolist(), strict=True)
    )
    samples = {name: {"expression": one} for name, one in (("whole", whole), ("mixed", mixed))}
    answer = service.predict([(name, arrays.drug_ids[0]) for name in samples], samples=samples)
    assert 0 < run.card["inductive"]["least_explained"]["expression"] < 1
    assert [one.in_domain for one in answer.predictions] == [True, False]
    assert [warning.split()[2] for warning in answer.warnings if "outside the domain" in warning] == ["mixed"]


def test_an_explanation_names_neighbours_tables_and_genes(service, arrays, sample):
    answer = service.explain([("me", arrays.drug_ids[0])], samples={"me": sample})
    why = answer.predictions[0].explanation
    assert sum(near.share for near in why.cell_lines) == pytest.approx(1)
    assert sum(why.modality_weights.values()) == pytest.approx(1)
    assert why.genes.top


def test_bytes_change_answers_little_and_halve_the_file(dataset, run, folder, arrays, tmp_path):
    train_kernel_stack_run(dataset, tmp_path / "run", KernelStackConfig(), 0)
    export(read_run(tmp_path / "run"), tmp_path / "bundle", "stack", {}, "")
    sizes = [(path / "kernel_stack/stack.safetensors").stat().st_size for path in (tmp_path / "bundle", folder)]
    assert sizes[0] < 0.6 * sizes[1]
    with open_bundle(tmp_path / "bundle") as half, open_bundle(folder) as full:
        both = [one.rank(arrays.cell_line_ids[0]).drugs for one in (half, full)]
    scores = [{one.drug.id: one.score for one in ranked} for ranked in both]
    assert max(abs(scores[0][drug] - scores[1][drug]) for drug in scores[1]) < 0.02


@pytest.mark.parametrize(("key", "fault"), [("known", "'known' must be an array of"), ("scales", "not finite")])
def test_a_damaged_stack_is_refused(folder, tmp_path, key, fault):
    bundle = read_bundle(folder)
    part = bundle.models["kernel_stack"]
    wrong = part.stack[key][:, :-1].copy() if key == "known" else np.full_like(part.stack[key], np.nan)
    damaged = replace(part, stack={**part.stack, key: wrong})
    with pytest.raises(BundleError, match=fault):
        write_bundle(tmp_path / "bundle", replace(bundle, models={"kernel_stack": damaged}))
    assert not (tmp_path / "bundle").exists()


def test_a_stack_without_an_array_or_with_other_answers_is_not_served(folder, tmp_path):
    bundle = read_bundle(folder)
    part = bundle.models["kernel_stack"]
    less = {key: table for key, table in part.stack.items() if key != "responses"}
    turned = {**part.stack, "known": part.stack["known"][::-1].copy()}
    for name, stack, fault in (("less", less, "responses"), ("turned", turned, "self-test")):
        write_bundle(tmp_path / name, replace(bundle, models={"kernel_stack": replace(part, stack=stack)}))
        with pytest.raises(BundleError, match=fault):
            Predictor.load(Settings(bundle=tmp_path / name))


def test_the_card_names_the_model_and_what_its_tables_are_worth(run, service, folder, tmp_path):
    (card,) = service.models().models
    assert [one["name"] for one in card.table_sets] == ["rnaseq", "rnaseq_tissue", "mutation_tissue", "tissue"]
    measured = {"rmse": {"mean": 1.2}}
    export(run, tmp_path / "bundle", "stack", {"kernel_stack_tissue": {"LCO": measured, "LPO": {}}}, "")
    sets = read_bundle(tmp_path / "bundle").models["kernel_stack"].card["inductive"]["table_sets"]
    assert [one.get("metrics") for one in sets] == [None, None, None, measured]
    assert (card.name, card.provider) == ("kernel_stack", "numpy")
    assert read_bundle(folder).default_model == "kernel_stack"
    with pytest.raises(RefusedError, match="unknown_model"):
        service.predict([("DEMO-001", "DEMO-D01")], "hgacl")


@pytest.fixture(scope="module")
def both_platforms(tmp_path_factory):
    """A bundle of lines with RNA-seq and array expression; a line's array values follow its RNA-seq with noise."""
    data = demo_dataset(60, 10, 0)
    rng = np.random.default_rng(0)
    genes = data.expression.to_numpy(float)
    values = genes + 0.3 * rng.normal(size=genes.shape)
    z = (values - values.mean(1, keepdims=True)) / values.std(1, keepdims=True)
    array = pd.DataFrame(z.astype(np.float32), data.expression.index, data.expression.columns)
    folder = tmp_path_factory.mktemp("platforms")
    dataset = write_dataset(replace(data, expression_array=array), folder / "data")
    train_kernel_stack_run(dataset, folder / "run", KernelStackConfig(precision="float32"), 0)
    export(read_run(folder / "run"), folder / "bundle", "platforms", {}, "")
    with open_bundle(folder / "bundle") as service:
        yield service, array, data, read_run(folder / "run").card["inductive"]["table_sets"]


def test_a_sample_of_an_array_is_read_by_the_arrays_table_and_says_so(both_platforms):
    service, array, data, table_sets = both_platforms
    line = array.index[1]
    z = {gene: float(value) for gene, value in array.loc[line].items()}
    wider = {gene: 2 * value + 0.1 for gene, value in z.items()}
    drug = service.rank(line, 1).drugs[0].drug.id
    scores, (width,) = [], [one["new_line"] for one in table_sets if one["name"] == "array"]
    for values in (z, wider):
        answer = service.predict([("me", drug)], samples={"me": {"expression": values}})
        (found,) = answer.predictions
        scores.append(found.score)
        low, high = found.ln_ic50_interval
        sd = service.drug(drug).ln_ic50_sd
        assert (high - low) / 2 == pytest.approx(sd * width, rel=1e-4)
        assert any("array" in warning for warning in answer.warnings)
        (note,) = answer.samples["me"]["expression"].notes
        assert note.startswith("read as expression of an array")
    assert scores[0] == pytest.approx(scores[1], abs=1e-4)  # read as z-scores within the sample
    other = {gene: float(value) for gene, value in array.loc[array.index[9]].items()}
    assert abs(service.scores([("me", drug)], samples={"me": {"expression": other}}).scores[0] - scores[0]) > 0.01
    rnaseq = {gene: float(value) for gene, value in data.expression.loc[line].items()}
    assert service.predict([("me", drug)], samples={"me": {"expression": rnaseq}}).warnings == []


def test_z_scores_of_a_cohort_are_refused(both_platforms):
    service, array, *_ = both_platforms
    rng = np.random.default_rng(1)
    cohort = {gene: float(value) for gene, value in zip(array.columns, rng.normal(size=array.shape[1]), strict=True)}
    with pytest.raises(RefusedError, match="cohort"):
        service.predict([("me", "DEMO-D01")], samples={"me": {"expression": cohort}})
