"""How forecasts look on a console: few of them in full, with their bands drawn; many as a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from invopt_xl.domain.words import counted
from invopt_xl.forecasting.panel.table import interval_ends, quantile_name
from invopt_xl.hosts.cli.forecast import Made, model_counts
from invopt_xl.hosts.cli.reasons import continued_counts, note_counts
from invopt_xl.hosts.cli.show import closing_quality, plain_table, records
from invopt_xl.plan.keys import item_names

Floats = npt.NDArray[np.float64]

SHOWN_IN_FULL = 3
"""Items whose forecasts are shown period by period; of more there is a summary."""

USUAL_INTERVALS = (0.8, 0.95)
"""Central intervals shown with every forecast."""

WEAKEST_SHOWN = 10
PERIODS_DRAWN = 36
"""Periods of history drawn before a forecast."""

BAND_WIDTH = 30
"""Letters of a band; fewer where the console is narrow."""

_NARROWEST_BAND = 8
_BETWEEN = 3
"""Blanks between two columns."""

_LABEL_WIDTH = 34
"""Letters before the line that draws a history."""

_RAMPS = {False: "▁▂▃▄▅▆▇█", True: "_.-=+*#@"}
_STROKES = {False: ("─", "━", "●"), True: ("-", "=", "o")}


def forecast_parts(made: Made, console: Console) -> Iterator[RenderableType]:
    """Yield what a person sees of forecasts.

    Parameters
    ----------
    made
        The forecasts.
    console
        Where it is shown; one without block letters gets plain ones.
    """
    plain = console.options.ascii_only
    for sentence in made.assumptions:
        yield Text(f"Assumed: {sentence}.")
    if len(made.forecasts) <= SHOWN_IN_FULL:
        for row in range(len(made.forecasts)):
            yield from _item_parts(made, row, plain, console.width)
    else:
        yield from _summary_parts(made)
    yield from closing_quality(made.quality)
    yield _closing_line(made)


def forecast_summary(made: Made) -> dict[str, object]:
    """Return what ``--json`` prints: the forecasts too, unless they are in a file."""
    panel = made.source.panel
    found: dict[str, object] = {
        "output": str(made.output) if made.output else None,
        "reasons": str(made.reasons) if made.reasons else None,
        "items": len(made.forecasts),
        "horizon": made.forecasts[0].periods,
        "period": panel.calendar.period,
        "season": made.source.season,
        "start": panel.calendar.plan_date,
        "assumptions": list(made.assumptions),
        "models": dict(model_counts(made.forecasts).most_common()),
        "patterns": dict(Counter(pattern.name for pattern in made.patterns).most_common()),
        "notes": note_counts(made.forecasts)[1],
        "continued": continued_counts(made.forecasts)[0],
        "searched_again": continued_counts(made.forecasts)[1],
        "rejected": made.rejected,
        "seconds": round(made.seconds, 2),
        "quality": records(made.every_finding),
    }
    if made.output is None:
        dates = made.table["date"].dt.strftime("%Y-%m-%d")
        found["forecast"] = records(made.table.assign(date=dates))
    return found


def _item_parts(made: Made, row: int, plain: bool, width: int) -> Iterator[RenderableType]:
    history, forecast = made.source.panel.histories.of(row), made.forecasts[row]
    name = _name(made.source.panel.items, row)
    yield Text(f"\n{name}", style="bold")
    yield Text(f"{forecast.model}: {forecast.reason}")
    middle = forecast.quantiles([0.5])[:, 0]
    room = width - _LABEL_WIDTH
    past = history.quantity[-min(max(room - len(middle), room // 2), PERIODS_DRAWN) :]
    middle = middle[: max(room - len(past), 1)]
    top = float(np.nanmax(np.concatenate([past, middle, [0.0]])))
    drawn = Text.assemble(sparkline(past, top, plain), " ", (sparkline(middle, top, plain), "bold cyan"))
    yield Text.assemble(f"last {len(past)} and next {len(middle)} {made.source.panel.calendar.period}s: ", drawn)
    rows = made.table.iloc[row * forecast.periods : (row + 1) * forecast.periods]
    yield _periods_table(rows, sorted({*USUAL_INTERVALS, *made.request.levels}), plain, width)


def _periods_table(rows: pd.DataFrame, intervals: Sequence[float], plain: bool, width: int) -> Table:
    """Return dates, intervals and bands, the bands drawn as wide as there is room beside the others."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("date", no_wrap=True)
    for name in ("mean", *(f"{100 * level:g}% interval" for level in intervals)):
        table.add_column(name, justify="right", no_wrap=True)
    top = float(rows["p975"].max())
    shapes = rows[["p025", "p100", "p500", "p900", "p975"]].to_numpy(dtype=float)
    cells = [rows["date"].dt.strftime("%Y-%m-%d"), rows["mean"].map(units)]
    for level in intervals:
        low, high = (rows[quantile_name(end)].map(units) for end in interval_ends(level))
        cells.append(low + " - " + high)
    texts_by_row = list(zip(*cells, strict=True))
    heads = [str(column.header) for column in table.columns]
    taken = sum(max(map(len, texts)) + _BETWEEN for texts in zip(heads, *texts_by_row, strict=True))
    drawn = min(width - taken, BAND_WIDTH)
    if drawn >= _NARROWEST_BAND:
        table.add_column(f"0 to {units(top)}", no_wrap=True, overflow="crop")
    for texts, shape in zip(texts_by_row, shapes, strict=True):
        table.add_row(*texts, *([band(shape, top, plain, drawn)] if drawn >= _NARROWEST_BAND else []))
    return table


def _summary_parts(made: Made) -> Iterator[RenderableType]:
    counts = pd.DataFrame(model_counts(made.forecasts).most_common(), columns=["model", "items"])
    patterns = Counter(pattern.name for pattern in made.patterns)
    yield plain_table("Models", counts)
    yield plain_table("Demand patterns", pd.DataFrame(patterns.most_common(), columns=["pattern", "items"]))
    weakest = _weakest(made)
    if len(weakest):
        title = f"Widest bands: {len(weakest)} of {len(made.forecasts):,}, by units at risk; totals of the horizon"
        yield plain_table(title, weakest)
    yield from _notes(made)


def _notes(made: Made) -> Iterator[Text]:
    noted, kinds = note_counts(made.forecasts)
    if noted:
        named = ", ".join(f"{kind}: {count:,}" for kind, count in kinds.items())
        has = "has" if noted == 1 else "have"
        where = f"in {made.reasons}" if made.reasons else "--reasons FILE lists them, --item X shows one"
        yield Text(f"\n{counted(noted, 'item')} {has} a note ({named}): {where}.")
    continued, searched = continued_counts(made.forecasts)
    if continued or searched:
        yield Text(f"Models of an earlier forecast: {continued:,} continued, {searched:,} searched again.")


def _weakest(made: Made) -> pd.DataFrame:
    """Return the items with the most units at risk: 90% quantile less mean, summed over the periods."""
    totals = [forecast.paths.sum(axis=1, dtype=np.float64) for forecast in made.forecasts]
    ends = np.array([np.quantile(total, [0.1, 0.9]) for total in totals])
    low, high = ends[:, 0], ends[:, 1]
    mean = np.array([total.mean() for total in totals])
    above = (made.table["p900"] - made.table["mean"]).to_numpy(dtype=float).reshape(len(made.forecasts), -1)
    risk = above.clip(min=0).sum(axis=1)
    worst = [int(row) for row in np.argsort(-risk, kind="stable")[:WEAKEST_SHOWN] if mean[row] > 0]
    return pd.DataFrame(
        [
            {
                "item": _name(made.source.panel.items, row),
                f"known {made.source.panel.calendar.period}s": made.cleaned[row].known_periods,
                "mean": units(float(mean[row])),
                "80% from": units(float(low[row])),
                "to": units(float(high[row])),
                "at risk": units(float(risk[row])),
                "pattern": made.patterns[row].name,
            }
            for row in worst
        ]
    )


def _closing_line(made: Made) -> Text:
    panel = made.source.panel
    periods = counted(made.forecasts[0].periods, panel.calendar.period)
    what = f"{counted(len(made.forecasts), 'item')} forecast for {periods}"
    season = f"season of {made.source.season}" if made.source.season > 1 else "no season"
    where = f"Written to {made.output}" if made.output else "Nothing written; --output FILE keeps the forecasts"
    rejected = f"; {counted(made.rejected, 'row')} rejected" if made.rejected else ""
    return Text(f"\n{what} from {panel.calendar.plan_date}, {season}, in {made.seconds:.1f} s{rejected}. {where}.")


def sparkline(values: Floats, top: float, plain: bool = False) -> str:
    """Return values as letters of rising height; a space where a value is not known.

    Parameters
    ----------
    values
        Zero or more, or NaN.
    top
        The value of the highest letter.
    plain
        Use letters that every console has.

    Examples
    --------
    >>> sparkline(np.array([0, 1, np.nan, 2]), 2.0)
    '▁▄ █'
    """
    ramp = _RAMPS[plain]
    steps = np.nan_to_num(values) / top * (len(ramp) - 1) if top > 0 else np.zeros(len(values))
    places = np.clip(steps.astype(int), 0, len(ramp) - 1)
    return "".join(" " if np.isnan(value) else ramp[place] for value, place in zip(values, places, strict=True))


def band(quantiles: Floats, top: float, plain: bool = False, width: int = BAND_WIDTH) -> str:
    """Return a distribution as a line: thin for 95%, thick for 80%, a dot for the median.

    Parameters
    ----------
    quantiles
        2.5%, 10%, 50%, 90% and 97.5%.
    top
        The value at the right end; zero is at the left.
    plain
        Use letters that every console has.
    width
        Letters.

    Examples
    --------
    >>> band(np.array([1.0, 2, 4, 6, 7]), 8.0).rstrip()
    '    ───━━━━━━━●━━━━━━━━───'
    """
    thin, thick, dot = _STROKES[plain]
    scale = (width - 1) / top if top > 0 else 0.0
    outer_low, low, middle, high, outer_high = (min(round(value * scale), width - 1) for value in quantiles)
    cells = [" "] * width
    cells[outer_low : outer_high + 1] = thin * (outer_high + 1 - outer_low)
    cells[low : high + 1] = thick * (high + 1 - low)
    cells[middle] = dot
    return "".join(cells)


def units(value: float) -> str:
    """Return a quantity with as many decimals as its size deserves.

    Examples
    --------
    >>> units(1234.5), units(12.34), units(0.1234), units(0)
    ('1,234', '12.3', '0.12', '0')
    """
    if value == 0:
        return "0"
    if abs(value) < 0.1:
        return f"{value:.2g}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _name(items: pd.DataFrame, row: int) -> str:
    return item_names(items.iloc[[row]], items)[0]
