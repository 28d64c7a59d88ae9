"""Sales by customer on their way in: what is unknown, returned or unreadable is told."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from sales_lines import sales_lines

from invopt_xl.errors import InputError
from invopt_xl.plan.customers import admit_sales
from invopt_xl.plan.schema import CellFault

ITEMS = pd.DataFrame({"item": ["tea", "mug"], "location": "MAIN", "unit_price": [4.0, np.nan]})


def lines(*rows):
    names = ["customer", "item", "date", "quantity", "value"]
    return pd.DataFrame(rows, columns=names, index=pd.RangeIndex(2, 2 + len(rows), name="row"), dtype=object)


def admitted(*rows, items=ITEMS, **options):
    return admit_sales({"sales": lines(*rows)}, items, **options)


def said(found, word):
    rows = found.quality[found.quality["reason"].str.contains(word, regex=False)]
    return [(row.severity, row.table, row.row, row.reason, row.action) for row in rows.itertuples()]


def test_lines_without_a_customer_are_counted_with_their_share_of_the_value():
    found = admitted(
        ("A", "tea", "2018-01-02", 1, 6), (None, "tea", "2018-01-02", 1, 2), (" ", "mug", "2018-01-03", 1, 0)
    )
    assert found.lines["customer"].tolist() == ["A", "", ""]
    told = "2 lines without a customer, 25.0% of the value"
    assert said(found, "without a customer") == [
        ("warning", "tblSales", 3.0, told, "counted as sold to unknown customers")
    ]


def test_a_customer_who_stands_for_nobody_is_unknown():
    found = admitted(
        (0, "tea", "2018-01-02", 1, 4), ("Guest", "tea", "2018-01-02", 1, 4), (0, "mug", "2018-01-02", 1, 4)
    )
    assert set(found.lines["customer"]) == {""}
    assert [line[2:4] for line in said(found, "stands for no customer")] == [
        (2.0, "stands for no customer (2 rows)"),
        (3.0, "stands for no customer"),
    ]
    assert said(found, "3 lines without a customer, 100.0% of the value")


def test_returns_are_told_and_take_their_value_off():
    found = admitted(
        ("A", "tea", "2018-01-02", 3, 12), ("A", "tea", "2018-01-05", -1, 4), ("A", "tea", "2018-01-06", -1, -4)
    )
    assert found.lines["value"].tolist() == [12.0, -4.0, -4.0]
    assert said(found, "2 returns worth 8.00")[0][4] == "taken off what was bought"
    assert said(found, "1 return with a value above zero")[0][2] == 3.0


def test_a_line_without_a_value_takes_the_items_price_and_is_told():
    found = admitted(("A", "tea", "2018-01-02", 2, None), ("A", "mug", "2018-01-02", 2, None))
    assert found.lines["value"].fillna(-1).tolist() == [8.0, -1.0]
    assert said(found, "1 line without a value")[0][4] == "unit_price of the item used"
    assert said(found, "neither a value nor a unit_price")[0][2:] == (
        3.0,
        "1 line with neither a value nor a unit_price of the item",
        "counted as a purchase, without money",
    )


def test_unreadable_cells_are_named_with_their_row():
    found = admitted(
        ("A", "tea", "2018-01-02", "many", 1),
        ("A", "tea", "31/01/2018", 1, 1),
        ("A", None, "2018-01-02", 1, 1),
        ("A", "tea", "2018-01-02", 1, CellFault("#N/A")),
        ("A", "tea", "2018-01-03", 1, 4),
    )
    assert found.rejected == 3
    assert found.lines.index.tolist() == [5, 6]
    reasons = dict(zip(found.quality["row"], found.quality["reason"], strict=True))
    assert reasons[2.0] == "not a number; expected a number"
    assert reasons[3.0].startswith("not a date that begins with the year")
    assert reasons[4.0] == "is missing; expected a text"
    assert "error or formula without a value; expected a number" in found.quality["reason"].tolist()


def test_items_that_are_not_planned_are_told_and_kept_for_their_customers():
    found = admitted(("A", "tea", "2018-01-02", 1, 4), ("A", "te", "2018-01-02", 1, 4), ("B", "te", "2018-01-02", 1, 4))
    assert len(found.lines) == 3
    told = "unknown item; expected an item of tblItems; did you mean tea? (2 rows)"
    assert said(found, "unknown item") == [("warning", "tblSales", 3.0, told, "counted for the customer alone")]


def test_sales_on_and_after_the_plan_date_are_rejected_and_old_ones_not_looked_at():
    rows = [("A", "tea", day, 1, 4) for day in ("2017-01-01", "2017-01-02", "2017-12-31", "2018-01-01")]
    found = admitted(*rows, until=date(2018, 1, 1))
    assert found.lines["date"].dt.date.tolist() == [date(2017, 1, 2), date(2017, 12, 31)]
    assert said(found, "in the future")[0][:3] == ("rejected", "tblSales", 5.0)
    assert said(found, "1 line before 2017-01-02")[0][4] == "not looked at"
    assert (found.start, found.until) == (date(2017, 1, 2), date(2018, 1, 1))


def test_numbers_as_codes_of_customers_are_texts_without_decimals():
    found = admitted((22.0, "tea", "2018-01-02", 1, 4), ("22", "tea", "2018-01-02", 1, 4))
    assert found.lines["customer"].tolist() == ["22", "22"]


def test_customers_that_differ_in_case_alone_are_counted_apart_and_told():
    found = admitted(*((name, "tea", "2018-01-02", 1, 4) for name in ("ann", "Ben", "Ann", "cid", "ANN", "ben")))
    assert found.lines["customer"].tolist() == ["ann", "Ben", "Ann", "cid", "ANN", "ben"]
    told = "5 customers differ from another in upper and lower case alone, such as ann and Ann and ANN"
    action = "counted as different customers; write each in one way if they are one"
    assert said(found, "differ") == [("warning", "tblSales", 2.0, told, action)]


def test_whole_spending_below_what_was_paid_here_is_left_out_and_told():
    accounts = pd.DataFrame({"customer": ["A", "B"], "spending": [3, 30]}, index=[2, 3])
    sales = lines(("A", "tea", "2018-01-02", 1, 4), ("B", "tea", "2018-01-02", 1, 4))
    found = admit_sales({"sales": sales, "accounts": accounts})
    assert found.accounts["spending"].fillna(-1).tolist() == [-1.0, 30.0]
    assert ("repaired", "tblAccounts", 2.0, "below what was paid in tblSales", "value left out") in said(found, "below")


def test_sales_that_are_missing_or_lack_a_column_are_named():
    with pytest.raises(InputError, match="there is no table tblSales"):
        admit_sales({})
    with pytest.raises(InputError, match=r"tblSales lacks the column item; found 'product' - rename it to item"):
        admit_sales({"sales": sales_lines().rename(columns={"item": "product"})})
    with pytest.raises(InputError, match="days of sales is 0; expected above 0"):
        admit_sales({"sales": sales_lines()}, days=0)


def test_typed_columns_and_cells_of_any_type_are_the_same_sales():
    typed = sales_lines()
    cells = typed.astype(object).assign(date=typed["date"].dt.strftime("%Y-%m-%d"))
    one, two = (admit_sales({"sales": each}).lines for each in (typed, cells))
    pd.testing.assert_frame_equal(one, two)
