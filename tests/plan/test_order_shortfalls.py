"""Demand that an order plan leaves unmet is told in full: whose, when, how much, what it costs, and why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shop_tables import levelled, shop, table

from invopt_xl.optimise import Shortfall
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.order_plan import Basis, problem_of
from invopt_xl.plan.orders import Planned
from invopt_xl.plan.orders.planned import Effort, judged, plan_problem
from invopt_xl.plan.orders.shortages import not_named, order_shortfalls, shortage_sentence
from invopt_xl.plan.orders.tables import order_costs, order_items

TEA, CUP, WEST = range(3)


def planned(raw: dict[str, pd.DataFrame]) -> tuple[Basis, Planned, pd.DataFrame]:
    """Return the best plan of these tables, and what it leaves unmet."""
    basis = levelled(raw)
    made = plan_problem(*problem_of(basis), Effort(1.0, 0.01, 1))
    return basis, made, order_shortfalls(basis.items, made, basis.admitted.parameters)


def dear(**fees: float) -> dict[str, pd.DataFrame]:
    """Return a shop whose cups cost so much to order, without safety stock."""
    raw = shop()
    raw["items"]["safety_stock"] = 0
    raw["items"]["order_cost"] = [0, fees.get("line", 0), 0]
    raw["suppliers"]["order_cost"] = [10, fees.get("order", 5)]
    return raw


@pytest.mark.parametrize("fees", [{"order": 900.0}, {"line": 900.0}], ids=lambda fees: next(iter(fees)))
def test_an_item_that_is_never_ordered_because_its_fee_is_too_dear_is_named_with_weeks_units_money_and_why(
    fees: dict[str, float],
) -> None:
    _, made, rows = planned(dear(**fees))
    assert not made.plan.quantity[CUP].any()
    assert not made.plan.shortfalls
    cup = rows[rows["item"] == "cup"].iloc[0]
    # 30 are there and 20 a week are asked for; an order takes two weeks; a cup sold earns 2.
    assert (str(cup["date"].date()), str(cup["until"].date()), cup["periods"]) == ("2024-07-15", "2024-09-08", 8)
    assert (cup["units"], cup["cost"]) == (160.0, 320.0)
    assert cup["why"].startswith("an order now would cost")
    assert cup["why"].endswith("more than it saves")
    # All that is missing at once comes cheaper than week by week: 900 less 320, and some weeks of holding.
    assert 580 < float(cup["why"].split()[5].replace(",", "")) < 620


def test_what_no_order_can_reach_any_more_stands_apart_from_what_a_fee_keeps_out() -> None:
    _, _, rows = planned(dear(order=900.0))
    cup = rows[rows["item"] == "cup"]
    assert cup["why"].tolist()[1:] == ["no order can arrive before the week from 15 Jul 2024"]
    assert cup["units"].tolist() == [160.0, 10.0]


def test_who_goes_without_under_a_budget_is_named_with_units_and_money() -> None:
    basis, _, rows = planned(shop(budget=60))
    named = not_named(rows, basis.items, ())
    assert len(named) == len(rows) > 0
    assert rows["cost"].is_monotonic_decreasing
    sentence = shortage_sentence(named.to_dict("records")[0], basis.admitted.parameters)
    assert "units, " in sentence
    assert sentence.endswith("no room for it")


@settings(max_examples=15, deadline=None)
@given(
    st.integers(20, 400), st.floats(0, 400), st.lists(st.integers(0, 3), min_size=10, max_size=10), st.integers(0, 2)
)
def test_what_is_told_adds_up_to_all_that_is_short_and_to_what_it_costs(
    budget: int, fee: float, lots: list[int], frozen: int
) -> None:
    basis = levelled(shop(budget=budget, frozen_periods=frozen) | {"suppliers": _fees(fee)})
    problem, sources = problem_of(basis)
    quantity = np.zeros((problem.sources, problem.periods))
    quantity[TEA] = 10.0 * np.resize(lots, problem.periods)
    made = plan_problem(problem, sources, Effort(0.1, 1.0, 1)).plan
    flow = judged(problem, sources, replace(made, quantity=quantity))
    rows = order_shortfalls(basis.items, flow, basis.admitted.parameters)
    told = rows.groupby(["item", "location"])["units"].sum()
    short = order_items(basis.items, flow, basis.admitted.parameters).groupby(["item", "location"])["short"].sum()
    assert told.reindex(short.index).fillna(0.0).to_numpy() == pytest.approx(short.to_numpy(), abs=1e-2)
    costs = order_costs(flow, basis.admitted.parameters).set_index("kind")["amount"]
    assert rows["cost"].sum() == pytest.approx(costs.get("shortage", 0.0), abs=0.1)
    assert (rows["why"] != "").all()
    assert (rows["until"] > rows["date"]).all()


def _fees(fee: float) -> pd.DataFrame:
    return table(supplier=["North", "South"], order_cost=[10, fee], lead_time_days=[14, 28])


def test_units_that_a_limits_shortfall_names_are_not_named_again() -> None:
    basis, made, rows = planned(dear(order=900.0))
    name = item_names(basis.items)[CUP]

    def left(*told: Shortfall) -> list[float]:
        found = not_named(rows, basis.items, told)
        return found.loc[found["item"] == "cup", "units"].tolist()

    assert left() == [160.0, 10.0]
    assert left(Shortfall("minimum", -1, "South", 160.0, "not worth paying", 0.0, ((name, 160.0),))) == [10.0]
    assert left(Shortfall("minimum", -1, "South", 60.0, "not worth paying", 0.0, ((name, 60.0),))) == [100.0, 10.0]
    assert left(Shortfall("budget", 0, "", 60.0, "60 short")) == [160.0, 10.0]
    assert made.plan.shortfalls == ()


def test_a_row_reads_as_a_sentence_and_a_reason_said_above_is_not_said_again() -> None:
    basis, _, rows = planned(dear(order=900.0))
    row = next(row for row in not_named(rows, basis.items, ()).to_dict("records") if row["item"] == "cup")
    parameters = basis.admitted.parameters
    assert shortage_sentence(row, parameters).startswith(
        "cup: 160 units, 320.00, 8 weeks from 15 Jul to 8 Sep: an order"
    )
    assert shortage_sentence(row, parameters, {row["why"]}).endswith("8 Sep: as said above")
