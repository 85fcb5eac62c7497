"""A new sample and a new compound get from ONNX what the network says of nodes outside the training population."""

from dataclasses import replace
from itertools import product

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from scipy.stats import spearmanr

from model.encoder_inputs import DRUG_GRAPH, DRUG_INPUTS, LINE_GRAPH, LINE_INPUTS, MODALITIES
from model.hgacl.config import HgaclConfig
from training.data.arrays import align
from training.features.drug_views import ecfp_bits
from training.features.panel import panel_table
from training.hgacl.trainer import Trainer
from training.inductive.drug_kernel import indicators
from training.inductive.graphs import compact, inductive_graphs
from training.inductive.hgacl import TrainedHgacl
from training.inductive.onnx_graph import OPSET
from training.inductive.requirements import NotPlaceableError
from training.splits.splits import SplitName, make_split

TOLERANCE = 1e-4
SUBSETS = [s for s in product([True, False], repeat=3) if any(s)]


def annotated(arrays):
    """The planted drugs with structures, targets and pathways, some unknown, and cancer types."""
    m, n = len(arrays.drug_ids), len(arrays.cell_line_ids)
    targets = [[] if j == 3 else [f"T{j % 4}", f"S{j}"] for j in range(m)]
    pathway = ["" if j == 5 else f"pathway {j % 3}" for j in range(m)]
    smiles = ["" if j == 4 else "C" * (j % 5) + "c1ccccc1O" + "N" * (j % 3) for j in range(m)]
    return replace(
        arrays,
        targets=targets,
        drug_pathway=pathway,
        cancer_type=[f"type {i % 7}" for i in range(n)],
        medium=[("", "R", "D/F12")[i % 3] for i in range(n)],
        smiles=smiles,
    )


def trained(arrays, train, config, steps):
    trainer = Trainer(arrays, train, config, 0)
    for _ in range(steps):
        trainer.advance()
    trainer.average.eval()
    return trainer


def fitted_of(trainer, arrays, train):
    return TrainedHgacl(trainer.average, trainer.config, trainer.training_data(), arrays, train)


def line_feed(arrays, card, rows, has):
    feed = {"has": np.repeat([has], len(rows), 0) & np.stack([arrays.present[m][rows] for m in MODALITIES], 1)}
    for m in MODALITIES:
        kept = [i for i, g in enumerate(genes_of(arrays, m)) if g in set(card["genes"][m])]
        feed[m] = panel_table(arrays, m)[rows][:, kept]
    for key, names, said in (
        ("tissue", card["tissues"], arrays.tissue),
        ("cancer_type", card["cancer_types"], arrays.cancer_type),
        ("medium", card["media"], arrays.medium),
    ):
        feed[key] = np.array([[float(said[r] == name) for name in names] for r in rows], np.float32)
    return {key: feed[key] for key in LINE_INPUTS}


def genes_of(arrays, modality):
    names, expressed = arrays.feature_names[modality], set(arrays.feature_names["expression"])
    return [g for g in names if g in expressed] if modality != "expression" and expressed & set(names) else names


def session(graph):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def arrays_(arrays):
    return annotated(arrays)


@pytest.fixture(scope="module")
def lcdo(arrays_, small):
    """A network that never met a fourth of the lines and of the drugs, and its graphs."""
    train = make_split(arrays_, SplitName.LCDO, 0, 4).train
    trainer = trained(arrays_, train, small, 10)
    return trainer, train, *inductive_graphs(fitted_of(trainer, arrays_, train))[:2]


@pytest.mark.parametrize("has", SUBSETS)
def test_a_new_sample_gets_the_networks_own_code_with_any_subset_of_tables(arrays_, lcdo, small, has):
    trainer, train, graphs, card = lcdo
    new = np.flatnonzero(~train.any(1))
    present = {
        m: np.where(train.any(1), arrays_.present[m], arrays_.present[m] & h)
        for m, h in zip(MODALITIES, has, strict=True)
    }
    bare = ~np.any([present[m] for m in MODALITIES], axis=0)
    present["mutation"] = present["mutation"] | bare  # training refuses a line without any table
    less = replace(arrays_, present=present)
    own = Trainer(less, train, small, 0)
    own.average.load_state_dict(trainer.average.state_dict())
    expected = own.codes().lines[new]
    feed = line_feed(less, card, new, (True, True, True))
    one = session(graphs[LINE_GRAPH])
    for n in (1, 7, 500):
        take = np.arange(n) % len(new)
        code, similarity, closeness, weights = one.run(None, {k: v[take] for k, v in feed.items()})
        np.testing.assert_allclose(code, expected[take], atol=TOLERANCE)
        np.testing.assert_allclose(weights.sum(1), 1, atol=1e-5)
        assert similarity.shape == closeness.shape == (n, train.any(1).sum())


def test_a_new_compound_gets_the_networks_own_codes(arrays_, lcdo):
    trainer, train, graphs, card = lcdo
    new = np.flatnonzero(~train.any(0))
    codes = trainer.codes()
    feed = {
        "fingerprint": arrays_.fingerprints[new],
        "ecfp": ecfp_bits(arrays_)[new].numpy(),
        "targets": indicators([arrays_.targets[j] for j in new], card["targets"]).numpy(),
        "pathway": indicators(
            [[arrays_.drug_pathway[j]] if arrays_.drug_pathway[j] else [] for j in new], card["pathways"]
        ).numpy(),
    }
    assert tuple(feed) == DRUG_INPUTS
    for n in (1, 7, 500):
        take = np.arange(n) % len(new)
        said = session(graphs[DRUG_GRAPH]).run(None, {k: v[take] for k, v in feed.items()})
        np.testing.assert_allclose(said[0], codes.drugs[new][take], atol=TOLERANCE)
        np.testing.assert_allclose(said[1], codes.margin_drugs[new][take], atol=TOLERANCE)
        for t, target in enumerate(trainer.targets):
            np.testing.assert_allclose(said[2][:, t], target.offset_prior[new][take], atol=TOLERANCE)
            np.testing.assert_allclose(said[3][:, t], target.scale[new][take], atol=TOLERANCE)
        assert (said[6] <= 1).all()


def test_a_training_line_pasted_as_a_new_sample_is_its_own_nearest_and_ranks_drugs_alike(arrays_, lcdo):
    trainer, train, graphs, card = lcdo
    own = np.flatnonzero(train.any(1))
    codes = trainer.codes()
    code, similarity, closeness, _ = session(graphs[LINE_GRAPH]).run(None, line_feed(arrays_, card, own, (True,) * 3))
    assert (closeness.argmax(1) == np.arange(len(own))).all()
    np.testing.assert_allclose(closeness.max(1), 1, atol=1e-4)
    assert similarity.shape == closeness.shape
    ranks = [spearmanr(code[i] @ codes.drugs.T, codes.lines[row] @ codes.drugs.T)[0] for i, row in enumerate(own)]
    assert np.mean(ranks) > 0.8


def test_a_missing_gene_counts_as_the_training_mean(arrays_, lcdo):
    _, train, graphs, card = lcdo
    feed = line_feed(arrays_, card, np.flatnonzero(~train.any(1))[:4], (True,) * 3)
    fit = train.any(1) & arrays_.present["expression"]
    gap, mean = dict(feed, expression=feed["expression"].copy()), dict(feed, expression=feed["expression"].copy())
    gap["expression"][:, 3] = np.nan
    mean["expression"][:, 3] = arrays_.features["expression"][fit, 3].mean()
    one = session(graphs[LINE_GRAPH])
    np.testing.assert_allclose(one.run(None, gap)[0], one.run(None, mean)[0], atol=1e-5)


@pytest.mark.usefixtures("line_graph_alone")
def test_a_table_whose_genes_never_vary_is_not_read(arrays_, small):
    none_mutated = {**arrays_.features, "mutation": np.zeros_like(arrays_.features["mutation"])}
    same = replace(arrays_, features=none_mutated)
    train = make_split(same, SplitName.LCO, 0, 4).train
    graphs, card, population = inductive_graphs(fitted_of(trained(same, train, small, 1), same, train))
    assert card["genes"]["mutation"] == []
    assert all(np.isfinite(table).all() for table in population.values())
    feed = line_feed(same, card, np.flatnonzero(~train.any(1)), (True, True, False))
    described = feed["has"].any(1)
    feed = {k: v[described] for k, v in feed.items()} | {"mutation": np.full((described.sum(), 1), np.nan, np.float32)}
    answer = session(graphs[LINE_GRAPH]).run(None, feed)
    assert all(np.isfinite(values).all() for values in answer)
    np.testing.assert_array_equal(answer[3][:, 2], 0)


def test_settings_that_need_whole_tables_have_no_graphs_and_the_reason_names_them(arrays_, small_paper):
    train = arrays_.measured
    trainer = trained(arrays_, train, small_paper, 0)
    with pytest.raises(NotPlaceableError, match="reduced_kernels = False"):
        inductive_graphs(fitted_of(trainer, arrays_, train))


def test_the_graphs_hold_no_path_and_no_row_of_the_omics_tables(arrays_, lcdo):
    _, train, graphs, _ = lcdo
    for graph in graphs.values():
        assert b".py" not in graph
        for proto in onnx.load_from_string(graph).graph.initializer:
            values = onnx.numpy_helper.to_array(proto)
            assert (
                values.shape != (int(train.any(1).sum()), 40)
                or not np.isin(arrays_.features["expression"][train.any(1)][1, :3], values).all()
            )


@pytest.mark.usefixtures("line_graph_alone")
def test_real_lines_left_out_of_a_part_of_gdsc_get_the_networks_codes(gdsc_dataset):
    """Every third line and fifth drug, whole panels: references at full width, tables really missing."""
    every = align(gdsc_dataset)
    lines, drugs = np.arange(0, 962, 3), np.arange(0, 228, 5)
    part = replace(
        every,
        **{
            k: [getattr(every, k)[i] for i in lines]
            for k in ("cell_line_ids", "tissue", "cancer_type", "medium", "line_groups")
        },
        **{
            k: [getattr(every, k)[j] for j in drugs]
            for k in ("drug_ids", "drug_groups", "targets", "drug_pathway", "smiles")
        },
        ln_ic50=every.ln_ic50[np.ix_(lines, drugs)],
        sensitive=every.sensitive[np.ix_(lines, drugs)],
        threshold=every.threshold[drugs],
        fingerprints=every.fingerprints[drugs],
        features={m: x[lines] for m, x in every.features.items()},
        present={m: x[lines] for m, x in every.present.items()},
    )
    train = make_split(part, SplitName.LCO, 0, 4).train
    config = HgaclConfig.named("default", factor_rank=10)
    trainer = trained(part, train, config, 5)
    graphs, card, _ = inductive_graphs(fitted_of(trainer, part, train))
    new = np.flatnonzero(~train.any(1))
    code = session(graphs[LINE_GRAPH]).run(None, line_feed(part, card, new, (True,) * 3))[0]
    codes = trainer.codes()
    gap = np.abs(code - codes.lines[new])
    assert (~part.present["expression"][new]).sum() > 10
    assert gap.max() < TOLERANCE, gap.max()
    assert np.abs(gap @ np.abs(codes.drugs).T).max() < 10 * TOLERANCE


@pytest.mark.parametrize("width", [1024, 881])
def test_matrices_of_zeros_and_ones_are_stored_as_bits_and_others_within_a_65534th(width):
    rng = np.random.default_rng(0)
    ones, any_numbers = (
        (rng.random((9, width)) < 0.1).astype(np.float32),
        rng.normal(size=(width, 9)).astype(np.float32),
    )
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMul", ["x", "ones"], ["y"]), onnx.helper.make_node("MatMul", ["y", "any"], ["z"])],
        "both",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [9, 9])],
        [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in "yz"],
        [onnx.numpy_helper.from_array(ones, "ones"), onnx.numpy_helper.from_array(any_numbers, "any")],
    )
    whole = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", OPSET)], ir_version=10)
    stored = compact(onnx.load_from_string(whole.SerializeToString())).SerializeToString()
    assert len(stored) < ones.size // 8 + 2 * any_numbers.size + 4 * width + 2_000
    (same, near), (y, z) = (
        session(g).run(None, {"x": np.eye(9, dtype=np.float32)}) for g in (stored, whole.SerializeToString())
    )
    np.testing.assert_array_equal(same, y)
    np.testing.assert_allclose(near, z, atol=np.abs(any_numbers).max() / 65534 * ones.sum(1).max())
