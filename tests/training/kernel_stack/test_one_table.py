"""Data with one of the omics tables alone: a bundle of them answers for samples."""

from dataclasses import replace

import pytest

from client.bundle import open_bundle
from model.encoder_inputs import MODALITIES
from model.kernel_stack.config import KernelStackConfig
from training.data.folder import write_dataset
from training.export.bundle import export
from training.runs.folder import read_run
from training.runs.kernel_stack import train_kernel_stack_run
from training.sources.layouts.demo import demo_dataset


@pytest.mark.parametrize("table", MODALITIES)
def test_data_with_one_table_alone_train_and_place_samples_by_it(table, tmp_path):
    demo = demo_dataset(40, 8, 0)
    alone = replace(demo, **{m: None for m in MODALITIES if m != table})
    train_kernel_stack_run(write_dataset(alone, tmp_path / "data"), tmp_path / "run", KernelStackConfig(), 0)
    export(read_run(tmp_path / "run"), tmp_path / "bundle", "alone", {}, "")
    lines = getattr(demo, table)
    with open_bundle(tmp_path / "bundle") as service:
        drug = service.rank(lines.index[0], 1).drugs[0].drug.id
        for name in lines.index[:3]:
            sample = {table: {gene: float(value) for gene, value in lines.loc[name].items()}}
            (found,) = service.predict([("me", drug)], samples={"me": sample}).predictions
            assert found.nearest.cell_line.id == name
