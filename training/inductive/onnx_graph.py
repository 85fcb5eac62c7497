"""A torch module as an ONNX graph that says nothing of the machine it was made on."""

import contextlib
import io
import logging
import warnings
from typing import Any

import onnx
import torch
from torch import Tensor, nn

OPSET = 20


class ParityError(Exception):
    """Two forms of the same model answer differently, or one cannot be made; nothing is written."""


def onnx_graph(
    module: nn.Module, example: tuple[Tensor, ...], inputs: list[str], outputs: list[str], dynamic: tuple[Any, ...]
) -> onnx.ModelProto:
    """Export the module; `dynamic` has the dynamic axes of each input as `torch.export` takes them.

    Raises ParityError where the exporter gives nothing.
    """
    # The exporter narrates its steps, warns of its own dependencies' deprecations and misses torchvision aloud.
    for narrator in ("torch.onnx._internal.exporter._registration", "onnx_ir._convenience"):
        logging.getLogger(narrator).setLevel(logging.ERROR)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module,
            example,
            dynamo=True,
            opset_version=OPSET,
            input_names=inputs,
            output_names=outputs,
            dynamic_shapes=dynamic,
        )
    if program is None:
        raise ParityError("torch.onnx.export gave no program")
    proto: onnx.ModelProto = program.model_proto
    graph = proto.graph
    # The exporter notes for every node which line of which file made it: paths of the exporting machine.
    for part in (proto, graph, *graph.node, *graph.value_info, *graph.input, *graph.output):
        part.ClearField("metadata_props")
    return proto
