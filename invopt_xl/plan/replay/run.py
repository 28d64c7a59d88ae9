"""A replay from tables to figures: each policy at a range of targets, and policies compared at equal service."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from invopt_xl.domain import Progress, Silent
from invopt_xl.errors import require
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.histories import histories
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.plan.replay.levels import Foresight, textbook
from invopt_xl.plan.replay.outages import Outage
from invopt_xl.plan.replay.outcome import Played, Weighting, figures, played, unit_worth
from invopt_xl.plan.replay.stage import Common, FloatArray, Stage, set_stage
from invopt_xl.plan.replenishment import with_terms
from invopt_xl.policy import Measure
from invopt_xl.policy.replay import World
from invopt_xl.policy.textbook import USUAL_WINDOW

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache

ServiceMeasure = Literal["fill", "cycle"]

POLICIES = ("ours", "uniform", "textbook")
"""``ours`` mixes service over items for an overall fill rate; ``uniform`` gives every item the same target with our
forecasts; ``textbook`` is what a spreadsheet does."""

TARGETS = (0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995)
"""Targets that the curve of a policy is drawn through."""

SAFETY = (0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.975, 0.99, 0.997, 0.9995, 0.99999)
"""Service levels that the textbook's safety factors are taken for."""

WINDOWS = (4, 8, 13, 26, 52)
"""Moving averages of which the best is found in hindsight."""

COMPARED = (0.9, 0.95, 0.98)
"""Achieved fill rates at which stock money is compared."""


@dataclass(frozen=True)
class Question:
    """What is replayed.

    Parameters
    ----------
    policies
        Some of `POLICIES`.
    service
        Service target, between 0 and 1.
    measure
        ``fill`` or ``cycle``; the mix knows an overall fill rate only.
    weighting
        What the overall fill rate weighs items by: ``value``, ``units`` or ``lines``.
    periods
        Periods replayed; half of the history, a year at most, unless given.
    draws
        Times that lead times are drawn.

    Raises
    ------
    InputError
        If one of them is out of bounds.
    """

    policies: tuple[str, ...] = POLICIES
    service: float = 0.95
    measure: ServiceMeasure = "fill"
    weighting: Weighting = "value"
    periods: int | None = None
    draws: int = 8

    def __post_init__(self) -> None:
        require(0 < self.service < 1, "service target", f"{self.service:g}", "between 0 and 1, such as 0.95")
        require(self.measure in get_args(ServiceMeasure), "service measure", self.measure, "fill or cycle")
        require(self.weighting in get_args(Weighting), "weighting", self.weighting, "value, units or lines")
        require(self.draws >= 1, "draws of lead times", self.draws, "1 or more")
        require(len(self.policies) > 0, "policies", "none", f"some of {', '.join(POLICIES)}")
        for policy in self.policies:
            require(policy in POLICIES, "policy", policy, f"one of {', '.join(POLICIES)}")


@dataclass(frozen=True, eq=False)
class ReplayReport:
    """What a replay found.

    Parameters
    ----------
    question
        What was asked.
    stage
        What was played on.
    curves
        A row for each policy and target: ``policy``, ``target`` and the columns of `outcome.Figures`.
    comparison
        Stock money at equal achieved fill rate beside the textbook, as `compared` returns it; see
        `tables.EQUAL_SERVICE`.
    items
        A row for each item and policy at the service target.
    quality
        ``tblQuality`` of the input: rejected rows, and what else was repaired or looks odd.
    rejected
        Input rows rejected.
    seconds
        Wall time.
    """

    question: Question
    stage: Stage
    curves: pd.DataFrame
    comparison: pd.DataFrame
    items: pd.DataFrame
    quality: pd.DataFrame
    rejected: int
    seconds: float


def replay_tables(
    raw: Tables,
    question: Question | None = None,
    *,
    admitted: Admitted | None = None,
    outages: Sequence[Outage] = (),
    common: Common | None = None,
    cache: ContentCache | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> ReplayReport:
    """Replay policies on the last part of real history.

    Parameters
    ----------
    raw
        Input tables by stem, as read.
    question
        What is replayed; the usual if not given.
    admitted
        What of the tables is replayed; they are checked for it unless given.
    outages
        Suppliers that deliver nothing for some time, from the middle of the replay on; no policy foresees it.
    common
        What is shared with the replays that this one is compared with, see `in_common`.
    cache
        Where the forecasts of the past are kept.
    workers
        Processes for forecasting; all cores unless given.
    progress
        Told of stages.

    Raises
    ------
    InputError
        If a table or column that is needed is missing, or no item can be replayed.
    """
    started = time.perf_counter()
    asked, progress = question or Question(), progress or Silent()
    if admitted is None:
        progress.stage("Checking data")
        admitted = admit(raw)
    stage = _stage(admitted, asked.periods, common)
    curves, each = _played(stage, stage.world(asked.draws, outages=outages), asked, cache, workers, progress)
    return ReplayReport(
        question=asked,
        stage=stage,
        curves=curves,
        comparison=compared(curves),
        items=each,
        quality=admitted.quality,
        rejected=admitted.rejected,
        seconds=time.perf_counter() - started,
    )


def in_common(inputs: Sequence[tuple[Admitted, Sequence[Outage]]], asked: Question) -> Common:
    """Return what replays of inputs with outages, all with the same items, need to share to be compared.

    Forecasts reach equally far, and an item is measured from when an order could have come in each of them.

    Raises
    ------
    InputError
        If no item of an input can be replayed.
    """
    horizon, first = 0, np.zeros((asked.draws, len(inputs[0][0].tables["items"])), dtype=np.int64)
    for admitted, outages in inputs:
        stage = _stage(admitted, asked.periods)
        own = stage.world(asked.draws, outages=outages).first_receipts.reshape(asked.draws, -1)
        horizon = max(horizon, stage.horizon)
        first[:, stage.place] = np.maximum(first[:, stage.place], own)
    return Common(horizon, first)


def _stage(admitted: Admitted, periods: int | None, common: Common | None = None) -> Stage:
    items = with_terms(admitted.tables, admitted.parameters)
    return set_stage(items, histories(admitted), admitted.tables, admitted.parameters, periods, common)


def _played(
    stage: Stage, world: World, asked: Question, cache: ContentCache | None, workers: int | None, progress: Progress
) -> tuple[pd.DataFrame, pd.DataFrame]:
    _require_measured(stage, world, asked.weighting)
    rows, each = [], []
    levels = _levels(stage, asked, cache, workers, progress)
    progress.stage("Replaying", len(levels))
    for policy, target, points in levels:
        progress.advance()
        made = played(stage, world, points)
        rows.append({"policy": policy, "target": target, **asdict(figures(stage, made))})
        if target == asked.service and policy in (*POLICIES, textbook_name(USUAL_WINDOW)):
            each.append(_each(stage, policy, made))
    return pd.DataFrame(rows), pd.concat(each, ignore_index=True)


def _require_measured(stage: Stage, world: World, weighting: Weighting) -> None:
    """Refuse a replay without demand that counts, or one that ends before an order of its own can have met it."""
    worth = np.tile(unit_worth(stage, weighting) > 0, len(world.demand) // len(stage.items))
    require(bool(worth.any()), "costs and prices of the items", 0, "some above zero, for fill rates by value")
    require(bool((world.demand > 0).any()), "demand in the periods replayed", 0, "some, of any item")
    longest = int(world.first_receipts.max())
    enough = bool(((world.demand > 0) & world.measured)[worth].any())
    require(enough, "periods to replay", stage.periods, f"more, such as {2 * longest}, for orders to come in and serve")


def _levels(
    stage: Stage, asked: Question, cache: ContentCache | None, workers: int | None, progress: Progress
) -> list[tuple[str, float, FloatArray]]:
    """Return policy, target and reorder points of everything that is played."""
    targets = sorted({*TARGETS, asked.service})
    found: list[tuple[str, float, FloatArray]] = []
    if "textbook" in asked.policies:
        for window in WINDOWS:
            services = sorted({*SAFETY, asked.service})
            points = textbook(stage, services, window)
            found += [(textbook_name(window), service, at) for service, at in zip(services, points, strict=True)]
    if {"ours", "uniform"} & set(asked.policies):
        foresight = Foresight.of(stage, cache=cache, workers=workers, progress=progress)
        if "ours" in asked.policies:
            mixed = foresight.mixed(targets, asked.weighting, progress)
            found += [("ours", target, at) for target, at in zip(targets, mixed, strict=True)]
        if "uniform" in asked.policies:
            measure = Measure.FILL if asked.measure == "fill" else Measure.ORDER_CYCLE
            same = foresight.uniform(targets, measure, progress)
            found += [("uniform", target, at) for target, at in zip(targets, same, strict=True)]
    return found


def textbook_name(window: int) -> str:
    """Return the name of the textbook policy with this moving average."""
    return f"textbook {window}"


def _each(stage: Stage, policy: str, made: Played) -> pd.DataFrame:
    cost = stage.items["unit_cost"].to_numpy()
    some = np.where(made.asked > 0, made.asked, np.nan)
    cycles = np.where(made.cycles > 0, made.cycles, np.nan)
    return stage.items[["item", "location"]].assign(
        policy=policy,
        demand=made.asked,
        fill_rate=made.served / some,
        cycle_service=made.unbroken / cycles,
        stock=made.stock,
        stock_money=cost * made.stock,
        orders=made.orders,
        stockouts=made.short,
    )


def compared(curves: pd.DataFrame, fills: Sequence[float] = COMPARED) -> pd.DataFrame:
    """Return stock money at equal achieved fill rate, each policy beside the textbook's.

    Between targets money is interpolated on a logarithmic scale; beyond the ends of a curve nothing is said. Money and
    shares are NaN where a policy does not get there on these data.

    Parameters
    ----------
    curves
        As in `ReplayReport`.
    fills
        Achieved fill rates.
    """
    books = {name: curve for name, curve in curves.groupby("policy", sort=False) if str(name).startswith("textbook")}
    rows = []
    for policy, curve in curves.groupby("policy", sort=False):
        for weighting in get_args(Weighting) if policy not in books else ():
            for fill in fills:
                own = money_at(curve, weighting, fill)
                there = {name: money_at(book, weighting, fill) for name, book in books.items()}
                reached = {name: money for name, money in there.items() if np.isfinite(money)}
                best = min(reached, key=lambda name: reached[name], default=None)
                usual = there.get(textbook_name(USUAL_WINDOW), np.nan)
                rows.append({
                    "policy": policy, "weighting": weighting, "fill_rate": fill, "stock_money": own,
                    "usual_textbook": usual, "saved_beside_usual": 1 - own / usual,
                    "best_textbook": reached[best] if best else np.nan, "best_window": best or "out of reach",
                    "saved_beside_best": 1 - own / reached[best] if best else np.nan,
                })  # fmt: skip
    return pd.DataFrame(rows)


def money_at(curve: pd.DataFrame, weighting: Weighting, fill: float) -> float:
    """Return the stock money at which a policy achieves a fill rate; NaN where none of its targets gets there."""
    ordered = curve[curve["stock_money"] > 0].sort_values(f"fill_{weighting}")
    service = ordered[f"fill_{weighting}"].to_numpy(dtype=np.float64)
    if not len(service) or not service[0] <= fill <= service[-1]:
        return float("nan")
    return float(np.exp(np.interp(fill, service, np.log(ordered["stock_money"].to_numpy(dtype=np.float64)))))
