"""Actions against excess: what they add up to, who is named, and that the table of excess says the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from invopt_xl.errors import InputError
from invopt_xl.plan.early_warning import early_warning
from invopt_xl.plan.excess import ActionTerms, Assumptions, DemandAhead, ExcessReview, Stock, endings_of, review
from invopt_xl.plan.excess.ahead import Endings
from invopt_xl.plan.excess.ways import ways_out
from invopt_xl.plan.excess_answers import excess_answer
from invopt_xl.plan.histories import histories
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.policy import CumulativeDemand, Family

WEEKS = 60


def shop(rows: dict[str, dict[str, object]], sold: dict[str, list[int]], **parameters: object) -> Admitted:
    """Admit items by name, with their weekly sales up to the plan date."""
    usual = {"supplier": "South", "unit_cost": 4.0, "unit_price": 7.0, "lead_time_days": 10, "on_hand": 100}
    dates = pd.date_range(end="2024-06-24", periods=WEEKS, freq="7D")
    items = pd.DataFrame([{"item": name, **usual, **own} for name, own in rows.items()])
    demand = [
        pd.DataFrame({"item": name, "date": dates[-len(units) :], "quantity": units}) for name, units in sold.items()
    ]
    given = {"plan_date": "2024-07-01", **parameters}
    table = pd.DataFrame({"name": list(given), "value": list(given.values())})
    return admit({"items": items, "demand": pd.concat(demand), "parameters": table})


def steady(mean: float, silent: int = 0, seed: int = 1) -> list[int]:
    random = np.random.default_rng(seed)
    return [*random.poisson(mean, WEEKS - silent).tolist(), *[0] * silent]


@pytest.fixture(scope="module")
def admitted() -> Admitted:
    return shop(
        {
            "slow": {"on_hand": 900},
            "quick": {"on_hand": 120},
            "dead": {"supplier": ""},
            "gone": {"status": "phase-out", "on_hand": 400},
            "milk": {"shelf_life_days": 14, "on_hand": 300, "supplier": ""},
            "dear": {"unit_price": 30.0, "on_hand": 400},
        },
        {
            "slow": steady(5),
            "quick": steady(10, seed=2),
            "dead": [3, 2, *[0] * (WEEKS - 2)],
            "gone": steady(4, seed=3),
            "milk": steady(40, seed=4),
            "dear": steady(9, seed=5),
        },
    )


@pytest.fixture(scope="module")
def reviewed(admitted: Admitted) -> ExcessReview:
    return review(Stock.of_tables(admitted, endings=endings_of(histories(admitted), admitted.parameters)))


def test_a_gain_is_what_comes_in_and_is_saved_less_what_goes_out_and_is_given_up(reviewed: ExcessReview) -> None:
    actions = reviewed.actions.join(reviewed.items.set_index("item")["unit_cost"], on="item")
    inward = actions[["cash", "purchase_avoided", "saved_holding", "avoided_write_off"]].sum(axis=1)
    book = actions["units"] * actions["unit_cost"]
    np.testing.assert_allclose(actions["gain"], inward - actions["action_cost"] - book, atol=0.05)
    assert (actions["gain"] > 0).all()


def test_no_unit_is_taken_twice(reviewed: ExcessReview) -> None:
    taken = reviewed.actions.groupby("item")["units"].sum()
    there = reviewed.items.set_index("item")[["on_hand", "on_order", "order_quantity"]].sum(axis=1)
    assert (taken <= there[taken.index]).all()


def test_items_come_by_what_all_their_actions_gain_and_keep_their_own_order(reviewed: ExcessReview) -> None:
    actions = reviewed.actions
    totals = actions.groupby("item", sort=False)["gain"].sum()
    assert totals.is_monotonic_decreasing
    assert actions["rank"].tolist() == list(range(1, len(actions) + 1))
    np.testing.assert_allclose(actions["cumulative_gain"], actions["gain"].cumsum(), atol=0.01)
    # Rows of an item stand together.
    assert (actions["item"] != actions["item"].shift()).sum() == actions["item"].nunique()


def test_each_kind_of_item_gets_the_action_that_fits_it(reviewed: ExcessReview) -> None:
    first = reviewed.actions.drop_duplicates("item").set_index("item")["action"]
    assert first["slow"] == "return"
    assert first["dead"] == "scrap", "no supplier, and nobody has asked for a year"
    assert first["milk"] == "mark down"
    assert first["dear"] == "promote", "its price bears a discount"
    assert "quick" not in first
    ages = reviewed.items.set_index("item")["ageing"]
    assert ages.to_dict() == {"slow": "slow", "dead": "dead"} | dict.fromkeys(
        ("quick", "gone", "milk", "dear"), "moving"
    ) | {"gone": ages["gone"]}


def test_the_gain_of_sending_units_back_is_what_a_loop_over_units_finds() -> None:
    admitted = shop({"slow": {"on_hand": 700}}, {"slow": steady(5)})
    stock = Stock.of_tables(admitted)
    found = review(stock).actions.iloc[0]
    parts = 12
    ends = [stock.ahead.within(np.array([365.0 * part / parts])) for part in range(1, parts + 1)]
    gain, units = 0.0, 0
    for unit in range(700, 0, -1):
        used = [1.0] + [1.0 - each.cdf(np.array([unit - 1.0]))[0] for each in ends]
        used[0] = 0.0
        waiting = [1.0 - chance for chance in used]
        held = 4.0 * 0.25 / 365.25 * 365.0 * (waiting[0] / 2 + sum(waiting[1:-1]) + waiting[-1] / 2) / parts
        worth = 4.0 * used[-1] + 0.4 * (1.0 - used[-1]) - held
        more = (0.8 - 0.05) * 4.0 - worth
        if more <= 0:
            break
        gain, units = gain + more, units + 1
    assert found["action"] == "return"
    assert found["units"] == units
    assert found["gain"] == pytest.approx(gain, rel=1e-3)


def test_terms_that_are_given_count_and_are_no_longer_called_assumed(admitted: Admitted) -> None:
    stock = Stock.of_tables(admitted)
    kept = review(stock, Assumptions(terms=ActionTerms(refund_share=0.0)))
    assert "return" not in kept.actions["action"].tolist()
    assert "refund_share" not in kept.assumed
    assert review(stock).assumed["refund_share"] == "suppliers refund 80% of cost"


def test_the_answer_says_how_much_of_the_gain_stands_on_assumptions(admitted: Admitted, reviewed: ExcessReview) -> None:
    by_action = reviewed.actions.groupby("action")["gain"].sum()
    assumed = reviewed.assumed_gain
    assert assumed == pytest.approx(by_action.drop(["scrap", "stop order"], errors="ignore").to_dict())
    told = excess_answer(reviewed, "USD")
    assert f"as excess is counted in tblExcess, are {reviewed.items['excess_value'].sum():,.0f} USD." in told
    assert f"of this gain {assumed['return']:,.0f} USD on what suppliers take back" in told
    assert "USD on what mark-downs bring where no price path tells" in told
    milk = reviewed.items.index[reviewed.items["item"] == "milk"]
    known = ActionTerms(refund_share=0.7, mark_down_recovery=pd.Series(0.9, index=milk), promotion_lift=0.4)
    settled = review(reviewed.stock, Assumptions(terms=known))
    assert settled.assumed_gain.keys() <= {"mark down"}
    marked = settled.actions[settled.actions["action"] == "mark down"]
    others = marked.loc[marked["item"] != "milk", "gain"].sum()
    assert settled.assumed_gain.get("mark down", 0.0) == pytest.approx(others)
    assert "suppliers" not in excess_answer(settled, "USD")


def test_what_a_mark_down_is_estimated_to_bring_takes_the_place_of_the_assumption(admitted: Admitted) -> None:
    stock = Stock.of_tables(admitted)
    milk = stock.items.index[stock.items["item"] == "milk"]
    better = ActionTerms(mark_down_recovery=pd.Series(0.9, index=milk))
    first, second = (
        review(stock, Assumptions(terms=terms)).actions.query("item == 'milk' and action == 'mark down'")
        for terms in (ActionTerms(), better)
    )
    assert second["cash"].item() / second["units"].item() == pytest.approx(0.9 * 4.0)
    assert second["gain"].item() > first["gain"].item()
    assert first["why"].item().startswith("What they bring marked down, 50% of cost (assumed), beats waiting;")
    assert second["why"].item().startswith("What they bring marked down, 90% of cost (on their price path), beats")


def test_that_nobody_asks_for_goods_is_said_only_where_it_is_known(admitted: Admitted) -> None:
    stock = Stock.of_tables(admitted)
    sure = pd.Series(stock.items["item"].map({"gone": 0.7}).fillna(0.0)).to_numpy()
    may_end = stock.ahead.ending(Endings(sure, np.zeros(len(sure)), ("",) * len(sure)))
    worthless = ActionTerms(refund_share=1.0, return_cost=0.0, mark_down_share=0.0, promotion_lift=0.0)
    found = review(replace(stock, ahead=may_end), Assumptions(terms=worthless))
    why = found.actions.drop_duplicates("item").set_index("item")["why"]
    assert why["slow"].startswith("South takes them back for 100% of cost after freight, which beats waiting; else")
    assert why["dead"].startswith("They take room and money, and nobody asks for them; else")
    unsold = replace(stock, ahead=may_end, items=stock.items.assign(supplier=""))
    left = review(unsold, Assumptions(terms=replace(worthless, salvage_share=0.9))).items.set_index("item")["action"]
    assert ": demand has likely ended. " in left["gone"]
    assert left["slow"].endswith(": they bring more so than by waiting.")


def test_a_share_above_one_is_refused() -> None:
    with pytest.raises(InputError, match=r"refund_share is 80.0?; expected a share from 0 to 1"):
        ActionTerms(refund_share=80.0)


@pytest.mark.parametrize("days", [0.0, -5.0, float("nan"), float("inf")])
def test_a_horizon_that_is_no_number_of_days_is_refused(days: float) -> None:
    with pytest.raises(InputError, match="expected days above 0, such as 91"):
        Assumptions(horizon_days=days)


def test_a_promotion_sells_as_much_in_whatever_unit_goods_are_counted() -> None:
    goods = {
        "kind": "excess", "ageing": "moving", "supplier": "N", "shelf_life_days": np.nan,
        "unit_cost": [2.0, 2000.0], "unit_price": [5.0, 5000.0], "demand_per_period": [301.0, 0.301],
        "ended_chance": 0.0, "whole_units": [True, False], "holding_cost": 0.0, "lot_size": 1.0,
        "on_hand": [900.0, 0.9],
    }  # fmt: skip
    promoted = ways_out(pd.DataFrame(goods), ActionTerms(promotion_days=35.0), 7.0)[1]
    assert promoted.most == pytest.approx([752.0, 0.7525])


def test_a_lower_price_or_a_promotion_sells_nothing_that_nobody_asks_for_any_more() -> None:
    goods = {
        "kind": "excess", "ageing": "moving", "supplier": "N", "shelf_life_days": np.nan, "unit_cost": 2.0,
        "unit_price": 5.0, "demand_per_period": 40.0, "ended_chance": [0.0, 0.6, 1.0], "whole_units": False,
        "holding_cost": 0.01, "lot_size": 1.0, "on_hand": 100.0,
    }  # fmt: skip
    terms = ActionTerms(mark_down_share=0.5, promotion_lift=0.5, promotion_discount=0.2)
    _, promoted, marked_down, scrapped = ways_out(pd.DataFrame(goods), terms, 7.0)
    units, held = np.full(3, 80.0), 0.01 * 365 / 7
    assert marked_down.cash == pytest.approx([1.0, 0.4 * 1.0 + 0.6 * 0.2, 0.2])
    assert marked_down.cost == pytest.approx([0.0, 0.6 * held, held])
    assert marked_down.freed == pytest.approx([2.0, 0.8, 0.0])
    # Four usual weeks are sold for 1 less each, and half as many more.
    assert promoted.once == pytest.approx([160.0, 64.0, 0.0])
    assert promoted.brings(units) == pytest.approx([4.0 - 2.0, 0.4 * (4.0 - 2.0) + 0.6 * (0.2 - held), 0.2 - held])
    assert scrapped.cash == pytest.approx([0.2, 0.2, 0.2])


@pytest.mark.parametrize("action", ["promote", "mark down"])
def test_what_a_lower_price_gains_where_demand_may_have_ended_is_what_simulated_years_bring(action: str) -> None:
    """Goods that are never bought again: money in, less holding, of years with the action and without."""
    years, ended, weekly, price, cost, held, weeks = 10_000, 0.5, 10.0, 10.0, 3.0, 900.0, 52
    admitted = shop(
        {"gone": {"status": "phase-out", "on_hand": held, "unit_price": price, "unit_cost": cost, "supplier": ""}},
        {"gone": steady(weekly)},
    )
    mean = weekly * np.arange(weeks + 1.0)[None]
    demand = CumulativeDemand(mean, 1e-9 + mean, np.array([int(Family.COUNTS)]), None, 1.0)
    ahead = DemandAhead(demand, np.array([True]), 7.0, "forecasts", Endings(np.array([ended]), np.zeros(1), ("",)))
    stock = Stock.of_tables(admitted)
    stock = replace(stock, ahead=ahead, items=stock.items.assign(demand_per_period=weekly))
    marks = 1.0 if action == "mark down" else 0.0
    terms = ActionTerms(
        write_off_days=364.0, mark_down_share=marks, promotion_lift=1.0 - marks, promotion_discount=0.2,
        salvage_share=0.05,
    )  # fmt: skip
    found = review(stock, Assumptions(terms=terms)).actions.set_index("action")
    units = found.loc[action, "units"]
    rng = np.random.default_rng(4)
    goes_on = rng.random(years) >= ended
    asked = rng.poisson(weekly, (weeks, years)) * goes_on
    more = rng.poisson(weekly, (weeks, years)) * goes_on

    def money(act: str) -> float:
        left, brought = np.full(years, held), np.zeros(years)
        if act == "mark down":
            left, brought = left - units * goes_on, units * cost * goes_on
        for week in range(weeks):
            promoted = act == "promote" and week < 4
            sold = np.minimum(asked[week] + promoted * more[week], left)
            left -= sold
            brought += sold * price * (0.8 if promoted else 1.0) - cost * 0.25 * 7 / 365.25 * left
        return float((brought + 0.05 * cost * left).mean())

    assert found.loc[action, "gain"] == pytest.approx(money(action) - money(""), rel=0.05)


def test_demand_that_may_end_leaves_more() -> None:
    admitted = shop(
        {"silent": {"on_hand": 100}, **{f"lively {number}": {} for number in range(12)}},
        {"silent": steady(3, silent=9)} | {f"lively {number}": steady(3, seed=number) for number in range(12)},
    )
    going_on = review(Stock.of_tables(admitted))
    ending = review(Stock.of_tables(admitted, endings=endings_of(histories(admitted), admitted.parameters)))
    assert (ending.items["remaining_expected"] >= going_on.items["remaining_expected"] - 1e-9).all()
    chances = ending.items.set_index("item")["ending_chance"]
    assert chances.idxmax() == "silent"
    assert ending.early_warnings["item"].tolist() == ["silent"]
    assert ending.early_warnings["ended_chance"].min() >= ending.warning_threshold
    assert going_on.items["ending_chance"].isna().all()


def test_early_warnings_are_those_that_the_one_function_flags_where_there_is_stock(
    admitted: Admitted, reviewed: ExcessReview
) -> None:
    found = early_warning(reviewed.items, histories(admitted), admitted.parameters)
    flagged = found[found["flag"] == 1].set_index("item")
    held = reviewed.items.set_index("item")["on_hand"] > 0
    assert reviewed.early_warnings["item"].tolist() == flagged.index[held[flagged.index]].tolist()


def test_items_that_cannot_be_judged_are_named_and_the_rest_goes_on() -> None:
    admitted = shop(
        {
            "free": {"unit_cost": 0, "on_hand": 900},
            "unpriced": {"unit_price": None, "on_hand": 900},
            "week": {"on_hand": 900},
            "never": {"on_hand": 30},
            "fine": {"on_hand": 20},
        },
        {"free": steady(2), "unpriced": steady(2), "week": [4], "fine": steady(5)},
    )
    found = review(Stock.of_tables(admitted))
    told = "\n".join(found.notes)
    assert "never: demand unknown" in told
    assert "week: fewer than 4 periods of history" in told
    assert "free: no cost" in told
    assert "unpriced" in told
    items = found.items.set_index("item")
    assert np.isnan(items.loc["never", "remaining_80"])
    assert items.loc["never", "ageing"] == "unknown"
    assert items.loc["never", "action"] == "Nothing yet: no sale is on record."
    assert items.loc["free", "action"] == "Nothing yet: it has no cost, so nothing can be weighed."
    assert not set(found.actions["item"]) & {"never", "free"}
    assert found.headline["unjudged"] == 30 * 4.0
    assert "**120 USD of it are not judged**: never seen on sale, they count in the stock" in excess_answer(
        found, "USD"
    )
    counted = found.items.set_index("item")["excess_value"]
    assert found.headline["excess"] == pytest.approx(counted.sum()), "what is not judged is in the excess"
    assert counted["never"] == 120.0
    assert "of items known for fewer than 4 weeks" in excess_answer(found, "USD")
    unknown = found.ageing.set_index("ageing").loc["unknown"]
    assert unknown["stock_value"] == 120
    assert unknown[["remaining_value", "expected_write_off"]].isna().all()


def test_stock_never_seen_on_sale_is_not_told_to_be_used_up() -> None:
    admitted = shop({"never": {"on_hand": 30}, "sold out": {"on_hand": 0}}, {"sold out": steady(5)})
    found = review(Stock.of_tables(admitted))
    assert found.headline["stock"] == found.headline["unjudged"] == 120
    names = ("remaining_expected", "remaining_80", "expected_write_off", "write_off_high")
    assert np.isnan([found.headline[name] for name in names]).all()
    assert found.curve((30, 91)).drop(columns="horizon_days").isna().all(axis=None)
    told = excess_answer(found, "USD")
    assert told.startswith("**What will remain of 120 USD of stock, here and on order, cannot be told:**")
    assert " 0 USD" not in told
    assert "promote" not in found.actions.query("item == 'unpriced'")["action"].tolist()


def test_where_all_stock_is_dead_all_of_it_is_told_as_lost() -> None:
    names = [f"old {number}" for number in range(5)]
    admitted = shop({name: {} for name in names}, {name: [2, 1, *[0] * (WEEKS - 2)] for name in names})
    found = review(Stock.of_tables(admitted, endings=endings_of(histories(admitted), admitted.parameters)))
    assert found.ageing["ageing"].tolist() == ["dead"]
    assert found.headline["expected_write_off"] > 0.85 * 0.9 * found.headline["stock"]
    assert set(found.actions["item"]) == set(names)


def test_stock_by_age_and_what_remains_of_it_are_the_same_stock_as_in_the_headline(reviewed: ExcessReview) -> None:
    ages = reviewed.ageing
    assert ages["stock_value"].sum() == pytest.approx(reviewed.headline["stock"])
    assert ages["remaining_value"].sum() == pytest.approx(reviewed.headline["remaining_80"])
    assert (ages["remaining_value"] <= ages["stock_value"] + 1e-9).all()


def test_returned_sales_are_no_demand() -> None:
    admitted = shop({"odd": {"on_hand": 50}}, {"odd": [2, 3, -4, 1, 2, -1, 3, 2]})
    found = review(Stock.of_tables(admitted))
    assert found.items["remaining_50"].notna().all()
    assert (found.items["remaining_expected"] >= 0).all()


def test_what_remains_stands_on_the_demand_of_its_row_and_a_forecast_far_from_it_is_said(admitted: Admitted) -> None:
    stock = Stock.of_tables(admitted)
    fallen = stock.items["demand_per_period"].where(stock.items["item"] != "slow", 1.0)
    found = review(replace(stock, items=stock.items.assign(demand_per_period=fallen)))
    items = found.items.set_index("item")
    there = items["on_hand"] + items["on_order"]
    # Jensen: what is left on average is no less than what average demand leaves.
    assert (items["remaining_expected"] >= there - items["expected_demand"] - 1e-6).all()
    slow = items.loc["slow"]
    assert slow["remaining_expected"] == pytest.approx(there["slow"] - slow["expected_demand"], rel=1e-3)
    assert slow["expected_demand"] > 2 * 13
    assert "The forecast is 1 a week on average; what remains counts history too, and expects 4" in slow["action"]
    assert "what remains counts history too" in found.actions.set_index("item").loc["slow", "why"]
    assert [note[:5] for note in found.notes if "history too, for demand that fell" in note] == ["slow:"]
    assert (items["demand_words"].drop("slow") == "").all()
    assert 0 < items.loc["milk", "shelf_life_demand"] < items.loc["milk", "expected_demand"]


def test_without_any_excess_there_is_an_empty_table() -> None:
    found = review(Stock.of_tables(shop({"lean": {"on_hand": 5}}, {"lean": steady(6)})))
    assert found.actions.empty
    assert list(found.actions.columns)[:4] == ["item", "location", "description", "action"]
    assert found.headline["gain"] == 0.0


def test_less_than_a_lot_is_not_sent_back() -> None:
    rows = {"few": {"lot_size": 500}, "many": {"lot_size": 100}}
    admitted = shop({name: {"on_hand": 900, **own} for name, own in rows.items()}, dict.fromkeys(rows, steady(5)))
    actions = review(Stock.of_tables(admitted)).actions
    assert {"few", "many"} == set(actions["item"])
    stock = Stock.of_tables(admitted)
    free = replace(stock, items=stock.items.assign(holding_cost=0.0))
    few = (
        review(free, Assumptions(terms=ActionTerms(mark_down_share=0.0, promotion_lift=0.0)))
        .items.set_index("item")
        .loc["few", "action"]
    )
    assert ": less than a lot of 500 is not sent back, and any other way out costs more than holding them." in few
    assert actions.loc[actions["action"] == "return", "item"].tolist() == ["many"]


def test_a_way_that_does_not_pay_leaves_its_units_to_the_next() -> None:
    """A promotion for the sake of few units gives its discount away on all that sells anyway."""
    admitted = shop({"brisk": {"on_hand": 1220, "unit_price": 30.0}}, {"brisk": steady(90)})
    stock = Stock.of_tables(admitted)
    actions = review(stock, Assumptions(terms=ActionTerms(write_off_days=91.0))).actions
    assert actions["action"].tolist() == ["return"]
    assert actions["units"].item() == pytest.approx(1220 - 90 * 13, abs=30)


def test_nothing_is_done_about_less_than_one_of_what_is_counted() -> None:
    stock = Stock.of_tables(shop({"odd": {"on_hand": 60.0}}, {"odd": [2, 1, *[0] * (WEEKS - 2)]}))
    items = stock.items.assign(order_up_to=59.5)
    assert review(replace(stock, items=items)).actions.empty
    assert not review(replace(stock, items=items.assign(order_up_to=58.0))).actions.empty


def test_a_holding_rate_that_nobody_gave_is_called_assumed(admitted: Admitted, reviewed: ExcessReview) -> None:
    words = "at an assumed holding rate of 25% a year where items name none"
    assert reviewed.assumed["holding_rate"] == f"stock is held {words}"
    assert f"Gains are {words}." in excess_answer(reviewed, "USD")
    given = shop({"slow": {"on_hand": 900}}, {"slow": steady(5)}, holding_rate=0.25)
    known = review(Stock.of_tables(given))
    assert len(known.actions)
    assert "holding_rate" not in known.assumed
    assert "assumed holding rate" not in excess_answer(known, "USD")
