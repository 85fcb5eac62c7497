"""One space for all tables of a line."""

import torch
from torch.testing import assert_close

from model.hgacl.shared_embedding import SharedEmbedding


def test_a_lines_embedding_is_the_mean_over_the_modalities_it_has(population):
    embedding = SharedEmbedding([4, 3, 2], 881, 6)
    shared, drugs = embedding(population)
    for line in range(8):
        parts = [embedding.modality[m](population.features[m][line]) for m in range(3) if population.has[line, m]]
        assert_close(shared[line], torch.stack(parts).mean(0))
    assert_close(drugs, population.fingerprints @ embedding.drug.weight.T + embedding.drug.bias)
