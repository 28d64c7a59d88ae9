from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from quality_tables import FIRST_ROW, demand, frame, items, only, said, tables, weeks

from invopt_xl.errors import InputError
from invopt_xl.plan.columns import INPUTS, CellFault
from invopt_xl.plan.histories import histories
from invopt_xl.plan.quality import admit


def test_sound_tables_are_admitted_whole_and_without_a_word():
    admitted = admit(tables())
    assert admitted.quality.empty
    assert admitted.rejected == 0
    assert {stem: len(table) for stem, table in admitted.tables.items() if len(table)} == {
        "items": 2,
        "demand": 208,
        "parameters": 1,
    }


def test_admitted_tables_have_all_columns_typed_and_keep_their_source_rows():
    admitted = admit(tables())
    assert set(admitted.tables) == {table.stem for table in INPUTS}
    for table in INPUTS:
        assert list(admitted.tables[table.stem].columns) == table.column_names
    assert admitted.tables["demand"].dtypes.astype(str).to_dict() == {
        "item": "object",
        "location": "object",
        "date": "datetime64[ns]",
        "quantity": "float64",
        "unit_price": "float64",
        "promotion": "bool",
        "in_stock": "bool",
    }
    assert admitted.tables["items"].index.tolist() == [FIRST_ROW, FIRST_ROW + 1]
    first = admitted.tables["items"].iloc[0]
    assert (first["location"], first["supplier"], first["lot_size"], first["moq"], first["status"]) == (
        "MAIN",
        "",
        1.0,
        0.0,
        "active",
    )


@pytest.mark.parametrize("stem", ["items", "demand"])
def test_a_missing_table_is_named(stem):
    raw = tables()
    del raw[stem]
    with pytest.raises(InputError, match=f"there is no table tbl{stem.title()} "):
        admit(raw)


def test_a_missing_column_is_named_with_the_header_that_resembles_it():
    renamed = items().rename(columns={"on_hand": "on hand qty"})
    with pytest.raises(InputError) as error:
        admit(tables(items=renamed))
    assert str(error.value) == "tblItems lacks the column on_hand; found 'on hand qty' - rename it to on_hand"


def test_all_missing_columns_are_named_in_one_line():
    with pytest.raises(InputError, match=r"tblItems lacks the columns unit_cost, on_hand$"):
        admit(tables(items=items().drop(columns=["unit_cost", "on_hand"])))


def test_a_header_in_another_spelling_is_read_and_said():
    admitted = admit(tables(items=items().rename(columns={"on_hand": "On Hand"})))
    assert admitted.tables["items"]["on_hand"].tolist() == [30, 30]
    assert only(admitted)["reason"] == "header 'On Hand' read as on_hand"


def test_a_misspelt_optional_header_is_a_warning():
    found = only(admit(tables(items=items(lead_time_sd_day=3))))
    assert (found["severity"], found["column"]) == ("warning", "lead_time_sd_days")
    assert found["reason"] == "header 'lead_time_sd_day' is not a column; expected lead_time_sd_days"


@pytest.mark.parametrize(
    ("stem", "header", "meant"),
    [
        ("items", "min_order", "moq"),
        ("items", "Minimum order quantity", "moq"),
        ("items", "pack size", "lot_size"),
        ("items", "lead time sd", "lead_time_sd_days"),
        ("items", "price", "unit_price"),
        ("suppliers", "capacity", "capacity_units"),
        ("suppliers", "min_order", "minimum_order_value"),
        ("open_orders", "vendor", "supplier"),
    ],
)
def test_a_usual_other_name_of_an_optional_column_is_a_warning_with_the_right_one(stem, header, meant):
    tables_by_stem = {
        "items": items(supplier="Ann"),
        "suppliers": frame({"supplier": ["Ann"]}),
        "open_orders": frame({"item": ["tea"], "due_date": ["2018-01-20"], "quantity": [5]}),
    }
    tables_by_stem[stem] = tables_by_stem[stem].assign(**{header: 7})
    found = only(admit(tables(**tables_by_stem)))
    assert (found["severity"], found["column"]) == ("warning", meant)
    assert found["reason"] == f"header {header!r} is not a column; expected {meant}"
    assert found["action"] == "column not used; rename it to have it used"


def test_of_two_columns_that_a_header_resembles_the_nearer_one_is_offered():
    suppliers = frame({"supplier": ["Ann"], "lead_time_sd_day": [3]})
    found = only(admit(tables(items=items(supplier="Ann"), suppliers=suppliers)))
    assert found["column"] == "lead_time_sd_days"


def test_another_name_beside_the_column_itself_is_the_planners_own():
    assert admit(tables(items=items(moq=6, min_order=12))).quality.empty


def test_a_usual_other_name_of_a_needed_column_is_offered():
    with pytest.raises(InputError, match=r"^tblItems lacks the column on_hand; found 'stock' - rename it to on_hand$"):
        admit(tables(items=items().rename(columns={"on_hand": "stock"})))


def test_columns_of_the_planners_own_are_passed_over():
    assert admit(tables(items=items(colour="red"))).quality.empty


def test_text_in_a_required_number_column_rejects_its_row_and_no_other():
    admitted = admit(tables(items=items(on_hand=["plenty", 30])))
    assert admitted.tables["items"]["item"].tolist() == ["cup"]
    found = only(admitted, table="tblItems", severity="rejected")
    assert (found["row"], found["column"], found["value"]) == (FIRST_ROW, "on_hand", "plenty")
    assert found["reason"] == "not a number; expected a number at least 0"
    assert found["action"] == "row left out"


def test_text_in_an_optional_number_column_is_left_out_and_the_default_used():
    admitted = admit(tables(items=items(moq=["a case", 12])))
    assert admitted.tables["items"]["moq"].tolist() == [0.0, 12.0]
    assert only(admitted)["action"] == "value left out; 0 used"
    assert admitted.rejected == 0


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("on_hand", -3, "out of bounds; expected a number at least 0"),
        ("lead_time_days", -1, "out of bounds; expected a number at least 0 and at most 1095"),
        ("unit_cost", None, "is missing; expected a number at least 0"),
        ("unit_cost", float("nan"), "is missing; expected a number at least 0"),
        ("unit_cost", float("inf"), "not finite or more than 15 digits; expected a number at least 0"),
        ("on_hand", 1e300, "not finite or more than 15 digits; expected a number at least 0"),
        ("on_hand", CellFault("#N/A"), "error or formula without a value; expected a number at least 0"),
        ("on_hand", "#DIV/0!", "error or formula without a value; expected a number at least 0"),
        (
            "on_hand",
            CellFault("formula without a value"),
            "error or formula without a value; expected a number at least 0",
        ),
        ("on_hand", "=A1+1", "not a number; expected a number at least 0"),
        ("on_hand", True, "not a number; expected a number at least 0"),
        ("on_hand", datetime(2017, 1, 1), "not a number; expected a number at least 0"),
        ("item", CellFault("#REF!"), "error or formula without a value; expected a text"),
        ("item", "  ", "is missing; expected a text"),
        ("location", CellFault("#N/A"), "error or formula without a value; expected a text"),
    ],
)
def test_a_bad_required_value_of_an_item_is_rejected_with_the_reason(column, value, reason):
    admitted = admit(tables(items=items(**{column: [value, "B" if column == "location" else 30]})))
    found = only(admitted, table="tblItems", severity="rejected")
    assert (found["row"], found["column"], found["reason"]) == (FIRST_ROW, column, reason)
    assert len(admitted.tables["items"]) == 1


def test_a_lead_time_of_zero_is_sound():
    assert admit(tables(items=items(lead_time_days=0))).quality.empty


def test_a_service_target_written_as_a_percentage_is_read_but_95_is_not():
    admitted = admit(tables(items=items(service_target=["95%", 95])))
    targets = admitted.tables["items"]["service_target"]
    assert targets.iloc[0] == 0.95
    assert np.isnan(targets.iloc[1])
    assert only(admitted, value="95%")["reason"] == "percentage read as a share"
    assert only(admitted, value="95")["reason"] == "out of bounds; expected a number above 0 and at most 0.9999"


def test_lots_are_as_small_as_the_order_plan_takes_them():
    admitted = admit(tables(items=items(lot_size=[1e-9, 1e-10])))
    assert admitted.tables["items"]["lot_size"].tolist() == [1e-9, 1.0]
    assert only(admitted)["reason"] == "out of bounds; expected a number at least 1e-09"


def test_choices_are_read_in_any_case_and_others_are_left_out():
    admitted = admit(tables(items=items(status=["Active", "asleep"])))
    assert admitted.tables["items"]["status"].tolist() == ["active", "active"]
    assert only(admitted)["reason"] == "out of bounds; expected active, new or phase-out"


def test_duplicate_items_keep_the_first_row():
    doubled = items(item=["tea", "tea"], on_hand=[1, 2])
    admitted = admit(tables(items=doubled, demand=demand().iloc[:104]))
    assert admitted.tables["items"]["on_hand"].tolist() == [1]
    assert only(admitted)["reason"] == "duplicate; expected one row for each item, location"


def test_a_rejected_item_does_not_shadow_a_sound_row_of_the_same_code():
    doubled = items(item=["tea", "tea"], on_hand=["?", 2])
    admitted = admit(tables(items=doubled, demand=demand().iloc[:104]))
    assert admitted.tables["items"]["on_hand"].tolist() == [2]
    assert admitted.rejected == 1


def test_item_codes_read_as_numbers_match_codes_read_as_text():
    raw = tables(items=items(item=[22423.0, " 007 "]), demand=demand(item=["22423"] * 104 + ["007"] * 104))
    admitted = admit(raw)
    assert admitted.tables["items"]["item"].tolist() == ["22423", "007"]
    assert admitted.rejected == 0


def test_text_that_begins_with_an_equals_sign_stays_text():
    admitted = admit(tables(items=items(description=["=SUM(A1)", "+1"])))
    assert admitted.tables["items"]["description"].tolist() == ["=SUM(A1)", "+1"]


def test_blank_rows_are_passed_over_without_counting_as_rejected():
    admitted = admit(
        tables(
            items=items(
                **{name: ["tea", None] for name in ("item",)},
                unit_cost=[2, ""],
                lead_time_days=[7, None],
                on_hand=[3, float("nan")],
            )
        )
    )
    assert len(admitted.tables["items"]) == 1
    assert said(admitted, table="tblItems").empty


def test_without_any_sound_item_there_is_one_clear_line():
    with pytest.raises(InputError) as error:
        admit(tables(items=items(on_hand="?")))
    assert str(error.value) == (
        "no item can be planned, all 2 rows of tblItems are bad; "
        "row 5, on_hand '?': not a number; expected a number at least 0"
    )
    with pytest.raises(InputError, match="tblItems has no rows"):
        admit(tables(items=items().iloc[:0]))


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        (["item", "date", "3"], "column quantity; expected quantity after date, where '3' stands"),
        (["3", "location", "date", "quantity"], "column item; expected item before location, where '3' stands"),
        (["item", "date", "location", "mine"], "column quantity; found 'mine'"),
        (
            ["tea", "5", "3"],
            "columns item, date, quantity; found 'tea', '5', '3' in the row of the headers; expected them above the "
            "first row of data",
        ),
    ],
)
def test_a_header_that_was_lost_is_told_with_what_stands_in_its_place(headers: list[str], told: str) -> None:
    with pytest.raises(InputError) as error:
        admit(tables(demand=frame({header: ["tea"] for header in headers})))
    assert str(error.value) == f"tblDemand lacks the {told}"


def test_demand_of_unknown_items_is_rejected_with_one_line_an_item_and_counted_beyond_twenty():
    unknown = demand(item=["tea"] * 104 + [f"pot {place % 22}" for place in range(104)])
    admitted = admit(tables(items=items().iloc[:1], demand=unknown))
    rows = said(admitted, table="tblDemand", severity="rejected")
    assert len(rows) == 21
    first, last = rows.iloc[0], rows.iloc[-1]
    assert (first["row"], first["value"]) == (FIRST_ROW + 104, "pot 0")
    assert first["reason"] == "unknown item; expected an item of tblItems (5 rows)"
    assert last["reason"] == "unknown item; expected an item of tblItems (8 more rows)"
    assert last["value"] == "pot 20, pot 21"
    assert admitted.rejected == 104
    assert len(admitted.findings.frame(None)) == 104, "a machine gets every row"


def test_dates_without_a_format_are_one_line_a_column() -> None:
    admitted = admit(tables(demand=demand(date=[42_375 + 7 * week for week in range(104)] * 2)))
    row = only(admitted, table="tblDemand", column="date", severity="repaired")
    assert (row["row"], row["reason"]) == (FIRST_ROW, "serial number read as a date (208 rows)")
    assert len(admitted.findings.frame(None)) == 1, "for a machine too"


def test_demand_of_a_rejected_item_says_so():
    admitted = admit(tables(items=items(on_hand=["?", 1])))
    assert "the item's row in tblItems was rejected (104 rows)" in set(said(admitted, table="tblDemand")["reason"])


def test_demand_at_another_location_is_rejected():
    admitted = admit(tables(items=items(location="NORTH"), demand=demand(location="SOUTH")))
    assert admitted.rejected == 208
    reason = said(admitted, table="tblDemand")["reason"].iloc[0]
    assert reason == "the item is not stocked at this location; expected a location it has in tblItems"


def test_demand_without_location_belongs_to_the_only_location_of_its_item():
    admitted = admit(tables(items=items(location="NORTH")))
    assert admitted.rejected == 0
    assert set(admitted.tables["demand"]["location"]) == {"NORTH"}


def test_sales_lines_of_one_day_are_added_up_and_only_a_row_that_repeats_another_is_rejected():
    rows = frame(
        {
            "item": "tea",
            "date": ["2017-12-25", "2017-12-25", "2017-12-25", "2017-12-25 14:00", "2017-12-26"],
            "quantity": [1, 1, 2, 4, 8],
        }
    )
    admitted = admit(tables(demand=rows))
    assert histories(admitted).of(0).quantity.tolist() == [15]
    found = only(admitted, severity="rejected")
    expected = "duplicate; expected one row for each item, location, date, or rows that differ"
    assert (found["row"], found["reason"]) == (FIRST_ROW + 1, expected)
    found = only(admitted, severity="repaired")
    assert found["reason"] == f"row {found['row']:.0f} shares its item, location, date with an earlier row that differs"
    assert found["action"] == "added up as sales lines"


def test_rows_that_differ_in_a_column_of_the_users_own_are_sales_lines_of_their_own():
    rows = frame({"item": "tea", "date": "2017-12-25", "quantity": [3, 3, 3], "invoice": [1, 2, 2]})
    admitted = admit(tables(demand=rows))
    assert (admitted.rejected, histories(admitted).of(0).quantity.tolist()) == (1, [6])


def test_of_plans_for_one_item_and_date_the_first_counts():
    rows = demand(
        date=[*weeks(102), "2018-01-08", "2018-01-08", *weeks(104)],
        quantity=[*[5.0] * 102, None, None, *[5.0] * 104],
        unit_price=[*[2.0] * 102, 1.5, 1.0, *[2.0] * 104],
    )
    admitted = admit(tables(demand=rows))
    assert only(admitted, severity="rejected")["row"] == FIRST_ROW + 103


@pytest.mark.parametrize("quantity", ["a lot", -3, None, CellFault("#REF!"), 1e20])
def test_a_period_whose_only_row_was_rejected_is_unknown_and_not_without_demand(quantity):
    units = [5.0] * 208
    units[50] = quantity
    admitted = admit(tables(demand=demand(quantity=units)))
    assert admitted.rejected == 1
    history = histories(admitted).of(0)
    assert np.flatnonzero(np.isnan(history.quantity)).tolist() == [50]
    assert np.nansum(history.quantity) == 103 * 5


def test_beside_good_rows_of_its_period_a_rejected_one_does_not_count():
    rows = frame({"item": "tea", "date": ["2017-12-18", "2017-12-25", "2017-12-26"], "quantity": [2, 5, -4]})
    admitted = admit(tables(demand=rows))
    assert admitted.rejected == 1
    assert histories(admitted).of(0).quantity.tolist() == [2, 5]


def test_rejected_rows_make_no_history_and_no_plan():
    rows = frame(
        {
            "item": ["tea", "tea", "cup"],
            "date": ["2017-12-25", "2018-01-08", "2017-12-25"],
            "quantity": [2, "x", "x"],
            "promotion": 1,
        }
    )
    found = histories(admit(tables(demand=rows)))
    assert found.of(0).quantity.tolist() == [2]
    assert (found.of(0).future_promotion.size, found.of(1).quantity.size) == (0, 0)


def test_future_demand_is_rejected():
    admitted = admit(tables(demand=demand(date=[*weeks(103), "2018-01-01", *weeks(104)])))
    found = only(admitted, severity="rejected")
    assert found["value"] == "2018-01-01"
    assert found["reason"] == "in the future; expected a date before the plan date 2018-01-01"


@pytest.mark.parametrize("day", ["1899-12-31", "1989-12-31", "2031-01-01", "9999-12-31", 0.5, datetime(1, 1, 1)])
def test_impossible_dates_are_rejected(day):
    admitted = admit(tables(demand=demand(date=[day, *weeks(104)[1:], *weeks(104)])))
    assert only(admitted, severity="rejected")["row"] == FIRST_ROW


@pytest.mark.parametrize("day", ["31/12/2017", "Christmas", "2017-13-01", "2017-02-30", True, -5, CellFault("#VALUE!")])
def test_nonsense_dates_are_rejected(day):
    admitted = admit(tables(demand=demand(date=[day, *weeks(104)[1:], *weeks(104)])))
    found = only(admitted, severity="rejected")
    assert found["reason"].endswith("expected a date such as 2018-01-31")


def test_open_orders_in_the_past_are_moved_to_the_plan_date():
    orders = frame(
        {"item": ["tea", "cup", "pot"], "due_date": ["2017-12-20", "2018-01-20", "2018-01-20"], "quantity": 5}
    )
    admitted = admit(tables(open_orders=orders))
    assert admitted.tables["open_orders"]["due_date"].astype(str).tolist() == ["2018-01-01", "2018-01-20"]
    assert only(admitted, severity="repaired")["reason"] == "due before the plan date 2018-01-01"
    assert only(admitted, severity="rejected")["value"] == "pot"


def test_receipts_before_their_order_are_rejected():
    receipts = frame(
        {
            "item": ["tea", "", ""],
            "supplier": ["", "Ann", ""],
            "order_date": "2017-10-10",
            "receipt_date": ["2017-10-09", "2017-10-10", "2017-10-12"],
        }
    )
    admitted = admit(tables(receipts=receipts))
    assert admitted.tables["receipts"]["supplier"].tolist() == ["Ann"]
    assert set(said(admitted, table="tblReceipts")["reason"]) == {
        "before its order_date; expected the same day or later",
        "neither an item nor a supplier; expected at least one of them",
    }


def test_a_discount_for_an_unreadable_or_unknown_item_never_becomes_one_for_all_items():
    discounts = frame(
        {
            "supplier": "Ann",
            "item": [None, CellFault("#N/A"), "pot", "tea"],
            "from_quantity": [10, 10, 10, None],
            "discount_rate": 0.05,
        }
    )
    admitted = admit(tables(items=items(supplier="Ann"), discounts=discounts))
    assert admitted.tables["discounts"]["item"].tolist() == [""]
    assert admitted.rejected == 3


def test_an_unknown_supplier_is_a_warning_where_suppliers_are_given():
    suppliers = frame({"supplier": ["Ann", "Ann"]})
    admitted = admit(tables(items=items(supplier=["Ann", "Bob"]), suppliers=suppliers))
    assert only(admitted, severity="warning")["value"] == "Bob"
    assert only(admitted, severity="rejected")["table"] == "tblSuppliers"
    assert len(admitted.tables["items"]) == 2
    unlisted = admit(tables(items=items(supplier="Bob")))
    assert only(unlisted, severity="warning")["reason"].startswith("no suppliers are listed")


def test_an_open_order_from_an_unknown_supplier_is_a_warning_and_counts():
    orders = frame(
        {
            "item": "tea",
            "due_date": ["2018-01-20", "2018-01-21", "2018-01-22", "2018-01-23"],
            "quantity": 5,
            "supplier": ["Nobody", "Ann", "Bob", None],
        }
    )
    suppliers = frame({"supplier": ["Ann", "Bob"]})
    admitted = admit(tables(items=items(supplier="Ann"), suppliers=suppliers, open_orders=orders))
    found = only(admitted)
    assert (found["severity"], found["table"], found["row"]) == ("warning", "tblOpenOrders", FIRST_ROW)
    assert (found["column"], found["value"]) == ("supplier", "Nobody")
    assert found["reason"] == "unknown supplier; no item is bought from it, expected a supplier of tblSuppliers"
    assert found["action"] == "counted as on order"
    assert len(admitted.tables["open_orders"]) == 4
    lane = frame({"from_location": "WEST", "to_location": "MAIN", "item": ["tea"], "lead_time_days": 2})
    orders = orders.assign(supplier=["from WEST", "Ann", "Bob", None])
    places = pd.concat([items(supplier="Ann"), items(location="WEST", supplier="Ann")], ignore_index=True)
    assert said(
        admit(tables(items=places, suppliers=suppliers, lanes=lane, open_orders=orders)), table="tblOpenOrders"
    ).empty


def test_where_nobody_names_suppliers_open_orders_may_name_any():
    orders = frame({"item": ["tea"], "due_date": ["2018-01-20"], "quantity": [5], "supplier": ["Ann"]})
    assert admit(tables(open_orders=orders)).quality.empty


def test_an_item_without_a_supplier_is_a_warning_where_others_have_one():
    suppliers = frame({"supplier": ["Ann"]})
    found = only(admit(tables(items=items(supplier=[None, "Ann"]), suppliers=suppliers)))
    assert (found["severity"], found["table"], found["row"]) == ("warning", "tblItems", FIRST_ROW)
    assert (found["column"], found["reason"]) == ("supplier", "is missing; expected a supplier of tblSuppliers")
    assert found["action"] == "planned without supplier terms; its order lines name none"


def test_an_item_that_is_not_ordered_any_more_needs_no_supplier():
    suppliers = frame({"supplier": ["Ann"]})
    leaving = items(supplier=[None, "Ann"], status=["phase-out", "active"])
    assert admit(tables(items=leaving, suppliers=suppliers)).quality.empty


def test_lots_above_capacity_and_prices_below_cost_are_warnings():
    suppliers = frame({"supplier": ["Ann"], "capacity_units": [10]})
    odd = items(supplier="Ann", lot_size=[12, 6], moq=[6, 12], unit_price=[2.0, 3.0])
    admitted = admit(tables(items=odd, suppliers=suppliers))
    assert set(admitted.quality["column"]) == {"lot_size", "moq", "unit_price"}
    assert set(admitted.quality["severity"]) == {"warning"}


def test_the_report_lists_rejected_rows_first_then_tables_in_their_order():
    admitted = admit(
        tables(items=items(moq=["a", 1]), demand=demand(quantity=["x", *[1.0] * 207], unit_price=["y", *[1.0] * 207]))
    )
    listed = admitted.quality[["severity", "table"]].values.tolist()
    assert listed == [["rejected", "tblDemand"], ["repaired", "tblItems"], ["repaired", "tblDemand"]]


def test_typed_columns_such_as_parquet_gives_are_admitted_like_raw_cells():
    raw = tables()
    typed = raw["demand"].assign(
        item=raw["demand"]["item"].astype("category"),
        date=pd.to_datetime(raw["demand"]["date"]).dt.tz_localize("Europe/Berlin"),
        quantity=raw["demand"]["quantity"].astype("Float64"),
        in_stock=pd.array([True] * 208, dtype="boolean"),
    )
    pd.testing.assert_frame_equal(admit({**raw, "demand": typed}).tables["demand"], admit(raw).tables["demand"])


def test_the_tables_given_are_not_changed():
    raw = tables(items=items(moq=["a", 1]))
    before = {stem: table.copy() for stem, table in raw.items()}
    admit(raw)
    for stem, table in raw.items():
        pd.testing.assert_frame_equal(table, before[stem])
