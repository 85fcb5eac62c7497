"""How often the service's intervals of ln IC50 hold what was measured, in each of the four cases.

    python -m benchmarks.intervals RESULTS BUNDLE

Reads the predictions of hgacl that `drp evaluate` left in RESULTS/cells, for every fold of LPO (known pairs), LCO, LDO
and LCDO, and puts the intervals of service.prediction.intervals around them.
Half-widths are the bundle's, σ of a drug the bundle's.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from service.prediction.intervals import IntervalWidths

CASES = {"LPO": (False, False), "LCO": (True, False), "LDO": (False, True), "LCDO": (True, True)}


def main() -> None:
    """Print coverage and mean width of each case."""
    results, bundle = map(Path, sys.argv[1:3])
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    card = manifest["models"]["hgacl"]
    spread = IntervalWidths.from_card(card, manifest["metrics"]["hgacl"])
    drugs = json.loads((bundle / "drugs.json").read_text(encoding="utf-8"))
    sd = {row["id"]: row["ln_ic50_sd"] for row in drugs}
    print(f"{'':6}{'coverage':>10}{'of folds':>16}{'width':>8}{'drugs < 50 %':>14}")
    for split, (line, drug) in CASES.items():
        folds, widths, drug_wise = [], [], []
        for path in sorted((results / "cells").glob(f"hgacl-{split}-*-folds0-seed0.parquet")):
            table = pd.read_parquet(path)
            ids = table["drug_id"].astype(str)
            new = [np.full(len(table), flag) for flag in (line, drug)]
            half = spread.half_width(ids.map(sd).to_numpy(np.float32), *new)
            inside = np.abs(table["ln_ic50"] - table["predicted_ln_ic50"]) <= half
            folds.append(inside.mean())
            widths.append(2 * half.mean())
            drug_wise.append(inside.groupby(ids).mean())
        few = (pd.concat(drug_wise) < 0.5).mean()
        told = f"{min(folds):.3f}–{max(folds):.3f}"
        print(f"{split:6}{np.mean(folds):10.3f}{told:>16}{np.mean(widths):8.2f}{few:14.3f}")


if __name__ == "__main__":
    main()
