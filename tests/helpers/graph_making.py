"""Graphs of new lines and drugs left out where a test does not ask them: making one takes five seconds of CPU."""

from contextlib import contextmanager

import pytest

from training.inductive import graphs
from training.inductive.dim2 import OffsetDrugs
from training.inductive.hgacl import DrugEncoder
from training.inductive.requirements import NotPlaceableError


@contextmanager
def without_graphs():
    """Runs place no new lines and drugs."""

    def refuse(_fitted):
        raise NotPlaceableError("left out in this test")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.runs.hgacl.inductive_graphs", refuse)
        patch.setattr("training.runs.dim2.offset_graphs", refuse)
        yield


@contextmanager
def one_drug_graph(drug_graph: bytes = b""):
    """The graph of new lines is made; that of new drugs is always this one, or the first that is made."""
    made, to_onnx = [drug_graph] if drug_graph else [], graphs.to_onnx

    def to_onnx_once(module, *given):
        if not isinstance(module, (OffsetDrugs, DrugEncoder)):
            return to_onnx(module, *given)
        if not made:
            made.append(to_onnx(module, *given))
        return made[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graphs, "to_onnx", to_onnx_once)
        yield
