import pandas as pd
import pytest

from training.clinical.tables import ClinicalError, read_expression

GOOD = {"who": ["a", "b"], "TP53": [1.5, 2.0], "EGFR": [0.0, -7.9]}


def written(tmp_path, suffix=".csv", **changes):
    path = tmp_path / f"expression{suffix}"
    table = pd.DataFrame({**GOOD, **changes})
    if suffix == ".parquet":
        table.to_parquet(path)
    else:
        table.to_csv(path, index=False, sep="," if suffix == ".csv" else "\t")
    return path


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
def test_the_first_column_holds_the_patients(tmp_path, suffix) -> None:
    table = read_expression(written(tmp_path, suffix))
    assert table.index.tolist() == ["a", "b"]
    assert table.columns.tolist() == ["TP53", "EGFR"]
    assert table.loc["b", "EGFR"] == -7.9


def test_columns_that_are_no_genes_are_left_out_by_name(tmp_path) -> None:
    path = written(tmp_path, kind=["x", "y"])
    with pytest.raises(ClinicalError, match=r"column 'kind' holds text .* leave it out with --not-gene kind"):
        read_expression(path)
    assert "kind" not in read_expression(path, ["kind"])
    with pytest.raises(ClinicalError, match="no column 'sort' to leave out"):
        read_expression(path, ["sort"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"who": ["a", "a"]}, "patient 'a' stands twice"),
        ({"TP53": [1.5, 20_000.0]}, "TP53 has 20,000, which is no log2 value and no z-score"),
    ],
)
def test_bad_expression_is_refused(tmp_path, changes, message) -> None:
    with pytest.raises(ClinicalError) as fault:
        read_expression(written(tmp_path, **changes))
    assert message in str(fault.value)


def test_a_file_that_is_no_table(tmp_path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"no parquet")
    with pytest.raises(ClinicalError, match="cannot be read"):
        read_expression(tmp_path / "x.parquet")
    with pytest.raises(ClinicalError, match="cannot be read"):
        read_expression(tmp_path / "missing.csv")
