"""ssGSEA as three products of matrices is ssGSEA as gseapy walks it."""

import logging
import warnings

import numpy as np
import pandas as pd
import pytest

from training.pathways.activity import enrichment_scores, set_members, ssgsea


def test_scores_are_those_of_gseapy() -> None:
    rng = np.random.default_rng(0)
    genes = [f"G{i}" for i in range(300)]
    expression = pd.DataFrame(rng.normal(size=(8, 300)), [f"L{i}" for i in range(8)], genes)
    sets = {f"set {i}": frozenset(rng.choice(genes, size, replace=False)) for i, size in enumerate((12, 40, 150))}
    ours = ssgsea(expression, sets)
    theirs = scored_by_gseapy(expression, sets)
    np.testing.assert_allclose(ours, theirs.loc[ours.index, ours.columns], atol=1e-12)


def test_a_score_by_hand() -> None:
    # The members hold ranks 4 and 1 of 4: weights 4^¼ and 1; hits (4·4^¼ + 1) / (4^¼ + 1), misses (3 + 2) / 2.
    score = enrichment_scores(np.array([[9.0, 5, 2, 1]]), np.array([[1.0], [0], [0], [1]]))
    assert score[0, 0] == pytest.approx(((4 * 2**0.5 + 1) / (2**0.5 + 1) - 2.5) / 4)


def test_genes_with_equal_values_may_stand_in_any_order() -> None:
    values = np.random.default_rng(1).integers(0, 3, size=(5, 60)).astype(float)
    members = set_members({"a": frozenset(["g1", "g5", "g7"])}, [f"g{i}" for i in range(60)])
    order = np.random.default_rng(2).permutation(60)
    np.testing.assert_allclose(
        enrichment_scores(values, members), enrichment_scores(values[:, order], members[order]), rtol=1e-12
    )


def scored_by_gseapy(expression, sets):
    import gseapy

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas, about how gseapy fills its tables
        found = gseapy.ssgsea(
            data=expression.T,
            gene_sets={name: sorted(genes) for name, genes in sets.items()},
            sample_norm_method="rank",
            correl_norm_type="rank",
            weight=0.25,
            min_size=1,
            max_size=500,
            outdir=None,
            no_plot=True,
            threads=1,
        )
    logging.getLogger("gseapy").handlers.clear()
    table = found.res2d.astype({"ES": float}).pivot_table(index="Name", columns="Term", values="ES")
    return table / expression.shape[1]
