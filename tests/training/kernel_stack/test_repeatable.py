"""What a measured pair is answered with: by hand, in a planted second assay, and without a trace in other pairs."""

import numpy as np

from training.kernel_stack.fit import fit_kernel_stack
from training.kernel_stack.repeatable import LINE_SHARE, NOISE, repeatable
from training.splits.splits import make_split


def test_a_measured_value_counts_by_the_spread_of_its_drug():
    """With a deviation of √NOISE half of what the others do not explain is kept, with none nothing."""
    values, prior, others = (np.full((2, 2), x) for x in (3.0, 0.0, 1.0))
    pairs = np.array([[True, True], [False, False]])
    answer = repeatable(values, pairs, prior, others, np.array([np.sqrt(NOISE), 0.0]))
    np.testing.assert_allclose(answer, [[LINE_SHARE + 1, LINE_SHARE], [1, 1]])


def test_a_measured_pair_is_no_copy_of_its_value_and_other_pairs_do_not_change(arrays):
    pairs = make_split(arrays, "LPO", 0, 4).train
    fitted = fit_kernel_stack(arrays, pairs, 0)
    z = fitted.targets.z.values.numpy()
    np.testing.assert_allclose(fitted.answered[0][~pairs], fitted.known[0][~pairs], atol=1e-5)
    of_answer, of_posterior = (np.abs(x[0] - z)[pairs].mean() for x in (fitted.answered, fitted.known))
    assert of_answer > 2 * of_posterior
    ln_ic50 = fitted.known_pairs.ln_ic50(fitted.answered[0], fitted.targets.scales)
    np.testing.assert_array_equal(fitted.predict()[1][pairs], ln_ic50[pairs])


def test_it_agrees_with_a_second_assay_better_than_the_value_or_what_others_say():
    """Both assays measure the same 200 × 6 truths; the first adds noise of lines and of pairs."""
    rng = np.random.default_rng(0)
    prior, own = rng.normal(size=(200, 6)), 0.5 * rng.normal(size=(200, 6))
    truth = prior + own
    others = prior + 0.3 * rng.normal(size=(200, 6)) + 0.8 * rng.normal(size=(200, 1))
    first = others + own + 0.7 * rng.normal(size=(200, 6))
    answer = repeatable(first, np.ones((200, 6), bool), prior, others, np.full(6, 1.3))
    of_answer, of_value, of_others = (np.square(x - truth).mean() for x in (answer, first, others))
    assert of_answer < min(of_value, of_others)
