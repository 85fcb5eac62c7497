"""The same compounds come out of every format, in chunks, and a file that is none is refused with a reason."""

import gzip

import numpy as np
import pytest
from arro3.core import Array, DataType, Table
from arro3.io import write_parquet
from rdkit import Chem

from screening.job import ScreenError
from screening.library import open_library
from screening.tables import read_table

ROWS = [("CCO", "ethanol"), ("CC(=O)O", "acid"), ("c1ccccc1N", "aniline"), ("CCCCN", "amine"), ("CCS", "thiol")]


def smi(path):
    path.write_text("".join(f"{smiles} {name}\n" for smiles, name in ROWS), encoding="utf-8")


def table(path):
    path.write_text("\n".join(["name,smiles,mw", *(f"{name},{smiles},1" for smiles, name in ROWS)]), encoding="utf-8")


def packed(path):
    path.write_bytes(gzip.compress("".join(f"{smiles}\t{name}\n" for smiles, name in ROWS).encode()))


def sdf(path):
    with Chem.SDWriter(str(path)) as writer:
        for smiles, name in ROWS:
            compound = Chem.MolFromSmiles(smiles)
            compound.SetProp("_Name", name)
            writer.write(compound)


def parquet(path):
    smiles, names = (Array(list(column), type=DataType.utf8()) for column in zip(*ROWS, strict=True))
    write_parquet(Table.from_pydict({"smiles": smiles, "name": names, "mw": Array(np.ones(5))}), path)


@pytest.mark.parametrize("write", [smi, table, packed, sdf, parquet])
def test_every_format_gives_the_same_answer(write, tmp_path, screened):
    library = tmp_path / f"library.{write.__name__}"
    write(library)
    with open_library(library) as opened:
        chunks = list(opened.chunks(2))
        assert opened.share_read() in (1, None)
    assert [[row.name for row in chunk.rows] for chunk in chunks] == [
        ["ethanol", "acid"],
        ["aniline", "amine"],
        ["thiol"],
    ]
    assert [row.number for chunk in chunks for row in chunk.rows] == [0, 1, 2, 3, 4]
    smi(tmp_path / "plain.smi")
    answers = []
    for place, path in enumerate((tmp_path / "plain.smi", library)):
        screened(path, tmp_path / str(place))
        best = read_table((tmp_path / str(place) / "best.parquet").read_bytes())
        columns = ("cell_line", "compound", "score", "smiles")
        answers.append({name: np.asarray(best[name]).tolist() for name in columns})
    assert answers[0] == answers[1]


def test_a_library_that_changed_in_its_middle_has_another_fingerprint(tmp_path):
    library, prints = tmp_path / "large.smi", set()
    for middle in ("CCO", "CCN"):
        library.write_text("CCC a\n" * 200_000 + f"{middle} b\n" + "CCC c\n" * 200_000, encoding="utf-8")
        with open_library(library) as opened:
            prints.add(opened.fingerprint)
    assert len(prints) == 2


def test_what_is_no_library_is_refused_with_a_reason(tmp_path):
    with pytest.raises(ScreenError, match="cannot be read"), open_library(tmp_path / "none.smi"):
        pass
    (tmp_path / "empty.smi").write_bytes(b"")
    with pytest.raises(ScreenError, match="is empty"), open_library(tmp_path / "empty.smi"):
        pass
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(ScreenError, match=r"broken\.parquet"), open_library(tmp_path / "broken.parquet"):
        pass
    (tmp_path / "ragged.csv").write_text("smiles,name\nCC,a\nCCC,b\nC,c,d,e\n" + "CC,x\n" * 3, encoding="utf-8")
    with (
        pytest.raises(ScreenError, match="the library: row 4 has 4 cells"),
        open_library(tmp_path / "ragged.csv") as opened,
    ):
        list(opened.chunks(2))
