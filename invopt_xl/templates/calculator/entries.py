"""What a person types into the calculator: its tables of inputs, column by column, with their units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from invopt_xl.plan.columns import Tables
from invopt_xl.plan.columns.making import number, text
from invopt_xl.plan.schema import Table

MEASURES = ("cycle", "fill")
DISTRIBUTIONS = ("normal", "gamma", "poisson", "negative binomial")

LEVELS = Table(
    "tblLevels",
    "levels",
    "Levels",
    (
        text("item", "Any name; one row for each item."),
        text("description", "What it is."),
        number("mean_demand", "Expected demand of a period, units.", minimum=0),
        number("demand_sd", "Standard deviation of the demand of a period, units.", minimum=0),
        number("lead_time", "From order to receipt, periods; without the review period.", minimum=0, maximum=1000),
        number("lead_time_sd", "Standard deviation of the lead time, periods; blank: none.", minimum=0, maximum=1000),
        number(
            "review_period",
            "From one look at the stock to the next, periods; blank: an order can be placed at any time.",
            minimum=0,
            maximum=1000,
        ),
        number("service_target", "Such as 0.95 or 95%; blank: 95%.", above=0, maximum=0.9999, share=True),
        text(
            "service_measure",
            "What the target is about: cycle, no stock-out before the next receipt; fill, the share of demand met from "
            "stock. Blank: cycle.",
            choices=MEASURES,
        ),
        text(
            "distribution",
            "Shape of demand: normal, gamma for erratic items, poisson or negative binomial for few whole units. "
            "Blank: normal.",
            choices=DISTRIBUTIONS,
        ),
        number("unit_cost", "Purchase cost of a unit, money; blank: no money is shown.", above=0),
        number("order_cost", "Cost of placing an order, money; blank: no economic order quantity.", above=0),
        number("holding_rate", "Cost of holding stock for a year, share of its value.", above=0, maximum=5, share=True),
        number("order_quantity", "Usual order, units; blank: the economic order quantity.", minimum=0),
    ),
    key=("item",),
)

HISTORY = Table(
    "tblHistory",
    "history",
    "History",
    (
        number("period", "1, 2, 3, ...: the oldest first.", minimum=0),
        number("quantity", "Demand of the period, units: 0 where there was none, blank where it is not known."),
    ),
    key=("period",),
)

SETTINGS = Table(
    "tblSettings",
    "settings",
    "Parameters",
    (
        text("name", "The parameter's name; formulas use it."),
        number("value", "Its value."),
        text("unit", "Its unit."),
        text("note", "What it does."),
    ),
    key=("name",),
)


def heading(name: str) -> str:
    """Return the name of a column as a header says it: words, over which a line can break.

    Examples
    --------
    >>> heading("lead_time_sd")
    'lead time sd'
    """
    return name.replace("_", " ")


def in_words(table: Table) -> Table:
    """Return a table whose columns are named as their headers say it."""
    return replace(table, columns=tuple(replace(column, name=heading(column.name)) for column in table.columns))


def words_of(cells: str) -> str:
    """Return the formula of 1 for each of some cells that holds a text, 0 for the others.

    Within SUMPRODUCT, as an array; COUNTIF of any text counts numbers too in Calc.

    Examples
    --------
    >>> words_of("$A$1:$A$9")
    'ISTEXT($A$1:$A$9)*(LEN($A$1:$A$9)>0)'
    """
    return f"ISTEXT({cells})*(LEN({cells})>0)"


UNITS: Mapping[str, str] = {
    "mean_demand": "units a period",
    "demand_sd": "units a period",
    "lead_time": "periods",
    "lead_time_sd": "periods",
    "review_period": "periods",
    "service_target": "share",
    "unit_cost": "money a unit",
    "order_cost": "money an order",
    "holding_rate": "share a year",
    "order_quantity": "units",
    "demand_per_year": "units a year",
    "holding_cost": "money a unit and year",
    "economic_quantity": "units",
    "usual_order": "units",
    "safety_stock": "units",
    "reorder_point": "units",
    "order_up_to": "units",
    "fill_rate": "share of demand",
    "cycle_service": "share of cycles",
    "average_stock": "money at cost",
}
"""Units by column, a line above the headers."""

REFUSED = "#INVOPT!*"
"""How a line begins that a cell shows in place of a result."""

ITEM_ROWS = 30
HISTORY_ROWS = 104
WEEKS_A_YEAR = 52.0

_ITEMS = ("P8090521", "P5568378", "P965766", "P1052912", "P7441210", "P901840", "P1128271", "P7155012")
"""A steady seller, an erratic one, fresh goods, rare ones, near and far suppliers."""

_IRREGULAR = {"P8090521": "gamma", "P7441210": "gamma", "P901840": "negative binomial", "P7155012": "poisson"}
_FILL = {"P965766", "P1052912"}


def calculator_tables(example: Tables, *, blank: bool, item_rows: int = ITEM_ROWS) -> Tables:
    """Return the calculator's inputs: some items of the example, or none, and empty rows to type into.

    Parameters
    ----------
    example
        Input tables of a plan by week.
    blank
        Leave all rows to the user.
    item_rows
        Rows for items.
    """
    levels = _levels([] if blank else _ITEMS, example).reindex(range(item_rows)).astype(object)
    demand = example["demand"]
    past = [] if blank else _past(demand, _ITEMS[0]).tolist()
    history = pd.DataFrame({"period": range(1, len(past) + 1), "quantity": past}, dtype=object)
    history = history.reindex(range(HISTORY_ROWS))
    history.attrs["item"] = None if blank else _ITEMS[0]
    settings = pd.DataFrame(_SETTINGS, columns=SETTINGS.column_names)
    return {LEVELS.stem: levels, HISTORY.stem: history, SETTINGS.stem: settings}


_SETTINGS = (
    ("periods_per_year", WEEKS_A_YEAR, "periods", "Periods of demand in a year: 52 for weeks, 12 months, 365 days."),
    ("highest_holding_rate", 5.0, "share a year", "Levels: a holding rate above it is told as a slip of the hand."),
    ("forecast_low", 0.05, "share", "History: the lower quantile beside the forecast; demand is below it so often."),
    ("forecast_high", 0.95, "share", "History: the upper quantile; demand is above it in the rest of all periods."),
)
PERIODS_PER_YEAR, HIGHEST_RATE, FORECAST_LOW, FORECAST_HIGH = (name for name, *_ in _SETTINGS)


def _past(demand: pd.DataFrame, item: str) -> pd.Series[float]:
    own = demand[demand["item"] == item].sort_values("date")
    return own["quantity"].astype(float).tail(HISTORY_ROWS)


def _levels(items: Sequence[str], example: Tables) -> pd.DataFrame:
    suppliers = example["suppliers"].set_index("supplier")
    facts = example["items"].set_index("item")
    holding = dict(zip(example["parameters"]["name"], example["parameters"]["value"], strict=True))["holding_rate"]
    rows = []
    for item in items:
        demand = example["demand"]
        past = _past(demand, item)  # as many weeks as History shows, so that both sheets say the same of an item
        own = facts.loc[item]
        terms = suppliers.loc[str(own["supplier"])]
        rows.append(
            {
                "item": item,
                "description": own["description"],
                "mean_demand": round(past.mean(), 2),
                "demand_sd": round(past.std(), 2),
                "lead_time": round(terms["lead_time_days"] / 7, 1),
                "lead_time_sd": round(terms["lead_time_sd_days"] / 7, 1),
                "review_period": 1.0,
                "service_target": 0.98 if own["criticality"] == "critical" or item in _FILL else 0.95,
                "service_measure": "fill" if item in _FILL else "cycle",
                "distribution": _IRREGULAR.get(item, "normal"),
                "unit_cost": own["unit_cost"],
                "order_cost": terms["order_cost"],
                "holding_rate": float(str(holding)),
                "order_quantity": None,
            }
        )
    return pd.DataFrame(rows, columns=LEVELS.column_names)
