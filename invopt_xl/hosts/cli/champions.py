"""Methods by item in a file: what a back-test found best, for forecasts to use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from invopt_xl.forecasting import METHODS
from invopt_xl.hosts.cli.demand import keys, named
from invopt_xl.plan.columns import ITEMS, Column, Table
from invopt_xl.plan.quality.admission import read_draft
from invopt_xl.plan.quality.contract import fill_defaults
from invopt_xl.plan.quality.findings import Findings
from invopt_xl.plan.quality.rules import keep_first_of_each_key
from invopt_xl.workbook.one_table import read_one

CHAMPIONS = Table(
    "tblMethods",
    "methods",
    "Methods",
    (
        ITEMS.column("item"),
        ITEMS.column("location"),
        Column("method", "text", "How the item is to be forecast.", required=True, choices=METHODS),
    ),
    key=("item", "location"),
    required=True,
)
"""What ``invopt backtest --champions`` writes and ``invopt forecast --methods`` reads; it may have more columns."""


@dataclass(frozen=True, eq=False)
class Champions:
    """Methods by item and location, as a file names them.

    Parameters
    ----------
    methods
        By item and location.
    quality
        What is wrong with rows of the file.
    rejected
        Rows left out.
    findings
        What `quality` is made of, every row by itself.
    """

    methods: dict[tuple[str, str], str] = field(default_factory=dict)
    quality: pd.DataFrame = field(default_factory=lambda: Findings().frame())
    rejected: int = 0
    findings: Findings = field(default_factory=Findings)

    @classmethod
    def of(cls, path: Path | None) -> Champions:
        """Return the methods of a file; none without one.

        Raises
        ------
        InvoptError
            If the file cannot be read, or lacks a column.
        """
        if path is None:
            return cls()
        findings = Findings()
        with named(path):
            draft = read_draft({CHAMPIONS.stem: read_one(path, CHAMPIONS)}, CHAMPIONS, findings)
            fill_defaults(draft)
            keep_first_of_each_key(draft)
        methods = dict(zip(keys(draft.frame), draft.frame["method"], strict=True))
        return cls(methods, findings.frame(), draft.rejected, findings)

    def of_each(self, items: pd.DataFrame, otherwise: str) -> dict[tuple[str, str], str]:
        """Return the method of each item; that of the others where the file names none."""
        return {key: self.methods.get(key, otherwise) for key in keys(items)}

    def unused(self, items: Iterable[tuple[str, str]], otherwise: str) -> list[str]:
        """Say how many items the file leaves out, and how many of its own are not there."""
        if not self.methods:
            return []
        there = set(items)
        unnamed, gone = len(there - self.methods.keys()), len(self.methods.keys() - there)
        sentences = [
            (unnamed, f"of the items have no method in the file: {otherwise} taken"),
            (gone, "of the file's items are not in the demand"),
        ]
        return [f"{count:,} {words}" for count, words in sentences if count]
