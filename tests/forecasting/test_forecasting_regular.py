import numpy as np
import pytest
from demand_series import autoregressive, monthly, random_walk, weekly

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting import forecast
from invopt_xl.forecasting.regular.demand import LONGEST_UNSEARCHED, RegularForecast, regular_forecast, regular_shocks
from invopt_xl.forecasting.regular.members import ENSEMBLE, FITS, Series, fit_members
from invopt_xl.forecasting.settings import Settings

pytestmark = pytest.mark.usefixtures("linear_algebra_in_one_thread")


def made(
    history: FloatArray,
    horizon: int = 6,
    season: int = 1,
    names: tuple[str, ...] = ENSEMBLE,
    state: dict[str, object] | None = None,
    paths: int = 1000,
) -> RegularForecast:
    shocks = regular_shocks(np.random.default_rng(7), paths, horizon)
    known = np.ones(history.size, dtype=bool)
    return regular_forecast(shocks, history, known, horizon, Settings(season=season, paths=paths), names, state)


def roots(history: FloatArray, season: int = 1) -> Series:
    return series(np.sqrt(history / history.mean()), season)


def series(values: FloatArray, season: int = 1) -> Series:
    return Series(values, np.ones(values.size, dtype=bool), season, 0.98, Settings(season=season), values.size)


def test_an_autoregression_finds_the_memory_of_its_process() -> None:
    rng = np.random.default_rng(1)
    values = np.ones(400)
    for period in range(1, 400):
        values[period] = 1 + 0.6 * (values[period - 1] - 1) + rng.normal(0, 0.05)
    found = FITS["autoregression"](series(values), 4, None)
    assert found.memory is not None
    np.testing.assert_allclose(found.memory.responses, [1, 0.6, 0.36, 0.216], atol=0.2)
    assert found.memory.deviation == pytest.approx(0.05, rel=0.15)


def test_an_autoregression_carries_a_season_that_it_saw_twice() -> None:
    wave = 1 + 0.3 * np.sin(2 * np.pi * np.arange(72) / 12)
    found = FITS["autoregression"](series(wave[:60], 12), 12, None)
    np.testing.assert_allclose(found.mean, wave[60:], atol=0.1)


def test_seasonal_naive_repeats_the_last_season_and_its_errors_season_by_season() -> None:
    found = FITS["seasonal_naive"](roots(monthly(4), 12), 18, None)
    np.testing.assert_array_equal(found.mean, np.resize(roots(monthly(4), 12).values[-12:], 18))
    assert found.memory is not None
    assert found.memory.responses.tolist() == [1.0] + [0.0] * 11 + [1.0] + [0.0] * 5


@pytest.mark.parametrize("name", ["ces", "theta", "ets", "arima"])
def test_a_model_continued_over_the_same_history_forecasts_the_same(name: str) -> None:
    history = roots(monthly(4), 12)
    first = FITS[name](history, 12, None)
    again = FITS[name](history, 12, first.state)
    np.testing.assert_allclose(again.mean, first.mean, rtol=1e-6)
    assert again.name == first.name


def test_members_that_fail_are_named_and_the_others_remain() -> None:
    members, failures = fit_members(("ces", "median"), roots(np.arange(1.0, 3.0)), 3, {})
    assert list(members) == ["median"]
    assert len(failures) == 1
    assert failures[0].startswith("ces could not be fitted (")


def test_where_no_model_can_be_fitted_simple_smoothing_takes_its_place_and_says_why() -> None:
    found = made(np.arange(1.0, 3.0), names=("ces",))
    assert found.model == "SES"
    assert found.notes[0].startswith("ces could not be fitted (")
    assert found.notes[0].endswith(": simple smoothing in its place")


def test_a_longer_history_continues_the_models_and_says_so() -> None:
    history = monthly(4)
    before = made(history[:-2], season=12)
    after = made(history, season=12, state=dict(before.state))
    assert after.notes == ("models of 2 periods ago continued",)
    assert after.state["searched"] == history.size - 2
    np.testing.assert_allclose(after.paths.mean(axis=0), made(history, season=12).paths.mean(axis=0), rtol=0.05)


def test_demand_that_nobody_expected_calls_for_another_search() -> None:
    history = np.r_[monthly(4), 400.0, 420.0, 390.0]
    before = made(history[:-3], season=12)
    after = made(history, season=12, state=dict(before.state))
    assert after.notes[0].startswith("models searched again: ")
    assert "times as large as expected" in after.notes[0]
    np.testing.assert_array_equal(after.paths, made(history, season=12).paths)


def test_models_are_searched_again_after_some_periods_and_for_other_members() -> None:
    history = weekly(1)
    old = made(history[: -LONGEST_UNSEARCHED - 1])
    np.testing.assert_array_equal(made(history, state=dict(old.state)).paths, made(history).paths)
    other = made(history[:-1], names=("theta",))
    np.testing.assert_array_equal(made(history, state=dict(other.state)).paths, made(history).paths)


def test_a_history_that_became_shorter_is_searched_again() -> None:
    history = weekly(1)
    longer = made(history)
    np.testing.assert_array_equal(made(history[:-3], state=dict(longer.state)).paths, made(history[:-3]).paths)


def test_a_season_that_has_become_visible_is_searched_for() -> None:
    history = monthly(4)[:26]
    before = made(history[:-3], season=12)
    after = made(history, season=12, state=dict(before.state))
    assert after.notes[0] == "models searched again: there is enough history for another season"
    np.testing.assert_array_equal(after.paths, made(history, season=12).paths)


def test_a_rewritten_past_is_noticed_by_every_model() -> None:
    history = weekly(1)
    before = made(history[:-1], names=("theta",))
    history[-10] += 100
    assert made(history, names=("theta",), state=dict(before.state)).notes[0] == (
        "models searched again: the past was rewritten"
    )


@pytest.mark.parametrize("periods", [300, 460])
def test_new_demand_is_judged_however_long_the_history(periods: int) -> None:
    history = np.r_[weekly(1, 50, periods), 90.0, 95.0, 88.0]
    before = made(history[:-3])
    assert "searched again" in made(history, state=dict(before.state)).notes[0]


def test_unknown_periods_do_not_narrow_the_forecast() -> None:
    inside = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        demand = rng.gamma(11, 9, 72)
        gaps = np.where(rng.random(60) < 0.5, np.nan, demand[:60])
        low, high = forecast(gaps, 12, paths=400).interval(0.8).T
        inside.append(((demand[60:] >= low) & (demand[60:] <= high)).mean())
    assert 0.72 <= np.mean(inside) <= 0.9


@pytest.mark.parametrize(("periods", "widest"), [(104, 1.35), (390, 1.2)])
def test_the_longer_a_level_was_steady_the_less_its_sums_spread_beyond_the_truth(periods: int, widest: float) -> None:
    widths = []
    for seed in range(24):
        history = np.random.default_rng(seed).gamma(11, 9, periods)
        low, high = np.quantile(made(history, 12).paths.sum(axis=1), [0.1, 0.9])
        # The middle 80% of the sum of twelve independent periods, which is nearly normal.
        widths.append((high - low) / (2 * 1.2816 * np.sqrt(12 * 11) * 9))
    assert 0.95 <= np.mean(widths) <= widest


def test_sums_over_a_wandering_level_stay_inside_their_intervals() -> None:
    inside = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        demand = rng.gamma(25, 4, 116) * np.exp(np.cumsum(rng.normal(0, 0.05, 116)))
        low, high = np.quantile(made(demand[:104], 12, paths=500).paths.sum(axis=1), [0.025, 0.975])
        inside.append(low <= demand[104:].sum() <= high)
    assert np.mean(inside) >= 0.9


def test_steady_demand_is_expected_nearer_to_its_mean_than_its_last_level() -> None:
    far, smoothed = [], []
    for seed in range(10):
        history = np.random.default_rng(seed).gamma(4, 25, 156)
        far.append(abs(made(history).paths.mean() - 100))
        smoothed.append(abs(made(history, names=("arima",)).paths[:, 0].mean() - 100))
    assert np.mean(far) <= 8
    assert np.mean(far) <= np.mean(smoothed) + 1


def test_a_wandering_level_is_followed() -> None:
    history = np.r_[np.linspace(50, 150, 52), np.full(12, 150.0)] * np.random.default_rng(3).gamma(100, 0.01, 64)
    assert made(history).paths.mean() >= 135


def test_a_lasting_step_is_followed_however_steady_all_was_before() -> None:
    followed = []
    for seed in range(10):
        history = np.r_[np.full(104, 100.0), np.full(16, 150.0)] * np.random.default_rng(seed).gamma(11, 1 / 11, 120)
        followed.append((made(history).paths.mean() - history[:104].mean()) / (history[104:].mean() - 100))
    assert np.mean(followed) >= 0.6


def test_a_model_asked_for_alone_is_not_drawn_to_the_mean_of_the_history() -> None:
    history = weekly(1)
    alone = made(history, names=("ses",), paths=20_000).paths
    root = FITS["ses"](roots(history), 1, None).mean[0]
    assert np.median(alone[:, 0]) == pytest.approx(history.mean() * root**2, rel=0.02)


@pytest.mark.parametrize("shape", [1.0, 4.0])
def test_the_mean_of_uneven_demand_is_that_of_its_history(shape: float) -> None:
    ratios = []
    for seed in range(20):
        history = np.random.default_rng(seed).gamma(shape, 100 / shape, 156)
        ratios.append(made(history, 12, paths=500).paths.mean() / history.mean())
    assert np.mean(ratios) == pytest.approx(1, abs=0.03)


def test_far_errors_are_less_rare_than_normal_ones() -> None:
    history = np.random.default_rng(5).gamma(400, 0.25, 200)
    low, inner, middle, outer, high = np.quantile(made(history, 1, paths=50_000).paths, [0.005, 0.1, 0.5, 0.9, 0.995])
    # Of a normal variable it is 2.01.
    assert 2.1 <= (high - low) / (outer - inner) <= 2.4
    assert inner < middle < outer


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6])
def test_the_unit_of_demand_does_not_matter(scale: float) -> None:
    np.testing.assert_allclose(made(scale * weekly(1)).paths, scale * made(weekly(1)).paths, rtol=1e-3)


def seasonal_walk(seed: int) -> FloatArray:
    """Return 84 months of a wandering level, a season and counting noise."""
    rng = np.random.default_rng(seed)
    level = 80 * np.exp(np.cumsum(rng.normal(0, 0.04, 84)))
    return rng.poisson(level * (1 + 0.3 * np.sin(2 * np.pi * np.arange(84) / 12))).astype(float)


def test_intervals_of_periods_and_of_their_sums_hold_what_they_promise() -> None:
    inside, sums = [], []
    for seed in range(60):
        history = seasonal_walk(seed)
        paths = made(history[:72], 12, season=12, paths=500).paths
        low, high = np.quantile(paths, [0.1, 0.9], axis=0)
        inside.append(((history[72:] >= low) & (history[72:] <= high)).mean())
        low, high = np.quantile(paths.sum(axis=1), [0.025, 0.975])
        sums.append(low <= history[72:].sum() <= high)
    assert 0.72 <= np.mean(inside) <= 0.9
    assert 0.88 <= np.mean(sums) <= 0.99


def test_a_history_that_was_harder_to_forecast_than_usual_has_a_wider_forecast() -> None:
    calm = weekly(1, 50, 80)
    broken = calm.copy()
    broken[-8:] *= np.array([0.4, 1.8, 0.5, 1.7, 0.4, 1.6, 0.5, 1.9])
    widths = [
        np.ptp(np.quantile(made(history, 8).paths, [0.1, 0.9], axis=0), axis=0).mean() for history in (calm, broken)
    ]
    assert widths[1] > 1.5 * widths[0]


@pytest.mark.parametrize("history", [autoregressive(2), random_walk(3)], ids=["autoregressive", "random walk"])
def test_together_the_models_are_hardly_worse_than_the_best_of_them(history: FloatArray) -> None:
    def error(names: tuple[str, ...]) -> float:
        return float(
            np.mean([
                np.abs(np.median(made(history[:end], 4, names=names, paths=200).paths, axis=0) - history[end : end + 4])
                for end in range(history.size - 24, history.size - 4, 4)
            ])
        )  # fmt: skip

    assert error(ENSEMBLE) <= 1.15 * min(error((name,)) for name in ENSEMBLE)
