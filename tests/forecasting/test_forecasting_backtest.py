import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from counted_progress import Counted
from demand_series import monthly, weekly
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stand_in_forecasts import stand_in, stand_ins

from invopt_xl.cache import ContentCache
from invopt_xl.domain import Forecast, Note
from invopt_xl.domain.forecast import QUANTILE_LEVELS, FloatArray
from invopt_xl.errors import InputError
from invopt_xl.forecasting import METHODS, forecast
from invopt_xl.forecasting.backtest import metrics
from invopt_xl.forecasting.backtest import predictions as backtest
from invopt_xl.forecasting.backtest.costs import Costs
from invopt_xl.forecasting.backtest.predictions import summary_table
from invopt_xl.forecasting.backtest.selection import choose_methods
from invopt_xl.forecasting.backtest.walk import walk_forward
from invopt_xl.forecasting.lifts.regressors import Regressors

RARE = np.array([0, 0, 3.0, 0, 0, 2, 0, 0, 0, 1, 0, 4, 0, 0, 2, 0, 0, 1, 0, 0, 3, 0, 0, 0, 2, 0])
CATALOGUE: list[FloatArray] = [weekly(1), monthly(2), RARE, weekly(1), np.full(30, 3.1)]
FAST: dict[str, Any] = {"methods": ("auto", "theta"), "paths": 200}


@pytest.fixture(autouse=True)
def forecasts_in_no_time(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "real_forecasts" not in request.fixturenames:
        monkeypatch.setattr(backtest, "forecast_many", stand_ins)


@pytest.fixture
def real_forecasts() -> None:
    """Forecast with the models of the package."""


def test_windows_end_with_the_history_and_are_a_horizon_apart() -> None:
    made = walk_forward([np.arange(40.0)], 5, 3, **FAST)
    assert made.cases.origins.tolist() == [[25, 30, 35]]
    assert made.cases.actual[0, 1].tolist() == [30, 31, 32, 33, 34]
    closer = walk_forward([np.arange(40.0)], 5, 3, step=1, **FAST)
    assert closer.cases.origins.tolist() == [[33, 34, 35]]


@pytest.mark.usefixtures("real_forecasts")
def test_every_forecast_is_that_of_the_history_before_the_window() -> None:
    history, stocked = weekly(4), np.arange(53) % 9 > 0
    made = walk_forward([history], 4, 2, methods=("ses", "median"), in_stock=[stocked], season=13, paths=200)
    for window, origin in enumerate((45, 49)):
        alone = forecast(history[:origin], 4, in_stock=stocked[:origin], season=13, method="ses", paths=200)
        np.testing.assert_allclose(made.made.mean[0, 0, window], alone.mean, rtol=1e-5)
        np.testing.assert_allclose(made.made.quantiles[0, 0, window], alone.quantiles(QUANTILE_LEVELS), rtol=1e-5)
        total = alone.paths.sum(axis=1)
        np.testing.assert_allclose(
            made.made.interval_quantiles[0, 0, window], np.quantile(total, QUANTILE_LEVELS), rtol=1e-5
        )
        assert made.made.models[0, 0, window] == alone.model


def test_what_comes_after_an_origin_reaches_no_forecast_before_it() -> None:
    history = weekly(5)
    changed = history.copy()
    changed[-4:] *= 50
    first, second = (walk_forward([one], 4, 2, **FAST).made for one in (history, changed))
    np.testing.assert_array_equal(first.mean[:, :, 0], second.mean[:, :, 0])
    np.testing.assert_array_equal(first.mean[:, :, 1], second.mean[:, :, 1])


def test_periods_out_of_stock_or_unknown_are_no_errors() -> None:
    history, stocked = weekly(6), np.ones(53, dtype=bool)
    history[-1], stocked[-3] = np.nan, False
    made = walk_forward([history], 4, 1, in_stock=[stocked], protection_periods=1, **FAST)
    assert np.isnan(made.cases.actual[0, 0]).tolist() == [False, True, False, True]
    assert made.by_method()["periods"].tolist() == [2, 2]
    assert made.cases.interval_actual[0, 0] == history[-4]
    whole = walk_forward([history], 4, 1, in_stock=[stocked], **FAST)
    assert np.isnan(whole.cases.interval_actual[0, 0])
    assert whole.by_method()["interval_pinball"].isna().all()


def test_windows_that_cannot_be_scored_are_named() -> None:
    short, unknown = np.arange(14.0), weekly(7)
    unknown[-3:] = np.nan
    made = walk_forward([short, unknown], 3, 3, names=["bolt", "nut"], **FAST)
    assert made.left_out().to_numpy().tolist() == [
        ["bolt", 1, "5 known periods before it; 8 are needed"],
        ["nut", 3, "no period in it with known demand and stock"],
    ]
    assert made.by_item()["windows"].tolist() == [2, 2, 2, 2]


def test_an_item_without_any_window_is_in_no_average() -> None:
    made = walk_forward([np.arange(4.0), weekly(1)], 3, 2, names=["new", "old"], **FAST)
    assert made.by_method()["items"].tolist() == [1, 1]
    assert set(made.by_item().index.get_level_values("item")) == {"old"}
    assert made.left_out()["item"].tolist() == ["new", "new"]


def test_nothing_to_score_gives_empty_tables() -> None:
    for made in (walk_forward([], 3, 2, **FAST), walk_forward([np.arange(4.0)], 3, 2, **FAST)):
        assert made.by_method()["items"].tolist() == [0, 0]
        assert made.by_method()["wape"].isna().all()
        assert made.by_item().empty
        assert made.by_pattern().empty
        assert made.by_horizon()["periods"].tolist() == [0] * 6


def test_tables_equal_a_count_by_hand() -> None:
    prices = Costs([2.0] * 5, [5.0, 5.0, 5.0, np.nan, 5.0])
    made = walk_forward(CATALOGUE, 4, 3, season=12, protection_periods=[2, 3, 4, 1, 4], costs=prices, **FAST)
    table, by_item = made.by_method(), made.by_item()
    for number, method in enumerate(made.methods):
        masses, losses, interval_losses, hits, absolute, cost = [], [], [], [], 0.0, 0.0
        for item, (history, periods) in enumerate(zip(CATALOGUE, (2, 3, 4, 1, 4), strict=True)):
            item_errors, item_losses, item_intervals = [], [], []
            for window in range(3):
                origin = history.size - 4 * (3 - window)
                past, future = history[:origin], history[origin : origin + 4]
                drawn = stand_in(past, 4, season=12, method=method, paths=200)
                scale = metrics.naive_scale(past, 12 if origin >= 24 else 1).absolute
                absolute += float(np.abs(future - drawn.mean).sum())
                quantiles = drawn.quantiles(QUANTILE_LEVELS)
                item_errors += [abs(y - f) / scale for y, f in zip(future, drawn.mean, strict=True)]
                item_losses += list(metrics.pinball_loss(future, quantiles, QUANTILE_LEVELS).mean(axis=1) / scale)
                total, came = drawn.paths[:, :periods].sum(axis=1), future[:periods].sum()
                levels = np.quantile(total, QUANTILE_LEVELS)
                loss = metrics.pinball_loss(np.array([came]), levels[None], QUANTILE_LEVELS).mean()
                item_intervals.append(loss / scale / periods)
                hits += list((future <= drawn.quantiles([0.975])[:, 0] + 1e-6).astype(float))
                if item != 3:
                    left = 2.0 * 0.25 * periods / 52
                    stock = np.quantile(total, 3 / (3 + left))
                    cost += 3 * max(came - stock, 0) + left * max(stock - came, 0)
            masses.append(np.mean(item_errors))
            losses.append(np.mean(item_losses))
            interval_losses.append(np.mean(item_intervals))
            assert by_item.loc[(str(item + 1), method), "mase"] == pytest.approx(masses[-1], rel=1e-4, nan_ok=True)
        demand = sum(history[-12:].sum() for history in CATALOGUE)
        row = table.loc[method]
        assert row["wape"] == pytest.approx(absolute / demand, rel=1e-4)
        assert row["mase"] == pytest.approx(np.nanmean(masses), rel=1e-4)
        assert row["scaled_pinball"] == pytest.approx(np.nanmean(losses), rel=1e-4)
        assert row["interval_pinball"] == pytest.approx(np.nanmean(interval_losses), rel=1e-4)
        assert row["upper_975"] == pytest.approx(np.mean(hits))
        assert row["cost"] == pytest.approx(cost, rel=1e-3)
        assert (row["unscaled_items"], row["unpriced_items"], row["items"]) == (1, 1, 5)
        assert made.losses("pinball")[number, 1].mean() == pytest.approx(losses[1], rel=1e-4)
        assert np.nansum(made.losses("cost")[number]) == pytest.approx(cost, rel=1e-3)


def test_patterns_and_items_add_up_to_the_whole() -> None:
    made = walk_forward(CATALOGUE, 4, 3, season=12, **FAST)
    whole, patterns, items = made.by_method(), made.by_pattern(), made.by_item()
    # Sizes of 1 to 4 units vary too little to be lumpy.
    assert set(patterns.index.get_level_values("pattern")) == {"smooth", "intermittent"}
    for column in ("items", "windows", "periods"):
        assert patterns[column].groupby("method").sum().loc["theta"] == whole.loc["theta", column]
    assert items["periods"].groupby("method").sum().loc["auto"] == whole.loc["auto", "periods"]
    steps = made.by_horizon()
    assert steps["periods"].groupby("method").sum().loc["auto"] == whole.loc["auto", "periods"]
    assert steps.loc["theta", "coverage_80"].mean() == pytest.approx(whole.loc["theta", "coverage_80"])


def test_an_eternally_high_forecast_drifts(monkeypatch: pytest.MonkeyPatch) -> None:
    def high(histories: list[FloatArray], horizon: int, **_: object) -> list[Forecast]:
        return [Forecast(np.full((2, horizon), 99, dtype=np.float32), "high", "test") for _ in histories]

    monkeypatch.setattr(backtest, "forecast_many", high)
    made = walk_forward([weekly(1), weekly(2)], 3, 4, methods=("auto",))
    assert made.by_item()["tracking_signal"].tolist() == pytest.approx([4.0, 4.0])
    assert made.by_method()["drifting_items"].tolist() == [1.0]
    assert made.by_method().loc["auto", "bias"] > 1
    few = walk_forward([weekly(1), weekly(2)], 3, 3, methods=("auto",))
    assert few.by_method()["drifting_items"].isna().all()


def test_the_true_distribution_is_covered_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    true = Forecast(np.random.default_rng(9).normal(100, 10, (4000, 4)).astype(np.float32), "true", "")
    monkeypatch.setattr(backtest, "forecast_many", lambda histories, *_, **__: [true] * len(histories))
    histories = [np.random.default_rng(seed).normal(100, 10, 60) for seed in range(200)]
    row = walk_forward(histories, 4, 3, methods=("auto",)).by_method().loc["auto"]
    for column, share in (("coverage_80", 0.8), ("coverage_95", 0.95), ("upper_90", 0.9), ("upper_975", 0.975)):
        assert row[column] == pytest.approx(share, abs=0.03)
        assert row[f"interval_{column}"] == pytest.approx(share, abs=0.05)


def test_a_second_run_forecasts_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counting(histories: list[FloatArray], *arguments: Any, **settings: Any) -> list[Forecast]:
        asked.append(len(histories))
        return stand_ins(histories, *arguments, **settings)

    monkeypatch.setattr(backtest, "forecast_many", counting)
    with ContentCache(tmp_path) as cache:
        first = walk_forward(CATALOGUE, 4, 3, cache=cache, **FAST)
        again = walk_forward(CATALOGUE, 4, 3, cache=cache, **FAST)
        assert asked == [15, 15, 0, 0]
        later = [np.r_[history, 3.0] for history in CATALOGUE]
        walk_forward(later, 4, 2, step=1, cache=cache, **FAST)
    # A period later the window before the newest is the one that was the newest.
    assert asked == [15, 15, 0, 0, 5, 5]
    np.testing.assert_array_equal(first.made.quantiles, again.made.quantiles)
    assert (first.made.models == again.made.models).all()


@pytest.mark.parametrize(("note", "kept"), [("search failed", False), ("outliers", True)])
def test_what_a_fault_of_the_machine_spoilt_is_not_kept(
    note: Note, kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def spoilt(histories: list[FloatArray], horizon: int, **_: object) -> list[Forecast]:
        asked.append(len(histories))
        return [Forecast(np.ones((2, horizon), dtype=np.float32), "Theta", "", frozenset({note})) for _ in histories]

    monkeypatch.setattr(backtest, "forecast_many", spoilt)
    with ContentCache(tmp_path) as cache:
        for _ in range(2):
            walk_forward([weekly(1)], 4, 1, methods=("auto",), cache=cache)
    assert asked == [1, 0 if kept else 1]


@pytest.mark.parametrize("known", [True, False])
def test_regressors_stand_as_they_did_when_a_window_began(known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Regressors | None] = []

    def remembering(*arguments: Any, regressors: list[Regressors | None], **settings: Any) -> list[Forecast]:
        given.extend(regressors)
        return stand_ins(*arguments, **settings)

    monkeypatch.setattr(backtest, "forecast_many", remembering)
    price, holiday = 2.0 + np.arange(53.0) % 3, np.arange(57.0) % 13 == 0
    columns = Regressors.of(53, 4, price=price, calendar={"holiday": holiday}, future_price=np.ones(4))
    walk_forward([weekly(1), weekly(2)], 4, 2, methods=("auto",), regressors=[columns, None], future_known=known)
    first, second, *others = given
    assert others == [None, None]
    assert first is not None
    assert second is not None
    prices = [kind == "price" for kind in first.kinds]
    for origin, stood in ((45, first), (49, second)):
        np.testing.assert_array_equal(stood.past, columns.past[:origin])
        came = columns.past[origin : origin + 4].copy()
        came[:, prices] = came[:, prices] if known else np.nan
        np.testing.assert_array_equal(stood.future, came)


def test_progress_counts_every_forecast() -> None:
    counted = Counted()
    walk_forward(CATALOGUE, 4, 3, progress=counted, **FAST)
    assert counted.stages == [("Back-testing", 30)]
    assert counted.steps == 30


def test_a_forecast_is_summed_up_by_its_quantiles() -> None:
    rng = np.random.default_rng(3)
    drawn = Forecast(rng.gamma(2, 5, (333, 6)).astype(np.float32), "example", "")
    table = summary_table(drawn, QUANTILE_LEVELS, 4, 0.993)
    np.testing.assert_allclose(table[:6, :9], drawn.quantiles(QUANTILE_LEVELS), rtol=1e-5)
    np.testing.assert_allclose(table[:6, 9], drawn.mean, rtol=1e-5)
    assert table[6, 10] == pytest.approx(np.quantile(drawn.paths[:, :4].sum(axis=1), 0.993), rel=1e-5)
    assert np.isnan(summary_table(drawn, [0.5], 1)[:, -1]).all()


def test_scoring_a_thousand_items_takes_less_than_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = Forecast(np.random.default_rng(0).gamma(2, 5, (1000, 13)).astype(np.float32), "example", "")
    monkeypatch.setattr(backtest, "forecast_many", lambda histories, *_, **__: [drawn] * len(histories))
    histories = [weekly(seed, periods=80) for seed in range(1000)]
    prices = Costs(np.ones(1000), np.full(1000, 2.0))
    began = time.process_time()
    made = walk_forward(histories, 13, 4, methods=METHODS[:3], paths=1000, costs=prices)
    for table in (made.by_method(), made.by_item(), made.by_horizon(), made.by_pattern()):
        assert not table.empty
    assert time.process_time() - began < 4  # half of it on a quiet machine


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"methods": ("prophet",)}, "forecasting method is prophet; expected one of auto"),
        ({"methods": ("auto", "auto")}, "methods is"),
        ({"methods": ()}, "methods is"),
        ({"windows": 0}, "number of windows is 0; expected 1 to 1,000"),
        ({"step": 0}, "step between windows is 0"),
        ({"horizon": 0}, "forecast horizon is 0"),
        ({"windows": 2.5}, "number of windows is 2.5; expected 1 to 1,000"),
        ({"horizon": None}, "forecast horizon is None; expected 1 to 10,000 periods"),
        ({"season": 0}, "season is 0; expected 1"),
        ({"step": 1.5}, "step between windows is 1.5; expected 1 to 10,000 periods"),
        ({"step": True}, "step between windows is True"),
        ({"scale_lag": 0}, "lag of the naive forecast is 0; expected 1 to 10,000 periods"),
        ({"scale_lag": -1}, "lag of the naive forecast is -1"),
        ({"protection_periods": 9}, "protection periods is 9.0; expected 1 to the horizon of 4 periods"),
        ({"protection_periods": "two"}, "protection periods is not numeric .'two'.; expected 1 to the horizon"),
        ({"protection_periods": [np.nan]}, "protection periods of item 1 of 1 is nan; expected 1 to the horizon"),
        ({"protection_periods": [None]}, "protection periods of item 1 of 1 is nan"),
        ({"protection_periods": [1.9]}, "protection periods of item 1 of 1 is 1.9"),
        ({"protection_periods": [1, 2]}, "number of protection periods is 2; expected 1, one per history"),
        ({"names": ["a", "b"]}, "number of names is 2; expected 1, one per history"),
        ({"histories": [weekly(1)] * 3, "names": ["a", "b", "a"]}, "name of an item is 'a' 2 times; expected a name"),
        ({"costs": Costs([1.0, 2.0])}, "number of unit costs is 2; expected 1, one per history"),
        ({"costs": Costs(["a"])}, "unit cost is not numeric .'a'.; expected 0 to 1e.12, or NaN where unknown"),  # type: ignore[list-item]
        ({"costs": Costs([10**400])}, "unit cost is not numeric .larger than 1e308.; expected 0 to"),
        ({"costs": Costs([-1])}, "unit cost of item 1 of 1 is -1; expected 0 to"),
        ({"costs": Costs(unit_price=[np.inf])}, "unit price of item 1 of 1 is inf; expected 0 to"),
        ({"costs": Costs(shortage_cost=[-np.inf])}, "shortage cost of item 1 of 1 is -inf; expected 0 to"),
        ({"costs": Costs(holding_rate=-1)}, "holding rate is -1; expected 0 to 100, the share"),
        ({"costs": Costs(holding_rate=np.nan)}, "holding rate is nan; expected 0 to 100, the share"),
        ({"costs": Costs(periods_per_year=0)}, "periods per year is 0; expected above 0 to 10,000, such as 52"),
        ({"regressors": [5]}, "regressors of item 1 is of type int; expected made by Regressors.of, or None"),
        ({"regressors": [Regressors.of(3, 4)]}, "periods of the regressors of item 1 is 3; expected 53, as many as"),
        ({"regressors": []}, "number of regressors is 0; expected 1, one per history"),
        ({"in_stock": []}, "number of in_stock rows is 0; expected 1"),
        ({"scored_levels": (95,)}, "scored quantiles is .95.0,.; expected between 0 and 1"),
        ({"scored_levels": ("a",)}, "scored quantiles is not numeric .'a'.; expected between 0 and 1"),
        ({"histories": [np.array([-1.0])]}, "history 1 of 1: demand in period 1 of 1 is -1"),
    ],
)
def test_what_cannot_be_is_named(wrong: dict[str, Any], message: str) -> None:
    settings: dict[str, Any] = {"histories": [weekly(1)], "horizon": 4, "windows": 2, **FAST, **wrong}
    with pytest.raises(InputError, match=message) as raised:
        walk_forward(**settings)
    assert "\n" not in str(raised.value)


DEMANDS = st.one_of(st.just(0.0), st.just(float("nan")), st.integers(0, 9).map(float), st.floats(0, 1e30))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(DEMANDS, max_size=30).map(np.array), max_size=4), st.integers(1, 5), st.integers(1, 4),
    st.sampled_from([1, 4]),
)  # fmt: skip
def test_any_demand_gives_tables_of_finite_numbers_or_none(
    histories: list[FloatArray], horizon: int, windows: int, season: int
) -> None:
    prices = Costs(np.ones(len(histories)), np.full(len(histories), 2.0))
    made = walk_forward(histories, horizon, windows, methods=("auto",), season=season, paths=20, costs=prices)
    scored = int(np.isfinite(made.cases.actual).sum())
    for table in (made.by_method(), made.by_item(), made.by_pattern(), made.by_horizon()):
        assert table["periods"].sum() == scored
        assert not np.isinf(table.select_dtypes("number").to_numpy(dtype=np.float64)).any()
    assert len(made.left_out()) == int((made.cases.origins < 0).sum())
    assert choose_methods(made, "auto")["chosen"].eq("auto").all()


def test_an_unknown_measure_is_named() -> None:
    with pytest.raises(InputError, match="measure is smape; expected one of pinball, interval, cost"):
        walk_forward([weekly(1)], 4, 1, **FAST).losses("smape")  # type: ignore[arg-type]
