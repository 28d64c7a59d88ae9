"""Whether the views add up to the plan that they are views of."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from invopt_xl.plan.checks import Check
from invopt_xl.plan.columns import CURVE, EXCESS, MATRIX, MONEY, ORDER_ITEMS, SEGMENTS, SUPPLIER_ORDERS, Tables
from invopt_xl.plan.money.states import NOW, PLANNED

CENT = 0.005
"""What rounding may take from a figure that is written with two decimals."""

TENTH = 0.05
"""The same of one decimal: of headline figures, of orders in units."""


_SHOWN = (("plan", "plan"), ("fill_rate", "plan"), ("today", "today"))
"""Column and row of the curve's figures that are headline figures too."""

_MONEY_SHOWN = ("Stock on hand", "On order", "Stock turns", "Cover", "Excess", "Expected fill rate")
"""Headline figures that the money view begins with: those of now, and the service after the plan."""


def agreements(tables: Tables) -> Iterator[Check]:
    """Yield a check for each view that was made: its total beside that of the plan.

    Parameters
    ----------
    tables
        All tables of a refresh but its checks and its log.
    """
    orders = tables["orders"]
    if SUPPLIER_ORDERS.stem in tables:
        mine = tables[SUPPLIER_ORDERS.stem]
        found = [float(mine[name].sum()) for name in ("value", "units", "lines")]
        meant = [float(orders["value"].sum()), float(orders["quantity"].sum()), float(len(orders))]
        yield _check("Orders by supplier add up to the order lines", found, meant, TENTH)
    if ORDER_ITEMS.stem in tables:
        ordered = float(tables[ORDER_ITEMS.stem]["ordered"].sum())
        yield _check(
            "Units ordered by period add up to the order lines", [ordered], [float(orders["quantity"].sum())], TENTH
        )
    if EXCESS.stem in tables:
        found, meant = ([float(tables[stem]["excess_value"].sum())] for stem in (EXCESS.stem, "plan"))
        yield _check("Excess under review adds up to the plan's", found, meant, TENTH)
    if SEGMENTS.stem in tables:
        mine, figures = tables[SEGMENTS.stem], _headline(tables)
        found = [float(mine[name].sum()) for name in ("average_stock_value", "safety_stock_value")]
        meant = [figures["Stock for this service"], figures["Safety stock"]]
        yield _check("Stock of the segments adds up to the headline figures", found, meant, TENTH + CENT * len(mine))
    if MATRIX.stem in tables and SEGMENTS.stem in tables:
        cells, mine = tables[MATRIX.stem], tables[SEGMENTS.stem]
        found = [float(cells["items"].sum()), float(cells["demand_value"].sum())]
        meant = [float(len(mine)), float(mine["demand_value"].sum())]
        yield _check("The matrix of classes adds up to the segments", found, meant, TENTH + CENT * len(mine))
    if CURVE.stem in tables:
        yield _curve(tables)
    if MONEY.stem in tables:
        yield _money(tables)


def _curve(tables: Tables) -> Check:
    """Return whether the curve's points of today and of the plan are those of the headline figures."""
    points, figures = tables[CURVE.stem].set_index("point"), _headline(tables)
    plan, fill, today = (float(points[name][row]) for name, row in _SHOWN)
    found = [plan, 100.0 * fill, today]
    meant = [figures[name] for name in ("Stock for this service", "Expected fill rate", "Stock on hand")]
    return _check("The curve shows the plan and the stock of the headline figures", found, meant, TENTH + CENT)


def _money(tables: Tables) -> Check:
    """Return whether the money view begins with the headline figures, and with the service that the curve shows."""
    states, figures = tables[MONEY.stem].set_index("state"), _headline(tables)
    now = ("stock_value", "on_order_value", "turns", "cover_days", "excess_value")
    found = [float(states[name][NOW]) for name in now] + [100.0 * float(states["fill_rate"][PLANNED])]
    meant = [figures[name] for name in _MONEY_SHOWN]
    levels = (states["stock_value"] - states["excess_value"]).drop(NOW).astype(float).tolist()
    found += levels
    meant += [figures["Stock for this service"]] * len(levels)
    if CURVE.stem in tables:
        points = tables[CURVE.stem].set_index("point")["fill_rate"]
        found.append(100.0 * float(states["fill_rate"][NOW]))
        meant.append(100.0 * float(points["today"]))
    return _check("The money view begins with the headline figures", found, meant, TENTH + 2.0 * CENT)


def _headline(tables: Tables) -> dict[str, float]:
    kpis = tables["kpis"]
    return dict(zip(kpis["name"], kpis["value"].astype(float), strict=True))


def _check(name: str, found: list[float], meant: list[float], within: float) -> Check:
    agree = bool(np.isclose(found, meant, rtol=1e-9, atol=within, equal_nan=True).all())
    return name, agree, "; ".join(f"{one:,.2f} and {other:,.2f}" for one, other in zip(found, meant, strict=True))
