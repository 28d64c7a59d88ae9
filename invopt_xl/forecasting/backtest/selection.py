"""Champion and challenger: another method takes over an item only where it has shown that it is better.

With a few windows behind it the best of several methods is mostly the luckiest one. So what a challenger gained on an
item is shrunk, as far as its windows disagree, towards what it gained on items of the same demand pattern (empirical
Bayes; Efron & Morris 1975, "Data analysis using Stein's estimator and its generalizations", JASA 70, 311-319), and the
gain of a pattern itself towards none. Only what is left has to exceed the margin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.domain.words import counted
from invopt_xl.errors import require
from invopt_xl.forecasting.backtest.cases import Cases
from invopt_xl.forecasting.backtest.metrics import known_mean
from invopt_xl.forecasting.backtest.scores import MEASURES, Backtest, Measure

if TYPE_CHECKING:
    import pandas as pd

MARGIN = 0.05
"""Share of the champion's loss by which a challenger has to be better."""

FEWEST_WINDOWS = 3
"""With fewer windows nothing is changed: they cannot tell skill from luck."""

PRIOR_ITEMS = 10.0
"""A prior opinion counts as so many items, or, about the noise of a window, as so many windows."""

PRIOR_WINDOWS = 4.0
"""The mean loss of a group counts as so many windows of an item."""

PRIOR_SPREAD = 0.05
"""Prior standard deviation of gains between items of a pattern, and of a pattern's own gain."""

PRIOR_NOISE = 0.3
"""Prior standard deviation of the gain in a single window."""

SMALLEST_LOSS = 0.01
"""A champion's loss is at least this share of the middle of both losses."""


@dataclass(frozen=True, eq=False)
class Gains:
    """What challengers gain over the champion: shares of its loss, shape (methods, items).

    Parameters
    ----------
    observed
        One less the ratio of mean losses over the windows known for both; NaN where there are none.
    expected
        What may be expected of the next windows: the observed gain shrunk towards that of the pattern.
    windows
        How many windows are known for both.
    """

    observed: FloatArray
    expected: FloatArray
    windows: npt.NDArray[np.int64]


def choose_methods(
    backtest: Backtest,
    champion: str | Sequence[str] = "auto",
    margin: float = MARGIN,
    *,
    measure: Measure = "pinball",
    fewest_windows: int = FEWEST_WINDOWS,
) -> pd.DataFrame:
    """Return which method to use for each item, and why.

    The champion stays unless the best challenger's expected gain exceeds the margin. Give the methods chosen last time
    as champions, and the margin keeps them from changing to and fro.

    Parameters
    ----------
    backtest
        The champion and its challengers, scored.
    champion
        The method used so far, for all items or for each item of the back-test.
    margin
        Share of the champion's loss by which a challenger has to be expected to be better.
    measure
        What counts as loss, as in `Backtest.losses`. Items whose cost is not known are compared by their pinball loss.
    fewest_windows
        Windows that a change needs.

    Returns
    -------
    DataFrame
        One row per item of the back-test: `champion`; `challenger`, the best other method (blank without any);
        `gain`, the share of the champion's loss that it saved in the windows; `expected_gain`, the same after
        shrinking; `windows` compared; `chosen`; and `reason`.

    Raises
    ------
    InputError
        If a champion was not back-tested, or an argument is out of bounds.

    Examples
    --------
    >>> from invopt_xl.forecasting.backtest.walk import walk_forward
    >>> demand = np.tile([3.0, 1, 2, 2, 3, 1, 2, 3, 1, 2, 2, 3, 2, 1], 2)
    >>> choose_methods(walk_forward([demand], 2, 2, methods=("ses", "median"), paths=50), "ses").loc["1", "reason"]
    'ses kept: 2 windows to compare, 3 are needed'
    """
    require(0 <= margin < 1, "margin", margin, "0 up to 1, such as 0.05 for 5%")
    require(fewest_windows >= 1, "fewest windows", fewest_windows, "1 or more, such as 3")
    names, methods = backtest.cases.names, backtest.methods
    champions = [champion] * len(names) if isinstance(champion, str) else list(champion)
    require(len(champions) == len(names), "number of champions", len(champions), f"{len(names)}, one per item")
    for name in dict.fromkeys(champions):
        require(name in methods, "champion", name, f"one of the methods back-tested: {', '.join(methods)}")
    losses, measures = _losses(backtest, measure)
    places = np.array([methods.index(name) for name in champions], dtype=np.int64)
    groups = [f"{pattern}, {by}" for pattern, by in zip(backtest.cases.patterns, measures, strict=True)]
    gains = gains_over(losses, places, groups)
    rows = [
        _row(methods, place, gains, item, margin, fewest_windows, measures[item]) for item, place in enumerate(places)
    ]
    return _frame(rows, names)


def gains_over(losses: FloatArray, champions: npt.NDArray[np.int64], groups: Sequence[str]) -> Gains:
    """Return what each method gains over the items' champions, observed and expected.

    Parameters
    ----------
    losses
        Shape (methods, items, windows), zero or more; NaN where not known.
    champions
        Place of each item's champion among the methods.
    groups
        Group of each item, such as its demand pattern: gains are shrunk towards the group's.
    """
    items = np.arange(len(groups))
    both = np.isfinite(losses) & np.isfinite(losses[champions, items])
    own, other = np.where(both, losses[champions, items], np.nan), np.where(both, losses, np.nan)
    own_mean, other_mean = known_mean(own, -1), known_mean(other, -1)
    windows = both.sum(axis=-1)
    expected = np.full(windows.shape, np.nan)
    # Items of a group that have another champion are another comparison.
    labels = np.array([f"{group}/{place}" for group, place in zip(groups, champions, strict=True)], dtype=np.str_)
    for label in np.unique(labels):
        members = labels == label
        for method in range(len(losses)):
            size = _size((own_mean + other_mean)[method, members] / 2, windows[method, members])
            middle = _shrunk((own - other)[method, members] / size[:, None])
            # From a share of the middle of both losses to one of the champion's.
            expected[method, members] = middle / np.maximum(1 + middle / 2, SMALLEST_LOSS)
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = np.where(own_mean > 0, 1 - other_mean / own_mean, np.where(other_mean == 0, 0.0, np.nan))
    return Gains(np.where(windows > 0, observed, np.nan), expected, windows)


def _size(losses: FloatArray, windows: npt.NDArray[np.int64]) -> FloatArray:
    """Return what differences are a share of: an item's loss, drawn to that of its group.

    Where demand is rare, a few windows without any make the losses of an item tiny, and a difference huge, that is
    nothing beside the next demand.
    """
    known = losses[windows > 0]
    if not known.size or not known.mean() > 0:
        return np.ones_like(losses)
    own = np.where(windows > 0, losses, 0.0) * windows
    return np.asarray((own + PRIOR_WINDOWS * known.mean()) / (windows + PRIOR_WINDOWS))


def _shrunk(relative: FloatArray) -> FloatArray:
    """Return expected differences of the items of a group, from those observed, shape (items, windows)."""
    counts = np.isfinite(relative).sum(axis=1)
    means = known_mean(relative, 1)
    present = counts > 0
    squares = np.nansum((relative - means[:, None]) ** 2, axis=1)
    # The noise of a window: the item's own, drawn to the group's, which is drawn to a prior one.
    freedom = np.maximum(counts - 1, 0)
    group_noise = (squares.sum() + PRIOR_ITEMS * PRIOR_NOISE**2) / (freedom.sum() + PRIOR_ITEMS)
    noise = (squares + PRIOR_ITEMS * group_noise) / (freedom + PRIOR_ITEMS)
    variance = noise / np.maximum(counts, 1)
    spread, centre = _group(means[present], variance[present], relative[present])
    weight = spread / (spread + variance)
    return np.where(present, centre + weight * (means - centre), np.nan)


def _group(means: FloatArray, variance: FloatArray, relative: FloatArray) -> tuple[float, float]:
    """Return the variance of true differences between items, and the difference to be expected of the group."""
    if not means.size:
        return PRIOR_SPREAD**2, 0.0
    mean = float(means.mean())
    excess = float(((means - mean) ** 2 - variance).sum())
    spread = max(excess + PRIOR_ITEMS * PRIOR_SPREAD**2, 0.0) / (means.size + PRIOR_ITEMS)
    # Items share their windows, and so the luck of a window: it does not average out over items.
    by_window = known_mean(relative, 0)
    by_window = by_window[np.isfinite(by_window)]
    luck = float(by_window.var(ddof=1)) / by_window.size if by_window.size > 1 else PRIOR_NOISE**2
    doubt = max(luck, (spread + float(variance.mean())) / means.size)
    size = max(mean**2 - doubt, PRIOR_SPREAD**2)
    return spread, mean * size / (size + doubt)


def _losses(backtest: Backtest, measure: Measure) -> tuple[FloatArray, list[Measure]]:
    """Return the losses to compare by, and by which measure each item is."""
    if measure != "cost":
        return backtest.losses(measure), [measure] * len(backtest.cases.names)
    cost = backtest.losses("cost") / _money_unit(backtest.cases)[:, None]
    unpriced = np.asarray(np.isnan(cost).all(axis=(0, 2)))
    losses = np.where(unpriced[:, None], backtest.losses("pinball"), cost)
    return losses, ["pinball" if without else "cost" for without in unpriced.tolist()]


def _money_unit(cases: Cases) -> FloatArray:
    """Return what it costs each item to hold a naive error, or where there was none its demand, for the interval.

    In this unit the costs of cheap and dear items compare.
    """
    naive = known_mean(cases.scale, 1) * cases.protection_periods
    units = np.where(np.isfinite(naive), naive, known_mean(cases.interval_actual, 1))
    return np.where(units > 0, units, 1.0) * cases.leftover


def _row(
    methods: Sequence[str], place: int, gains: Gains, item: int, margin: float, fewest_windows: int, measure: Measure
) -> tuple[object, ...]:
    champion = methods[place]
    others = [number for number in range(len(methods)) if number != place and gains.windows[number, item]]
    if not others:
        why = f"{champion} kept: nothing to compare it with"
        return champion, "", np.nan, np.nan, 0, champion, why
    best = max(others, key=lambda number: (gains.expected[number, item], -number))
    challenger, windows = methods[best], int(gains.windows[best, item])
    gain, expected = float(gains.observed[best, item]), float(gains.expected[best, item])
    found = (champion, challenger, gain, expected, windows)
    if windows < fewest_windows:
        why = f"{champion} kept: {counted(windows, 'window')} to compare, {fewest_windows} are needed"
        return *found, champion, why
    chosen = challenger if expected > margin else champion
    return *found, chosen, _reason(found, margin, MEASURES[measure])


def _reason(found: tuple[str, str, float, float, int], margin: float, measure: str) -> str:
    champion, challenger, gain, expected, windows = found
    if gain <= 0 and expected <= margin:
        return f"{champion} kept: no challenger beats its {measure} over {windows} windows"
    beats = f"{challenger} beats {champion} by {gain:.0%} of {measure} over {windows} windows"
    if gain <= 0:
        beats = f"{challenger} beats {champion} on items of this pattern, if not on this one over {windows} windows"
    return f"{beats}, {expected:.1%} may last (margin {margin:.0%})" + (
        "" if expected > margin else f": {champion} kept"
    )


def _frame(rows: Sequence[tuple[object, ...]], names: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    columns = ["champion", "challenger", "gain", "expected_gain", "windows", "chosen", "reason"]
    return pd.DataFrame(rows, columns=columns, index=pd.Index(names, name="item"))
