"""The tables a replay results in, with the meaning and unit of each column."""

from __future__ import annotations

from invopt_xl.plan.columns import ITEMS, Column, Table


def _share(name: str, meaning: str) -> Column:
    return Column(name, "number", meaning, share=True)


def _number(name: str, meaning: str) -> Column:
    return Column(name, "number", meaning)


_POLICY = Column("policy", "text", "ours, uniform, or the textbook with the periods of its moving average.")
_WEIGHTING = Column("weighting", "text", "What the fill rate weighs items by: value, units or lines.")
_FIGURES = (
    _share("fill_value", "Share of demand met from stock at once, weighed by value."),
    _share("fill_units", "Share of demand met from stock at once, weighed by units."),
    _share("fill_lines", "Share of demand met from stock at once, the mean over items."),
    _share("cycle_service", "Share of replenishment cycles, from a receipt to the next, without a stock-out."),
    _share("ready_rate", "Share of periods without a stock-out."),
    _number("stock_units", "Average stock on hand, units."),
    _number("stock_money", "Average stock on hand, money at unit cost."),
    _number("turns", "Cost of goods sold in a year, over stock money."),
    _number("orders", "Order lines placed in measured periods, a mean over the draws of lead times."),
    _number("stockouts", "Periods of an item with a stock-out, a mean over the draws of lead times."),
)

CURVES = Table(
    "tblReplayCurves",
    "replay_curves",
    "Replay curves",
    (_POLICY, _share("target", "Service target; of the textbook the level its safety factor is for."), *_FIGURES),
    key=("policy", "target"),
)
"""What each policy achieved at each target."""

AT_TARGET = Table("tblReplayTarget", "replay_target", "At the service target", CURVES.columns, key=("policy",))
"""The same at the service target alone."""

EQUAL_SERVICE = Table(
    "tblEqualService",
    "equal_service",
    "Equal service",
    (
        _POLICY,
        _WEIGHTING,
        _share("fill_rate", "Achieved fill rate at which stock is compared."),
        Column("reached", "text", "yes; out of reach of every target; or always above: each target achieves more."),
        _number("stock_money", "Stock the policy holds there, money at unit cost."),
        _number("usual_textbook", "Stock the common textbook holds there, money; blank: out of reach."),
        _share("saved_beside_usual", "Share of that stock which the policy does without."),
        _number("best_textbook", "Stock the textbook holds with its best window in hindsight, money."),
        Column("best_window", "text", "That window."),
        _share("saved_beside_best", "Share of that stock which the policy does without."),
    ),
    key=("policy", "weighting", "fill_rate"),
)
"""Stock money at equal achieved fill rate."""

EACH_ITEM = Table(
    "tblReplayItems",
    "replay_items",
    "Items",
    (
        ITEMS.column("item"),
        ITEMS.column("location"),
        _POLICY,
        _number("demand", "Units asked for in measured periods."),
        _share("fill_rate", "Share of them met from stock at once; blank without demand."),
        _share("cycle_service", "Share of replenishment cycles without a stock-out; blank without a cycle."),
        _number("stock", "Average stock on hand, units."),
        _number("stock_money", "Average stock on hand, money at unit cost."),
        _number("orders", "Order lines placed in measured periods."),
        _number("stockouts", "Measured periods with a stock-out."),
    ),
    key=("item", "location", "policy"),
)
"""What each item achieved at the service target."""

LEFT_OUT = Table(
    "tblLeftOut",
    "left_out",
    "Left out",
    (ITEMS.column("item"), ITEMS.column("location"), Column("why", "text", "Why the item was not replayed.")),
    key=("item", "location"),
)
"""Items that were not replayed."""
