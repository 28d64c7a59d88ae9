"""Back-testing from the command line: which method would have forecast best, for all items and for each."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.errors import InputError, require
from invopt_xl.forecasting import METHODS, Engine
from invopt_xl.forecasting.backtest.advice import advice
from invopt_xl.forecasting.backtest.costs import Costs
from invopt_xl.forecasting.backtest.scores import Backtest, Measure
from invopt_xl.forecasting.backtest.selection import choose_methods
from invopt_xl.forecasting.backtest.walk import walk_forward
from invopt_xl.forecasting.panel.histories import item_positions
from invopt_xl.hosts.cli.champions import CHAMPIONS, Champions
from invopt_xl.hosts.cli.demand import Histories, Source, read_histories, require_two_files
from invopt_xl.hosts.cli.running import Run
from invopt_xl.plan.columns import ITEMS, Column, Table, Tables, empty
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality.admission import read_draft
from invopt_xl.plan.quality.findings import Findings
from invopt_xl.workbook.one_table import check_one, write_one

Floats = npt.NDArray[np.float64]

USUAL_METHODS = ("auto", "arima", "theta", "ses", "tsb", "seasonal_naive")
"""What is compared unless methods are named."""

DIGITS = 6
"""Decimals of measures in a file."""

_TERMS = ("item", "location", "unit_cost", "unit_price", "shortage_cost", "lead_time_days", "review_days")
"""What is read of the items, where the source has any: it prices errors and says how long stock has to last."""


@dataclass(frozen=True)
class Contest:
    """What is compared, and how.

    Parameters
    ----------
    horizon, windows, step
        As in `walk_forward`.
    methods
        The methods; the usual ones if none is named.
    champion
        The method used so far, of items that `champions` does not name.
    champions
        A file of methods used so far, by item.
    margin, measure
        As in `choose_methods`.
    engine
        Engine of ARIMA; the source's parameter, or statsforecast.
    """

    horizon: int
    windows: int
    step: int | None = None
    methods: Sequence[str] = ()
    champion: str = "auto"
    champions: Path | None = None
    margin: float = 0.05
    measure: Measure = "pinball"
    engine: Engine | None = None

    def compared(self, champions: Sequence[str]) -> list[str]:
        """Return the methods to compare, the champions of the items among them."""
        return list(dict.fromkeys([self.champion, *champions, *(self.methods or USUAL_METHODS)]))


@dataclass(frozen=True, eq=False)
class Judged:
    """A back-test, the methods chosen, and all that is told of them."""

    source: Histories
    contest: Contest
    backtest: Backtest
    choices: pd.DataFrame
    quality: pd.DataFrame
    rejected: int
    assumptions: tuple[str, ...]
    seconds: float
    written: tuple[Path, ...]

    @property
    def changes(self) -> pd.DataFrame:
        """The items whose method changes, the largest expected gain first."""
        changed = self.choices[self.choices["method"] != self.choices["champion"]]
        return changed.sort_values("expected_gain", ascending=False, kind="stable")

    @property
    def advice(self) -> list[str]:
        """Which method to use for all items, in words."""
        contest, items = self.contest, self.source.panel.items["item"].tolist()
        losses = self.backtest.losses(contest.measure)
        return advice(losses, self.backtest.methods, contest.champion, contest.margin, items)

    @property
    def chosen(self) -> Counter[str]:
        """How many items each method is chosen for."""
        return Counter(self.choices["method"])

    @property
    def done(self) -> str:
        """What was done, in words."""
        written = " and ".join(map(str, self.written))
        return f"the results are written to {written}" if written else "all was compared, nothing was written"


def compare_methods(
    source: Source, contest: Contest, run: Run, *, output: Path | None = None, champions_to: Path | None = None
) -> Judged:
    """Back-test methods on the demand of a source; write what files are named for.

    Parameters
    ----------
    source
        What is read.
    contest
        What is compared.
    run
        What it is done with.
    output
        File for the measures of each item and method.
    champions_to
        File for the method chosen for each item.

    Raises
    ------
    InvoptError
        If a file cannot be read or written, an argument is not what a back-test needs, or no window can be scored.
    """
    started = time.perf_counter()
    _check(contest)
    _check_files(source.path, output, champions_to)
    before = Champions.of(contest.champions)
    histories = read_histories(source, run.progress)
    panel = histories.panel
    champions = before.of_each(panel.items, contest.champion)
    backtest = _backtest(histories, contest, list(champions.values()), run)
    _require_windows(backtest, panel.calendar.period)
    choices = _choices(backtest, list(champions.values()), panel.items, contest)
    if output is not None or champions_to is not None:
        run.progress.stage("Writing")
    if output is not None:
        by_item = _by_item(backtest, panel.items)
        write_one(output, _contract("tblBacktest", "backtest", "Back-test", by_item), by_item)
    if champions_to is not None:
        write_one(champions_to, _contract(CHAMPIONS.name, CHAMPIONS.stem, CHAMPIONS.title, choices), choices)
    return Judged(
        source=histories,
        contest=contest,
        backtest=backtest,
        choices=choices,
        quality=pd.concat([histories.admitted.quality, before.quality], ignore_index=True),
        rejected=histories.admitted.rejected + before.rejected,
        assumptions=(*panel.assumptions, *before.unused(champions, contest.champion)),
        seconds=time.perf_counter() - started,
        written=tuple(path for path in (output, champions_to) if path is not None),
    )


def _backtest(histories: Histories, contest: Contest, champions: Sequence[str], run: Run) -> Backtest:
    """Return the back-test, errors priced and stock made to last as the source's terms say."""
    panel = histories.panel
    series = [panel.histories.of(row) for row in range(len(panel.items))]
    terms, days = _terms(histories.raw, panel.items), panel.calendar.days_per_period
    return walk_forward(
        [each.quantity for each in series],
        contest.horizon,
        contest.windows,
        methods=contest.compared(champions),
        step=contest.step,
        in_stock=[each.in_stock for each in series],
        season=histories.season,
        regressors=panel.regressors(contest.horizon, histories.events(contest.horizon)),
        engine=histories.engine(contest.engine),
        protection_periods=_protection_periods(terms, days, contest.horizon),
        costs=Costs(
            terms["unit_cost"].to_numpy(),
            _prices(terms, [each.price for each in series]),
            terms["shortage_cost"].to_numpy(),
            histories.admitted.given.get("holding_rate", Parameters.holding_rate),
            365.25 / days,
        ),
        cache=run.cache,
        workers=run.workers,
        progress=run.progress,
    )


def _check(contest: Contest) -> None:
    for method in (*contest.methods, contest.champion):
        require(method in METHODS, "forecasting method", method, f"one of {', '.join(METHODS)}")


def _check_files(source: Path, output: Path | None, champions_to: Path | None) -> None:
    if output is not None:
        check_one(output, replace(CHAMPIONS, name="tblBacktest", stem="backtest"), source=source)
    if champions_to is not None:
        check_one(champions_to, CHAMPIONS, source=source, workbooks=False)
        require_two_files("--output", output, "--champions", champions_to)


def _terms(raw: Tables, items: pd.DataFrame) -> pd.DataFrame:
    """Return costs, prices and times of each item, NaN where the source does not tell."""
    source = raw.get(ITEMS.stem, empty(ITEMS))
    wanted = replace(ITEMS, columns=tuple(replace(ITEMS.column(name), required=False) for name in _TERMS))
    told = read_draft({ITEMS.stem: source}, wanted, Findings()).frame.drop_duplicates(["item", "location"])
    row = item_positions(told, items)
    return told.reset_index(drop=True).reindex(np.where(row >= 0, row, -1)).reset_index(drop=True)


def _prices(terms: pd.DataFrame, paid: Sequence[Floats]) -> Floats:
    """Return the price of each item; the last one that was paid where the items have none."""
    last = [float(price[~np.isnan(price)][-1]) if not np.isnan(price).all() else np.nan for price in paid]
    return np.where(terms["unit_price"].notna(), terms["unit_price"], np.array(last, dtype=float))


def _protection_periods(terms: pd.DataFrame, days_per_period: float, horizon: int) -> list[int] | None:
    """Return the periods from an order to the receipt of the next one, within the horizon; None if nothing is told."""
    if terms["lead_time_days"].isna().all():
        return None
    review = terms["review_days"].fillna(days_per_period)
    periods = np.ceil((terms["lead_time_days"] + review) / days_per_period - 1e-9)
    return [int(count) for count in periods.fillna(horizon).clip(1, horizon)]


def _require_windows(backtest: Backtest, period: str) -> None:
    """Refuse a back-test in which nothing could be scored, with the reason."""
    if (backtest.cases.origins >= 0).any():
        return
    why = max(backtest.cases.left_out, key=lambda left: left.window).why  # the newest has most before it
    raise InputError(f"no window can be scored ({why}); expected more {period}s, fewer windows or a shorter horizon")


def _choices(backtest: Backtest, champions: Sequence[str], items: pd.DataFrame, contest: Contest) -> pd.DataFrame:
    """Return the method chosen for each item, with what it stands on."""
    found = choose_methods(backtest, champions, contest.margin, measure=contest.measure).reset_index(drop=True)
    found = found.rename(columns={"chosen": "method"}).assign(pattern=list(backtest.cases.patterns))
    order = ["method", "champion", "challenger", "gain", "expected_gain", "windows", "pattern", "reason"]
    return pd.concat([items.reset_index(drop=True), found[order]], axis=1).round({"gain": 4, "expected_gain": 4})


def _by_item(backtest: Backtest, items: pd.DataFrame) -> pd.DataFrame:
    """Return the measures of each item and method, the items by their codes."""
    found = backtest.by_item().reset_index()
    row = found.pop("item").astype(int).to_numpy() - 1
    codes = items.iloc[row].reset_index(drop=True)
    return pd.concat([codes, found.round(DIGITS)], axis=1)


def _contract(name: str, stem: str, title: str, frame: pd.DataFrame) -> Table:
    columns = tuple(
        Column(str(header), "number" if pd.api.types.is_numeric_dtype(frame[header]) else "text") for header in frame
    )
    return Table(name, stem, title, columns, ("item", "location"))
