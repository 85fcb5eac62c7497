"""A model's card in prose, as Markdown: every figure and name in it comes from the bundle.

Headings are those of Hugging Face's model cards. The text has headings, paragraphs, lists and tables alone, so that
the page can show it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import exp
from typing import Any

from model.bundle.bundle import Bundle, ModelPart
from model.bundle.card import Case, Inductive

CASES = {"LPO": "known line and drug", "LCO": "new line", "LTO": "new tissue", "LDO": "new drug", "LCDO": "both new"}
MEASURES = {
    "auroc": "AUROC",
    "per_drug_auroc": "AUROC within a drug",
    "rmse": "RMSE, ln µM",
    "interval_coverage": "interval coverage",
}
FEW_LINES, FEW_DRUGS = 30, 10  # below these a tissue or a pathway is called thin
HALF_WIDTHS: dict[Case, str] = {
    "known": "known line and drug",
    "new_line": "new line",
    "new_drug": "new drug",
    "both": "both new",
}


def model_card_text(bundle: Bundle, name: str) -> str:
    """Card of the model `name`: use, limits, data and terms, evaluation, bias, environmental cost."""
    part = bundle.models[name]
    sections = {
        "Use": _use(bundle, part),
        "Limits": _limits(bundle, part),
        "Training data and terms": _data(bundle, part),
        "Evaluation": _evaluation(bundle, part),
        "Bias": _bias(bundle),
        "Environmental cost": _cost(part),
    }
    blocks = [f"# {name} in {bundle.version}"]
    for title, paragraphs in sections.items():
        blocks += [f"## {title}", *paragraphs]
    return "\n\n".join(blocks) + "\n"


def _use(bundle: Bundle, part: ModelPart) -> Iterator[str]:
    """What it predicts, and what it reads of a new sample."""
    regression = ", ln IC50 (µM) with its interval" if part.card.get("regression") else ""
    yield (
        "For research: it orders drugs for a cancer cell line or a sample, and lines for a drug or a compound, by the "
        f"probability of sensitivity{regression}."
    )
    training = part.card.get("training", {})
    if "addition_kept" in training:
        yield (
            "Its answer is the response offset, kernels and the drugs' covariance. DiM2-DRP's network "
            f"adds to known pairs alone, weighted {training['network_share']:.2f} by validation pairs."
        )
    config = part.card.get("config", {})
    if config.get("preset") == "paper":
        yield "Its settings are those of its paper: it is here to be compared with."
    elif config.get("offset") is False:
        yield "It is DiM2-DRP's network without the response offset, smaller than the paper's: to be compared with."
    inductive = part.card.get("inductive", {"none": "the bundle has no encoder for them"})
    if reason := inductive.get("none"):
        yield f"It answers for the bundle's own lines and drugs; new samples and compounds are refused: {reason}."
    else:
        yield _read_of_a_sample(inductive)
    others = sorted(bundle.models.keys() - {part.name})
    if others:
        yield f"The bundle also has {', '.join(others)}; {bundle.default_model} answers where none is named."


def _read_of_a_sample(inductive: Inductive) -> str:
    units = inductive.get("units", {})
    read = [
        f"{len(genes):,} genes of {_words(table)}{f' ({units[table]})' if table in units else ''}"
        for table, genes in inductive.get("genes", {}).items()
        if genes
    ]
    return f"Of a new sample it reads any of: {'; '.join(read)}; the tissue, cancer type and medium where given."


def _limits(bundle: Bundle, part: ModelPart) -> Iterator[str]:
    """What it must not be used for, and how wide its intervals are."""
    yield (
        "It must not guide the treatment of a patient, stand in for a measurement, or rank compounds by predicted "
        "potency. It describes cell lines in a dish: no dose, no body, no combination of drugs."
    )
    widths: Mapping[Case, float | None] = part.card.get("half_widths_sd", {})
    shown = [f"{text} {width:.2f}" for case, text in HALF_WIDTHS.items() if (width := widths.get(case)) is not None]
    regression = part.card.get("regression")
    if shown and regression:
        yield (
            f"Half-width of the {regression['coverage']:.0%} interval of ln IC50, in the drug's standard deviations, "
            f"where a drug has no width of its own: {', '.join(shown)}."
        )
    other = bundle.manifest.get("other_assay_half_width_ln_um")
    if regression and other:
        factor = exp(other)
        yield f"For another assay a further ±{other:g} ln µM, a factor of {factor:.0f}, joins in quadrature."
    inductive = part.card.get("inductive", {})
    if spread := inductive.get("threshold_sd_ln_um"):
        yield (
            f"The threshold of a new compound is itself predicted, with an error of {spread:.2f} ln µM, "
            f"a factor of {exp(spread):.1f}."
        )
    sets = [one for one in inductive.get("table_sets", ()) if "metrics" in one]
    if sets:
        yield _table(
            ["a new line known by", "AUROC within a drug"],
            ([", ".join(map(_words, one["tables"])), _figure(one["metrics"], "per_drug_auroc")] for one in sets),
        )


def _data(bundle: Bundle, part: ModelPart) -> Iterator[str]:
    """Source, sizes and terms."""
    data = bundle.manifest["dataset"]
    yield f"{data.get('source', 'No source stated')}."
    if counts := data.get("counts"):
        yield f"Counts: {', '.join(f'{_words(name)} {count:,}' for name, count in counts.items())}."
    if pairs := part.card.get("training", {}).get("pairs"):
        yield f"Trained on {pairs:,} pairs."
    if further := data.get("further_drugs"):
        yield f"Thresholds of {len(further)} drugs come from a rule, since none are published."
    if terms := data.get("terms"):
        yield "\n".join(f"- {one}" for one in terms)


def _evaluation(bundle: Bundle, part: ModelPart) -> Iterator[str]:
    """Figures by case and by tissue, of the manifest alone."""
    metrics = bundle.manifest["metrics"].get(part.name, {})
    measured_as = part.card.get("measured_as", part.name)
    if not metrics:
        yield "This bundle holds no measured figures; drp export --results FOLDER adds them."
        return
    yield "On pairs that training, the choice of the epoch and thresholds never saw; mean over folds ± deviation."
    if measured_as != part.name:
        yield f"The figures are those of {_words(measured_as)}, which stands for this model."
    measured = {text: metrics[split] for split, text in CASES.items() if split in metrics}
    shown = [key for key in MEASURES if any(key in of_case for of_case in measured.values())]
    rows = ([text, *(_figure(of_case, key) for key in shown)] for text, of_case in measured.items())
    yield _table(["case", *(MEASURES[key] for key in shown)], rows)
    tissues = part.card.get("tissues", {})
    for split, of_split in tissues.items():
        worst_first = sorted(of_split.items(), key=lambda item: item[1]["auroc"])
        rows = ([_words(tissue), f"{one['auroc']:.3f}", str(one["folds"])] for tissue, one in worst_first)
        yield f"By tissue, {CASES.get(split, split)}, the worst predicted first; pooled over drugs, mean over folds:"
        yield _table(["tissue", "AUROC", "folds"], rows)
    if not tissues:
        yield "Figures by tissue are not in this bundle; a new drp export --results FOLDER writes them."


def _bias(bundle: Bundle) -> Iterator[str]:
    """What the training data have little or nothing of."""
    tissues = Counter(_words(str(row.get("tissue") or "not stated")) for row in bundle.cell_lines)
    yield f"Tissues by their lines: {_counted(tissues)}."
    yield _thin("Tissues", tissues, FEW_LINES, "lines")
    pathways = Counter(str(row.get("pathway") or "not stated") for row in bundle.drugs)
    yield _thin("Pathways", pathways, FEW_DRUGS, "drugs")
    recorded = {key for row in bundle.cell_lines for key in row} & {"ancestry", "sex", "age"}
    if not recorded:
        yield (
            "The bundle records neither ancestry nor sex nor age of the donors: whether it predicts worse for some of "
            "them cannot be said from it, and no figure here speaks of them."
        )


def _cost(part: ModelPart) -> Iterator[str]:
    """Time of the training; energy was never measured."""
    training: Mapping[str, Any] = part.card.get("training", {})
    if "seconds" not in training:
        yield "The bundle does not say how long the training took."
        return
    yield (
        f"The served model trained for {_duration(training['seconds'])}. Neither its energy nor the machine is "
        "recorded, and the evaluation on all folds, which takes longer, is not counted."
    )
    if command := training.get("command"):
        yield f"The same again: {command}"


def _thin(what: str, counts: "Counter[str]", fewest: int, unit: str) -> str:
    thin = Counter({name: count for name, count in counts.items() if count < fewest})
    return f"{what} with fewer than {fewest} {unit}: {_counted(thin) or 'none'}."


def _counted(counts: "Counter[str]") -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _figure(metrics: dict[str, Any], key: str) -> str:
    if key not in metrics:
        return "–"
    spread = metrics[key].get("sd")
    return f"{metrics[key]['mean']:.3f}{'' if spread is None else f' ± {spread:.3f}'}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def _words(name: str) -> str:
    return name.replace("_", " ")
