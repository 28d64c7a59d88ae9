"""What a planner has to look at, worst first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.plan.buffers import large_changes
from invopt_xl.plan.columns import EXCEPTIONS, ITEMS
from invopt_xl.plan.explain import amount
from invopt_xl.plan.orders import Planned
from invopt_xl.plan.orders.problem import item_names
from invopt_xl.plan.overrides import unread
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.replenishment import LONGEST_CYCLE_DAYS

SEVERITIES = ("critical", "warning", "notice")

LIKELY = 0.5
"""A stock-out more likely than this before an order placed next period could arrive is critical."""

WORTH_SAYING = 0.5
"""Units short over the horizon that are worth a line."""

SPOILAGE = 1.0
"""Stock worth at most this much money may outlast its shelf life without a word."""


@dataclass(frozen=True)
class Signal:
    """One kind of exception over all items: which rows, how bad, what to say and do."""

    kind: str
    severity: str
    rows: npt.NDArray[np.bool_]
    value: pd.Series[float]
    message: pd.Series[str]
    action: str | pd.Series[str]


def find_exceptions(items: pd.DataFrame, written: pd.DataFrame, planned: Planned, admitted: Admitted) -> pd.DataFrame:
    """Return the exceptions of the plan and of all items, most severe and most money first.

    Parameters
    ----------
    items
        Rows with stock levels, excess, orders (`results.with_orders`) and what histories say.
    written
        What the planner wrote into the last plan.
    planned
        The order plan; each need a limit leaves unmet is an exception.
    admitted
        For the parameters, and for items whose rows were rejected.

    Returns
    -------
    DataFrame
        Columns of ``tblExceptions``.
    """
    parameters = admitted.parameters
    signals = [
        *_stock_out_signals(items, parameters),
        *_surplus_signals(items, parameters),
        *_order_signals(items, parameters),
        *_attention_signals(items),
        *_level_signals(items, parameters),
    ]
    parts = [_table(signal, items) for signal in signals if signal.rows.any()]
    parts += [
        part
        for part in (_limits(planned, items, parameters), _unread_overrides(written), _rejected(admitted))
        if len(part)
    ]
    if not parts:
        return pd.DataFrame(columns=EXCEPTIONS.column_names)
    return ranked(pd.concat(parts, ignore_index=True))


def _limits(planned: Planned, items: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    # Of an item that cannot have levels that is said already.
    names = item_names(items)
    refused = (items["refused"] != "").tolist()
    told = {name for name, silent in zip(names, refused, strict=True) if silent}
    at = dict(zip(names, zip(items["item"], items["location"], strict=True), strict=True))
    rows = [
        (
            "warning",
            *(at.get(shortfall.subject, (shortfall.subject, "")) if shortfall.kind == "override" else ("", "")),
            "",
            "limit",
            dated(str(shortfall), parameters),
            shortfall.value,
            "Change the override." if shortfall.kind == "override" else "Raise the limit, or accept the shortage.",
        )
        for shortfall in planned.plan.shortfalls
        if shortfall.kind != "minimum" or shortfall.subject not in told
    ]
    rows += [
        ("notice", "", "", "", "not counted", note, 0.0, "State it in another way, or leave it out.")
        for note in planned.plan.notes
    ]
    return pd.DataFrame(rows, columns=EXCEPTIONS.column_names).round({"value_at_stake": 2})


def dated(text: str, parameters: Parameters) -> str:
    """Return a message of the order plan with dates in place of the numbers of periods.

    Examples
    --------
    >>> from datetime import date
    >>> dated("budget of period 2 (500) is 20 short", Parameters(date(2018, 1, 1)))
    'budget of the week from 15 Jan 2018 (500) is 20 short'
    """

    def named(found: re.Match[str]) -> str:
        start = parameters.calendar.start(np.array([int(found[1])])).astype("datetime64[D]").tolist()[0]
        return f"the {parameters.period} from {start:%d %b %Y}"

    return re.sub(r"\bperiod (\d+)", named, text)


def _rejected(admitted: Admitted) -> pd.DataFrame:
    """Return the rejected rows of the items: what is not planned has to be seen, not only counted."""
    found = admitted.quality
    rejected = (found["severity"] == "rejected") & (found["table"] == ITEMS.name) & found["row"].notna()
    rows = [
        (
            "critical",
            "",
            "",
            "",
            "not planned",
            f"row {row['row']:.0f} of {ITEMS.name} is not used: "
            f"{row['column']} is {row['value'] or 'blank'}, {row['reason']}",
            0.0,
            "Correct the row and refresh.",
        )
        for row in found[rejected].to_dict("records")
    ]
    return pd.DataFrame(rows, columns=EXCEPTIONS.column_names)


def _unread_overrides(written: pd.DataFrame) -> pd.DataFrame:
    rows = [
        (
            "warning",
            row.item,
            row.location,
            "",
            "override not read",
            f"override_quantity is {row.override_quantity}; expected units, zero or more",
            0.0,
            "Correct the override.",
        )
        for row in unread(written).itertuples()
    ]
    return pd.DataFrame(rows, columns=EXCEPTIONS.column_names)


def ranked(exceptions: pd.DataFrame) -> pd.DataFrame:
    """Return exceptions by severity, then money at stake, then name."""
    order = exceptions["severity"].map({name: rank for rank, name in enumerate(SEVERITIES)})
    keyed = exceptions.assign(_order=order).sort_values(
        ["_order", "value_at_stake", "item", "location", "kind"],
        ascending=[True, False, True, True, True],
        kind="stable",
    )
    return keyed.drop(columns="_order").reset_index(drop=True)


def _table(signal: Signal, items: pd.DataFrame) -> pd.DataFrame:
    rows = items.loc[signal.rows, ["item", "location", "description"]]
    return rows.assign(
        severity=signal.severity,
        kind=signal.kind,
        message=signal.message[signal.rows],
        value_at_stake=signal.value[signal.rows].round(2),
        action=signal.action if isinstance(signal.action, str) else signal.action[signal.rows],
    )[EXCEPTIONS.column_names]


def _stock_out_signals(items: pd.DataFrame, parameters: Parameters) -> Iterable[Signal]:
    price, risk = items["shortage_cost"], items["stockout_probability"]
    there = _there(items)
    alive = ((items["status"] != "phase-out") & (items["recent_demand"] > 0)).to_numpy()
    out = alive & (items["on_hand"] <= 0).to_numpy()
    lost = (items["expected_shortage"] * price).fillna(0.0)
    yield Signal(
        "stock-out",
        "critical",
        out,
        lost,
        _messages("out of stock with {} due in time", items["available"] - items["on_hand"])
        + _messages(f"; demand is {{}} a {parameters.period}", items["demand_per_period"]),
        _remedy(items),
    )
    low = (items["available"] < items["reorder_point"]).to_numpy() | (items["refused"] != "").to_numpy()
    likely = alive & ~out & low & (risk > LIKELY).to_numpy()
    chance = _messages(
        " run out with {}% probability before the next chance to order is delivered", (100 * risk).round()
    )
    yield Signal("stock-out likely", "critical", likely, lost, there + chance, _remedy(items))
    below = alive & ~out & ~likely & low & (items["refused"] == "").to_numpy()
    yield Signal(
        "below reorder point",
        "warning",
        below & (items["order_quantity"] + items["moved_in"] <= 0).to_numpy(),
        lost,
        there + _messages(" are below the reorder point of {}, and nothing is ordered", items["reorder_point"]),
        "See why in the plan; order by override if the reason does not hold.",
    )
    short = items["planned_short"]
    # A fill rate of 80% means that a fifth of demand is not met; only more than that is news.
    meant = (1.0 - items["expected_fill_rate"]) * items["demand_per_period"] * parameters.horizon_periods
    unmeant = (short - meant >= WORTH_SAYING).to_numpy()
    yield Signal(
        "shortage in plan",
        "warning",
        alive & ~out & ~likely & (items["refused"] == "").to_numpy() & unmeant,
        short * price,
        _messages("the order plan leaves {} units of expected demand unmet over the horizon", short),
        "See why in the plan: a limit binds, or the order would come too late.",
    )
    yield Signal(
        "beyond the plan",
        "critical",
        items["beyond_plan"].to_numpy(dtype=bool),
        lost,
        _messages(
            "a lead time of {} days is longer than orders are planned; nothing is ordered", items["lead_time_days"]
        ),
        "Order by override.",
    )


def _remedy(items: pd.DataFrame) -> pd.Series[str]:
    """Return what to do against a stock-out, given what is ordered now and what is on order."""
    ordered = _messages("{} are ordered now; ask for early delivery, or offer a substitute.", items["order_quantity"])
    expedite = _messages("Expedite the {} on order, or order by override.", items["on_order"])
    nothing = "Nothing is ordered now, see why in the plan; order by override if it must not run out."
    moved = _messages("{} are sent from another location now; see that they leave at once.", items["moved_in"])
    expedite = expedite.mask(items["moved_in"] > 0, moved)
    return ordered.where(
        items["order_quantity"] > 0, expedite.where(items["on_order"] + items["moved_in"] > 0, nothing)
    )


def _there(items: pd.DataFrame) -> pd.Series[str]:
    """Return what is there and what comes in time, in words."""
    coming = items["available"] - items["on_hand"]
    later = (items["on_order"] - coming).round(6)
    words = _messages("{} on hand and {} due in time", items["on_hand"], coming)
    return words + _messages(" ({} more come later)", later).where(later > 0, "")


def _surplus_signals(items: pd.DataFrame, parameters: Parameters) -> Iterable[Signal]:
    stock_value = items["on_hand"] * items["unit_cost"]
    dead = ((items["on_hand"] > 0) & (items["recent_demand"] <= 0) & (items["known_periods"] > 0)).to_numpy()
    yield Signal(
        "no recent demand",
        "warning",
        dead,
        stock_value,
        _messages(
            f"{{}} on hand and no demand in the last {{}} {parameters.period}s",
            items["on_hand"],
            items["recent_periods"],
        ),
        "Return, mark down or scrap; stop orders.",
    )
    excess = ~dead & ((items["excess_quantity"] > 0) & (items["known_periods"] > 0)).to_numpy()
    unit = f" {parameters.currency}" if parameters.currency else ""
    yield Signal(
        "excess",
        "warning",
        excess,
        items["excess_value"],
        _messages(
            "{} of {} on hand and on order are excess, worth {}" + unit,
            items["excess_quantity"],
            items["on_hand"] + items["on_order"],
            items["excess_value"].round(),
        ),
        "Stop orders; cancel what is on order; promote or return.",
    )


def _order_signals(items: pd.DataFrame, parameters: Parameters) -> Iterable[Signal]:
    there = items["on_hand"] + items["on_order"] + items["order_quantity"]
    smallest = np.maximum(items["moq"], items["lot_size"])
    daily = items["demand_per_period"] / parameters.calendar.days_per_period
    days = there / daily.clip(lower=1e-9)
    ordered = (items["order_quantity"] > 0) & (items["order_quantity"] <= smallest) & items["override"].isna()
    forced = ordered & (days > LONGEST_CYCLE_DAYS)
    yield Signal(
        "large minimum",
        "warning",
        forced.to_numpy(),
        items["order_quantity"] * items["unit_cost"],
        _messages(
            "with the order of {} stock lasts {} days: minimum {}, lot {}",
            items["order_quantity"],
            days.clip(upper=9999).round(),
            items["moq"],
            items["lot_size"],
        ),
        "Ask for a smaller minimum, or drop the item.",
    )
    spoils = items["spoiling"]
    yield Signal(
        "shelf life",
        "warning",
        (spoils * items["unit_cost"] > SPOILAGE).to_numpy(),
        spoils * items["unit_cost"],
        _messages(
            "{} of {} on hand, on order and to order will not sell within {} days of shelf life",
            spoils.round(),
            there,
            items["shelf_life_days"],
        ),
        _against_waste(items),
    )


def _against_waste(items: pd.DataFrame) -> pd.Series[str]:
    """Return what to do against waste, given whether it is what is ordered now, and what is on order."""
    actions = pd.Series("Promote or mark down before it spoils.", index=items.index)
    actions = actions.mask(items["on_order"] > 0, "Delay or cancel what is on order; promote or mark down the rest.")
    return actions.mask(
        items["spoiling_order"] > 0.5 * items["spoiling"], "Order less and more often, or accept the waste."
    )


def _attention_signals(items: pd.DataFrame) -> Iterable[Signal]:
    override = items["override"]
    yield Signal(
        "override",
        "notice",
        override.notna().to_numpy(),
        ((override - items["rule_quantity"]).abs() * items["unit_cost"]).fillna(0.0),
        _messages("the planner orders {}; the reorder point alone asks for {}", override, items["rule_quantity"]),
        "Clear override_quantity to follow the plan again.",
    )
    change = items["buffer_change"].fillna(0.0)
    moved = pd.Series("the reorder point rose", index=items.index).where(change > 0, "the reorder point fell")
    yield Signal(
        "buffer changed",
        "notice",
        large_changes(items),
        change.abs() * items["unit_cost"],
        moved
        + _messages(" from {} to {}: ", items["reorder_point"] - change, items["reorder_point"])
        + items["buffer_why"],
        "See whether the cause holds; the sheet Buffers has every change.",
    )
    unknown = (items["known_periods"] == 0).to_numpy()
    yield Signal(
        "no history",
        "warning",
        unknown,
        items["on_hand"] * items["unit_cost"],
        _messages("no known demand, so nothing is ordered; {} on hand", items["on_hand"]),
        "Give it demand rows (was it renamed?), or order by override.",
    )
    yield Signal(
        "weak forecast",
        "notice",
        items["weak_forecast"].to_numpy(dtype=bool) & ~unknown,
        items["order_quantity"] * items["unit_cost"],
        items["reason"].astype(str),
        "Review the first orders by hand.",
    )


def _level_signals(items: pd.DataFrame, parameters: Parameters) -> Iterable[Signal]:
    """Yield what the goals say of single items: no levels at all, or a likely stock-out that they accept."""
    alive = ((items["status"] != "phase-out") & (items["recent_demand"] > 0)).to_numpy()
    refused = alive & (items["refused"] != "").to_numpy()
    value = items["demand_per_period"] * items["shortage_cost"] * parameters.horizon_periods
    yield Signal(
        "no levels",
        "warning",
        refused,
        value.fillna(0.0),
        items["refused"] + ", so nothing is ordered",
        "Correct the value, or order by override.",
    )
    accepted = (items["available"] >= items["reorder_point"]) & (items["on_hand"] > 0)
    accepted &= items["stockout_probability"] > LIKELY
    yield Signal(
        "stock-out accepted",
        "notice",
        alive & ~refused & accepted.to_numpy(dtype=bool),
        (items["expected_shortage"] * items["shortage_cost"]).fillna(0.0),
        _there(items)
        + _messages(
            " run out with {}% probability before the next chance to order is delivered, as its service target accepts",
            (100 * items["stockout_probability"]).round(),
        ),
        "Give it a service_target of its own if it must not run out.",
    )


def _messages(template: str, *columns: pd.Series[float]) -> pd.Series[str]:
    texts = [template.format(*map(amount, row)) for row in zip(*(c.fillna(0.0) for c in columns), strict=True)]
    return pd.Series(texts, index=columns[0].index, dtype=object)
