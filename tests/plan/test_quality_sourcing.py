"""Further suppliers, lanes and limits that contradict each other: each is named, and the rest is planned."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from quality_tables import FIRST_ROW, demand, frame, items, only, said, tables

from invopt_xl.plan.columns import Tables
from invopt_xl.plan.quality import Admitted, admit


def sourced(**changes: Any) -> pd.DataFrame:
    return frame({"item": ["tea"], "supplier": ["East"], "unit_cost": [3.0], **changes})


def two_places(**terms: Any) -> Tables:
    """Return tables of two items at MAIN, one of them at WEST too."""
    places = items(
        item=["tea", "cup", "tea"],
        location=["MAIN", "MAIN", "WEST"],
        unit_cost=[2.5] * 3,
        lead_time_days=[14] * 3,
        on_hand=[30] * 3,
        **terms,
    )
    sold = demand()
    sold["location"] = "MAIN"
    west = sold[sold["item"] == "tea"].assign(location="WEST")
    both = pd.concat([sold, west])
    both.index = pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(both), name="row")
    return tables(items=places, demand=both)


def laned(**changes: Any) -> Admitted:
    lanes = frame({"from_location": ["MAIN"], "to_location": ["WEST"], **changes})
    return admit(two_places() | {"lanes": lanes})


def test_sound_sources_and_lanes_are_admitted_without_a_word() -> None:
    admitted = admit(two_places() | {"sources": sourced(location=["WEST"]), "lanes": laned().tables["lanes"]})
    assert admitted.quality.empty
    source, lane = admitted.tables["sources"].iloc[0], admitted.tables["lanes"].iloc[0]
    assert (source["location"], source["lot_size"], source["moq"], source["emergency"]) == ("WEST", 1, 0, False)
    assert (lane["item"], lane["transfer_cost"], lane["order_cost"]) == ("", 0, 0)


def test_a_source_without_a_location_belongs_to_the_only_one_of_its_item() -> None:
    admitted = admit(tables(items=items(location=["WEST", "MAIN"]), demand=demand(), sources=sourced()))
    assert admitted.tables["sources"]["location"].tolist() == ["WEST"]


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"item": ["nix"]}, "item", "unknown item; expected an item of tblItems"),
        ({"location": ["WEST"]}, "location", "the item is not stocked at this location; expected a location it has"),
        ({"unit_cost": [-1]}, "unit_cost", "out of bounds; expected a number at least 0"),
        ({"unit_cost": [None]}, "unit_cost", "is missing; expected a number at least 0"),
        ({"supplier": [None]}, "supplier", "is missing; expected a text"),
    ],
)
def test_a_source_that_cannot_be_used_is_rejected(changes: dict[str, Any], column: str, reason: str) -> None:
    admitted = admit(tables(sources=sourced(**changes)))
    found = only(admitted, table="tblSources", severity="rejected")
    assert (found["row"], found["column"]) == (FIRST_ROW, column)
    assert found["reason"].startswith(reason)
    assert admitted.tables["sources"].empty
    assert len(admitted.tables["items"]) == 2


@pytest.mark.parametrize(
    ("changes", "column", "action"),
    [
        ({"lot_size": [0]}, "lot_size", "value left out; 1 used"),
        ({"moq": [-5]}, "moq", "value left out; 0 used"),
        ({"emergency": ["maybe"]}, "emergency", "value left out; 0 used"),
        ({"emergency": [2]}, "emergency", "value left out; 0 used"),
        ({"lead_time_days": [-2]}, "lead_time_days", "value left out"),
        ({"lead_time_days": [2], "lead_time_sd_days": [30]}, "lead_time_sd_days", "3 times lead_time_days used"),
        ({"moq": [20], "lot_size": [12]}, "moq", "raised to the next whole lot"),
    ],
)
def test_an_odd_term_of_a_source_is_repaired_and_said(changes: dict[str, Any], column: str, action: str) -> None:
    found = only(admit(tables(sources=sourced(**changes))), table="tblSources")
    assert (found["severity"], found["column"], found["action"]) == ("repaired", column, action)


def test_a_minimum_that_is_no_whole_lots_is_raised_to_them() -> None:
    admitted = admit(tables(items=items(moq=[20, 5], lot_size=[12, 12])))
    assert admitted.tables["items"]["moq"].tolist() == [24, 5], "one below a single lot says nothing beyond it"
    assert only(admitted)["reason"] == "not whole lots; expected a multiple of lot_size"


def test_a_source_twice_is_a_duplicate_but_an_emergency_one_beside_it_is_not() -> None:
    twice = sourced(item=["tea"] * 3, supplier=["East"] * 3, unit_cost=[3, 4, 9], emergency=[0, 0, 1])
    admitted = admit(tables(sources=twice))
    assert admitted.tables["sources"]["unit_cost"].tolist() == [3, 9]
    assert only(admitted)["reason"].startswith("duplicate; expected one row for each item, location, supplier")


def test_the_items_own_supplier_with_other_terms_is_a_duplicate_and_with_the_same_it_is_passed_over() -> None:
    given = sourced(item=["tea", "cup"], supplier=["Ann", "Ann"], unit_cost=[3.0, 2.5])
    suppliers = frame({"supplier": ["Ann"]})
    admitted = admit(tables(items=items(supplier="Ann", lot_size=6), sources=given, suppliers=suppliers))
    assert admitted.tables["sources"].empty
    assert admitted.rejected == 1
    rejected = only(admitted, severity="rejected")
    assert (rejected["row"], rejected["value"]) == (FIRST_ROW, "Ann")
    assert rejected["reason"].endswith("with other terms; expected further suppliers only")
    assert only(admitted, severity="warning")["action"] == "row not used"


def test_an_own_supplier_may_deliver_in_emergencies_too() -> None:
    given = sourced(supplier=["Ann"], emergency=[1], lead_time_days=[2])
    admitted = admit(tables(items=items(supplier="Ann"), sources=given, suppliers=frame({"supplier": ["Ann"]})))
    assert admitted.quality.empty
    assert len(admitted.tables["sources"]) == 1


def test_an_emergency_source_that_is_no_faster_is_a_warning() -> None:
    found = only(admit(tables(sources=sourced(emergency=[1], lead_time_days=[14]))))
    assert (found["severity"], found["column"], found["value"]) == ("warning", "lead_time_days", "14")


def test_a_source_of_a_supplier_without_a_row_is_planned_without_its_terms() -> None:
    suppliers = frame({"supplier": ["Ann"]})
    admitted = admit(tables(items=items(supplier="Ann"), suppliers=suppliers, sources=sourced()))
    found = only(admitted)
    assert (found["severity"], found["table"], found["value"]) == ("warning", "tblSources", "East")
    assert len(admitted.tables["sources"]) == 1


def test_discounts_on_what_their_supplier_does_not_deliver_are_named() -> None:
    stock = items(item=["tea", "cup"], supplier=["Ann", "Bob"], unit_cost=[2.5] * 2, lead_time_days=[14] * 2)
    discounts = frame(
        {
            "supplier": ["Ann", "Ann", "East", "East", "Idle", "Idle", "Bob"],
            "item": ["tea", "cup", "tea", "cup", "tea", None, None],
            "from_value": [10] * 7,
            "discount_rate": [0.1] * 7,
        }
    )
    suppliers = frame({"supplier": ["Ann", "Bob", "East", "Idle"]})
    report = admit(tables(items=stock, sources=sourced(), suppliers=suppliers, discounts=discounts)).quality
    named = report[report["table"] == "tblDiscounts"]
    assert named[["severity", "row", "column", "value"]].values.tolist() == [
        ["warning", FIRST_ROW + 1, "item", "cup"],
        ["warning", FIRST_ROW + 3, "item", "cup"],
        ["warning", FIRST_ROW + 4, "item", "tea"],
        ["warning", FIRST_ROW + 5, "supplier", "Idle"],
    ]
    assert set(named["action"]) == {"row not used"}


def test_a_discount_of_a_further_supplier_is_known() -> None:
    discounts = frame({"supplier": ["East"], "from_quantity": [10], "discount_rate": [0.1]})
    assert admit(tables(sources=sourced(), discounts=discounts)).quality.empty


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"from_location": ["X"]}, "from_location", "unknown location; expected a location of tblItems"),
        ({"to_location": ["X"]}, "to_location", "unknown location; expected a location of tblItems"),
        ({"from_location": ["WEST"]}, "to_location", "a lane to itself; expected two locations"),
        ({"item": ["nix"]}, "item", "unknown item; expected an item of tblItems, or a blank"),
        ({"item": ["cup"]}, "item", "not stocked at both locations"),
        ({"from_location": [None]}, "from_location", "is missing; expected a text"),
    ],
)
def test_a_lane_that_leads_nowhere_is_rejected(changes: dict[str, Any], column: str, reason: str) -> None:
    admitted = laned(**changes)
    found = only(admitted, table="tblLanes", severity="rejected")
    assert (found["row"], found["column"]) == (FIRST_ROW, column)
    assert found["reason"].startswith(reason)
    assert admitted.tables["lanes"].empty


def test_a_lane_between_places_that_share_no_item_is_rejected() -> None:
    lanes = frame({"from_location": ["MAIN"], "to_location": ["EAST"]})
    admitted = admit(tables(items=items(location=["MAIN", "EAST"]), lanes=lanes))
    assert only(admitted, table="tblLanes")["reason"].startswith("no item is stocked at both locations")


def test_a_lane_twice_is_a_duplicate_and_negative_costs_are_left_out() -> None:
    admitted = laned(from_location=["MAIN"] * 2, to_location=["WEST"] * 2, transfer_cost=[-1, 2], item=[None, None])
    assert admitted.tables["lanes"]["transfer_cost"].tolist() == [0]
    assert only(admitted, severity="rejected")["reason"].startswith("duplicate")
    assert only(admitted, severity="repaired")["action"] == "value left out; 0 used"


def test_an_item_without_a_supplier_at_the_end_of_a_lane_is_said_to_come_by_transfer_alone() -> None:
    raw = two_places(supplier=["Ann", "Ann", None])
    raw |= {"suppliers": frame({"supplier": ["Ann"]})}
    raw |= {"lanes": frame({"from_location": ["MAIN"], "to_location": ["WEST"]})}
    found = only(admit(raw))
    assert (found["row"], found["action"]) == (FIRST_ROW + 2, "planned by transfer alone, but for overrides")


def with_parameters(**values: object) -> pd.DataFrame:
    return frame({"name": ["plan_date", *values], "value": ["2018-01-01", *values.values()]})


@pytest.mark.parametrize(
    ("changes", "table", "column", "reason"),
    [
        (
            {"suppliers": frame({"supplier": ["Ann"], "minimum_order_value": [600]})},
            "tblSuppliers",
            "minimum_order_value",
            "above the budget of a period, 500; expected less",
        ),
        ({"items": items(supplier="Ann", moq=[300, 0])}, "tblItems", "moq", "its smallest order is worth more than"),
        ({"sources": sourced(supplier=["Ann"], moq=[300])}, "tblSources", "moq", "its smallest order is worth more"),
    ],
)
def test_minimums_beyond_the_budget_are_warnings(changes: Tables, table: str, column: str, reason: str) -> None:
    raw = tables(parameters=with_parameters(budget=500), **{"suppliers": frame({"supplier": ["Ann"]}), **changes})
    found = said(admit(raw), table=table, severity="warning", column=column)
    assert found["reason"].str.startswith(reason).sum() == 1


@pytest.mark.parametrize(("budget", "named"), [(640, 1), (760, 0)])
def test_minimums_that_take_most_of_the_budget_are_warnings(budget: float, named: int) -> None:
    suppliers = frame({"supplier": ["Ann", "Bob"], "minimum_order_value": [600, 0]})
    two = items(supplier=["Ann", "Bob"], unit_cost=2.0, moq=[300, 0])
    raw = tables(parameters=with_parameters(budget=budget), suppliers=suppliers, items=two)
    found = said(admit(raw), severity="warning")
    most = found[found["reason"].str.contains("takes most of the budget of a period, 640; expected less")]
    assert most["table"].tolist() == ["tblItems", "tblSuppliers"] * named
    alone = said(admit(raw | {"items": items(supplier="Ann", unit_cost=2.0, moq=[300, 0])}), table="tblSuppliers")
    assert not alone["reason"].str.contains("takes most").any(), "no other supplier wants any of it"


@pytest.mark.parametrize(("capacity", "dearest", "named"), [(50, 2.5, 1), (50, 4.0, 0), (60, 2.5, 0), (None, 2.5, 0)])
def test_a_minimum_order_above_all_that_the_suppliers_capacity_is_worth_is_a_warning(
    capacity: float | None, dearest: float, named: int
) -> None:
    suppliers = frame({"supplier": ["Ann"], "minimum_order_value": [130], "capacity_units": [capacity]})
    raw = tables(suppliers=suppliers, items=items(supplier="Ann", unit_cost=[2.5, dearest]))
    found = said(admit(raw), severity="warning", table="tblSuppliers", column="minimum_order_value")
    reason = "above what its capacity_units of its dearest item are worth; expected less"
    assert found["reason"].tolist() == [reason] * named


def test_a_source_above_its_suppliers_capacity_is_a_warning() -> None:
    suppliers = frame({"supplier": ["East"], "capacity_units": [10]})
    found = only(admit(tables(suppliers=suppliers, sources=sourced(moq=[12]))), table="tblSources")
    assert (found["severity"], found["column"]) == ("warning", "moq")
    assert found["reason"] == "above the supplier's capacity_units a period; expected moq within the capacity"


@pytest.mark.parametrize(
    ("name", "limit", "reason"),
    [
        ("storage_volume", 100, "storage_volume is exceeded already: stock on hand takes a volume of 120"),
        ("working_capital", 149, "working_capital is exceeded already: stock on hand is worth 150"),
    ],
)
def test_limits_that_stock_passes_already_are_warnings(name: str, limit: float, reason: str) -> None:
    admitted = admit(tables(items=items(unit_volume=2), parameters=with_parameters(**{name: limit})))
    found = only(admitted)
    assert (found["severity"], found["table"], found["row"]) == ("warning", "tblParameters", FIRST_ROW + 1)
    assert found["reason"].startswith(reason)
    assert admit(tables(items=items(unit_volume=2), parameters=with_parameters(**{name: 1000}))).quality.empty


def test_frozen_periods_are_whole() -> None:
    admitted = admit(tables(parameters=with_parameters(frozen_periods=1.5, working_capital=-1)))
    assert (admitted.parameters.frozen_periods, admitted.parameters.working_capital) == (0, None)
    assert admitted.rejected == 2


def test_a_smallest_order_that_spoils_before_it_sells_is_a_warning() -> None:
    found = only(admit(tables(items=items(moq=[60, 0], shelf_life_days=[14, 14]))))
    assert (found["column"], found["row"]) == ("moq", FIRST_ROW)
    assert found["reason"] == "the smallest order is above what sells within shelf_life_days; expected less"
    found = only(admit(tables(items=items(moq=[0, 0], lot_size=[60, 1], shelf_life_days=[14, 14]))))
    assert (found["column"], found["row"], found["value"]) == ("lot_size", FIRST_ROW, "60"), "the cell to correct"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"discount_rate": [1.2]}, "out of bounds; expected a number at least 0 and at most 0.99"),
        ({"discount_rate": [-0.1]}, "out of bounds; expected a number at least 0 and at most 0.99"),
    ],
)
def test_a_discount_beyond_the_price_is_rejected(changes: dict[str, Any], reason: str) -> None:
    discounts = frame({"supplier": ["Ann"], "from_quantity": [10], "discount_rate": [0.1], **changes})
    admitted = admit(tables(items=items(supplier="Ann"), suppliers=frame({"supplier": ["Ann"]}), discounts=discounts))
    assert only(admitted)["reason"] == reason
