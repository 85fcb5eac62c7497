"""Training of DiM2-DRP: mini-batches of pairs, averaged weights, early stopping on validation, resumable.

Codes are made for all lines and all drugs at once, every `codes_every` steps; between, gradients gather on the codes
and then flow once through the encoders. With `codes_every` 1 that is plain training, without making a drug's code
again for each of its pairs.

Under torchrun (`torch.distributed` initialised by the caller) each rank takes its part of every batch, and gradients
are averaged over the ranks.
"""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, distributed

from model.dim2.config import Dim2Config
from model.dim2.fusion import Fused
from model.dim2.network import Dim2
from training.data.arrays import Arrays
from training.dim2.inputs import Inputs, inputs_of
from training.dim2.losses import auxiliary_cell, auxiliary_drug, pair_loss
from training.loop import load_checkpoint, save_checkpoint
from training.metrics.metrics import per_drug_pearson

Progress = Callable[[int, dict[str, float]], None]
PREDICTED_AT_ONCE = 4_096  # pairs
LEAST_RATE = 1e-5


@dataclass(frozen=True)
class Dim2Fit:
    """A trained network at its best validation epoch; `history` has a dict for each epoch.

    What the network adds to the offset counts with `share`, 0 to 1, its least-squares weight on the validation pairs:
    a network that learnt nothing there changes nothing. Without an offset it is 1.
    Shapes: ln_ic50 (N, M) ln µM of every pair. `seconds` is the time of all steps, those before a resume included.
    """

    state: dict[str, Tensor]
    ln_ic50: NDArray[np.float32]
    epoch: int
    share: float
    seconds: float
    history: list[dict[str, float]]
    inputs: Inputs

    def network(self, config: Dim2Config) -> Dim2:
        """The network with these weights, in evaluation mode."""
        network = Dim2(*self.inputs.sizes, config)
        network.load_state_dict(self.state)
        return network.eval()


class Dim2Trainer:
    """One run: network, averaged network, optimiser, generator and best state; everything a checkpoint must hold."""

    def __init__(
        self, inputs: Inputs, train: NDArray[np.bool_], config: Dim2Config, seed: int, device: str = "cpu"
    ) -> None:
        torch.manual_seed(seed)
        self.config, self.device = config, torch.device(device)
        # The generator stays on the CPU: a run on a GPU draws the same batches and conformers.
        self.generator = torch.Generator().manual_seed(seed)
        self.inputs = inputs.to(self.device)
        self.pairs = torch.from_numpy(np.argwhere(train))
        self.network = Dim2(*inputs.sizes, config).to(self.device)
        self.average = copy.deepcopy(self.network).eval()
        self.optimiser = torch.optim.Adam(
            self.network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
            self.optimiser, factor=0.5, patience=config.plateau, min_lr=LEAST_RATE
        )
        self.steps = self.epoch = 0
        self.seconds = 0.0
        self.best: dict[str, Any] = {"rmse": np.inf, "epoch": 0, "share": 0.0, "state": {}}
        self.history: list[dict[str, float]] = []

    def run_epoch(self) -> float:
        """One pass over the training pairs; returns the mean loss."""
        started = time.perf_counter()
        self.network.train()
        order = self.pairs[torch.randperm(len(self.pairs), generator=self.generator)]
        batches = order.split(self.config.batch)
        losses = []
        for start in range(0, len(batches), self.config.codes_every):
            losses += self._cycle(batches[start : start + self.config.codes_every])
        self.epoch += 1
        self.seconds += time.perf_counter() - started
        return float(torch.stack(losses).mean())

    def _cycle(self, batches: tuple[Tensor, ...]) -> list[Tensor]:
        """Steps on one making of the codes; the encoders that made them step with the last."""
        inputs, network = self.inputs, self.network
        graphs = inputs.drugs.drawn(self.config.conformers, self.generator)
        made = (network.cells(*inputs.cells), network.drugs(*graphs.tensors()))
        codes = [code.detach().requires_grad_() for code in made]
        losses = []
        for batch in batches:
            self.optimiser.zero_grad(set_to_none=True)
            loss = self.pair_step(batch, *codes)
            loss.backward()
            if batch is batches[-1]:
                auxiliary = auxiliary_cell(network, made[0], inputs) + auxiliary_drug(network, made[1], graphs, inputs)
                for code, leaf in zip(made, codes, strict=True):
                    auxiliary = auxiliary + (code * (leaf.grad / len(batches))).sum()  # carries the gathered gradient
                auxiliary.backward()
            self._average_gradients()
            self.optimiser.step()
            self.steps += 1
            self._follow()
            losses.append(loss.detach())
        return losses

    def pair_step(self, batch: Tensor, cell_codes: Tensor, drug_codes: Tensor) -> Tensor:
        """Loss of a batch of training pairs. Shapes: batch (b, 2), codes (N, cell width), (M, drug width) -> ()."""
        offset, response = self.inputs.offset, self.inputs.response
        rank, ranks = _rank()
        mine = slice(rank, None, ranks)
        lines, drugs = (x[mine].to(self.device) for x in batch.T)
        line_as, drug_as = (x[mine].to(self.device) for x in self._variants(batch))
        seen = (offset.line_factors[line_as, lines], offset.drug_factors[drug_as, drugs])
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            fused: Fused = self.network(cell_codes[lines], drug_codes[drugs], *seen)
            shift, scale = offset.of(line_as, drug_as, lines, drugs), offset.scale[drug_as, drugs]
            loss = pair_loss(fused.output, response[lines, drugs], shift, scale)
            if self.network.contrast is not None:
                contrast = self.network.contrast(fused.cell, fused.drug, lines, drugs, fused.confidence)
                loss = loss + self.config.contrastive_weight * contrast
        return loss

    def _variants(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Variants of the offset that the pairs are shown with: their own fold's, some as unseen lines or drugs."""
        offset, (lines, drugs) = self.inputs.offset, batch.T
        fold = offset.fold[lines.to(self.device), drugs.to(self.device)].cpu()
        as_unseen_line, as_unseen_drug = torch.rand(2, len(batch), generator=self.generator)
        line = torch.where(as_unseen_line < self.config.unseen_lines, offset.unseen, fold)
        return line, (as_unseen_drug < self.config.unseen_drugs).long()

    def _average_gradients(self) -> None:
        _, ranks = _rank()
        if ranks > 1:
            for parameter in self.network.parameters():
                if parameter.grad is not None:
                    distributed.all_reduce(parameter.grad)
                    parameter.grad /= ranks

    @torch.no_grad()
    def _follow(self) -> None:
        """Exponential moving average of the weights; short-sighted in the first steps, or it would keep the start."""
        decay = min(self.config.ema, (1 + self.steps) / (10 + self.steps))
        for mean, now in zip(self.average.parameters(), self.network.parameters(), strict=True):
            mean.lerp_(now, 1 - decay)

    def predict(self, pairs: Tensor, *, dropout: bool = False) -> Tensor:
        """Ln IC50 (ln µM) of pairs with the averaged weights; with `dropout`, one Monte Carlo draw of them.

        Shapes: pairs (b, 2) -> (b,).
        """
        return predict(self.average, self.inputs, pairs, dropout=dropout)

    def look(self, response: NDArray[np.float32], validation: NDArray[np.bool_]) -> dict[str, float]:
        """Validation metrics now; remembers the averaged weights when their RMSE is the best so far."""
        offset = self.offset()
        added = np.zeros_like(response)
        said = self.predict(torch.from_numpy(np.argwhere(validation))).cpu().numpy()
        added[validation] = said - offset[validation]
        share = self._share(added[validation], (response - offset)[validation])
        predicted = offset + share * added
        metrics = {"rmse": float(np.sqrt(np.mean((predicted - response)[validation] ** 2)))}
        per_drug = per_drug_pearson(predicted, response, validation)
        if not np.isnan(per_drug).all():
            metrics["per_drug_pearson"] = float(np.nanmean(per_drug))
        if metrics["rmse"] < self.best["rmse"]:
            state = {name: tensor.detach().cpu().clone() for name, tensor in self.average.state_dict().items()}
            self.best = {"rmse": metrics["rmse"], "epoch": self.epoch, "share": share, "state": state}
        self.scheduler.step(metrics["rmse"])
        self.history.append({"epoch": self.epoch, **metrics, "share": share})
        return metrics

    def offset(self) -> NDArray[np.float32]:
        """Offset of every pair, (N, M) ln µM."""
        return self.inputs.offset.said(self.inputs.measured_lines, self.inputs.measured_drugs).cpu().numpy()

    def _share(self, added: NDArray[np.float32], wanted: NDArray[np.float32]) -> float:
        """Least-squares weight of what the network adds, between 0 and 1. Shapes: both (b,)."""
        if not self.config.offset:
            return 1.0
        square = float(np.square(added, dtype=np.float64).sum())
        return float(np.clip(np.multiply(added, wanted, dtype=np.float64).sum() / max(square, 1e-9), 0, 1))

    @property
    def finished(self) -> bool:
        """Whether the epochs or the patience are used up."""
        return self.epoch >= min(self.config.epochs, self.best["epoch"] + self.config.patience)

    def save(self, path: Path) -> None:
        """Write everything the run needs to go on, to a temporary name first."""
        content = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "scheduler": self.scheduler.state_dict(),
            "steps": self.steps,
            "epoch": self.epoch,
            "seconds": self.seconds,
            "best": self.best,
            "history": self.history,
        }
        save_checkpoint(path, content, self.generator, self.device)

    def load(self, path: Path) -> None:
        """Go on from what `save` wrote; the run then gives the weights of one that was never stopped."""
        content = load_checkpoint(path, self.generator, self.device)
        for name in ("network", "average", "optimiser", "scheduler"):
            getattr(self, name).load_state_dict(content[name])
        for name in ("steps", "epoch", "seconds", "best", "history"):
            setattr(self, name, content[name])


@torch.no_grad()
def predict(network: Dim2, inputs: Inputs, pairs: Tensor, *, dropout: bool = False) -> Tensor:
    """Ln IC50 (ln µM) of pairs; a line or drug without a training pair enters as one never measured.

    With `dropout` one Monte Carlo draw: dropout stays on, in encoders too. Shapes: pairs (b, 2) -> (b,).
    """
    network.train(dropout)
    offset, device = inputs.offset, inputs.response.device
    cells = network.cells(*inputs.cells)
    codes = network.drugs(*inputs.drugs.tensors())
    out = []
    for some in pairs.to(device).split(PREDICTED_AT_ONCE):
        lines, drugs = some.T
        line_variant = torch.where(inputs.measured_lines[lines], offset.full, offset.unseen)
        drug_variant = (~inputs.measured_drugs[drugs]).long()
        fused = network(
            cells[lines],
            codes[drugs],
            offset.line_factors[line_variant, lines],
            offset.drug_factors[drug_variant, drugs],
        )
        shift = offset.of(line_variant, drug_variant, lines, drugs)
        scale = offset.scale[drug_variant, drugs]
        out.append(shift + scale * fused.output)
    network.eval()
    return torch.cat(out)


def fit_dim2(  # noqa: PLR0913 -- as `training.hgacl.fit.fit`, and where conformers are kept
    arrays: Arrays,
    train: NDArray[np.bool_],
    validation: NDArray[np.bool_],
    config: Dim2Config,
    seed: int = 0,
    device: str = "cpu",
    checkpoint: Path | None = None,
    progress: Progress | None = None,
    structure_cache: Path | None = None,
) -> Dim2Fit:
    """Train until the epochs or the patience are used up and return the best validation epoch.

    Shapes: train, validation (N, M) boolean, disjoint. With `checkpoint` the run writes it after every epoch and goes
    on from it when it is there. Raises ValueError where training or validation has no pair, or a table is missing.
    """
    if not validation.any():
        raise ValueError("no validation pair: give some, they choose the epoch")
    inputs = inputs_of(arrays, train, config, seed, structure_cache)
    trainer = Dim2Trainer(inputs, train, config, seed, device)
    if checkpoint is not None and checkpoint.exists():
        trainer.load(checkpoint)
    if config.offset and not trainer.history:
        trainer.look(arrays.ln_ic50, validation)  # the offset alone may be best, for lines never measured
    while not trainer.finished:
        loss = trainer.run_epoch()
        metrics = trainer.look(arrays.ln_ic50, validation)
        if checkpoint is not None and _rank()[0] == 0:
            trainer.save(checkpoint)
        if progress is not None:
            progress(trainer.epoch, {"loss": loss, **metrics})
    trainer.average.load_state_dict(trainer.best["state"])
    every = torch.cartesian_prod(*(torch.arange(k) for k in train.shape))
    said, offset, best = trainer.predict(every).reshape(train.shape).cpu().numpy(), trainer.offset(), trainer.best
    predicted = offset + np.float32(best["share"]) * (said - offset)
    return Dim2Fit(best["state"], predicted, best["epoch"], best["share"], trainer.seconds, trainer.history, inputs)


def _rank() -> tuple[int, int]:
    """Number of this process, and how many there are."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return 0, 1
