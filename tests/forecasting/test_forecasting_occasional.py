import numpy as np
import pytest

from invopt_xl.forecasting.occasional import dormant_paths, occasional_paths, short_paths


def rng() -> np.random.Generator:
    return np.random.default_rng(8)


def all_known(history: np.ndarray) -> np.ndarray:
    return np.ones(history.size, dtype=bool)


def test_rare_demand_has_its_chance_and_its_sizes() -> None:
    history = np.zeros(100)
    history[::5] = [2, 4] * 10
    paths = occasional_paths(rng(), history, all_known(history), 13, 20_000)
    assert paths.mean() == pytest.approx(0.2 * 3, rel=0.3)
    assert (paths > 0).mean() == pytest.approx(0.2, rel=0.3)
    assert paths[paths > 0].mean() == pytest.approx(3, rel=0.05)


def test_single_units_stay_single_units() -> None:
    history = np.zeros(60)
    history[::6] = 1.0
    assert set(np.unique(occasional_paths(rng(), history, all_known(history), 13, 1000))) == {0.0, 1.0}


def test_doubt_about_the_chance_lasts_along_a_path() -> None:
    history = np.zeros(60)
    history[::4] = 1.0
    totals = occasional_paths(rng(), history, all_known(history), 13, 20_000).sum(axis=1)
    chance = totals.mean() / 13
    assert totals.var() > 1.3 * 13 * chance * (1 - chance)


def test_one_demand_of_one_size_is_not_taken_for_the_only_size_there_is() -> None:
    history = np.r_[np.zeros(20), 12.0, np.zeros(20)]
    paths = occasional_paths(rng(), history, all_known(history), 13, 20_000)
    assert np.unique(paths[paths > 0]).size > 5
    assert paths[paths > 0].mean() == pytest.approx(12, rel=0.05)


def test_the_level_of_unknown_periods_is_not_learned() -> None:
    history = np.tile([0.0, 0, 6], 12)
    known = all_known(history)
    known[-10:] = False
    cut = occasional_paths(rng(), history[:-10], known[:-10], 13, 1000)
    np.testing.assert_array_equal(occasional_paths(rng(), history, known, 13, 1000), cut)


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
