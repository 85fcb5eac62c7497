"""One training run of HGACL-DRP: full-batch AdamW, resumable to the same weights."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from model.hgacl.assembly import build_network
from model.hgacl.config import HgaclConfig
from model.hgacl.graph import Responses, random_nodes, random_subset
from model.hgacl.network import Noise
from model.hgacl.tensors import FactorCodes, Factors, Inputs, Output, Population
from training.data.arrays import Arrays
from training.hgacl.inputs import TrainingData, prepare
from training.hgacl.losses import LabelAndMarginLoss, choose_loss, contrast, neighbour_mask, partner_mask
from training.hgacl.views import choose_views
from training.loop import Stateful
from training.loop import Trainer as TrainingLoop
from training.metrics.metrics import choice_value, summary

Part = TypeVar("Part", Population, Responses, Factors)


@dataclass(frozen=True)
class Codes:
    """Codes of lines (N, w), of drugs for the score (M, w) and of drugs for the margin (M, w)."""

    lines: NDArray[np.float32]
    drugs: NDArray[np.float32]
    margin_drugs: NDArray[np.float32]

    def scores(self) -> NDArray[np.float32]:
        """Score of every line with every drug, (N, M)."""
        return self.lines @ self.drugs.T

    def margins(self) -> NDArray[np.float32]:
        """Estimated (threshold − ln IC50) / σ_d of every pair, (N, M)."""
        return self.lines @ self.margin_drugs.T


class Trainer(TrainingLoop):
    """One run of HGACL-DRP: full-batch epochs in which part of the response edges is hidden and supervised."""

    def __init__(
        self, arrays: Arrays, train: NDArray[np.bool_], config: HgaclConfig, seed: int, device: str = "cpu"
    ) -> None:
        super().__init__(
            seed, device, epochs=config.epochs, patience=config.patience, evaluate_every=config.evaluate_every
        )
        self.config = config
        data = prepare(arrays, train, config, seed)
        self.lines = data.lines
        self.population, self.responses = _to(data.population, device), _to(data.responses, device)
        self.targets = tuple(_to(target, device) for target in data.targets)
        self.network = build_network(self.population, config).to(device)
        self.average = copy.deepcopy(self.network) if config.average_weights else self.network  # what answers
        self.supervision = choose_loss(config).to(device)
        self.feature_view, self.structural_view = choose_views(config)
        parameters = [*self.network.parameters(), *self.supervision.parameters()]
        groups = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": config.weight_decay},
            {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=config.learning_rate)
        # Contrast is between nodes of the training population: an unseen line's features must not shape the weights.
        known = self.responses.known
        self.nodes = torch.cat([known.any(1), known.any(0)]).nonzero()[:, 0]
        self._visible: Tensor | None = None
        self._factors: tuple[FactorCodes, ...] = ()
        self._nearest: tuple[Tensor, Tensor] | None = None
        self._known: tuple[FactorCodes, ...] | None = None
        if config.margin_weight and config.hidden_edges:
            self._start_from_calibrated_scores()

    @torch.no_grad()
    def _start_from_calibrated_scores(self) -> None:
        """Set slope and intercept of the label's loss to what the first scores of hidden pairs ask for.

        From another start the biases would first learn to make up for a wrong intercept.
        """
        state = self.generator.get_state()
        visible = self.visible_edges()
        self.generator.set_state(state)
        output = self._pass(visible, self.network.inputs(self.population, self._factor_codes(visible)))
        hidden = self.responses.known & ~visible
        label = self.responses.sensitive[hidden].cpu().numpy()
        if isinstance(self.supervision, LabelAndMarginLoss) and 0 < label.sum() < len(label):
            platt = LogisticRegression(C=1e3).fit(output.scores()[hidden].cpu().numpy()[:, None], label)
            self.supervision.slope.fill_(float(platt.coef_[0, 0]))
            self.supervision.intercept.fill_(float(platt.intercept_[0]))

    def run_epoch(self) -> float:
        """Take one optimiser step on all supervised pairs and return the loss."""
        self.network.train()
        if self.epoch % self.config.redraw_every == 0 or self._visible is None:
            self._visible = self.visible_edges()
            self._factors = self._factor_codes(self._visible)
            self._nearest = None
        visible = self._visible
        output = self._pass(visible, self.network.inputs(self.population, self._factors, self._nearest))
        self._nearest = (output.inputs.lines.columns, output.inputs.drugs.columns)
        supervised = self.responses.known & ~visible if self.config.hidden_edges else self.responses.known
        loss = self.supervision(output.scores(), output.margins(), self.responses, supervised)
        weight = self.config.contrastive_weight
        if weight:
            loss = (1 - weight) * loss + weight * self._contrast(output, visible)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self._update_average()
        return float(loss.detach())

    @torch.no_grad()
    def _update_average(self) -> None:
        """Take the weights of this epoch into the mean over all epochs, the start included."""
        if self.average is not self.network:
            for mean, now in zip(self.average.parameters(), self.network.parameters(), strict=True):
                mean.lerp_(now, 1 / (self.epoch + 2))

    def _factor_codes(self, visible: Tensor) -> tuple[FactorCodes, ...]:
        return tuple(self.network.factor_codes(target, visible) for target in self.targets)

    def visible_edges(self) -> Tensor:
        """The training pairs that carry messages in this step; with `hidden_edges`, the others are supervised."""
        known = self.responses.known.cpu()
        visible = random_subset(known, 1 - self.config.hidden_edges, self.generator)
        visible[random_nodes(known.shape[0], self.config.masked_lines, self.generator)] = False
        visible[:, random_nodes(known.shape[1], self.config.masked_drugs, self.generator)] = False
        return visible.to(self.responses.known.device)

    def _pass(self, visible: Tensor, inputs: Inputs | None = None) -> Output:
        output: Output = self.network(self.population, self.responses, self.targets, visible, inputs)
        return output

    def _contrast(self, original: Output, visible: Tensor) -> Tensor:
        """Contrast of as many random nodes among each other as the configuration says, or of all."""
        nodes, n = self._draw_nodes(), self.population.n_lines
        rows = (nodes[nodes < n], nodes[nodes >= n] - n)

        def encode(visible: Tensor, noise: Noise | None = None) -> Tensor:
            return self.network.encode_again(original, self.responses, visible, rows, noise)

        arguments = original, nodes, visible, encode, self.generator
        views = original.z[nodes], self.feature_view(*arguments), self.structural_view(*arguments)
        partners = partner_mask(nodes, self.responses.sensitive)
        neutral = neighbour_mask(nodes, original.inputs.lines, original.inputs.drugs)
        return contrast(*views, partners, neutral, self.config.temperature)

    def _draw_nodes(self) -> Tensor:
        count, known = self.config.contrast_nodes, self.nodes
        if not 0 < count < len(known):
            return known
        drawn = torch.randperm(len(known), generator=self.generator)[:count].sort().values
        return known[drawn.to(known.device)]

    def training_data(self) -> TrainingData:
        """What the network reads and what that was made with, on the CPU."""
        targets = tuple(_to(target, "cpu") for target in self.targets)
        return TrainingData(_to(self.population, "cpu"), _to(self.responses, "cpu"), targets, self.lines)

    @torch.no_grad()
    def codes(self) -> Codes:
        """Codes of all lines and drugs with every training pair as a response edge."""
        self.average.eval()
        if self._known is None:  # all training pairs: these factors never change
            self._known = self._factor_codes(self.responses.known)
        inputs = self.average.inputs(self.population, self._known)
        output = self.average(self.population, self.responses, self.targets, self.responses.known, inputs)
        return Codes(*(x.cpu().numpy() for x in (output.lines, output.drugs, output.margin_drugs)))

    def weights(self) -> dict[str, Tensor]:
        """A copy of the weights that predict."""
        return {name: tensor.detach().clone() for name, tensor in self.average.state_dict().items()}

    def validate(self, sensitive: NDArray[np.float32], validation: NDArray[np.bool_]) -> dict[str, float]:
        """Measure and record the validation pairs; AUPRC + per-drug AUROC chooses the epoch."""
        metrics = summary(self.codes().scores(), sensitive, validation)
        self.record(metrics, float(choice_value(metrics)))
        return metrics

    def parts(self) -> Mapping[str, Stateful]:
        """Both networks, the losses' own parameters and the optimiser."""
        names = ("network", "average", "supervision", "optimiser")
        return {name: getattr(self, name) for name in names}

    def extra_state(self) -> dict[str, Any]:
        """The edges that messages pass over until they are drawn again, and the neighbours chosen with them."""
        return {"visible": self._visible, "nearest": self._nearest}

    def load_extra_state(self, content: Mapping[str, Any]) -> None:
        """Compute the factors of the loaded edges again."""
        self._visible = None if content["visible"] is None else content["visible"].to(self.device)
        self._factors = () if self._visible is None else self._factor_codes(self._visible)
        nearest = content["nearest"]
        self._nearest = None if nearest is None else (nearest[0].to(self.device), nearest[1].to(self.device))


def _to(part: Part, device: str) -> Part:
    moved: dict[str, Any] = {
        name: tuple(t.to(device) for t in value) if isinstance(value, tuple) else value.to(device)
        for name, value in vars(part).items()
    }
    return type(part)(**moved)
