"""One planted study cut in two, the second half with other ids, another order and other genes beside its own."""

from dataclasses import replace

import numpy as np
import pytest

from training.data.arrays import align
from training.evaluation.cell import Cell, evaluate_cell, hide_test_responses
from training.splits.cross_study import cross_study_splits, join_studies, refuse_other_units

N = 50  # lines 0-49 are the first study's, 40-99 the second's: ten are in both


def part(dataset, lines, drugs):
    """The lines and drugs of a dataset by number."""
    cells, compounds = dataset.cell_lines.iloc[lines], dataset.drugs.iloc[drugs]
    rows = dataset.response
    kept = rows["cell_line_id"].isin(cells["id"]) & rows["drug_id"].isin(compounds["id"])
    tables = ("expression", "copy_number", "mutation")
    omics = {t: getattr(dataset, t).loc[lambda x: x.index.isin(cells["id"])] for t in tables}
    bits = dataset.drug_fingerprints.loc[compounds["id"]]
    return replace(
        dataset, cell_lines=cells, drugs=compounds, response=rows[kept], drug_fingerprints=bits, **omics, info={}
    )


def renamed(dataset, line, drug):
    """The same study under other ids."""
    omics = {t: getattr(dataset, t).rename(index=line) for t in ("expression", "copy_number", "mutation")}
    response = dataset.response.assign(
        cell_line_id=dataset.response["cell_line_id"].map(line), drug_id=dataset.response["drug_id"].map(drug)
    )
    return replace(
        dataset,
        cell_lines=dataset.cell_lines.assign(id=dataset.cell_lines["id"].map(line)),
        drugs=dataset.drugs.assign(id=dataset.drugs["id"].map(drug)),
        response=response,
        drug_fingerprints=dataset.drug_fingerprints.rename(index=drug),
        **omics,
    )


@pytest.fixture(scope="module")
def halves(planted):
    """First study: lines 0-49, all drugs. Second: lines 40-99, drugs 4-11, ids of both in reverse."""
    first, second = part(planted, range(N), range(12)), part(planted, range(40, 100), range(4, 12))
    line = {i: f"S{999 - int(i)}" for i in second.cell_lines["id"]}
    drug = {i: str(50 - int(i)) for i in second.drugs["id"]}
    second = renamed(second, line, drug)
    genes = second.expression.assign(EXTRA=np.float32(1))[["EXTRA", *reversed(second.expression.columns)]]
    return align(first), align(replace(second, expression=genes.drop(columns="G3"), copy_number=None))


@pytest.fixture(scope="module")
def both(halves):
    return join_studies(*halves)


def test_every_response_comes_to_its_line_and_drug(both, arrays):
    """Ids are of the test's making, so the whole planted study tells what each pair must be."""
    whole = dict(zip(arrays.cell_line_ids, arrays.ln_ic50, strict=True))
    joint = both.arrays
    assert both.n_first == N
    assert both.shared_drugs == 8
    for row, name in enumerate(joint.cell_line_ids):
        new = row >= N
        expected = whole[str(999 - int(name.removeprefix("2:S")))].copy() if new else whole[name]
        if new:
            expected[:4] = np.nan  # drugs that the second study did not test
        np.testing.assert_array_equal(joint.ln_ic50[row], expected)
        np.testing.assert_array_equal(np.isnan(joint.sensitive[row]), np.isnan(expected))


def test_features_are_those_that_both_name_and_stand_under_their_names(both, planted):
    joint = both.arrays
    assert set(joint.features) == {"expression", "mutation"}  # the second study has no copy number
    names = joint.feature_names["expression"]
    assert sorted(names) == sorted(set(planted.expression.columns) - {"G3"})
    for row, name in ((3, "903"), (N + 5, None)):
        known = name or str(999 - int(joint.cell_line_ids[row].removeprefix("2:S")))
        assert joint.present["expression"][row] == (known in planted.expression.index)
        if joint.present["expression"][row]:
            np.testing.assert_array_equal(joint.features["expression"][row], planted.expression.loc[known, names])


def test_lines_of_both_studies_are_tested_as_new_samples_or_left_out_of_the_new_ones(both):
    splits = cross_study_splits(both.arrays, both.n_first, 0)
    assert splits.keys() == {"all-lines", "new-lines"}
    second = np.arange(110) >= N
    for split in splits.values():
        assert not split.development[second].any()
        assert not split.test[~second].any()
        np.testing.assert_array_equal(split.train | split.validation, split.development)
        assert not (split.train & split.validation).any()
        np.testing.assert_array_equal(split.development[~second], both.arrays.measured[~second])
    np.testing.assert_array_equal(splits["all-lines"].test[second], both.arrays.measured[second])
    tested = {both.arrays.cell_line_ids[i] for i in np.flatnonzero(splits["new-lines"].test.any(1))}
    assert tested == {f"2:S{99 - i}" for i in range(50, 100)}  # 900 + i became S(999 - 900 - i)
    lines = splits["new-lines"]
    assert not set(np.flatnonzero(lines.train.any(1))) & set(np.flatnonzero(lines.validation.any(1)))


def test_a_method_that_reads_features_carries_over_to_the_other_study(both):
    splits = cross_study_splits(both.arrays, both.n_first, 0)
    for name, good in (("kernel_ridge_ln_ic50", True), ("mean_effects", False)):
        cell = Cell(name, "new-lines", 0, 1, protocol="transfer")
        found = evaluate_cell(both.arrays, cell, splits["new-lines"]).metrics()
        assert (found["per_drug_auroc"] > 0.8) == good


def test_no_response_of_the_second_study_is_shown_to_a_method(both):
    split = cross_study_splits(both.arrays, both.n_first, 0)["all-lines"]
    assert np.isnan(hide_test_responses(both.arrays, split).ln_ic50[N:]).all()
    assert np.isnan(hide_test_responses(both.arrays, split).sensitive[N:]).all()


def test_a_drug_measured_twice_there_keeps_its_first_value_and_takes_the_other_where_it_has_none(halves):
    first, second = halves
    groups = list(second.drug_groups)
    groups[1] = groups[0]  # two salts of one compound
    joint = join_studies(first, replace(second, drug_groups=groups))
    into = first.drug_groups.index(groups[0])
    a, b = second.ln_ic50[:, 0], second.ln_ic50[:, 1]
    assert (np.isnan(a) & ~np.isnan(b)).any()
    np.testing.assert_array_equal(joint.arrays.ln_ic50[N:, into], np.where(np.isnan(a), b, a))
    assert joint.shared_drugs == 7


def test_an_id_of_one_study_means_nothing_in_the_other(halves):
    """Without InChIKey a drug's group is its own id; the same id elsewhere is another drug, or line."""
    first, second = halves
    plain = [f"id:{i}" for i in range(12)]
    with pytest.raises(ValueError, match=r"share no drug \(InChIKey skeleton\); give their SMILES at import"):
        join_studies(replace(first, drug_groups=plain), replace(second, drug_groups=plain[:8]))
    lines = [f"id:{i}" for i in range(60)]
    one = replace(first, line_groups=lines[:N], authority_ids=(frozenset(),) * N)
    joint = join_studies(one, replace(second, line_groups=lines, authority_ids=(frozenset(),) * 60))
    splits = cross_study_splits(joint.arrays, joint.n_first, 0)
    np.testing.assert_array_equal(splits["all-lines"].test, splits["new-lines"].test)


def test_a_line_is_known_by_any_id_that_both_studies_have(planted):
    depmap = [f"ACH-{i:06d}" for i in range(100)]
    cells = planted.cell_lines.assign(cosmic_id=None, depmap_id=depmap)
    sanger = cells.assign(sanger_model_id=[f"SIDM{i:05d}" for i in range(100)])
    line = {i: f"S{i}" for i in planted.cell_lines["id"]}
    same = {i: i for i in planted.drugs["id"]}
    second = renamed(part(replace(planted, cell_lines=cells), range(100), range(12)), line, same)
    both = join_studies(align(replace(planted, cell_lines=sanger)), align(second))
    assert cross_study_splits(both.arrays, both.n_first, 0).keys() == {"all-lines"}


def test_lines_without_any_shared_table_are_left_out_and_counted(halves):
    joint = join_studies(*(replace(a, features={"expression": a.features["expression"]}) for a in halves))
    assert joint.left_out == (5, 6)  # every tenth line has no expression
    assert joint.n_first == N - 5
    assert len(joint.arrays.cell_line_ids) == len(joint.arrays.line_groups) == len(joint.arrays.ln_ic50) == 99
    assert joint.arrays.present["expression"].all()


def test_studies_without_a_common_table_are_refused(halves):
    first, second = halves
    other = replace(second, feature_names={name: ["X"] * len(v) for name, v in second.feature_names.items()})
    with pytest.raises(ValueError, match="share no omics table with the same genes"):
        join_studies(first, other)


def test_tables_in_other_units_are_refused_by_name(planted):
    def study(**units):
        return replace(planted, info={"units": {"expression": "log2(TPM + 1)", **units}})

    refuse_other_units(study(), study(mutation="0/1"))
    says = (
        r"transfer: expression is 'log2\(TPM \+ 1\)' here and 'array z-score per gene' there; import both in the same"
    )
    with pytest.raises(ValueError, match=says):
        refuse_other_units(study(), study(expression="array z-score per gene"))


def test_all_lines_known_gives_no_new_lines(halves):
    first, second = halves
    known = [first.line_groups[i % N] for i in range(60)]
    joint = join_studies(first, replace(second, line_groups=known))
    assert cross_study_splits(joint.arrays, joint.n_first, 0).keys() == {"all-lines"}
