"""How plan workbooks look: colours, number formats and widths, one decision a line.

Inputs are blue on pale yellow, outputs black on white (FAST and ICAEW conventions). Signal colours are from the
palette of Okabe and Ito, which colour-blind readers tell apart; text says the same wherever a colour does, so a
greyscale print loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from invopt_xl.plan.columns import TREND, Column

FONT = "Calibri"
INPUT_FONT, INPUT_FILL = "#0000FF", "#FFF9DB"
HEADER_FONT, HEADER_FILL = "#FFFFFF", "#1F3A5F"
INPUT_HEADER_FONT, INPUT_HEADER_FILL = "#3D3200", "#F2D675"
QUIET = "#595959"

BLUE, SKY, GREEN, ORANGE, VERMILLION, PURPLE = "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7"
PALE_SKY, PALE_GREEN, PALE_ORANGE, PALE_VERMILLION, PALE_PURPLE = (
    "#DDF0FB",
    "#D5F0E7",
    "#FCEBC5",
    "#F9D9C4",
    "#F4E1EB",
)

REFUSED = {"bg_color": PALE_VERMILLION, "font_color": "#8A3B00", "bold": True}
"""What the program did not follow, and says so in words beside it."""

GREEN_STRONG, VERMILLION_STRONG = "#007A59", "#B84B00"
"""Under white words: dark enough to read them."""

INPUT_TAB, OUTPUT_TAB, COVER_TAB = ORANGE, BLUE, HEADER_FILL

_TENTHS, _MONEY, _PRICE, _DAYS = "#,##0.0", "#,##0", "#,##0.00", "0.0"
UNITS = f"[>=1]{_TENTHS};[<0]-{_TENTHS}##;0.0##"
"""Units as tables show them: tenths, and below one, for goods sold in parts of a unit, up to thousandths."""

_UNITS_EXACT = "[>=1000]#,##0;[<0]-General;General"
DATE = "yyyy-mm-dd"
_SHARE = "0.0%"
_HEADLINE = _UNITS_EXACT

_BY_NAME: Mapping[str, str] = {
    "unit_cost": _PRICE,
    "unit_price": _PRICE,
    "shortage_cost": _PRICE,
    "order_cost": _PRICE,
    "transfer_cost": _PRICE,
    "minimum_order_value": _MONEY,
    "from_value": _MONEY,
    "order_value": _MONEY,
    "value": _PRICE,
    "excess_value": _MONEY,
    "value_at_stake": _MONEY,
    "demand_value": _MONEY,
    "stock_value": _MONEY,
    "least_stock_value": _MONEY,
    "least_carrying_cost": _MONEY,
    "stock_money": _MONEY,
    "usual_textbook": _MONEY,
    "best_textbook": _MONEY,
    "target": "0.0##%",  # safety factors of a replay go up to 99.999%
    "lead_time_days": _DAYS,
    "lead_time_sd_days": _DAYS,
    "review_days": _DAYS,
    "shelf_life_days": _DAYS,
    "cover_days": "#,##0",
    "stockout_probability": _SHARE,
    "expected_fill_rate": _SHARE,
    "discount_rate": _SHARE,
    "solver_gap": "0.00%",
    "unit_volume": "0.00",
    "change": "+#,##0.0;-#,##0.0;0.0",
    "change_value": "+#,##0;-#,##0;0",
    "override_change": "+General;-General;0",
    "demand_change": "+0%;-0%;0%",
    "decided_value": _MONEY,
    "holding_cost": _MONEY,
    "freed_value": _MONEY,
    "remaining_value": _MONEY,
    "expected_write_off": _MONEY,
    "cash": _MONEY,
    "purchase_avoided": _MONEY,
    "saved_holding": _MONEY,
    "avoided_write_off": _MONEY,
    "action_cost": _MONEY,
    "gain": _MONEY,
    "cumulative_gain": _MONEY,
    "last_sale_days": "#,##0",
    "safety_stock_value": _MONEY,
    "average_stock_value": _MONEY,
    "discount_value": _MONEY,
    "forecast_value": _MONEY,
    "actual_value": _MONEY,
    "error_value": _MONEY,
    "best_mix": _MONEY,
    "one_target": _MONEY,
    "today": _MONEY,
    "plan": _MONEY,
    "proposal_cost": _MONEY,
    "override_cost": _MONEY,
    "value_added": "+#,##0;-#,##0;0",
    "on_order_value": _MONEY,
    "working_capital": _MONEY,
    "carrying_cost": _MONEY,
    "sales_value": _MONEY,
    "gross_margin": _MONEY,
    "stock_per_point": _MONEY,
    "carrying_per_point": _MONEY,
    "one_target_per_point": _MONEY,
    "margin_per_point": _MONEY,
    "out_of_stock": "#,##0",
    **dict.fromkeys(("price", "usual_price", "lowest_price", "constant_price", "end_price"), _PRICE),
    **dict.fromkeys(("cash_no_action", "cash_constant", "cash_path", "gain_low", "gain_high"), _PRICE),
    **dict.fromkeys(("elasticity", "elasticity_low", "elasticity_high"), "0.00"),
    "lines": "#,##0",
    "row": "0",
    "rank": "0",
    "items": "#,##0",
    "count": "#,##0",
    "seconds": "0.0",
    "rejected_rows": "0",
    "order_lines": "#,##0",
    "hopped": "#,##0",
    "class_changes": "0",
    "forecast_error": "0.00",
}
_UNROUNDED = {"quantity", "on_hand", "on_order", "order_quantity", "override_quantity", "moq", "lot_size"}
_UNROUNDED |= {"proposed_quantity", "cancel_quantity", "decided_quantity", "units", "actual", "actual_demand"}

_WIDTHS: Mapping[str, float] = {
    "item": 13,
    "location": 11,
    "description": 44,
    "supplier": 38,
    "abc": 7,
    "xyz": 7,
    "pattern": 13,
    "model": 38,
    "distribution": 96,
    "period": 9,
    "exception": 22,
    "why": 100,
    "note": 30,
    "kind": 21,
    "message": 72,
    "action": 56,
    "severity": 12,
    "reason": 74,
    "value": 13,
    "label": 42,
    "table": 16,
    "column": 20,
    "refreshed_at": 20,
    "check": 50,
    "result": 18,
    "detail": 76,
    "status": 12,
    "policy": 14,
    "trend": 18,
    "point": 13,
    "decision": 15,
    "criticality": 12,
    "logged_at": 20,
    "user": 13,
    "verdict": 14,
    "inside": 10,
    "state": 26,
    "otherwise": 46,
}
_WIDTHS_IN: Mapping[tuple[str, str], float] = {
    ("service_cost", "point"): 20,
    ("items", "description"): 36,
    ("actions", "action"): 14,
    ("actions", "why"): 118,
    ("items", "supplier"): 38,
    ("items", "moq"): 9.5,
    ("items", "status"): 10,
    ("exceptions", "description"): 29,
    ("exceptions", "kind"): 17,
    ("exceptions", "message"): 50,
    ("exceptions", "action"): 42,
    ("quality", "value"): 30,
    ("quality", "reason"): 54,
    ("quality", "action"): 42,
    ("buffers", "why"): 80,
    ("buffers", "distribution"): 80,
    ("worst", "message"): 84,
    ("kpis", "name"): 27,
    ("kpis", "note"): 84,
    ("forecast_review", "description"): 32,
    ("forecast_review", "model"): 30,
}
"""By table and column, where a table is to print on one page, or says more than elsewhere."""

_DEMAND_WIDTH = 6.0

_SENTENCES = {
    ("plan", "why"),
    ("orders", "why"),
    ("exceptions", "message"),
    ("exceptions", "action"),
    ("buffers", "why"),
}
_SENTENCES |= {("buffers", "distribution"), ("quality", "reason"), ("quality", "value"), ("quality", "action")}
_SENTENCES |= {("exceptions", "description"), ("kpis", "note")}
"""Wrapped by table and column: rows grow with them, and no text is too small to read or runs over the next cell."""
_SHRUNK = {"description", "message", "reason"}
"""Elsewhere shrunk, so that rows stay one line high."""
_FILTER_BUTTON = 4.2


def number_format(table: str, column: Column) -> str:
    """Return the number format of a column's cells.

    Examples
    --------
    >>> number_format("items", Column("holding_rate", "number", share=True))
    '0.0%'
    """
    if column.kind == "date":
        return DATE
    if column.kind == "flag":
        return "0"
    if column.kind == "text":
        return "General" if column.name == "value" else "@"
    if table == "kpis":
        return _HEADLINE
    if column.name in _BY_NAME:
        return _BY_NAME[column.name]
    if is_past_demand(column.name):
        return _UNITS_EXACT
    if table == "previous":
        shown = _MONEY if "_value_" in column.name else _TENTHS
        return f"+{shown};-{shown};0" if column.name.endswith("_change") else shown
    if column.share:
        return _SHARE
    return _UNITS_EXACT if column.name in _UNROUNDED else UNITS


def column_width(column: Column, table: str = "") -> float:
    """Return a width, in characters, that shows the header with its filter button and the usual values."""
    if is_past_demand(column.name):
        return _DEMAND_WIDTH
    usual = _WIDTHS_IN.get((table, column.name)) or _WIDTHS.get(column.name, 11.0)
    return max(usual, len(column.name) * 0.95 + _FILTER_BUTTON)


def is_past_demand(name: str) -> bool:
    """Return whether a column holds the demand of a past period: many and narrow, a trend is drawn from them.

    Examples
    --------
    >>> is_past_demand("demand_26_ago"), is_past_demand("demand_per_period")
    (True, False)
    """
    return name in TREND


def wraps(table: str, column: Column) -> bool:
    """Return whether a column holds sentences, which take several lines."""
    return (table, column.name) in _SENTENCES


class Look:
    """The workbook's cell formats, each made once.

    Parameters
    ----------
    book
        The workbook they belong to.
    """

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self._made: dict[str, Format] = {}

    def make(self, **properties: Any) -> Format:
        """Return the format with these properties."""
        key = repr(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self.book.add_format({"font_name": FONT, "font_size": 10, **properties})
        return self._made[key]

    def cell(self, table: str, column: Column, *, is_input: bool) -> Format:
        """Return the format of a column's data cells."""
        numbers = number_format(table, column)
        # Icons stand in the middle of a high row in every program, so all else does too.
        properties: dict[str, Any] = {"valign": "vcenter"}
        if numbers not in {"@", "General"}:
            properties["num_format"] = numbers
        if column.kind == "text":
            properties |= {"align": "left", "indent": 1}
        if (table, column.name) in _SENTENCES:
            properties["text_wrap"] = True
        elif column.name in _SHRUNK:
            properties["shrink"] = True
        if is_input:
            properties |= {"font_color": INPUT_FONT, "bg_color": INPUT_FILL, "border": 1, "border_color": "#E6DCA8"}
            properties["locked"] = False  # on a protected sheet too, what is for typing can be typed into
        return self.make(**properties)

    def header(self, *, is_input: bool) -> Format:
        """Return the format of a table's headers."""
        return self.make(
            bold=True,
            font_color=INPUT_HEADER_FONT if is_input else HEADER_FONT,
            bg_color=INPUT_HEADER_FILL if is_input else HEADER_FILL,
            valign="vcenter",
            indent=1,
            border=1,
            border_color="#FFFFFF",
        )

    @property
    def title(self) -> Format:
        """The name of a sheet."""
        return self.make(bold=True, font_size=16, font_color=HEADER_FILL)

    @property
    def heading(self) -> Format:
        """The name of a part of a sheet."""
        return self.make(bold=True, font_size=12, font_color=HEADER_FILL)

    @property
    def text(self) -> Format:
        """Plain words."""
        return self.make()

    @property
    def quiet(self) -> Format:
        """Words that explain."""
        return self.make(italic=True, font_color=QUIET)

    @property
    def unit(self) -> Format:
        """Units above the headers of numbers."""
        return self.make(italic=True, font_color=QUIET, font_size=9, align="right")
