"""The accounts of a plan, kept up to date line by line; exact with respect to `accounting.account`."""

from __future__ import annotations

from invopt_xl.optimise.compiled import compiled_in_place, copied_in_place
from invopt_xl.optimise.local_search.columns import (
    ARRIVING,
    AVAILABLE,
    BY_QUANTITY,
    BY_VALUE,
    CAPACITY,
    DEMAND,
    EXCESS,
    FIXED,
    FLOOR,
    FLOOR_PENALTY,
    GIVE_BACK,
    GIVEN,
    HAS_BREAKS,
    HOLDING,
    ITEM,
    JOINT_COST,
    LACKING,
    LEAD_TIME,
    LINES,
    LIST_PRICE,
    LOT,
    MINIMUM,
    ON_HAND,
    ORDER_COST,
    ORDER_MONEY,
    ORDER_STEPS,
    ORIGIN,
    OWN_LINES,
    OWN_UNITS,
    OWN_VALUE,
    RATE,
    SELLS,
    SHORTAGE,
    STEPS,
    STOCK,
    SUPPLIER,
    THRESHOLD,
    UNIT_COST,
    VALUE,
    VALUE_OF_UNIT,
    VOLUME,
    WEIGHT,
)
from invopt_xl.optimise.local_search.tables import State, Tables


@copied_in_place
def set_line(tables: Tables, state: State, source: int, period: int, lots: int) -> float:
    """Change a line of a plan and return what that adds to its cost and weighted excess, money."""
    before = state.quantity[source, period]
    after = tables.lines[FIXED, source, period] + lots * tables.lines[LOT, source, 0]
    log = state.counts[1]
    state.log[0, log], state.log[1, log], state.log[2, log] = source, period, state.lots[source, period]
    state.counts[1] = log + 1
    state.lots[source, period] = lots
    state.quantity[source, period] = after
    money = tables.lines[UNIT_COST, source, period] * (after - before)
    if after > 0 and before <= 0:
        money += tables.lines[ORDER_COST, source, 0]
    elif after <= 0 and before > 0:
        money -= tables.lines[ORDER_COST, source, 0]
    state.totals[0] += money
    arrival = period + tables.sources[source, LEAD_TIME]
    if arrival < tables.shared.shape[1]:
        state.flows[ARRIVING, tables.sources[source, ITEM], arrival] += after - before
        money += refresh_item(tables, state, tables.sources[source, ITEM], arrival)
    origin = tables.sources[source, ORIGIN]
    if origin >= 0:
        state.flows[ARRIVING, origin, period] -= after - before
        return float(money + refresh_item(tables, state, origin, period))
    state.used[0, period] += tables.lines[LIST_PRICE, source, period] * (after - before)
    money += _set_excess(state, period, state.used[0, period] - tables.shared[0, period])
    if tables.sources[source, SUPPLIER] >= 0:
        money += refresh_order(tables, state, tables.sources[source, SUPPLIER], period)
    return float(money)


@compiled_in_place
def undo(tables: Tables, state: State, mark: int) -> None:
    """Take back what was changed since the log had so many entries."""
    for entry in range(state.counts[1] - 1, mark - 1, -1):
        source, period, lots = state.log[0, entry], state.log[1, entry], state.log[2, entry]
        state.counts[1] = entry  # taking back is not logged
        set_line(tables, state, source, period, lots)
    state.counts[1] = mark


@copied_in_place
def refresh_item(tables: Tables, state: State, item: int, since: int) -> float:
    """Follow an item through the periods again, as `accounting.simulate` does; return what cost and excess rise by."""
    periods = tables.shared.shape[1]
    floor, money, overdrawn, change = tables.items[item, FLOOR], 0.0, 0.0, 0.0
    position = tables.items[item, ON_HAND]
    for period in range(periods):
        missing = -(max(position, 0.0) + state.flows[ARRIVING, item, period])
        if missing > 0:
            overdrawn += max(missing - tables.flows[LACKING, item, period], 0.0)
        position += state.flows[ARRIVING, item, period]
        if position > tables.flows[SELLS, item, period]:
            money += tables.items[item, VALUE_OF_UNIT] * (position - tables.flows[SELLS, item, period])
            position = tables.flows[SELLS, item, period]
        available = max(position, 0.0)
        position -= tables.flows[DEMAND, item, period]
        stock = max(position, 0.0)
        money += tables.items[item, HOLDING] * stock
        money += tables.items[item, SHORTAGE] * max(-position, 0.0) + tables.items[item, FLOOR_PENALTY] * max(
            floor - stock, 0.0
        )
        if position < 0 and not tables.backorder:
            position = 0.0
        if period >= since:
            change += _use(
                tables,
                state,
                1,
                period,
                tables.items[item, VOLUME] * (available - state.flows[AVAILABLE, item, period]),
            )
            change += _use(
                tables, state, 2, period, tables.items[item, VALUE_OF_UNIT] * (stock - state.flows[STOCK, item, period])
            )
            state.flows[AVAILABLE, item, period] = available
            state.flows[STOCK, item, period] = stock
    money += tables.items[item, GIVE_BACK] * max(stock - floor, 0.0)
    limit = state.limits.shape[1] - len(tables.items) + item
    if overdrawn > 0 or state.limits[EXCESS, limit] > 0:
        change += _set_excess(state, limit, overdrawn - 1e-7)
    rise = money - state.item_cost[item]
    state.item_cost[item] = money
    state.totals[0] += rise
    return float(change + rise)


@copied_in_place
def _use(tables: Tables, state: State, kind: int, period: int, more: float) -> float:
    """Take more of storage or working capital."""
    if more == 0.0:
        return 0.0
    state.used[kind, period] += more
    limit = kind * tables.shared.shape[1] + period
    return _set_excess(state, limit, state.used[kind, period] - tables.shared[kind, period])


@copied_in_place
def _set_excess(state: State, limit: int, excess: float) -> float:
    """Note how far a limit is exceeded (not at all, where negative); return what the weighted excess rises by."""
    before = state.limits[EXCESS, limit]
    after = max(excess, 0.0)
    if after == before:
        return 0.0
    state.counts[0] += int(after > 0) - int(before > 0)
    state.limits[EXCESS, limit] = after
    rise = state.limits[WEIGHT, limit] * (after - before)
    state.totals[1] += rise
    return float(rise)


@copied_in_place
def refresh_order(tables: Tables, state: State, supplier: int, period: int) -> float:
    """Price a supplier's order of a period again; return what cost and excess rise by."""
    lines, own_lines, own_units, value, own_value = 0, 0, 0.0, 0.0, 0.0
    node = len(tables.items) + supplier
    for place in range(tables.member_starts[node], tables.member_starts[node + 1]):
        source = tables.members[place]
        units = state.quantity[source, period]
        if units > 0:
            worth = units * tables.lines[LIST_PRICE, source, period]
            lines += 1
            value += worth
            if state.lots[source, period] > 0:
                own_lines += 1
                own_units += units
                own_value += worth
    state.orders[LINES, supplier, period], state.orders[OWN_LINES, supplier, period] = lines, own_lines
    state.orders[OWN_UNITS, supplier, period] = own_units
    state.orders[VALUE, supplier, period], state.orders[OWN_VALUE, supplier, period] = value, own_value
    money = tables.orders[JOINT_COST, supplier, period] if lines > 0 else 0.0
    if lines > 0 and tables.orders[HAS_BREAKS, supplier, period] > 0:
        money -= _order_discount(tables, state, supplier, period, value)
    rise = money - state.orders[ORDER_MONEY, supplier, period]
    state.orders[ORDER_MONEY, supplier, period] = money
    state.totals[0] += rise
    _, suppliers, periods = tables.orders.shape
    limit = 3 * periods + supplier * periods + period
    rise += _set_excess(state, limit, own_units - tables.orders[CAPACITY, supplier, period])
    lacking = tables.orders[MINIMUM, supplier, period] - own_value if own_lines > 0 else 0.0
    return float(rise + _set_excess(state, limit + suppliers * periods, lacking))


@copied_in_place
def _order_discount(tables: Tables, state: State, supplier: int, period: int, value: float) -> float:
    """Return what an order wins: each line's best price break, or that of the whole order if it wins more."""
    won = 0.0
    node = len(tables.items) + supplier
    for place in range(tables.member_starts[node], tables.member_starts[node + 1]):
        source = tables.members[place]
        units = state.quantity[source, period]
        if units > 0:
            won += line_discount(tables, source, units, tables.lines[LIST_PRICE, source, period], value)
    return max(won, steps_discount(tables, supplier, value))


@copied_in_place
def line_discount(tables: Tables, source: int, units: float, price: float, value: float) -> float:
    """Return what a line wins in an order of some value, money."""
    rate = 0.0
    for place in range(tables.tier_starts[BY_VALUE, source], tables.tier_starts[BY_VALUE, source + 1]):
        if value >= tables.tiers[THRESHOLD, place]:
            rate = max(rate, tables.tiers[RATE, place])
    for place in range(tables.tier_starts[BY_QUANTITY, source], tables.tier_starts[BY_QUANTITY, source + 1]):
        if units >= tables.tiers[THRESHOLD, place]:
            rate = max(rate, tables.tiers[RATE, place])
    saved = 0.0
    for place in range(tables.tier_starts[STEPS, source], tables.tier_starts[STEPS, source + 1]):
        saved += tables.tiers[RATE, place] * max(units - tables.tiers[THRESHOLD, place], 0.0)
    return price * max(rate * units, saved)


@copied_in_place
def steps_discount(tables: Tables, supplier: int, value: float) -> float:
    """Return what incremental price breaks on the whole order win, money."""
    won = 0.0
    for place in range(tables.tier_starts[ORDER_STEPS, supplier], tables.tier_starts[ORDER_STEPS, supplier + 1]):
        won += tables.tiers[RATE, place] * max(value - tables.tiers[THRESHOLD, place], 0.0)
    return won


@copied_in_place
def keep_best(state: State) -> None:
    """Keep the plan if it keeps every limit and is the cheapest of those so far."""
    if state.counts[0] == 0 and state.totals[0] < state.totals[2]:
        state.totals[2] = state.totals[0]
        for source in range(state.lots.shape[0]):
            for period in range(state.lots.shape[1]):
                state.best[source, period] = state.lots[source, period]


@compiled_in_place
def take_stock(tables: Tables, state: State) -> None:
    """Work out all accounts of a plan from its lines: at the start, and now and then against lost digits."""
    periods = tables.shared.shape[1]
    state.totals[:2] = 0.0
    state.counts[:2] = 0
    state.limits[EXCESS, :] = 0.0
    state.used[:] = 0.0
    state.item_cost[:] = 0.0
    state.orders[ORDER_MONEY, :] = 0.0
    state.flows[AVAILABLE, :] = 0.0
    state.flows[STOCK, :] = 0.0
    for item in range(len(tables.items)):
        for period in range(periods):
            state.flows[ARRIVING, item, period] = tables.flows[GIVEN, item, period]
    for source in range(len(tables.sources)):
        for period in range(periods):
            units = state.quantity[source, period]
            if units <= 0:
                continue
            state.totals[0] += tables.lines[ORDER_COST, source, 0] + tables.lines[UNIT_COST, source, period] * units
            arrival = period + tables.sources[source, LEAD_TIME]
            if arrival < periods:
                state.flows[ARRIVING, tables.sources[source, ITEM], arrival] += units
            if tables.sources[source, ORIGIN] >= 0:
                state.flows[ARRIVING, tables.sources[source, ORIGIN], period] -= units
            else:
                own = units - tables.lines[FIXED, source, period]
                state.used[0, period] += tables.lines[LIST_PRICE, source, period] * own
    for period in range(periods):
        _set_excess(state, period, state.used[0, period] - tables.shared[0, period])
        for supplier in range(tables.orders.shape[1]):
            refresh_order(tables, state, supplier, period)
    for item in range(len(tables.items)):
        refresh_item(tables, state, item, 0)
    keep_best(state)
