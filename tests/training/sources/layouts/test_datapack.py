"""The data pack: what it brings beside the numbers, and what each expression option says of itself."""

import pandas as pd
import pytest

from training.data.schema import DatasetError
from training.sources.layouts.datapack import cell_lines, read_datapack, read_expression, split_names
from training.sources.parsing.matrices import gene_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("FGFR1, FGFR2", ["FGFR1", "FGFR2"]),
        ("CSF1R, KIT,  PDGFRA", ["CSF1R", "KIT", "PDGFRA"]),
        ("PI3K (class 1, 2), MTORC1", ["PI3K (class 1, 2)", "MTORC1"]),
        ("Cisplatin|cis-DDP; CDDP", ["Cisplatin", "cis-DDP", "CDDP"]),
        ("N,N-dimethyl", ["N,N-dimethyl"]),
        (None, []),
    ],
)
def test_lists_of_names_are_split_where_a_reader_would(text, names):
    assert split_names(text) == names


def test_a_gene_without_a_symbol_of_its_own_keeps_its_entrez_id():
    genes = pd.DataFrame({"symbol": ["TP53", "X", "X", None]}, index=[7157, 1, 2, 3])
    assert gene_names(genes) == {"7157": "TP53", "1": "1", "2": "2", "3": "3"}


def test_every_missing_file_is_named(tmp_path):
    with pytest.raises(DatasetError) as fault:
        read_datapack(tmp_path, "array")
    named = {problem.file for problem in fault.value.problems}
    assert {"cell_lines.parquet", "thresholds.parquet", "expression.parquet"} <= named
    assert "expression_rnaseq.parquet" not in named


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (pd.DataFrame({"TP53": [1.0, 2.0]}, index=[3, 3]), "expression_rnaseq.parquet: row 3: this id stands twice"),
        (None, "expression_rnaseq.parquet: not a Parquet table"),
    ],
)
def test_a_damaged_table_is_named(tmp_path, table, says):
    path = tmp_path / "expression_rnaseq.parquet"
    path.write_text("PAR1") if table is None else table.to_parquet(path)
    with pytest.raises(DatasetError) as fault:
        read_expression(tmp_path, "rnaseq", [])
    assert says in str(fault.value)


def test_a_missing_column_is_named(tmp_path):
    pd.DataFrame({"cosmic_id": [3]}).to_parquet(tmp_path / "cell_lines.parquet")
    with pytest.raises(DatasetError, match=r"cell_lines.parquet: column in_hgacl_962: this column is missing"):
        cell_lines(tmp_path, [])


def test_lines_and_drugs_carry_names_and_authority_ids(gdsc_dataset):
    line = gdsc_dataset.cell_lines.set_index("id").loc["905949"]
    assert (line["name"], line["depmap_id"], line["cellosaurus_id"]) == ("A549", "ACH-000681", "CVCL_0023")
    assert line["medium"] in set(gdsc_dataset.cell_lines["medium"].dropna()) == {"R", "D/F12", "R+10", "D/F12+10", "H"}
    drug = gdsc_dataset.drugs.set_index("id").loc["176870"]
    assert drug["name"] == "Erlotinib"
    assert drug["targets"] == ["EGFR"]
    assert drug["smiles"].startswith("COCCOC1=C(")
    assert "Tarceva" in drug["synonyms"]
    assert drug["threshold_ln_um"] == pytest.approx(1.5671)
    assert gdsc_dataset.drugs["name"].is_unique


def test_lines_without_copy_number_are_left_out_and_noted(gdsc_dataset):
    gone = {"1240149", "1240157", "1240158", "1240220", "1298218"}
    assert gone.isdisjoint(gdsc_dataset.copy_number.index)
    note = next(note for note in gdsc_dataset.info["notes"] if note.startswith("copy_number"))
    assert all(line in note for line in gone)


def test_feature_names_are_unique_and_mutations_are_bits(gdsc_dataset):
    assert gdsc_dataset.copy_number.columns.is_unique
    assert "7211" in gdsc_dataset.copy_number.columns  # this gene has no symbol
    assert int(gdsc_dataset.mutation.to_numpy().sum()) == 417_175


@pytest.mark.parametrize(
    ("option", "shape", "notes"),
    [("rnaseq", (654, 687), 1), ("array", (799, 656), 2), ("combined", (860, 634), 3)],
)
def test_array_expression_states_its_terms_and_its_doubtful_lines(data_root, option, shape, notes):
    said: list[str] = []
    table = read_expression(data_root / "gdsc", option, said)
    assert table.shape == shape
    assert len(said) == notes
    assert said[-1].startswith("corrected: expression of 930299") == (option != "array")
    if notes > 1:
        assert "non-commercial" in said[0]
        assert "905947 786-0" in said[1]
        assert said[1].count(",") == 9  # ten lines
