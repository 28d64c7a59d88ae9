import re
from typing import Any

import numpy as np
import pytest
from demand_series import autoregressive, monthly, random_walk, weekly
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from invopt_xl.domain import Forecast, Note
from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError
from invopt_xl.forecasting import METHODS, Regressors, forecast
from invopt_xl.forecasting.arima.engines import Engine

nan = np.nan
base = weekly(1)

# History and a phrase that its reason must hold.
STRANGE: dict[str, tuple[object, str]] = {
    "one point": ([5], "only 1 period of history"),
    "one zero": ([0], "no demand in 1 period"),
    "two points": ([5, 9], "only 2 periods"),
    "three points, one of them a million times the others": ([10, 12, 1e7], "1 outlier"),
    "nine points": (base[:9], "too few for more than the Theta method"),
    "thirteen points": (base[:13], "over 13 periods"),
    "gaps": (np.where(np.arange(53) % 10 == 3, nan, base), "unknown periods estimated"),
    "constant": ([7] * 53, "constant over 53 periods"),
    "all zero": ([0] * 53, "no demand in 53 periods: a small chance is kept"),
    "perfect trend": (np.arange(1, 54), "smooth demand"),
    "perfect decline": (np.arange(53, 0, -1), "decline held above zero"),
    "perfect season": (np.tile([10, 20, 30, 20], 14), "smooth demand"),
    "scale of 1e15": (base * 1e15, "smooth demand"),
    "scale of 1e-7": (base * 1e-7, "smooth demand"),
    "dust": (base * 1e-15, "taken for zero"),
    "outlier of 1e9": (np.where(np.arange(53) == 20, 1e9, base), "1 outlier of up to 1e+09"),
    "dying": (np.r_[base[:40], np.zeros(13)], "no demand for 13 periods: fading out"),
    "new": (np.r_[np.zeros(40), base[:13]], "first sold 13 periods ago"),
    "one sale in a year": (np.r_[np.zeros(30), 5, np.zeros(22)], "one in 53.0 periods"),
    "exponential growth": (1.15 ** np.arange(53), "erratic demand"),
    "wild": (np.random.default_rng(2).lognormal(2, 2, 53), "too uneven"),
    "every other period": (np.tile([0, 20], 27), "intermittent demand: one in 2.0 periods"),
}


def assert_sound(made: Forecast, history: FloatArray) -> None:
    """Assert what holds for every forecast."""
    assert np.isfinite(made.paths).all()
    assert (made.paths >= 0).all()
    assert (made.cumulative_variance > 0).all()
    assert made.model
    assert made.reason
    known = history[np.isfinite(history)]
    if known.size and known.max() > 1e-6:
        assert made.mean.max() <= 2 * known.max()


# Kinds that pmdarima refuses, or for which it promises nothing or too much.
HARD_FOR_PMDARIMA = ("thirteen points", "gaps", "constant", "perfect trend", "perfect season", "scale of 1e15")


@pytest.mark.parametrize(
    ("case", "engine"),
    [*((case, "statsforecast") for case in STRANGE), *((case, "pmdarima") for case in HARD_FOR_PMDARIMA)],
)
def test_a_strange_history_has_a_sound_forecast_and_a_reason_in_words(case: str, engine: Engine) -> None:
    history, phrase = STRANGE[case]
    season = 1 if (case, engine) == ("perfect trend", "pmdarima") else 4  # which looks for a season in vain, and long
    made = forecast(np.array(history, dtype=float), 13, season=season, engine=engine, paths=300)
    assert_sound(made, np.array(history, dtype=float))
    assert phrase in made.reason


@settings(deadline=None, max_examples=40)
@given(
    history=arrays.arrays(
        np.float64,
        st.integers(0, 30),
        elements=st.one_of(st.just(0.0), st.just(nan), st.floats(0, 1e30), st.integers(0, 20).map(float)),
    ),
    stocked=st.lists(st.booleans(), min_size=30, max_size=30),
    season=st.sampled_from([1, 4, 12]),
    method=st.sampled_from(METHODS),
)
def test_any_history_has_a_sound_forecast(history: FloatArray, stocked: list[bool], season: int, method: str) -> None:
    in_stock = np.array(stocked[: history.size], dtype=bool)
    made = forecast(history, 5, in_stock=in_stock, season=season, method=method, paths=50)
    assert np.isfinite(made.paths).all()
    assert (made.cumulative_variance[-1:] >= 0).all()
    assert made.reason


@given(arrays.arrays(np.float64, st.integers(1, 5), elements=st.floats()))
def test_history_that_cannot_be_is_refused_in_one_line(history: FloatArray) -> None:
    impossible = bool((np.isinf(history) | (history < 0) | (history > 1e30)).any())
    if not impossible:
        assert forecast(history, 3, paths=20).periods == 3
        return
    with pytest.raises(InputError, match=r"^demand in period \d of \d is .*; expected zero to 1e\+30, or NaN"):
        forecast(history, 3, paths=20)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"horizon": 0}, "forecast horizon is 0; expected 1 to 10,000 periods"),
        ({"season": 0}, "season is 0; expected 1 (no season) to 10,000 periods"),
        ({"paths": 1}, "number of paths is 1; expected 2 to 1,000,000, such as 1000"),
        (
            {"method": "best"},
            "forecasting method is best; expected one of auto, ensemble, arima, ets, theta, ces, ses, "
            "tsb, imapa, croston, sba, seasonal_naive, median",
        ),
        ({"horizon": 2.5}, "forecast horizon is 2.5; expected 1 to 10,000 periods"),
        ({"horizon": None}, "forecast horizon is None; expected 1 to 10,000 periods"),
        ({"season": "12"}, "season is 12; expected 1 (no season) to 10,000 periods"),
        ({"order": 5}, "ARIMA order is 5; expected three whole numbers, such as (0, 1, 1)"),
        ({"order": (1.5, 1, 1)}, "ARIMA order is 1.5; expected three whole numbers, such as (0, 1, 1)"),
        ({"regressors": {}}, "regressors is {}; expected made by Regressors.of"),
        ({"in_stock": ["False"] * 53}, "in_stock is not numeric ('False'); expected true or false per period"),
        ({"in_stock": [2] * 53}, "in_stock is 2 in period 1; expected true or false"),
        ({"explained": [True]}, "explained is of shape (1,); expected 53 periods, as those of demand"),
        ({"engine": "R"}, "forecasting engine is R; expected one of statsforecast, pmdarima"),
    ],
)
def test_settings_that_cannot_be_are_named(settings: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as raised:
        forecast(base, **{"horizon": 3, **settings})  # type: ignore[arg-type]
    assert str(raised.value) == message


@pytest.mark.parametrize("history", [[], [nan], [nan] * 60], ids=["empty", "one unknown", "all unknown"])
@pytest.mark.parametrize("method", METHODS)
def test_without_a_known_period_no_demand_is_assumed(history: list[float], method: str) -> None:
    made = forecast(np.array(history), 13, season=4, method=method, paths=300)
    assert (made.model, made.reason) == ("none", "no history: no demand is assumed")
    assert made.paths.shape == (300, 13)
    assert not made.paths.any()


def test_what_was_never_in_stock_and_never_sold_has_no_demand_assumed() -> None:
    made = forecast(np.zeros(20), 4, in_stock=np.zeros(20, dtype=bool))
    assert made.model == "none"
    assert made.reason.startswith("no sale and no stock: no demand is assumed")
    assert not made.paths.any()


def test_one_known_period_without_a_demand_keeps_a_chance() -> None:
    made = forecast(np.array([nan, 0.0, nan]), 4)
    assert made.model == "no demand"
    assert 0 < made.mean[0] < 1


def test_stock_outs_do_not_lower_the_forecast() -> None:
    in_stock = np.arange(53) % 4 != 0
    sold = np.where(in_stock, base, 0.0)
    honest = forecast(sold, 4, in_stock=in_stock).mean.mean()
    naive = forecast(sold, 4).mean.mean()
    assert honest == pytest.approx(base.mean(), rel=0.15)
    assert naive < 0.85 * honest


def test_an_item_that_was_never_in_stock_is_forecast_from_its_sales_as_a_lower_bound() -> None:
    made = forecast(np.array([3.0, 2, 4]), 4, in_stock=np.zeros(3, dtype=bool))
    assert made.reason == "sales of 3 periods; never in stock, so sales are only a lower bound"
    assert made.mean[0] == pytest.approx(3.0)


def test_regular_demand_is_forecast_by_four_models_together() -> None:
    made = forecast(random_walk(3), 13, season=52)
    assert made.model.startswith("ARIMA(")
    assert made.model.endswith(" + CES(N) + AR(12) + Theta")


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("arima", "ARIMA("),
        ("ets", "ETS(A,"),
        ("theta", "Theta"),
        ("ces", "CES("),
        ("ses", "SES"),
        ("seasonal_naive", "seasonal naive [12]"),
        ("median", "median"),
        ("tsb", "TSB"),
        ("imapa", "IMAPA"),
        ("croston", "Croston"),
        ("sba", "SBA"),
    ],
)
def test_the_method_that_was_asked_for_is_used_alone(method: str, name: str) -> None:
    made = forecast(monthly(4), 12, season=12, method=method)
    assert made.model.startswith(name)
    assert "+" not in made.model
    assert monthly(4)[-12:].min() < made.mean.mean() < monthly(4)[-12:].max()


def test_a_given_order_is_not_searched() -> None:
    made = forecast(monthly(4), 12, season=12, method="arima", order=(0, 1, 1), seasonal_order=(0, 1, 1))
    assert made.model == "ARIMA(0,1,1)(0,1,1)[12]"


def test_a_season_is_carried_forward() -> None:
    history = monthly(4)
    made = forecast(history, 12, season=12)
    true = 100 * (1 + 0.4 * np.sin(2 * np.pi * np.arange(12) / 12))
    np.testing.assert_allclose(made.mean, true, rtol=0.1)


def test_a_long_season_is_carried_forward() -> None:
    true = 1 + 0.4 * np.sin(2 * np.pi * np.arange(182) / 52)
    history = 50 * true[:156] * np.random.default_rng(9).normal(1, 0.08, 156)
    made = forecast(history, 26, season=52)
    np.testing.assert_allclose(made.mean, 50 * true[156:], rtol=0.2)


def test_a_trend_of_less_than_two_seasons_fades() -> None:
    history = 100 + 5.0 * np.arange(53) + np.random.default_rng(10).normal(0, 5, 53)
    made = forecast(history, 26, season=52)
    assert made.mean[-1] < history[-1] + 26 * 5 * 0.5
    assert made.mean[0] > 0.9 * history[-1]


def test_uncertainty_of_sums_is_larger_than_that_of_independent_periods() -> None:
    made = forecast(autoregressive(2), 13)
    independent = made.paths.astype(float).var(axis=0).sum()
    assert made.cumulative_variance[-1] > 1.5 * independent


def test_sums_of_steady_demand_fall_into_their_interval_as_often_as_promised() -> None:
    rng = np.random.default_rng(11)
    inside = []
    for _ in range(60):
        series = rng.poisson(25, 66).astype(float)
        made = forecast(series[:53], 13, method="theta", paths=500)
        low, high = np.quantile(made.paths.sum(axis=1), [0.025, 0.975])
        inside.append(low <= series[53:].sum() <= high)
    assert np.mean(inside) >= 0.9


def test_the_same_history_has_the_same_paths_and_another_has_others() -> None:
    first, again, other = (forecast(values, 5, method="theta") for values in (base, base.copy(), base + 1))
    np.testing.assert_array_equal(first.paths, again.paths)
    assert not np.array_equal(first.paths, other.paths)


def test_an_engine_that_fails_leaves_the_other_models_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("singular")

    monkeypatch.setattr("invopt_xl.forecasting.regular.members.fit_arima_average", broken)
    made = forecast(base, 5)
    assert made.model == "CES(N) + AR(12) + Theta"
    assert "arima could not be fitted (ValueError: singular)" in made.reason


def test_a_shifted_level_is_followed() -> None:
    history = np.r_[weekly(12, 10, 30), weekly(13, 60, 23)]
    assert forecast(history, 8).mean.mean() == pytest.approx(60, rel=0.2)


WORDS: dict[Note, str] = {
    "outliers": r"\boutliers? ",
    "stock-outs": r"stock-out period|never in stock",
    "unknown periods": r"unknown period",
    "level shifts": r"\blevel \S+ times as high",
    "promotions or prices": r"\b(promotion|price)s? ",
    "short": r"of history: their mean|too few for",
}


@pytest.mark.parametrize("season", [1, 12])
def test_the_notes_are_what_the_reason_tells(season: int) -> None:
    random = np.random.default_rng(4)
    steady = random.poisson(np.linspace(30, 40, 48)).astype(float)
    spike, step, gap = steady.copy(), steady.copy(), steady.copy()
    spike[20], step[:24], gap[7] = 500, steady[:24] * 4, np.nan
    stocked = np.arange(48) % 9 > 0
    rare = random.poisson(0.2, 48).astype(float)
    promoted = Regressors.of(48, 3, promotion=np.arange(48) % 6 == 0, future_promotion=np.zeros(3))
    cases: list[tuple[FloatArray, dict[str, Any]]] = [
        (steady, {}), (spike, {}), (step, {}), (gap, {}), (steady, {"in_stock": stocked}), (steady[:5], {}), (rare, {}),
        (steady[:10], {"method": "arima"}), (steady, {"in_stock": np.zeros(48)}), (rare, {"regressors": promoted}),
        (np.where(np.arange(48) % 6, steady, 3 * steady), {"regressors": promoted}), (steady, {"regressors": promoted}),
    ]  # fmt: skip
    told = set()
    for history, options in cases:
        made = forecast(history, 3, season=season, paths=50, **options)
        assert made.notes == {note for note, words in WORDS.items() if re.search(words, made.reason)}, made.reason
        told |= made.notes
    assert told == WORDS.keys()
