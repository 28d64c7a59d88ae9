"""How an order plan looks on a console: what to place now and why, what it costs, what binds, what cannot be met."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from invopt_xl.domain.words import counted
from invopt_xl.hosts.cli.disruptions import comparison_parts, comparison_summary
from invopt_xl.hosts.cli.orders import Ordered
from invopt_xl.hosts.cli.show import closing_rejections, records
from invopt_xl.plan.explain import amount
from invopt_xl.plan.orders.dating import dated
from invopt_xl.plan.orders.worth import limit_sentence, worth_having

LINES_SHOWN = 10
SHORTFALLS_SHOWN = 10
PRICES_SHOWN = 8


def order_parts(ordered: Ordered) -> Iterator[RenderableType]:
    """Yield what a person sees of an order plan."""
    made = ordered.made
    yield Text(f"Order plan: {made.planned.plan.status}", style="bold")
    if made.compared is not None:
        yield from comparison_parts(made.compared)
    else:
        yield _costs(made.tables["order_costs"], _horizon(ordered))
    yield from _lines(ordered)
    yield from _shortfalls(ordered)
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
            for each in made.planned.shortfalls(parameters)
        ],
        "worth_more": limits_in_words(ordered),
        "notes": [*made.basis.notes, *plan.notes],
        "comparison": comparison_summary(made.compared) if made.compared else None,
        **{stem: records(_with_days(table)) for stem, table in made.tables.items()},
    }


def limits_in_words(ordered: Ordered) -> list[str]:
    """Return in sentences what a little more of each limit would save, the most worth first."""
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
    if now.empty:
        yield Text(f"Nothing is to be ordered now{later}.")
        return
    shown = now.sort_values("value", ascending=False, kind="stable").head(LINES_SHOWN)
    title = f"To place now: {counted(len(now), 'line')} worth {now['value'].sum():,.2f}{later}"
    if len(now) > len(shown):
        title += f"; the {len(shown)} largest"
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for name in ("supplier", "item"):
        table.add_column(name)
    for name in ("quantity", "value"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("due", no_wrap=True)
    table.add_column("why", overflow="fold")
    several = lines["location"].nunique() > 1
    for row in shown.to_dict("records"):
        place = f" {row['location']}" if several else ""
        item = Text(f"{row['item']}{place} {row['description']}".strip())
        item.truncate(28, overflow="ellipsis")
        figures = (amount(row["quantity"]), f"{row['value']:,.2f}", f"{row['due_date']:%Y-%m-%d}")
        table.add_row(Text(str(row["supplier"])), item, *figures, Text(str(row["why"])))
    yield table


def _shortfalls(ordered: Ordered) -> Iterator[RenderableType]:
    plan, parameters = ordered.made.planned.plan, ordered.made.basis.admitted.parameters
    for line in ordered.made.planned.broken:
        yield Text(f"Not kept: {dated(line, parameters)}", style="bold red")
    ranked = sorted(ordered.made.planned.shortfalls(parameters), key=lambda each: -each.value)
    if ranked:
        yield Text("What cannot be met", style="italic")
    for each in ranked[:SHORTFALLS_SHOWN]:
        yield Text(f"- {dated(str(each), parameters)}", style="yellow")
    if len(ranked) > SHORTFALLS_SHOWN:
        yield Text(f"- and {len(ranked) - SHORTFALLS_SHOWN:,} more")
    for note in plan.notes:
        yield Text(f"- {note}", style="yellow")


def _prices(sentences: list[str]) -> Iterator[RenderableType]:
    if sentences:
        yield Text("What a little more of a limit would save, each by itself", style="italic")
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
