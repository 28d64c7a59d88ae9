"""Order plans beside others: after a disruption beside today's, today's beside an earlier one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from invopt_xl.cache import ContentCache
from invopt_xl.domain import Progress, Silent
from invopt_xl.optimise import Replanned, Shortfall, replan
from invopt_xl.optimise.steady import MOST_PAID
from invopt_xl.optimise.wording import money_in_words, units_named
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.disruptions.held_up import (
    Closed,
    closures_of,
    due_periods,
    due_when_open,
    held_in_words,
    lines_sent,
)
from invopt_xl.plan.disruptions.reading import Happening, Told, read_disruptions
from invopt_xl.plan.explain import SENT
from invopt_xl.plan.order_plan import Basis, Compared, OrdersMade, order_basis, problem_of, tables_of
from invopt_xl.plan.orders import Effort, Planned, plan_problem
from invopt_xl.plan.orders.changes import Lines, change_table
from invopt_xl.plan.orders.dating import day_in_words, days_in_words, first_day
from invopt_xl.plan.orders.planned import judged
from invopt_xl.plan.orders.problem import receipts_by_source
from invopt_xl.plan.orders.tables import COST_NOTES
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import admit

PLANS = ("today", "today's plan followed", "planned anew")
"""The plans that a disruption compares."""


LOOSE = 0.01
"""A gap beyond this leaves room for changes that no disruption is the cause of."""


@dataclass(frozen=True)
class Asked:
    """What is planned for.

    Parameters
    ----------
    happening
        What happens.
    keep_sent
        Whether the lines of the first period are sent already.
    """

    happening: Happening
    keep_sent: bool = False


def orders_after(
    raw: Tables,
    effort: Effort,
    asked: Asked,
    *,
    forecast: pd.DataFrame | None = None,
    cache: ContentCache | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> OrdersMade:
    """Plan orders as things are, then as they are after disruptions, and return the new plan beside today's.

    Parameters
    ----------
    raw, effort, forecast, cache, progress, workers
        As in `order_plan.make_orders`; the effort is that of each of the two plans.
    asked
        What happens.

    Raises
    ------
    InputError
        If nothing can be planned, or a disruption is about nothing there is.
    """
    started = time.perf_counter()
    progress = progress or Silent()
    progress.stage("Checking data")
    basis = order_basis(raw, admit(raw, forecast=forecast), progress, cache=cache, workers=workers)
    problem, sources = problem_of(basis)
    told = read_disruptions(asked.happening, basis, problem)
    today = plan_problem(problem, sources, effort, cache=cache, progress=progress)
    parameters = basis.admitted.parameters
    receipts = receipts_by_source(basis.items, sources, problem.periods, basis.admitted.tables, parameters)
    progress.stage("Planning anew")
    closures = closures_of(problem, told)
    found = replan(
        problem, told.disruptions, today.plan, keep_sent=asked.keep_sent, receipts=receipts,
        due=due_periods(sources, problem.periods, parameters),
        seconds=effort.seconds, gap=effort.gap, workers=effort.workers,
    )  # fmt: skip
    anew = _as_planned(found, today, closures, parameters, keep_sent=asked.keep_sent)
    compared = _compared(basis, today, anew, found, told, closures)
    tables = tables_of(basis, anew)
    orders = due_when_open(tables["orders"], closures, parameters)
    tables |= {"orders": orders, "order_changes": compared.changes}
    if asked.keep_sent:
        held = held_in_words(found, anew, closures, parameters)
        sent = lines_sent(orders, basis, anew)
        compared = replace(compared, sent=sent, sentences=(*compared.sentences, *held))
    return OrdersMade(tables, anew, basis, time.perf_counter() - started, compared)


def _as_planned(
    found: Replanned, today: Planned, closures: Sequence[Closed], parameters: Parameters, *, keep_sent: bool
) -> Planned:
    """Return the new plan with what explains it; lines sent already are marked, and what holds one up is said."""
    made, problem = found.plan, found.problem
    worth = made.shadow_prices.capacity.copy()
    for _, spell in closures:  # a closed supplier has capacity for what was sent, and none that more could be had of
        worth[spell.supplier, spell.first : spell.last + 1] = 0.0
    shortfalls = tuple(_of_closed(one, closures) for one in made.shortfalls)
    made = replace(made, shadow_prices=replace(made.shadow_prices, capacity=worth), shortfalls=shortfalls)
    if keep_sent:
        sent = found.after.sent[:, None] & (np.nan_to_num(problem.fixed_quantity) > 0)
        made = replace(made, shaped_by=np.where(sent, SENT, made.shaped_by))
    # Prices that change on the way are not told as the difference between sources.
    steady = (problem.unit_cost == problem.unit_cost[:, :1]).all(axis=1)
    held = problem.lead_time_periods > today.problem.lead_time_periods[found.after.source]
    arrival = np.argmax(np.nan_to_num(problem.fixed_quantity) > 0, axis=1) + problem.lead_time_periods
    words = [
        f"held up until {day_in_words(first_day(period, parameters), parameters.plan_date)}" if late else ""
        for late, period in zip(held.tolist(), arrival.tolist(), strict=True)
    ]
    sources = today.sources.iloc[found.after.source].reset_index(drop=True)
    costs = np.where(steady, problem.unit_cost[:, 0], np.nan)
    return judged(problem, sources.assign(unit_cost=costs, held_up=words), made)


def _of_closed(shortfall: Shortfall, closures: Sequence[Closed]) -> Shortfall:
    """Return a shortfall that does not call what a closed supplier was sent before its capacity."""
    name, period = shortfall.subject, shortfall.period
    there = any(name == supplier and spell.first <= period <= spell.last for supplier, spell in closures)
    if shortfall.kind != "capacity" or not there or shortfall.message.startswith("supplier"):
        return shortfall
    lacking = units_named(f"{shortfall.amount:,.0f}")
    closed = f"supplier {name} takes no more orders in period {period}"
    return replace(shortfall, message=f"{closed}, {lacking} short of what the targets need")


def _compared(
    basis: Basis, today: Planned, anew: Planned, found: Replanned, told: Told, closures: Sequence[Closed]
) -> Compared:
    parameters, change = basis.admitted.parameters, found.comparison
    after = Lines(found.after.before(anew.plan.quantity), found.after.before(anew.value))
    before = Lines(today.plan.quantity, today.value)

    def refused(source: int, period: int) -> str:
        for supplier, spell in closures:
            if today.problem.supplier[source] == spell.supplier and spell.first <= period <= spell.last:
                return f"{supplier} is closed {days_in_words(spell.first, spell.last, parameters)}"
        return ""

    table = change_table(basis.items, change.changes, before, (after, anew), parameters, refused)
    costs = cost_table(
        dict(zip(PLANS, (today.plan.costs, found.followed.costs, _sum(today.plan.costs, change.costs)), strict=True)),
        dict(zip(PLANS, (today.plan.total, found.followed.total, today.plan.total + change.total), strict=True)),
    )
    saves = f"saves {money_in_words(found.saved)}" if found.saved > 5e-3 else "saves nothing"
    sentence = f"The new plan {change.reason}; against following today's plan as it stands it {saves}."
    bought = purchases_in_words(change.costs["purchase"])
    sentences = (*told.words, sentence, *bought, *(_how_near(today, anew, found) if len(table) else ()))
    return Compared(sentences, costs, table, change.total, found.saved)


def _how_near(today: Planned, anew: Planned, found: Replanned) -> tuple[str, ...]:
    """Return in sentences when a line changes that nothing happens to."""
    least = money_in_words(found.worth_changing)
    most = f"as far as that costs at most {MOST_PAID:.0%} in all"
    near = f"Lines stay as in today's plan where changing one would save less than {least}, {most}."
    gap = max(today.plan.gap, anew.plan.gap)
    loose = f"The plans are within {gap:.1%} of the cheapest: lines may change that nothing happens to."
    return (near, *((loose,) if gap > LOOSE else ()))


def _sum(costs: dict[str, float], more: dict[str, float]) -> dict[str, float]:
    return {kind: costs.get(kind, 0.0) + more.get(kind, 0.0) for kind in {**costs, **more}}


def purchases_in_words(more: float) -> tuple[str, ...]:
    """Return in a sentence what a plan buys for more than another, money at list price; nothing where it is the same.

    Examples
    --------
    >>> purchases_in_words(-7.5), purchases_in_words(0.0)
    (('Purchases, which are not in these costs, are 7.50 lower.',), ())
    """
    if abs(more) <= 5e-3:
        return ()
    change = f"{money_in_words(abs(more))} {'higher' if more > 0 else 'lower'}"
    return (f"Purchases, which are not in these costs, are {change}.",)


def cost_table(costs: dict[str, dict[str, float]], totals: dict[str, float]) -> pd.DataFrame:
    """Return the costs of plans by kind, a column each, discounts negative, then their totals without purchase.

    Parameters
    ----------
    costs
        Costs by kind of each plan.
    totals
        The total of each plan.
    """
    kinds = [kind for kind in COST_NOTES if any(kind in each for each in costs.values())]
    sign = {"discount": -1.0}
    table = pd.DataFrame(
        {name: [sign.get(kind, 1.0) * each.get(kind, 0.0) for kind in kinds] for name, each in costs.items()},
        index=kinds,
    )
    table.loc["total"] = pd.Series(totals)
    return (table.round(2) + 0.0).rename_axis("kind").reset_index()
