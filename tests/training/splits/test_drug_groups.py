"""Drugs of one scaffold or cluster are left out together."""

from dataclasses import replace

import numpy as np
import pytest

from training.splits.drug_groups import DrugGroups, regrouped, similarity
from training.splits.splits import SplitName, make_split

SMILES = [
    *("Cc1ccccc1", "CCc1ccccc1", "Oc1ccccc1"),  # benzene
    *("CC1CCNCC1", "OC1CCNCC1"),  # piperidine
    *("CCO", "CCCCCCCCCCCC(=O)O", ""),  # no ring, none at all
    *("c1ccc2[nH]ccc2c1", "Cc1ccc2[nH]ccc2c1", "c1ccsc1", "not a SMILES"),
]


@pytest.fixture
def drugs(arrays):
    return replace(arrays, smiles=SMILES)


def test_scaffolds_join_what_shares_rings_and_nothing_else(drugs):
    groups = regrouped(drugs, DrugGroups.SCAFFOLD).drug_groups
    assert groups[0] == groups[1] == groups[2] != groups[3] == groups[4]
    assert groups[8] == groups[9]
    assert len(set(groups[5:8] + groups[8:9] + groups[10:])) == 6
    assert regrouped(drugs, DrugGroups.CONNECTIVITY) is drugs


def test_clusters_join_what_is_alike(drugs):
    groups = regrouped(drugs, DrugGroups.CLUSTER).drug_groups
    assert groups[8] == groups[9]
    assert len(set(groups[5:8] + groups[10:])) == 5


def test_similarity_by_hand():
    bits = np.array([[1.0, 1, 0], [1, 0, 0], [0, 0, 0]])
    np.testing.assert_allclose(similarity(bits, bits), [[1, 0.5, 0], [0.5, 1, 0], [0, 0, 0]])


def test_a_further_drug_of_a_group_that_is_left_out_trains_nothing(drugs):
    more = regrouped(replace(drugs, further_drug_ids=frozenset([drugs.drug_ids[2]])), DrugGroups.SCAFFOLD)
    seen = set()
    for fold in range(5):
        split = make_split(more, SplitName.LDO, fold)
        together = [bool(split.train[:, drug].any()) for drug in range(3)]
        assert len(set(together)) == 1
        assert not (split.test | split.validation)[:, 2].any()
        seen.add(together[0])
    assert seen == {True, False}
