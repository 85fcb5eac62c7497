"""Training of DiM2-DRP: mini-batches of pairs on codes of all lines and drugs, with averaged weights.

Codes are computed for all lines and drugs at once: those of lines and fingerprints every `codes_every` steps, those of
molecule graphs every `graphs_every`. In between, gradients gather on the codes; with the last step they flow once
through the encoders. With both at 1 that equals plain training, but a drug's code is not computed anew for each pair.
"""

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR, ReduceLROnPlateau

from model.dim2.config import Dim2Config
from model.dim2.drug import shape_of
from model.dim2.fusion import Fused
from model.dim2.network import Dim2
from training.dim2.held_codes import HeldCodes
from training.dim2.inference import pair_factors, predict_ln_ic50
from training.dim2.inputs import Inputs
from training.dim2.losses import cell_auxiliary_loss, drug_auxiliary_loss, pair_loss
from training.loop import Stateful, Trainer
from training.metrics.metrics import per_drug_pearson

LEAST_RATE = 1e-5  # of a plateau
WARM_UP = 0.1  # share of the steps over which a cosine's rate grows from 0


class Dim2Trainer(Trainer):
    """One run of DiM2-DRP: the network, the moving average of its weights that predicts, optimiser and scheduler."""

    def __init__(
        self, inputs: Inputs, train: NDArray[np.bool_], config: Dim2Config, seed: int, device: str = "cpu"
    ) -> None:
        super().__init__(seed, device, epochs=config.epochs, patience=config.patience)
        self.config = config
        self.inputs = inputs.to(self.device)
        self.pairs = torch.from_numpy(np.argwhere(train))
        self.network = Dim2(*inputs.sizes, config).to(self.device)
        self.average = copy.deepcopy(self.network).eval()
        self.shape = shape_of(self.inputs.drugs)
        self.optimiser = torch.optim.Adam(
            self.network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay, fused=True
        )
        self.scheduler = self.plateau() if config.schedule == "plateau" else self.cosine()
        self.steps = 0

    def plateau(self) -> ReduceLROnPlateau:
        """The rate is halved where the validation RMSE stays."""
        return ReduceLROnPlateau(self.optimiser, factor=0.5, patience=self.config.plateau, min_lr=LEAST_RATE)

    def cosine(self) -> LambdaLR:
        """The rate grows from 0, then falls to 0 along a cosine until the last step of all epochs."""
        steps = self.config.epochs * math.ceil(len(self.pairs) / self.config.batch)

        def share(step: int) -> float:
            return min(1, (step + 1) / (WARM_UP * steps)) * (1 + math.cos(math.pi * step / steps)) / 2

        return LambdaLR(self.optimiser, share)

    def run_epoch(self) -> float:
        """Pass once over the training pairs in random order and return the mean loss of the steps."""
        self.network.train()
        order = self.pairs[torch.randperm(len(self.pairs), generator=self.generator)]
        losses = []
        for batches in parts_of(order.split(self.config.batch), self.config.graphs_every):
            losses += self.train_on_graphs(batches)
        return float(torch.stack(losses).mean())

    def train_on_graphs(self, batches: Sequence[Tensor]) -> list[Tensor]:
        """Compute the graphs' codes once and take a step on each batch; their gradients come with the last."""
        molecules = self.inputs.drugs.sample_conformers(self.config.conformers, self.generator)
        graphs = HeldCodes(self.network.drugs.graph_codes(**molecules.named_tensors()))
        groups = parts_of(batches, self.config.codes_every)
        losses = []
        for group in groups[:-1]:
            losses += self.train_on_codes(group, graphs.leaf)
        return losses + self.train_on_codes(groups[-1], graphs.leaf, lambda: self.graph_loss(graphs, len(groups)))

    def graph_loss(self, graphs: HeldCodes, groups: int) -> Tensor:
        """What the graph networks learn from: the gathered gradients and their reconstructions."""
        config, loss = self.config, graphs.gathered(groups)
        if config.drug_reconstruction:
            loss = loss + config.drug_reconstruction * self.network.drugs.graph_loss(
                graphs.codes, self.shape, self.inputs.measured_drugs
            )
        return loss

    def train_on_codes(
        self, batches: Sequence[Tensor], graphs: Tensor, graph_loss: Callable[[], Tensor] | None = None
    ) -> list[Tensor]:
        """Compute the other codes once and take a step on each batch; the encoders' gradients come with the last.

        Shapes: batches (b, 2) each, graphs (M, graph codes). `graph_loss` is asked when their gradient is complete.
        """
        inputs, network = self.inputs, self.network
        cells = HeldCodes(network.cells(*inputs.cells))
        drugs = HeldCodes(torch.cat([network.drugs.ecfp(inputs.drugs.ecfp), graphs], 1))
        losses = []
        for batch in batches:
            self.optimiser.zero_grad(set_to_none=True)
            loss = self.batch_loss(batch, cells.leaf, drugs.leaf)
            loss.backward()
            if batch is batches[-1]:
                auxiliary = cell_auxiliary_loss(network, cells.codes, inputs)
                auxiliary = auxiliary + drug_auxiliary_loss(network, drugs.codes, inputs)
                (auxiliary + cells.gathered(len(batches)) + drugs.gathered(len(batches))).backward()
                if graph_loss is not None and (last := graph_loss()).requires_grad:
                    last.backward()
            self.step()
            losses.append(loss.detach())
        return losses

    def step(self) -> None:
        """Move the weights, their average and the learning rate."""
        self.optimiser.step()
        self.steps += 1
        self.update_average()
        if isinstance(self.scheduler, LambdaLR):
            self.scheduler.step()

    def batch_loss(self, batch: Tensor, cell_codes: Tensor, drug_codes: Tensor) -> Tensor:
        """Loss of a batch of training pairs. Shapes: batch (b, 2), codes (N, cell width), (M, drug width) -> ()."""
        offset, response = self.inputs.offset, self.inputs.response
        lines, drugs = (x.to(self.device) for x in batch.T)
        line_variant, drug_variant = (x.to(self.device) for x in self.draw_variants(batch))
        factors = pair_factors(self.network, offset, line_variant, drug_variant, lines, drugs)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            fused: Fused = self.network(cell_codes[lines], drug_codes[drugs], *factors)
            shift, scale = offset.pairs(line_variant, drug_variant, lines, drugs), offset.scale[drug_variant, drugs]
            loss = pair_loss(fused.output, response[lines, drugs], shift, scale)
            if self.network.contrast is not None and self.steps % self.config.contrast_every == 0:
                contrast = self.network.contrast(fused.cell, fused.drug, lines, drugs, fused.confidence)
                loss = loss + self.config.contrastive_weight * contrast
        return loss

    def draw_variants(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Draw which offset each pair is trained with: that of its fold, or that of an unseen line or drug.

        Shapes: batch (b, 2) -> variants of the lines (b,) and of the drugs (b,), as in training.dim2.offset.
        """
        offset, (lines, drugs) = self.inputs.offset, batch.T
        fold = offset.fold[lines.to(self.device), drugs.to(self.device)].cpu()
        line_draw, drug_draw = torch.rand(2, len(batch), generator=self.generator)
        line_variant = torch.where(line_draw < self.config.unseen_lines, offset.unseen, fold)
        return line_variant, (drug_draw < self.config.unseen_drugs).long()

    @torch.no_grad()
    def update_average(self) -> None:
        """Move the averaged weights towards the current ones.

        The decay grows to `ema` over the first steps; a constant one would keep the random start for long.
        """
        decay = min(self.config.ema, (1 + self.steps) / (10 + self.steps))
        for mean, now in zip(self.average.parameters(), self.network.parameters(), strict=True):
            mean.lerp_(now, 1 - decay)

    def predict(self, pairs: Tensor) -> Tensor:
        """Ln IC50 (ln µM) of pairs with the averaged weights. Shapes: pairs (b, 2) -> (b,)."""
        return predict_ln_ic50(self.average, self.inputs, pairs)

    def validate(self, response: NDArray[np.float32], validation: NDArray[np.bool_]) -> dict[str, float]:
        """Measure and record the validation pairs; the lowest RMSE chooses epoch and share."""
        offset = self.offset()
        added = np.zeros_like(response)
        predicted = self.predict(torch.from_numpy(np.argwhere(validation))).cpu().numpy()
        added[validation] = predicted - offset[validation]
        share = self.network_share(added[validation], (response - offset)[validation])
        ln_ic50 = offset + share * added
        metrics = {"rmse": float(np.sqrt(np.mean((ln_ic50 - response)[validation] ** 2)))}
        per_drug = per_drug_pearson(ln_ic50, response, validation)
        if not np.isnan(per_drug).all():
            metrics["per_drug_pearson"] = float(np.nanmean(per_drug))
        self.record(metrics, -metrics["rmse"], share=share)
        if isinstance(self.scheduler, ReduceLROnPlateau):
            self.scheduler.step(metrics["rmse"])
        return metrics

    def offset(self) -> NDArray[np.float32]:
        """Offset of every pair, (N, M) ln µM."""
        return self.inputs.offset.best_matrix(self.inputs.measured_lines, self.inputs.measured_drugs).cpu().numpy()

    def network_share(self, added: NDArray[np.float32], residual: NDArray[np.float32]) -> float:
        """Least-squares weight, between 0 and 1, of what the network adds to the offset. Shapes: both (b,) ln µM."""
        if not self.config.offset:
            return 1.0
        square = float(np.square(added, dtype=np.float64).sum())
        return float(np.clip(np.multiply(added, residual, dtype=np.float64).sum() / max(square, 1e-9), 0, 1))

    def weights(self) -> dict[str, Tensor]:
        """A copy of the averaged weights."""
        return {name: tensor.detach().cpu().clone() for name, tensor in self.average.state_dict().items()}

    def parts(self) -> Mapping[str, Stateful]:
        """Both networks, optimiser and scheduler."""
        return {name: getattr(self, name) for name in ("network", "average", "optimiser", "scheduler")}

    def extra_state(self) -> dict[str, Any]:
        """The steps done, which the decay of the average depends on."""
        return {"steps": self.steps}

    def load_extra_state(self, content: Mapping[str, Any]) -> None:
        """Take over the steps done."""
        self.steps = content["steps"]


def parts_of(batches: Sequence[Tensor], size: int) -> list[Sequence[Tensor]]:
    """The batches in order, `size` at a time; the last part may be shorter."""
    return [batches[start : start + size] for start in range(0, len(batches), size)]
