"""ssGSEA pathway activity of cell lines, by gseapy (Barbie 2009; the enrichment score of each sample by itself)."""

import logging
import warnings

import numpy as np
import pandas as pd

from training.pathways.gene_sets import GeneSets

FEWEST_GENES, MOST_GENES = 10, 500
SHARE_PRESENT = 0.5  # of a set's genes that the expression table must have


def scorable_sets(sets: GeneSets, genes: list[str]) -> GeneSets:
    """Sets of FEWEST_GENES to MOST_GENES genes of which at least SHARE_PRESENT are measured."""
    measured = set(genes)
    return {
        name: members & measured
        for name, members in sets.items()
        if FEWEST_GENES <= len(members) <= MOST_GENES
        and len(members & measured) >= max(FEWEST_GENES, SHARE_PRESENT * len(members))
    }


def ssgsea(expression: pd.DataFrame, sets: GeneSets) -> pd.DataFrame:
    """Enrichment scores divided by the number of genes, between −1 and 1; a line's depend on that line alone.

    `expression` is lines × genes in any monotone unit, because genes are ranked within the line; weight 0.25. Scores
    are not standardised: training does that on its own training lines. Raises ValueError where no set can be scored or
    a value is missing. Shapes: (n, genes) -> (n, scorable sets).
    """
    if expression.isna().to_numpy().any():
        line = expression.index[expression.isna().any(axis=1)][0]
        raise ValueError(f"expression of line {line!r} has missing values; leave the line or the genes out")
    usable = scorable_sets(sets, list(expression.columns))
    if not usable:
        raise ValueError(f"none of {len(sets)} gene sets has {FEWEST_GENES} measured genes; give more genes or sets")
    import gseapy

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas, about how gseapy fills its tables
        result = gseapy.ssgsea(
            data=expression.T,
            gene_sets={name: sorted(genes) for name, genes in usable.items()},
            sample_norm_method="rank",
            correl_norm_type="rank",
            weight=0.25,
            min_size=FEWEST_GENES,
            max_size=MOST_GENES,
            outdir=None,
            no_plot=True,
            threads=1,
        )
    logging.getLogger("gseapy").handlers.clear()
    table = result.res2d.astype({"ES": np.float64}).pivot_table(index="Name", columns="Term", values="ES")
    scores: pd.DataFrame = table.reindex(index=expression.index, columns=list(usable)) / expression.shape[1]
    return scores.rename_axis(index=None, columns=None)
