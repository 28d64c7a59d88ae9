"""The model of a portfolio, learned from the intervals of its own past and held near what others showed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit, logit

from invopt_xl.forecasting.ending.model import SHIPPED, EndingModel, silence_chance
from invopt_xl.forecasting.ending.walk import FEATURES, Pace, joined, walk

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MOST_DEMANDS = 20_000
"""A model learns from about so many demands, of as many items as have them."""

LEAST_DEMANDS = 3
"""Demands from which on an item says anything about its ending."""

LOOSENESS_OF_SHAPE = 0.5
LOOSENESS_OF_WEIGHTS = 2.0
"""Standard deviations by which a portfolio's own logarithms and weights stray from those of other portfolios."""


@dataclass(frozen=True, eq=False)
class Intervals:
    """Demands, and what came after each, shape (demands,).

    Parameters
    ----------
    pace, features
        As `walk.State` has them at that demand.
    silence
        Usual periods without demand that followed.
    again
        Whether a demand ended that silence; else the record does.
    """

    pace: Pace
    features: Floats
    silence: Floats
    again: Flags


def fit_ending_model(seen: Intervals, shipped: EndingModel = SHIPPED) -> EndingModel:
    """Return the model of a portfolio by penalised maximum likelihood.

    No label says which items have ended: a silence at the end of a record counts by how probable it is either way.
    Few endings in the record leave the weights where they are shipped.

    Parameters
    ----------
    seen
        What came after each demand, as `intervals_seen` returns it.
    shipped
        Where the portfolio's own model is looked for.
    """
    return _with_weights(_with_shape(shipped, seen), seen) if len(seen.silence) else shipped


def intervals_seen(quantity: Floats, exposure: Floats, price: Floats | None = None) -> Intervals:
    """Return what came after each demand, of enough items to learn from, as known after the last period.

    Parameters
    ----------
    quantity, exposure, price
        As `walk.walk` takes them.
    """
    rows = _chosen(quantity)
    return intervals_of(quantity[rows], exposure[rows], None if price is None else price[rows])


def _chosen(quantity: Floats) -> npt.NDArray[np.intp]:
    """Return the items to learn from in an order that depends on what sold when alone, not on codes or units."""
    sold = np.nan_to_num(quantity) > 0
    rng = np.random.default_rng(8)
    when = sold @ rng.random(sold.shape[1])
    logged = np.log(np.where(sold, quantity, 1.0))
    middle = logged.sum(axis=1) / np.maximum(sold.sum(axis=1), 1)
    size = np.where(sold, logged - middle[:, None], 0.0) @ rng.random(sold.shape[1])
    demands = sold.sum(axis=1)
    enough = np.flatnonzero(demands >= LEAST_DEMANDS)
    mixed = enough[np.lexsort((size[enough], np.modf(1e3 * when[enough])[0]))]
    return np.asarray(mixed[np.cumsum(demands[mixed]) - demands[mixed] < MOST_DEMANDS])


def intervals_of(quantity: Floats, exposure: Floats, price: Floats | None = None) -> Intervals:
    """Return every demand from an item's `LEAST_DEMANDS`-th on, with the silence that followed."""
    states = list(walk(quantity, exposure, price))
    sold = np.nan_to_num(quantity) > 0
    kept = [sold[:, period] & (state.demands >= LEAST_DEMANDS) for period, state in enumerate(states)]
    silence = states[-1].silence if states else np.zeros(len(quantity))
    again = np.zeros(len(quantity), dtype=bool)
    after: list[tuple[Floats, Flags]] = []
    for period in range(len(states) - 1, -1, -1):
        after.append((silence[kept[period]], again[kept[period]]))
        if period:
            silence = np.where(sold[:, period], states[period - 1].silence, silence)
        again = again | sold[:, period]
    after.reverse()
    if not states:
        none = np.zeros(0)
        pace = Pace(none, none, none, none)
        return Intervals(pace, np.zeros((0, len(FEATURES))), none, np.zeros(0, dtype=bool))
    return Intervals(
        joined([state.pace.of(keep) for state, keep in zip(states, kept, strict=True)]),
        np.concatenate([state.features[keep] for state, keep in zip(states, kept, strict=True)]),
        np.concatenate([told for told, _ in after]),
        np.concatenate([told for _, told in after]),
    )


def _with_shape(shipped: EndingModel, seen: Intervals) -> EndingModel:
    """Return the model with the rates and interruptions of the portfolio, one chance for all demands to be the last."""
    start = np.array([*np.log(shipped.rate), logit(shipped.interruption), shipped.weights[0]])
    rest = seen.features[:, 1:] @ np.array(shipped.weights[1:])

    def shaped(at: Floats) -> EndingModel:
        return replace(shipped, rate=(float(np.exp(at[0])), float(np.exp(at[1]))), interruption=float(expit(at[2])))

    def loss(at: Floats) -> float:
        silent, longer = (silence_chance(shaped(at), seen.pace, seen.silence + more) for more in (0.0, 1.0))
        last = expit(at[3] + rest)
        chance = np.where(seen.again, (1 - last) * (silent - longer), last + (1 - last) * silent)
        return float(-np.log(np.maximum(chance, 1e-300)).sum() + _far(at - start, LOOSENESS_OF_SHAPE))

    return shaped(minimize(loss, start, method="L-BFGS-B").x)


def _with_weights(model: EndingModel, seen: Intervals) -> EndingModel:
    """Return the model with the portfolio's own weights: a logistic regression on endings that nobody saw."""
    start = np.array(model.weights)
    silent = silence_chance(model, seen.pace, seen.silence)

    def loss(weights: Floats) -> tuple[float, Floats]:
        last = expit(seen.features @ weights)
        chance = np.where(seen.again, 1 - last, last + (1 - last) * silent)
        ended = np.divide(last, chance, out=np.zeros_like(last), where=~seen.again & (chance > 0))
        slope = seen.features.T @ (last - ended)
        far = weights - start
        penalty = _far(far, LOOSENESS_OF_WEIGHTS)
        return float(penalty - np.log(np.maximum(chance, 1e-300)).sum()), slope + far / LOOSENESS_OF_WEIGHTS**2

    return replace(model, weights=tuple(minimize(loss, start, jac=True, method="L-BFGS-B").x.tolist()))


def _far(difference: Floats, looseness: float) -> float:
    """Return minus the log density of a normal prior, up to a constant."""
    return float((difference**2).sum() / (2 * looseness**2))
