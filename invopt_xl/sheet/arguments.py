"""What an argument of a cell function is, and how what a host hands over becomes what the function computes with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from invopt_xl.errors import InputError
from invopt_xl.sheet.cells import LARGEST, Cell, number, shown, text, truth

Kind = Literal["number", "choice", "flag", "text"]

Takes = Literal["each", "one", "series", "list", "table", "cell", "rest"]
"""How many values an argument takes.

- ``each``: a value, or a range with one for each item; ranges and values are combined as Excel combines them.
- ``one``: one value for the whole call.
- ``series``: a history or a plan over periods; a range of several holds an item in each column (or row).
- ``list``: a row or column of values that belong together, such as price breaks.
- ``table``: a range with a header.
- ``cell``: any cell, as it is.
- ``rest``: any further arguments, as they are; the last argument only.
"""

REQUIRED = "required"


@dataclass(frozen=True)
class Argument:
    """One argument of a cell function.

    Parameters
    ----------
    name
        As the function's wizard shows it: whole words with underscores.
    help
        What it is, at most 255 characters with unit and default: what Excel's wizard shows.
    takes
        How many values.
    kind
        What each of them is.
    unit
        ``units``, ``periods``, ``money``, ``share`` (0 to 1), ...; empty where there is none.
    default
        Taken where nothing is given; `REQUIRED` where something has to be, None where the function chooses.
    minimum, above, maximum, below
        Bounds of a number: at least, strictly above, at most, strictly below.
    whole
        Whole numbers only.
    choices
        The texts allowed, in lower case.
    example
        A good value, for messages.
    empty
        What an empty cell within a series means: not known, zero, or nothing that may be there.
    """

    name: str
    help: str
    takes: Takes = "each"
    kind: Kind = "number"
    unit: str = ""
    default: float | str | bool | None = REQUIRED
    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    below: float | None = None
    whole: bool = False
    choices: tuple[str, ...] = ()
    example: str = ""
    empty: Literal["unknown", "zero"] = "unknown"

    @property
    def required(self) -> bool:
        """Whether it has to be given."""
        return self.default == REQUIRED

    @property
    def words(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ")

    @property
    def described(self) -> str:
        """The help with unit and default, as a wizard shows it.

        Examples
        --------
        >>> Argument("horizon", "Periods ahead.", takes="one", unit="periods", default=12).described
        'Periods ahead. If omitted, 12.'
        >>> Argument("season", "Periods of a season.", unit="periods", default=1, minimum=1).described
        'Periods of a season. 0 or empty: 1.'
        >>> Argument("order_quantity", "Usual order.", unit="units").described
        'Usual order. In units.'
        """
        said = self.unit.casefold() in self.help.casefold()
        unit = " From 0 to 1." if self.unit == "share" else "" if said else f" In {self.unit}."
        return f"{self.help}{unit}{self._otherwise}"

    @property
    def _otherwise(self) -> str:
        zero = self.kind == "number" and self.zero_is_empty
        if self.required or self.default is None:
            return " 0 counts as not given." if zero else ""
        return f" 0 or empty: {self.usual}." if zero else f" If omitted, {self.usual}."

    @property
    def usual(self) -> str:
        """The default as a cell shows it."""
        return "" if self.required or self.default is None else shown(self.default)

    @property
    def expectation(self) -> str:
        """What a value must be, as the end of a sentence.

        Examples
        --------
        >>> Argument("service", "Target.", unit="share", above=0, below=1, example="0.95").expectation
        'between 0 and 1, such as 0.95'
        >>> Argument("horizon", "Periods ahead.", whole=True, minimum=1, maximum=520).expectation
        'a whole number from 1 to 520'
        """
        such = f", such as {self.example}" if self.example else ""
        if self.takes == "table":
            return f"a range with a header row{such}"
        if self.kind == "choice":
            return f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"
        if self.kind == "flag":
            return "TRUE or FALSE"
        return f"a text{such}" if self.kind == "text" else self._range + such

    @property
    def _range(self) -> str:
        what = "a whole number" if self.whole else "a number"
        if (self.above, self.below) == (0, 1):
            return "between 0 and 1"
        if self.minimum is not None and self.maximum is not None:
            return f"{what} from {self.minimum:g} to {self.maximum:g}"
        bounds = (
            ("above", self.above), ("of at least", self.minimum), ("below", self.below), ("of at most", self.maximum)
        )  # fmt: skip
        return f"{what} {' and '.join(f'{word} {bound:g}' for word, bound in bounds if bound is not None)}".strip()

    @property
    def zero_is_empty(self) -> bool:
        """Whether a zero counts as not given, as there are hosts that hand over an empty cell as a zero.

        Every optional argument either cannot be zero, or has it as its default; so an empty cell and a zero mean the
        default in each host. A single zero is no table; and a single period out of stock is no history to learn from.
        """
        if self.required or self.takes in ("list", "cell", "rest"):
            return False
        if self.takes in ("table", "series"):
            return self.takes == "table" or self.kind == "flag"
        return self.kind in ("choice", "text") or (self.kind == "number" and not self.within(0.0))

    def omits(self, cell: object) -> bool:
        """Return whether a cell gives nothing: an empty one, or a zero where none can be meant.

        Examples
        --------
        >>> season = Argument("season", "Periods of a season.", default=1, minimum=1)
        >>> season.omits(None), season.omits(0.0), season.omits(4), season.omits(False)
        (True, True, False, False)
        """
        return cell is None or (
            isinstance(cell, int | float) and cell == 0 and not isinstance(cell, bool) and self.zero_is_empty
        )

    def within(self, value: float) -> bool:
        """Return whether a number is within the bounds."""
        return (
            -LARGEST < value < LARGEST
            and (self.minimum is None or value >= self.minimum)
            and (self.above is None or value > self.above)
            and (self.maximum is None or value <= self.maximum)
            and (self.below is None or value < self.below)
            and (not self.whole or value == int(value))
        )

    def read(self, cell: Cell, place: str = "") -> float | str | bool:
        """Return what a cell means for this argument.

        Parameters
        ----------
        cell
            Not empty, and no error value.
        place
            Where it stands within its range, such as ``row 2``.

        Raises
        ------
        InputError
            If it is not what the argument expects.
        """
        found: float | str | bool | None
        if self.kind == "number":
            found = number(cell, self.unit == "share")
            found = found if found is not None and self.within(found) else None
        elif self.kind == "flag":
            found = truth(cell)
        elif self.kind == "choice":
            found = chosen(text(cell), self.choices)
        else:
            found = text(cell)
        if found is None:
            raise self.refusal(cell, place)
        return found

    def refusal(self, cell: Cell, place: str = "") -> InputError:
        """Return the error that says what is wrong with a cell."""
        where = f" ({place})" if place else ""
        return InputError(f"{self.words} is {shown(cell)}{where}; expected {self.expectation}{self._beyond(cell)}")

    def _beyond(self, cell: Cell) -> str:
        """Return what the expectation does not say: the choice that was meant, the largest number there is."""
        if self.kind == "choice":
            from difflib import get_close_matches

            near = get_close_matches(plain(text(cell)), self.choices, n=1)
            return f"; did you mean {near[0]}?" if near else ""
        if self.kind != "number" or not isinstance(cell, int | float):
            return ""
        if cell >= LARGEST and self.maximum is None and self.below is None:
            return f" and below {LARGEST:g}"
        return f" and above {-LARGEST:g}" if cell <= -LARGEST and self.minimum is None and self.above is None else ""


_ADDED = (" rate", " service", " distribution", " demand", " method", "s")
"""What may be said after the name of a choice: fill rate, cycle service, gamma distribution, rows."""


def plain(words: str) -> str:
    """Return words in lower case, with a blank for what parts them.

    Examples
    --------
    >>> plain(" Seasonal_Naive"), plain("wagner-whitin")
    ('seasonal naive', 'wagner whitin')
    """
    return " ".join(words.casefold().replace("_", " ").replace("-", " ").split())


def chosen(words: str, choices: tuple[str, ...]) -> str | None:
    """Return the choice that is meant, however its words are parted; None where there is no such one.

    Examples
    --------
    >>> chosen("Fill rate", ("cycle", "fill")), chosen("Seasonal Naive", ("seasonal_naive",)), chosen("row", ("rows",))
    ('fill', 'seasonal_naive', 'rows')
    """
    wanted = plain(words)
    names = {plain(each): each for each in choices}
    return next(
        (
            each
            for name, each in names.items()
            if wanted == name or wanted + "s" == name or wanted in (name + end for end in _ADDED)
        ),
        None,
    )
