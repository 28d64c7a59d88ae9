"""Today's plan and replay beside those of scenarios."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from invopt_xl.domain import Progress, Silent
from invopt_xl.domain.words import counted
from invopt_xl.errors import require
from invopt_xl.plan.columns import Column, Table, Tables
from invopt_xl.plan.histories import histories
from invopt_xl.plan.levels import periods_ahead
from invopt_xl.plan.pipeline import PlanResult, run
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.plan.replay.run import Question, in_common, replay_tables
from invopt_xl.plan.replay.stage import replayed_periods
from invopt_xl.plan.replenishment import with_terms
from invopt_xl.plan.what_if.changes import Scenario
from invopt_xl.plan.what_if.figures import LEVELS, Compared, figures, level_changes
from invopt_xl.plan.what_if.tables import changed, require_outage, while_out

if TYPE_CHECKING:
    from invopt_xl.cache import ContentCache

POLICY = "ours"
"""The policy that is replayed."""

_SMALL_GAP = 0.001
"""Proven gaps of order plans above this share are told."""

_FURTHER = (
    "a scenario looks further ahead than today's plan, which is made anew as far: its figures can differ from those of "
    "the last refresh"
)
"""What is said where today's own plan is not the one compared with."""

WHAT_IF = Table(
    "tblWhatIf",
    "what_if",
    "What if",
    (
        Column("scenario", "text", "What is assumed."),
        Column("part", "text", "plan, replay or item."),
        Column("item", "text", "The item; blank: all of them."),
        Column("location", "text", "Where it is stocked."),
        Column("figure", "text", "What is compared."),
        Column("unit", "text", "Its unit."),
        Column("today", "number", "With today's input."),
        Column("then", "number", "In the scenario."),
        Column("difference", "number", "Then less today."),
        Column("why", "text", "Why the level of an item changed."),
    ),
)
"""Everything a what-if compares, a row for each figure."""


@dataclass(frozen=True, eq=False)
class WhatIf:
    """Scenarios beside today.

    Parameters
    ----------
    scenarios
        What was assumed.
    today
        With today's input.
    then
        In each scenario.
    figures
        A row for each scenario and figure: ``scenario``, ``part`` (plan or replay), ``figure``, ``unit``, ``today``,
        ``then``, ``difference``; percentages in points. NaN where a replay does not get there.
    items
        A row for each scenario and item: ``scenario``, ``item``, ``location``, ``description``, ``unit_cost``, the
        levels of `LEVELS` today and then (``reorder_point``, ``reorder_point_then``, ...), ``money`` (change of the
        reorder point at cost) and ``why`` the reorder point changed.
    notes
        What a reader should know of the comparison.
    quality
        ``tblQuality`` of today's input.
    rejected
        Input rows rejected.
    seconds
        Wall time.
    """

    scenarios: tuple[Scenario, ...]
    today: Compared
    then: tuple[Compared, ...]
    figures: pd.DataFrame
    items: pd.DataFrame
    notes: tuple[str, ...]
    quality: pd.DataFrame
    rejected: int
    seconds: float

    @property
    def table(self) -> pd.DataFrame:
        """Figures and items as one table with the columns of `WHAT_IF`."""
        parts = [self.figures]
        for level in LEVELS:
            rows = self.items[["scenario", "item", "location"]].assign(
                part="item", figure=level.replace("_", " "), unit="units",
                today=self.items[level], then=self.items[f"{level}_then"],
                why=self.items["why"] if level == "reorder_point" else "",
            )  # fmt: skip
            parts.append(rows.assign(difference=rows["then"] - rows["today"]))
        whole = pd.concat(parts, ignore_index=True).reindex(columns=WHAT_IF.column_names)
        texts = [column.name for column in WHAT_IF.columns if column.kind == "text"]
        return whole.fillna(dict.fromkeys(texts, "")).round({"today": 4, "then": 4, "difference": 4})


def compare(
    raw: Tables,
    scenarios: Sequence[Scenario],
    question: Question | None = None,
    *,
    replayed: bool = True,
    admitted: Admitted | None = None,
    made_today: PlanResult | None = None,
    cache: ContentCache | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> WhatIf:
    """Plan and replay today's input and each scenario.

    All are replayed on the same history with the same luck, so that differences come from the scenario alone. A
    service target that a scenario changes for all items is the replay's target too.

    Parameters
    ----------
    raw
        Input tables by stem, as read.
    scenarios
        What is assumed, each beside today.
    question
        What is replayed; unless given our policy at the plan's own target, with half the draws of a replay.
    replayed
        False to compare plans only.
    admitted
        What of the tables can be used; they are checked for it unless given.
    made_today
        Today's plan, as `plan.pipeline.run` made it of these tables: scenarios stand beside that very one. Planned here
        unless given, or where a scenario looks further ahead; of the order plan what the cache keeps is taken then.
    cache
        Where forecasts and order plans are kept.
    workers
        Processes for forecasting; all cores unless given.
    progress
        Told of stages.

    Raises
    ------
    InputError
        If a table or column that is needed is missing, a change is not possible, two scenarios have one name, or
        today's plan is one of other items.
    """
    started, progress = time.perf_counter(), progress or Silent()
    names = _names(scenarios)
    if admitted is None:
        progress.stage("Checking data")
        admitted = admit(raw)
    # Impossible changes are refused before minutes of work.
    asked = question or Question(policies=(POLICY,), service=admitted.parameters.service_target, draws=4)
    inputs = [_inputs(admitted, scenario) for scenario in scenarios]
    if replayed:
        _check_outages(scenarios, replayed_periods(histories(admitted).periods, asked.periods))

    # Sample paths depend on how far they reach: all have the same, so that nothing else differs.
    own = _periods_ahead(admitted) if made_today is None else _made_ahead(made_today, admitted)
    reach = max(own, *(_periods_ahead(each.planned) for each in inputs))
    todays = _Inputs(Scenario("Today"), admitted, admitted)
    past = [(each.replayed, each.scenario.outages) for each in (todays, *inputs)]
    common = in_common(past, asked) if replayed else None

    def made(named: str, of: _Inputs, plan: PlanResult | None = None) -> Compared:
        saying = _Named(progress, named)
        plan = plan or run(
            raw, admitted=of.planned, forecast_periods=reach, as_kept=of is todays, cache=cache, workers=workers,
            progress=saying, wanted=frozenset(),
        )  # fmt: skip
        if not replayed:
            return Compared(plan, None)
        played = replay_tables(
            raw, of.question(asked, admitted), admitted=of.replayed, outages=of.scenario.outages, common=common,
            cache=cache, workers=workers, progress=saying,
        )  # fmt: skip
        return Compared(plan, played)

    today = made("Today", todays, made_today if reach == own else None)
    then = tuple(made("Then", each) for each in inputs)
    levels = [level_changes(name, today.plan, one.plan, admitted) for name, one in zip(names, then, strict=True)]
    return WhatIf(
        scenarios=tuple(scenarios),
        today=today,
        then=then,
        figures=pd.concat(map(figures, names, [today] * len(then), then), ignore_index=True),
        items=pd.concat(levels, ignore_index=True),
        notes=(*([_FURTHER] if reach > own else []), *_notes(inputs, today, then)),
        quality=admitted.quality,
        rejected=admitted.rejected,
        seconds=time.perf_counter() - started,
    )


def _names(scenarios: Sequence[Scenario]) -> list[str]:
    """Return the scenarios' names, one or more and all different."""
    names = [scenario.name for scenario in scenarios]
    require(len(names) > 0, "number of scenarios", 0, "1 or more")
    require(len(set(names)) == len(names), "names of scenarios", ", ".join(names), "different ones")
    return names


def _made_ahead(made: PlanResult, admitted: Admitted) -> int:
    """Return how many periods a plan has forecast; refuse one of other items."""
    planned, known = (
        [*zip(one["item"], one["location"], strict=True)] for one in (made.items, admitted.tables["items"])
    )
    require(planned == known, "today's plan", f"one of {counted(len(planned), 'item')}", "one of the tables' items")
    return len(made.levelled.forecasts[0].mean)


def _periods_ahead(admitted: Admitted) -> int:
    return periods_ahead(with_terms(admitted.tables, admitted.parameters), admitted.parameters)


class _Inputs(NamedTuple):
    """A scenario's input: as it is planned with, and as it is replayed with."""

    scenario: Scenario
    planned: Admitted
    replayed: Admitted

    def question(self, asked: Question, today: Admitted) -> Question:
        """Return what is replayed, with the scenario's own target where it changes the target of all items."""
        own, usual = self.replayed.parameters, today.parameters
        target = own.service_target if own.service_target != usual.service_target else asked.service
        wanted, measure = own.service_measure, asked.measure
        # A replay plays fill rates and cycle service.
        if wanted != usual.service_measure and (wanted == "fill" or wanted == "cycle"):
            measure = wanted
        return replace(asked, service=target, measure=measure)


def _check_outages(scenarios: Sequence[Scenario], periods: int) -> None:
    """Refuse outages that a replay of so many periods would not see the end of."""
    for scenario in scenarios:
        for outage in scenario.outages:
            outage.begins(periods)


def _inputs(admitted: Admitted, scenario: Scenario) -> _Inputs:
    assumed = changed(admitted, scenario)
    planned = assumed
    for outage in scenario.outages:
        require_outage(assumed, outage)
        planned = while_out(planned, outage)
    return _Inputs(scenario, planned, assumed)


class _Named:
    """Progress that says of which input a stage is."""

    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._name = name

    def stage(self, name: str, steps: int = 0) -> None:
        """Pass the stage on under its name."""
        self._progress.stage(f"{self._name}: {name[:1].lower()}{name[1:]}", steps)

    def advance(self, steps: int = 1) -> None:
        """Pass the steps on."""
        self._progress.advance(steps)


def _notes(inputs: Sequence[_Inputs], today: Compared, then: Sequence[Compared]) -> tuple[str, ...]:
    notes = []
    gap = max(float(one.plan.tables["log"]["solver_gap"].iloc[-1]) for one in (today, *then))
    if gap > _SMALL_GAP:
        # The gap is one of costs: two plans within it may well order for quite different amounts.
        told = f"order plans have a gap of up to {gap:.1%} of what orders can change"
        notes.append(f"{told}: what they order can differ for the search alone, whatever the scenario")
    for each, made in zip(inputs, then, strict=True):
        changes, outages = each.scenario.changes, each.scenario.outages
        if outages:
            notes.append(
                "an outage begins on the plan date: levels and the order now are those of orders that come after it"
            )
        if made.replay is None or today.replay is None:
            continue
        if outages:
            notes.append("in the replay the outage begins in the middle, and no level foresees it")
        if any(change.name.startswith("service") and change.where for change in changes):
            notes.append("the replay has one target over all items: targets of some of them are in the plan only")
        if any(change.name.startswith("lead_time") for change in changes):
            notes.append(f"the replay counts lead times in whole {_period(each.planned)}s, rounded up")
        if len(made.replay.stage.items) != len(today.replay.stage.items):
            notes.append("not the same items can be replayed, so replay figures differ by that as well")
    if today.replay is not None and len(today.replay.stage.left_out):
        count = counted(len(today.replay.stage.left_out), "item")
        notes.append(f"{count} not replayed: too short a known past, too slow an order, or terms that cannot be right")
    return tuple(dict.fromkeys(notes))


def _period(admitted: Admitted) -> str:
    return str(admitted.parameters.period)
