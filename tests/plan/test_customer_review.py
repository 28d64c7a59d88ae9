"""Customers, segments and items from sales, against an account written out by hand and what must hold of any sales."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sales_lines import joined, sales_lines

from invopt_xl.plan.columns import CUSTOMER_OUTPUTS
from invopt_xl.plan.customer_answers import customers_answer, lift_answer, wallet_answer
from invopt_xl.plan.customers import AdmittedSales, CustomerReview, admit_sales, review_customers, review_sales
from invopt_xl.plan.customers.lift import lifts
from invopt_xl.plan.service_goals import importance

LINES = sales_lines()
UNTIL = date(2018, 7, 2)


@pytest.fixture(scope="module")
def review():
    return review_customers({"sales": LINES}, until=UNTIL)


def by_hand(lines, until):
    """Recency, frequency and money of each customer, line by line."""
    found = {}
    for line in lines.itertuples():
        mine = found.setdefault(line.customer, {"days": set(), "money": 0.0, "items": set()})
        mine["money"] += line.value
        if line.quantity > 0:
            mine["days"].add(line.date.date())
            mine["items"].add(line.item)
    return {
        customer: ((until - max(mine["days"])).days, len(mine["days"]), round(mine["money"], 6), len(mine["items"]))
        for customer, mine in found.items()
    }


def test_recency_frequency_and_money_are_those_counted_by_hand(review):
    columns = review.customers[["recency_days", "frequency", "monetary", "items"]].to_numpy().tolist()
    found = dict(zip(review.customers["customer"], map(tuple, columns), strict=True))
    assert found == by_hand(LINES, UNTIL)


def test_scores_rank_customers_as_pandas_does_where_nobody_is_equal(review):
    table = review.customers
    assert table["monetary"].is_unique
    expected = pd.qcut(table["monetary"].rank(), 5, labels=False) + 1
    assert table["monetary_score"].tolist() == expected.tolist()


def test_what_an_item_is_to_the_best_customers_is_as_counted_by_hand(review):
    table = review.customers.set_index("customer")
    spent, from_best = table["monetary"], 0.0
    for row in review.items.itertuples():
        of_item = LINES[LINES["item"] == row.item]
        money = of_item.groupby("customer")["value"].sum()
        without = spent.sub(money, fill_value=0.0).round(6)
        below = {name: ((without < rest).sum() + (without <= rest).sum()) / 2 for name, rest in without.items()}
        everyone = {name for name, count in below.items() if count >= 0.8 * len(spent)}
        best = [name for name in money.index if name in everyone]
        from_best += money[best].sum()
        assert row.best_customer_share == pytest.approx(money[best].sum() / money.sum())
        assert row.buyers == len(money)
        assert row.penetration == pytest.approx(len(money) / len(spent))
        assert row.best_penetration == pytest.approx(len(best) / len(everyone))
        days = of_item.groupby("customer")["date"].nunique()
        assert row.repeat_share == pytest.approx((days > 1).mean())
        baskets = LINES.merge(of_item[of_item["customer"].isin(best)][["customer", "date"]].drop_duplicates())
        assert row.best_baskets == len(baskets.drop_duplicates(["customer", "date"]))
        assert row.basket_value * row.best_baskets == pytest.approx(baskets["value"].sum())
        assert row.beside_value == pytest.approx(baskets["value"][baskets["item"] != row.item].sum())
    assert review.best_share == pytest.approx(from_best / LINES["value"].sum())


def test_tables_are_by_contract(review):
    for table in CUSTOMER_OUTPUTS:
        frame = review.tables[table.stem]
        assert frame.columns.tolist() == table.column_names
        assert not frame.duplicated(list(table.key)).any()


def same(one: CustomerReview, two: CustomerReview):
    for stem, frame in one.tables.items():
        pd.testing.assert_frame_equal(frame, two.tables[stem])


sales = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C", "D", "E", "F", None]),
        st.sampled_from(["tea", "mug", "pot"]),
        st.integers(0, 60),
        st.integers(-2, 6),
        st.integers(0, 900),
    ),
    min_size=1,
    max_size=40,
)


def review_of(frame):
    """The review of lines that are typed already: to admit them takes longer than to look at them."""
    lines = frame.assign(customer=frame["customer"].fillna(""), location="MAIN")
    day = frame["date"].max().date() + timedelta(days=1)
    accounts = pd.DataFrame({"customer": ["A"], "group": [""], "spending": [1e6]})
    return review_sales(AdmittedSales(lines, accounts, day - timedelta(days=364), day, pd.DataFrame(), 0))


def frame_of(rows):
    frame = pd.DataFrame(rows, columns=["customer", "item", "day", "quantity", "cents"])
    dated = frame.assign(date=[pd.Timestamp("2018-01-01") + timedelta(days=day) for day in frame["day"]])
    return dated.assign(value=frame["cents"] / 100 * np.sign(frame["quantity"])).drop(columns=["day", "cents"])


@settings(max_examples=15, deadline=None)
@given(sales, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_a_line_split_in_two_change_nothing(rows, random):
    frame = frame_of(rows)
    once = review_of(frame)
    order = list(range(len(frame)))
    random.shuffle(order)
    same(once, review_of(frame.iloc[order]))
    half = frame.assign(quantity=frame["quantity"] / 2, value=frame["value"] / 2)
    same(once, review_of(joined(half, half)))


@settings(max_examples=15, deadline=None)
@given(sales)
def test_shares_lie_between_nothing_and_all_and_add_up_to_one(rows):
    frame = frame_of(rows)
    review = review_of(frame)
    if frame["value"].sum() > 0.01:
        assert review.segments["value_share"].sum() == pytest.approx(1.0)
    if len(review.customers):
        assert review.segments["customer_share"].sum() == pytest.approx(1.0)
        assert review.segments["customers"].sum() == len(review.customers)
    for name in ("known_share", "penetration", "repeat_share", "best_customer_share"):
        assert review.items[name].dropna().between(0, 1 + 1e-9).all()
    assert review.items["customer_weight"].between(0.5, 2.0).all()
    assert set(review.items["item"]) == set(frame["item"])
    assert review.items["why"].ne("").all()


def test_the_values_mean_of_what_best_customers_take_is_their_share_of_all():
    rng = np.random.default_rng(3)
    value = rng.gamma(1.0, 100.0, 200)
    share = rng.beta(5, 5, 200)
    found = lifts(share * value, value, value**2 / rng.integers(2, 90, 200))
    assert np.average(found.share / found.base, weights=value) == pytest.approx(1.0)
    assert ((found.low <= found.lift) & (found.lift <= found.high)).all()


def test_intervals_hold_what_made_the_data_as_often_as_they_say():
    rng = np.random.default_rng(11)
    buyers = rng.integers(5, 120, 4000)
    truth = rng.beta(10, 10, 4000)
    bought = rng.binomial(buyers, truth)
    found = lifts(bought.astype(float), buyers.astype(float), buyers.astype(float))
    held = (found.low * found.base <= truth) & (truth <= found.high * found.base)
    assert held.mean() == pytest.approx(0.9, abs=0.02)
    assert np.abs(found.lift * found.base - truth).mean() < np.abs(found.share - truth).mean()


def test_items_that_the_best_customers_take_count_more():
    rng = np.random.default_rng(5)
    rich, poor = [f"R{each}" for each in range(40)], [f"P{each}" for each in range(160)]
    rows = [(name, "staple", 4.0) for name in [*rich, *poor] for _ in range(5)]
    rows += [(name, dear, 9.0) for name in rich for dear in ("cheese", "ham", "wine") for _ in range(8)]
    rows += [(name, "noodles", 3.0) for name in poor]
    frame = pd.DataFrame(rows, columns=["customer", "item", "value"]).assign(quantity=1)
    days = pd.to_timedelta(rng.integers(0, 90, len(frame)), unit="D")
    items = review_customers({"sales": frame.assign(date=pd.Timestamp("2018-01-01") + days)}).items.set_index("item")
    assert items["customer_weight"].nlargest(3).index.tolist() == ["cheese", "ham", "wine"]
    assert items.loc["cheese", "lift_low"] > 1 > items.loc["noodles", "lift_high"]
    assert 0.5 <= items.loc["noodles", "customer_weight"] < 0.7


def drawn(tilted, seed, customers=200, lines=1_200):
    """Lines of customers, alike in what they would buy but for some items, of which the eager ones take more."""
    rng = np.random.default_rng(seed)
    price = np.array([60.0, 25.0, 8.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0])
    eager = np.where(np.arange(customers) % 4 == 0, 3.0, 1.0) if tilted else np.ones(customers)
    item = rng.integers(0, len(price), lines)
    likes = [eager**2 if each in tilted else eager for each in range(len(price))]
    bought = [rng.choice(customers, p=likes[each] / likes[each].sum()) for each in item]
    days = pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 90, lines), unit="D")
    return pd.DataFrame({"customer": bought, "item": [f"I{each:02d}" for each in item], "date": days}).assign(
        customer=lambda frame: "C" + frame["customer"].astype(str), quantity=1, value=price[item], location="MAIN"
    )


def test_customers_who_are_all_alike_have_no_item_of_their_own_however_dear_some_are():
    tables = [review_of(drawn((), seed)).items for seed in range(6)]
    clear = [((table["lift_low"] > 1) | (table["lift_high"] < 1)).mean() for table in tables]
    assert np.mean(clear) <= 0.1
    # A fifth of the customers brings a fifth of what each item makes, whatever it costs.
    shares = pd.concat(tables).groupby("item")["best_customer_share"].mean()
    assert shares.between(0.1, 0.3).all()


def test_the_short_answer_names_the_share_that_items_are_compared_with(review):
    share = f"{review.best_share:.0%}"
    assert f", {share} once an item does not count towards who is the best for it." in customers_answer(review)
    assert review.items["why"].str.contains(f"{share} of all items' likewise").all()


def test_an_item_that_the_best_take_more_of_is_found_among_dear_and_cheap_ones():
    found = review_of(drawn((3, 8), 1, lines=12_000)).items.set_index("item")
    assert found["lift"].nlargest(2).index.tolist() in (["I03", "I08"], ["I08", "I03"])
    assert (found.loc[["I03", "I08"], "lift_low"] > 1).all()
    assert not (found["lift_low"].drop(["I03", "I08"]) > 1).any()


def test_two_buyers_make_no_claim():
    few = pd.DataFrame({"customer": ["C00", "C01"], "item": "caviar", "date": pd.Timestamp("2018-02-01")})
    frame = joined(LINES, few.assign(quantity=1, value=50.0))
    row = review_customers({"sales": frame}, until=UNTIL).items.set_index("item").loc["caviar"]
    assert row["customer_weight"] == 1.0
    assert row["why"] == "2 customers bought it: too few to say"


def test_a_dear_item_does_not_make_its_buyers_the_best():
    modest = pd.DataFrame({"customer": [f"N{each}" for each in range(8)], "item": "stove"})
    modest = modest.assign(date=pd.Timestamp("2018-03-01"), quantity=1, value=900.0)
    review = review_customers({"sales": joined(LINES, modest)}, until=UNTIL)
    assert review.customers.set_index("customer").loc[modest["customer"], "best"].all()
    assert review.items.set_index("item").loc["stove", "best_customer_share"] == 0.0


def test_an_item_that_nobody_bought_is_shown_and_counts_as_usual():
    items = pd.DataFrame({"item": ["I1", "dust"], "unit_price": [1.0, 2.0]})
    found = review_customers({"sales": LINES}, items, until=UNTIL).items
    assert found["item"].tolist() == ["I1", "dust"]
    dust = found.iloc[1]
    assert (dust["why"], dust["customer_weight"], dust["buyers"]) == ("no sale to a known customer", 1.0, 0)
    assert np.isnan(dust["lift"])


def test_where_no_customer_is_known_that_is_said_of_every_item():
    review = review_customers({"sales": LINES.assign(customer=None)}, until=UNTIL)
    assert review.customers.empty
    assert review.segments["segment"].tolist() == ["unknown customers"]
    assert review.segments["value_share"].tolist() == [1.0]
    assert set(review.items["why"]) == {"no sale to a known customer; 100% of its value from unknown customers"}
    assert (review.items["customer_weight"] == 1.0).all()
    assert (review.items["known_share"] == 0.0).all()


def test_where_some_customers_are_unknown_their_share_is_told_by_item():
    frame = LINES.assign(customer=LINES["customer"].where(LINES["item"] != "I3"))
    items = review_customers({"sales": frame}, until=UNTIL).items.set_index("item")
    assert items.loc["I3", "known_share"] == 0.0
    assert items.loc["I4", "known_share"] == 1.0


def test_one_customer_is_not_ranked():
    review = review_customers({"sales": LINES.assign(customer="ONLY")}, until=UNTIL)
    only = review.customers.iloc[0]
    assert (only["segment"], only["best"]) == ("", 0)
    assert only["why"].startswith("not ranked: 1 customer, expected at least 5")
    assert only["why"].endswith("wallet: not judged, as fewer than 20 customers bought")
    assert np.isnan(only["wallet"])
    assert review.segments["segment"].tolist() == ["not ranked"]
    assert set(review.items["why"]) == {"no customers stand out as the best"}


def test_a_week_of_sales_ranks_money_alone():
    week = LINES[LINES["date"] < "2018-01-08"]
    review = review_customers({"sales": week})
    assert set(review.customers["segment"]) == {""}
    assert review.customers["why"].str.startswith("not ranked: 7 days of sales, expected at least 28").all()
    assert review.customers["monetary_score"].notna().all()
    assert review.customers["recency_score"].isna().all()


def test_customers_who_only_brought_back_are_told_apart():
    back = pd.DataFrame({"customer": ["RET"], "item": "I1", "date": pd.Timestamp("2018-05-01")})
    frame = joined(LINES, back.assign(quantity=-2, value=-2.0))
    review = review_customers({"sales": frame}, until=UNTIL)
    row = review.customers.set_index("customer").loc["RET"]
    assert (row["segment"], row["frequency"], row["returned_value"]) == ("", 0, 2.0)
    assert row["why"] == "not ranked: only returns; wallet: not judged, as no money is left after returns"
    assert pd.isna(row["last_date"])
    assert "returns only" in review.segments["segment"].tolist()


def test_where_everything_came_back_nobody_is_best_and_nothing_counts_more():
    frame = LINES.assign(quantity=-LINES["quantity"], value=-LINES["value"])
    review = review_customers({"sales": frame}, until=UNTIL)
    assert review.customers["best"].eq(0).all()
    assert review.segments["segment"].tolist() == ["returns only"]
    assert set(review.items["why"]) == {"no sale to a known customer"}


def test_no_line_at_all_is_an_empty_review():
    review = review_customers({"sales": LINES.head(0)}, pd.DataFrame({"item": ["I1"]}), until=UNTIL)
    assert review.customers.empty
    assert review.items["why"].tolist() == ["no sale to a known customer"]


def test_a_wallet_that_is_given_is_the_wallet():
    accounts = pd.DataFrame({"customer": ["C00"], "spending": [10_000.0]})
    review = review_customers({"sales": LINES, "accounts": accounts}, until=UNTIL)
    row = review.customers.set_index("customer").loc["C00"]
    assert row["wallet"] == 10_000.0
    assert row["wallet_share"] == pytest.approx(row["monetary"] / 10_000)
    assert row["why"] == "wallet: whole spending as given"


def test_a_wallet_that_is_not_given_is_what_those_alike_spend_who_spend_most():
    accounts = pd.DataFrame({"customer": [f"C{n:02d}" for n in range(40)], "group": ["small"] * 25 + ["large"] * 15})
    table = review_customers({"sales": LINES, "accounts": accounts}, until=UNTIL).customers.set_index("customer")
    small = table.loc[table.index.isin(accounts["customer"].head(25)), "monetary"]
    for rows, spent in ((small.index, small), (table.index.difference(small.index), table["monetary"])):
        expected = np.maximum(spent.quantile(0.9), table.loc[rows, "monetary"])
        assert table.loc[rows, "wallet"].tolist() == pytest.approx(expected.tolist())
    said = table.loc[small.index, "why"]
    estimated, own = said[small < small.quantile(0.9)], said[small >= small.quantile(0.9)]
    assert set(estimated) == {"wallet: estimated, 90% of 25 customers of group small spend less"}
    assert set(own) == {"wallet: own spending, as 90% of 25 customers of group small spend less"}
    assert table["wallet_share"].between(0, 1).all()


def test_the_name_of_a_group_does_not_say_what_a_wallet_is():
    told = []
    for group in ("retail", "own spending"):
        accounts = pd.DataFrame({"customer": [f"C{n:02d}" for n in range(40)], "group": group})
        review = review_customers({"sales": LINES, "accounts": accounts}, until=UNTIL)
        told.append((wallet_answer(review), review.customers["wallet_basis"].value_counts().to_dict()))
    assert told[0] == told[1]
    assert told[0][1] == {"estimated": 36, "own spending": 4}
    assert "estimated for 36, no more than what they spend here for 4." in told[0][0]


def test_without_money_customers_are_counted_and_nothing_is_made_of_it():
    review = review_customers({"sales": LINES.drop(columns="value")}, until=UNTIL)
    assert review.customers["frequency"].gt(0).all()
    assert review.customers["value_share"].isna().all()
    assert set(review.items["why"]) == {"no money left after returns, or no price"}
    assert review.quality["reason"].str.contains("neither a value nor a unit_price").any()


def test_the_suggested_weight_is_what_the_service_mix_multiplies_by(review):
    weight = review.items.set_index("item")["customer_weight"]
    items = pd.DataFrame({"item": weight.index, "criticality": "normal", "customer_weight": weight.to_numpy()})
    assert importance(items).tolist() == weight.tolist()


def test_accounts_and_admission_are_shown_with_the_review(review):
    admitted = admit_sales({"sales": LINES}, until=UNTIL)
    assert (review.start, review.until) == (admitted.start, UNTIL)
    assert review.quality.equals(admitted.quality)


def test_the_short_answers_say_that_no_line_is_of_a_planned_item_and_which_lost_its_zeros():
    lines = LINES.assign(item=LINES["item"].str.removeprefix("I").replace("0", "8"))
    planned = pd.DataFrame({"item": [f"00{n}" for n in range(1, 9)]})
    found = review_customers({"sales": lines}, planned, until=UNTIL)
    assert customers_answer(found).endswith(lift_answer(found))
    answer = lift_answer(found)
    assert answer.startswith("**No item can be judged:** no customers stand out, or none of these items was sold to")
    assert (
        f"Of items that are not planned: 1,500 of 1,500 lines of sales, such as {lines['item'][0]} (did you" in answer
    )


def test_the_short_answers_say_that_sales_are_too_old_to_count_or_of_nobody():
    later = UNTIL + timedelta(days=1_000)
    found = review_customers({"sales": LINES}, pd.DataFrame({"item": ["I1"]}), until=later)
    why = f". Left out: 1,500 lines before {later - timedelta(days=364)}, too old to count."
    assert customers_answer(found) == f"**No customers stand out as the best** among 0 customers that are known{why}"
    assert lift_answer(found).endswith(f"was sold to a known one{why}")
    nobodys = review_customers({"sales": LINES.assign(customer=None)}, pd.DataFrame({"item": ["I1"]}), until=UNTIL)
    assert customers_answer(nobodys).endswith("0 customers that are known. Left out: 1,500 lines without a customer.")
