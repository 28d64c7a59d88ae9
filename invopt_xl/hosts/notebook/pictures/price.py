"""A price path above the stock it leaves, beside the stock that no action leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from invopt_xl.hosts.notebook.pictures.house import ALERT, INK, MAIN, Picture, dress, head, nothing, short
from invopt_xl.workbook.sheets.look import QUIET

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def price_path(path: pd.DataFrame, today: float, *, title: str, money: str, cost: float = np.nan) -> Picture:
    """Return the price of an item by period, and below it the expected stock on the path and without action.

    Parameters
    ----------
    path
        Rows of ``tblMarkdown`` of one item.
    today
        Today's price, money.
    title
        What it shows, as a sentence.
    money
        The unit of money.
    cost
        Unit cost, money; drawn where it is known.

    Examples
    --------
    >>> path = pd.DataFrame({"date": pd.to_datetime(["2018-01-01", "2018-01-08"]), "price": [2.0, 1.6],
    ...                      "expected_stock": [20.0, 14.0], "stock_no_action": [20.0, 17.5]})
    >>> price_path(path, 2.5, title="Cuts clear tea", money="USD", cost=1.5)  # doctest: +NORMALIZE_WHITESPACE
    Price path: Cuts clear tea. Price 2.50 USD today, 2 USD from 2018-01-01, 1.60 USD from 2018-01-08; cost 1.50 USD.
    Expected stock at the last period's beginning: 14 units on the path, 17.5 units without action.
    """
    if path.empty:
        return nothing(title)
    price = path["price"].to_numpy(np.float64)
    turns = np.flatnonzero(np.diff(price, prepend=today))
    steps = [f"{short(price[at])} {money} from {path['date'].iloc[at]:%Y-%m-%d}" for at in turns]
    told = ", ".join([f"Price {short(today)} {money} today", *steps])
    known = f"; cost {short(cost)} {money}" if np.isfinite(cost) else ""
    left, idle = (float(path[name].iloc[-1]) for name in ("expected_stock", "stock_no_action"))

    def draw(figure: Figure) -> None:
        from matplotlib.dates import AutoDateLocator

        head(figure, title)
        above, below = figure.subplots(2, 1, sharex=True)
        days = path["date"].to_numpy()
        # The last price holds for a period as well.
        ends = np.append(days, days[-1] + (days[-1] - days[-2] if len(days) > 1 else np.timedelta64(7, "D")))
        above.step(ends, np.append(price, price[-1]), where="post", color=MAIN, linewidth=2.0)
        above.axhline(today, color=QUIET, linewidth=1.0, linestyle=(0, (4, 2)))
        beside = {"xytext": (0, 3), "textcoords": "offset points", "ha": "right", "color": QUIET, "fontsize": 9}
        above.annotate("today's price", (days[-1], today), **beside)
        if np.isfinite(cost):
            above.axhline(cost, color=QUIET, linewidth=1.0, linestyle=":")
            above.annotate("unit cost", (days[-1], cost), **{**beside, "xytext": (0, -12)})
        dress(above, "", up=f"price, {money}", grid="y")
        above.set_ylim(0, max(today, float(price.max())) * 1.15)
        below.plot(days, path["expected_stock"], color=MAIN, linewidth=2.0)
        below.plot(days, path["stock_no_action"], color=ALERT, linewidth=1.8, linestyle=(0, (4, 2)))
        room = 0.09 * float(path["stock_no_action"].max())
        for name, at, colour in (("on the path", min(left, idle - room), MAIN), ("no action", idle, ALERT)):
            below.annotate(
                name, (days[-1], at), xytext=(6, 0), textcoords="offset points", va="center", color=colour,
                fontweight="bold", annotation_clip=False,
            )  # fmt: skip
        dress(below, "", up="expected stock, units", grid="y")
        below.set_ylim(bottom=0)
        below.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=5))  # type: ignore[no-untyped-call]
        below.tick_params(axis="x", colors=INK)

    words = (
        f"{told}{known}. Expected stock at the last period's beginning: {short(left)} units on the path, "
        f"{short(idle)} units without action."
    )
    return Picture(draw, f"Price path: {title}. {words}", 4.6)
