"""The exported network answers in ONNX Runtime and numpy alone as torch does, from nothing but its folder and data."""

import functools
import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from safetensors.numpy import load_file
from typer.testing import CliRunner

from model.dim2.batching import side_by_side
from model.dim2.drug_batch import drug_batch
from model.molecule_graphs import molecule_graph
from tests.helpers.dim2_arrays import SMILES, dataset_with_structures, small_dim2
from tests.helpers.graph_making import without_graphs
from training.cli.main import app
from training.data.arrays import align
from training.data.folder import write_dataset
from training.dim2.fit import fit_dim2
from training.export import network_graphs, network_parity, trained_network
from training.export.network import export_network
from training.inductive.onnx_graph import ParityError
from training.runs.dim2 import train_dim2_run
from training.runs.folder import CARD, RunError
from training.splits.splits import SplitName, training_split

LONG = "CCCCCCCCCCCCCCCCCCCCNC(=O)C1=CC=C(C=C1)C1=CC=C(C=C1)C1=CC=CC=C1"  # 3 times the atoms of the traced molecules
FLAT = "N.N.Cl[Pt]Cl"  # MMFF94 has no platinum: no conformer


@pytest.fixture(scope="module")
def make(planted, tmp_path_factory):
    """A function of the kind of run: each kind is trained and exported once."""

    @functools.cache
    def make(kind):
        dataset, folder = dataset_with_structures(planted), tmp_path_factory.mktemp("network")
        # After two epochs the start is still the best, and the network adds nothing. The graph of molecules in 3D
        # takes fifteen seconds: the paper's kind has it.
        config = small_dim2(epochs=4, drug_3d=False)
        if kind == "paper":
            config = small_dim2("paper", epochs=2)
        if kind == "few parts":
            dataset, config = replace(dataset, pathway_activity=None), replace(config, tissue=False)
        dataset = write_dataset(dataset, folder / "data")
        with without_graphs():
            train_dim2_run(dataset, folder / "run", config, 0)
        manifest = export_network(dataset, folder / "run", folder / "out")
        arrays = replace(align(dataset), structures=folder / "run" / "structures")
        split = training_split(arrays, SplitName.LPO, 0)
        fit = fit_dim2(arrays, split.train, split.validation, config, 0)
        return SimpleNamespace(
            dataset=dataset,
            arrays=arrays,
            config=config,
            folder=folder / "out",
            run=folder / "run",
            manifest=manifest,
            fit=fit,
            network=fit.network(),
        )

    return make


@pytest.fixture(params=["default", "paper", "few parts"])
def made(request, make):
    """A finished run with what was exported of it, and the same fit by itself."""
    return make(request.param)


@pytest.fixture
def exported_once(made, monkeypatch):
    """A further export of the same run takes the graphs of the first: making them is what costs."""
    graphs = {name: (made.folder / f"{name}.onnx").read_bytes() for name in network_graphs.GRAPHS}
    monkeypatch.setattr("training.export.network.network_graphs", lambda trained: graphs)


def ask(made, name, given):
    session = ort.InferenceSession(made.folder / f"{name}.onnx", providers=["CPUExecutionProvider"])
    return session.run(None, {part: given[part] for part in made.manifest["graphs"][name]["inputs"]})[0]


def molecules(made, smiles):
    return [molecule_graph(text, made.manifest["conformers"]) for text in smiles]


def tables(made):
    """Rows of the dataset's own tables, by the names in the manifest."""
    lines, given = made.manifest["cell_lines"], {}
    for name, part in made.manifest["graphs"]["cell_encoder"]["inputs"].items():
        if name == "tissue":
            tissue = made.dataset.cell_lines.set_index("id").loc[lines, "tissue"].to_numpy()
            given[name] = (tissue[:, None] == np.array(part["columns"])).astype(np.float32)
        else:
            given[name] = getattr(made.dataset, name).reindex(lines)[part["columns"]].to_numpy(np.float32)
    return given


def test_the_folder_and_the_dataset_give_every_prediction_of_the_fit(made):
    assert json.loads((made.folder / "manifest.json").read_text()) == made.manifest
    cell = ask(made, "cell_encoder", tables(made))
    drug = ask(made, "drug_encoder", side_by_side(molecules(made, SMILES)))
    i, j = np.indices(made.fit.ln_ic50.shape).reshape(2, -1)
    given = {"cell": cell[i], "drug": drug[j]}
    assert (made.folder / "offset.safetensors").exists() == made.config.offset
    if made.config.offset:
        known = load_file(made.folder / "offset.safetensors")
        given |= {"cell_factors": known["cell_factors"][i], "drug_factors": known["drug_factors"][j]}
        given |= {"offset": known["offset"][i, j], "scale": known["scale"][j]}
    said = ask(made, "pair_network", given).reshape(made.fit.ln_ic50.shape)
    np.testing.assert_allclose(said, made.fit.ln_ic50, atol=1e-4)
    assert said.std() > 0.1


@pytest.mark.parametrize("smiles", [[LONG], [FLAT], ["C"], [FLAT, LONG], [*SMILES, LONG] * 3])
def test_drugs_of_any_size_and_number_with_and_without_geometry(made, smiles):
    graphs = molecules(made, smiles)
    with torch.no_grad():
        expected = made.network.drugs(**drug_batch(graphs).named_tensors()).numpy()
    np.testing.assert_allclose(ask(made, "drug_encoder", side_by_side(graphs)), expected, atol=1e-4)


@pytest.mark.parametrize("conformers", [1, 4])
def test_any_number_of_conformers(made, conformers):
    graphs = [molecule_graph(text, conformers) for text in (LONG, FLAT, *SMILES[:2])]
    with torch.no_grad():
        expected = made.network.drugs(**drug_batch(graphs).named_tensors()).numpy()
    np.testing.assert_allclose(ask(made, "drug_encoder", side_by_side(graphs)), expected, atol=1e-4)


def test_the_graphs_hold_no_path_and_are_of_opset_20(made):
    for name in network_graphs.GRAPHS:
        graph = (made.folder / f"{name}.onnx").read_bytes()
        assert b".py" not in graph
        model = onnx.load_from_string(graph)
        assert [(part.domain, part.version) for part in model.opset_import if part.domain == ""] == [("", 20)]


def test_the_long_molecule_is_larger_than_those_traced_and_the_flat_one_has_no_conformer():
    traced = [molecule_graph(text, 2) for text in network_graphs.EXAMPLE]
    assert len(molecule_graph(LONG, 1).atoms) > sum(len(graph.atoms) for graph in traced)
    assert not molecule_graph(FLAT, 5).has_geometry


@pytest.mark.parametrize("rows", [1, 2, 77])
def test_any_number_of_lines(made, rows):
    with torch.no_grad():
        expected = made.network.cells(*(table[:rows] for table in made.fit.inputs.cells)).numpy()
    said = ask(made, "cell_encoder", {name: table[:rows] for name, table in tables(made).items()})
    np.testing.assert_allclose(said, expected, atol=1e-4)


def test_the_manifest_says_what_the_run_was_and_how_well_the_graphs_agree(made):
    manifest = made.manifest
    assert manifest["dataset"]["content_hash"] == made.dataset.info["content_hash"]
    assert manifest["opset"] == 20
    assert manifest["config"]["preset"] == made.config.preset
    assert manifest["parity"]["pairs"] == made.fit.ln_ic50.size
    assert all(manifest["parity"][name] <= 1e-4 for name in ("drug_code", "cell_code", "ln_ic50"))
    assert list(manifest["drugs_without_geometry"]) == (["12"] if made.config.drug_3d else [])
    for graph in manifest["graphs"].values():
        for part in (*graph["inputs"].values(), *graph["outputs"].values()):
            assert len(part.get("columns", [])) in (0, part["shape"][-1])
            assert part["meaning"]
    lines = set(manifest["graphs"]["cell_encoder"]["inputs"])
    read = {"pathway_activity", "expression", "mutation", "tissue"}
    if made.config.preset == "paper":
        read -= {"expression", "tissue"}
    if made.dataset.pathway_activity is None:  # expression stands in
        read -= {"pathway_activity", "tissue"}
    assert lines == read
    with_offset = {"cell_factors", "drug_factors", "offset", "scale"} if made.config.offset else set()
    assert set(manifest["graphs"]["pair_network"]["inputs"]) == {"cell", "drug"} | with_offset


@pytest.mark.parametrize("made", ["paper"], indirect=True)
def test_graphs_that_differ_are_refused_and_the_older_export_stays(made, exported_once, monkeypatch):
    before = {path.name: path.read_bytes() for path in made.folder.iterdir()}
    run_graph = network_parity.run_graph
    monkeypatch.setattr(network_parity, "run_graph", lambda *given: run_graph(*given) * np.float32(np.nan))
    with pytest.raises(ParityError, match="drug_code: torch and ONNX Runtime differ by nan"):
        export_network(made.dataset, made.run, made.folder)
    assert {path.name: path.read_bytes() for path in made.folder.iterdir()} == before
    assert [path.name for path in made.folder.parent.iterdir() if "writing" in path.name] == []


@pytest.mark.parametrize(
    ("made", "says"),
    [("paper", r"validation RMSE is .* here, .* there"), ("default", r"what it adds differs by .*% of itself")],
    indirect=["made"],
)
def test_an_eigenvector_that_comes_out_with_the_other_sign_is_refused(made, monkeypatch, says):
    def turned(*given):
        inputs = inputs_of(*given)
        factors, scores = inputs.offset.line_factors.clone(), inputs.pathways.clone()
        if made.config.offset:
            factors[..., 0] *= -1
        else:
            scores[:, 0] *= -1
        return replace(inputs, pathways=scores, offset=replace(inputs.offset, line_factors=factors))

    inputs_of = trained_network.inputs_of
    monkeypatch.setattr(trained_network, "inputs_of", turned)
    with pytest.raises(RunError, match=says):
        export_network(made.dataset, made.run, made.folder)


def drp(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.parametrize("made", ["paper"], indirect=True)
def test_the_command_writes_the_folder_and_replaces_it(made, exported_once, tmp_path):
    for _ in range(2):
        result = drp("export-network", made.run.parent / "data", made.run, tmp_path / "out")
        assert result.exit_code == 0, result.output
    assert "ln µM at most over 1,200 pairs" in " ".join(result.stderr.split())
    written = {path.name for path in (tmp_path / "out").iterdir()}
    offset = {"offset.safetensors"} if made.config.offset else set()
    assert written == {"manifest.json", *(f"{name}.onnx" for name in network_graphs.GRAPHS)} | offset


def test_the_command_says_what_it_cannot_use(planted_folder, run_folder, tmp_path):
    def refusal(*words):
        result = drp("export-network", *words)
        assert result.exit_code == 2, result.output
        (line,) = result.stderr.splitlines()
        return line

    other = tmp_path / "other"
    other.mkdir()
    (other / CARD).write_text("{}")
    (other / "run.json").write_text(json.dumps({"model": "dim2", "dataset": {"content_hash": "f" * 64}}))
    assert "no finished run there" in refusal(planted_folder, tmp_path / "none", tmp_path / "out")
    assert "a run of hgacl; give one of `drp train --model dim2`" in refusal(
        planted_folder, run_folder, tmp_path / "out"
    )
    assert "trained on dataset ffffffffffff, not on" in refusal(planted_folder, other, tmp_path / "out")
    assert "holds something else; give another folder" in refusal(planted_folder, run_folder, other)
    assert not (tmp_path / "out").exists()
