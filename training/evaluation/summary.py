"""Means over folds, in the form of the bundle's manifest."""

import pandas as pd
from scipy.stats import t as student

Summary = dict[str, dict[str, dict[str, dict[str, object]]]]


def summarise(table: pd.DataFrame, protocol: str = "folds") -> Summary:
    """`metrics.<method>.<split>.<metric> = {mean, sd, ci, folds}` of the tidy table of an evaluation.

    It reads the pooled metrics of cells whose features were not permuted; of each split, those of the lowest seed,
    fold seed and number of folds. `ci` is the 95 % t-interval of the mean over folds. Folds share training pairs, so
    it is somewhat too narrow.
    """
    chosen = table[(table["level"] == "pooled") & (table["shuffle"] == "none") & (table["protocol"] == protocol)]
    chosen = chosen[chosen["value"].notna()]
    for number in ("seed", "split_seed", "folds"):  # folds of two kinds share test pairs: never one mean of both
        chosen = chosen[chosen[number] == chosen.groupby("split")[number].transform("min")]
    out: Summary = {}
    for (method, split, metric), rows in chosen.groupby(["method", "split", "metric"], sort=True):
        out.setdefault(str(method), {}).setdefault(str(split), {})[str(metric)] = _mean_over_folds(rows["value"])
    return out


def _mean_over_folds(metric: "pd.Series[float]") -> dict[str, object]:
    values = metric.to_numpy(float)
    mean, n = float(values.mean()), len(values)
    if n == 1:
        return {"mean": mean, "sd": None, "ci": None, "folds": n}
    sd = float(values.std(ddof=1))
    half = float(student.ppf(0.975, n - 1)) * sd / n**0.5
    return {"mean": mean, "sd": sd, "ci": [mean - half, mean + half], "folds": n}
