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
        >>> Argument("order_quantity", "Usual order.", unit="units").described
        'Usual order. In units.'
        """
        said = self.unit.casefold() in self.help.casefold()
        unit = " From 0 to 1." if self.unit == "share" else "" if said else f" In {self.unit}."
        return f"{self.help}{unit}{'' if self.required or self.default is None else f' If omitted, {self.usual}.'}"

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
        """Whether a zero can only be an empty cell, for a host that hands over both as the same number.

        Every optional argument either refuses zero, or has it as its default; so an empty cell means the default in
        each host. A single zero is no table; and a single period out of stock is no history to learn from.
        """
        if self.required or self.takes in ("list", "cell", "rest"):
            return False
        if self.takes in ("table", "series"):
            return self.takes == "table" or self.kind == "flag"
        return self.kind in ("choice", "text") or (self.kind == "number" and not self.within(0.0))

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
            wanted = text(cell).casefold()
            found = next((each for each in self.choices if each.casefold() == wanted), None)
        else:
            found = text(cell)
        if found is None:
            raise self.refusal(cell, place)
        return found

    def refusal(self, cell: Cell, place: str = "") -> InputError:
        """Return the error that says what is wrong with a cell."""
        where = f" ({place})" if place else ""
        return InputError(f"{self.words} is {shown(cell)}{where}; expected {self.expectation}")
