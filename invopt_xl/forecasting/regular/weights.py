"""Weights of the members of an ensemble, from how well each has forecast of late."""

from __future__ import annotations

import numpy as np

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import require

EQUAL_WINDOWS = 1.0
"""Equal weights count as so many windows of experience; with a hopeless member among the others more would hurt."""

DISCOUNT = 0.9
"""A window counts so much of the next newer one."""

POWER = 4.0
"""Weights go with this power of the inverse loss; 2 is Bates and Granger's, more lets poor members fade sooner."""


def performance_weights(
    losses: FloatArray,
    *,
    prior: FloatArray | None = None,
    equal_windows: float = EQUAL_WINDOWS,
    discount: float = DISCOUNT,
    power: float = POWER,
) -> FloatArray:
    """Return weights of ensemble members that sum to one, larger where recent losses were smaller.

    Inverse losses (Bates & Granger 1969, "The combination of forecasts", Operational Research Quarterly 20, 451-468,
    who leave out correlations, as their estimates do more harm than good), drawn to equal weights, as the losses of a
    few windows are mostly luck (Timmermann 2006, "Forecast combinations", Handbook of Economic Forecasting 1,
    135-196).

    Parameters
    ----------
    losses
        Loss of each member in each window, zero or more, oldest first, shape (..., members, windows). NaN where not
        known; windows that are not known for every member are left out, as they would compare unlike things.
    prior
        Weights to draw to instead of equal ones, shape (members,): such as those of many items together.
    equal_windows
        Windows of experience that the equal (or prior) weights count as.
    discount
        What a window counts of the next newer one, above 0 up to 1.
    power
        Power of the inverse loss; 0 gives equal weights.

    Returns
    -------
    ndarray
        Shape (..., members); the equal (or prior) weights where no window is known.

    Raises
    ------
    InputError
        If an argument is out of bounds.

    Examples
    --------
    Four windows of experience, one of equal weights: 4/5 of (4/5, 1/5) and 1/5 of (1/2, 1/2).

    >>> weights = performance_weights(np.array([[1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0]]), discount=1, power=2)
    >>> weights.round(6).tolist()
    [0.74, 0.26]
    """
    require(losses.ndim >= 2 and losses.shape[-2] > 0, "losses", f"of shape {losses.shape}", "members by windows")
    require(0 < discount <= 1, "discount", discount, "above 0 up to 1, such as 0.9")
    require(equal_windows >= 0 and power >= 0, "equal windows and power", (equal_windows, power), "zero or more")
    require(not (losses < 0).any(), "smallest loss", float(np.nanmin(losses, initial=0.0)), "zero or more")
    members, windows = losses.shape[-2:]
    towards = np.full(members, 1 / members) if prior is None else np.asarray(prior, dtype=np.float64) / np.sum(prior)
    require(towards.shape == (members,), "number of prior weights", towards.size, f"{members}, one per member")
    known = np.isfinite(losses).all(axis=-2, keepdims=True)
    counts = np.where(known, discount ** np.arange(windows - 1, -1, -1), 0.0)
    experience = counts.sum(axis=-1)
    means = (np.where(known, losses, 0.0) * counts).sum(axis=-1) / np.maximum(experience, np.finfo(np.float64).tiny)
    # The smallest loss becomes one; a member without any loss does not take all the weight from its peers.
    floor = np.maximum(means.mean(axis=-1, keepdims=True) * 1e-3, np.finfo(np.float64).tiny)
    means = np.maximum(means, floor)
    inverse = (means.min(axis=-1, keepdims=True) / means) ** power
    inverse /= inverse.sum(axis=-1, keepdims=True)
    trust = experience / np.maximum(experience + equal_windows, np.finfo(np.float64).tiny)
    return np.asarray(trust * inverse + (1 - trust) * towards)
