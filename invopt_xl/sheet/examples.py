"""The example of a function as a sheet would hold it: values in cells, and the formula that refers to them."""

from __future__ import annotations

from dataclasses import dataclass

from invopt_xl.sheet.catalogue import Function
from invopt_xl.sheet.cells import Cell, Given, held, shown

Place = tuple[int, int]
"""Row and column, counted from 1."""


@dataclass(frozen=True)
class Example:
    """A worked example.

    Parameters
    ----------
    cells
        What stands where.
    arguments
        As a formula has them: values, texts in quotes, ranges such as ``B1:B24``; empty where omitted.
    """

    cells: dict[Place, Cell]
    arguments: tuple[str, ...]

    def formula(self, name: str, separator: str = ", ") -> str:
        """Return the formula, without the sign of equality."""
        return f"{name}({separator.join(self.arguments)})"


def example_of(function: Function, first: Place = (1, 2)) -> Example:
    """Return the example of a function, its ranges side by side from a cell on.

    Examples
    --------
    >>> from invopt_xl.sheet import catalogue
    >>> example_of(catalogue()["EOQ"]).formula("INVOPT_EOQ")
    'INVOPT_EOQ(1200, 50, 2.5)'
    """
    cells: dict[Place, Cell] = {}
    arguments = []
    row, column = first
    for given in function.example:
        if isinstance(given, list | tuple):
            for down, line in enumerate(given):
                for across, cell in enumerate(line):
                    cells[row + down, column + across] = cell
            arguments.append(f"{address((row, column))}:{address((row + len(given) - 1, column + len(given[0]) - 1))}")
            column += len(given[0]) + 1
        else:
            arguments.append(written(given))
    return Example(cells, tuple(arguments))


def address(place: Place) -> str:
    """Return how a cell is called.

    Examples
    --------
    >>> address((1, 2)), address((12, 28))
    ('B1', 'AB12')
    """
    row, column = place
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def written(given: Given) -> str:
    """Return a value as a formula has it."""
    if isinstance(given, str):
        return '"' + given.replace('"', '""') + '"'
    cell = held(given)
    return "" if cell is None or isinstance(cell, list) else shown(cell)
