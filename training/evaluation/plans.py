"""Lists of grids that `drp evaluate --plan` runs one after the other, each cell once and resumably."""

from dataclasses import dataclass

from model.hgacl.config import HgaclConfig
from training.evaluation.methods import ABLATIONS, SENSITIVITY

# The paper's preset on all components of its tables: the functions of the whole tables, in three fifths of the time.
PAPER = "hgacl_paper_feature_components_2000"
# DiM2-DRP's network alone where nothing is dropped and the head is wide: it forgets less of the features.
LOOSER = "dim2_alone_dropout_0_head_256_epochs_12"
LONGER = "dim2_alone_dropout_0_head_256_epochs_60"
# The paper's own sizes, dropout, full contrast; two hours a fold. Its molecules are encoded at every eighth step, and
# the spread of its passes is left to `dim2_alone`: both would cost as much again.
PAPER_DIM2 = "dim2_paper_graphs_every_8_monte_carlo_0_epochs_12"


@dataclass(frozen=True)
class Grid:
    """What of methods × splits × folds × seeds × shuffles is asked for, comma-separated as on the command line."""

    models: str
    splits: str = "LPO"
    only: str = ""
    seeds: str = "0"
    shuffles: str = "none"
    protocol: str = "folds"


def _changed(preset: str, changes: list[str]) -> str:
    return ",".join([preset, *(f"{preset}_{change}" for change in changes)])


# Without the presets' own values, and 0, which is an ablation.
_GRID = [
    f"{name}_{value:g}"
    for name, values in SENSITIVITY.items()
    for value in values
    if value not in (0, getattr(HgaclConfig(), name))
]
# HGACL-DRP's figures and tables: both presets and their peers on honest folds (Fig. 5, Table 3 and, of the embeddings
# of a run, Fig. 8), as published, ablations (Fig. 6), the two perturbations (Fig. 7), seeds, shuffled features, unseen
# tissues.
PLANS = {
    "paper": (
        Grid(f"{PAPER},hgacl,mean_effects,nihgcn,mofgcn,graphcdr", "LPO,LCO"),
        Grid(f"{PAPER},counting,hgacl,nihgcn,mofgcn,graphcdr", protocol="published"),
        Grid(_changed("hgacl", list(ABLATIONS["hgacl"])), "LPO,LCO", "0"),
        Grid(_changed(PAPER, [name for name in ABLATIONS["hgacl"] if name != "no_factors"]), only="0"),
        Grid(_changed("hgacl", _GRID), only="0"),
        Grid(_changed(PAPER, _GRID), only="0"),
        Grid(f"hgacl,{PAPER}", only="0", seeds="0,1,2,3,4"),
        Grid(f"hgacl,{PAPER}", "LPO,LCO", "0", shuffles="none,lines,drugs"),
        Grid(f"kernel_stack,hgacl,{PAPER},mean_effects", "LTO"),
        Grid(f"{PAPER}_epochs_1500"),
    ),
    # DiM2-DRP's network alone and beside its offset and the kernel stack, with dropout and looser, on three folds and
    # its data's own parts; longer; with codes of the lines and drugs themselves; its ablations; the paper's own sizes,
    # in which every pathway is a token.
    "dim2": (
        Grid(f"dim2_offset+dim2_alone,dim2_offset+{LOOSER}", "LPO,LCO,LDO", "0,1,2"),
        Grid(f"kernel_stack+{LOOSER}", "LCO,LDO", "0,1,2"),
        Grid(f"dim2_offset+dim2_alone,dim2_offset+{LOOSER}", protocol="stated"),
        Grid(LONGER, only="0"),
        Grid(_changed(LOOSER, ["free_codes_32", *ABLATIONS["dim2"]]), "LPO,LCO", "0"),
        Grid(PAPER_DIM2, "LCO", "0"),
    ),
}
