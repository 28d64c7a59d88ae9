"""Marking down a plan's excess: paths, what they bring, and every refusal with its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from priced_tables import ELASTICITY, PLAN_DATE, priced_tables

from invopt_xl.domain import Calendar, Forecast, Period
from invopt_xl.errors import InputError
from invopt_xl.plan.columns import MARKDOWN, MARKDOWN_OUTPUTS, MARKDOWN_SUMMARY, PRICE_RESPONSE, Table
from invopt_xl.plan.excess import ActionTerms, Assumptions, DemandAhead, Stock, review, with_excess
from invopt_xl.plan.excess.ahead import Endings
from invopt_xl.plan.histories import Histories, histories
from invopt_xl.plan.markdown import Asked, Markdowns, mark_down, marked_down, price_response
from invopt_xl.plan.markdown.demand import known_demand
from invopt_xl.plan.markdown.known_for import known_for, with_planned
from invopt_xl.plan.markdown.later import worth_later
from invopt_xl.plan.markdown.others import with_other_actions
from invopt_xl.plan.markdown.span import Span
from invopt_xl.plan.markdown.words import CUT, LATER, NO_STOCK, NOT_TOLD, STAYS, UNSURE, too_unsure
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import admit
from invopt_xl.plan.replenishment import with_terms
from invopt_xl.policy.markdown import Clearance, Worth, clear

Items = pd.DataFrame


class Shop:
    """Items with levels and forecasts as simple as can be: the mean of the last year, as counts."""

    def __init__(self) -> None:
        self.admitted = admitted = admit(priced_tables())
        self.parameters: Parameters = admitted.parameters
        self.past: Histories = histories(admitted)
        mean = np.nanmean(self.past.quantity[:, -26:], axis=1)
        rng = np.random.default_rng(3)
        self.forecasts = [
            Forecast(rng.poisson(rate, (400, 13)).astype(np.float32), "mean", "the mean of half a year")
            for rate in np.nan_to_num(mean)
        ]
        items = with_terms(admitted.tables, self.parameters).assign(order_up_to=30.0, demand_per_period=mean)
        self.items: pd.DataFrame = with_excess(items, 91, 7)

    def marked_down(self, **asked: object) -> Markdowns:
        return mark_down(self.items, self.forecasts, self.past, self.parameters, Asked(**asked))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop()


@pytest.fixture(scope="module")
def long(shop: Shop) -> Items:
    """Return the items with some 29 weeks of cover of what sells 7 a week."""
    return with_excess(shop.items.assign(on_hand=200.0), 91, 7)


@pytest.fixture(scope="module")
def made(shop: Shop) -> Markdowns:
    return shop.marked_down(floor=0.8, before=date(2024, 9, 30))


def row(made: Markdowns, item: str) -> pd.Series:
    return made.summary.set_index("item").loc[item]


def test_tables_have_the_columns_of_the_contract(made: Markdowns) -> None:
    assert made.path.columns.tolist() == MARKDOWN.column_names
    assert made.summary.columns.tolist() == MARKDOWN_SUMMARY.column_names
    assert made.response.table.columns.tolist() == PRICE_RESPONSE.column_names


@pytest.mark.parametrize("table", MARKDOWN_OUTPUTS, ids=lambda table: table.stem)
def test_a_title_fits_on_the_tab_of_a_sheet(table: Table) -> None:
    assert len(table.title) <= 31


def test_every_item_with_excess_has_a_row_and_no_other(shop: Shop, made: Markdowns) -> None:
    excess = shop.items.loc[shop.items["excess_quantity"] > 0, "item"]
    assert sorted(made.summary["item"]) == sorted(excess)
    assert "brisk" not in set(made.summary["item"])


def test_elasticities_are_found(made: Markdowns) -> None:
    found = made.response.table.set_index("item")
    assert found.loc[["brisk", "calm"], "elasticity"].tolist() == pytest.approx([ELASTICITY] * 2, abs=0.5)
    assert (found.loc[["brisk", "calm", "slow"], "usable"] == "yes").all()


def test_a_path_falls_and_brings_more_than_no_action_and_a_constant_price(made: Markdowns) -> None:
    for item, path in made.path.groupby("item"):
        told = row(made, str(item))
        assert (path["price"].diff().dropna() <= 0).all()
        assert path["price"].min() >= told["lowest_price"] - 0.01
        assert told["cash_path"] >= max(told["cash_constant"], told["cash_no_action"]) - 0.01
        assert told["gain"] == pytest.approx(told["cash_path"] - told["cash_no_action"], abs=0.02)
        assert path["expected_units"].sum() + told["left_units"] == pytest.approx(told["on_hand"], abs=1.0)
    assert row(made, "slow")["gain"] > 0
    assert row(made, "slow")["action"].endswith("off now.")


def test_no_price_is_below_the_floor_or_far_below_those_seen(shop: Shop) -> None:
    assert shop.marked_down(floor=1.0).path["price"].min() >= 6.0
    assert shop.marked_down(floor=0.0).path["price"].min() >= 10 * 0.7 * np.exp(-0.1) - 1e-9


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ("plain", "No price in tblItems: what a cut brings cannot be told."),
        ("unpriced", "No path: no price in its history."),
        ("gone", "No demand is expected at today's price, so no response to a cut is known: return or scrap it."),
        ("fresh", "No path: fewer than 8 periods of known demand."),
    ],
)
def test_an_item_of_which_nothing_can_be_said_is_named_with_its_reason(shop: Shop, item: str, why: str) -> None:
    made = shop.marked_down(items=(item,))
    assert row(made, item)["why"] == why
    assert np.isnan(row(made, item)["gain"])
    assert made.path.empty


def test_of_an_item_that_was_never_on_sale_no_demand_is_claimed(shop: Shop) -> None:
    items = shop.items.assign(known_periods=np.where(shop.items["item"] == "gone", 0, 60))
    made = mark_down(items, shop.forecasts, shop.past, shop.parameters, Asked(items=("gone",)))
    assert made.summary["outcome"].tolist() == [NOT_TOLD]
    assert made.summary["why"].tolist() == ["No path: no sale is on record, so nobody knows what a price brings."]


def test_an_item_out_of_stock_has_nothing_to_mark_down(shop: Shop) -> None:
    items = shop.items.assign(on_hand=0.0, excess_quantity=0.0)
    made = mark_down(items, shop.forecasts, shop.past, shop.parameters, Asked(items=("slow",)))
    assert made.summary["why"].tolist() == ["No stock on hand: nothing to mark down."]
    assert made.summary["outcome"].tolist() == [NO_STOCK]


def test_an_item_that_only_others_tell_of_is_not_gambled_with() -> None:
    unsure = Clearance(60.0, 10.0, np.full(6, 5.0), -1.8, elasticity_deviation=1.0)
    made = clear(unsure, np.array([10.0, 8.0, 6.0]), Worth())
    assert made.gain > 0 > made.gain_between()[0]
    assert too_unsure(made, own=True) is None
    refused = too_unsure(made, own=False)
    assert refused is not None
    assert refused.outcome == UNSURE
    assert refused.why.startswith("No path: it might bring ")


def test_a_healthy_item_with_long_cover_keeps_its_price_unless_a_date_ends_its_sales(shop: Shop, long: Items) -> None:
    def told(**asked: object) -> pd.Series:
        wanted = Asked(items=("slow",), floor=0.0, **asked)  # type: ignore[arg-type]
        return row(mark_down(long, shop.forecasts, shop.past, shop.parameters, wanted), "slow")

    healthy, cleared = told(), told(before=date(2024, 9, 30))
    assert (
        healthy["action"]
        == "Keep the price: the best cut would bring 6.08 more, less than 0.5% of it all and not worth a new price."
    )
    assert healthy["gain"] == 0
    assert (healthy["outcome"], cleared["outcome"]) == (STAYS, CUT)
    assert healthy["left_no_action"] > 100
    assert cleared["action"].endswith("off now.")
    assert cleared["gain"] > 100
    assert healthy["before"] == cleared["before"]


def test_stock_that_will_be_written_off_soon_is_marked_down(shop: Shop, long: Items) -> None:
    def told(days: float) -> float:
        wanted = Asked(items=("slow",), floor=0.0, write_off_days=days)
        return float(row(mark_down(long, shop.forecasts, shop.past, shop.parameters, wanted), "slow")["gain"])

    # On the day the path ends nothing is left of the time to sell on: as if the day had been named.
    named = Asked(items=("slow",), floor=0.0, before=date(2024, 9, 30))
    dated = row(mark_down(long, shop.forecasts, shop.past, shop.parameters, named), "slow")["gain"]
    assert told(91) == pytest.approx(dated, rel=0.01)
    assert told(91) > told(150) > told(365) == 0


def test_units_left_are_worth_the_less_the_more_there_are(shop: Shop) -> None:
    """The first is used and saves its purchase, the last of very many is written off; both cost holding."""
    items = shop.items.assign(on_hand=2000.0, whole_units=shop.past.whole_units).iloc[[2]]
    ahead = DemandAhead.of_history(shop.past, shop.parameters, 365).rows(np.array([2]))
    ((units, money),) = worth_later(items, np.array([91.0]), ahead, ActionTerms())
    each, weekly = np.diff(money) / np.diff(units), float(items["holding_cost"].iloc[0])
    assert (np.diff(each) <= 1e-9).all()
    assert 6.0 - 4 * weekly < each[0] <= 6.0
    assert each[-1] == pytest.approx(0.6 - weekly * (365 - 91) / 7, abs=0.02)


def test_units_left_are_worth_less_where_demand_may_end(shop: Shop) -> None:
    items = shop.items.assign(on_hand=200.0, whole_units=shop.past.whole_units).iloc[:3]
    goes_on = DemandAhead.of_history(shop.past, shop.parameters, 365).rows(np.arange(3))
    may_end = goes_on.ending(Endings(np.full(3, 0.3), np.full(3, 0.01), ("",) * 3))
    days = np.full(3, 91.0)
    for goes, ends in zip(
        worth_later(items, days, goes_on, ActionTerms()), worth_later(items, days, may_end, ActionTerms()), strict=True
    ):
        assert ends[1][-1] < 0.8 * goes[1][-1]


def test_stock_that_nobody_asks_for_is_worth_its_salvage_less_a_year_of_holding(shop: Shop, long: Items) -> None:
    everyone = len(long)
    over = Endings(np.ones(everyone), np.zeros(everyone), ("",) * everyone)
    ahead = DemandAhead.of_history(shop.past, shop.parameters, 365).ending(over)
    made = mark_down(long, shop.forecasts, shop.past, shop.parameters, Asked(items=("slow",)), ahead=ahead)
    held = float(long.loc[long["item"] == "slow", "holding_cost"].iloc[0]) * 365 / 7
    assert row(made, "slow")["cash_no_action"] == pytest.approx(200 * (0.6 - held), abs=0.1)
    kept = "Keep the price: demand has likely ended (over 99%), and then no price sells anything."
    assert row(made, "slow")["action"] == kept


def test_the_other_way_is_no_mark_down_also_of_goods_that_spoil(shop: Shop, long: Items) -> None:
    made = mark_down(long, shop.forecasts, shop.past, shop.parameters, Asked(items=("slow", "calm")))
    stock = Stock.of_tables(shop.admitted)
    spoils = stock.items.assign(on_hand=300.0, shelf_life_days=200.0, supplier="")
    told = with_other_actions(made.summary, replace(stock, items=spoils), ActionTerms())
    ways = told.set_index("item")["other_action"]
    assert ways["slow"].startswith("scrap ")
    assert not ways.str.startswith("mark down").any()


def test_a_review_of_excess_gains_by_mark_downs_what_their_paths_gain(shop: Shop) -> None:
    stock = Stock.of_tables(shop.admitted)
    held = {"slow": 160.0, "ended": 100.0, "brisk": 500.0, "calm": 215.0}
    items = with_excess(stock.items.assign(on_hand=stock.items["item"].map(held).fillna(0.0)), 91, 7)
    wanted = Asked(items=tuple(held), floor=0.0, write_off_days=115.0)
    made = mark_down(items, shop.forecasts, shop.past, shop.parameters, wanted, ahead=stock.ahead)
    terms = ActionTerms(
        write_off_days=115.0,
        refund_share=0.0,
        promotion_lift=0.0,
        mark_down_recovery=made.recovery(items),
        mark_down_units=made.units(items),
    )
    actions = review(replace(stock, items=items), Assumptions(terms=terms)).actions
    told = actions[actions["action"] == "mark down"].set_index("item").reindex(made.summary["item"])
    assert made.summary["outcome"].value_counts().to_dict() == {CUT: 2, LATER: 2}
    assert told["gain"].tolist() == pytest.approx(made.summary["gain"].tolist(), abs=0.02)
    besides = (made.summary["left_no_action"] - made.summary["left_units"]).to_numpy()
    assert told["units"].tolist() == pytest.approx(np.minimum(besides, made.summary["excess_units"]).tolist(), abs=0.7)


def test_recovery_stands_in_the_order_of_the_items(shop: Shop, made: Markdowns) -> None:
    found = made.recovery(shop.items)
    assert found.index.equals(shop.items.index)
    assert found[shop.items["item"] == "slow"].tolist() == pytest.approx([row(made, "slow")["recovery"]], abs=0.001)
    assert found[shop.items["item"].isin(["brisk", "plain"])].isna().all()


def test_a_cut_is_named_by_its_location_where_an_item_is_at_several(made: Markdowns) -> None:
    assert set(made.cuts.index) == set(made.path["item"])
    both = {
        name: pd.concat([frame, frame.assign(location="NORTH")], ignore_index=True)
        for name, frame in (("summary", made.summary), ("path", made.path))
    }
    there = replace(made, **both)
    north = there.cuts.loc["slow at NORTH"]
    assert (north["item"], north["location"]) == ("slow", "NORTH")
    assert there.path_of(north)["location"].unique().tolist() == ["NORTH"]
    assert len(there.path_of(north)) == len(made.path[made.path["item"] == "slow"])


def test_a_price_that_had_better_stay_leaves_nothing_to_mark_down(shop: Shop, long: Items) -> None:
    kept = mark_down(long, shop.forecasts, shop.past, shop.parameters, Asked(items=("slow",), floor=0.8))
    assert row(kept, "slow")["action"].startswith("Keep the price")
    assert kept.recovery(long)[long["item"] == "slow"].tolist() == [0.0]


def test_an_item_that_was_rejected_is_named_with_the_reason() -> None:
    raw = priced_tables()
    raw["items"].loc[raw["items"]["item"] == "slow", "unit_cost"] = np.nan
    raw["items"].index = pd.RangeIndex(2, 2 + len(raw["items"]), name="row")
    with pytest.raises(InputError, match=r"slow is not planned: unit_cost is missing; .* \(row 4 of tblItems\)"):
        marked_down(raw, Asked(items=("slow",)))


def test_what_is_assumed_of_stock_that_is_left_is_told(shop: Shop) -> None:
    sells_on, worth = Asked().assumed(shop.parameters)
    assert sells_on.startswith(
        "No last day on sale is named: what is left on 2024-09-30 sells on at today's price until 365 days from now"
    )
    assert "brings 10% of cost" in worth
    (dated,) = Asked(before=date(2024, 8, 5), salvage=0.0).assumed(shop.parameters)
    assert dated.startswith("Nothing sells from 2024-08-05 on; what is left then brings 0% of cost")
    assert Asked(disposal=0.05).assumed(shop.parameters)[1].endswith("nothing, and costs 5% of cost to dispose of")


def test_the_stock_of_no_action_stands_beside_that_of_the_path(made: Markdowns) -> None:
    path = made.path[made.path["item"] == "slow"]
    assert path["stock_no_action"].iloc[0] == path["expected_stock"].iloc[0]
    assert (path["stock_no_action"] >= path["expected_stock"]).all()
    assert path["stock_no_action"].iloc[-1] > path["expected_stock"].iloc[-1]


def test_a_price_response_of_one_week_of_history_is_refused(shop: Shop) -> None:
    raw = priced_tables()
    raw["demand"] = raw["demand"][raw["demand"]["date"] == raw["demand"]["date"].max()]
    admitted = admit(raw)
    found = price_response(admitted.tables["items"], histories(admitted), admitted.parameters).table
    assert (found["usable"] == "no").all()


def test_shelf_life_ends_the_path(shop: Shop) -> None:
    short = shop.items.assign(shelf_life_days=21.0)
    made = mark_down(short, shop.forecasts, shop.past, shop.parameters, Asked(items=("slow",), floor=0.0))
    assert len(made.path) == 3
    assert made.summary["before"].iloc[0] == pd.Timestamp("2024-07-22")


def test_goods_that_will_spoil_are_looked_at_though_the_plan_counts_no_excess(shop: Shop) -> None:
    calm = shop.items["item"] == "calm"
    short = with_excess(shop.items.assign(on_hand=shop.items["on_hand"].where(~calm, 60.0)), 91, 7)
    keeps = mark_down(short, shop.forecasts, shop.past, shop.parameters, Asked())
    assert "calm" not in set(keeps.summary["item"])
    short = short.assign(shelf_life_days=np.where(calm, 21.0, np.nan))

    def told(**asked: float) -> pd.Series:
        return row(mark_down(short, shop.forecasts, shop.past, shop.parameters, Asked(floor=0.0, **asked)), "calm")

    free, dear = told(), told(disposal=0.5)
    assert free["excess_units"] == 0
    assert free["before"] == pd.Timestamp("2024-07-22")
    assert free["outcome"] == CUT
    # What is left then brings nothing, and may cost something to be rid of.
    assert free["cash_no_action"] - dear["cash_no_action"] == pytest.approx(0.5 * 6.0 * free["left_no_action"], abs=0.1)
    assert dear["gain"] > free["gain"] > 0


def test_a_path_ends_on_the_day_that_is_named_or_the_goods_spoil(shop: Shop, long: Items) -> None:
    def told(items: Items, **asked: object) -> pd.Series:
        wanted = Asked(items=("slow",), largest_discount=0.01, **asked)  # type: ignore[arg-type]
        return row(mark_down(items, shop.forecasts, shop.past, shop.parameters, wanted), "slow")

    def sold(found: pd.Series) -> float:
        return float(found["on_hand"] - found["left_no_action"])

    week, eleven_days = told(long, before=date(2024, 7, 8)), told(long, before=date(2024, 7, 12))
    response = price_response(shop.items, shop.past, shop.parameters).response
    price = known_for(shop.past, shop.items["unit_price"].to_numpy(), response.elasticity)[2]
    mean = shop.forecasts[2].paths.mean(axis=0) * (10.0 / price) ** response.elasticity[2]
    assert sold(week) == pytest.approx(mean[0], abs=0.1)
    assert sold(eleven_days) == pytest.approx(mean[0] + 4 / 7 * mean[1], abs=0.1)
    assert eleven_days["before"] == pd.Timestamp("2024-07-12")
    free, dear = (
        told(long.assign(holding_cost=cost), before=date(2024, 7, 12))["cash_no_action"] for cost in (0.0, 7.0)
    )
    assert free - dear == pytest.approx(7 * week["left_no_action"] + 4 * eleven_days["left_no_action"], abs=1.0)
    spoils = told(long.assign(shelf_life_days=11.0))
    assert spoils["before"] == eleven_days["before"]
    assert sold(spoils) == sold(eleven_days)
    assert eleven_days["cash_no_action"] - spoils["cash_no_action"] == pytest.approx(
        0.1 * 6.0 * eleven_days["left_no_action"], abs=0.5
    )


def test_demand_is_that_of_todays_price_and_not_of_those_paid(shop: Shop) -> None:
    """Its mean is 6 a week at 10, and with the cuts of every fourth week a tenth more."""

    def told(price: float) -> pd.Series:
        items = shop.items.assign(unit_price=price, on_hand=1000.0)
        asked = Asked(items=("slow",), before=date(2024, 9, 30), largest_discount=0.01)
        return row(mark_down(items, shop.forecasts, shop.past, shop.parameters, asked), "slow")

    sold = {price: 1000.0 - told(price)["left_no_action"] for price in (10.0, 15.0, 9.2)}
    assert sold[10.0] == pytest.approx(13 * 6.0, rel=0.1)
    assert sold[15.0] == pytest.approx(13 * 6.0 * 1.5**ELASTICITY, rel=0.2)
    assert "for today's, 0.3" in told(15.0)["why"]
    assert "for today's" not in told(9.2)["why"]


def test_a_price_planned_for_a_week_is_that_of_this_week_alone(shop: Shop) -> None:
    today, paid = np.full(len(shop.items), 10.0), np.full(len(shop.items), 9.0)
    planned = np.full((len(shop.items), 4), np.nan)
    planned[0, :2] = 8.0
    found = with_planned(paid, replace(shop.past, future_price=planned), today, 6)
    assert found[0].tolist() == [8.0, 8.0, 9.0, 9.0, 9.0, 9.0]
    assert (found[1:] == 9.0).all()


def test_promotions_of_late_that_a_forecast_carries_on_are_told(shop: Shop) -> None:
    promotion = np.zeros(shop.past.quantity.shape, dtype=bool)
    promotion[:, -8:] = True
    past = replace(shop.past, promotion=promotion)
    asked = Asked(items=("slow",), before=date(2024, 9, 30))
    told = row(mark_down(shop.items, shop.forecasts, past, shop.parameters, asked), "slow")["why"]
    assert "Promotions of late, in 57% of periods, are taken to go on" in told
    planned = replace(past, future_promotion=np.zeros((len(shop.items), 2)))
    told = row(mark_down(shop.items, shop.forecasts, planned, shop.parameters, asked), "slow")["why"]
    assert "Promotions of late" not in told


def test_promotions_are_carried_on_so_a_list_price_is_no_other_price(shop: Shop) -> None:
    today, answer = np.full(len(shop.items), 10.0), np.full(len(shop.items), -2.0)
    cut = shop.past.price < 9.9
    assert (known_for(shop.past, today, answer)[cut.any(axis=1)] < 9.9).all()
    np.testing.assert_allclose(known_for(replace(shop.past, promotion=cut), today, answer), 10.0)


@given(st.dates(date(2023, 1, 1), date(2025, 12, 31)), st.sampled_from(["day", "week", "month"]), st.integers(1, 120))
def test_a_span_has_the_days_that_are_counted_one_by_one(plan_date: date, period: Period, days: int) -> None:
    calendar = Calendar(plan_date, period)
    span = Span.of(float(days), calendar, 200)
    each = np.datetime64(plan_date, "D") + np.arange(days + 31)
    inside, beyond = np.split(calendar.index(each), [days])
    assert (span.lengths * calendar.days_per_period).tolist() == pytest.approx(np.bincount(inside).tolist())
    last = (inside == inside[-1]).sum()
    assert span.last_share == pytest.approx(last / (last + (beyond == inside[-1]).sum()))
    assert span.end(plan_date) == each[days].item()


def test_demand_is_as_variable_in_whatever_unit_it_is_measured() -> None:
    rng = np.random.default_rng(5)
    weighed = rng.gamma(4, 10.0, (400, 8)) * rng.gamma(25, 1 / 25, (400, 1))
    weeks = Span(56.0, np.ones(8), 1.0)
    found = [
        known_demand(Forecast((weighed * scale).astype(np.float32), "gamma", "by weight"), weeks, whole=False)
        for scale in (1.0, 0.001)
    ]
    assert found[1][0] * 1000 == pytest.approx(found[0][0])
    assert found[1][1:] == pytest.approx(found[0][1:], rel=1e-4)
    assert found[0][1:] == pytest.approx((0.2, 0.25), abs=0.03)


def test_a_path_is_the_same_in_whatever_unit_goods_are_measured(shop: Shop, long: Items) -> None:
    more_or_less = np.random.default_rng(4).gamma(2, 0.5, shop.forecasts[0].paths.shape)

    def told(scale: float) -> pd.Series:
        """Return what becomes of the goods with so many units for one."""
        quantities, money = ["on_hand", "excess_quantity"], ["unit_cost", "unit_price", "holding_cost"]
        items = long.assign(**(long[quantities] * scale), **(long[money] / scale))
        past = replace(shop.past, quantity=shop.past.quantity * scale, price=shop.past.price / scale)
        forecasts = [
            replace(each, paths=(each.paths * more_or_less * scale).astype(np.float32)) for each in shop.forecasts
        ]
        wanted = Asked(items=("slow",), floor=0.0, before=date(2024, 9, 26))
        return row(mark_down(items, forecasts, past, shop.parameters, wanted), "slow")

    pounds, tons = told(0.5), told(0.0005)
    assert pounds["gain"] > 100
    amounts = ["gain", "gain_low", "gain_high", "cash_no_action", "cash_path", "sold_out_chance"]
    assert tons[amounts].tolist() == pytest.approx(pounds[amounts].tolist(), rel=1e-3)
    assert tons["end_price"] / 1000 == pytest.approx(pounds["end_price"])


def test_paths_reach_as_far_from_any_day_of_a_month() -> None:
    for day in range(1, 32):
        parameters = Parameters(date(2024, 7, day), period="month", excess_cover_days=91)
        assert 89 <= Asked().days(parameters) <= 91 + 31


def test_kinds_of_promotion_are_told_apart(shop: Shop) -> None:
    rng = np.random.default_rng(2)
    dates = pd.date_range(end="2024-06-24", periods=60, freq="7D")
    rows = pd.DataFrame({"item": "calm", "location": "MAIN", "date": dates, "display": rng.random(60) < 0.2})
    found = price_response(shop.items, shop.past, shop.parameters, promotions=rows.assign(mailer=0.0)).table
    found = found.set_index("item")
    assert found["promotion_lift"].isna().all()
    assert found["mailer_lift"].isna().all()
    assert found["display_lift"].notna().tolist() == [item == "calm" for item in found.index]


def test_a_forecast_that_ends_too_early_is_named(shop: Shop) -> None:
    with pytest.raises(InputError, match="periods of the forecast is 13; expected 20 or more"):
        shop.marked_down(before=date(2024, 11, 18))


def test_an_item_that_is_not_there_is_named(shop: Shop) -> None:
    with pytest.raises(InputError, match="there is no item 'slov'; found 'slow'"):
        shop.marked_down(items=("slov",))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"floor": -1}, "floor is -1; expected a share of unit cost such as 0.8"),
        ({"largest_discount": 40}, "largest discount is 40; expected between 0 and 1, such as 0.7"),
        ({"salvage": 2}, "salvage is 2; expected a share of unit cost from 0 to 1"),
        ({"disposal": -1}, "disposal is -1; expected a share of unit cost from 0 to 1"),
    ],
)
def test_shares_out_of_bounds_are_named(asked: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Asked(**asked)  # type: ignore[arg-type]


def test_a_date_that_is_over_is_named() -> None:
    with pytest.raises(InputError, match=f"the date to sell by is {PLAN_DATE}; expected after the plan date"):
        Asked(before=date.fromisoformat(PLAN_DATE)).periods(Parameters(date.fromisoformat(PLAN_DATE)))
