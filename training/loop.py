"""The training loop of both networks: seed, epochs, validation, patience, history, checkpoint.

A network's own trainer adds what it trains and one epoch of it. A run that was stopped goes on from its checkpoint to
the weights of a run that was not: the checkpoint holds all weights, optimisers and states of random generators.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

Progress = Callable[[int, dict[str, float]], None]  # epochs done; loss and the metrics of a validation
Validate = Callable[[], dict[str, float]]
FORMAT = 3  # of the checkpoint


class CheckpointError(ValueError):
    """A checkpoint that this version cannot go on from; the message names the file and the remedy."""


class Stateful(Protocol):
    """A module, an optimiser or a scheduler."""

    def state_dict(self) -> dict[str, Any]:
        """Everything that changes in training."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> object:
        """Take over what `state_dict` returned."""


@dataclass(frozen=True)
class Best:
    """The best validation so far: its value (higher is better), epoch, weights, and figures chosen with it."""

    value: float = -float("inf")
    epoch: int = 0
    state: dict[str, Tensor] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)


class Trainer(ABC):
    """One training run.

    Its state is `epoch` (epochs done), `seconds` (time of all epochs, those before a resume included), `best`,
    `history` (a dict for each validation), `generator`, and what `parts` and `extra_state` name.
    """

    def __init__(self, seed: int, device: str, *, epochs: int, patience: int, evaluate_every: int = 1) -> None:
        torch.manual_seed(seed)
        self.device = torch.device(device)
        # The generator stays on the CPU: a run on a GPU draws the same batches, edges and noise.
        self.generator = torch.Generator().manual_seed(seed)
        self.epochs, self.patience, self.evaluate_every = epochs, patience, evaluate_every
        self.epoch, self.seconds, self.best = 0, 0.0, Best()
        self.history: list[dict[str, float]] = []

    @abstractmethod
    def run_epoch(self) -> float:
        """Train for one epoch and return its loss."""

    @abstractmethod
    def parts(self) -> Mapping[str, Stateful]:
        """Whatever changes in training, by its name in the checkpoint."""

    @abstractmethod
    def weights(self) -> dict[str, Tensor]:
        """A copy of the weights that predict."""

    @abstractmethod
    def extra_state(self) -> dict[str, Any]:
        """Tensors and numbers of the run that no part holds."""

    @abstractmethod
    def load_extra_state(self, content: Mapping[str, Any]) -> None:
        """Take over what `extra_state` returned; the parts are loaded already."""

    def train(self, validate: Validate | None, checkpoint: Path | None, progress: Progress | None) -> None:
        """Run epochs until `finished`, from the checkpoint where there is one.

        Every `evaluate_every` epochs `validate` measures and the checkpoint is written. Raises CheckpointError.
        """
        if checkpoint is not None and checkpoint.exists():
            self.load(checkpoint)
        while not self.finished:
            loss = self.advance()
            if self.epoch % self.evaluate_every == 0 or self.epoch == self.epochs:
                metrics = validate() if validate is not None else {}
                if checkpoint is not None:
                    self.save(checkpoint)
                if progress is not None:
                    progress(self.epoch, {"loss": loss, **metrics})

    def advance(self) -> float:
        """Run one epoch, count it and time it; return its loss."""
        started = time.perf_counter()
        loss = self.run_epoch()
        self.epoch += 1
        self.seconds += time.perf_counter() - started
        return loss

    def record(self, metrics: dict[str, float], value: float, **figures: float) -> None:
        """Add a validation to the history and keep the weights where `value` is the best so far."""
        if value > self.best.value:
            self.best = Best(value, self.epoch, self.weights(), figures)
        self.history.append({"epoch": self.epoch, **metrics, **figures})

    @property
    def finished(self) -> bool:
        """Whether the epochs or the patience are used up."""
        waited = self.epoch - self.best.epoch >= self.patience
        return self.epoch >= self.epochs or (bool(self.history) and waited)

    def best_state(self) -> dict[str, Tensor]:
        """Weights of the best validation. Raises ValueError where none gave a number."""
        if not self.best.state:
            raise ValueError(f"no validation of {self.epoch} epochs gave a finite number: lower learning_rate")
        return self.best.state

    def save(self, path: Path) -> None:
        """Write everything that the run needs to go on, to a temporary name first."""
        content = {
            **{name: part.state_dict() for name, part in self.parts().items()},
            **self.extra_state(),
            "format": FORMAT,
            "epoch": self.epoch,
            "seconds": self.seconds,
            "best": dict(vars(self.best)),
            "history": self.history,
            "generator": self.generator.get_state(),
            "torch_rng": torch.get_rng_state(),
            "cuda_rng": torch.cuda.get_rng_state() if self.device.type == "cuda" else None,
        }
        temporary = path.with_suffix(".writing")
        torch.save(content, temporary)
        temporary.replace(path)

    def load(self, path: Path) -> None:
        """Go on from what `save` wrote."""
        content = torch.load(path, weights_only=True, map_location="cpu")  # generators' states live there
        if content.get("format") != FORMAT:
            raise CheckpointError(f"{path}: written by another version; delete it, and the training starts again")
        self.generator.set_state(content["generator"])
        torch.set_rng_state(content["torch_rng"])
        if self.device.type == "cuda" and content["cuda_rng"] is not None:
            torch.cuda.set_rng_state(content["cuda_rng"])  # dropout draws there
        for name, part in self.parts().items():
            part.load_state_dict(content[name])
        self.load_extra_state(content)
        self.epoch, self.seconds, self.history = content["epoch"], content["seconds"], content["history"]
        self.best = Best(**content["best"])
