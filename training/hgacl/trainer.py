"""One training run of HGACL-DRP: full-batch AdamW, resumable to the same weights."""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from model.hgacl.config import HgaclConfig
from model.hgacl.graph import Responses, random_nodes, random_subset
from model.hgacl.network import Hgacl
from model.hgacl.tensors import FactorCodes, Factors, Inputs, Output, Population
from training.data.arrays import Arrays
from training.hgacl.inputs import Prepared, prepare
from training.hgacl.losses import Supervision, contrast, neighbour_mask, partner_mask
from training.loop import load_checkpoint, save_checkpoint
from training.metrics.metrics import choice_value, summary

Part = TypeVar("Part", Population, Responses, Factors)
Progress = Callable[[int, dict[str, float]], None]


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


class Trainer:
    """One run: network, optimiser, generator and best state so far; everything a checkpoint must hold."""

    def __init__(
        self, arrays: Arrays, train: NDArray[np.bool_], config: HgaclConfig, seed: int, device: str = "cpu"
    ) -> None:
        torch.manual_seed(seed)
        self.config, self.device = config, torch.device(device)
        # The generator stays on the CPU: a run on a GPU draws the same edges and noise.
        self.generator = torch.Generator().manual_seed(seed)
        prepared = prepare(arrays, train, config, seed)
        self.population, self.responses = _to(prepared.population, device), _to(prepared.responses, device)
        self.targets = tuple(_to(target, device) for target in prepared.targets)
        self.network = Hgacl(self.population, config).to(device)
        self.average = copy.deepcopy(self.network) if config.average_weights else self.network  # what answers
        self.supervision = Supervision(config).to(device)
        parameters = [*self.network.parameters(), *self.supervision.parameters()]
        groups = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": config.weight_decay},
            {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=config.learning_rate)
        # Contrast is between nodes of the training population: an unseen line's features must not shape the weights.
        self.nodes = torch.cat([self.population.line_sources, self.population.drug_sources + self.population.n_lines])
        self.partners = partner_mask(self.responses.sensitive)[self.nodes][:, self.nodes]
        self._visible: Tensor | None = None
        self._factors: tuple[FactorCodes, ...] = ()
        self._known: tuple[FactorCodes, ...] | None = None
        self.epoch = 0
        self.seconds = 0.0
        self.best: dict[str, Any] = {"value": -np.inf, "epoch": 0, "state": {}}
        self.history: list[dict[str, float]] = []
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
        output = self._pass(visible, inputs=self.network.inputs(self.population, self._factor_codes(visible)))
        hidden = self.responses.known & ~visible
        label = self.responses.sensitive[hidden].cpu().numpy()
        if 0 < label.sum() < len(label):
            platt = LogisticRegression(C=1e3).fit(output.scores()[hidden].cpu().numpy()[:, None], label)
            self.supervision.slope.fill_(float(platt.coef_[0, 0]))
            self.supervision.intercept.fill_(float(platt.intercept_[0]))

    def step(self) -> float:
        """One epoch over all supervised pairs; returns the loss."""
        started = time.perf_counter()
        self.network.train()
        if self.epoch % self.config.redraw_every == 0 or self._visible is None:
            self._visible = self.visible_edges()
            self._factors = self._factor_codes(self._visible)
        visible = self._visible
        output = self._pass(visible, inputs=self.network.inputs(self.population, self._factors))
        supervised = self.responses.known & ~visible if self.config.hidden_edges else self.responses.known
        loss = self.supervision(output.scores(), output.margins(), self.responses, supervised)
        weight = self.config.contrastive_weight
        if weight:
            loss = (1 - weight) * loss + weight * self._contrast(output, visible)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.epoch += 1
        self._follow()
        self.seconds += time.perf_counter() - started
        return float(loss.detach())

    @torch.no_grad()
    def _follow(self) -> None:
        """Take the weights of this epoch into the mean over all epochs, the start included."""
        if self.average is not self.network:
            for mean, now in zip(self.average.parameters(), self.network.parameters(), strict=True):
                mean.lerp_(now, 1 / (self.epoch + 1))

    def _factor_codes(self, visible: Tensor) -> tuple[FactorCodes, ...]:
        return tuple(self.network.factor_codes(target, visible) for target in self.targets)

    def visible_edges(self) -> Tensor:
        """The training pairs that carry messages in this step; with `hidden_edges`, the others are supervised."""
        known = self.responses.known.cpu()
        visible = random_subset(known, 1 - self.config.hidden_edges, self.generator)
        visible[random_nodes(known.shape[0], self.config.masked_lines, self.generator)] = False
        visible[:, random_nodes(known.shape[1], self.config.masked_drugs, self.generator)] = False
        return visible.to(self.responses.known.device)

    def _pass(
        self, visible: Tensor, noise: tuple[Tensor, Tensor] | None = None, inputs: Inputs | None = None
    ) -> Output:
        output: Output = self.network(self.population, self.responses, self.targets, visible, noise, inputs)
        return output

    def _contrast(self, original: Output, visible: Tensor) -> Tensor:
        n, m = visible.shape
        beta, device = self.config.feature_noise, visible.device
        noise = tuple(
            (beta * torch.randn(k, self.config.shared_dim, generator=self.generator)).to(device) for k in (n, m)
        )
        kept = random_subset(visible.cpu(), 1 - self.config.edge_drop, self.generator).to(device)
        inputs = original.inputs
        feature = self._pass(visible, (noise[0], noise[1]), inputs=inputs) if beta else original
        structure = self._pass(kept, inputs=inputs) if self.config.edge_drop else original
        edges = inputs.lines.edges.index, inputs.drugs.edges.index
        neutral = neighbour_mask(*edges, n, m)[self.nodes][:, self.nodes]
        views = (view.z[self.nodes] for view in (original, feature, structure))
        return contrast(*views, self.partners, neutral, self.config.temperature)

    def prepared(self) -> Prepared:
        """What the network reads, on the CPU."""
        targets = tuple(_to(target, "cpu") for target in self.targets)
        return Prepared(_to(self.population, "cpu"), _to(self.responses, "cpu"), targets)

    @torch.no_grad()
    def codes(self) -> Codes:
        """Codes of all lines and drugs with every training pair as a response edge."""
        self.average.eval()
        if self._known is None:  # all training pairs: these factors never change
            self._known = self._factor_codes(self.responses.known)
        inputs = self.average.inputs(self.population, self._known)
        output = self.average(self.population, self.responses, self.targets, self.responses.known, None, inputs)
        return Codes(*(x.cpu().numpy() for x in (output.lines, output.drugs, output.margin_drugs)))

    def state(self) -> dict[str, Tensor]:
        """A copy of the weights that answer."""
        return {name: tensor.detach().clone() for name, tensor in self.average.state_dict().items()}

    def look(self, sensitive: NDArray[np.float32], validation: NDArray[np.bool_]) -> dict[str, float]:
        """Validation metrics now; remembers the state when AUPRC + per-drug AUROC is the best so far."""
        metrics = summary(self.codes().scores(), sensitive, validation)
        value = choice_value(metrics)
        if value > self.best["value"]:
            self.best = {"value": value, "epoch": self.epoch, "state": self.state()}
        self.history.append({"epoch": self.epoch, **metrics})
        return metrics

    @property
    def finished(self) -> bool:
        """Whether the epochs or the patience are used up."""
        waited = self.epoch - self.best["epoch"] >= self.config.patience
        return self.epoch >= self.config.epochs or (bool(self.history) and waited)

    def save(self, path: Path) -> None:
        """Write everything the run needs to go on, to a temporary name first."""
        content = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "supervision": self.supervision.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "visible": self._visible,
            "epoch": self.epoch,
            "seconds": self.seconds,
            "best": self.best,
            "history": self.history,
        }
        save_checkpoint(path, content, self.generator, self.device)

    def load(self, path: Path) -> None:
        """Go on from what `save` wrote; the run then gives the weights of one that was never stopped."""
        content = load_checkpoint(path, self.generator, self.device)
        self.network.load_state_dict(content["network"])
        self.average.load_state_dict(content["average"])
        self.supervision.load_state_dict(content["supervision"])
        self.optimiser.load_state_dict(content["optimiser"])
        self._visible = None if content["visible"] is None else content["visible"].to(self.device)
        self._factors = () if self._visible is None else self._factor_codes(self._visible)
        self.epoch, self.seconds = content["epoch"], content["seconds"]
        self.best, self.history = content["best"], content["history"]

    def run(
        self, look: Callable[[], dict[str, float]] | None, checkpoint: Path | None, progress: Progress | None
    ) -> None:
        """Step until finished, from the checkpoint where there is one; it is written every `evaluate_every` epochs."""
        if checkpoint is not None and checkpoint.exists():
            self.load(checkpoint)
        while not self.finished:
            loss = self.step()
            if self.epoch % self.config.evaluate_every == 0 or self.epoch == self.config.epochs:
                metrics = look() if look is not None else {}
                if checkpoint is not None:
                    self.save(checkpoint)
                if progress is not None:
                    progress(self.epoch, {"loss": loss, **metrics})


def _to(part: Part, device: str) -> Part:
    moved = {
        name: tuple(t.to(device) for t in value) if isinstance(value, tuple) else value.to(device)
        for name, value in vars(part).items()
    }
    return type(part)(**moved)
