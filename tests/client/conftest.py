import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from client.bundle import open_bundle

BUNDLE = Path(__file__).parents[2] / "bundles" / "gdsc"


@pytest.fixture(scope="session")
def client():
    """A client of the bundle that is served by default."""
    with open_bundle(BUNDLE) as client:
        yield client


@pytest.fixture(scope="session")
def expression():
    """Five samples × the model's genes, in log2(TPM+1)."""
    manifest = json.loads((BUNDLE / "manifest.json").read_bytes())
    model = manifest["default_model"]
    mean = load_file(BUNDLE / model / "population.safetensors")["expression_mean"]
    genes = manifest["models"][model]["inductive"]["genes"]["expression"]
    noise = np.random.default_rng(4).normal(0, 0.8, (5, len(genes)))
    return pd.DataFrame(np.maximum(mean + noise, 0).round(3), [f"s{i}" for i in range(5)], genes)
