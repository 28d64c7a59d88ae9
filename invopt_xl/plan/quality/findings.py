"""Everything the admission of data has to tell the planner, collected as rows of ``tblQuality``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.plan import columns
from invopt_xl.plan.quality.similar import similar_name

Severity = Literal["rejected", "repaired", "warning"]
Mask = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

LIMIT = 20
"""Rows named one by one for the same reason; those beyond are counted in one row."""

_LONGEST_VALUE = 60
_SEVERITIES: tuple[Severity, ...] = ("rejected", "repaired", "warning")


def shown(value: object) -> str:
    """Return a cell's value as a short text.

    Examples
    --------
    >>> shown(12.0), shown(datetime(2018, 1, 31)), shown(None), shown("x" * 100)[-4:]
    ('12', '2018-01-31', '', 'xxx…')
    """
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    if isinstance(value, date):
        text = value.isoformat()
    elif isinstance(value, float | np.floating):
        text = f"{value:.15g}"
    else:
        try:
            text = str(value)
        except ValueError:  # whole numbers of more than 4,300 digits have no text
            text = "a number too long to show"
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def with_items(items: Iterable[object], values: Iterable[object]) -> Objects:
    """Return values as texts, each after the item it belongs to.

    Examples
    --------
    >>> with_items(["tea", None], [24.0, "many"]).tolist()
    ['tea: 24', 'many']
    """
    texts = [": ".join(filter(None, map(shown, pair))) for pair in zip(items, values, strict=True)]
    return np.array(texts, dtype=object)


def _one_of_each(rows: list[float], values: list[object]) -> tuple[list[float], list[object], list[int]]:
    """Return the first row of each value, the value, and how many rows have it."""
    first: dict[str, float] = {}
    for row, value in zip(rows, values, strict=True):
        first.setdefault(shown(value), row)
    count = Counter(map(shown, values))
    return list(first.values()), list(first), [count[value] for value in first]


@dataclass(frozen=True)
class _Found:
    """Rows that share one reason.

    Parameters
    ----------
    common
        What is said of each.
    rows, values
        Where they stand, and what stands there.
    by_value
        Whether one row may stand for all with its value.
    together
        Whether the first row stands for all.
    known
        Names of which each value may have meant one.
    """

    common: dict[str, object]
    rows: list[float]
    values: list[object]
    by_value: bool = False
    together: bool = False
    known: Sequence[str] = ()

    def records(self, limit: int | None) -> Iterator[dict[str, object]]:
        """Yield the rows of the report; of more than the limit, one that counts the others."""
        places, cells, counts = self.rows, self.values, [1] * len(self.rows)
        if self.together:
            places, cells, counts = places[:1], cells[:1], [len(places)]
        elif self.by_value and limit is not None:
            places, cells, counts = _one_of_each(places, cells)
        end = len(places) if limit is None else limit
        meant = {each: similar_name(each, self.known) for each in dict.fromkeys(map(shown, cells[:end])) if self.known}
        for row, value, count in zip(places[:end], map(shown, cells[:end]), counts[:end], strict=True):
            many = f" ({counted(count, 'row')})" if count > 1 else ""
            hint = f"; did you mean {meant[value]}?" if meant.get(value) else ""
            yield {**self.common, "reason": f"{self.common['reason']}{hint}{many}", "row": float(row), "value": value}
        if len(places) > end:
            examples = ", ".join(pd.unique(np.array([shown(cell) for cell in cells[end:]], dtype=object))[:5])
            summary = f"{self.common['reason']} ({counted(sum(counts[end:]), 'more row')})"
            yield {**self.common, "reason": summary, "row": float(places[end]), "value": shown(examples)}


class Findings:
    """Rows of the quality report, in the order of their severity and of the tables.

    Examples
    --------
    >>> findings = Findings()
    >>> findings.add("rejected", "tblItems", "on_hand", "is missing", "row left out", rows=[7], values=[None])
    >>> findings.frame()[["severity", "table", "row", "column", "reason"]].values.tolist()
    [['rejected', 'tblItems', 7.0, 'on_hand', 'is missing']]
    """

    def __init__(self) -> None:
        self._found: list[_Found] = []

    def add(
        self,
        severity: Severity,
        table: str,
        column: str,
        reason: str,
        action: str,
        rows: Iterable[float] = (np.nan,),
        values: Iterable[object] = ("",),
        *,
        by_value: bool = False,
        together: bool = False,
        known: Sequence[str] = (),
    ) -> None:
        """Report rows that share one reason, as `_Found` has them."""
        common: dict[str, object] = {
            "severity": severity,
            "table": table,
            "column": column,
            "reason": reason,
            "action": action,
        }
        self._found.append(_Found(common, list(rows), list(values), by_value, together, known))

    def take(self, lines: pd.DataFrame) -> None:
        """Report rows of ``tblQuality`` that are told already, such as those of `columns.READING`."""
        for line in lines.to_dict("records"):
            row, value = line.pop("row"), line.pop("value")
            self._found.append(_Found({str(name): text for name, text in line.items()}, [row], [value]))

    def count(self, severity: Severity) -> int:
        """Return how many rows are told of with a severity, those among them for which one stands.

        Examples
        --------
        >>> findings = Findings()
        >>> findings.add("repaired", "tblSales", "customer", "stands for no customer", "unknown", [2, 3], ["-", "-"])
        >>> findings.count("repaired"), findings.count("rejected")
        (2, 0)
        """
        return sum(len(found.rows) for found in self._found if found.common["severity"] == severity)

    def frame(self, limit: int | None = LIMIT) -> pd.DataFrame:
        """Return the report with the columns of ``tblQuality``: rejected rows first, tables in their usual order.

        Parameters
        ----------
        limit
            Rows named one by one for the same reason, the others counted; of an item that is not planned, one row
            stands for all. None names every row.
        """
        records = [record for found in self._found for record in found.records(limit)]
        report = pd.DataFrame(records, columns=columns.QUALITY.column_names)
        report["row"] = report["row"].astype(float)
        severity = report["severity"].map({name: rank for rank, name in enumerate(_SEVERITIES)})
        table = report["table"].map({table.name: rank for rank, table in enumerate(columns.INPUTS)})
        order = np.lexsort((table.to_numpy(dtype=float), severity.to_numpy(dtype=float)))
        return report.iloc[order].reset_index(drop=True)


class Draft:
    """One table on its way in: its cells as found, their typed values, and what is said about them.

    Parameters
    ----------
    table
        The table's contract.
    cells
        The contract's columns as found at the source, the index being the source row.
    findings
        The report.

    Attributes
    ----------
    frame
        Typed values of the rows still in.
    entered
        Typed values of all rows, the rejected ones among them.
    semicolons
        Whether the source is a text file parted by semicolons.
    unusable
        Rows rejected for a value of their own, whatever place they belong to being told: what was missing or
        unreadable is missing in them.
    rejected
        Number of rows rejected.
    left_out
        What is said to become of rejected rows.
    sorted_anew
        Whether the program writes the rows in another order than it reads them: each value is then told with its item.
    """

    def __init__(self, table: columns.Table, cells: pd.DataFrame, findings: Findings) -> None:
        self.table = table
        self.cells = cells
        self.frame = pd.DataFrame(index=cells.index)
        self.entered = self.frame
        self.unusable = self.frame
        self.findings = findings
        self.rejected = 0
        self.semicolons = False
        self.left_out = "row left out"
        self.sorted_anew = False

    def report(
        self,
        rows: Mask,
        severity: Severity,
        column: str,
        reason: str,
        action: str,
        *,
        by_value: bool = False,
        together: bool = False,
        known: Sequence[str] = (),
    ) -> None:
        """Say something about some rows; a line for each value or one for all, if asked, rather than for each row."""
        if rows.any():
            places = self.cells.index[rows]
            values: Objects = (
                self.cells[column].to_numpy(dtype=object)[rows] if column in self.cells else np.array([""])
            )
            if self.sorted_anew and column != "item":
                values = with_items(self.cells["item"].to_numpy(dtype=object)[rows], values)
            how: dict[str, Any] = {"by_value": by_value, "together": together, "known": known}
            self.findings.add(severity, self.table.name, column, reason, action, places, values, **how)

    def drop(self, rows: Mask, rejected: bool = True) -> None:
        """Leave rows out, counted as rejected unless told otherwise."""
        if rows.any():
            self.cells, self.frame = self.cells[~rows], self.frame[~rows].copy()
            self.rejected += int(rows.sum()) * rejected

    def reject(self, rows: Mask, column: str, reason: str) -> None:
        """Report rows and leave them out."""
        self.report(rows, "rejected", column, reason, self.left_out)
        self.drop(rows)

    def column(self, name: str) -> pd.Series[Any]:
        """Return the typed values of a column."""
        return self.frame[name]
