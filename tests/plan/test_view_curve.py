"""The curve of service against stock money: consistent with the headline figures, and with what levels give."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from small_tables import small_tables

from invopt_xl.domain import Forecast
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.histories import Histories
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.pipeline import run
from invopt_xl.plan.service_goals import Stocked, fill_rates
from invopt_xl.plan.views.curve import POINTS, TARGETS, fill_of_today
from invopt_xl.policy import CumulativeDemand, ReplenishmentCycle, lead_times


@pytest.fixture(scope="module")
def tables() -> Tables:
    goal = {"service_goal": "overall", "service_measure": "fill", "shortage": "backorder"}
    return run(small_tables(**goal), wanted=frozenset({"curve"})).tables


def points(tables: Tables, name: str) -> pd.DataFrame:
    curve = tables["curve"]
    return curve[curve["point"] == name.replace("_", " ")][["fill_rate", name]].rename(columns={name: "money"})


def test_the_plan_and_today_are_the_headline_figures(tables: Tables) -> None:
    figures = dict(zip(tables["kpis"]["name"], tables["kpis"]["value"], strict=True))
    (plan,) = points(tables, "plan").to_dict("records")
    (today,) = points(tables, "today").to_dict("records")
    assert plan["money"] == pytest.approx(figures["Stock for this service"], abs=0.05)
    assert 100 * plan["fill_rate"] == pytest.approx(figures["Expected fill rate"], abs=0.05)
    assert today["money"] == pytest.approx(figures["Stock on hand"], abs=0.05)
    assert 0 < today["fill_rate"] < 1


def test_every_row_is_one_point_of_one_line(tables: Tables) -> None:
    curve = tables["curve"]
    lines = curve.drop(columns=["point", "fill_rate"])
    assert (lines.notna().sum(axis=1) == 1).all()
    assert [lines.columns[row.argmax()] for row in lines.notna().to_numpy()] == [
        name.replace(" ", "_") for name in curve["point"]
    ]
    assert len(points(tables, "one_target")) == len(TARGETS)
    assert POINTS / 2 <= len(points(tables, "best_mix")) <= POINTS


def test_more_service_takes_more_money_and_ever_more(tables: Tables) -> None:
    mix = points(tables, "best_mix")
    assert mix["fill_rate"].is_monotonic_increasing
    assert mix["money"].is_monotonic_increasing
    slopes = np.diff(mix["money"]) / np.diff(mix["fill_rate"])
    assert (np.diff(slopes) >= -1e-3 * slopes[:-1]).all()


def test_nothing_beats_the_best_mix(tables: Tables) -> None:
    mix = points(tables, "best_mix")
    for name in ("one_target", "plan"):
        for point in points(tables, name).to_dict("records"):
            if mix["fill_rate"].min() <= point["fill_rate"] <= mix["fill_rate"].max():
                least = float(np.interp(point["fill_rate"], mix["fill_rate"], mix["money"]))
                # A chord lies above the curve that it cuts.
                assert point["money"] >= 0.97 * least, (name, point)


def known(sold: np.ndarray) -> Histories:
    shape = sold.shape
    flags, none = np.ones(shape, dtype=bool), np.zeros((shape[0], 0))
    rows = flags.astype(np.int64)
    return Histories(sold, flags, ~flags, sold * np.nan, rows, np.zeros(shape[0], int), none, none, rows)


@pytest.mark.parametrize(("lost", "off"), [(False, 0.001), (True, 0.01)])
def test_today_gives_what_the_levels_give_that_its_stock_is_a_sample_of(lost: bool, off: float) -> None:
    lot, point, last = 24, 40.0, 7.0
    paths = np.random.default_rng(4).poisson(12.0, (4000, 8)).astype(np.float32)
    demand = CumulativeDemand.of([Forecast(paths, "Poisson", "given")] * lot, np.ones(lot, dtype=bool))
    cycle = ReplenishmentCycle.of(demand, lead_times(np.full(lot, 14.0), np.zeros(lot)), np.full(lot, 7.0), 7.0)
    items = pd.DataFrame({"demand_per_period": np.full(lot, 12.0), "shelf_life_days": np.nan})
    parameters = Parameters(date(2024, 7, 1), shortage="lost" if lost else "backorder")
    stocked = Stocked.of(items, cycle, np.full(lot, float(lot)), np.full(lot, 3.0), parameters)
    # After the last review positions stood at s, s + 1, ... s + Q - 1; since then each sold so many.
    sold = np.tile([3.0, last], (lot, 1))
    found = fill_of_today(stocked, point + np.arange(lot) - last, known(sold), lost=lost)
    assert found.mean() == pytest.approx(fill_rates(stocked, np.full(lot, point), lost)[0], abs=off)
    assert (np.diff(found) >= 0).all()
    unknown = fill_of_today(stocked, point + np.arange(lot) - 12.0, known(sold * np.nan), lost=lost)
    assert unknown == pytest.approx(found, abs=1e-6), "what is not known to have sold did as expected"
