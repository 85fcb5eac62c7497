"""A bundle in memory: what training hands to serving.

manifest.json               format, models, dataset, metrics, sha256 of every file (model.bundle.card)
cell_lines.json drugs.json  id tables; a row's place is its row in the embeddings
<model>/embeddings.safetensors   cell (N, w), drug (M, w) and, where the model estimates ln IC50 apart from the score,
                                 drug_margin (M, w) codes, see model.scoring and fixed_point
<model>/decoder.onnx             cell (n, w), drug (n, w) -> score (n,), probability (n,)
<model>/<name>.onnx              further graphs, where the model has any
<model>/stack.safetensors        instead of codes and graphs: the kernel stack (model.kernel_stack.served_stack)
<model>/population.safetensors   where it places new ones: the training population in short, see ModelPart
MODEL_CARD.md               the default model's card in prose, made from the manifest; nothing reads it
identifiers/<name>.json          further names of genes, lines and drugs, where it has them (model.bundle.identifiers)
"""

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from model.bundle.card import Manifest, ModelCard, Row

TABLES = ("cell_lines.json", "drugs.json")
EMBEDDINGS = "embeddings.safetensors"
DECODER = "decoder"  # the one graph that every model has
POPULATION = "population.safetensors"
STACK = "stack.safetensors"


@dataclass(frozen=True)
class ModelPart:
    """One model of a bundle: its codes, its decoder graph and its card.

    Where the card has a regression, each drug's row has ln_ic50_sd. The regression applies to the margin, the inner
    product of cell and drug_margin codes, which is the score where there are no such codes. `graphs` are further ONNX
    files by name; the bundle does not know what they compute.
    `population`, where the model has it: line_nearest (N, k) and drug_nearest (M, k) int32, rows of the id tables;
    line_closeness (N, k), drug_similarity (M, k) and line_weights (N, 3), the modality weights, float32; mean and
    deviation of the genes of each panel, (p,).
    A model with a `stack` has no decoder; its cell and drug codes have no column.
    """

    name: str
    cell: NDArray[np.float32]  # (N, w)
    drug: NDArray[np.float32]  # (M, w)
    decoder: bytes
    card: ModelCard
    drug_margin: NDArray[np.float32] | None = None  # (M, w)
    graphs: dict[str, bytes] = field(default_factory=dict)
    population: dict[str, NDArray[Any]] = field(default_factory=dict)
    stack: dict[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def calibration(self) -> tuple[float, float]:
        """Slope and intercept of the Platt scaling."""
        return float(self.card["calibration"]["slope"]), float(self.card["calibration"]["intercept"])

    def opened(self) -> Self:
        """The same without the files that are of no more use once the model is opened: its graphs and its stack."""
        return replace(self, decoder=b"", graphs={}, stack={})


@dataclass(frozen=True)
class Bundle:
    """A verified bundle in memory. Row i of `cell_lines` is row i of every model's `cell`, likewise for drugs.

    `further_version` is that of a bundle whose models stand beside its own (model.bundle.merge); empty without one.
    """

    manifest: Manifest
    cell_lines: list[Row]
    drugs: list[Row]
    models: dict[str, ModelPart]
    identifiers: dict[str, list[Row]] = field(default_factory=dict)
    further_version: str = ""

    @property
    def version(self) -> str:
        """Name and content hash: two bundles with the same version give the same answers and the same cards."""
        own = f"{self.manifest['name']}@{self.manifest['content_hash'][:12]}"
        return f"{own}+{self.further_version}" if self.further_version else own

    @property
    def default_model(self) -> str:
        """The model that answers when the caller names none."""
        return str(self.manifest["default_model"])
