"""The exported graphs answer like torch at sizes that they were not traced at."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch

from model.dim2.drug_batch import drug_batch
from model.molecule_graphs import molecule_graph
from tests.helpers.dim2_arrays import small_dim2, with_structures
from training.dim2.fit import fit_dim2
from training.export import network_graphs as export
from training.inductive.onnx_graph import ParityError
from training.splits.splits import SplitName, make_split


@pytest.fixture(scope="module", params=["default", "paper"])
def fitted(request, arrays, tmp_path_factory):
    data = replace(with_structures(arrays), structures=tmp_path_factory.mktemp("structures"))
    split, config = make_split(data, SplitName.LCO, 0), small_dim2(request.param, epochs=1)
    fit = fit_dim2(data, split.train, split.validation, config)
    return fit, fit.network(config)


@pytest.fixture(scope="module")
def exported(fitted):
    fit, network = fitted
    return export.export_dim2(network, fit.inputs)


def test_codes_and_the_pair_graph_give_the_fits_predictions(fitted, exported):
    fit, (graphs, codes) = fitted[0], exported
    lines, drugs = np.indices(codes.offset.shape).reshape(2, -1)
    session = export.ort.InferenceSession(graphs["pair"])
    names = [part.name for part in session.get_inputs()]
    tensors = dict(zip(export.PAIR_INPUTS, export.pair_inputs(codes, lines, drugs), strict=True))
    answer = session.run(None, {name: tensors[name].numpy() for name in names})[0]
    alone = np.asarray(codes.offset)  # the graph gives offset and network; a fit counts the network with its share
    said = alone + fit.share * (answer.reshape(alone.shape) - alone)
    np.testing.assert_allclose(said, fit.ln_ic50, atol=1e-4)


@pytest.mark.parametrize(
    "smiles", [["CCO"], ["C"], ["N.N.Cl[Pt]Cl"], ["CC(C)CC1=CC=C(C=C1)C(C)C(=O)O", "C", "OCCCCCCN"] * 5]
)
@pytest.mark.parametrize("conformers", [1, 4])
def test_the_drug_encoder_takes_molecules_of_any_size_and_number(fitted, exported, smiles, conformers):
    network, graph = fitted[1], exported[0]["drug_encoder"]
    tensors = drug_batch([molecule_graph(text, conformers) for text in smiles]).tensors()
    assert export.parity(graph, network.drugs, tensors, list(export.DRUG_INPUTS)) < 1e-4


@pytest.mark.parametrize("rows", [1, 2, 77])
def test_the_cell_encoder_takes_any_number_of_lines(fitted, exported, rows):
    fit, network = fitted
    tensors = tuple(table[:rows] for table in fit.inputs.cells)
    graph = exported[0]["cell_encoder"]
    assert export.parity(graph, network.cells, tensors, list(export.CELL_INPUTS)) < 1e-4


def test_the_graphs_hold_no_path_and_are_of_opset_20(exported):
    for graph in exported[0].values():
        assert b".py" not in graph
        model = onnx.load_from_string(graph)
        assert [(part.domain, part.version) for part in model.opset_import if part.domain == ""] == [("", 20)]


def test_one_drug_of_a_batch_is_that_drug(fitted):
    fit, network = fitted
    alone = network.drugs(*export.one_drug(fit.inputs.drugs, 7).tensors())
    one = drug_batch([molecule_graph("C1=CC=CC=C1N", conformers=5)])
    batch = export.DrugBatch(**{**vars(one), **{n: getattr(one, n)[:1] for n in ("lengths", "angles", "distances")}})
    torch.testing.assert_close(alone, network.drugs(*batch.tensors()), rtol=1e-4, atol=1e-5)


def test_graphs_that_differ_from_torch_are_refused(fitted, monkeypatch):
    fit, network = fitted
    monkeypatch.setattr(export, "to_onnx", lambda *_: b"")  # what is compared below reads no graph
    monkeypatch.setattr(export, "parity", lambda *_: float("inf"))
    with pytest.raises(ParityError, match="drug_encoder: torch and ONNX Runtime differ"):
        export.export_dim2(network, fit.inputs)
