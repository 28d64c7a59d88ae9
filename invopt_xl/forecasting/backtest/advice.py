"""What a back-test says in one sentence: which method, how sure, and whether one item speaks for all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.backtest.metrics import known_mean

SURE = 2.0
"""Standard errors from which a lead is not within chance."""

LARGEST_SHARE = 0.25
"""Share of all loss from which a single item is named."""


def lead_over(champion: FloatArray, challenger: FloatArray) -> tuple[float, float]:
    """Return by what share of the champion's loss a challenger is better over all items, and its standard error.

    Parameters
    ----------
    champion, challenger
        Loss of each item and window, NaN where not known, shape (items, windows); only windows known for both count.

    Examples
    --------
    >>> lead, error = lead_over(np.array([[2.0], [4.0]]), np.array([[2.0], [1.0]]))
    >>> f"{lead:.2f} {error:.2f}"
    '0.50 0.33'
    """
    both = np.isfinite(champion) & np.isfinite(challenger)
    mine = known_mean(np.where(both, champion, np.nan), -1)
    gained = mine - known_mean(np.where(both, challenger, np.nan), -1)
    mine, gained = mine[np.isfinite(mine)], gained[np.isfinite(gained)]
    total = float(mine.sum())
    if total <= 0:
        return 0.0, 0.0
    lead = float(gained.sum()) / total
    # Of a ratio of sums (Cochran 1977, "Sampling Techniques", 6.4): items are the sample.
    squares = float(((gained - lead * mine) ** 2).sum())
    return lead, float(np.sqrt(mine.size / max(mine.size - 1, 1) * squares)) / total


def advice(losses: FloatArray, methods: Sequence[str], champion: str, margin: float, items: Sequence[str]) -> list[str]:
    """Return which method to use for all items, in a sentence, and a warning where one item makes much of the loss.

    Parameters
    ----------
    losses
        Loss of each method, item and window, shape (methods, items, windows); NaN where not known.
    methods
        Their names.
    champion
        The method used so far.
    margin
        Share of its loss by which another one has to be better.
    items
        Names of the items.
    """
    mine = losses[list(methods).index(champion)]
    leads = {name: lead_over(mine, losses[place]) for place, name in enumerate(methods) if name != champion}
    sentences = []
    if leads:
        best = max(leads, key=lambda name: leads[name][0])
        lead, error = leads[best]
        told = f"{abs(lead):.1%} (standard error {error:.1%})"
        if lead <= 0:
            sentences.append(f"keep {champion}: no method has less loss over all items")
        elif lead < SURE * error:
            sentences.append(f"keep {champion}: the lead of {best} over all items, {told}, is within chance")
        elif lead <= margin:
            sentences.append(f"keep {champion}: {best} leads by {told}, less than the margin of {margin:.0%}")
        else:
            sentences.append(f"{best} for all items: it has {told} less loss than {champion}")
    each = np.nan_to_num(known_mean(mine, -1))
    if len(items) > 1 / LARGEST_SHARE and each.sum() > 0 and each.max() > LARGEST_SHARE * each.sum():
        worst = int(np.argmax(each))
        share = each[worst] / each.sum()
        sentences.append(f"{items[worst]} alone makes {share:.0%} of the loss of {champion}: look at its history first")
    return sentences
