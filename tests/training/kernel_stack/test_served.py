"""Packed arrays of a bundle say what the plain ones do."""

import numpy as np

from model.kernel_stack.packing import ROWS, packed, stored, unpacked
from model.kernel_stack.served_stack import served_stack
from training.kernel_stack.fit import fit_kernel_stack
from training.kernel_stack.served import stack_tensors

LINE, DRUG = 5, 3  # hidden from the fit


def test_packed_arrays_answer_every_case_as_the_others_do(arrays):
    pairs = arrays.measured.copy()
    pairs[LINE], pairs[:, DRUG] = False, False
    fitted = fit_kernel_stack(arrays, pairs, 0)
    small, whole = (served_stack(stack_tensors(fitted, arrays, {}, compact=compact)) for compact in (True, False))
    lines, drugs = np.indices((len(arrays.cell_line_ids), whole.width)).reshape(2, -1)
    known = [one.known_drugs(one.codes[lines], np.arange(len(lines)), drugs) for one in (small, whole)]
    weights = np.tile(np.linspace(-0.5, 1, whole.width), (len(whole.codes), 1))
    unseen = [one.unseen_drugs(one.codes, weights, np.zeros(len(weights))) for one in (small, whole)]
    for mine, theirs in (*zip(*known, strict=True), *zip(*unseen, strict=True)):
        np.testing.assert_allclose(mine, theirs, atol=0.05 * np.ptp(theirs))


def test_a_stored_matrix_multiplies_as_the_unpacked_one_does():
    random = np.random.default_rng(0)
    tensors = packed({"axes.x": random.normal(size=(ROWS + 5, 7))}, compact=True)
    assert tensors["axes.x"].dtype == np.int8
    x = random.normal(size=(3, ROWS + 5))
    np.testing.assert_allclose(stored(tensors, "axes.x").times(x), x @ unpacked(tensors, "axes.x"), rtol=1e-12)
