import numpy as np
import pytest

from invopt_xl.forecasting.rare.demand import dormant_paths, short_paths


def rng() -> np.random.Generator:
    return np.random.default_rng(8)


def test_the_fewer_periods_the_wider() -> None:
    spreads = [short_paths(rng(), np.full(periods, 10.0), 4, 20_000).sum(axis=1).std() for periods in (1, 2, 4, 7)]
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[0] > 10


def test_a_short_history_keeps_its_mean() -> None:
    np.testing.assert_allclose(short_paths(rng(), np.array([8.0, 10, 15]), 3, 5000).mean(axis=0), 11.0)


def test_the_rule_of_three_bounds_demand_that_was_never_seen() -> None:
    paths = dormant_paths(rng(), 52, 1, 200_000)
    # The rate's 95% limit after n periods without a demand is about 3 / n; its mean is 1 / (n + 1).
    assert paths.mean() == pytest.approx(1 / 53, rel=0.1)
    assert 0 < np.quantile(paths, 0.975) < 1
