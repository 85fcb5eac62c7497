"""Names of targets as gene symbols."""

import re

import pytest

from model.targets import GENES, own_pathway, target_genes


@pytest.mark.parametrize(
    ("names", "genes"),
    [
        (["VEGFR2", "KDR"], ["KDR"]),
        (["PI3K (class 1)", "MTORC1", "MTORC2"], ["MTOR", "PIK3CA", "PIK3CB", "PIK3CD", "PIK3CG"]),
        (["mek1", " MEK2 "], ["MAP2K1", "MAP2K2"]),
        (["CDK1,CDK2,CDK5,CDK7,CDK9"], ["CDK1", "CDK2", "CDK5", "CDK7", "CDK9"]),
        (["HDAC inhibitor Class I", "IIb"], ["HDAC1", "HDAC10", "HDAC2", "HDAC3", "HDAC6", "HDAC8"]),
        (["DNA crosslinker", "dsDNA break induction"], ["DNA-damage"]),
        (["Biguanide agent", "EGFR"], ["Biguanide agent", "EGFR"]),
        (["others", "not defined"], []),
        ([], []),
    ],
)
def test_families_synonyms_and_mechanisms(names, genes):
    assert target_genes(names) == genes


def test_every_name_stands_once_and_leads_to_symbols_that_lead_no_further():
    entries = [entry.rpartition(":") for line in GENES.strip().splitlines() for entry in line.split(" | ")]
    names = [name.strip().casefold() for name, _, _ in entries]
    assert len(names) == len(set(names)) > 150
    for _, _, genes in entries:
        for gene in genes.split():
            assert re.fullmatch(r"[A-Z0-9]+|DNA-damage|antimetabolite|metabolism", gene)
            assert target_genes([gene]) == [gene]


def test_a_group_of_unrelated_drugs_is_no_pathway():
    assert [own_pathway(name) for name in ("Other", "Other, kinases", "Unclassified", "")] == [
        "",
        "Other, kinases",
        "",
        "",
    ]
