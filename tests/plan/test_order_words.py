"""What order lines and shortfalls say, read as a buyer would."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop_tables import PERIODS, levelled, shop, table

from invopt_xl.optimise import OrderProblem, Shortfall, coverage_of
from invopt_xl.plan.exceptions.limits import advice, limit_exceptions
from invopt_xl.plan.keys import item_names
from invopt_xl.plan.order_plan import Basis, problem_of
from invopt_xl.plan.orders import Planned
from invopt_xl.plan.orders.dating import days_in_words
from invopt_xl.plan.orders.lines import order_lines
from invopt_xl.plan.orders.planned import Effort, judged, plan_problem
from invopt_xl.plan.orders.short import advice_when_short, short_reasons, speaks_against_orders
from invopt_xl.plan.orders.tables import order_costs, order_items, order_limits
from invopt_xl.plan.orders.uses import Uses, mostly_covered
from invopt_xl.plan.orders.worth import limit_sentence, worth_having
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.results import held_back

TEA, CUP, WEST = range(3)


def planned_with(raw: dict[str, pd.DataFrame], lines: dict[tuple[int, int], float]) -> tuple[Basis, Planned]:
    """Return a plan of just these lines: units by source and order period."""
    basis = levelled(raw)
    problem, sources = problem_of(basis)
    quantity = np.zeros((problem.sources, problem.periods))
    for place, units in lines.items():
        quantity[place] = units
    made = plan_problem(problem, sources, Effort(0.2, 1.0, 1)).plan
    made = replace(made, quantity=quantity, shaped_by=np.where(quantity > 0, "need", ""))
    return basis, judged(problem, sources, made)


def told(raw: dict[str, pd.DataFrame], lines: dict[tuple[int, int], float]) -> list[str]:
    """Return what each line covers, by source and order period."""
    basis, planned = planned_with(raw, lines)
    uses = Uses(planned, basis.admitted.parameters)
    return ["; ".join([use.covers, *use.besides]) for use in (uses.of(*place) for place in lines)]


def without_floor() -> dict[str, pd.DataFrame]:
    raw = shop()
    raw["items"]["safety_stock"] = 0
    return raw


def test_a_line_says_which_demand_it_covers_and_the_next_one_goes_on_from_there() -> None:
    # 60 are there and 20 a week are asked for: the first line is used from the fourth week on.
    assert told(without_floor(), {(TEA, 0): 40, (TEA, 2): 60}) == [
        "covers demand of 22 Jul to 4 Aug",
        "covers demand of 5 Aug to 25 Aug",
    ]


def test_a_line_that_reaches_beyond_the_plan_says_how_far() -> None:
    assert told(without_floor(), {(TEA, 0): 200}) == ["covers demand of 22 Jul to 8 Sep and about 3 weeks more"]


def test_a_line_ordered_before_its_demand_for_the_sake_of_the_safety_stock_says_so() -> None:
    assert told(shop(), {(TEA, 0): 40}) == ["keeps safety stock from 15 Jul and covers demand of 22 Jul to 4 Aug"]


def test_a_line_that_only_fills_the_safety_stock_says_so() -> None:
    # The week before the last ends without stock; what comes in the last week stays.
    assert told(shop(), {(TEA, 0): 140, (TEA, 7): 20})[1] == "keeps safety stock from 2 Sep"


def test_a_week_that_two_lines_share_is_told_of_the_one_that_covers_most_of_it() -> None:
    assert told(without_floor(), {(TEA, 0): 34, (TEA, 2): 66}) == [
        "covers demand of 22 Jul to 4 Aug",
        "covers demand of 5 Aug to 25 Aug",
    ]


def test_a_week_of_which_hardly_anything_is_covered_is_not_told() -> None:
    assert told(without_floor(), {(TEA, 0): 41}) == ["covers demand of 22 Jul to 4 Aug"]
    assert told(without_floor(), {(TEA, 0): 43}) == ["covers demand of 22 Jul to 11 Aug"]
    # All that it is for.
    assert told(without_floor(), {(TEA, 4): 1}) == ["covers part of the demand of 12 Aug to 18 Aug"]


def test_a_few_units_beside_the_stock_cover_part_of_the_week_in_which_it_runs_out() -> None:
    raw = without_floor()
    raw["items"].loc[2, "on_hand"] = 74
    # 6 of the 20 of that week, and 2 of the next one.
    assert told(raw, {(TEA, 0): 8, (TEA, 1): 38}) == [
        "covers part of the demand of 22 Jul to 28 Jul",
        "covers demand of 29 Jul to 11 Aug",
    ]


def test_no_demand_is_told_of_a_day_on_which_a_line_has_expired() -> None:
    fresh = without_floor()
    fresh["items"].loc[2, ["shelf_life_days", "on_hand"]] = [10, 40]
    # Due on 15 July, it keeps until the 24th.
    assert told(fresh, {(TEA, 0): 28}) == ["covers demand of 15 Jul to 24 Jul"]
    assert told(fresh, {(TEA, 0): 20}) == ["covers demand of 15 Jul to 21 Jul"]


@given(st.lists(st.floats(0, 70), min_size=8, max_size=8), st.floats(0, 90), st.floats(0, 30))
def test_told_demand_is_demand_the_line_covers_and_no_line_is_left_without(
    lines: list[float], on_hand: float, floor: float
) -> None:
    demand = np.array([[7.0, 30.0, 0.0, 12.0, 25.0, 1.0, 18.0, 40.0]])
    problem = OrderProblem(
        item_names=("tea",), supplier=-1, unit_cost=1.0, demand=demand, on_hand=on_hand, lead_time_periods=1,
        shortage_cost=1.0, safety_stock=floor,
    )  # fmt: skip
    coverage = coverage_of(problem, np.array([lines]))
    first, last, _ = mostly_covered(coverage, problem)
    covers = coverage.first >= 0
    assert ((first >= 0) == covers).all()
    assert (first <= last).all()
    assert ((first >= coverage.first) & (last <= coverage.last)).all()


def test_a_line_bought_ahead_says_what_a_unit_costs_later() -> None:
    basis, planned = planned_with(without_floor(), {(TEA, 0): 60})
    prices = planned.problem.unit_cost.copy()
    prices[TEA, 2:] *= 1.08
    dearer = replace(planned, problem=replace(planned.problem, unit_cost=prices))
    assert Uses(dearer, basis.admitted.parameters).of(TEA, 0).besides == ("from 15 Jul a unit costs 8% more",)
    assert Uses(planned, basis.admitted.parameters).of(TEA, 0).besides == ()


def test_what_spoils_and_what_is_sent_on_are_told_of_the_line() -> None:
    fresh = without_floor()
    fresh["items"].loc[2, "shelf_life_days"] = 7
    (spoilt,) = told(fresh, {(TEA, 0): 100})
    assert spoilt.endswith("80 of them will outlast their shelf life")
    moved = without_floor()
    moved["lanes"] = table(from_location=["MAIN"], to_location=["WEST"], transfer_cost=[0.1], lead_time_days=[7])
    lane = 3
    (_, bought) = told(moved, {(lane, 5): 40, (TEA, 0): 100})
    assert bought.endswith("40 of them are sent on")


def test_a_day_beyond_the_year_of_the_plan_has_its_year() -> None:
    assert days_in_words(0, 1, Parameters(date(2018, 12, 24))) == "24 Dec to 6 Jan 2019"
    assert days_in_words(3, 3, Parameters(date(2018, 1, 1), "day")) == "4 Jan"


def test_lines_from_elsewhere_say_what_is_gained_and_what_it_costs() -> None:
    sources = table(
        item=["cup", "cup"], supplier=["East", "South"], unit_cost=[3.9, 6.0], lead_time_days=[28, 3], emergency=[0, 1]
    )
    lanes = table(from_location=["WEST"], to_location=["MAIN"], transfer_cost=[0.1], lead_time_days=[1])
    basis, planned = planned_with(shop(sources=sources, lanes=lanes), {(3, 0): 20, (4, 0): 20, (5, 0): 20, (CUP, 1): 9})
    shapes = planned.plan.shaped_by.copy()
    shapes[3, 0], shapes[4, 0], shapes[5, 0] = "price", "emergency", "transfer"
    planned = replace(planned, plan=replace(planned.plan, shaped_by=shapes))
    why = order_lines(basis.items, planned, basis.admitted.parameters).set_index("supplier")["why"]
    first = why.groupby(level=0).first()
    assert first["East"].endswith("; bought from East instead of South, 2 weeks later, for 0.10 less a unit.")
    assert why.loc["South"].iloc[0].endswith("; an emergency order from South, 1 week sooner, for 2.00 more a unit.")
    assert first["from WEST"].endswith("; moved from WEST rather than ordered.")
    assert why.str.count("; ").max() == 1


@pytest.mark.parametrize(
    ("kind", "message", "said"),
    [
        ("budget", "budget of period 1 (500) is 20 short", "Raise the budget"),
        ("storage", "storage (500) is short by 20 in period 1", "Find more room"),
        ("working capital", "working capital (500) is short by 20 in period 1", "Raise the ceiling"),
        ("capacity", "capacity of supplier North in period 1 (5 units) is 2 units short", "Ask North for more"),
        (
            "minimum",
            "supplier North's minimum order value (9) forces stock worth 7 beyond need: 2 units of tea",
            "Ask North for a lower",
        ),
        ("minimum", "tea cannot be ordered: its smallest order exceeds the capacity", "name a further supplier"),
        ("maximum", "the largest order of 8 units of tea is 8 units short", "Order more by override"),
        ("shelf life", "the lot of 25 forces 5 units of tea beyond its shelf life", "smaller lot or minimum"),
        ("frozen", "frozen periods leave 5 units of tea short", "make frozen_periods less"),
        ("override", "the quantity of 5 the planner fixed for tea is below its minimum of 8", "Change the override"),
    ],
)
def test_every_kind_of_shortfall_has_advice_of_its_own(kind: str, message: str, said: str) -> None:
    assert said in advice(Shortfall(kind, 1, "North", 20.0, message))  # type: ignore[arg-type]


def test_shortfalls_become_exceptions_with_dates_at_their_item() -> None:
    basis, planned = planned_with(shop(), {})
    name = item_names(basis.items)[WEST]
    found = (
        Shortfall("budget", 1, "", 20.0, "budget of period 1 (500) is 20 short of what the targets need", 20.0),
        Shortfall("frozen", 1, name, 9.0, f"frozen periods leave 9 units of {name} short", 18.0),
        Shortfall("shelf life", -1, name, 0.2, f"the lot of 6 forces 0.2 units of {name} beyond its shelf life", 0.4),
    )
    planned = replace(planned, plan=replace(planned.plan, shortfalls=found, notes=()))
    items = basis.items.assign(spoiling=0.0, description="")
    rows = limit_exceptions(planned, items, basis.admitted.parameters)
    assert (
        rows["message"].tolist()[0] == "budget of the week from 8 Jul 2024 (500) is 20 short of what the targets need"
    )
    assert rows[["item", "location"]].values.tolist() == [["", ""], ["tea", "WEST"]]


def test_an_item_that_no_limit_holds_back_says_why_it_is_short_and_what_to_do() -> None:
    raw = shop()
    raw["items"].loc[3, "on_hand"] = 0
    basis, planned = planned_with(raw, {(CUP, 0): 300})
    reasons = short_reasons(planned, np.array([True, True, False]), basis.admitted.parameters)
    assert reasons[0].startswith("an order now would save")
    assert reasons[1:] == ["no order can arrive before the week from 15 Jul 2024", ""]
    assert [speaks_against_orders(reason) for reason in reasons] == [True, False, False]
    assert "earlier delivery" in advice_when_short(reasons[1])
    assert "solver_seconds" in advice_when_short("an order would save 3, which a longer search may find")


def test_what_more_of_a_limit_would_save_is_told_with_the_room_it_takes() -> None:
    basis, planned = planned_with(shop(budget=200), {(TEA, 0): 100, (TEA, 1): 50})
    problem = planned.problem
    saving, room = np.zeros((2, problem.periods))
    saving[:2] = 0.34, np.nan  # used up, and unknown what more would save
    room[:2] = 50.0, 0.0
    prices, more = replace(planned.plan.shadow_prices, budget=saving), replace(planned.plan.more_room, budget=room)
    made = replace(planned.plan, shadow_prices=prices, more_room=more)
    limits = order_limits(replace(planned, plan=made), basis.admitted.parameters)
    assert limits["shadow_price"].fillna(-1).tolist()[:3] == [0.34, -1, 0]
    assert limits["room_tried"].fillna(-1).tolist()[:3] == [50, -1, -1]
    (row,) = worth_having(limits).to_dict("records")
    used = "the budget, at list price, in the week from 1 Jul 2024, 200 of 200 used"
    assert limit_sentence(row, "week", "") == f"{used}: room for 50 more would save about 17 (0.34 per unit of money)"
    assert limit_sentence(row, "week", "EUR") == f"{used}: room for 50 EUR more would save about 17 EUR (0.34 per EUR)"
    row |= {"limit": "capacity", "subject": "North", "room_tried": 1.0}
    assert limit_sentence(row, "week", "EUR").endswith("room for 1 unit more would save about 0.34 EUR (0.34 per unit)")
    row |= {"limit": "storage", "room_tried": 2.5}
    told = "room for 2.5 more would save about 0.85 EUR (0.34 per unit of room)"
    assert limit_sentence(row, "week", "EUR").endswith(told)


def test_order_items_tell_the_safety_stock_that_the_floor_is_counted_by() -> None:
    basis, planned = planned_with(shop(), {})
    parameters, problem = basis.admitted.parameters, planned.problem
    rows = order_items(basis.items, planned, parameters)
    below = (rows["safety_stock"] - rows["stock"]).clip(lower=0).to_numpy().reshape(problem.items, -1).sum(axis=1)
    costs = order_costs(planned, parameters).set_index("kind")
    assert costs.loc["floor", "amount"] == pytest.approx(float(below @ problem.floor_penalty), abs=0.01)
    assert "not paid" in costs.loc["floor", "note"]


def test_a_supplier_at_its_capacity_holds_its_own_items_back_and_the_budget_all_others() -> None:
    raw = shop(budget=200)
    raw["suppliers"]["capacity_units"] = [100, None]
    basis, planned = planned_with(raw, {(TEA, 0): 100})
    reasons = held_back(basis.items.assign(short_reason=""), planned, basis.admitted.parameters)
    assert reasons[TEA] == reasons[WEST] == "North can deliver no more"
    assert reasons[CUP] == "the budget of 200 is used up"


def test_a_supplier_without_capacity_is_named_as_the_reason_of_its_items() -> None:
    raw = shop()
    raw["suppliers"]["capacity_units"] = [0, None]
    basis, planned = planned_with(raw, {(CUP, 0): 300})
    closed = "nothing can be ordered from supplier North: its capacity is 0"
    asked = short_reasons(planned, np.array([True, False, True]), basis.admitted.parameters)
    assert asked == [closed, "", closed]
    reasons = held_back(basis.items.assign(short_reason=asked), planned, basis.admitted.parameters)
    assert reasons[TEA] == reasons[WEST] == closed
    assert reasons[CUP] != closed
    (told,) = [str(one) for one in planned.plan.shortfalls if one.kind == "capacity"]
    assert told.startswith(f"{closed}, ")
    prices = order_limits(planned, basis.admitted.parameters).query("subject == 'North'")["shadow_price"]
    assert len(prices) == PERIODS
    assert (prices > 0).any()
