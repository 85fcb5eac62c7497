"""The page of `drp clinical survival`."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from training.clinical.associations import FDR, PATHWAY
from training.clinical.clinical_table import ENDPOINTS
from training.clinical.page import signal_figures, survival_figures
from training.clinical.survival import Study
from training.page.parts import Drawing, Entry, Section, TableView
from training.page.writing import write_page

PAGE = "clinical.html"
TITLE = "Pathway signals and survival"
MOST_ROWS = 20


def write_study_page(study: Study, out: Path) -> list[Section]:
    """Write `out`/clinical.html with figures and tables beside it. Raises PageError."""
    info = study.folder.info
    facts = {
        "patients": f"{info['patients']:,}",
        "cohorts": list(info["cohorts"].items()),
        "genes": f"{info['genes']:,}",
        "least": f"{info['least_coverage']:.0%}",
        "model": info["model"],
        "bundle": info.get("bundle", ""),
        "in_domain": f"{info.get('in_domain', 0):.0%}",
    }
    return write_page(out / PAGE, "training.clinical.page", lambda: sections(study), TITLE, facts)


def sections(study: Study) -> list[Section]:
    """All sections in reading order; those without data say what adds them."""
    ends = [end for end in ENDPOINTS if end in set(study.cox["endpoint"])]
    chance: list[Drawing | TableView] = [*survival_figures.against_chance(study), chance_view(study)]
    command = "drp clinical survival"
    agreement: list[Drawing | TableView] = [*signal_figures.lines_and_tumours(study), *signs(study)]
    coverage = [*survival_figures.coverage_map(study), *signal_figures.hidden(study)]
    return [
        _section("chance", "Do pathways say more than chance?", chance),
        _section("maps", "Cohorts and pathways", _by_end(survival_figures.heat_map, study, ends)),
        _section("pooled", "Pooled over cohorts", _by_end(survival_figures.pooled_forest, study, ends)),
        _section("curves", "Survival curves", _by_end(survival_figures.survival_curves, study, ends)),
        _section("leading", "Leading associations", [leading_table(study), refused_table(study)]),
        _section("drugs", "Predicted sensitivity", drug_tables(study), "drp clinical cohort --bundle BUNDLE"),
        _section(
            "signals", "Signals of lines", signal_figures.model_and_measured(study), f"{command} --signals FOLDER"
        ),
        _section("agreement", "Do lines and tumours agree?", agreement, "drp clinical cohort --dataset DATASET"),
        _section("coverage", "Genes that are not known", coverage),
        _section("treated", "Treated patients", signal_figures.treated(study), f"{command} --responses FILE"),
    ]


def _by_end(draw: Callable[[Study, str], list[Drawing]], study: Study, ends: list[str]) -> list[Drawing]:
    return [drawing for end in ends for drawing in draw(study, end)]


def _section(anchor: str, title: str, parts: Sequence[Drawing | TableView], missing: str = "") -> Section:
    return Section(anchor, title, "", missing, list(parts))


def _view(
    name: str, title: str, caption: str, data: pd.DataFrame, header: dict[str, tuple[str, str]], names: int
) -> TableView:
    """A table of some columns: column → heading and format."""
    rows = [
        [Entry(_text(row[column], form)) for column, (_, form) in header.items()] for row in data.to_dict("records")
    ]
    return TableView(name, title, caption, [heading for heading, _ in header.values()], rows, data, names=names)


def _text(value: object, form: str) -> str:
    if isinstance(value, float) and value != value:
        return "–"
    return format(int(str(value).partition(".")[0]) if form == "d" else value, form)


def chance_view(study: Study) -> TableView:
    """Observed counts beside the nulls'."""
    data = study.chance[study.chance["figure"].isin(["all over", "pooled"])]
    header = {
        "kind": ("of", ""),
        "endpoint": ("end point", ""),
        "figure": ("tests", ""),
        "null": ("null", ""),
        "observed": ("found", "d"),
        "mean": ("null, mean", ".1f"),
        "low": ("2.5 %", ".0f"),
        "high": ("97.5 %", ".0f"),
        "p": ("p", ".3f"),
    }
    caption = (
        "Tests with an FDR under .05: over all cohorts and variables, and of the pooled means. p: share of the "
        "null's draws that have as many."
    )
    return _view("chance", "Counts", caption, data, header, 4)


LEADING = {
    "cohort": ("cohort", ""),
    "endpoint": ("end point", ""),
    "variable": ("pathway", ""),
    "patients": ("patients", "d"),
    "events": ("events", "d"),
    "hr": ("HR", ".2f"),
    "low": ("low", ".2f"),
    "high": ("high", ".2f"),
    "q_over": ("q", ".1e"),
    "q_random": ("q beyond random", ".2g"),
    "hazards_p": ("p hazards", ".2g"),
    "concordance": ("concordance", ".3f"),
    "concordance_gain": ("gain", "+.3f"),
    "median_p": ("log-rank, median", ".1e"),
    "tertile_p": ("tertiles", ".1e"),
}


def leading_table(study: Study) -> TableView:
    """Pathways under the FDR that say most beyond random sets."""
    data = study.beyond[study.beyond["q_over"] < FDR].sort_values("p_random").head(MOST_ROWS)
    caption = (
        f"At most {MOST_ROWS} cohorts and pathways with q under .05, by what they say beyond random sets. HR for one "
        "standard deviation more activity; p hazards under .05: the effect changes with time; gain: concordance "
        "beyond the covariates'."
    )
    return _view("leading", "Pathways under the FDR", caption, data, LEADING, 3)


def refused_table(study: Study) -> TableView:
    """Cohorts and end points without a Cox model."""
    data = pd.DataFrame([vars(one) for one in study.refused], columns=["cohort", "endpoint", "reason"])
    header = {"cohort": ("cohort", ""), "endpoint": ("end point", ""), "reason": ("why there is no Cox model", "")}
    return _view("refused", "Not tested", "Every other cohort and end point was.", data, header, 3)


def drug_tables(study: Study) -> list[TableView]:
    """Drugs whose predicted sensitivity goes with survival, pooled over cohorts."""
    rows = study.meta[(study.meta["kind"] != PATHWAY) & study.meta["p"].notna()]
    if rows.empty:
        return []
    data = rows.sort_values("p").head(MOST_ROWS).assign(name=lambda t: t["variable"].map(study.name))
    header = {
        "endpoint": ("end point", ""),
        "name": ("drug", ""),
        "cohorts": ("cohorts", "d"),
        "hr": ("HR", ".2f"),
        "low": ("low", ".2f"),
        "high": ("high", ".2f"),
        "p": ("p", ".1e"),
        "q": ("q", ".2g"),
        "i2": ("I²", ".0%"),
    }
    caption = (
        "Hazard ratio for one standard deviation more predicted sensitivity (−ln IC50), pooled; the patients were "
        "not given these drugs. q over all drugs of an end point; the null of shuffled genes is among the counts "
        "above."
    )
    return [_view("drugs", "Drugs, pooled over cohorts", caption, data, header, 2)]


def signs(study: Study) -> list[TableView]:
    """Signs of signals in lines against signs of hazard ratios."""
    if study.signs.empty:
        return []
    header = {
        "signal": ("signal of lines", ""),
        "endpoint": ("end point", ""),
        "pathways": ("pathways", "d"),
        "spearman": ("ρ", "+.2f"),
        "p": ("p", ".3f"),
        "opposite_signs": ("expected sign", ".0%"),
    }
    caption = (
        "Mean signal of a pathway over drugs against its pooled log hazard ratio. If pathways of sensitive lines "
        "were those of patients who live longer, ρ would be negative and most signs as expected; chance is half."
    )
    return [_view("signs", "Signs in lines and in survival", caption, study.signs, header, 2)]
