"""Tables as found at a source, admitted or refused row by row."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.errors import InputError
from invopt_xl.plan import columns
from invopt_xl.plan.columns import Table, Tables
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import limits, rules, sourcing
from invopt_xl.plan.quality.contract import fill_defaults, hold_to_contract, read_cells
from invopt_xl.plan.quality.currencies import in_own_currency, warn_of_mixed_currencies
from invopt_xl.plan.quality.deciding import hold_decisions
from invopt_xl.plan.quality.findings import Draft, Findings
from invopt_xl.plan.quality.given import GIVEN_FORECAST, ITEMS_WITH_LEVELS, GivenDemand, hold_forecast
from invopt_xl.plan.quality.headers import draft_of, required_table
from invopt_xl.plan.quality.overriding import hold_overrides
from invopt_xl.plan.quality.rounding import warn_of_rounding
from invopt_xl.plan.quality.settings import parameters_of
from invopt_xl.plan.quality.suspicions import warn_of_odd_histories

_NAMES = ["item", "location", "description"]


@dataclass(frozen=True, eq=False)
class Admitted:
    """What a plan may stand on.

    Parameters
    ----------
    tables
        Every input table by its stem, with all its columns: text as str ("" where there is none), numbers as
        float64 (NaN where there is none and no default), dates as datetime64[ns] with their time of day, flags as bool.
        The index is the row at the source. A table the source lacks is empty. Demand from the plan date on has no
        quantity: it is what is planned, prices and promotions. Demand before it without a quantity was rejected: it
        is not known, and its row comes last.
    parameters
        With defaults where the source says nothing.
    quality
        ``tblQuality``: every rejected row and what else was repaired or looks odd.
    rejected
        Rows left out.
    findings
        What `quality` is made of, every row by itself.
    expected
        Demand to come as it was given, units by item and period from the plan date on; None where none was.
    entered
        Item, location and description of every row of ``tblItems``, the rejected ones among them; text, "" where there
        is none.
    """

    tables: Tables
    parameters: Parameters
    quality: pd.DataFrame
    rejected: int
    findings: Findings = field(default_factory=Findings)
    expected: npt.NDArray[np.float64] | None = None
    entered: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=_NAMES, dtype=object))

    @property
    def assumed_holding_rate(self) -> float | None:
        """Holding rate of items for which nobody has given one, share a year; None where each has its own or a usual.

        Examples
        --------
        >>> items = pd.DataFrame({"item": ["a"], "unit_cost": [2], "lead_time_days": 7, "on_hand": 5})
        >>> demand = pd.DataFrame({"item": ["a"], "date": ["2017-12-25"], "quantity": [12]})
        >>> admit({"items": items, "demand": demand}).assumed_holding_rate
        0.25
        >>> admit({"items": items.assign(holding_rate=0.25), "demand": demand}).assumed_holding_rate is None
        True
        """
        rows = self.tables[columns.PARAMETERS.stem]
        given = (rows["name"] == "holding_rate") & (rows["value"] != "")
        unknown = self.tables[columns.ITEMS.stem]["holding_rate"].isna()
        return self.parameters.holding_rate if unknown.any() and not given.any() else None


def admit(raw: Tables, *, forecast: pd.DataFrame | None = None) -> Admitted:
    """Admit good rows as typed tables; name every bad row with its table, row, value and reason.

    One bad row never stops the rest. A value that cannot be used in a required column rejects its row; in an optional
    column the value alone is dropped. Entirely blank rows are passed over. Demand rows of one period are added up;
    one that repeats an earlier row in every column is a duplicate. A period whose only rows were rejected is unknown,
    not without demand. A row of demand from the plan date on is a plan of its price and promotion where its quantity
    is blank, and is rejected where it has one. A row without a location belongs to the only location of its item,
    else to ``MAIN``. An override of the last plan that no order follows is rejected like a row of its own, and so is a
    decision about excess that is none.

    Parameters
    ----------
    raw
        Tables by stem as found: cells of any type, the index being the source row. ``items`` and ``demand`` are
        required; of ``plan`` only the overrides are judged, of ``excess`` only the decisions.
    forecast
        Demand to come as somebody gives it, with item, location, date and mean; ``demand`` may then be missing, and
        items may have columns ``safety_stock`` and ``reorder_point``.

    Raises
    ------
    InputError
        If a required table or column is missing, no item can be planned, or there is no plan date.

    Examples
    --------
    >>> items = pd.DataFrame({"item": [22423.0, None], "unit_cost": ["2", 3], "lead_time_days": 7, "on_hand": 5})
    >>> demand = pd.DataFrame({"item": ["22423"], "date": ["2017-12-25"], "quantity": ["12"]}, index=[2])
    >>> parameters = pd.DataFrame({"name": ["plan_date"], "value": ["2018-01-01"]})
    >>> admitted = admit({"items": items, "demand": demand, "parameters": parameters})
    >>> admitted.tables["items"][["item", "location", "unit_cost"]].values.tolist(), admitted.rejected
    ([['22423', 'MAIN', 2.0]], 1)
    >>> print(*admitted.quality.loc[0, ["severity", "table", "column", "reason"]])
    rejected tblItems item is missing; expected a text
    """
    findings = Findings()
    findings.take(raw.get(columns.READING, columns.empty(columns.QUALITY)))
    raw = in_own_currency(raw, findings)
    warn_of_mixed_currencies(raw, findings)
    known = forecast is None or columns.DEMAND.stem in raw
    drafts = _drafts(raw, findings, known=known)
    parameters = parameters_of(drafts["parameters"], rules.recorded(drafts["demand"].frame))
    _admit_items(drafts["items"])
    _admit_movements(drafts, parameters)
    _admit_sources(drafts)
    unfollowed = hold_overrides(raw, drafts["items"], parameters, findings) + hold_decisions(raw, findings)
    rules.warn_of_unknown_suppliers(drafts)
    sourcing.warn_of_unknown_sources(drafts)
    sourcing.warn_of_idle_discounts(drafts)
    rules.hold_lead_time_spreads(drafts)
    rules.warn_of_implausible_terms(drafts)
    limits.warn_of_contradictions(drafts, parameters)
    warn_of_rounding(drafts["items"], parameters)
    if known:
        warn_of_odd_histories(drafts["items"], drafts["demand"], parameters)
    given = _admit_forecast(forecast, drafts["items"], parameters, findings)
    rejected = sum(draft.rejected for draft in drafts.values()) + (given.rejected if given else 0) + unfollowed
    tables = {stem: draft.frame for stem, draft in drafts.items()}
    expected = given.mean if given else None
    return Admitted(tables, parameters, findings.frame(), rejected, findings, expected, _entered(drafts["items"]))


def _drafts(raw: Tables, findings: Findings, *, known: bool) -> dict[str, Draft]:
    """Return every input table on its way in; where demand is not known, it is empty and items have levels."""
    inputs = {table.stem: table for table in columns.INPUTS}
    if not known:
        raw = raw | {columns.DEMAND.stem: columns.empty(columns.DEMAND)}
        inputs[columns.ITEMS.stem] = ITEMS_WITH_LEVELS
    return {stem: read_draft(raw, table, findings) for stem, table in inputs.items()}


def _admit_forecast(
    forecast: pd.DataFrame | None, items: Draft, parameters: Parameters, findings: Findings
) -> GivenDemand | None:
    if forecast is None:
        return None
    draft = read_draft({GIVEN_FORECAST.stem: forecast}, GIVEN_FORECAST, findings)
    return hold_forecast(draft, items, parameters)


def read_draft(raw: Tables, table: Table, findings: Findings) -> Draft:
    """Return a table on its way in: cells read as what the contract expects, rows that break it left out.

    Raises
    ------
    InputError
        If the table is required and missing, or lacks a required column.
    """
    source = required_table(raw, table) if table.required else raw.get(table.stem, columns.empty(table))
    draft = draft_of(source, table, findings)
    # A parameter's value is judged by the parameter, not by the column.
    unreadable = read_cells(draft, unreported="value" if table is columns.PARAMETERS else "")
    # Whether a row of demand without a quantity is a plan depends on the plan date.
    hold_to_contract(draft, unreadable, may_be_blank="quantity" if table is columns.DEMAND else "")
    if "location" not in draft.frame or table.name == columns.ITEMS.name:
        fill_defaults(draft)
    return draft


def refuse_if_empty(draft: Draft, what: str, expected: str) -> None:
    """Say that a table has no row that can be used, with the first row that cannot.

    Raises
    ------
    InputError
        If there is no row.
    """
    if len(draft.frame):
        return
    report = draft.findings.frame()
    bad = report[(report["severity"] == "rejected") & (report["table"] == draft.table.name)]
    if bad.empty:
        raise InputError(f"{draft.table.name} has no rows; expected {expected}")
    first = bad.iloc[0]
    example = f"row {first['row']:.0f}, {first['column']} {first['value']!r}: {first['reason']}"
    all_rows = "the only row" if draft.rejected == 1 else f"all {draft.rejected:,} rows"
    are = "is" if draft.rejected == 1 else "are"
    raise InputError(f"{what}, {all_rows} of {draft.table.name} {are} bad; {example}")


def _admit_items(items: Draft) -> None:
    rules.keep_first_of_each_key(items)
    refuse_if_empty(items, "no item can be planned", "a row for each item and location")


def _entered(items: Draft) -> pd.DataFrame:
    """Return how every row of the items names its item, a blank location being the usual one."""
    return items.entered[_NAMES].fillna({"location": columns.DEFAULT_LOCATION}).fillna("")


def _admit_movements(drafts: dict[str, Draft], parameters: Parameters) -> None:
    items = drafts["items"]
    for draft in (drafts["demand"], drafts["open_orders"]):
        rules.place_at_only_location(draft, items.frame)
        fill_defaults(draft)
        rules.reject_unknown_items(draft, items.frame, items.entered)
        rules.reject_far_dates(draft, parameters.plan_date)
    rules.hold_demand(drafts["demand"], parameters.plan_date, "the plan date")
    rules.warn_of_unfinished_month(drafts["demand"], parameters)
    rules.add_up_sales_lines(drafts["demand"])
    rules.keep_unknown_periods(drafts["demand"], items.frame, parameters.calendar)
    rules.hold_open_orders(drafts["open_orders"], parameters)
    rules.keep_first_of_each_key(drafts["suppliers"])
    for draft in (drafts["discounts"], drafts["receipts"]):
        rules.reject_unknown_codes(draft, items.frame, items.entered)
        rules.reject_far_dates(draft, parameters.plan_date)
    rules.hold_discounts(drafts["discounts"])
    rules.hold_receipts(drafts["receipts"])


def _admit_sources(drafts: dict[str, Draft]) -> None:
    sourcing.hold_sources(drafts)
    sourcing.hold_lanes(drafts)
    for draft in (drafts["items"], drafts["sources"]):
        limits.hold_minimums(draft)
