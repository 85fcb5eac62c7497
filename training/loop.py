"""Checkpoints of a run: its own state and that of every random generator, so that it goes on as if never stopped."""

from pathlib import Path
from typing import Any

import torch


def save_checkpoint(path: Path, content: dict[str, Any], generator: torch.Generator, device: torch.device) -> None:
    """Write `content` and the generators' states, to a temporary name first."""
    random = {
        "generator": generator.get_state(),
        "torch_rng": torch.get_rng_state(),
        "cuda_rng": torch.cuda.get_rng_state() if device.type == "cuda" else None,
    }
    temporary = path.with_suffix(".writing")
    torch.save({**content, **random}, temporary)
    temporary.replace(path)


def load_checkpoint(path: Path, generator: torch.Generator, device: torch.device) -> dict[str, Any]:
    """Read what `save_checkpoint` wrote and set the generators to it."""
    content: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")  # generators' states live there
    generator.set_state(content["generator"])
    torch.set_rng_state(content["torch_rng"])
    if device.type == "cuda" and content["cuda_rng"] is not None:
        torch.cuda.set_rng_state(content["cuda_rng"])  # dropout draws there
    return content
