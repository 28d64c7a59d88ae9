"""The declarations: every cell function once, by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import Any, Literal

from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.cells import Given

Cost = Literal["cheap", "cached", "heavy", "live"]
"""What a call costs.

- ``cheap``: microseconds; computed where it is asked.
- ``cached``: up to a second; computed once for equal arguments, kept in memory.
- ``heavy``: seconds; computed in a process of its own with a time budget, kept on disk.
- ``live``: cheap, but asked about the state of things, so never kept.
"""

Shape = Literal["each", "record", "series", "table", "one"]
"""What a call returns.

- ``each``: a value for each item, laid out like the arguments.
- ``record``: a few values for each item, side by side.
- ``series``: a value for each item and period, laid out like the series that were given.
- ``table``: rows under a header.
- ``one``: one value.
"""

Category = Literal["Forecast", "Stock", "Orders", "Segments", "Help"]

ROOMS = ("forecasts", "histories", "stock", "orders", "order_plans", "segments", "cover", "service_mixes", "help")
"""Modules of `invopt_xl.sheet.functions`, in the order of the catalogue."""


@dataclass(frozen=True)
class Result:
    """What a function returns.

    Parameters
    ----------
    shape
        How it is laid out.
    help
        What it is, with its unit.
    fields
        Names of the values of a record, or of the columns of a table.
    beside
        Whether a series is about the periods given, so that it stands beside them: their header and their empty ends
        stay empty.
    """

    shape: Shape
    help: str
    fields: tuple[str, ...] = ()
    beside: bool = False


@dataclass(frozen=True)
class Function:
    """A cell function.

    Parameters
    ----------
    name
        Upper case with underscores, without the prefix a host puts before it.
    category
        Where it stands in lists.
    help
        One sentence: what it returns.
    notes
        Further sentences: the method, its source, what it assumes.
    arguments
        In order; optional ones last.
    result
        What it returns.
    cost
        What a call costs.
    compute
        Takes what the arguments mean, by name, and returns what the result's shape asks for.
    example
        Arguments of a worked example, such as ``(1200, 50, 2.5)``; a range is a list of rows.
    together
        Whether items depend on each other, such as in a ranking.
    because
        Returns a sentence for each item from what ``compute`` took, and its items' results; None has none to say.
    needs_run
        Whether ``compute`` takes the surroundings first, as ``run``.
    """

    name: str
    category: Category
    help: str
    notes: str
    arguments: tuple[Argument, ...]
    result: Result
    cost: Cost
    compute: Callable[..., Any]
    example: tuple[Given, ...]
    together: bool = False
    because: Callable[..., list[str]] | None = None
    needs_run: bool = False

    @property
    def signature(self) -> str:
        """How it is called, optional arguments in brackets.

        Examples
        --------
        >>> catalogue()["EOQ"].signature
        'EOQ(demand, order_cost, holding_cost, [minimum_order_quantity], [lot_size])'
        """
        names = [each.name if each.required else f"[{each.name}]" for each in self.arguments]
        return f"{self.name}({', '.join(names)})"

    def argument(self, name: str) -> Argument:
        """Return one argument by its name."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Argument]:
        return {each.name: each for each in self.arguments}


_declared: dict[str, Function] = {}


def cell_function(
    category: Category,
    *arguments: Argument,
    result: Result,
    cost: Cost,
    example: tuple[Given, ...],
    together: bool = False,
    because: Callable[..., list[str]] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a cell function named like the Python function; its docstring is the help.

    The Python function takes one parameter for each argument, in order and of the same name; before them ``run``, where
    it needs the surroundings. It gets

    - of an ``each`` argument an array over the items (numbers as float64, NaN where nothing is given and there is no
      default; flags as bool; choices and texts as a list of str),
    - of a ``one`` argument the value, None where nothing is given and there is no default,
    - of a ``series`` an array over items and periods, NaN where not known; None where it is not given,
    - of a ``list`` an array, of a ``table`` a frame of cells as found, of a ``cell`` or ``rest`` what was given.

    It returns an array or list over the items (``each``), an array or list of rows, one for each item (``record`` and
    ``series``), a frame (``table``) or a value (``one``). An `InvoptError` in place of an item's value is shown there;
    one that it raises concerns all the items it was given, which are then tried in halves unless ``together``.

    ``because`` is called as ``because(results, **arguments)``: with what the Python function returned for its items,
    none of them refused, and what it took for them, without ``run``. It returns a sentence for each of those items.
    """

    def declare(compute: Callable[..., Any]) -> Callable[..., Any]:
        name = compute.__name__.upper()
        first, _, rest = (compute.__doc__ or "").strip().partition("\n\n")
        notes = " ".join(rest.split("Examples\n")[0].split())
        _declared[name] = Function(
            name=name,
            category=category,
            help=" ".join(first.split()),
            notes=notes,
            arguments=arguments,
            result=result,
            cost=cost,
            compute=compute,
            example=example,
            together=together,
            because=because,
            needs_run="run" in inspect.signature(compute).parameters,
        )
        return compute

    return declare


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Function]:
    """Return all cell functions by name, in the order in which they are listed.

    Examples
    --------
    >>> catalogue()["EOQ"].help
    'Economic order quantity: the lot that costs least in orders and stock, in units.'
    """
    for room in ROOMS:
        import_module(f"invopt_xl.sheet.functions.{room}")
    return MappingProxyType(dict(_declared))
