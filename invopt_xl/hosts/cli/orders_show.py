"""How an order plan looks on a console: what to place now and why, what it costs, what binds, what cannot be met."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from invopt_xl.domain.words import counted
from invopt_xl.hosts.cli.disruptions import comparison_parts, comparison_summary, from_whom
from invopt_xl.hosts.cli.orders import Ordered
from invopt_xl.hosts.cli.show import closing_rejections, records
from invopt_xl.optimise.wording import units_named
from invopt_xl.plan.explain import amount
from invopt_xl.plan.orders.dating import dated
from invopt_xl.plan.orders.shortages import not_named, shortage_sentence
from invopt_xl.plan.orders.worth import limit_sentence, saving_in_words, worth_having

LINES_SHOWN = 10
NAME_SHOWN = 40
SHORTFALLS_SHOWN = 10
ITEMS_SHOWN = 10
PRICES_SHOWN = 8

OVERALL = "A fill rate in a reason is what the overall service target means for the item."
"""What each reason would say again otherwise."""


def order_parts(ordered: Ordered) -> Iterator[RenderableType]:
    """Yield what a person sees of an order plan."""
    made = ordered.made
    yield Text(f"Order plan: {made.planned.plan.status}", style="bold")
    saving = saving_in_words(made.planned, made.basis.admitted.parameters.currency)
    yield Text(f"{saving[:1].upper()}{saving[1:]}.")
    if made.compared is not None:
        # Of an earlier plan the costs within its horizon are known, after a disruption those of all that is planned.
        over = _horizon(ordered) if made.compared.saved is None else _whole(ordered)
        yield from comparison_parts(made.compared, over)
    else:
        yield _costs(made.tables["order_costs"], _horizon(ordered))
    yield from _lines(ordered)
    yield from _shortfalls(ordered)
    yield from _who_runs_short(ordered)
    yield from _prices(limits_in_words(ordered))
    for sentence in made.basis.notes:
        yield Text(f"Note: {sentence}", style="dim")
    yield from closing_rejections(made.tables["quality"])
    yield _closing_line(ordered)


def order_summary(ordered: Ordered) -> dict[str, object]:
    """Return what ``--json`` prints: every table, and what cannot be met."""
    made, plan = ordered.made, ordered.made.planned.plan
    parameters = made.basis.admitted.parameters
    return {
        "output": str(ordered.output),
        "status": plan.status,
        "solver": plan.solver,
        "total": round(plan.total, 4),
        "bound": round(plan.bound, 4),
        "gap": round(plan.gap, 6),
        "items": len(made.basis.items),
        "periods": made.planned.problem.periods,
        "horizon_periods": parameters.horizon_periods,
        "rejected": made.rejected,
        "seconds": round(made.seconds, 2),
        "limits_broken": [dated(line, parameters) for line in made.planned.broken],
        "shortfalls": [
            {
                "kind": each.kind,
                "subject": each.subject,
                "date": _day(ordered, each.period) if each.period >= 0 else None,
                "amount": round(each.amount, 4),
                "value": round(each.value, 2),
                "message": dated(str(each), parameters),
            }
            for each in plan.shortfalls
        ],
        "worth_more": limits_in_words(ordered),
        "notes": [*made.basis.notes, *plan.notes],
        "comparison": comparison_summary(made.compared) if made.compared else None,
        **{stem: records(_with_days(table)) for stem, table in made.tables.items()},
    }


def limits_in_words(ordered: Ordered) -> list[str]:
    """Return in sentences what more room in each limit would save, the most worth first."""
    parameters = ordered.made.basis.admitted.parameters
    rows = worth_having(ordered.made.tables["order_limits"]).to_dict("records")
    return [limit_sentence(row, parameters.period, parameters.currency) for row in rows]


def _day(ordered: Ordered, period: int) -> str:
    calendar = ordered.made.basis.admitted.parameters.calendar
    return str(calendar.start(pd.Index([period]).to_numpy())[0])


def _with_days(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its dates as text, 2018-01-31."""
    days = table.select_dtypes("datetime").columns
    return table.assign(**{str(name): table[name].dt.strftime("%Y-%m-%d") for name in days})


def _horizon(ordered: Ordered) -> str:
    """Return the horizon in words."""
    parameters = ordered.made.basis.admitted.parameters
    return counted(min(parameters.horizon_periods, ordered.made.planned.problem.periods), parameters.period)


def _whole(ordered: Ordered) -> str:
    """Return in words over how long is planned, the periods beyond the horizon included."""
    made = ordered.made
    beyond = made.planned.problem.periods - made.basis.admitted.parameters.horizon_periods
    whole = counted(made.planned.problem.periods, made.basis.admitted.parameters.period)
    return whole + (f", {beyond} of them beyond the horizon" if beyond > 0 else "")


def _costs(costs: pd.DataFrame, horizon: str) -> Table:
    table = Table(title=f"Costs over {horizon}", title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("kind")
    table.add_column("amount", justify="right")
    table.add_column("what it is", overflow="fold")
    kept = costs[(costs["amount"] != 0) | costs["kind"].isin(["purchase", "total"])]
    for kind, money, note in kept.itertuples(index=False):
        table.add_row(str(kind), f"{money:,.2f}", str(note), style="bold" if kind == "total" else "")
    return table


def _lines(ordered: Ordered) -> Iterator[RenderableType]:
    lines = ordered.made.tables["orders"]
    first = pd.Timestamp(ordered.made.basis.admitted.parameters.plan_date)
    now = lines[lines["order_date"] == first]
    later = f"; {counted(len(lines) - len(now), 'line')} later" if len(lines) > len(now) else ""
    sent = ordered.made.compared.sent if ordered.made.compared else None
    if sent is not None and len(sent):
        now = now.drop(index=sent.index)
        worth = f"{counted(len(sent), 'line')} worth {sent['value'].sum():,.2f}"
        yield Text(f"Sent already: {worth}; each says so in orders.")
    if now.empty:
        yield Text(f"Nothing is to be ordered now{later}.")
        return
    shown = now.sort_values("value", ascending=False, kind="stable").head(LINES_SHOWN)
    title = f"To place now: {counted(len(now), 'line')} worth {now['value'].sum():,.2f}{later}"
    if len(now) > len(shown):
        title += f"; the {len(shown)} largest"
    yield Text(title, style="italic")
    several = lines["location"].nunique() > 1
    for row in shown.to_dict("records"):
        yield Text.assemble("- ", (_line(row, several), "bold"), " ", Text(str(row["why"]), style="dim"))
    if ordered.made.basis.admitted.parameters.service_goal == "overall":
        yield Text(OVERALL, style="dim")


def _line(row: Mapping[Hashable, Any], several: bool) -> str:
    """Return an order line in words: what, from whom, how much, what it is worth and when it is due."""
    place = f" {row['location']}" if several else ""
    item = f"{row['item']}{place} {row['description']}".strip()
    name = f"{item[: NAME_SHOWN - 1]}…" if len(item) > NAME_SHOWN else item
    units = units_named(amount(row["quantity"]))
    return f"{name}{from_whom(row['supplier'])}: {units}, {row['value']:,.2f}, due {row['due_date']:%Y-%m-%d}."


def _shortfalls(ordered: Ordered) -> Iterator[RenderableType]:
    plan, parameters = ordered.made.planned.plan, ordered.made.basis.admitted.parameters
    broken = ordered.made.planned.broken
    for line in broken:
        yield Text(f"Not kept: {dated(line, parameters)}", style="bold red")
    ranked = sorted((each for each in plan.shortfalls if str(each) not in broken), key=lambda each: -each.value)
    if ranked:
        yield Text("What cannot be met", style="italic")
    for each in ranked[:SHORTFALLS_SHOWN]:
        yield Text(f"- {dated(str(each), parameters)}", style="yellow")
    if len(ranked) > SHORTFALLS_SHOWN:
        yield Text(f"- and {len(ranked) - SHORTFALLS_SHOWN:,} more")
    for note in plan.notes:
        yield Text(f"- {note}", style="yellow")


def _who_runs_short(ordered: Ordered) -> Iterator[RenderableType]:
    """Yield which items go without, for how long and why, where what cannot be met does not say it yet."""
    made, parameters = ordered.made, ordered.made.basis.admitted.parameters
    rows = not_named(made.tables["order_shortfalls"], made.basis.items, made.planned.plan.shortfalls).to_dict("records")
    if rows:
        yield Text("What runs short, and why", style="italic")
    said = {dated(str(each), parameters) for each in made.planned.plan.shortfalls}
    for row in rows[:ITEMS_SHOWN]:
        yield Text(f"- {shortage_sentence(row, parameters, said)}", style="yellow")
    if len(rows) > ITEMS_SHOWN:
        yield Text(f"- and {len(rows) - ITEMS_SHOWN:,} more, see order_shortfalls")


def _prices(sentences: list[str]) -> Iterator[RenderableType]:
    if sentences:
        yield Text("What more room in a limit would save, each by itself", style="italic")
    for sentence in sentences[:PRICES_SHOWN]:
        yield Text(f"- {sentence}")
    if len(sentences) > PRICES_SHOWN:
        yield Text(f"- and {len(sentences) - PRICES_SHOWN:,} more, see order_limits")


def _closing_line(ordered: Ordered) -> Text:
    made = ordered.made
    parameters = made.basis.admitted.parameters
    rejected = f"; {counted(made.rejected, 'row')} rejected (see tblQuality)" if made.rejected else ""
    beyond = made.planned.problem.periods - parameters.horizon_periods
    over = _horizon(ordered) + (
        f", and {beyond} beyond them so that stock does not run out there," if beyond > 0 else ""
    )
    kept = "Some limits are not kept" if made.planned.broken else "Every limit is kept"
    planned = f"{counted(len(made.basis.items), 'item')} planned over {over} in {made.seconds:.1f} s"
    return Text(f"{planned}{rejected}. {kept}. Written to {ordered.output}")
