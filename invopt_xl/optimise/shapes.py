"""What shaped each order line."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from invopt_xl.optimise.accounting import Flow, sellable, simulate
from invopt_xl.optimise.cut_short import cut_short
from invopt_xl.optimise.discounts import counted, covered_sources, order_discounts
from invopt_xl.optimise.groundwork import Groundwork, of_sources
from invopt_xl.optimise.larger_lines import KINDS, LargerLines
from invopt_xl.optimise.problem import OrderProblem
from invopt_xl.optimise.terms import TOLERANCE, BoolArray, FloatArray

SHAPES = (
    "",
    "need",
    "minimum",
    "lot",
    "joint",
    "supplier minimum",
    "discount",
    "price",
    "capacity",
    "budget",
    "storage",
    "working capital",
    "next capacity",
    "next budget",
    "next storage",
    "next capital",
    "shelf life",
    "frozen",
    "transfer",
    "emergency",
    "override",
)
"""What can shape an order line; the empty one stands where there is no line.

``"price"``: more than is needed before the next line, for its price rises, or a source cheaper than the item's first;
``"next budget"`` and its like: of the limit there is some left, but not as much as the next line needs, which would be
ordered along; ``"frozen"``: as soon as periods are no longer frozen, for stock stands below its floor by then.
"""

PLAIN = ("need", "joint", "lot")
"""Shapes of lines that nothing made much larger or smaller."""

NEARLY = 0.02
"""Share of a limit within which it counts as used up: less than a line needs."""


def shapes_of(work: Groundwork, quantity: FloatArray) -> npt.NDArray[np.str_]:
    """Return for each order line the limit that shaped it most, one of `SHAPES`, by source and period.

    What is told first is what the planner or the calendar decided, then a limit without room, then what made the line
    larger than needed, then what moved it.
    """
    problem = work.problem
    lines = quantity > 0
    flow = simulate(problem, quantity)
    extra, urgent = _beyond_need(problem, quantity, flow)
    shapes = np.where(lines, "need", "").astype("<U16")
    partners = of_sources(problem, problem.sum_by_supplier(lines.astype(float)), 0.0)
    shapes[lines & (partners > 1) & ~urgent] = "joint"
    _mark_larger(work, quantity, extra, urgent, shapes)
    _mark_scarce(work, quantity, shapes)
    if np.isfinite(problem.shelf_life_periods).any():
        shapes[lines & _up_to_shelf_life(problem, flow)] = "shelf life"
    if problem.frozen_periods:
        first = np.arange(problem.periods) == problem.frozen_periods
        shapes[lines & first & _below_before(problem, flow)] = "frozen"
    shapes[lines & problem.transfer[:, None]] = "transfer"
    shapes[lines & (problem.emergency & ~problem.transfer)[:, None]] = "emergency"
    shapes[work.fixed > 0] = "override"
    return shapes


def _beyond_need(problem: OrderProblem, quantity: FloatArray, flow: Flow) -> tuple[FloatArray, BoolArray]:
    """Return the units of each line not needed before its item's next one, and whether any are needed on arrival."""
    spare = flow.stock - problem.safety_stock[:, None]
    extra = np.zeros_like(quantity)
    urgent = np.zeros(quantity.shape, dtype=bool)
    sources, periods = np.nonzero(quantity > 0)
    arrivals = periods + problem.lead_time_periods[sources]
    items = problem.source_item[sources]
    order = np.lexsort((arrivals, items))
    ends = np.full(len(order), problem.periods)
    ends[order[:-1]] = np.where(items[order[1:]] == items[order[:-1]], arrivals[order[1:]], problem.periods)
    for source, period, arrival, end in zip(
        sources.tolist(), periods.tolist(), arrivals.tolist(), ends.tolist(), strict=True
    ):
        left = spare[problem.source_item[source], arrival : max(end, arrival + 1)]
        if len(left):
            units, spoilt = quantity[source, period], float(flow.waste[problem.source_item[source], arrival])
            extra[source, period] = min(max(float(left.min()), 0.0) + spoilt, units)
            urgent[source, period] = left[0] < units
    return extra, urgent


def _mark_larger(
    work: Groundwork, quantity: FloatArray, extra: FloatArray, urgent: BoolArray, shapes: npt.NDArray[np.str_]
) -> None:
    """Mark what made lines larger or sooner than needed, or chose a source."""
    problem = work.problem
    lot, smallest = problem.lot_size[:, None], work.smallest_line[:, None]
    beyond = (quantity > 0) & (extra > TOLERANCE * np.maximum(1, quantity))
    by_lots = beyond & (extra >= lot * (1 - TOLERANCE))
    larger_or_sooner = by_lots | (quantity > 0) & ~urgent
    filled_up, for_minimum = _for_the_minimum(work, quantity)
    shapes[beyond & (extra < lot * (1 - TOLERANCE)) & (lot > 1)] = "lot"
    shapes[(quantity > 0) & _cheaper_than_first(problem)] = "price"
    shapes[by_lots & _price_rises(problem)] = "price"
    shapes[by_lots & (order_discounts(problem, quantity) > 0) & ~_beyond_its_break(problem, quantity)] = "discount"
    shapes[larger_or_sooner & _for_a_step(problem, quantity)] = "discount"
    shapes[larger_or_sooner & for_minimum & (shapes != "discount")] = "supplier minimum"
    shapes[by_lots & filled_up] = "supplier minimum"
    shapes[beyond & (quantity <= smallest * (1 + TOLERANCE)) & (smallest > lot)] = "minimum"


def _for_the_minimum(work: Groundwork, quantity: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Return the lines of orders filled up to their minimum value, and those without which an order would not reach it.

    As for the step of a discount: an order beyond it by less than `NEARLY` of it was filled up; in a larger one, each
    line counts that is more than the order has to spare. Where the planner has lines, no minimum is asked for.
    """
    problem = work.problem
    value = problem.unit_cost * quantity
    minimum = of_sources(problem, work.order_minimum, 0.0)
    to_spare = of_sources(problem, problem.sum_by_supplier(value), 0.0) - minimum
    filled_up = (minimum > 0) & (to_spare < NEARLY * minimum)
    return filled_up, (minimum > 0) & (value > 0) & (filled_up | (to_spare < value))


def _for_a_step(problem: OrderProblem, quantity: FloatArray) -> BoolArray:
    """Return the lines without which their order would not reach the step of a discount, or would hardly.

    An order beyond a step by less than `NEARLY` of it was filled up to it; in a larger one, each line counts that is
    more than the order has to spare.
    """
    value = problem.unit_cost * quantity
    total = of_sources(problem, problem.sum_by_supplier(value), 0.0)
    found = np.zeros(quantity.shape, dtype=bool)
    for discount in counted(problem):
        if discount.from_value is None or discount.rate <= 0:
            continue
        rows = covered_sources(problem, discount)
        to_spare = total[rows] - discount.from_value
        at_step = (to_spare < NEARLY * discount.from_value) | (to_spare < value[rows])
        found[rows] |= (value[rows] > 0) & (to_spare >= 0) & at_step
    return found


def _beyond_its_break(problem: OrderProblem, quantity: FloatArray) -> BoolArray:
    """Return the lines that win a price break on their own quantity, and would with a lot less."""
    lot, smaller = problem.lot_size[:, None], np.zeros(quantity.shape, dtype=bool)
    by_line = [one for one in counted(problem) if one.from_quantity is not None]
    highest = np.full(quantity.shape, -1.0)
    for one in by_line:
        rows = covered_sources(problem, one)
        won = quantity[rows] >= (one.from_quantity or 0.0)
        highest[rows] = np.where(won, np.maximum(highest[rows], one.from_quantity or 0.0), highest[rows])
    smaller |= (highest >= 0) & (quantity - lot >= highest * (1 + TOLERANCE))
    return smaller


def _price_rises(problem: OrderProblem) -> BoolArray:
    """Return by source and period whether a unit costs more in any later period."""
    later = np.full_like(problem.unit_cost, -np.inf)
    later[:, :-1] = np.maximum.accumulate(problem.unit_cost[:, :0:-1], axis=1)[:, ::-1]
    return np.asarray(later > problem.unit_cost * (1 + TOLERANCE))


def _cheaper_than_first(problem: OrderProblem) -> BoolArray:
    """Return by source and period whether it costs less than the item's first source that is bought and regular."""
    regular = ~problem.transfer & ~problem.emergency
    first = np.full(problem.items, -1)
    rows = np.flatnonzero(regular)[::-1]
    first[problem.source_item[rows]] = rows  # reversed: an item's first source is written last
    own = first[problem.source_item]
    cheaper = problem.unit_cost < problem.unit_cost[own] * (1 - TOLERANCE)
    return np.asarray(cheaper & (regular & (own >= 0))[:, None])


def _on_arrival(problem: OrderProblem, table: BoolArray, *, otherwise: bool = False, before: int = 0) -> BoolArray:
    """Return a table by item and period as one by source and order period: its value when the line arrives."""
    result = np.full((problem.sources, problem.periods), otherwise)
    for lead_time in np.unique(problem.lead_time_periods):
        shift = int(lead_time) - before
        rows = np.flatnonzero(problem.lead_time_periods == lead_time)
        values = table[problem.source_item[rows]]
        if shift < 0:
            result[rows, -shift:] = values[:, :shift]
        elif shift < problem.periods:
            result[rows, : problem.periods - shift] = values[:, shift:]
    return result


def _below_floor(problem: OrderProblem, flow: Flow) -> BoolArray:
    floor = problem.safety_stock[:, None]
    return np.asarray((flow.stock < floor * (1 - TOLERANCE)) | (flow.short > TOLERANCE))


def _below_before(problem: OrderProblem, flow: Flow) -> BoolArray:
    """Return by line whether its item stands below its floor just before the line arrives."""
    return _on_arrival(problem, _below_floor(problem, flow), before=1)


def _up_to_shelf_life(problem: OrderProblem, flow: Flow) -> BoolArray:
    """Return by line whether one lot more would outlast its shelf life, though the horizon goes on beyond that.

    Lines of which something spoils are none of them: it is not shelf life that made these so large.
    """
    room = sellable(problem) - flow.available
    clock = np.arange(problem.periods)
    within = (clock + problem.shelf_life_periods[:, None] < problem.periods) & (flow.waste <= TOLERANCE)
    result = np.zeros((problem.sources, problem.periods), dtype=bool)
    for lot in np.unique(problem.lot_size):
        rows = problem.lot_size == lot
        result[rows] = _on_arrival(problem, within & (room < lot * (1 - TOLERANCE)))[rows]
    return result


def _mark_scarce(work: Groundwork, quantity: FloatArray, shapes: npt.NDArray[np.str_]) -> None:
    """Mark lines that would be larger if some limit had room for it."""
    lines = LargerLines(work, quantity)
    ordered = (quantity > 0) & lines.may
    cut = cut_short(lines, ordered)
    _mark_together(lines, ordered, cut.held, shapes)
    plain = np.isin(shapes, PLAIN)
    for kind, held, no_next in zip(KINDS, cut.held, cut.no_next, strict=True):
        shapes[no_next & plain] = f"next {kind.removeprefix('working ')}"
        shapes[held] = kind


def _mark_together(lines: LargerLines, ordered: BoolArray, cut: BoolArray, shapes: npt.NDArray[np.str_]) -> None:
    """Mark the lines of a period that use up a limit to the last, where none of them alone would be larger.

    Only together would they be others: so it is told of all that nothing else made as large as they are.
    """
    work, problem = lines.work, lines.problem
    larger = ordered & (lines.quantity > work.smallest_line[:, None] * (1 + TOLERANCE))
    plain = np.isin(shapes, PLAIN)
    held = dict(zip(KINDS, cut, strict=True))
    by_supplier = of_sources(problem, problem.sum_by_supplier(held["capacity"].astype(float)), 0.0) > 0
    for kind, left, limit, told in (
        ("budget", lines.room.budget, work.budget, held["budget"].any(axis=0)),
        ("capacity", lines.room.capacity, of_sources(problem, work.capacity, np.inf), by_supplier),
    ):
        none_left = left <= TOLERANCE * np.where(np.isfinite(limit), limit, 0.0)
        shapes[larger & plain & none_left & ~told] = kind
