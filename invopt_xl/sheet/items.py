"""The items of one call: which values belong to which, which cannot be computed, and where results are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.words import counted
from invopt_xl.errors import InputError, InvoptError
from invopt_xl.sheet.answers import cell_of, marked
from invopt_xl.sheet.catalogue import Function
from invopt_xl.sheet.cells import Cell
from invopt_xl.sheet.reading import Each, Series, place_in_words

Places = npt.NDArray[np.intp]
Compute = Callable[[dict[str, Any]], Any]


@dataclass
class Outcome:
    """What became of each item.

    Parameters
    ----------
    results
        By item: a value, or a row of them.
    faults
        By item: why there is no result.
    """

    results: dict[int, Any] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)

    @property
    def computed(self) -> int:
        """How many items have a result."""
        return len(self.results)


@dataclass(frozen=True)
class Items:
    """The items of one call.

    Parameters
    ----------
    function
        What is called.
    bound
        Its arguments as read.
    shape
        Rows and columns of the items.
    across
        Whether an item's series runs along a row.
    around
        Cells of the first series before and after the periods that are computed with.
    """

    function: Function
    bound: Mapping[str, Any]
    shape: tuple[int, int]
    across: bool = False
    around: tuple[int, int] = (0, 0)

    @classmethod
    def of(cls, function: Function, bound: Mapping[str, Any]) -> Items:
        """Return the items that arguments are about.

        Raises
        ------
        InputError
            If ranges do not fit each other.
        """
        series = {name: value for name, value in bound.items() if isinstance(value, Series)}
        each = {name: value for name, value in bound.items() if isinstance(value, Each)}
        if series:
            first = next(iter(series.values()))
            _require_one_for_each(function, each, len(first.values))
            bound = {**bound, **_cropped(function, series)}
            begin, end = first.extent
            shape = (len(first.values), 1) if first.across else (1, len(first.values))
            around = (begin, first.values.shape[1] - end)
            return cls(function, bound, shape, first.across, around)
        if all(value.shape == (1, 1) for value in each.values()):
            return cls(function, bound, (1, 1))
        try:
            shape = np.broadcast_shapes(*(value.shape for value in each.values()))
        except ValueError:
            sizes = [
                f"{function.argument(n).words} {v.shape[0]} x {v.shape[1]}"
                for n, v in each.items()
                if len(v.values) > 1
            ]
            raise InputError(
                f"ranges differ in size ({', '.join(sizes)}); expected the same rows and columns"
            ) from None
        items = cls(function, bound, (int(shape[0]), int(shape[1])))
        if function.result.shape == "record" and min(items.shape) > 1:
            raise InputError(f"{function.name} shows several values an item; expected items in one row or one column")
        return items

    @property
    def count(self) -> int:
        """How many items there are."""
        return self.shape[0] * self.shape[1]

    def outcome(self, compute: Compute) -> Outcome:
        """Return what becomes of each item: good ones are computed, whatever is wrong with the others."""
        blank, outcome = self._checked()
        good = [item for item in range(self.count) if item not in outcome.faults and item not in blank]
        self._compute(compute, good, outcome)
        return outcome

    def _checked(self) -> tuple[set[int], Outcome]:
        """Return the items without any input, and what is wrong with others."""
        if self.count == 1 and not any(getattr(value, "faults", None) for value in self.bound.values()):
            return set(), Outcome()
        outcome, blank, required = Outcome(), set[int](), list[set[int]]()
        for name, value in self.bound.items():
            if isinstance(value, Series):
                outcome.faults.update(value.faults)
            if not isinstance(value, Each) or len(value.values) == 1:
                continue
            place = self._spread(value)
            for item in range(self.count):
                if place[item] in value.faults:
                    outcome.faults.setdefault(item, value.faults[place[item]])
            headed = set(np.flatnonzero(place < value.header).tolist())
            mistaken = {item for item in headed if self._has_series(item)}
            blank |= headed - mistaken
            for item in mistaken:
                outcome.faults.setdefault(item, self._refusal(name, value, int(place[item])))
            if self.function.argument(name).required:
                required.append({item for item in range(self.count) if place[item] in value.empty} - mistaken)
        if required:
            blank |= set.intersection(*required)
        for name, value in self.bound.items():
            argument = self.function.argument(name)
            if isinstance(value, Each) and argument.required and len(value.values) > 1:
                for item, where in enumerate(self._spread(value)):
                    if where in value.empty:
                        outcome.faults.setdefault(item, self._refusal(name, value, int(where)))
        for item in blank:
            outcome.faults.pop(item, None)
        return blank, outcome

    def _refusal(self, name: str, value: Each, place: int) -> str:
        """Return what is wrong with a place that is empty, or holds a text as a header does."""
        cell = value.values[place] if place < value.header else None
        return str(self.function.argument(name).refusal(cell, place_in_words(place, value.shape)))

    def _has_series(self, item: int) -> bool:
        """Return whether an item has a history, so that a text beside it is no header but a mistake."""
        series = [each for each in self.bound.values() if isinstance(each, Series)]
        return any(item not in each.faults and np.isfinite(each.values[item]).any() for each in series)

    def _spread(self, value: Each) -> Places:
        """Return the place of each item's value."""
        places = np.arange(len(value.values)).reshape(value.shape)
        if self._is_vector_of_items(value):
            return places.ravel()
        return np.broadcast_to(places, self.shape).ravel()

    def _is_vector_of_items(self, value: Each) -> bool:
        return len(value.values) == self.count and 1 in value.shape and 1 in self.shape

    def _compute(self, compute: Compute, good: Sequence[int], outcome: Outcome) -> None:
        """Compute items together; where that is refused, in halves, to find those at fault."""
        if not good:
            return
        try:
            results = compute(self._arguments(good))
        except InvoptError as error:
            if self.function.together:
                raise
            if len(good) == 1:
                outcome.faults[good[0]] = str(error)
                return
            middle = len(good) // 2
            self._compute(compute, good[:middle], outcome)
            self._compute(compute, good[middle:], outcome)
            return
        for item, result in zip(good, results, strict=True):
            if isinstance(result, InvoptError):
                outcome.faults[item] = str(result)
            else:
                outcome.results[item] = result

    def _arguments(self, good: Sequence[int]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in self.bound.items():
            if isinstance(value, Series):
                found[name] = value.values[list(good)] if len(good) < len(value.values) else value.values
            elif isinstance(value, Each):
                found[name] = self._values(name, value, good)
            else:
                found[name] = value
        return found

    def _values(self, name: str, value: Each, good: Sequence[int]) -> Any:
        kind = self.function.argument(name).kind
        if len(value.values) == 1:
            chosen = value.values * len(good)
        else:
            place = self._spread(value).tolist()
            chosen = [value.values[place[item]] for item in good]
        if kind == "number":
            return np.array([np.nan if each is None else each for each in chosen], dtype=np.float64)
        return np.array(chosen, dtype=bool) if kind == "flag" else chosen

    def placed(self, outcome: Outcome) -> tuple[list[list[Cell]], list[str]]:
        """Return the rows of cells to show, and what was refused."""
        if self.function.result.shape == "each":
            flat = [self._cell(outcome, item) for item in range(self.count)]
            cells = [flat[row * self.shape[1] : (row + 1) * self.shape[1]] for row in range(self.shape[0])]
        else:
            cells = self._lines(outcome)
        return cells, list(dict.fromkeys(outcome.faults[item] for item in sorted(outcome.faults)))

    def _cell(self, outcome: Outcome, item: int) -> Cell:
        if item in outcome.faults:
            return marked(outcome.faults[item])
        return cell_of(outcome.results[item]) if item in outcome.results else None

    def _lines(self, outcome: Outcome) -> list[list[Cell]]:
        """Return a line of cells for each item: a row where items stand below each other, or else a column.

        The values of one item alone stand side by side, those of its periods as the series did.
        """
        before, after = self.around if self.function.result.beside else (0, 0)
        lines: list[list[Cell]] = [
            [marked(outcome.faults[item])]
            if item in outcome.faults
            else [None] * before + [cell_of(each) for each in outcome.results.get(item, ())] + [None] * after
            for item in range(self.count)
        ]
        length = max(1, *(len(line) for line in lines))
        rows: list[list[Cell]] = [line + [None] * (length - len(line)) for line in lines]
        in_rows = self.across if self.function.result.shape == "series" else self.shape[1] == 1
        return rows if in_rows else [list(column) for column in zip(*rows, strict=True)]


def _cropped(function: Function, series: Mapping[str, Series]) -> dict[str, Series]:
    """Return the series over the periods for which the first of them has numbers.

    Ranges of one size belong together cell by cell, whichever of them has a header; one may also be given without it.
    """
    (first, expected), *_ = series.items()
    (items, length), (begin, end) = expected.values.shape, expected.extent
    found = {}
    for name, value in series.items():
        words, wanted = function.argument(name).words, function.argument(first).words
        size = value.values.shape
        moved = 0 if size[1] == length else value.header - expected.header
        if size != (items, length + moved):
            sizes = (f"{counted(rows, 'item')} of {counted(cells, 'cell')}" for rows, cells in (size, (items, length)))
            raise InputError("{} has {}; expected {}, like {}".format(words, *sizes, wanted))
        if value.header > begin + moved:
            raise InputError(f"{words} begins with a text; expected none, as {wanted} has no header")
        found[name] = replace(value, values=value.values[:, begin + moved : end + moved])
    return found


def _require_one_for_each(function: Function, each: Mapping[str, Each], items: int) -> None:
    for name, value in each.items():
        if len(value.values) not in (1, items) or min(value.shape) > 1:
            found = f"{value.shape[0]} x {value.shape[1]} cells"
            raise InputError(
                f"{function.argument(name).words} has {found}; expected one value, or one for each of {items} items"
            )
