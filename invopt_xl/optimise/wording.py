"""Names and amounts in a planner's words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from invopt_xl.optimise.problem import OrderProblem

WORTH_TELLING = 0.005
"""Money per unit of a limit below which more of it is not worth a line."""


def source_name(problem: OrderProblem, source: int) -> str:
    """Return an item's name, with its supplier or origin where it has several sources.

    Examples
    --------
    >>> problem = OrderProblem(item_names=("tea",), supplier=[0, 1], source_item=[0, 0], unit_cost=[2.0, 3.0],
    ...                        demand=[[5.0]], on_hand=0.0, lead_time_periods=0, supplier_names=("K", "W"))
    >>> source_name(problem, 1)
    'tea from supplier W'
    """
    item = int(problem.source_item[source])
    name = problem.item_names[item]
    own = np.flatnonzero(problem.source_item == item).tolist()
    if len({(int(problem.origin[one]), _supplier_name(problem, one)) for one in own}) == 1:
        return name
    if problem.origin[source] >= 0:
        return f"{name} from {problem.item_names[int(problem.origin[source])]}"
    supplier = _supplier_name(problem, source)
    return name if supplier is None else f"{name} from supplier {supplier}"


def _supplier_name(problem: OrderProblem, source: int) -> str | None:
    supplier = int(problem.supplier[source])
    return problem.supplier_names[supplier] if supplier >= 0 else None


def money_in_words(amount: float) -> str:
    """Return an amount of money as a planner reads it: whole, or with decimals where it is small.

    Examples
    --------
    >>> money_in_words(4310.4), money_in_words(7.25), money_in_words(-3.0)
    ('4,310', '7.25', '-3')
    """
    whole = abs(amount) >= 100 or abs(amount - round(amount)) < 5e-3
    return f"{round(amount):,}" if whole else f"{amount:,.2f}"


def units_in_words(units: float) -> str:
    """Return units to a tenth.

    Examples
    --------
    >>> units_in_words(1200.0), units_in_words(19.71), units_in_words(2.98)
    ('1,200', '19.7', '3')
    """
    return f"{units:,.1f}".removesuffix(".0")


def expected_units(units: float, lot_size: float) -> str:
    """Return expected units in words: of what is ordered in whole units whole ones, and nothing below one.

    Parameters
    ----------
    units
        An expectation, such as what may spoil.
    lot_size
        What orders are multiples of, units.

    Examples
    --------
    >>> expected_units(5.9, 2.0), expected_units(0.4, 2.0), expected_units(19.71, 0.5), expected_units(80.0, 1.0)
    ('about 6', '', '19.7', '80')
    """
    if lot_size <= 0 or not float(lot_size).is_integer():
        return units_in_words(units)
    if units < 1.0:
        return ""
    return f"{'' if abs(units - round(units)) < 0.05 else 'about '}{round(units):,}"


def units_named(number: str) -> str:
    """Return a number of units, as it is written, with its noun.

    Examples
    --------
    >>> units_named("1"), units_named("about 1"), units_named("0.5"), units_named("1,200")
    ('1 unit', 'about 1 unit', '0.5 units', '1,200 units')
    """
    return f"{number} unit" if number.removeprefix("about ") == "1" else f"{number} units"


def units_that(number: str, verb: str) -> str:
    """Return a number of units with its noun and a verb, which is given as it is of several.

    Examples
    --------
    >>> units_that("1", "are"), units_that("4", "are"), units_that("1", "exceed")
    ('1 unit is', '4 units are', '1 unit exceeds')
    """
    named = units_named(number)
    return f"{named} {verb}" if named.endswith("s") else f"{named} {'is' if verb == 'are' else f'{verb}s'}"


def without_capacity(suppliers: Sequence[str], when: str = "") -> str:
    """Return that suppliers take no orders: always, for want of capacity; or in some periods, closed or not.

    Examples
    --------
    >>> without_capacity(["K"], " in period 2")
    'supplier K takes no orders in period 2'
    >>> without_capacity(["K", "W"])
    'nothing can be ordered from suppliers K and W: their capacity is 0'
    """
    one = len(suppliers) == 1
    noun, whose = ("supplier", "its") if one else ("suppliers", "their")
    if when:
        return f"{noun} {listed(suppliers)} {'takes' if one else 'take'} no orders{when}"
    return f"nothing can be ordered from {noun} {listed(suppliers)}: {whose} capacity is 0"


def listed(parts: Sequence[str]) -> str:
    """Return parts as one list in words.

    Examples
    --------
    >>> listed(["tea"]), listed(["tea", "salt"]), listed(["tea", "salt", "rice"])
    ('tea', 'tea and salt', 'tea, salt and rice')
    """
    return " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else "".join(parts)
