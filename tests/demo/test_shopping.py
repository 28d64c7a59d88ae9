"""The households' sales that ship, against the plan's demand and the receipts they come from."""

from datetime import date
from importlib import resources

import numpy as np
import pandas as pd
import pytest

from invopt_xl.demo import grocery_households, grocery_sales, write_beside
from invopt_xl.demo.shopping import write_frame
from invopt_xl.errors import InputError
from invopt_xl.plan.columns import ACCOUNTS, SALES
from invopt_xl.plan.customers import review_customers


@pytest.fixture(scope="module")
def sales():
    return grocery_sales()


@pytest.fixture(scope="module")
def households():
    return grocery_households()


@pytest.mark.parametrize("name", ["sales", "households"])
def test_the_shipped_sales_are_what_condensing_the_package_gives(name, fresh):
    with (resources.files("invopt_xl.demo") / "data" / f"{name}.parquet").open("rb") as file:
        pd.testing.assert_frame_equal(pd.read_parquet(file), fresh[name], check_exact=True)


def test_what_households_bought_adds_up_to_the_plans_demand_week_by_week(sales, shipped):
    monday = sales["date"] - pd.to_timedelta(sales["date"].dt.dayofweek, unit="D")
    bought = sales.groupby([sales["item"], monday.rename("date")])["quantity"].sum()
    demand = shipped["demand"].set_index(["item", "date"])["quantity"]
    assert bought.equals(demand[demand > 0].sort_index().reindex(bought.index))
    assert bought.sum() == demand.sum()


def test_what_households_paid_a_unit_is_the_plans_price(sales, shipped):
    monday = sales["date"] - pd.to_timedelta(sales["date"].dt.dayofweek, unit="D")
    keyed = sales.assign(date=monday)
    whole = keyed[~keyed["value"].isna().groupby([keyed["item"], keyed["date"]]).transform("any")]
    paid = whole.groupby(["item", "date"])[["value", "quantity"]].sum()
    price = shipped["demand"].set_index(["item", "date"])["unit_price"].reindex(paid.index)
    np.testing.assert_allclose(paid["value"] / paid["quantity"], price, atol=6e-4)
    assert len(whole) > 0.85 * len(sales)
    assert sales["value"].isna().mean() < 0.002, "a blank value is told by the item's price"


def test_a_sale_falls_on_the_day_of_the_receipt_in_the_stores_time(sales, receipts):
    local = receipts["transaction_timestamp"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    told = sales.sample(20, random_state=1)
    for row in told.itertuples():
        lines = receipts[
            (receipts["household_id"] == int(row.customer[1:])) & (receipts["product_id"] == int(row.item[1:]))
        ]
        days = local[lines.index].dt.tz_localize(None).dt.normalize()
        assert lines["quantity"][days == row.date].sum() == row.quantity


def test_each_household_and_day_has_one_row_for_an_item(sales):
    assert not sales.duplicated(["customer", "item", "date"]).any()
    assert (sales["quantity"] > 0).all()
    assert sales["date"].between("2017-01-02", "2017-12-31").all()


def test_households_spent_at_least_what_they_paid_for_the_demos_items(sales, households, receipts):
    spending = households.set_index("customer")["spending"]
    paid = sales.groupby("customer")["value"].sum()
    assert (paid <= spending.reindex(paid.index)).all()
    whole = receipts[receipts["week"] >= 2]
    assert spending.sum() == pytest.approx((whole["sales_value"] + whole["coupon_match_disc"]).sum(), abs=1)
    assert (households["group"] != "").sum() == 801


def test_the_shipped_sales_are_by_contract_and_small(sales, households):
    assert set(sales) <= set(SALES.column_names)
    assert set(ACCOUNTS.column_names) <= set(households)
    folder = resources.files("invopt_xl.demo") / "data"
    assert sum(len((folder / f"{name}.parquet").read_bytes()) for name in ("sales", "households")) < 800_000


def test_the_demos_best_customers_buy_much_as_everybody_does(sales, households, tables):
    review = review_customers({"sales": sales, "accounts": households}, tables["items"], until=date(2018, 1, 1))
    assert review.quality["reason"].tolist() == ["364 lines without a value"]
    best = review.customers["best"] == 1
    assert 0.45 < review.customers.loc[best, "value_share"].sum() < 0.6
    assert review.items["item"].tolist() == tables["items"]["item"].tolist()
    told = (review.items["lift_low"] > 1) | (review.items["lift_high"] < 1)
    assert 0 < told.sum() < 20
    weight = review.items["customer_weight"]
    assert weight.between(0.8, 1.2).all()
    assert np.average(weight, weights=review.items["value"]) == pytest.approx(1.0, abs=0.01)
    assert review.customers["wallet_share"].median() == pytest.approx(0.13, abs=0.01)


def test_sales_and_accounts_stand_beside_the_workbook_under_its_name(tmp_path, sales):
    paths = write_beside(tmp_path / "plan.xlsx")
    assert [path.name for path in paths] == ["plan-sales.parquet", "plan-accounts.parquet"]
    assert pd.read_parquet(paths[0])["customer"].tolist() == sales["customer"].tolist()


def test_a_file_that_cannot_be_written_is_named(tmp_path, households):
    with pytest.raises(InputError, match="expected one to write"):
        write_frame(households, tmp_path / "nowhere" / "households.parquet")
    with pytest.raises(InputError, match="expected one to write"):
        write_beside(tmp_path / "nowhere" / "plan.xlsx")
