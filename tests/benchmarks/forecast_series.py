"""Series to forecast: from files named on the command line, or simulated from a seed where there are none."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]

MONTHS = 18
"""Horizon of monthly series, as in the M3 competition."""

SEASON = 12

RARE_PERIODS = 6
"""Horizon of rare demand."""

SIMULATED = 60
"""Series that are simulated where no file is given and no number is asked for."""


class Case(NamedTuple):
    """A history, the demand that followed it, and whether this series was used to tune the product's constants."""

    name: str
    history: FloatArray
    actual: FloatArray
    tuned_on: bool


class Panel(NamedTuple):
    """Series of one kind, and what they are."""

    title: str
    cases: list[Case]


def monthly_panel(path: Path | None, count: int) -> Panel:
    """Return monthly series with the 18 months that follow; all for a count of 0."""
    if path is None:
        random = np.random.default_rng(20001)
        made = [_simulated_months(random) for _ in range(count or SIMULATED)]
        cases = [Case(f"simulated {n}", y[:-MONTHS], y[-MONTHS:], False) for n, y in enumerate(made, 1)]
        return Panel(f"{len(cases)} SIMULATED monthly series (no --m3 file given)", cases)
    rows = pd.read_parquet(path, columns=["unique_id", "set", "t", "y"]).sort_values(["unique_id", "t"])
    parts = {key: part.to_numpy(dtype=float) for key, part in rows.groupby(["unique_id", "set"], observed=True)["y"]}
    names = sorted(rows["unique_id"].unique())
    cases = [Case(n, parts[n, "train"], parts[n, "test"], i % 2 == 0) for i, n in enumerate(names)]
    return _panel(f"monthly series of {path.name}", cases, count)


def rare_panel(path: Path | None, count: int) -> Panel:
    """Return series of rare demand with the 6 periods that follow; all for a count of 0.

    Missing values at the ends of a series are cut off: its history is what lies between them.
    """
    if path is None:
        random = np.random.default_rng(20002)
        series = [(f"simulated {n}", _simulated_rare(random)) for n in range(1, (count or SIMULATED) + 1)]
        cases = [Case(name, y[:-RARE_PERIODS], y[-RARE_PERIODS:], False) for name, y in series]
        return Panel(f"{len(cases)} SIMULATED series of rare demand (no --carparts file given)", cases)
    wide = pd.read_parquet(path).sort_values("t").drop(columns="t").astype(float)
    cases = []
    for place, name in enumerate(wide.columns):
        y = wide[name].to_numpy()
        ends = np.flatnonzero(np.isfinite(y))[[0, -1]]
        y = y[ends[0] : ends[1] + 1]
        cases.append(Case(str(name), y[:-RARE_PERIODS], y[-RARE_PERIODS:], place % 2 == 0))
    return _panel(f"series of rare demand of {path.name}", cases, count)


def _panel(title: str, cases: list[Case], count: int) -> Panel:
    """Return all, or so many at equal distances among those that nothing was tuned on."""
    unseen = [case for case in cases if not case.tuned_on]
    if not 0 < count < len(unseen):
        return Panel(f"all {len(cases)} {title}", cases)
    places = np.linspace(0, len(unseen) - 1, count).round().astype(int)
    return Panel(f"{count} of {len(cases)} {title}, none tuned on", [unseen[place] for place in places])


def _simulated_months(random: np.random.Generator) -> FloatArray:
    """Return a level that drifts, a season that may be absent, and noise, all multiplied."""
    periods = int(random.integers(60, 127)) + MONTHS
    season = random.choice([0.0, 0.1, 0.3]) * random.standard_normal(SEASON)
    slope = random.normal(0.001, 0.003)
    level = np.cumsum(slope + random.choice([0.005, 0.02, 0.05]) * random.standard_normal(periods))
    noise = random.choice([0.02, 0.06, 0.15]) * random.standard_normal(periods)
    return np.asarray(5000 * np.exp(level + season[np.arange(periods) % SEASON] + noise))


def _simulated_rare(random: np.random.Generator) -> FloatArray:
    """Return demand whose chance wanders, in sizes of one unit or more."""
    periods = 45 + RARE_PERIODS
    wander = random.choice([0.0, 0.1, 0.2]) * random.standard_normal(periods)
    chance = 1 / (1 + np.exp(-(random.uniform(-2.5, 0.5) + np.cumsum(wander))))
    sizes = random.geometric(random.choice([1.0, 0.6, 0.3]), periods)
    demand = np.where(random.random(periods) < chance, sizes, 0).astype(float)
    demand[: periods // 2] += np.eye(1, periods // 2, 3)[0]  # each has a demand to learn from
    return demand
