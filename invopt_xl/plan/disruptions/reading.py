"""Disruptions as a planner writes them: ``North:2018-01-08..2018-01-21`` for a closed supplier."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches

import numpy as np
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.errors import InputError
from invopt_xl.optimise import Closure, Delay, Disruption, Lost, OrderProblem, PriceRise
from invopt_xl.plan.explain import amount
from invopt_xl.plan.histories import item_positions
from invopt_xl.plan.order_plan import Basis
from invopt_xl.plan.orders.dating import day_in_words, days_in_words, first_day

_DATE = r"\d{4}-\d{2}-\d{2}"
_UNITS = r"(?::(?P<quantity>\d+(?:\.\d+)?))?"

_FORMS = {
    "close": (
        rf"(?P<name>.+):(?P<date>{_DATE})\.\.(?P<last>{_DATE})",
        "SUPPLIER:FROM..TO, such as North:2018-01-08..2018-01-21",
    ),
    "delay": (
        rf"(?P<name>.+?):(?P<date>{_DATE})\+(?P<days>\d+){_UNITS}",
        "ITEM:DATE+DAYS, such as A100:2018-01-09+14 or A100@WEST:2018-01-09+14:50",
    ),
    "lost": (rf"(?P<name>.+?):(?P<date>{_DATE}){_UNITS}", "ITEM:DATE, such as A100:2018-01-09 or A100:2018-01-09:50"),
    "price-rise": (
        rf"(?P<name>.+):(?P<date>{_DATE})(?P<rate>[+-]\d+(?:\.\d+)?)%",
        "SUPPLIER_OR_ITEM:DATE+RATE%, such as North:2018-02-01+5%",
    ),
}
"""How each kind is written, and an example of it."""

_NAMED = 5
"""Names offered where one is unknown."""


@dataclass(frozen=True)
class Happening:
    """What happens, as it was asked: texts by kind.

    Parameters
    ----------
    close, delay, lost, price_rise
        Texts such as ``North:2018-01-08..2018-01-21``, ``A100:2018-01-09+14:50``, ``A100:2018-01-09`` and
        ``North:2018-02-01+5%``.
    """

    close: tuple[str, ...] = ()
    delay: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    price_rise: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.close or self.delay or self.lost or self.price_rise)


@dataclass(frozen=True)
class Told:
    """What happens to an order problem.

    Parameters
    ----------
    disruptions
        One after the other.
    words
        Each in a sentence; one without effect on the plan says so.
    """

    disruptions: tuple[Disruption, ...]
    words: tuple[str, ...]


def read_disruptions(asked: Happening, basis: Basis, problem: OrderProblem) -> Told:
    """Return the disruptions that texts describe, with dates as periods of the plan.

    A closure counts for every period that it touches, as nothing says on which day of a period an order is placed. A
    price rises from the first period that begins on its date or later.

    Parameters
    ----------
    asked
        The texts.
    basis
        Items, open orders and calendar of the plan.
    problem
        Its suppliers and periods.

    Raises
    ------
    InputError
        If a text is not of its form, or names no supplier, item, open order or day of the plan.
    """
    reader = _Reader(basis, problem)
    found = [reader.delay(text) for text in asked.delay]
    found += [reader.lost(text) for text in asked.lost]
    found += [reader.closure(text) for text in asked.close]
    found += [reader.rise(text) for text in asked.price_rise]
    return Told(tuple(one for each, _ in found for one in each), tuple(words for _, words in found))


Read = tuple[list[Disruption], str]
"""What one text says: disruptions, and a sentence."""


class _Reader:
    """Reads texts about one plan."""

    def __init__(self, basis: Basis, problem: OrderProblem) -> None:
        self.items, self.problem, self.parameters = basis.items, problem, basis.admitted.parameters
        self.open_orders = basis.admitted.tables["open_orders"]
        self.open_item = item_positions(basis.items, self.open_orders)
        self.told_of: dict[tuple[int, date], float] = {}
        """Units of open orders, by item and due date, that are late or lost by what was read before."""

    def closure(self, text: str) -> Read:
        parts = self._parts("close", text)
        supplier = self._supplier(parts["name"], text)
        first, last = _day(parts["date"], text), _day(parts["last"], text)
        if last < first:
            raise InputError(f"--close {text}: it ends on {last}, before it begins; expected FROM..TO")
        begin, end = self._period(first), self._period(last)
        self._require_planned(end >= 0 and begin < self.problem.periods, "close", text)
        begin, end = max(begin, 0), min(end, self.problem.periods - 1)
        exact = self.parameters.period == "day" or first_day(begin, self.parameters) == first
        exact = exact and first_day(end + 1, self.parameters) == last + timedelta(days=1)
        whole = "" if exact else f", in whole {self.parameters.period}s"
        words = f"{parts['name']} is closed and delivers nothing {days_in_words(begin, end, self.parameters)}{whole}."
        return [Closure(supplier, begin, end)], words

    def delay(self, text: str) -> Read:
        parts = self._parts("delay", text)
        item, due, period, units = self._open_order("delay", parts, text)
        later = due + timedelta(days=int(parts["days"]))
        periods = max(self._period(later), 0) - period
        start = f"{amount(units)} of {self.problem.item_names[item]} due {self._in_words(due)}"
        words = f"{start} come {counted(int(parts['days']), 'day')} later, on {self._in_words(later)}"
        if periods <= 0:
            return [], f"{words}: the same {self.parameters.period}, so it changes nothing here."
        return [Delay(item, period, periods, units)], f"{words}."

    def lost(self, text: str) -> Read:
        parts = self._parts("lost", text)
        item, due, period, units = self._open_order("lost", parts, text)
        words = f"{amount(units)} of {self.problem.item_names[item]} due {self._in_words(due)} never come."
        return [Lost(item, period, units)], words

    def rise(self, text: str) -> Read:
        parts = self._parts("price-rise", text)
        start, rate = _day(parts["date"], text), float(parts["rate"]) / 100.0
        if rate <= -1.0:
            raise InputError(f"--price-rise {text}: nothing is left of the price; expected more than -100%")
        period = max(self._period(start), 0)
        period += first_day(period, self.parameters) < start
        self._require_planned(period < self.problem.periods, "price-rise", text)
        verb = "rises" if rate > 0 else "falls"
        words = f"What {{}} {verb} by {abs(100 * rate):g}% from {self._in_words(first_day(period, self.parameters))}."
        name = parts["name"]
        if name in self.problem.supplier_names:
            if (self.items["item"] == name).any():
                raise InputError(f"--price-rise {text}: {name} is a supplier and an item; expected names that differ")
            supplier = self.problem.supplier_names.index(name)
            return [PriceRise(period, rate, supplier=supplier)], words.format(f"{name} charges")
        known = [*self.problem.supplier_names, *self.items["item"]]
        found = self._places("price-rise", name, text, known, "supplier or item")
        return [PriceRise(period, rate, item=item) for item in found], words.format(f"{name} costs")

    def _parts(self, kind: str, text: str) -> dict[str, str]:
        form, example = _FORMS[kind]
        match = re.fullmatch(form, text.strip())
        if match is None:
            raise InputError(f"--{kind} is {text!r}; expected {example}")
        return {name: (part or "").strip() for name, part in match.groupdict().items()}

    def _supplier(self, name: str, text: str) -> int:
        names = self.problem.supplier_names
        if name not in names:
            raise InputError(f"--close {text}: there is no supplier {name}; {_offered(name, names)}")
        return names.index(name)

    def _places(self, kind: str, name: str, text: str, known: Sequence[str], what: str) -> list[int]:
        """Return the rows of an item: all its locations, or the one after ``@``."""
        rows = np.flatnonzero(self.items["item"] == name)
        if not len(rows):
            item, _, location = name.rpartition("@")
            rows = np.flatnonzero((self.items["item"] == item) & (self.items["location"] == location))
        if not len(rows):
            raise InputError(f"--{kind} {text}: there is no {what} {name}; {_offered(name, known)}")
        found: list[int] = rows.tolist()
        return found

    def _open_order(self, kind: str, parts: dict[str, str], text: str) -> tuple[int, date, int, float]:
        """Return item, due date, its period, and units of the open order that a text is about."""
        name, due = parts["name"], _day(parts["date"], text)
        rows = self._places(kind, name, text, self.items["item"].tolist(), "item")
        if len(rows) > 1:
            places = " or ".join(f"{name}@{place}" for place in self.items["location"].iloc[rows])
            raise InputError(f"--{kind} {text}: {name} is at {len(rows)} locations; expected {places}")
        own = self.open_orders[self.open_item == rows[0]]
        there = own.loc[own["due_date"] == pd.Timestamp(due), "quantity"].sum()
        if there <= 0:
            days = sorted({f"{day:%Y-%m-%d}" for day in own["due_date"]})
            known = f"expected one of {', '.join(days[:_NAMED])}" if days else "it has no open order"
            raise InputError(f"--{kind} {text}: nothing of {name} is due on {due}; {known}")
        before = self.told_of.get((rows[0], due), 0.0)
        if before >= there:
            several = f"the {there:g} of {name} due on {due} are late or lost by another --delay or --lost already"
            raise InputError(f"--{kind} {text}: {several}; expected each unit once")
        units = float(parts["quantity"] or there - before)
        if not 0 < units <= there - before:
            most = (
                f"the {there:g} due then"
                if not before
                else f"{there - before:g}, as {before:g} of {there:g} are told of"
            )
            raise InputError(f"--{kind} {text}: quantity is {units:g}; expected above 0, at most {most}")
        self.told_of[rows[0], due] = before + units
        period = max(self._period(due), 0)
        self._require_planned(period < self.problem.periods, kind, text)
        return rows[0], due, period, units

    def _require_planned(self, inside: bool, kind: str, text: str) -> None:
        if not inside:
            last = first_day(self.problem.periods, self.parameters) - timedelta(days=1)
            planned = f"{self.parameters.plan_date} to {last}"
            raise InputError(f"--{kind} {text}: that is not in what is planned; expected a date from {planned}")

    def _period(self, day: date) -> int:
        return int(self.parameters.calendar.index(np.array([day], dtype="datetime64[D]"))[0])

    def _in_words(self, day: date) -> str:
        return day_in_words(day, self.parameters.plan_date)


def _day(text: str, whole: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{whole}: {text} is no date; expected one such as 2018-01-31") from None


def _offered(name: str, known: Sequence[str]) -> str:
    """Return which names there are, those alike before all others."""
    by_folded = {each.casefold(): each for each in known}
    alike = get_close_matches(name.casefold(), by_folded, n=_NAMED)
    if alike:
        return f"did you mean {' or '.join(by_folded[each] for each in alike)}?"
    names = list(dict.fromkeys(known))
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"expected one of {'; '.join(names[:_NAMED])}{more}" if names else "the plan has none"
