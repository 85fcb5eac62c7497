"""The offset of small data, its graphs run in ONNX Runtime, and what the graph of lines reads of known lines."""

import numpy as np
import onnxruntime as ort
import torch

from model.encoder_inputs import (
    LINE_INPUTS,
    MODALITIES,
)
from tests.helpers.dim2_arrays import small_dim2
from training.dim2.inputs import fit_offset
from training.features.panel import panel_table, presence
from training.inductive.dim2 import OffsetFit

TOLERANCE = 2e-3  # of codes in units of a drug's deviation: large constants stand on grids of 16 bits


def fit_of(data, train, added=None, **changes):
    config = small_dim2(offset_codes=5, **changes)
    offset = fit_offset(data, train, config, 0, cross_fitted=False)
    nothing = np.zeros(train.shape, np.float32)
    return OffsetFit(data, train, config, offset, nothing if added is None else added)


def ran(graph, outputs, feed):
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return dict(zip(outputs, session.run(list(outputs), feed), strict=True))


def said(fit):
    lines, drugs = (torch.from_numpy(fit.train.any(axis)) for axis in (1, 0))
    return fit.offset.best_matrix(lines, drugs).numpy()


def line_feed(data, card, rows):
    feed = {"has": np.stack([presence(data, m)[rows] for m in MODALITIES], 1)}
    for m in MODALITIES:
        if m not in data.features:
            feed[m] = np.full((len(rows), 1), np.nan, np.float32)
            continue
        expressed = set(data.feature_names.get("expression", []))
        names = data.feature_names[m]
        names = [n for n in names if n in expressed] if m != "expression" and expressed & set(names) else names
        feed[m] = panel_table(data, m)[rows][:, [i for i, n in enumerate(names) if n in set(card["genes"][m])]]
    for key, known, own in (
        ("tissue", card["tissues"], data.tissue),
        ("cancer_type", card["cancer_types"], data.cancer_type),
        ("medium", card["media"], data.medium),
    ):
        feed[key] = np.array([[float(own[row] == name) for name in known] for row in rows], np.float32)
    return {key: feed[key] for key in LINE_INPUTS}
