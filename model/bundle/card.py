"""What a manifest says of a bundle and of each of its models: the keys, their units and shapes.

Training writes a run's card, export completes it to a model's card, and the service reads it from the manifest.
"""

from typing import Any, Literal, NotRequired, TypedDict

Row = dict[str, Any]  # of an id table: `id`, `name` and what else the dataset knows of a cell line or a drug
Case = Literal["known", "new_line", "new_drug", "both"]
Metrics = dict[str, dict[str, dict[str, Any]]]  # by split (LPO, LCO, …) and measure: mean, sd, ci


class Calibration(TypedDict):
    """Platt scaling: probability = σ(slope · score + intercept)."""

    slope: float
    intercept: float


class Regression(TypedDict):
    """Ln IC50 = threshold − sd · (slope · margin + intercept), in ln µM."""

    slope: float
    intercept: float
    half_width_sd: float  # half-width of the prediction interval in the drug's standard deviations
    coverage: float  # share of fresh known pairs that the interval contains


class Training(TypedDict):
    """How a model was trained; `epoch` is the best of `epochs_run` by the validation pairs."""

    seed: int
    epoch: int
    epochs_run: int
    seconds: float
    pairs: int  # that the served model was fitted on
    pairs_when_chosen: int  # that the epoch was chosen with
    validation_pairs: int
    validation: dict[str, float]  # measure -> value
    network_share: NotRequired[float]  # DiM2-DRP: weight of what the network adds to the offset, 0 to 1
    known_slope: NotRequired[float]  # kernel stack: Platt scaling of known pairs, which their stack has taken in
    known_intercept: NotRequired[float]
    addition_kept: NotRequired[float]  # DiM2-DRP: share of that addition's squares that the codes hold
    command: NotRequired[str]  # which repeats the training; export adds it


class Domain(TypedDict):
    """Least similarity to the nearest training line or drug from which a new one counts as inside the domain."""

    cell_line: float
    drug: float  # with targets and pathway
    drug_structure: float  # by structure alone


# How well a table is projected from a sample's other tables, measured on training lines left out. (No class: "from".)
Projection = TypedDict(
    "Projection",
    {
        "pathways": int,
        "lines": int,
        "pearson": float,  # mean over pathways
        "r2": float,
        "least": dict[str, Any],  # name and pearson of the worst pathway
        "without_expression": dict[str, float],  # pearson and r2 where no left-out line has expression
        "from": list[str],  # tables that it is projected from
    },
)


class TableSet(TypedDict):
    """What the kernel stack says of new lines that are known by these tables alone."""

    name: str
    tables: list[str]
    lines: int  # training lines that its stack is fitted on
    domain: float  # least similarity to the nearest training line
    new_line: float  # half-width of the interval in the drug's standard deviations
    both: float  # the same for a new drug
    metrics: NotRequired[dict[str, Any]]  # of unseen lines known by these tables alone, where they were measured


class Inductive(TypedDict, total=False):
    """How the encoder graphs read new samples and compounds; {"none": reason} where a bundle has no such graphs.

    Lists are in the order of the graphs' columns.
    """

    none: str
    genes: dict[str, list[str]]  # expression, copy_number, mutation -> gene symbols; [] for a table that is not read
    tissues: list[str]
    cancer_types: list[str]
    media: list[str]
    targets: list[str]
    pathways: list[str]
    concentrations: int  # training drugs whose highest tested concentration is known; only where a model reads it
    cell_lines: list[str]  # ids of the training lines
    drugs: list[str]  # ids of the training drugs
    threshold_sd_ln_um: float  # error of a new drug's predicted threshold, ln µM
    units: dict[str, str]
    domain: Domain
    projected: dict[str, Projection]  # by table
    least_explained: dict[str, float]  # of expression tables: share held by components in 95 % of lines left out
    least_shares: dict[str, float]  # of a table's genes that a sample must have, where not model.sample.LEAST_SHARE
    table_sets: list[TableSet]  # of the kernel stack, in the order of its stacks from the third on


class SelfTest(TypedDict):
    """One pair with the answers that the bundle must give again."""

    cell_line: str
    drug: str
    score: float
    probability: float
    margin: NotRequired[float]


class CalibrationCard(TypedDict):
    """What the score of a model means, fitted on validation pairs."""

    calibration: Calibration
    decision_threshold: float  # probability from which a pair is called sensitive
    regression: Regression | None  # None: the model predicts labels alone


class RunCard(CalibrationCard):
    """Card of a finished run."""

    config: dict[str, Any]  # every setting of the preset
    training: Training
    inductive: Inductive
    half_widths_sd: NotRequired[dict[Case, float | None]]  # measured for each case; None where no pair could be
    half_widths_by_drug_sd: NotRequired[dict[Case, list[float]]]  # of the cases that have enough pairs of a drug


class ReliabilityBin(TypedDict):
    """Test pairs of like predicted probability, and what share of them was sensitive."""

    predicted: float  # mean probability
    observed: float  # share measured as sensitive
    pairs: int


class TissueFigure(TypedDict):
    """Test pairs of a tissue's lines, pooled over the drugs."""

    auroc: float  # mean over folds
    folds: int  # that have enough pairs of the tissue


class ModelCard(RunCard):
    """Card of a model in a bundle."""

    measured_as: NotRequired[str]  # the method whose metrics stand for it; older bundles lack the key
    # By split (LPO, LCO, …), the least probable first; {} without results. Older bundles lack the key.
    reliability: NotRequired[dict[str, list[ReliabilityBin]]]
    tissues: NotRequired[dict[str, dict[str, TissueFigure]]]  # by split and tissue; older bundles lack the key

    parity: dict[str, float]  # answer -> largest gap between torch, ONNX Runtime and numpy
    self_test: list[SelfTest]


class Manifest(TypedDict):
    """The file manifest.json. Whoever makes a bundle gives the first part; `write_bundle` fills in the second."""

    name: str
    created: NotRequired[str]  # ISO 8601, UTC
    default_model: str
    dataset: dict[str, Any]  # content of the dataset's dataset.json
    metrics: dict[str, Any]  # model -> Metrics, and "baselines": method -> Metrics
    other_assay_half_width_ln_um: NotRequired[float]  # joins that of a repeat in quadrature; older bundles lack it
    annotations: NotRequired[list[str]]  # sources of the tables of identifiers, and what was corrected

    format: NotRequired[int]
    models: NotRequired[dict[str, ModelCard]]
    files: NotRequired[dict[str, str]]  # path inside the bundle -> sha256
    content_hash: NotRequired[str]  # sha256 over all other fields
