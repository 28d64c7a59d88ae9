"""A real spreadsheet program calculates the sheets of formulas, and every figure is what pandas makes of the tables."""

import shutil
import subprocess
from datetime import timedelta

import numpy as np
import openpyxl
import pandas as pd
import pytest
from panel_frames import FIRST, NO_DECISION, PERIODS, SPOILING, result_frames
from small_tables import small_tables

from invopt_xl.plan.closing import Choices
from invopt_xl.workbook.refresh import refresh_workbook
from invopt_xl.workbook.rolling import Period, roll_workbook
from invopt_xl.workbook.template import Cover, build_plan_workbook

# LibreOffice writes the labels of an empty axis of dates so that openpyxl leaves out their chart.
pytestmark = [pytest.mark.office, pytest.mark.filterwarnings("ignore:Unable to read chart:UserWarning")]

COVER = Cover("To plan.")
SHEETS = (
    *("Items", "Suppliers", "Parameters", "Plan", "Orders", "Exceptions", "Dashboard", "Outlook", "Supplier orders"),
    *("Purchase order", "Segments", "Excess review", "Forecast", "Accuracy", "Log"),
)
FEW = ("Items", "Demand", "Suppliers", "Open orders", "Receipts", "Parameters", "Plan", "Orders", "Forecast", "Log")
CHOSEN = {"item_choice": "12", "location_choice": "WEST", "po_supplier_choice": "South & Sons"}
WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def frames():
    made = result_frames()
    gone = dict.fromkeys(made["excess"].columns) | {"item": "gone", "location": "MAIN", "decision": "return"}
    rows = [*made["excess"].to_dict("records"), gone]
    return {**made, "excess": pd.DataFrame(rows, columns=made["excess"].columns)}


@pytest.fixture(scope="module")
def books(frames, tmp_path_factory):
    """Return the workbooks as LibreOffice calculates them: as built, with choices made, and before any refresh."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    assert program, "these tests need LibreOffice (soffice) on the path"
    folder, out = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("calculated")
    built = build_plan_workbook(folder / "built.xlsx", frames, title="P", cover=COVER, sheets=SHEETS)
    blank = build_plan_workbook(folder / "blank.xlsx", {}, title="P", cover=COVER, sheets=SHEETS)
    chosen = folder / "chosen.xlsx"
    book = openpyxl.load_workbook(built)
    for name, value in CHOSEN.items():
        cell_of(book, name).value = value
    cell_of(book, "po_date_choice").value = (FIRST + WEEK).to_pydatetime()
    cell_of(book, "po_addressed_to").value, cell_of(book, "po_supplier_address").value = "North", "1 North Road"
    found(book["Figures"], "Cover").value = "Overall fill rate"
    plan = book["Plan"]
    headers = [cell.value for cell in plan[4]]
    plan.cell(6, headers.index("override_quantity") + 1).value = 1000
    book.save(chosen)
    refused = refused_books(folder)
    command = [program, f"-env:UserInstallation={tmp_path_factory.mktemp('profile').as_uri()}", "--headless"]
    command += ["--norestore", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out)]
    for _ in range(2):
        # Exit code 81: the new profile was just made, start again.
        done = subprocess.run([*command, built, blank, chosen, *refused], capture_output=True, text=True, timeout=240)
        if done.returncode != 81:
            break
    assert done.returncode == 0, done.stderr
    return {path.stem: openpyxl.load_workbook(path, data_only=True) for path in sorted(out.iterdir())}


def refused_books(folder):
    """Return a refreshed workbook with refused items and overrides, the same with something typed since, and rolled.

    Its demand holds a blank row, a flag TRUE, a number as text, and a row that was typed below the table.
    """
    tables = small_tables()
    few = tables["items"].iloc[[0, 1]]
    bad = few.iloc[[0, 0, 0]].assign(item=["x", "y", "z"], unit_cost="?", on_hand=[7, "?", -9])
    tables["items"] = pd.concat([few, bad], ignore_index=True)
    tables["demand"] = tables["demand"][tables["demand"]["item"].isin(few["item"])]
    tables["demand"] = tables["demand"].assign(in_stock=None).reset_index(drop=True).astype(object)
    tables["demand"].loc[3, :] = None
    tables["demand"].loc[[5, 6, 7], "in_stock"] = [True, 0, 1]
    tables["demand"].loc[9, "quantity"] = "12"
    typed = {"item": ["erratic", "x", None], "location": "MAIN", "override_quantity": ["many", 5, 9]}
    tables["plan"] = pd.DataFrame(typed)
    refused = build_plan_workbook(folder / "refused.xlsx", tables, title="P", cover=COVER, sheets=FEW)
    book = openpyxl.load_workbook(refused)
    book["Demand"].append([*("erratic", None, (FIRST - 60 * WEEK).to_pydatetime()), 7])
    book.save(refused)
    refresh_workbook(refused, workers=1)
    book = openpyxl.load_workbook(refused)
    for sheet, item, header, value in TYPED:
        headers = [cell.value for cell in book[sheet][4]]
        row = next(row for row in book[sheet].iter_rows(min_row=5) if row[0].value == item)
        row[headers.index(header)].value = value
    book["Items"].cell(book["Items"].max_row + 1, 1).value = "one more"
    book.save(folder / "typed.xlsx")
    came = pd.DataFrame({"item": ["steady", "erratic"], "date": FIRST.date(), "quantity": [30, 20], "on_hand": [9, 99]})
    came.to_csv(folder / "week.csv", index=False)
    period = Period(folder / "week.csv", choices=Choices(received=True, placed=True))
    rolled = roll_workbook(refused, period, output=folder / "rolled.xlsx", workers=1)
    assert len(rolled.closing.received)
    assert len(rolled.closing.placed.open)
    return refused, folder / "typed.xlsx", folder / "rolled.xlsx"


TYPED = (
    ("Plan", "erratic", "override_quantity", 40),
    ("Items", "x", "on_hand", 8),
    ("Demand", "erratic", "quantity", 999),
    ("Open orders", "erratic", "due_date", (FIRST + WEEK).to_pydatetime()),
    ("Suppliers", "South", "order_cost", "#N/A"),
    ("Parameters", "horizon_periods", "value", 9),
)
"""What is typed after a refresh: an override instead of a refused one, the stock of a rejected row, and others."""


@pytest.fixture(scope="module")
def built(books):
    return books["built"]


@pytest.fixture(scope="module")
def chosen(books):
    return books["chosen"]


def cell_of(book, name):
    sheet, _, address = book.defined_names[name].attr_text.rpartition("!")
    return book[sheet.strip("'")][address.replace("$", "")]


def value_of(book, name):
    value = cell_of(book, name).value
    return None if value == "" else value


def found(sheet, words):
    """Return the first cell that holds these words."""
    return next(cell for row in sheet.iter_rows() for cell in row if cell.value == words)


def below(sheet, words, count, columns=1, skip=0):
    """Return the values below a header, blank ones left out; with several columns a list for each row."""
    head = found(sheet, words)
    rows = range(head.row + 1, head.row + 1 + count)
    cells = [[sheet.cell(row, head.column + skip + at).value for at in range(columns)] for row in rows]
    return [row if columns > 1 else row[0] for row in cells if row[0] not in (None, "")]


def test_no_formula_ends_in_an_error_but_those_that_charts_leave_out(books):
    for name, book in books.items():
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    is_error = isinstance(cell.value, str) and cell.value.startswith("#")
                    left_out = sheet.title == "Workings" or (name, sheet.title) == ("typed", "Suppliers")  # typed there
                    assert not is_error or (left_out and cell.value == "#N/A"), (name, sheet, cell)


def test_before_the_first_refresh_figures_are_blank_and_the_cover_says_so(books):
    blank = books["blank"]
    for name in ("fill_rate", "stock_money", "excess_money", "risk_money", "due_money", "critical_count", "plan_day"):
        assert value_of(blank, name) is None
    tiles = [cell.value for row in blank["Dashboard"].iter_rows(min_row=5, max_row=7) for cell in row]
    assert set(tiles) <= {None, ""}
    assert value_of(blank, "master_check") == "CHECK"
    words = [cell.value for row in blank["Cover"].iter_rows() for cell in row]
    assert "not refreshed yet: run invopt refresh" in words
    assert "not refreshed yet" in [cell.value for row in blank["Dashboard"].iter_rows() for cell in row]
    for name in ("Segments", "Excess review", "Purchase order"):
        numbers = [
            cell.value
            for row in blank[name].iter_rows(max_col=24 if name != "Purchase order" else 9)
            for cell in row
            if isinstance(cell.value, float | int)
        ]
        assert not numbers, name


def test_headline_figures_are_those_of_the_tables(built, frames):
    plan, orders, exceptions = frames["plan"], frames["orders"], frames["exceptions"]
    due = orders[orders["order_date"] < FIRST + WEEK]
    risk = exceptions[exceptions["kind"].isin(["stock-out", "stock-out likely"])]
    expected = {
        "items_planned": len(plan),
        "fill_rate": 94.2,
        "fill_target": 95.0,
        "stock_money": 1800.0,
        "stock_turns": 7.4,
        "excess_money": plan["excess_value"].sum(),
        "excess_items": (plan["excess_value"] > 0).sum(),
        "excess_share": plan["excess_value"].sum() / 1800.0,
        "due_lines": len(due),
        "due_money": due["value"].sum(),
        "due_suppliers": (frames["supplier_orders"]["order_date"] < FIRST + WEEK).sum(),
        "risk_money": risk["value_at_stake"].sum(),
        "risk_items": len(risk),
        "critical_count": 1,
        "warning_count": 2,
        "notice_count": 1,
    }
    assert {name: value_of(built, name) for name in expected} == pytest.approx(expected)
    assert pd.Timestamp(value_of(built, "plan_day")) == FIRST
    words = {cell.value for row in built["Dashboard"].iter_rows(min_row=4, max_row=7) for cell in row}
    assert {"Expected fill rate", "target 95.0%", "0.8 points below", "1 critical", "within 7 days"} <= words
    assert {f"{name}, EUR" for name in ("Stock on hand", "Excess", "At risk of stock-out", "Orders due")} <= words


def test_the_first_exceptions_are_listed_and_no_more(built, frames):
    listed = below(built["Dashboard"], "severity", 10, columns=10)
    exceptions = frames["exceptions"]
    assert [row[0] for row in listed] == exceptions["severity"].tolist()
    assert [row[2] for row in listed] == exceptions["item"].tolist()
    assert [row[8] for row in listed] == exceptions["kind"].tolist()


def test_the_largest_due_orders_are_listed_equal_ones_each(built, frames):
    table = frames["supplier_orders"]
    due = table[table["order_date"] < FIRST + WEEK].sort_values("value", ascending=False, kind="stable").head(8)
    listed = below(built["Dashboard"], "supplier", 8, columns=10)
    assert [row[0] for row in listed] == due["supplier"].tolist()
    assert [row[8] for row in listed] == pytest.approx(due["value"].tolist())
    assert due["value"].duplicated().any()


@pytest.mark.parametrize(("name", "key"), [("built", ("P04", "EAST")), ("chosen", ("12", "WEST"))])
def test_stock_of_the_chosen_item_or_of_the_most_urgent_is_that_of_its_own_rows(books, frames, name, key):
    book = books[name]
    assert (value_of(book, "chosen_item"), value_of(book, "chosen_location")) == key
    assert (value_of(book, "item_choice"), value_of(book, "location_choice")) == key
    outlook, plan = frames["order_items"], frames["plan"]
    mine = outlook[(outlook["item"] == key[0]) & (outlook["location"] == key[1])].sort_values("date")
    level = plan[(plan["item"] == key[0]) & (plan["location"] == key[1])].iloc[0]
    shown = pd.DataFrame(below(book["Workings"], "period", PERIODS, columns=5, skip=1))
    assert pd.to_datetime(shown[0]).tolist() == mine["date"].tolist()
    assert shown[1].tolist() == mine["stock"].tolist()
    assert shown[2].tolist() == [level["reorder_point"]] * PERIODS
    assert shown[3].tolist() == [level["safety_stock"]] * PERIODS, "of the plan, not the floor of the Outlook"
    assert shown[4].tolist() == mine["receipts"].tolist()
    words = {cell.value for row in book["Dashboard"].iter_rows() for cell in row}
    assert level["why"] in words


def test_the_last_periods_of_accuracy_are_shown_the_oldest_first(built, frames):
    sheet = built["Workings"]
    head = found(sheet, "error_share")
    shown = [[sheet.cell(head.row + 1 + row, head.column + at).value for at in (0, 1)] for row in range(26)]
    assert np.allclose(np.array(shown, dtype=float), frames["accuracy"][["error_share", "bias_share"]].tail(26))


def test_locations_are_offered_once_each(built):
    assert below(built["Workings"], "location", 30) == ["EAST", "WEST"]


@pytest.mark.parametrize(
    ("sheet", "header", "stem"),
    [("Purchase order", "suppliers with orders", "orders"), ("Excess review", "supplier", "excess")],
)
def test_suppliers_whose_names_mean_more_to_a_search_are_offered_once_each(built, frames, sheet, header, stem):
    """Such as ``0012`` beside ``12``, and ``<5*``."""
    head = next(cell for row in built[sheet].iter_rows(min_col=13) for cell in row if cell.value == header)
    offered = [built[sheet].cell(head.row + 1 + at, head.column).value for at in range(20)]
    expected = list(frames[stem]["supplier"].dropna().unique())
    assert len({"12", "0012", "<5*"} & set(expected)) == 3
    assert [name for name in offered if name] == expected


def test_the_matrices_count_and_weigh_every_item(built, frames):
    sheet, segments = built["Segments"], frames["segments"]
    cells = segments.groupby(["abc", "xyz"])
    expected = (
        cells.size(),
        cells["demand_value"].sum() / segments["demand_value"].sum(),
        cells["service_target"].mean(),
        cells["expected_fill_rate"].mean(),
    )
    for position, figures in enumerate(expected):
        left = 1 + position * 6
        for row, abc in enumerate("ABC", start=6):
            for at, xyz in enumerate("XYZ", start=left + 1):
                shown = sheet.cell(row, at).value
                if (abc, xyz) in figures.index:
                    assert shown == pytest.approx(figures[abc, xyz])
                else:
                    assert shown in (0, "", None)
        assert sheet.cell(9, left).value == "all"
    totals = [sheet.cell(9, 5 + 6 * position).value for position in range(4)]
    means = [segments[name].mean() for name in ("service_target", "expected_fill_rate")]
    assert totals == pytest.approx([len(segments), 1.0, *means])


@pytest.mark.parametrize(("group", "header"), [("abc", "A"), ("criticality", "critical"), ("life_cycle", "new")])
def test_groups_show_their_money_and_service(built, frames, group, header):
    sheet, segments = built["Segments"], frames["segments"]
    head = next(cell for row in sheet.iter_rows(min_row=12) for cell in row if cell.value == header)
    for row in range(head.row, head.row + (8 if group == "life_cycle" else 3)):
        mine = segments[segments[group] == sheet.cell(row, 1).value]
        shown = [cell.value for cell in sheet[row][:23] if isinstance(cell.value, float | int)]
        if mine.empty:
            assert not any(shown)
            continue
        weighted = (mine["expected_fill_rate"] * mine["demand_value"]).sum() / mine["demand_value"].sum()
        money = [mine[name].sum() for name in ("safety_stock_value", "average_stock_value")]
        rates = [mine["service_target"].mean(), mine["expected_fill_rate"].mean(), weighted]
        assert shown[:7] == pytest.approx([len(mine), mine["demand_value"].sum(), *rates, *money])


def test_the_pareto_curve_is_the_share_of_the_first_items(built, frames):
    values = np.sort(frames["segments"]["demand_value"].to_numpy())[::-1]
    points = below(built["Segments"], "items, share", 21, columns=3)
    for share, count, reached in points:
        assert count == int(np.floor(share * len(values) + 0.5))
        assert reached == pytest.approx(values[: int(count)].sum() / values.sum())
    assert len(points) == 21


def counted(excess):
    """Return which rows hold a decision that counts."""
    return excess["decision"].notna() & ~excess.index.isin(NO_DECISION)


def words(excess):
    """Return the decisions as they are read: without blanks around them, and with one between words."""
    return excess["decision"].str.split().str.join(" ").str.lower()


def decided(frames):
    """Return the money that each decision frees."""
    excess = frames["excess"]
    there = excess["on_order"].where(words(excess) == "cancel order", excess["on_hand"]).astype(float)
    units = pd.to_numeric(excess["decided_quantity"], errors="coerce").fillna(there)
    money = excess["excess_value"] * (units / excess["excess_quantity"]).clip(upper=1.0)
    cost = frames["items"]["unit_cost"]
    money[SPOILING] = [30.0, cost[SPOILING[1]]]
    return money.where(counted(excess) & ~words(excess).isin(["keep", "scrap"]), 0.0)


def test_the_review_of_excess_adds_up_by_kind_and_class(built, frames):
    excess = frames["excess"].assign(decided=decided(frames))
    sheet = built["Excess review"]
    for header, left in (("kind", 1), ("class", 14)):
        rows = below(sheet, header, 4, columns=12)
        assert rows
        for row in rows:
            mine = excess[excess["abc" if header == "class" else "kind"] == row[0]]
            shown = [value for value in row[1:] if isinstance(value, float | int)]
            sums = [mine[name].sum() for name in ("excess_value", "holding_cost", "freed_value", "decided")]
            assert shown == pytest.approx([len(mine), *sums]), (row, left)
    figures = [sheet.cell(5, column).value for column in (1, 7, 14, 20)]
    names = ("excess_value", "holding_cost", "freed_value", "decided")
    assert figures == pytest.approx([excess[name].sum() for name in names])
    shown = {cell.value for row in sheet.iter_rows(min_row=4, max_row=7) for cell in row}
    more = excess["freed_value"].sum() > excess["excess_value"].sum()
    assert ("more than the excess: spoilage, overrides count too" in shown) == more
    assert "Excess, money" in shown, "no currency is given"
    there = excess[excess["excess_value"].notna()]
    assert f"{counted(there).sum()} of {len(there)} items decided" in shown, "what has gone does not count"


def test_the_review_of_excess_lists_the_largest_items_and_suppliers(built, frames):
    excess = frames["excess"].assign(decided=decided(frames))
    sheet = built["Excess review"]
    top = excess.sort_values("excess_value", ascending=False, kind="stable").head(10)
    listed = below(sheet, "item", 10, columns=11)
    assert [row[0] for row in listed] == top["item"].tolist()
    assert [row[10] for row in listed] == pytest.approx(top["excess_value"].tolist())
    assert top["excess_value"].duplicated().any()
    by_supplier = excess.groupby("supplier")[["excess_value", "freed_value", "decided"]].sum()
    by_supplier = by_supplier.sort_values("excess_value", ascending=False)
    head = next(cell for row in sheet.iter_rows(max_col=10) for cell in row if cell.value == "supplier")
    for offset, (supplier, sums) in enumerate(by_supplier.iterrows(), start=1):
        row = [sheet.cell(head.row + offset, 1 + at).value for at in range(10)]
        assert row[0] == supplier
        assert [value for value in row[1:] if isinstance(value, float | int)] == pytest.approx(sums.tolist())


def test_what_decisions_free_is_shown_for_each_of_them(built, frames):
    money = decided(frames).groupby(words(frames["excess"])).sum().drop("banana")
    sheet = built["Excess review"]
    head = next(cell for row in sheet.iter_rows(min_col=26) for cell in row if cell.value == "decision")
    rows = [[sheet.cell(head.row + 1 + at, head.column + to).value for to in (0, 2)] for at in range(7)]
    assert dict(rows) == pytest.approx({**dict.fromkeys(dict(rows), 0.0), **money.to_dict()})


def test_what_is_no_decision_frees_nothing_and_is_none_of_those_made(built, frames):
    sheet = built["Excess"]
    headers = [cell.value for cell in sheet[4]]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5, max_row=4 + len(frames["excess"]))]
    freed = [row[headers.index("decided_value")] for row in rows]
    assert [freed[row] for row in NO_DECISION] == [None] * len(NO_DECISION)
    assert rows[NO_DECISION[0]][headers.index("decision")] == "banana", "it stays as it was typed"
    assert freed[10] == pytest.approx(decided(frames)[10]), "a text that is read as a number counts as that"
    head = next(
        cell for row in built["Excess review"].iter_rows(min_col=26) for cell in row if cell.value == "decision"
    )
    counts = {
        row[0].value: row[1].value for row in built["Excess review"].iter_rows(head.row + 1, head.row + 7, 27, 28)
    }
    sound = frames["excess"][counted(frames["excess"]) & frames["excess"]["excess_value"].notna()]
    assert counts == {**dict.fromkeys(counts, 0), **words(sound).value_counts().to_dict()}


@pytest.mark.parametrize(("name", "day"), [("built", FIRST), ("chosen", FIRST + WEEK)])
def test_a_purchase_order_lists_every_line_of_its_supplier_and_day(books, frames, name, day):
    book, orders = books[name], frames["orders"]
    supplier = CHOSEN["po_supplier_choice"] if name == "chosen" else orders["supplier"].iloc[0]
    mine = orders[orders["supplier"] == supplier]
    day = day if name == "chosen" else mine["order_date"].min()
    mine = mine[mine["order_date"] == day]
    assert value_of(book, "po_supplier") == supplier
    assert pd.Timestamp(value_of(book, "po_date")) == day
    assert value_of(book, "po_lines") == len(mine) > 1
    assert value_of(book, "po_total") == pytest.approx(mine["value"].sum())
    assert value_of(book, "po_check") == "OK"
    assert value_of(book, "po_supplier_choice") == supplier
    assert pd.Timestamp(value_of(book, "po_date_choice")) == day
    lines = below(book["Purchase order"], "line", 60, columns=9)
    assert [line[0] for line in lines] == list(range(1, len(mine) + 1))
    assert [line[1] for line in lines] == mine["item"].tolist()
    assert [line[5] for line in lines] == mine["quantity"].tolist()
    assert [line[8] for line in lines] == pytest.approx(mine["value"].tolist())
    dates = below(book["Purchase order"], "order days", 60)
    every = orders[orders["supplier"] == supplier]["order_date"]
    assert [pd.Timestamp(date) for date in dates] == sorted(every.unique())
    assert set(below(book["Purchase order"], "suppliers with orders", 100)) == set(orders["supplier"])


def test_an_address_typed_for_another_supplier_is_told_and_the_order_number_is_the_orders_own(built, chosen):
    assert [value_of(book, "po_addressed") for book in (built, chosen)] == ["OK", "CHECK"]
    words = {cell.value for row in chosen["Purchase order"].iter_rows(max_col=9) for cell in row}
    assert {"it is that of North", "Purchase order: CHECK the address"} <= words
    assert value_of(chosen, "po_number") == "20240708-2", "the day, and the second of the suppliers"


def test_the_tile_of_service_names_the_figure_it_shows(built, chosen):
    shown = [(value_of(book, "fill_label"), value_of(book, "fill_rate")) for book in (built, chosen)]
    assert shown == [("Expected fill rate", 94.2), ("Overall fill rate", 49.3)]
    assert "Overall fill rate" in {cell.value for cell in chosen["Dashboard"][4]}


def results_of_checks(book):
    sheet = book["Cover"]
    rows = [[cell.value for cell in row[3:5]] for row in sheet.iter_rows(min_row=8, max_row=22)]
    return {name: result for name, result in rows if result in {"OK", "CHECK"}}


def test_the_cover_finds_everything_right_after_a_refresh_and_what_was_typed_since(built, chosen):
    assert len(results_of_checks(built)) == 10
    assert set(results_of_checks(built).values()) == {"OK"}
    assert value_of(built, "master_check") == "OK"
    assert failed(chosen) == {"Overrides are those of the last refresh": "refresh needed: overrides were changed"}
    assert value_of(chosen, "master_check") == "CHECK"


def failed(book):
    rows = [[cell.value for cell in row[3:6]] for row in book["Cover"].iter_rows(min_row=8, max_row=22)]
    return {name: detail for name, result, detail in rows if result == "CHECK"}


def test_rejected_items_and_refused_overrides_are_no_change_since_the_refresh(books):
    for name in ("refused", "rolled"):
        assert list(failed(books[name])) == ["Checks of the last refresh hold"]
        assert len(results_of_checks(books[name])) == 12
    words = [cell.value for row in books["refused"]["Cover"].iter_rows() for cell in row]
    assert {"2 not followed: see the Plan", "5 rows", "258 units"} <= set(words)
    plan = books["refused"]["Plan"]
    column = [cell.value for cell in plan[4]].index("override_change") + 1
    assert plan.cell(6, column).value in (None, ""), "many less a proposal is no number"


def test_what_is_typed_beside_them_asks_for_a_refresh(books):
    told = failed(books["typed"])
    assert told["Overrides are those of the last refresh"] == "refresh needed: overrides were changed"
    assert told["Stock on hand is that of the last refresh"] == "refresh needed: 259 now, 258 then"
    assert told["Nothing stands just below the tables of inputs"] == "refresh needed: a row below tblItems"
    assert told["Suppliers and other terms: numbers as last read"] == "an error stands in a cell: correct it"
    for name in ("Items", "Demand", "Open orders", "Parameters"):
        assert told[f"{name}: numbers as last read"] == "refresh needed: a number was changed or moved"


def test_an_override_shows_its_change_as_it_is_typed(built, chosen, frames):
    headers = [cell.value for cell in chosen["Plan"][4]]
    column = headers.index("override_change") + 1
    proposed = frames["plan"]["proposed_quantity"].iloc[1]
    assert chosen["Plan"].cell(6, column).value == 1000 - proposed
    assert chosen["Plan"].cell(7, column).value in (None, "")
    assert built["Plan"].cell(6, column).value in (None, "")
