"""Closing a period: what came joins the demand once, the plan date moves, and what is odd is told or refused."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from shop_tables import table

from invopt_xl.errors import InputError
from invopt_xl.plan.closing import Choices, Closing, Given, close_period
from invopt_xl.plan.columns import Tables


def shop(**changes: Any) -> Tables:
    """Return tables of tea and cup with a plan date of 1 January 2018; other arguments are tables or parameters."""
    frames = {stem: changes.pop(stem) for stem in list(changes) if isinstance(changes[stem], pd.DataFrame)}
    values = {"plan_date": "2018-01-01"} | changes
    return {
        "items": table(item=["tea", "cup"], unit_cost=2, lead_time_days=7, on_hand=[5, 6]),
        "demand": table(item=["tea", "cup"], date="2017-12-25", quantity=[3, 4]),
        "parameters": table(name=list(values), value=list(values.values())),
        **frames,
    }


def came(**changes: Any) -> Given:
    return Given(table(**({"item": ["tea", "cup"], "date": "2018-01-01", "quantity": [7, 8]} | changes)), "week.csv")


def closed(
    actuals: Given | None = None, raw: Tables | None = None, stock: Given | None = None, **choices: Any
) -> Closing:
    return close_period(raw or shop(), came() if actuals is None else actuals, stock, Choices(**choices))


def refusal(actuals: Given | None, raw: Tables | None = None, stock: Given | None = None, **choices: Any) -> str:
    with pytest.raises(InputError) as error:
        close_period(raw or shop(), actuals, stock, Choices(**choices))
    return str(error.value)


def test_actuals_join_the_demand_and_the_plan_date_moves_by_a_period() -> None:
    closing = closed()
    assert closing.raw["demand"]["quantity"].tolist() == [3, 4, 7, 8]
    assert closing.raw["demand"].index.tolist() == [2, 3, 4, 5], "where they will stand"
    assert closing.raw["parameters"]["value"].tolist() == [pd.Timestamp("2018-01-08")]
    assert closing.cells["parameters"] == {(2, "value"): pd.Timestamp("2018-01-08")}


@pytest.mark.parametrize(
    ("plan_date", "period", "periods", "end"),
    [
        ("2018-01-01", "week", 3, "2018-01-22"),
        ("2018-01-01", "day", 1, "2018-01-02"),
        ("2018-01-01", "month", 1, "2018-02-01"),
        ("2018-01-16", "month", 2, "2018-03-01"),
    ],
)
def test_the_plan_date_moves_by_whole_periods(plan_date: str, period: str, periods: int, end: str) -> None:
    raw = shop(plan_date=plan_date, period=period)
    days = [str((pd.Timestamp(plan_date) + pd.DateOffset(**{f"{period}s": ago})).date()) for ago in range(periods)]
    sold = came(item="tea", date=days, quantity=7)
    assert str(closed(sold, raw, periods=periods).closed.end) == end


def test_a_week_without_a_row_is_refused_for_so_looks_a_file_that_was_left_out() -> None:
    assert refusal(came(), periods=3) == (
        "week.csv has no row of 2018-01-08 to 2018-01-14 (and 1 more week) of the closed 3 weeks; expected rows of "
        "each, or fewer --periods; where nothing at all was sold, a row that says so, with quantity 0"
    )
    said = closed(came(date=["2018-01-01", "2018-01-08"], quantity=[7, 0]), periods=2)
    assert str(said.closed.end) == "2018-01-15"
    there = shop(demand=table(item=["tea"], date="2018-01-09", quantity=[3]))
    assert refusal(None, there, periods=2).startswith("tblDemand has no row of 2018-01-01 to 2018-01-07 of the closed")


def test_a_day_without_a_row_is_a_sunday() -> None:
    sold = came(date=["2018-01-01", "2018-01-03"])
    assert str(closed(sold, shop(period="day"), periods=3).closed.end) == "2018-01-04"


def test_headers_are_read_as_elsewhere_and_written_as_they_stand() -> None:
    raw = shop(demand=table(Item=["tea"], Date="2017-12-25", Quantity=[3], mine="x"))
    closing = closed(Given(table(ITEM=["tea"], date="2018-01-02", Quantity=["1,200"]), "week.csv"), raw)
    assert closing.demand.columns.tolist() == ["Item", "Date", "Quantity"]
    assert closing.demand["Quantity"].tolist() == [1200]


def test_a_period_is_never_closed_twice() -> None:
    raw = closed().raw
    message = refusal(came(), raw)
    assert message == (
        "week.csv row 2: 2018-01-01 (and 1 more row) is not in the closed week of 2018-01-08 to 2018-01-14; expected "
        "rows of these days alone; the plan date is 2018-01-08: was this closed before?"
    )
    there = shop(demand=table(item=["tea"], date="2018-01-03", quantity=[3]))
    message = refusal(came(), there)
    assert message.startswith(
        "tblDemand holds demand of 2018-01-01 to 2018-01-07 already (row 2: 3 of tea on 2018-01-03)"
    )


def test_rows_of_other_days_are_refused_by_name() -> None:
    message = refusal(came(date=["2018-01-07", "2018-01-08"]))
    assert message.startswith(
        "week.csv row 3: 2018-01-08 is not in the closed week of 2018-01-01 to 2018-01-07; expected"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"quantity": [7, "many"]}, "week.csv row 3: quantity many, not a number; expected a number at least 0"),
        ({"quantity": [-7, 8]}, "week.csv row 2: quantity -7, out of bounds; expected a number at least 0"),
        ({"quantity": [None, None]}, "week.csv row 2: quantity blank, is missing; expected a number at least 0"),
        ({"date": "soon"}, "week.csv row 2: date soon, not a date; expected a date such as 2018-01-31 (1 more row)"),
        ({"item": "pot"}, "week.csv has no row of an item of tblItems; expected some"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_for_its_demand_would_be_lost(changes: Any, message: str) -> None:
    assert refusal(came(**changes)).startswith(message)


def test_items_that_are_not_known_are_left_out_by_name() -> None:
    closing = closed(came(item=["tea", "pot"]))
    (row,) = closing.unknown.to_dict("records")
    assert (row["table"], row["row"], row["value"]) == ("week.csv", 3, "pot")
    assert closing.raw["demand"]["item"].tolist() == ["tea", "cup", "tea"]
    assert closing.silent == ("cup",)


def test_demand_of_an_item_that_cannot_be_planned_today_is_not_lost() -> None:
    items = table(item=["tea", "cup"], unit_cost=[2, "?"], lead_time_days=7, on_hand=[5, 6])
    closing = closed(came(on_hand=[1, 2]), shop(items=items))
    assert closing.raw["demand"]["item"].tolist() == ["tea", "cup", "tea", "cup"]
    assert closing.raw["items"]["on_hand"].tolist() == [1, 2]
    assert closing.unknown.empty


def test_an_item_that_stands_twice_closes_by_its_first_row() -> None:
    items = table(item=["tea", "tea", "cup"], unit_cost=["?", 2, 2], lead_time_days=7, on_hand=[4, 5, 6])
    assert closed(came(on_hand=[1, 2]), shop(items=items)).raw["items"]["on_hand"].tolist() == [4, 1, 2]
    items = items.assign(unit_cost=2)
    assert closed(came(on_hand=[1, 2]), shop(items=items)).raw["items"]["on_hand"].tolist() == [1, 5, 2]


def test_without_a_plan_date_there_is_nothing_to_move() -> None:
    message = refusal(came(), shop(parameters=table(name=["period"], value=["week"])))
    assert message == "tblParameters has no plan_date to move; expected a row with one, such as 2018-01-31"


def test_demand_that_stands_there_already_is_enough() -> None:
    raw = shop(demand=table(item=["tea"], date="2018-01-03", quantity=[3]))
    closing = close_period(raw, None)
    assert closing.demand.empty
    assert str(closing.closed.end) == "2018-01-08"
    assert closing.silent == ("cup",)
    assert refusal(None).startswith(
        "tblDemand holds no demand of 2018-01-01 to 2018-01-07; expected rows of it, there or"
    )


def test_an_item_that_came_at_one_of_its_locations_is_without_actuals_at_the_other() -> None:
    items = table(item=["tea", "tea", "cup"], location=["MAIN", "WEST", "WEST"], unit_cost=2, lead_time_days=7)
    demand = table(item=["tea", "cup"], location=["MAIN", "WEST"], date="2017-12-25", quantity=[3, 4])
    actuals = came(item=["tea"], location="MAIN", quantity=[5])
    raw = shop(items=items.assign(on_hand=5), demand=demand)
    assert closed(actuals, raw).silent == ("tea at WEST", "cup")


def test_stock_on_hand_of_the_last_row_is_taken_over() -> None:
    stock = came(item=["tea", "tea"], date=["2018-01-07", "2018-01-01"], on_hand=[11, 22])
    closing = closed(stock)
    assert closing.raw["items"]["on_hand"].tolist() == [11, 6]
    assert closing.cells["items"] == {(2, "on_hand"): 11}
    assert closed().stocked == 0


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"on_hand": [0, 4]}, ("tea",)),
        ({"on_hand": [0, 4], "in_stock": [0, None]}, ()),
        ({"on_hand": [0, 4], "in_stock": [1, None]}, ()),
        ({"on_hand": [3, 0]}, ()),
        ({}, ()),
    ],
)
def test_nothing_sold_of_an_item_with_none_left_may_have_been_a_stock_out(changes: Any, found: Any) -> None:
    assert closed(came(quantity=[0, 8], **changes)).unmarked == found
    stock = Given(table(item=["tea", "cup"], on_hand=[2, 0]), "stock.csv")
    assert closed(came(item="tea", quantity=[3, 4]), stock=stock).unmarked == ("cup",), "no row means nothing sold"


def test_stock_on_hand_may_be_told_apart() -> None:
    closing = closed(stock=Given(table(item=["cup", "tea"], on_hand=[1, 0]), "stock.csv"))
    assert closing.raw["items"]["on_hand"].tolist() == [0, 1]
    assert refusal(came(), stock=Given(table(item=["cup"], on_hand=["?"]), "stock.csv")).startswith(
        "stock.csv row 2: on_hand ?, not a number"
    )
    twice = Given(table(item=["cup", "tea", "cup"], on_hand=[1, 2, 3]), "stock.csv")
    unknown = closed(stock=Given(table(item=["cup", "pot"], on_hand=[1, 2]), "stock.csv")).unknown
    assert unknown[["table", "row", "value", "reason"]].values.tolist() == [
        ["stock.csv", 3, "pot", "unknown item; expected an item of tblItems"]
    ]
    assert refusal(came(), stock=twice) == "stock.csv row 4: a second row of cup at MAIN; expected one of each"


def test_a_plan_of_a_promotion_takes_the_quantity_of_its_day() -> None:
    demand = table(item=["tea", "cup"], date="2018-01-01", quantity=None, promotion=[1, 1])
    closing = closed(came(item=["tea", "tea"], date=["2018-01-01", "2018-01-03"]), shop(demand=demand))
    assert closing.raw["demand"]["quantity"].tolist() == [7, 0, 8], "the plan of cup came to nothing"
    unknown = closed(came(item=["tea", "tea"]), shop(demand=demand, missing_periods="unknown"))
    assert unknown.raw["demand"]["quantity"].tolist() == [7, None, 8]


def test_open_orders_that_were_due_are_told_and_taken_out_only_if_asked() -> None:
    raw = shop(open_orders=table(item=["tea", "cup"], due_date=["2018-01-07", "2018-01-08"], quantity=[1, 2]))
    closing = closed(raw=raw)
    assert closing.received["item"].tolist() == ["tea"]
    assert len(closing.raw["open_orders"]) == 2
    assert closed(raw=raw, received=True).raw["open_orders"]["item"].tolist() == ["cup"]


def ordered(**changes: Any) -> pd.DataFrame:
    """Return the orders of a plan: two lines of the first week, one of the second, and a transfer."""
    lines = {
        "supplier": ["North", "from WEST", "North", "North"],
        "item": ["tea", "cup", "tea", "cup"],
        "order_date": ["2018-01-01", "2018-01-02", "2018-01-03", "2018-01-08"],
        "due_date": ["2018-01-04", "2018-01-10", "2018-01-11", "2018-01-12"],
        "quantity": [6, 12, 18, 24],
        "value": [9, 0.5, 27, 40],
    }
    return table(**(lines | changes))


def open_orders(**changes: Any) -> pd.DataFrame:
    rows = {"item": ["cup"], "location": "MAIN", "due_date": "2018-01-20", "quantity": [5], "supplier": "North"}
    return table(**(rows | changes))


def test_order_lines_of_the_closed_time_become_open_orders_only_if_asked() -> None:
    raw = shop(orders=ordered(), open_orders=open_orders())
    placed = closed(raw=raw, placed=True)
    assert placed.raw["open_orders"][["item", "quantity", "supplier"]].values.tolist() == [
        ["cup", 5, "North"],
        ["tea", 6, "North"],
        ["cup", 12, "from WEST"],
        ["tea", 18, "North"],
    ]
    assert placed.raw["open_orders"]["location"].tolist() == ["MAIN"] * 4
    assert placed.raw["open_orders"].index.tolist() == [2, 3, 4, 5]
    left = closed(raw=raw)
    assert left.placed.open["value"].tolist() == [9, 0.5, 27], "to be told of"
    assert len(left.raw["open_orders"]) == 1


def test_an_order_line_that_stands_among_the_open_orders_is_not_added_twice() -> None:
    there = open_orders(
        item=["tea", "tea"], due_date=["2018-01-04", "2018-01-11"], quantity=[6, 18], supplier=[None, "Z"]
    )
    closing = closed(raw=shop(orders=ordered(), open_orders=there), placed=True)
    assert closing.placed.there == 1, "nobody said from whom"
    assert closing.added["open_orders"]["quantity"].tolist() == [12, 18], "another supplier is another order"


@pytest.mark.parametrize(
    ("options", "added"),
    [
        ({"stock": Given(table(item=["tea"], on_hand=[9]), "stock.csv")}, [12, 18]),
        ({"stock": Given(table(item=["cup"], on_hand=[9]), "stock.csv")}, [6, 12, 18]),
        ({"received": True}, [12, 18]),
        ({"actuals": came(on_hand=[1, None])}, [12, 18]),
    ],
)
def test_an_order_that_was_due_by_the_time_its_stock_was_counted_is_no_open_order(options: Any, added: Any) -> None:
    raw = shop(orders=ordered(), open_orders=open_orders(due_date="2018-01-03"))
    closing = closed(raw=raw, placed=True, **options)
    assert closing.added["open_orders"]["quantity"].tolist() == added
    assert closing.placed.came["quantity"].tolist() == ([6] if len(added) < 3 else [])
    assert len(closing.raw["open_orders"]) == len(added) + ("received" not in options), (
        "what was there is the planner's"
    )


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({}, "there is no table tblOrders; expected one with the orders that were placed"),
        ({"orders": ordered()}, "there is no table tblOpenOrders; expected one for the orders that were placed"),
        (
            {"orders": ordered(), "open_orders": table(item=["tea"], quantity=[1])},
            "tblOpenOrders has no column due_date; expected one for the orders that were placed",
        ),
        (
            {"orders": ordered(location="WEST"), "open_orders": open_orders().drop(columns="location")},
            "tblOpenOrders has no column location; expected one for the orders that were placed",
        ),
    ],
)
def test_placed_orders_that_have_no_place_are_refused(tables: Any, message: str) -> None:
    assert refusal(came(), shop(**tables), placed=True) == message


def overridden(**log: Any) -> Tables:
    """Return tables with a plan of a few overrides, and the log of one of tea."""
    plan = table(
        item=["tea", "cup"], override_quantity=[24, 24], override_date=[None, "2018-01-09"], note=["fair", "ask Ann"]
    )
    row = {"plan_date": "2018-01-01", "item": "tea", "override_quantity": 24, "override_date": None, "verdict": "open"}
    return shop(plan=plan, overrides=table(**{name: [value] for name, value in (row | log).items()}))


@pytest.mark.parametrize(
    ("log", "periods", "cleared"),
    [
        ({}, 1, ["tea"]),
        ({"override_quantity": 23}, 1, []),  # typed since
        ({"verdict": "replaced"}, 1, []),
        ({"plan_date": "2017-12-25"}, 1, []),  # ordered then, and typed again
        ({"item": "cup"}, 1, []),  # another order
        ({"item": "cup", "override_date": "2018-01-09"}, 1, []),  # its day is to come
        ({"item": "cup", "override_date": "2018-01-09"}, 2, ["cup"]),
        ({"item": "cup", "override_date": "2018-01-09", "plan_date": "2017-12-25"}, 2, ["cup"]),
    ],
)
def test_overrides_that_the_log_says_were_ordered_are_cleared_if_asked(
    log: Any, periods: int, cleared: list[str]
) -> None:
    raw = overridden(**log)
    weeks = came(date=["2018-01-01", "2018-01-08"][:periods] * (3 - periods))
    closing = closed(weeks, raw, periods=periods, clear_overrides=True)
    plan = closing.raw["plan"]
    assert list(closing.cleared) == plan.loc[plan["override_quantity"].isna(), "item"].tolist() == cleared
    assert plan["override_date"].dropna().tolist() == ([] if cleared == ["cup"] else ["2018-01-09"])
    assert plan["note"].tolist() == ["fair", "ask Ann"]
    assert closed(weeks, raw, periods=periods).raw["plan"].equals(raw["plan"])


def test_an_override_of_zero_stands_until_the_planner_takes_it_out() -> None:
    raw = overridden(override_quantity=0)
    raw["plan"]["override_quantity"] = 0
    assert closed(raw=raw, clear_overrides=True).cleared == ()


def test_an_override_of_zero_with_a_day_is_over_once_that_day_has_passed() -> None:
    raw = overridden(item="cup", override_quantity=0, override_date="2018-01-09")
    raw["plan"]["override_quantity"] = 0
    weeks = came(date=["2018-01-01", "2018-01-08"])
    assert closed(weeks, raw, periods=2, clear_overrides=True).cleared == ("cup",)


def test_no_override_is_cleared_without_a_log_that_keeps_it() -> None:
    raw = overridden()
    del raw["overrides"]
    assert refusal(came(), raw, clear_overrides=True).startswith("there is no table tblOverrides; expected one")
    del raw["plan"]
    assert closed(raw=raw | {"overrides": overridden()["overrides"]}, clear_overrides=True).cleared == ()


def test_closing_week_by_week_gives_the_demand_of_closing_all_at_once() -> None:
    sold = [3, 0, 12]
    days = pd.date_range("2018-01-01", periods=len(sold), freq="7D")
    rows = pd.DataFrame({"item": "tea", "date": days, "quantity": sold}).astype(object)
    once = closed(Given(rows, "all.csv"), periods=len(sold)).raw
    step = shop()
    for place in range(len(sold)):
        step = closed(Given(rows.iloc[[place]], "week.csv"), step).raw
    assert step["demand"].values.tolist() == once["demand"].values.tolist()
    assert step["parameters"].values.tolist() == once["parameters"].values.tolist()
