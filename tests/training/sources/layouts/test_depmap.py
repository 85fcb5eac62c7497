"""DepMap's published tables: both layouts, units, variants, and faults that are named by line."""

import numpy as np
import pytest

from tests.helpers.published_tables import write_depmap
from training.data.schema import DatasetError
from training.sources.layouts.depmap import read_depmap
from training.sources.options import Options
from training.sources.parsing.units import to_log2_ratio


@pytest.mark.parametrize("newer", [True, False])
def test_both_layouts_of_depmap_expression_give_one_row_a_model(tmp_path, newer):
    found = read_depmap(write_depmap(tmp_path / "depmap", newer=newer), Options()).dataset
    assert found.platform == "rnaseq_log2_tpm1"
    assert found.expression.index.tolist() == ["ACH-000681", "ACH-000374", "ACH-000001"]
    np.testing.assert_allclose(
        found.expression.loc["ACH-000681", ["TP53", "KRAS", "EGFR"]], [4.9, 3.9, 6.1], atol=1e-6
    )
    assert found.cell_lines["cosmic_id"].tolist()[:2] == ["905949", "905946"]  # published as 905949.0


def test_depmap_ratios_become_log2_and_gaps_are_noted(tmp_path):
    """A ratio of 8.5 can be no log2(ratio + 1), so the unit needs no option here."""
    found = read_depmap(write_depmap(tmp_path / "depmap"), Options()).dataset
    np.testing.assert_allclose(found.copy_number.loc["ACH-000681"], [0, 1, -1], atol=1e-6)
    assert found.copy_number.loc["ACH-000019", "TP53"] == pytest.approx(np.log2(0.05), abs=1e-6)  # lost
    notes = "\n".join(found.info["notes"])
    assert "copy_number: 1 lines without any value left out: ACH-000374" in notes
    assert "copy_number: 1 genes that some line lacks left out, 3 kept" in notes


def test_copy_number_whose_unit_cannot_be_told_asks_for_it(tmp_path):
    folder = write_depmap(tmp_path / "depmap")
    path = folder / "OmicsCNGene.csv"
    path.write_text(path.read_text().replace("8.5", "3"))
    with pytest.raises(DatasetError, match=r"OmicsCNGene.csv: the values may be ratios .* give --copy-number-unit"):
        read_depmap(folder, Options())
    ratios = read_depmap(folder, Options(copy_number_unit="relative")).dataset.copy_number
    logs = read_depmap(folder, Options(copy_number_unit="log2p1")).dataset.copy_number
    assert ratios.loc["ACH-000681", "KRAS"] == pytest.approx(1)
    assert logs.loc["ACH-000681", "KRAS"] == pytest.approx(np.log2(3))


@pytest.mark.parametrize(
    ("unit", "values", "says"),
    [
        ("relative", [[2, 2.1]], "the median is 2.05 where diploid is 1: absolute copies"),
        ("relative", [[1, -0.5]], "row a, column y: -0.5 is negative: a log2 ratio?"),
        ("log2p1", [[1, 1, 1, 9]], "9 is no log2"),
        ("log2_ratio", [[1, 1.2, 0.9, 2]], "no log2 ratio: the values run from 0.9 to 2"),
    ],
)
def test_copy_number_that_cannot_be_its_unit_is_refused(unit, values, says):
    import pandas as pd

    table = pd.DataFrame(np.array(values, np.float32), index=["a"], columns=list("xyzw")[: len(values[0])])
    with pytest.raises(DatasetError) as caught:
        to_log2_ratio(table, unit, "c.csv", [])
    assert says in str(caught.value)


def test_a_silent_variant_is_no_mutation_but_its_line_was_profiled(tmp_path):
    mutation = read_depmap(write_depmap(tmp_path / "depmap"), Options()).dataset.mutation
    assert mutation.loc["ACH-000681"].to_dict() == {"KRAS": 1, "TP53": 0}
    assert mutation.loc["ACH-000019"].to_dict() == {"KRAS": 0, "TP53": 0}
    assert mutation.loc["ACH-000374", "TP53"] == 1  # missense and near a splice site


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "OmicsExpressionProteinCodingGenesTPMLogp1.csv",
            "KRAS (3845)",
            "1-Mar (3845)",
            "row 1, column 1-Mar (3845): '1-",
        ),
        (
            "OmicsExpressionProteinCodingGenesTPMLogp1.csv",
            "KRAS (3845)",
            "TP53 (7157)",
            "column TP53 (7157): this gene st",
        ),
        (
            "OmicsExpressionProteinCodingGenesTPMLogp1.csv",
            "KRAS (3845)",
            "KRAS",
            "column KRAS: is no gene `SYMBOL (Entr",
        ),
        (
            "OmicsExpressionProteinCodingGenesTPMLogp1.csv",
            "CDS-2,ACH-000681,No",
            "CDS-2,ACH-000681,Yes",
            "row 3, column Mod",
        ),
        (
            "OmicsExpressionProteinCodingGenesTPMLogp1.csv",
            "3.9",
            "-3.9",
            "row ACH-000681, column KRAS: -3.9 is negative",
        ),
        (
            "OmicsSomaticMutations.csv",
            "KRAS",
            "2-Sep",
            "row 2, column HugoSymbol: '2-Sep' is a gene that a spreadsheet",
        ),
        ("Model.csv", "ACH-000019,", "MCF7,", "row 3, column ModelID: 'MCF7' is not a DepMap id (ACH-000000)"),
        ("Model.csv", "ACH-000019,", "ACH-000681,", "row 3, column ModelID: 'ACH-000681' stands twice"),
    ],
)
def test_faults_of_depmap_are_named(tmp_path, file, old, new, says):
    folder = write_depmap(tmp_path / "depmap")
    (folder / file).write_text((folder / file).read_text().replace(old, new, 1))
    with pytest.raises(DatasetError) as caught:
        read_depmap(folder, Options())
    assert f"{file}: " in str(caught.value)
    assert says in str(caught.value)
