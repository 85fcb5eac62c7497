"""What both configurations owe to who reads or lists them."""

from dataclasses import fields

import pytest

from model.dim2.config import Dim2Config
from model.hgacl.config import HgaclConfig


@pytest.mark.parametrize("config", [HgaclConfig, Dim2Config])
def test_every_setting_says_in_one_sentence_what_it_sets(config):
    sentences = config.sentences()
    assert list(sentences) == [field.name for field in fields(config)]
    for name, sentence in sentences.items():
        assert sentence[0].isupper(), name
        assert sentence.endswith("."), name
        assert 10 < len(sentence) < 100, name
