"""Whether the forecasts can be trusted: the plan's method on the last windows of every history, against what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain import DAYS_PER_YEAR, Progress
from invopt_xl.domain.words import amount
from invopt_xl.errors import require
from invopt_xl.forecasting.backtest.costs import Costs
from invopt_xl.forecasting.backtest.scores import UPPER_LEVELS, Backtest
from invopt_xl.forecasting.backtest.walk import walk_forward
from invopt_xl.plan.columns.looks import FORECAST_TRUST
from invopt_xl.plan.histories import Histories
from invopt_xl.plan.parameters import Parameters

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache

Floats = npt.NDArray[np.float64]

PLAN_METHOD = "auto"
"""The method that a refresh forecasts with."""

SIMPLE_METHOD = "ses"
"""What a spreadsheet would do: simple exponential smoothing."""

LARGE_BIAS = 0.1
"""Share of demand below which nobody minds that a forecast errs one way."""

LARGE_ERROR, LARGE_UNSURE_BIAS = 1.0, 0.5
"""Shares of demand from which an error, or a bias that may be chance, is too large to lean on a single figure."""

CLEARLY = 0.05
"""Share of the simple method's cost by which another has to differ before it is called cheaper or dearer."""

BEYOND_CHANCE = 2.5
"""Standard errors from which the mean error is hardly chance: one item in thirty, by Student's t of a dozen periods."""


@dataclass(frozen=True, eq=False)
class Trust:
    """A back-test of the plan's forecasts.

    Parameters
    ----------
    backtest
        What was forecast and what came.
    rows
        Which items were judged, by their place among the items.
    items
        ``tblForecastTrust``: a row for each of them.
    costs
        What errors cost: ``place`` (among the rows), ``pattern``, ``method`` and ``cost_a_year`` (money).
    """

    backtest: Backtest
    rows: npt.NDArray[np.intp]
    items: pd.DataFrame
    costs: pd.DataFrame

    @property
    def by_method(self) -> pd.DataFrame:
        """Errors, coverage and cost a year of each method, over all items: a row each."""
        return self._summary(self.backtest.by_method().reset_index(), "method")

    @property
    def by_pattern(self) -> pd.DataFrame:
        """The same of the plan's method, for each demand pattern."""
        found = self.backtest.by_pattern().reset_index()
        return self._summary(found[found["method"] == PLAN_METHOD], "pattern")

    @property
    def by_step(self) -> pd.DataFrame:
        """Error and coverage of the plan's method by how far ahead it forecast, periods."""
        found = self.backtest.by_horizon().loc[PLAN_METHOD].reset_index()
        return found.rename(columns=_NAMES)[["step", *_NAMES.values()]]

    @property
    def by_class(self) -> pd.DataFrame:
        """Errors of the plan's method by class of value, from the items' own."""
        classes = self.items.groupby("abc", sort=True)
        return classes.agg(
            items=("item", "size"),
            error_share=("error_share", "median"),
            bias_share=("bias_share", "median"),
            inside_share=("inside_share", "mean"),
            error_cost=("error_cost", _known_sum),
            simple_cost=("simple_cost", _known_sum),
        ).reset_index()

    @property
    def calibration(self) -> pd.DataFrame:
        """How often demand did not exceed the plan's upper quantiles, beside how often it should not have.

        Columns: ``asked`` and ``came``, shares of periods.
        """
        found = self.backtest.by_method()
        came = found[list(UPPER_LEVELS)].to_numpy(dtype=float)[self.backtest.methods.index(PLAN_METHOD)]
        return pd.DataFrame({"asked": list(UPPER_LEVELS.values()), "came": came})

    def _summary(self, found: pd.DataFrame, by: str) -> pd.DataFrame:
        costs = self.costs[self.costs["method"].isin(found["method"])].groupby(by)["cost_a_year"].agg(_known_sum)
        made = found.rename(columns=_NAMES).join(costs, on=by).reset_index(drop=True)
        return made[[by, "items", *_NAMES.values(), "cost_a_year"]]


_NAMES = {"wape": "error_share", "bias": "bias_share", "coverage_80": "inside_share"}


def forecast_trust(
    items: pd.DataFrame,
    past: Histories,
    parameters: Parameters,
    *,
    horizon: int = 4,
    windows: int = 3,
    methods: tuple[str, ...] = (PLAN_METHOD, SIMPLE_METHOD),
    most_items: int = 250,
    cache: ContentCache | None = None,
    progress: Progress | None = None,
) -> Trust:
    """Return how well the plan's forecasts would have done, item by item and in all.

    Where promotions or prices are planned, those of a window count as planned when it began, as in a refresh.

    Parameters
    ----------
    items
        The planned items with their class ``abc``, as `plan.levels.Levelled.items`, in the order of the histories.
    past
        Their demand.
    parameters
        The length of a period and its season.
    horizon
        Periods forecast in each window.
    windows
        Windows of the past.
    methods
        What is compared: the plan's own and the simple one are always among them.
    most_items
        Judged at most, those of most value first.
    cache, progress
        As in `walk_forward`.

    Notes
    -----
    Where no history is long enough for a single window, every item is ``not judged``, with the reason.
    """
    require(most_items >= 1, "most_items", most_items, "one or more")
    value = items["demand_per_period"].to_numpy(dtype=float) * items["unit_cost"].to_numpy(dtype=float)
    rows = np.sort(np.argsort(-np.nan_to_num(value), kind="stable")[:most_items])
    some = items.iloc[rows].reset_index(drop=True)
    series = [past.of(int(row)) for row in rows]
    days = parameters.calendar.days_per_period
    backtest = walk_forward(
        [one.quantity for one in series],
        horizon,
        windows,
        methods=tuple(dict.fromkeys((PLAN_METHOD, SIMPLE_METHOD, *methods))),
        in_stock=[one.in_stock for one in series],
        season=parameters.calendar.season,
        engine=parameters.forecast_engine,
        regressors=[one.regressors(horizon) for one in series],
        protection_periods=_protection(some, days, horizon),
        costs=_costs(some, parameters),
        cache=cache,
        progress=progress,
    )
    costs = _costs_a_year(backtest, days)
    return Trust(backtest, rows, _by_item(backtest, some, costs, parameters.currency), costs)


def _known_sum(values: pd.Series[float]) -> float:
    """Return the sum of what is known; not a nought where nothing is."""
    return float(values.sum(min_count=1))


def _protection(items: pd.DataFrame, days: float, horizon: int) -> list[int]:
    """Return the periods from an order to the receipt of the next one, within the horizon."""
    wanted = np.ceil((items["lead_time_days"] + items["review_days"].fillna(days)) / days - 1e-9)
    return [int(count) for count in wanted.fillna(horizon).clip(1, horizon)]


def _costs(items: pd.DataFrame, parameters: Parameters) -> Costs:
    return Costs(
        items["unit_cost"].to_numpy(),
        items["unit_price"].to_numpy(),
        items["shortage_cost"].to_numpy(),
        parameters.holding_rate,
        DAYS_PER_YEAR / parameters.calendar.days_per_period,
    )


def _costs_a_year(backtest: Backtest, days_per_period: float) -> pd.DataFrame:
    """Return what errors of each item and method cost, as `Trust.costs`.

    A window costs what its protection interval does, stocked at its beginning: a year has as many of these as fit in,
    whatever else of a window was forecast, and however few windows an item has.
    """
    found = backtest.by_item().reset_index()
    place = found["item"].astype(int).to_numpy() - 1
    cases = backtest.cases
    periods = np.isfinite(cases.interval_actual).sum(axis=1) * cases.protection_periods
    years = periods[place] * days_per_period / DAYS_PER_YEAR
    known = np.where(years > 0, years, np.nan)
    return found[["pattern", "method"]].assign(place=place, cost_a_year=found["cost"] / known)


def _by_item(backtest: Backtest, items: pd.DataFrame, costs: pd.DataFrame, currency: str) -> pd.DataFrame:
    found = backtest.by_item().reset_index()
    found = found.assign(place=costs["place"].to_numpy(), cost_a_year=costs["cost_a_year"].to_numpy())
    own = found[found["method"] == PLAN_METHOD].set_index("place").reindex(range(len(items)))
    simple = found[found["method"] == SIMPLE_METHOD].set_index("place").reindex(range(len(items)))
    table = items[["item", "location", "description", "abc", "pattern"]].assign(
        model=own["model"].fillna("").to_numpy(),
        windows=own["windows"].fillna(0).to_numpy(),
        error_share=own["wape"].to_numpy(),
        bias_share=own["bias"].to_numpy(),
        inside_share=own["coverage_80"].to_numpy(),
        error_cost=own["cost_a_year"].to_numpy(),
        simple_cost=simple["cost_a_year"].to_numpy(),
    )
    better = (own["scaled_pinball"] <= simple["scaled_pinball"]) | own["scaled_pinball"].isna()
    why_not = {str(item): why for item, _, why in backtest.cases.left_out}
    drift = _one_way(backtest)
    judged = [
        judged_by(row, one_way=bool(drift[at]), better=bool(better[at]), currency=currency)
        for at, row in enumerate(table.to_dict("records"))
    ]
    reasons = [why or why_not.get(str(at + 1), "nothing sold") for at, (_, why) in enumerate(judged)]
    told = table.assign(verdict=[verdict for verdict, _ in judged], why=reasons)
    return told[FORECAST_TRUST.column_names]


def _one_way(backtest: Backtest) -> npt.NDArray[np.bool_]:
    """Return the items whose forecasts erred one way beyond chance."""
    method = backtest.methods.index(PLAN_METHOD)
    errors = (backtest.made.mean[method] - backtest.cases.actual).reshape(len(backtest.cases.names), -1)
    count = (~np.isnan(errors)).sum(axis=1)
    mean = np.nansum(errors, axis=1) / np.maximum(count, 1)
    spread = np.sqrt(np.nansum((errors - mean[:, None]) ** 2, axis=1) / np.maximum(count - 1, 1))
    return np.asarray((count > 1) & (np.abs(mean) > BEYOND_CHANCE * spread / np.sqrt(np.maximum(count, 1))))


def judged_by(row: Mapping[Any, Any], *, one_way: bool, better: bool, currency: str = "") -> tuple[str, str]:
    """Return the verdict on an item's forecast, and why; no reason where nothing could be judged.

    Parameters
    ----------
    row
        ``error_share`` and ``bias_share`` (of demand), ``error_cost`` and ``simple_cost`` (money a year; NaN: unknown).
    one_way
        Whether errors go one way beyond chance.
    better
        Whether the distributions are no worse than the simple method's: it decides where costs are about the same.
    currency
        The unit of money; blank where it is not known.

    Examples
    --------
    >>> row = {"error_share": 0.6, "bias_share": -0.1, "error_cost": 257.0, "simple_cost": 363.0}
    >>> judged_by(row, one_way=False, better=False)[0]
    'trust'
    >>> judged_by(row | {"error_cost": 363.0, "simple_cost": 257.0}, one_way=False, better=True)[0]
    'no better than simple'
    >>> judged_by(row | {"error_share": 1.8, "bias_share": 0.9}, one_way=False, better=True)[0]
    'with care'
    """
    error, bias, cost, simple = (float(row[n]) for n in ("error_share", "bias_share", "error_cost", "simple_cost"))
    if np.isnan(error):
        return "not judged", ""
    told = f"errors are {error:.0%} of demand, {abs(bias):.0%} {'too high' if bias > 0 else 'too low'} in all"
    if one_way and abs(bias) > LARGE_BIAS:
        return ("too high" if bias > 0 else "too low"), told
    costs = f"{told}; they cost {amount(cost, currency)} a year, those of simple smoothing {amount(simple, currency)}"
    if cost > (1.0 + CLEARLY) * simple:
        return "no better than simple", costs
    cheaper = cost < (1.0 - CLEARLY) * simple
    if not cheaper and not better:
        return "no better than simple", f"{told}; simple smoothing did as well"
    why = costs if cheaper else told
    large = error > LARGE_ERROR or abs(bias) > LARGE_UNSURE_BIAS
    return ("with care", f"{why}; too far off for a single period") if large else ("trust", why)
