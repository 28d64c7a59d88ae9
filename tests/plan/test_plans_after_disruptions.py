"""What planners write of disruptions, and the plan made after them beside today's."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd
import pytest
from shop_tables import expected, levelled, shop, table

from invopt_xl.cache import ContentCache
from invopt_xl.errors import InputError
from invopt_xl.optimise import Closure, Delay, Lost, PriceRise
from invopt_xl.plan.disruptions import Asked, Happening, beside_earlier, orders_after, read_disruptions
from invopt_xl.plan.disruptions.reading import Told
from invopt_xl.plan.order_plan import OrdersMade, make_orders, problem_of
from invopt_xl.plan.orders import Effort

EFFORT = Effort(1.0, 0.05, 1)
NORTH, SOUTH = 0, 1
KEPT: dict[str, ContentCache] = {}


def tables(**changes: object) -> dict[str, pd.DataFrame]:
    """Return the shop with an open order of tea and one of cups."""
    due = table(
        item=["tea", "cup"], location=["MAIN", "MAIN"], due_date=["2024-07-09", "2024-07-16"], quantity=[40, 30]
    )
    return shop(open_orders=due, currency="EUR", **changes)


def read(**texts: str) -> Told:
    basis = levelled(tables())
    return read_disruptions(Happening(**{kind: (text,) for kind, text in texts.items()}), basis, problem_of(basis)[0])


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep plans of equal problems: a time limit may end two searches at different plans."""
    with ContentCache(tmp_path_factory.mktemp("plans")) as KEPT["cache"]:
        yield


def today_of(raw: dict[str, pd.DataFrame]) -> OrdersMade:
    return make_orders(raw, EFFORT, forecast=expected(), workers=1, cache=KEPT["cache"])


def after(raw: dict[str, pd.DataFrame] | None = None, keep_sent: bool = False, **texts: str) -> OrdersMade:
    happening = Happening(**{kind: (text,) for kind, text in texts.items()})
    return orders_after(
        raw or tables(), EFFORT, Asked(happening, keep_sent), forecast=expected(), workers=1, cache=KEPT["cache"]
    )


def test_dates_become_periods_of_the_plan() -> None:
    assert read(close="North:2024-07-08..2024-07-21").disruptions == (Closure(NORTH, 1, 2),)
    assert read(delay="tea@MAIN:2024-07-09+14").disruptions == (Delay(0, 1, 2, 40.0),)
    assert read(delay="tea@MAIN:2024-07-09+14:25").disruptions == (Delay(0, 1, 2, 25.0),)
    assert read(lost="cup:2024-07-16:12.5").disruptions == (Lost(1, 2, 12.5),)
    assert read(price_rise="South:2024-07-15+5%").disruptions == (PriceRise(2, 0.05, supplier=SOUTH),)


def test_a_closure_counts_for_whole_weeks_and_a_price_from_the_next_order_on() -> None:
    told = read(close="North:2024-07-03..2024-07-09")
    assert told.disruptions == (Closure(NORTH, 0, 1),)
    assert told.words == ("North is closed and delivers nothing 1 Jul to 14 Jul, in whole weeks.",)
    told = read(price_rise="tea:2024-07-09+10%")
    assert told.disruptions == (PriceRise(2, 0.1, item=0), PriceRise(2, 0.1, item=2))
    assert told.words == ("What tea costs rises by 10% from 15 Jul.",)


def test_a_delay_within_a_week_changes_nothing_and_says_so() -> None:
    told = read(delay="tea@MAIN:2024-07-09+3")
    assert told.disruptions == ()
    assert told.words[0].endswith("come 3 days later, on 12 Jul: the same week, so it changes nothing here.")


def test_a_closure_that_outlasts_the_plan_ends_with_it() -> None:
    assert read(close="North:2024-08-05..2030-01-01").disruptions == (Closure(NORTH, 5, 9),)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("close", "South", "expected SUPPLIER:FROM..TO, such as"),
        ("close", "Soth:2024-07-01..2024-07-09", "there is no supplier Soth; did you mean South"),
        ("close", "South:2024-07-09..2024-07-01", "it ends on 2024-07-01, before it begins"),
        ("close", "South:2023-07-01..2023-07-09", "expected a date from 2024-07-01 to 2024-09-08"),
        ("close", "South:2024-07-01..2024-13-01", "2024-13-01 is no date"),
        ("delay", "tea:2024-07-09+7", "expected tea@MAIN or tea@WEST"),
        ("delay", "tea@EAST:2024-07-09+7", "there is no item tea@EAST"),
        ("delay", "tea@MAIN:2024-07-10+7", "nothing of tea@MAIN is due on 2024-07-10; expected one of 2024-07-09"),
        ("delay", "tea@WEST:2024-07-10+7", "it has no open order"),
        ("delay", "cup:2024-07-16", "expected ITEM:DATE+DAYS"),
        ("lost", "cup:2024-07-16:31", "quantity is 31"),
        ("lost", "cup:2024-07-16:0", "quantity is 0"),
        ("price_rise", "North:2024-07-16", "expected SUPPLIER_OR_ITEM:DATE+RATE%"),
        ("price_rise", "North:2024-07-16-100%", "nothing is left of the price"),
        ("price_rise", "Nort:2024-07-16+5%", "there is no supplier or item Nort; did you mean North?"),
    ],
)
def test_what_is_not_there_is_one_clear_line(kind: str, text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read(**{kind: text})
    line = str(caught.value)
    assert said in line
    assert text in line
    assert "\n" not in line
    assert "period" not in line


def test_two_texts_on_one_open_order_cannot_both_lose_it() -> None:
    basis = levelled(tables())
    twice = Happening(lost=("cup:2024-07-16", "cup:2024-07-16"))
    problem = problem_of(basis)[0]
    said = (
        "--lost cup:2024-07-16: the 30 of cup due on 2024-07-16 are late or lost by another --delay or --lost already"
    )
    with pytest.raises(InputError, match=f"^{said}; expected each unit once$"):
        read_disruptions(twice, basis, problem)
    beyond = Happening(delay=("cup:2024-07-16+14:20",), lost=("cup:2024-07-16:20",))
    said = "--lost cup:2024-07-16:20: quantity is 20; expected above 0, at most 10, as 20 of 30 are told of"
    with pytest.raises(InputError, match=f"^{re.escape(said)}$"):
        read_disruptions(beyond, basis, problem)
    rest = Happening(delay=("cup:2024-07-16+14:20",), lost=("cup:2024-07-16",))
    assert read_disruptions(rest, basis, problem).disruptions == (Delay(1, 2, 2, 20.0), Lost(1, 2, 10.0))


def test_the_new_plan_stands_beside_todays_and_beside_todays_followed_as_it_stands() -> None:
    made = after(close="South:2024-07-01..2024-07-21")
    compared = made.compared
    assert compared is not None
    costs = compared.costs.set_index("kind")
    assert costs.columns.tolist() == ["today", "today's plan followed", "planned anew"]
    total = costs.loc["total"]
    assert total["planned anew"] <= total["today's plan followed"] + 0.01
    assert compared.cost == pytest.approx(total["planned anew"] - total["today"], abs=0.01)
    assert compared.saved == pytest.approx(total["today's plan followed"] - total["planned anew"], abs=0.01)
    parts = costs.drop(["purchase", "total"]).sum()
    assert parts.to_numpy() == pytest.approx(total.to_numpy(), abs=0.05)
    assert compared.sentences[0] == "South is closed and delivers nothing 1 Jul to 21 Jul."


def test_what_has_to_be_bought_more_is_told_beside_costs_that_leave_it_out() -> None:
    compared = after(lost="cup:2024-07-16").compared
    assert compared is not None
    purchase = compared.costs.set_index("kind").loc["purchase"]
    more = purchase["planned anew"] - purchase["today"]
    assert more > 0
    assert f"Purchases, which are not in these costs, are {more:,.0f} higher." in compared.sentences
    made = today_of(tables())
    cheaper = made.tables | {"order_costs": made.tables["order_costs"].copy()}
    costs = cheaper["order_costs"]
    costs.loc[costs["kind"] == "purchase", "amount"] += 30.0
    told = beside_earlier(made, cheaper).compared
    assert told is not None
    assert told.sentences[-1] == "Purchases, which are not in these costs, are 30 lower."
    unknown = made.tables | {"order_costs": costs[costs["kind"] != "purchase"]}
    told = beside_earlier(made, unknown).compared
    assert told is not None
    assert "Purchases" not in " ".join(told.sentences)


def test_changes_lead_from_todays_lines_to_the_new_ones() -> None:
    today = today_of(tables())
    made = after(close="South:2024-07-01..2024-07-21")
    changes = made.tables["order_changes"]
    assert set(changes["change"]) <= {"new", "gone", "moved", "quantity"}
    keys = ["supplier", "item", "location"]
    dates = {"before": today, "after": made}
    for when, plan in dates.items():
        lines = plan.tables["orders"].set_index([*keys, "order_date"])["quantity"]
        told = changes.dropna(subset=[f"order_date_{when}"]).set_index([*keys, f"order_date_{when}"])
        assert told[f"quantity_{when}"].to_dict() == lines.reindex(told.index).to_dict(), when
    sums = [plan.tables["orders"]["value"].sum() for plan in (today, made)]
    assert changes["value_difference"].sum() == pytest.approx(sums[1] - sums[0], abs=0.05)
    gone = changes[changes["change"].isin(["gone", "moved"]) & (changes["supplier"] == "South")]
    assert not gone["order_date_after"].between("2024-07-01", "2024-07-21").any()
    assert changes["why"].str.endswith(".").all()


def test_lines_sent_already_stand_and_say_so() -> None:
    first, raw = pd.Timestamp("2024-07-01"), tables()
    raw["items"]["on_hand"] = 40
    today = today_of(raw).tables["orders"]
    sent = today[today["order_date"] == first]
    assert len(sent) > 0
    made = after(raw, keep_sent=True, price_rise="North:2024-07-08+20%")
    now = made.tables["orders"].merge(sent, on=["supplier", "item", "location", "order_date"])
    assert len(now) == len(sent)
    assert (now["quantity_x"] == now["quantity_y"]).all()
    assert now["why_x"].str.startswith("Sent already: ").all()
    changes = made.tables["order_changes"]
    assert not (changes["order_date_before"] == first).any()


def test_what_is_ordered_beside_what_is_sent_is_an_order_of_its_own() -> None:
    raw = tables(holding_rate=4.0, order_cost=0.0)
    raw["items"]["on_hand"] = [60, 100, 40]
    raw["suppliers"]["capacity_units"] = [400, None]
    made = after(raw, keep_sent=True, lost="tea@MAIN:2024-07-09")
    assert made.compared is not None
    sent, orders = made.compared.sent, made.tables["orders"]
    assert sent is not None
    anew = orders.drop(index=sent.index)
    first = orders["order_date"].min()
    again = anew[(anew["order_date"] == first) & anew["supplier"].isin(sent["supplier"])]
    assert len(again) > 0
    assert not again["why"].str.contains("Sent already|bought from").any()
    assert sent["why"].str.startswith("Sent already: ").all()
    fees = raw["suppliers"].set_index("supplier")["order_cost"].astype(float)
    placed = [each[["order_date", "supplier"]].drop_duplicates() for each in (sent, anew)]
    costs = made.tables["order_costs"].set_index("kind")["amount"]
    assert costs["supplier order"] == sum(fees[supplier] for each in placed for supplier in each["supplier"])
    assert costs["purchase"] == pytest.approx((orders["quantity"] * orders["unit_cost"]).sum(), abs=0.01)
    limits = made.tables["order_limits"].query("limit == 'capacity'").set_index("date")
    assert limits.index.is_unique
    assert (limits["available"] == 400).all()
    units = orders[orders["supplier"] == "North"].groupby("order_date")["quantity"].sum()
    assert limits["used"].to_dict() == units.reindex(limits.index).fillna(0.0).to_dict()


def cups(lead_days: int) -> dict[str, pd.DataFrame]:
    """Return the shop in which a line of cups is sent now."""
    raw = shop(currency="EUR")
    raw["items"].loc[raw["items"]["item"] == "cup", ["lead_time_days", "on_hand"]] = [lead_days, 25]
    raw["items"].loc[raw["items"]["item"] == "tea", "on_hand"] = 400
    return raw


def test_a_line_sent_that_is_due_before_a_closure_is_not_held_up() -> None:
    raw = cups(6)
    today = today_of(raw).tables
    line = today["orders"].iloc[0]
    assert (line["item"], str(line["due_date"].date())) == ("cup", "2024-07-07")
    made = after(raw, keep_sent=True, close="South:2024-07-08..2024-07-21")
    assert made.tables["orders"].iloc[0]["due_date"] == line["due_date"]
    assert made.tables["order_items"].query("item == 'cup'")["short"].sum() == 0
    assert made.compared is not None
    assert not any("come only" in sentence or "comes only" in sentence for sentence in made.compared.sentences)
    raw["open_orders"] = table(
        item=["cup"], location=["MAIN"], due_date=["2024-07-07"], quantity=[line["quantity"]], supplier=["South"]
    )
    openly = after(raw, keep_sent=True, close="South:2024-07-08..2024-07-21")
    short = [each.tables["order_items"].query("item == 'cup'")["short"].sum() for each in (made, openly)]
    assert short == [0, 0]


@pytest.mark.parametrize(("lead_days", "due"), [(8, "2024-07-09"), (14, "2024-07-15"), (20, "2024-07-21")])
def test_a_line_sent_that_is_due_in_a_closure_is_told_with_its_new_date(lead_days: int, due: str) -> None:
    raw = cups(lead_days)
    line = today_of(raw).tables["orders"].iloc[0]
    assert (line["item"], str(line["due_date"].date())) == ("cup", due)
    made = after(raw, keep_sent=True, close="South:2024-07-08..2024-07-21")
    sent = made.tables["orders"].iloc[0]
    assert (
        sent[["supplier", "item", "quantity", "value"]].tolist()
        == line[["supplier", "item", "quantity", "value"]].tolist()
    )
    assert str(sent["due_date"].date()) == "2024-07-22"
    assert sent["why"].startswith("Sent already: ")
    items = made.tables["order_items"].query("item == 'cup'").set_index("date")
    assert items.loc["2024-07-01", "ordered"] == line["quantity"]
    assert items.loc["2024-07-22", "receipts"] >= line["quantity"]
    assert items.loc[:"2024-07-21", "receipts"].sum() == 0


def test_what_is_written_costs_what_is_shown_with_lines_sent_among_it() -> None:
    made = after(cups(8), keep_sent=True, close="South:2024-07-08..2024-07-28")
    assert made.compared is not None
    written = made.tables["order_costs"].set_index("kind")["amount"]
    shown = made.compared.costs.set_index("kind")["planned anew"]
    for kind in shown.index:
        assert written[kind] == pytest.approx(shown[kind], abs=0.02), kind
    orders, sent = made.tables["orders"], made.compared.sent
    assert written["purchase"] == pytest.approx((orders["quantity"] * orders["unit_cost"]).sum(), abs=0.01)
    assert sent is not None
    assert sent["item"].tolist() == ["cup"]
    worth = f"{sent['value'].sum():,.2f}"
    assert f"1 line sent to South already, worth {worth}, comes only on 29 Jul." in made.compared.sentences
    assert orders.loc[sent.index, "why"].str.endswith("; held up until 29 Jul.").all()


def test_a_planners_own_quantity_is_sent_like_any_other_line() -> None:
    raw = cups(8) | {"plan": table(item=["tea"], location=["WEST"], override_quantity=[40])}
    made = after(raw, keep_sent=True, close="North:2024-07-08..2024-07-21")
    assert made.compared is not None
    assert made.compared.sent is not None
    assert set(made.compared.sent["item"] + " " + made.compared.sent["location"]) == {"cup MAIN", "tea WEST"}
    assert made.compared.sent["why"].str.startswith("Sent already: ").all()


def test_nothing_happens_where_nothing_is_said_to() -> None:
    made = after(delay="tea@MAIN:2024-07-09+3")
    assert made.compared is not None
    assert made.compared.cost is not None
    assert made.compared.cost <= 1e-6
    assert "saves" in made.compared.sentences[1]


@pytest.mark.parametrize("horizon_periods", [6, 10])
def test_a_plan_beside_itself_changes_nothing(horizon_periods: int) -> None:
    made = today_of(tables(horizon_periods=horizon_periods))
    beside = beside_earlier(made, made.tables)
    assert beside.compared is not None
    assert beside.tables["order_changes"].empty
    assert beside.compared.cost == pytest.approx(0, abs=0.02)


def test_lines_that_changed_since_an_earlier_plan_are_told_and_those_placed_since_are_not() -> None:
    made = today_of(tables())
    earlier = made.tables["orders"].assign(order_date=lambda rows: rows["order_date"].dt.strftime("%Y-%m-%d"))
    earlier.loc[0, "quantity"] += 5
    odd = {"item": "gone", "location": "MAIN", "supplier": "North", "quantity": "7", "order_date": "2024-07-08"}
    past = {**earlier.loc[0].to_dict(), "order_date": "2024-06-24"}
    unread = {**earlier.loc[0].to_dict(), "order_date": "soon"}
    given = pd.concat([earlier, pd.DataFrame([odd, past, unread])], ignore_index=True)
    beside = beside_earlier(made, {"orders": given})
    changes = beside.tables["order_changes"]
    assert sorted(changes["change"]) == ["gone", "quantity"]
    line = changes[changes["change"] == "quantity"].iloc[0]
    assert line["quantity_before"] == line["quantity_after"] + 5
    assert (
        changes.loc[changes["item"] == "gone", "why"].item() == "The item, or its source, is no part of today's plan."
    )
    assert beside.compared is not None
    assert any("from before 2024-07-01 count as placed" in sentence for sentence in beside.compared.sentences)
    with pytest.raises(InputError, match="no column quantity"):
        beside_earlier(made, {"orders": given.drop(columns="quantity")})


def test_a_closed_supplier_is_not_said_to_lack_capacity_with_lines_sent_or_without() -> None:
    raw = tables()
    raw["items"]["on_hand"] = [10, 5, 3]
    for keep_sent in (False, True):
        found = after(raw, keep_sent, close="North:2024-07-01..2024-08-10")
        said = [*map(str, found.planned.plan.shortfalls), *found.tables["order_shortfalls"]["why"]]
        assert any("North takes no" in one or "North, which takes no more orders" in one for one in said)
        assert not any("capacity" in one for one in said)
