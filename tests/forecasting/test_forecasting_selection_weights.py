import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError
from invopt_xl.forecasting.regular.weights import performance_weights

LOSSES = st.one_of(st.floats(0, 1e6), st.just(float("nan")))


@given(arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(0, 6)), elements=LOSSES))
def test_weights_are_shares_of_one(losses: FloatArray) -> None:
    weights = performance_weights(losses)
    assert weights.shape == losses.shape[:-1]
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis=-1), 1.0)


def test_equal_losses_and_no_losses_give_equal_weights() -> None:
    np.testing.assert_allclose(performance_weights(np.ones((2, 4, 5))), 0.25)
    np.testing.assert_allclose(performance_weights(np.ones((4, 0))), 0.25)
    np.testing.assert_allclose(performance_weights(np.zeros((4, 3))), 0.25)


def test_with_much_experience_weights_are_those_of_bates_and_granger() -> None:
    # Inverse squared errors of 1 and 2: 4/5 and 1/5.
    weights = performance_weights(np.repeat([[1.0], [2.0]], 100_000, axis=1), discount=1, power=2)
    np.testing.assert_allclose(weights, [0.8, 0.2], atol=1e-4)


def test_what_is_recent_counts_more() -> None:
    better_now, better_once = performance_weights(np.array([[2.0, 2, 1, 1], [1.0, 1, 2, 2]]))
    assert better_now > better_once


def test_windows_unknown_for_a_member_are_left_out_for_all() -> None:
    losses = np.array([[1.0, 9.0, 1.0], [1.0, np.nan, 1.0]])
    np.testing.assert_allclose(performance_weights(losses), [0.5, 0.5])


def test_weights_are_drawn_to_the_prior_ones() -> None:
    losses, prior = np.ones((2, 1)), np.array([3.0, 1.0])
    np.testing.assert_allclose(performance_weights(losses[:, :0], prior=prior), [0.75, 0.25])
    first, _ = performance_weights(losses, prior=prior)
    assert 0.5 < first < 0.75


def test_a_hopeless_member_hardly_counts() -> None:
    weights = performance_weights(np.array([[1.0] * 4, [1.1] * 4, [5.0] * 4]))
    assert weights[2] < 0.1
    assert weights[0] > weights[1] > 0.3


def test_what_cannot_be_is_named() -> None:
    with pytest.raises(InputError, match=r"losses is of shape .3,.; expected members by windows"):
        performance_weights(np.ones(3))
    with pytest.raises(InputError, match=r"smallest loss is -1\.0; expected zero or more"):
        performance_weights(np.array([[1.0], [-1.0]]))
    with pytest.raises(InputError, match="discount is 0"):
        performance_weights(np.ones((2, 2)), discount=0)
    with pytest.raises(InputError, match="number of prior weights is 3; expected 2"):
        performance_weights(np.ones((2, 2)), prior=np.ones(3))
