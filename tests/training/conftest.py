"""Data small enough to check on paper: a canonical dataset, and a folder in the raw HGACL layout."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from model.hgacl.config import HgaclConfig
from tests.helpers import graph_making
from tests.helpers.made_once import made_once
from tests.helpers.results_folder import write_results
from training.data.arrays import Arrays, align
from training.data.content_hash import content_hash
from training.data.folder import write_dataset
from training.data.schema import CELL_LINE_COLUMNS, DRUG_COLUMNS, Dataset
from training.runs.hgacl import train_run
from training.splits.splits import Split, SplitName, make_split

# Threads of torch spin while they wait: on cores that others use too, two threads are a hundred times slower than one.
torch.set_num_threads(1)


def text_rows(columns: tuple[str, ...], rows: list[dict]) -> pd.DataFrame:
    lists = {"synonyms": [], "targets": [], "gdsc_drug_ids": []}
    full = [{column: lists.get(column) for column in columns} | row for row in rows]
    return pd.DataFrame(full, columns=list(columns))


@pytest.fixture
def tiny() -> Dataset:
    """Three lines, two drugs, four measured pairs; line 20 has no expression, line 100 no copy number."""
    lines = [("100", "HCC-1", "lung"), ("3", "MV-4", None), ("20", "SK 5", "skin")]
    drugs = [("7", "Erlotinib", "AAAAAAAAAAAAAA-X-N", 2.0), ("5", "Axitinib", "BBBBBBBBBBBBBB-X-N", 0.0)]
    pairs = [("3", "5", -1.0, 1), ("3", "7", 1.0, 1), ("20", "5", 1.0, 0), ("100", "7", 3.0, 0)]
    bits = np.zeros((2, 881), np.uint8)
    bits[0, 0] = bits[1, 880] = 1
    return Dataset(
        cell_lines=text_rows(
            CELL_LINE_COLUMNS, [{"id": i, "name": n, "cosmic_id": i, "tissue": t} for i, n, t in lines]
        ).astype({"tissue": "str"}),
        drugs=text_rows(
            DRUG_COLUMNS,
            [{"id": i, "name": n, "pubchem_cid": i, "inchikey": k, "threshold_ln_um": t} for i, n, k, t in drugs],
        ),
        response=pd.DataFrame(pairs, columns=["cell_line_id", "drug_id", "ln_ic50", "sensitive"])
        .assign(source="GDSC")
        .astype({"ln_ic50": np.float32, "sensitive": np.uint8}),
        expression=pd.DataFrame([[1.5, 0.0], [2.5, 4.0]], ["100", "3"], ["TP53", "KRAS"], np.float32),
        copy_number=pd.DataFrame([[-0.5, 1.0], [0.5, 0.0]], ["3", "20"], ["TP53", "EGFR"], np.float32),
        mutation=pd.DataFrame([[0, 1], [1, 0], [1, 1]], ["3", "20", "100"], ["TP53", "KRAS"], np.uint8),
        drug_fingerprints=pd.DataFrame(bits, ["5", "7"], [f"b{i}" for i in range(881)]),
        info={"name": "tiny", "expression_platform": "rnaseq_log2_tpm1"},
    )


@pytest.fixture
def raw(tmp_path) -> Path:
    """Three lines × two drugs as HGACL publishes them, every trap of the layout included.

    Pairs: 3/5 sensitive, 3/7 sensitive, 20/5 resistant, 100/7 resistant; 20/7 and 100/5 were not measured.
    """
    folder = tmp_path / "raw"
    texts = {
        "cell_drug_common.csv": ",5,7\n3,-1.0,1.0\n20,1.0,\n100,,3.0\n",
        "cell_drug_common_binary.csv": ",5,7\n3,1.0,1.0\n20,0.0,0.0\n100,0.0,0.0\n",
        "null_mask.csv": ",5,7\n3,0,0\n20,0,1\n100,1,0\n",
        "threshold.csv": ",Threshold\n7,2.0\n5,0.0\n",  # not the order of the columns
        "drug_cid.csv": ",drug_name,cid\n1,Unused,9\n2,Erlotinib,7\n3,Axitinib,5\n",
        "cell_id_tag.csv": ",cosmic_id,assay_name\n100,100,A100\n3,3,A3\n20,20,A20\n",  # not the order of the rows
        "drug_feature.csv": "".join(fingerprint_lines({"5": [0, 880], "7": [1]})),
    }
    parts = {
        "cell_cna/cell_cna_dim_1_num_0.csv": ",1,2\n3,0.5,-1.0\n20,0.0,0.3\n100,,\n",
        "cell_cna/cell_cna_dim_1_num_10.csv": ",11\n20,0.1\n3,0.2\n100,\n",  # after num_2, and rows in another order
        "cell_cna/cell_cna_dim_1_num_2.csv": ",9\n3,0.7\n20,0.8\n100,\n",
        "cell_mutation/cell_mutation_dim_1_num_0.csv": ",1,2\n3,-0.05,1.0\n20,0.0,0.0\n100,0.1,0.0\n",
    }
    for name in ("cell_cna", "cell_mutation"):
        (folder / name).mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text)
    for name, text in parts.items():
        with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(Path(name).name, text)
    return folder


def fingerprint_lines(bits: dict[str, list[int]]) -> list[str]:
    """drug_feature.csv: 881 as 32 bits, big end first, then the bits, then 7 zeros."""
    lines = ["," + ",".join(str(i) for i in range(920)) + "\n"]
    for drug, ones in bits.items():
        row = [int(bit) for bit in f"{881:032b}"] + [0] * 888
        for one in ones:
            row[32 + one] = 1
        lines.append(drug + "," + ",".join(map(str, row)) + "\n")
    return lines


@pytest.fixture(scope="session")
def planted() -> Dataset:
    """100 lines × 12 drugs; ln IC50 = μ_d + b_d · pathway_c + noise, and a line's pathway stands in 20 of 40 genes.

    Slopes b_d have both signs, so that a line's mean says nothing and only its features tell which drug fits it. Every
    tenth line has no expression, every seventh no copy number; a tenth of the pairs was not measured.
    """
    rng = np.random.default_rng(7)
    n, m, genes = 100, 12, 40
    lines, drugs = [str(900 + i) for i in range(n)], [str(10 + i) for i in range(m)]
    pathway = rng.normal(size=n)
    loading = np.r_[rng.choice([-1.0, 1.0], 20), np.zeros(20)]
    expression = 6 + pathway[:, None] * loading + 0.5 * rng.normal(size=(n, genes))
    slope = 1.5 * np.where(np.arange(m) % 2 == 0, 1, -1) * rng.uniform(0.7, 1.3, m)
    mean = rng.normal(0, 1.5, m)
    ln_ic50 = (mean + pathway[:, None] * slope + 0.5 * rng.normal(size=(n, m))).astype(np.float32)
    threshold = np.quantile(ln_ic50, 0.4, axis=0)
    row, column = np.nonzero(rng.random((n, m)) < 0.9)
    measured = ln_ic50[row, column]
    response = pd.DataFrame({"cell_line_id": np.array(lines)[row], "drug_id": np.array(drugs)[column]}).assign(
        ln_ic50=measured, sensitive=(measured < threshold[column]).astype(np.uint8), source="GDSC"
    )
    mutation = (rng.random((n, 30)) < 0.2).astype(np.uint8)
    mutation[:, 0] = pathway > 0
    bits = (rng.random((m, 881)) < 0.1).astype(np.uint8)
    bits[::2, :40] = 1
    genes_of = [f"G{i}" for i in range(genes)]
    has_expression, has_copy_number = np.arange(n) % 10 != 0, np.arange(n) % 7 != 0
    copy_number = 0.3 * rng.normal(size=(n, 25))
    letters = "ABCDEFGHIJKL"
    dataset = Dataset(
        cell_lines=text_rows(
            CELL_LINE_COLUMNS,
            [
                {
                    "id": i,
                    "name": f"LINE{i}",
                    "cosmic_id": i,
                    "tissue": f"tissue {int(i) % 4}",
                    "medium": "RD"[int(i) % 2],
                }
                for i in lines
            ],
        ),
        drugs=text_rows(
            DRUG_COLUMNS,
            [
                {
                    "id": i,
                    "name": f"Drug{i}",
                    "pubchem_cid": i,
                    "inchikey": f"{a * 14}-X-N",
                    "threshold_ln_um": float(t),
                }
                for i, a, t in zip(drugs, letters, threshold, strict=True)
            ],
        ),
        response=response,
        expression=pd.DataFrame(expression.clip(0), lines, genes_of).astype(np.float32)[has_expression],
        copy_number=pd.DataFrame(copy_number, lines, [f"C{i}" for i in range(25)]).astype(np.float32)[has_copy_number],
        mutation=pd.DataFrame(mutation, lines, [f"M{i}" for i in range(30)]),
        drug_fingerprints=pd.DataFrame(bits, drugs, [f"b{i}" for i in range(881)]),
        info={"name": "planted", "expression_platform": "rnaseq_log2_tpm1"},
    )
    return replace(dataset, info={**dataset.info, "content_hash": content_hash(dataset)})


@pytest.fixture(scope="session")
def arrays(planted) -> Arrays:
    """`planted` as training reads it."""
    return align(planted)


@pytest.fixture(scope="session")
def lpo(arrays) -> Split:
    """Pairs of `planted` held out."""
    return make_split(arrays, SplitName.LPO, 0)


@pytest.fixture(scope="session")
def lco(arrays) -> Split:
    """Lines of `planted` held out."""
    return make_split(arrays, SplitName.LCO, 0)


@pytest.fixture(scope="session")
def small() -> HgaclConfig:
    """The default network, narrow and short."""
    return HgaclConfig.named("default", **SMALL)


@pytest.fixture(scope="session")
def small_paper() -> HgaclConfig:
    """The paper's network, narrow and short."""
    return HgaclConfig.named(
        "paper", **{k: v for k, v in SMALL.items() if k not in ("factor_rank", "feature_components")}
    )


SMALL = {
    "shared_dim": 16,
    "hidden_dim": 16,
    "decoder_dim": 8,
    "feature_components": 8,
    "factor_rank": 4,
    "neighbours": 5,
    "epochs": 40,
    "patience": 40,
    "evaluate_every": 10,
    "learning_rate": 1e-2,
}


@pytest.fixture(scope="session")
def planted_folder(planted, tmp_path_factory) -> Path:
    """`planted` on disk."""
    folder = tmp_path_factory.mktemp("datasets") / "planted"
    write_dataset(planted, folder)
    return folder


@pytest.fixture(scope="session")
def run_folder(planted, small, tmp_path_factory) -> Path:
    """A finished run on `planted`. Do not change it: all tests of the session share it."""
    config = replace(small, epochs=4, evaluate_every=2)
    return made_once(tmp_path_factory, "planted_run", lambda folder: train_run(planted, folder, config, seed=0))


@pytest.fixture
def without_graphs():
    """Runs of this test place no new lines and drugs."""
    with graph_making.without_graphs():
        yield


@pytest.fixture
def line_graph_alone():
    """What is fitted in this test has a graph of new lines; that of new drugs is no graph."""
    with graph_making.one_drug_graph(b"no graph"):
        yield


@pytest.fixture(scope="session")
def results(tmp_path_factory) -> Path:
    """Made-up results with everything a report shows. Do not change it: all tests of the session share it."""
    folder = tmp_path_factory.mktemp("results") / "made_up"
    write_results(folder)
    return folder


@pytest.fixture(scope="session")
def lean(tmp_path_factory) -> Path:
    """Results of two methods, one split, two folds, nothing optional. Do not change it."""
    folder = tmp_path_factory.mktemp("results") / "lean"
    write_results(folder, splits=("LCO",), methods=("hgacl", "als_ln_ic50"), extras=False, folds=2)
    return folder
