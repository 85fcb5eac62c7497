"""Everything that `drp evaluate` can measure, by name.

A name is a baseline, a preset (`hgacl`, `hgacl_paper`, `dim2`, `dim2_paper`), DiM2-DRP's response offset without its
network (`dim2_offset`) or its network without the offset (`dim2_alone`), a preset with settings changed,
`hgacl_<setting>_<value>`, `dim2_<setting>_<value>`, as in the sensitivity of HGACL-DRP's Fig. 7
(`hgacl_edge_drop_0.1`), or an ablation of any of these (`hgacl_no_contrast`, `dim2_no_3d`,
`hgacl_paper_feature_components_2000_no_fusion`). The group `differences`
is HGACL-DRP's default with one setting of its paper at a time. `kernel_stack` is kernels and responses without a
network, `kernel_stack_<tables>` the same where unseen lines have these tables alone, and `kernel_stack_concentration`
where unseen drugs bring their highest tested concentration. `dim2_offset_projected` gives unseen lines the pathway
scores that a new sample gets, `dim2_offset_no_pathways` reads none. `first+second` is a blend of two of all these.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from model.dim2.config import Dim2Config
from model.hgacl.config import HgaclConfig
from training.baselines.counting import positive_counts, row_number
from training.baselines.registry import BASELINES
from training.data.arrays import Arrays
from training.dim2.predict import predict_dim2, predict_offset
from training.evaluation.soft_baselines import SOFT_BASELINES
from training.hgacl.fit import predict
from training.kernel_stack.predict import TABLES as STACKS
from training.kernel_stack.predict import predict_kernel_stack
from training.metrics.prediction import Prediction
from training.splits.splits import Split

Config = HgaclConfig | Dim2Config
COUNTING = {"positive_counts": positive_counts, "row_number": row_number}  # for the published protocol
OFFSET = "dim2_offset"
PROJECTED = f"{OFFSET}_projected"
OFFSETS = {OFFSET: Dim2Config(), PROJECTED: Dim2Config(), f"{OFFSET}_no_pathways": Dim2Config(pathways=False)}
HGACL = {"hgacl": HgaclConfig(), "hgacl_paper": HgaclConfig.paper()}
ALONE = Dim2Config(
    offset=False, unseen_lines=0.0, unseen_drugs=0.0, dropout=0.2, monte_carlo=30, epochs=40, patience=8
)
DIM2 = {"dim2": Dim2Config(), "dim2_alone": ALONE, "dim2_paper": Dim2Config.paper()}
NETWORKS: dict[str, Config] = {**HGACL, **DIM2}
ABLATIONS: dict[str, dict[str, dict[str, Any]]] = {
    "hgacl": {
        "no_fusion": {"fusion": False},
        "no_filter": {"filter_neighbours": False},
        "no_contrast": {"contrastive_weight": 0.0},
        "no_feature_noise": {"feature_noise": 0.0},
        "no_edge_drop": {"edge_drop": 0.0},
        "no_factors": {"factor_rank": 0},
    },
    "dim2": {
        "no_pathways": {"pathways": False},
        "no_mutation": {"mutations": False},
        "no_2d": {"drug_2d": False},
        "no_3d": {"drug_3d": False},
        "no_attention": {"attention": False},
        "no_contrast": {"contrastive_weight": 0.0},
        "no_auxiliary": {
            "target_weight": 0.0,
            "cancer_weight": 0.0,
            "drug_reconstruction": 0.0,
            "mutation_reconstruction": 0.0,
        },
    },
}
SCHEDULE = ("preset", "epochs", "patience", "redraw_every")  # how long and how often, not what is learnt
SENSITIVITY = {"edge_drop": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5), "feature_noise": (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)}


def paper_differences() -> list[str]:
    """The default with one setting of the paper each, for every setting in which the two presets differ."""
    ours, paper = vars(HgaclConfig()), vars(HgaclConfig.paper())
    changed = [name for name in ours if name not in SCHEDULE and ours[name] != paper[name]]
    return [f"hgacl_{name}_{_setting_text(paper[name])}" for name in changed]


def _setting_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | str) else f"{value:g}"


GROUPS = {
    "baselines": list(BASELINES),
    "soft_baselines": list(SOFT_BASELINES),
    "stacks": list(STACKS),
    "counting": list(COUNTING),
    "networks": list(HGACL),
    "ablations": ["hgacl", *(f"hgacl_{name}" for name in ABLATIONS["hgacl"])],
    "differences": ["hgacl", *paper_differences()],
    "sensitivity": [f"hgacl_{name}_{value:g}" for name, values in SENSITIVITY.items() for value in values],
    "dim2_all": [OFFSET, *DIM2],
    "dim2_ablations": ["dim2_alone", *(f"dim2_alone_{name}" for name in ABLATIONS["dim2"])],
}


@dataclass(frozen=True)
class Method:
    """`predict(arrays, split, seed)`, and the settings its numbers depend on as JSON ("" for a baseline)."""

    predict: Callable[[Arrays, Split, int], Prediction]
    config: str = ""


def find_method(name: str) -> Method:
    """The method called `name`. Raises ValueError naming the known ones, or the setting that does not fit.

    A blend has the settings of both and is made of their results (training.evaluation.blends), not by `predict`.
    """
    if parts := parts_of_blend(name):
        return Method(_only_from_results, "\n".join(find_method(part).config for part in parts))
    if plain := {**BASELINES, **SOFT_BASELINES, **COUNTING}.get(name):
        return Method(plain)
    if name in STACKS:
        return Method(lambda arrays, split, seed: predict_kernel_stack(arrays, split, seed, name))
    if offset := OFFSETS.get(name):
        projected = name == PROJECTED
        return Method(
            lambda arrays, split, seed: predict_offset(arrays, split, offset, seed, projected=projected),
            offset.to_json(),
        )
    config = _network_config(name)
    if isinstance(config, Dim2Config):
        return Method(lambda arrays, split, seed: predict_dim2(arrays, split, config, seed), config.to_json())
    return Method(lambda arrays, split, seed: predict(arrays, split, config, seed), config.to_json())


def parts_of_blend(name: str) -> list[str]:
    """Names of the two methods that a blend joins; [] for any other method. Raises ValueError for more than two."""
    parts = name.split("+")
    if len(parts) > 2:
        raise ValueError(f"method {name!r}: a blend joins two methods; leave {len(parts) - 2} out")
    return parts if len(parts) == 2 else []


def expand_groups(names: list[str]) -> list[str]:
    """Replace groups by their methods, put a blend after its two; each once. Raises as `find_method` does."""
    out = [name for given in names for name in GROUPS.get(given, [given])]
    out = list(dict.fromkeys(one for name in out for one in (*parts_of_blend(name), name)))
    for name in out:
        find_method(name)
    return out


def _only_from_results(_arrays: Arrays, _split: Split, _seed: int) -> Prediction:
    raise TypeError("a blend is made of the results of two methods: training.evaluation.blends")


def _network_config(name: str) -> Config:
    if name in NETWORKS:
        return NETWORKS[name]
    for ablation, settings in ABLATIONS.get(name.partition("_")[0], {}).items():
        if name.endswith(f"_{ablation}"):
            return replace(_network_config(name.removesuffix(f"_{ablation}")), **settings)
    for preset, config in sorted(NETWORKS.items(), key=lambda item: -len(item[0])):
        if name.startswith(f"{preset}_") and (
            changed := _with_settings(config, name.removeprefix(f"{preset}_"), name)
        ):
            return changed
    ablated = [f"{network}_{name}" for network, names in ABLATIONS.items() for name in names]
    known = [*GROUPS, *BASELINES, *SOFT_BASELINES, *COUNTING, *STACKS, *OFFSETS, *NETWORKS, *ablated]
    ways = "hgacl_<setting>_<value> or dim2_<setting>_<value>"
    raise ValueError(f"method {name!r}: choose of {', '.join(known)}, or {ways}")


def _with_settings(config: Config, changes: str, method: str) -> Config | None:
    """The preset with `<setting>_<value>` once or more; None where it has no such setting. Raises ValueError."""
    seen: set[str] = set()
    if not changes:
        return None
    while changes:
        named = [field.name for field in fields(config) if changes.startswith(f"{field.name}_")]
        if not named:
            return None
        setting = max(named, key=len)
        text, more, changes = changes.removeprefix(f"{setting}_").partition("_")
        if setting in seen or (more and not changes):
            return None
        seen.add(setting)
        try:
            config = replace(config, **{setting: _parse_setting(text, getattr(config, setting))})
        except ValueError as fault:
            raise ValueError(f"method {method!r}: {setting} cannot be {text!r} ({fault})") from None
    return config


def _parse_setting(text: str, like: object) -> Any:  # noqa: ANN401 -- of any field
    """The text as a value of the same type. Raises ValueError."""
    if isinstance(like, bool):
        if text not in ("true", "false"):
            raise ValueError("give true or false")
        return text == "true"
    return type(like)(text)  # type: ignore[call-arg]
