import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError
from invopt_xl.forecasting.rare.demand import MODEL_NAMES, occasional_demand
from invopt_xl.forecasting.rare.distribution import SizeModel, alive_chance
from invopt_xl.forecasting.rare.levels import CONSTANTS, LEVELS

PARTS = np.array([0.0, 0, 3, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 5, 0, 0, 1, 0, 0] * 2)


def drawn(history: FloatArray, horizon: int = 6, paths: int = 20_000, method: str = "auto") -> FloatArray:
    known = np.ones(history.size, dtype=bool)
    return occasional_demand(np.random.default_rng(8), history, known, horizon, paths, method)[0]


def notes(history: FloatArray, method: str = "auto") -> list[str]:
    return occasional_demand(np.random.default_rng(8), history, history >= 0, 6, 100, method)[2]


def compound(rng: np.random.Generator, periods: int) -> FloatArray:
    """Return demand whose log odds wander, with sizes one more than Poisson."""
    odds = rng.uniform(-2.5, 0.5) + np.cumsum(rng.normal(0, 0.15, periods))
    sizes = 1.0 + rng.poisson(rng.choice([0.2, 1.0, 5.0]), periods)
    return np.where(rng.random(periods) < 1 / (1 + np.exp(-odds)), sizes, 0.0)


@pytest.mark.parametrize("method", LEVELS)
def test_paths_have_the_mean_of_the_method(method: str) -> None:
    paths = drawn(PARTS, method=method)
    assert paths.mean() == pytest.approx(LEVELS[method](PARTS, CONSTANTS).mean, rel=0.03)


@pytest.mark.parametrize("method", LEVELS)
def test_the_model_and_the_level_are_told(method: str) -> None:
    _, model, said, _ = occasional_demand(np.random.default_rng(8), PARTS, PARTS >= 0, 6, 50, method)
    assert model == MODEL_NAMES[method]
    assert said[0].split(" units a period by ")[0].replace(".", "").isdigit()


def test_a_method_that_does_not_exist_is_named() -> None:
    with pytest.raises(InputError, match="method for rare demand is arima; expected one of auto, ses, tsb"):
        drawn(PARTS, method="arima")


def test_a_history_without_a_period_is_refused() -> None:
    with pytest.raises(InputError, match="demand history is empty; expected one period at least"):
        drawn(np.array([]))


def test_quantiles_of_periods_and_sums_hold_their_share_of_simulated_demand() -> None:
    rng = np.random.default_rng(12)
    places: dict[int, list[float]] = {1: [], 3: [], 6: []}
    for _ in range(500):
        series = compound(rng, 56)
        if not series[:50].any():
            continue
        paths = occasional_demand(rng, series[:50], np.ones(50, dtype=bool), 6, 400)[0]
        for periods, place in places.items():
            sums, actual = paths[:, :periods].sum(axis=1), series[50 : 50 + periods].sum()
            # The place of a count in its distribution, spread over the step that the distribution has there.
            place.append(float((sums < actual).mean() + rng.random() * (sums == actual).mean()))
    for place in places.values():
        for level, tolerance in ((0.9, 0.04), (0.95, 0.03), (0.975, 0.02)):
            assert np.mean(np.array(place) <= level) == pytest.approx(level, abs=tolerance)


def test_sums_are_wider_than_those_of_independent_periods() -> None:
    paths = drawn(PARTS, 12)
    assert paths.sum(axis=1).var() > 1.5 * paths.var(axis=0).sum()


def test_whole_units_stay_whole_under_every_method() -> None:
    for history in (PARTS, np.append(PARTS, np.zeros(40)), np.full(40, 5.0), np.array([3.0])):
        for method in LEVELS:
            paths = drawn(history, paths=500, method=method)
            np.testing.assert_array_equal(paths, np.round(paths))


def test_fractions_stay_fractions() -> None:
    assert (drawn(PARTS * 0.37) % 1).any()


def test_sizes_are_those_of_the_history_where_there_are_many() -> None:
    history = np.zeros(400)
    history[::5] = np.resize([10.0, 20.0], 80)
    paths = drawn(history)
    assert np.isin(paths[paths > 0], [10, 20]).mean() > 0.9


def test_ones_alone_leave_a_two_possible_but_unlikely() -> None:
    history = np.zeros(60)
    history[::6] = 1.0
    paths = drawn(history)
    assert 0 < (paths > 1).sum() / (paths > 0).sum() < 0.15


def test_draws_of_sizes_have_their_mean() -> None:
    for seen in (np.array([1.0]), np.array([12.0]), np.array([1.0, 1, 2, 40]), np.array([0.5, 2.5])):
        sizes = SizeModel.of(seen, 0.2)
        draws = sizes.draw(np.random.default_rng(1), 40_000, 3)
        assert draws.mean() == pytest.approx(sizes.mean, rel=0.03)
        assert draws.min() > 0


def test_the_chance_to_be_alive_is_that_of_simulated_lives() -> None:
    rng = np.random.default_rng(5)
    frequency, stopping, idle = 5.5 / 20, 0.05, 6
    lives = 200_000
    ends = rng.geometric(stopping, lives)
    # Stopped in period k of the silence: no demand can come from k on.
    first_demand = rng.geometric(frequency, lives)
    silent = (first_demand > idle) | (first_demand >= ends)
    alive = silent & (ends > idle)
    history = np.zeros(20 + idle)
    history[[1, 4, 7, 11, 15, 19]] = 1.0
    assert alive_chance(history, stopping) == pytest.approx(alive.sum() / silent.sum(), rel=0.03)


def test_dying_demand_fades_with_its_silence_and_says_so() -> None:
    regular = np.resize([3.0, 0, 4, 2, 3], 40)
    idle = (0, 4, 8, 16, 40, 400)
    means = [drawn(np.append(regular, np.zeros(periods))).mean() for periods in idle]
    assert means == sorted(means, reverse=True)
    assert 0 < means[-1] < 0.01
    assert "no demand for 16 periods: it still sells in 17% of the paths" in notes(np.append(regular, np.zeros(16)))


def test_sums_over_a_lead_time_keep_stock_for_an_item_that_comes_back() -> None:
    silent = np.append(np.resize([3.0, 0, 4, 2, 3], 40), np.zeros(40))
    sums = drawn(silent).sum(axis=1)
    assert np.quantile(sums, 0.9) == 0
    assert np.quantile(sums, 0.975) >= 2


@pytest.mark.parametrize("method", ["croston", "sba"])
def test_methods_blind_to_a_silence_say_so(method: str) -> None:
    silent = np.append(np.resize([3.0, 0, 4, 2, 3], 40), np.zeros(16))
    assert notes(silent, method)[1] == "no demand for 16 periods, which this method does not see"


def test_a_silence_that_is_usual_for_an_item_says_nothing() -> None:
    assert len(notes(PARTS)) == 1


def test_a_long_silence_leaves_a_third_of_a_demand_in_its_periods() -> None:
    regular = np.resize([2.0, 0, 2, 2, 2], 40)
    paths = drawn(np.append(regular, np.zeros(49)), paths=200_000)
    assert paths.mean() == pytest.approx(2 / 3 / 50, rel=0.1)
    assert "not less than a third of a demand in 50 periods" in notes(np.append(regular, np.zeros(49)))


@pytest.mark.parametrize("method", LEVELS)
@pytest.mark.parametrize("unit", [1.0, 2.5, 1e-9])
def test_the_mean_that_is_told_is_that_of_many_paths(method: str, unit: float) -> None:
    parts = PARTS * unit
    paths, _, _, mean = occasional_demand(np.random.default_rng(8), parts, parts >= 0, 6, 100_000, method)
    assert paths.mean() == pytest.approx(mean, rel=0.02)


def test_what_was_never_demanded_keeps_a_chance() -> None:
    paths, model, _, mean = occasional_demand(np.random.default_rng(8), np.zeros(30), np.ones(30, dtype=bool), 6, 1000)
    assert (model, mean) == ("no demand", pytest.approx(1 / 31))
    assert paths.mean() == pytest.approx(mean, rel=0.1)
    assert (paths.max(axis=0) > paths.min(axis=0)).all()


@pytest.mark.parametrize("value", [1.0, 2.5, 5.0, 1e6, 1e30])
@pytest.mark.parametrize("periods", [12, 52, 300])
def test_constant_demand_is_not_certain(value: float, periods: int) -> None:
    for method in LEVELS:
        low, high = np.quantile(drawn(np.full(periods, value), paths=2000, method=method), [0.025, 0.975], axis=0)
        assert (low < high).all()


@pytest.mark.parametrize("value", [1.0, 7.0, 0.5])
@pytest.mark.parametrize("count", [2, 5, 20])
def test_constant_demand_is_not_certain_on_a_few_paths_either(value: float, count: int) -> None:
    constant = np.full(40, value)
    for method in LEVELS:
        paths = np.concatenate([
            occasional_demand(np.random.default_rng(seed), constant, constant > 0, 6, count, method)[0]
            for seed in range(40)
        ])  # fmt: skip
        assert all((paths[start : start + count].std(axis=0) > 0).all() for start in range(0, len(paths), count))
        assert paths.mean() == pytest.approx(value, rel=0.1)
        assert 0.2 * value < paths.std() < max(0.6 * value, 1.01)


def test_a_quantile_of_zero_is_told() -> None:
    once = np.zeros(52)
    once[26] = 1
    assert "a demand in 0.8% of periods: the 97.5% quantile of a single one is zero" in notes(once)
    assert np.quantile(drawn(once), 0.975, axis=0).max() == 0


def test_a_first_period_with_demand_began_the_history_and_does_not_count_as_frequent() -> None:
    launched = np.array([4.0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4, 0, 0])
    assert drawn(launched).mean() == pytest.approx(LEVELS["auto"](launched[1:], CONSTANTS).mean, rel=0.05)


def test_periods_that_are_not_known_are_left_out() -> None:
    known = np.ones(PARTS.size, dtype=bool)
    known[-4:] = False
    rng, other = np.random.default_rng(2), np.random.default_rng(2)
    whole, cut = np.where(known, PARTS, 9.0), PARTS[:-4]
    expected = occasional_demand(other, cut, known[:-4], 4, 200)[0]
    np.testing.assert_array_equal(occasional_demand(rng, whole, known, 4, 200)[0], expected)


values = st.one_of(
    st.just(0.0), st.integers(0, 60).map(float), st.floats(1e-9, 1e30), st.sampled_from([1e-9, 1e-6, 1e9, 1e12, 1e30])
)


@settings(deadline=None)
@given(st.lists(values, min_size=1, max_size=70), st.sampled_from(list(LEVELS)), st.integers(2, 60), st.integers(1, 30))
def test_any_history_has_finite_paths_that_are_never_negative_nor_certain(
    history: list[float], method: str, count: int, horizon: int
) -> None:
    paths = drawn(np.array(history), horizon, count, method)
    assert paths.shape == (count, horizon)
    assert np.isfinite(paths).all()
    assert (paths >= 0).all()
    assert (paths.max(axis=0) > paths.min(axis=0)).all()
