"""An item's orders planned anew while all others stay: order cycles by forward recursion.

The recursion is that of Wagner and Whitin (Management Science 5, 1958) over the periods in which orders arrive; each
partial plan carries its stock, so that lots, minimums, shortages and shelf life are followed exactly, and lines are
charged what they add to their supplier's order and to every limit exceeded. Only the cheapest partial plan of a period
is kept, which with lots makes the result good rather than the best.
"""

from __future__ import annotations

import numpy as np

from invopt_xl.optimise.compiled import compiled_in_place, copied_in_place
from invopt_xl.optimise.local_search.chance import chance
from invopt_xl.optimise.local_search.columns import (
    ARRIVING,
    AVAILABLE,
    BARRED,
    BY_VALUE,
    CAN_ORDER,
    CAPACITY,
    DEMAND,
    EXCESS,
    FLOOR,
    FLOOR_PENALTY,
    FREE,
    GIVE_BACK,
    HAS_BREAKS,
    HOLDING,
    JOINT_COST,
    LABEL_MONEY,
    LABEL_STOCK,
    LEAD_TIME,
    LEAST,
    LINES,
    LIST_PRICE,
    LOT,
    MINIMUM,
    MOST,
    ON_HAND,
    ORDER_COST,
    ORIGIN,
    OWN_UNITS,
    OWN_VALUE,
    RATE,
    SELLS,
    SHORTAGE,
    STOCK,
    SUPPLIER,
    THRESHOLD,
    UNIT_COST,
    VALUE,
    VALUE_OF_UNIT,
    VOLUME,
    WEIGHT,
)
from invopt_xl.optimise.local_search.evaluator import line_discount, set_line, steps_discount
from invopt_xl.optimise.local_search.tables import State, Tables


@compiled_in_place
def refit(tables: Tables, state: State, item: int, blindness: float, lane: int) -> float:
    """Plan an item's orders anew and return what cost and weighted excess rise by, money.

    Transfers stay as they are, but for those of one lane (-1: of none), which are planned with the orders. Orders that
    are barred are not used, those that are free cost nothing but their lines; each possible line is overlooked with a
    probability, the blindness, so that plans differ.
    """
    rise = clear(tables, state, item, lane)
    _label(tables, state, item, blindness, lane)
    end = tables.shared.shape[1]
    while end > 0:
        source = state.label_from[1, end]
        begin = state.label_from[0, end]
        if source >= 0:
            rise += set_line(tables, state, source, begin - tables.sources[source, LEAD_TIME], state.label_from[2, end])
        end = begin
    return rise


@copied_in_place
def clear(tables: Tables, state: State, item: int, lane: int) -> float:
    """Take out all of an item's orders, of transfers only a lane's; return what cost and weighted excess rise by."""
    rise = 0.0
    for place in range(tables.member_starts[item], tables.member_starts[item + 1]):
        source = tables.members[place]
        if tables.sources[source, ORIGIN] < 0 or source == lane:
            for period in range(tables.shared.shape[1]):
                if state.lots[source, period] > 0:
                    rise += set_line(tables, state, source, period, 0)
    return rise


@copied_in_place
def _label(tables: Tables, state: State, item: int, blindness: float, lane: int) -> None:
    """Find the cheapest partial plan up to each period."""
    periods = tables.shared.shape[1]
    for period in range(1, periods + 1):
        state.labels[LABEL_MONEY, period] = np.inf
    state.labels[LABEL_MONEY, 0] = 0.0
    state.labels[LABEL_STOCK, 0] = tables.items[item, ON_HAND]
    simple = _is_simple(tables, state, item)
    for begin in range(periods):
        _cover(tables, state, item, begin, begin + 1, -1, 0, 0.0)
        for place in range(tables.member_starts[item], tables.member_starts[item + 1]):
            source = tables.members[place]
            period = begin - tables.sources[source, LEAD_TIME]
            if period < 0 or tables.lines[CAN_ORDER, source, period] == 0:
                continue
            if tables.sources[source, ORIGIN] >= 0 and source != lane:
                continue
            supplier = tables.sources[source, SUPPLIER]
            if supplier >= 0 and state.orders[BARRED, supplier, period] > 0:
                continue
            if blindness > 0 and chance(state) < blindness:
                continue
            _extend(tables, state, item, begin, source, simple)


@copied_in_place
def _is_simple(tables: Tables, state: State, item: int) -> bool:
    """Return whether nothing spoils, and all that is needed at once would not fill storage or working capital."""
    periods = tables.shared.shape[1]
    most = tables.items[item, ON_HAND] + tables.items[item, FLOOR]
    for period in range(periods):
        if tables.flows[SELLS, item, period] < np.inf:
            return False
        most += tables.flows[DEMAND, item, period] + max(state.flows[ARRIVING, item, period], 0.0)
    volume, value = most * tables.items[item, VOLUME], most * tables.items[item, VALUE_OF_UNIT]
    for period in range(periods):
        if state.used[1, period] + volume > tables.shared[1, period]:
            return False
        if state.used[2, period] + value > tables.shared[2, period]:
            return False
    return True


@copied_in_place
def _extend(tables: Tables, state: State, item: int, begin: int, source: int, simple: bool) -> None:
    """Offer lines that arrive in a period and last for one period, two periods ..."""
    start, position, need, before = state.labels[LABEL_MONEY, begin], state.labels[LABEL_STOCK, begin], 0.0, 0
    period, lot = begin - tables.sources[source, LEAD_TIME], tables.lines[LOT, source, 0]
    money, total_stock, floor, holding = 0.0, 0.0, tables.items[item, FLOOR], tables.items[item, HOLDING]
    for end in range(begin + 1, tables.shared.shape[1] + 1):
        position += state.flows[ARRIVING, item, end - 1] - tables.flows[DEMAND, item, end - 1]
        total_stock += position
        need = max(need, floor - position)
        if need <= 0:
            continue
        lots = max(int(np.ceil(need / lot - 1e-6)), tables.sources[source, LEAST])
        capped = lots > tables.sources[source, MOST]
        if capped:
            lots = tables.sources[source, MOST]
        units = lots * lot
        if lots != before:
            money = line_money(tables, state, source, period, units)
            # Less covers demand but not the floor, or half of it: worth it where money is short.
            fewer = max(int(np.ceil((need - floor) / lot - 1e-6)), lots - 1 - int(0.5 * floor / lot), before + 1)
            if tables.sources[source, LEAST] <= fewer < lots:
                less = line_money(tables, state, source, period, fewer * lot)
                _cover(tables, state, item, begin, end, source, fewer, less)
        before = lots
        if capped or not simple:
            _cover(tables, state, item, begin, end, source, lots, money)
            continue
        # The floor is kept throughout, so that stock costs nothing but its holding.
        total = start + money + holding * (total_stock + (end - begin) * units)
        if end == tables.shared.shape[1]:
            total += tables.items[item, GIVE_BACK] * (position + units - floor)
        _note(state, begin, end, source, lots, total, position + units)


@copied_in_place
def _note(state: State, begin: int, end: int, source: int, lots: int, total: float, position: float) -> None:
    """Note a partial plan if none up to its end is cheaper."""
    if total < state.labels[LABEL_MONEY, end]:
        state.labels[LABEL_MONEY, end], state.labels[LABEL_STOCK, end] = total, position
        state.label_from[0, end], state.label_from[1, end], state.label_from[2, end] = begin, source, lots


@copied_in_place
def _cover(tables: Tables, state: State, item: int, begin: int, end: int, source: int, lots: int, money: float) -> None:
    """Follow the item from one period to another after a line arrived, or none; note it if nothing is cheaper."""
    total = state.labels[LABEL_MONEY, begin] + money
    position = state.labels[LABEL_STOCK, begin]
    if source >= 0:
        position += lots * tables.lines[LOT, source, 0]
    floor, stock = tables.items[item, FLOOR], 0.0
    for period in range(begin, end):
        position += state.flows[ARRIVING, item, period]
        if position > tables.flows[SELLS, item, period]:
            total += tables.items[item, VALUE_OF_UNIT] * (position - tables.flows[SELLS, item, period])
            position = tables.flows[SELLS, item, period]
        total += _crowding(tables, state, item, 1, period, max(position, 0.0) - state.flows[AVAILABLE, item, period])
        position -= tables.flows[DEMAND, item, period]
        stock = max(position, 0.0)
        total += tables.items[item, HOLDING] * stock
        total += tables.items[item, SHORTAGE] * max(-position, 0.0) + tables.items[item, FLOOR_PENALTY] * max(
            floor - stock, 0.0
        )
        total += _crowding(tables, state, item, 2, period, stock - state.flows[STOCK, item, period])
        if position < 0 and not tables.backorder:
            position = 0.0
        if total >= state.labels[LABEL_MONEY, end]:
            return
    if end == tables.shared.shape[1]:
        total += tables.items[item, GIVE_BACK] * max(stock - floor, 0.0)
    _note(state, begin, end, source, lots, total, position)


@copied_in_place
def _crowding(tables: Tables, state: State, item: int, kind: int, period: int, more: float) -> float:
    """Return what more (or less) of an item in stock adds to the excess of storage or working capital, weighted."""
    if tables.shared[kind, period] == np.inf:
        return 0.0
    use = more * (tables.items[item, VOLUME] if kind == 1 else tables.items[item, VALUE_OF_UNIT])
    limit = kind * tables.shared.shape[1] + period
    over = max(state.used[kind, period] + use - tables.shared[kind, period], 0.0)
    return float(state.limits[WEIGHT, limit] * (over - state.limits[EXCESS, limit]))


@copied_in_place
def line_money(tables: Tables, state: State, source: int, period: int, units: float) -> float:
    """Return what a new line costs beside its stock: its share of order cost, discounts, and limits exceeded."""
    price = tables.lines[LIST_PRICE, source, period]
    worth = units * price
    money = tables.lines[ORDER_COST, source, 0] + tables.lines[UNIT_COST, source, period] * units
    if tables.sources[source, ORIGIN] >= 0:
        return float(money)
    over = max(state.used[0, period] + worth - tables.shared[0, period], 0.0)
    money += state.limits[WEIGHT, period] * (over - state.limits[EXCESS, period])
    supplier = tables.sources[source, SUPPLIER]
    if supplier < 0:
        return float(money)
    _, suppliers, periods = tables.orders.shape
    limit = 3 * periods + supplier * periods + period
    over = max(state.orders[OWN_UNITS, supplier, period] + units - tables.orders[CAPACITY, supplier, period], 0.0)
    money += state.limits[WEIGHT, limit] * (over - state.limits[EXCESS, limit])
    limit += suppliers * periods
    if state.orders[FREE, supplier, period] == 0:
        if state.orders[LINES, supplier, period] == 0:
            money += tables.orders[JOINT_COST, supplier, period]
        lacking = max(tables.orders[MINIMUM, supplier, period] - state.orders[OWN_VALUE, supplier, period] - worth, 0.0)
        money += state.limits[WEIGHT, limit] * (lacking - state.limits[EXCESS, limit])
    if tables.orders[HAS_BREAKS, supplier, period] > 0:
        money -= _more_discount(tables, state, source, period, units)
    return float(money)


@copied_in_place
def _more_discount(tables: Tables, state: State, source: int, period: int, units: float) -> float:
    """Return about what a line adds to its order's discount: its own, and others' as it lifts the order's value."""
    supplier, price = tables.sources[source, SUPPLIER], tables.lines[LIST_PRICE, source, period]
    others = state.orders[VALUE, supplier, period]
    value = others + units * price
    won = line_discount(tables, source, units, price, value)
    for place in range(tables.tier_starts[BY_VALUE, source], tables.tier_starts[BY_VALUE, source + 1]):
        if others < tables.tiers[THRESHOLD, place] <= value:
            won += tables.tiers[RATE, place] * others
    return max(won, steps_discount(tables, supplier, value) - steps_discount(tables, supplier, others))
