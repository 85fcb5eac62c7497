"""Which genes of the other tables are read."""

from dataclasses import replace

import numpy as np

from training.features.panel import panel_table, presence


def test_other_tables_keep_the_genes_of_the_expression_table_where_it_has_any(arrays):
    genes = {"expression": ["A", "B"], "copy_number": ["C", "B", "A"], "mutation": ["D"]}
    tables = {k: np.arange(100 * len(v), dtype=np.float32).reshape(100, -1) for k, v in genes.items()}
    panel = replace(arrays, features=tables, feature_names=genes)
    np.testing.assert_array_equal(panel_table(panel, "copy_number"), tables["copy_number"][:, 1:])
    for same, options in (("copy_number", {"panel": False}), ("mutation", {}), ("expression", {})):
        np.testing.assert_array_equal(panel_table(panel, same, **options), tables[same])
    assert not panel_table(replace(panel, features={}, feature_names={}), "copy_number").any()


def test_a_table_that_the_dataset_lacks_is_present_for_nobody(arrays):
    less = {name: table for name, table in arrays.features.items() if name != "mutation"}
    assert not presence(replace(arrays, features=less), "mutation").any()
    np.testing.assert_array_equal(presence(arrays, "expression"), arrays.present["expression"])
