"""Changes of a plan's input as a planner writes them: ``lead_time_days*0.5@supplier=S3``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from invopt_xl.errors import InputError, require
from invopt_xl.plan.columns import ITEMS, SUPPLIERS, Column
from invopt_xl.plan.quality.headers import plain_name
from invopt_xl.plan.quality.settings import parameter_columns
from invopt_xl.plan.replay.outages import Outage

FloatArray = npt.NDArray[np.float64]
Place = Literal["demand", "items", "suppliers", "parameters"]

DEMAND = "demand"
OUTAGE = "outage"

SELECTORS = ("item", "supplier", "location", "status")
"""What items may be chosen by after ``@``."""

EXAMPLES = "such as lead_time_days*0.5@supplier=S3, demand+20%, service_target=0.99 or outage=S3:6"

_FIXED = ("plan_date", "period", "currency")
"""Parameters that the tables were read by: another value would ask for other tables."""

_TEXT = re.compile(r"\s*(?P<name>[^*/=+@-]*?)\s*(?P<sign>[*/=+-])\s*(?P<value>[^@]*?)\s*(?:@(?P<where>.*))?")
_NUMBER = re.compile(r"(?P<digits>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?P<percent>%?)")


class Where(NamedTuple):
    """Which items a change is for: those with this value in this column."""

    column: str
    value: str


LARGEST_FACTOR = 1e9
"""What a change may multiply by at most: more is a mistake, and numbers would end."""


@dataclass(frozen=True)
class Change:
    """One value of the input, changed for some items or for all.

    Parameters
    ----------
    text
        As it was written.
    place
        The table that holds it.
    column
        The column or parameter.
    factor, added
        The new value is factor times the old one, plus what is added.
    sets
        True where the new value does not depend on the old one.
    choice
        The new value of a column of texts; None for numbers.
    where
        For which items; None for all.
    """

    text: str
    place: Place
    column: Column
    factor: float = 1.0
    added: float = 0.0
    sets: bool = False
    choice: str | None = None
    where: Where | None = None

    @property
    def name(self) -> str:
        """Name of the column or parameter."""
        return self.column.name

    def of(self, old: FloatArray) -> FloatArray:
        """Return the new values of old ones."""
        return np.full_like(old, self.added) if self.sets else self.factor * old + self.added


@dataclass(frozen=True)
class Scenario:
    """What is assumed instead of today's input.

    Parameters
    ----------
    name
        What it is called.
    changes
        Carried out one after the other.
    outages
        Suppliers that deliver nothing for some time.

    Examples
    --------
    >>> scenario = Scenario.of(["lead_time_days*0.5@supplier=S3", "outage=S4:6"])
    >>> scenario.name
    'lead_time_days*0.5@supplier=S3, outage=S4:6'
    >>> scenario.changes[0].where, scenario.outages
    (Where(column='supplier', value='S3'), (Outage(supplier='S4', periods=6),))
    """

    name: str
    changes: tuple[Change, ...] = ()
    outages: tuple[Outage, ...] = ()

    @classmethod
    def of(cls, texts: Sequence[str], name: str = "", suppliers: Sequence[str] = ()) -> Scenario:
        """Return the scenario that texts describe; see `parsed`.

        Parameters
        ----------
        texts
            One change each.
        name
            What it is called; the changes themselves unless given.
        suppliers
            Names to offer where one is missing.
        """
        require(len(texts) > 0, "number of changes", 0, f"1 or more, {EXAMPLES}")
        found = [parsed(text, suppliers) for text in texts]
        return cls(
            name.strip() or ", ".join(text.strip() for text in texts),
            tuple(each for each in found if isinstance(each, Change)),
            tuple(each for each in found if isinstance(each, Outage)),
        )


def parsed(text: str, suppliers: Sequence[str] = ()) -> Change | Outage:
    """Return what a text says shall change.

    A name, then ``*`` or ``/`` and a number, ``+`` or ``-`` and a number or a percentage, or ``=`` and the new value;
    then ``@`` and which items it is for. ``outage=S3:6`` is a supplier that delivers nothing for six periods.

    Parameters
    ----------
    text
        The change.
    suppliers
        Names to offer where one is missing.

    Raises
    ------
    InputError
        If it is no change, its name is unknown, or its number is impossible whatever the items.

    Examples
    --------
    >>> change = parsed("unit_cost+5%@item=A1")
    >>> change.name, change.factor, change.where
    ('unit_cost', 1.05, Where(column='item', value='A1'))
    >>> parsed("outage=S3:6")
    Outage(supplier='S3', periods=6)
    >>> parsed("lead_time*0.5")
    Traceback (most recent call last):
    ...
    invopt_xl.errors.InputError: lead_time*0.5: 'lead_time' cannot be changed; did you mean lead_time_days?
    """
    shown = " ".join(text.split())
    # Names of suppliers and items may hold any letter, so an outage is read apart.
    if re.match(rf"\s*{OUTAGE}\b", text, re.IGNORECASE):
        return _outage(shown, suppliers)
    match = _TEXT.fullmatch(text)
    if match is None or not match["name"]:
        raise InputError(f"change is {shown!r}; expected a name, *, +, - or = and a number, {EXAMPLES}")
    place, column = _found(match["name"], shown)
    where = None if match["where"] is None else _where(match["where"], shown)
    if where and place == "parameters":
        raise InputError(f"{shown}: {column.name} is one for the whole plan; expected it without @")
    if where and place == "suppliers" and where.column != "supplier":
        raise InputError(f"{shown}: {column.name} belongs to suppliers; expected @supplier=NAME")
    if column.kind == "text":
        return Change(shown, place, column, choice=_choice(match["sign"], match["value"], column, shown), where=where)
    factor, added = _number(match["sign"], match["value"], column, shown)
    if place == DEMAND and (added != 0.0 or factor <= 0.0):
        raise InputError(
            f"{shown}: demand can only be multiplied, by more than zero; expected demand*1.2 or demand+20%"
        )
    return Change(shown, place, column, factor, added, match["sign"] == "=", where=where)


def _outage(shown: str, suppliers: Sequence[str]) -> Outage:
    match = re.fullmatch(rf"{OUTAGE}\s*=\s*(?P<supplier>.*?)\s*(?::\s*(?P<periods>[^:]*))?", shown, re.IGNORECASE)
    if match is None or not match["supplier"]:
        raise InputError(f"{shown}: no supplier is named; expected outage=NAME:PERIODS{_offered(suppliers)}")
    periods = match["periods"] or ""
    if not periods.isdecimal() or not 1 <= int(periods) <= 10_000:
        raise InputError(f"{shown}: it lasts {periods or 'no'} periods; expected a whole number, such as outage=S3:6")
    return Outage(match["supplier"], int(periods))


def _offered(suppliers: Sequence[str], most: int = 8) -> str:
    more = f" and {len(suppliers) - most} more" if len(suppliers) > most else ""
    return f", the name one of: {'; '.join(suppliers[:most])}{more}" if suppliers else ""


def changeable() -> Mapping[str, tuple[Place, Column]]:
    """Return all that may be changed, by name: where it stands and its bounds.

    A name of items goes before one of suppliers, and that before a parameter; ``suppliers.order_cost`` asks for the
    other one.
    """
    found: dict[str, tuple[Place, Column]] = {}
    everywhere: tuple[tuple[Place, Sequence[Column]], ...] = (
        ("items", ITEMS.columns), ("suppliers", SUPPLIERS.columns), ("parameters", parameter_columns())
    )  # fmt: skip
    for place, columns in everywhere:
        for column in columns:
            usable = column.kind == "number" or bool(column.choices)
            # Lead times of suppliers are those of their items.
            elsewhere = place == "suppliers" and column.name.startswith("lead_time")
            if usable and column.name not in _FIXED and not elsewhere:
                found.setdefault(column.name, (place, column))
                if place != "parameters":
                    found[f"{place}.{column.name}"] = (place, column)
    return {DEMAND: ("demand", Column(DEMAND, "number", minimum=0)), **found}


def _found(name: str, shown: str) -> tuple[Place, Column]:
    known = changeable()
    plain = {plain_name(each): each for each in known}
    if plain_name(name) in plain:
        return known[plain[plain_name(name)]]
    if plain_name(name) in map(plain_name, _FIXED):
        raise InputError(f"{shown}: {name} cannot be changed, the tables were read by it; change it in tblParameters")
    similar = get_close_matches(plain_name(name), [*plain, OUTAGE], 1)
    hint = f"did you mean {plain.get(similar[0], OUTAGE)}?" if similar else f"expected {', '.join(_usual(known))}, ..."
    raise InputError(f"{shown}: {name!r} cannot be changed; {hint}")


def _usual(known: Mapping[str, object]) -> list[str]:
    return [name for name in known if "." not in name][:6]


def _where(text: str, shown: str) -> Where:
    name, equals, value = text.partition("=")
    known = {plain_name(each): each for each in SELECTORS}
    column = known.get(plain_name(name))
    if column is None or not equals or not value.strip():
        raise InputError(f"{shown}: @{text} does not name items; expected @item=CODE, @supplier=NAME or @location=NAME")
    return Where(column, value.strip())


def _choice(sign: str, value: str, column: Column, shown: str) -> str:
    known = {choice.casefold(): choice for choice in column.choices}
    if sign != "=" or value.casefold() not in known:
        raise InputError(f"{shown}: {sign}{value} is not possible; expected {column.name}= and {column.expectation}")
    return known[value.casefold()]


def _number(sign: str, value: str, column: Column, shown: str) -> tuple[float, float]:
    """Return the factor and what is added."""
    match = _NUMBER.fullmatch(value)
    number = float(match["digits"]) if match else float("nan")
    if match is None or not np.isfinite(number):
        raise InputError(f"{shown}: {value!r} is no number; expected one, {EXAMPLES}")
    share = number / 100.0 if match["percent"] else number
    if sign == "=":
        if match["percent"] and not column.share:
            raise InputError(f"{shown}: {column.name} is no share; expected a number without %")
        return 0.0, share
    if sign in "+-":
        signed = share if sign == "+" else -share
        return (round(1.0 + signed, 12), 0.0) if match["percent"] else (1.0, signed)
    if sign == "/" and share == 0.0:
        raise InputError(f"{shown}: nothing can be divided by zero; expected a number above 0")
    factor = share if sign == "*" else 1.0 / share
    if not 0.0 <= factor <= LARGEST_FACTOR:
        too = "below zero" if factor < 0.0 else f"beyond {LARGEST_FACTOR:g}"
        raise InputError(f"{shown}: the factor is {too}; expected a number such as 0.5")
    return factor, 0.0
