"""The price response of many items: elasticity and promotion lifts, with their doubt, and whether they can be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from invopt_xl.forecasting.lifts.effects import PRIORS, Z80
from invopt_xl.forecasting.lifts.regressors import Kind
from invopt_xl.forecasting.panel.histories import Floats
from invopt_xl.forecasting.response.calibration import calibrated
from invopt_xl.forecasting.response.demand import Fitted, fit_demand
from invopt_xl.forecasting.response.observations import Observations
from invopt_xl.forecasting.response.shrinkage import Labels, Told, Tree, learn_spreads, parents, shrink

SPREADS: dict[Kind, float] = {"price": 0.7, "promotion": 0.4}
"""Standard deviation of effects around those of their group that is expected before any data."""

EM_STEPS = 4
"""Steps of EM in each pass of the fit."""

LAST_EM_STEPS = 20
"""Steps of EM at the end, from where the passes came to."""


@dataclass(frozen=True, eq=False)
class Response:
    """How demand answers to price and promotions, an item a row.

    Parameters
    ----------
    seen
        What it was learned from.
    mean
        Effects on log demand, shape (items, columns): the elasticity first, then log lifts.
    covariance
        Their doubt, shape (items, columns, columns).
    own
        Share of each effect that comes from the item's own history, 0 to 1.
    fitted
        Levels, season and noise.
    groups
        The group nearest to each item, as a number.
    """

    seen: Observations
    mean: Floats
    covariance: Floats
    own: Floats
    fitted: Fitted
    groups: Labels

    @property
    def elasticity(self) -> Floats:
        """Percent that demand changes for a price one percent higher, shape (items,)."""
        return self.mean[:, 0]

    @property
    def deviation(self) -> Floats:
        """Standard deviation of each effect, shape (items, columns)."""
        return np.sqrt(np.diagonal(self.covariance, axis1=1, axis2=2))

    def interval(self, column: int = 0) -> tuple[Floats, Floats]:
        """Return the bounds that hold the effect of a column with a chance of 80%, in logs."""
        half = Z80 * self.deviation[:, column]
        return self.mean[:, column] - half, self.mean[:, column] + half

    @property
    def baseline(self) -> Floats:
        """Expected demand at the usual price without promotion, units, shape (items, periods)."""
        season = self.fitted.season
        names = np.arange(self.fitted.level.shape[1]) % len(season)
        return np.exp(self.fitted.level + season[names])


def estimate_response(seen: Observations, groups: Sequence[npt.NDArray[np.str_]] = (), season: int = 1) -> Response:
    """Return elasticities and promotion lifts of items, each drawn towards those of similar items.

    The less an item's own history says, the nearer it stands to its group; a group of few stands near all items.
    Prices that were set because demand was expected to change, and customers who stock up on a deal and buy less
    after it, make an elasticity of past deals larger than that of a lasting cut: Hendel & Nevo (2006), Econometrica
    74(6), found static estimates of own-price elasticities about 30% too large for such goods.

    Parameters
    ----------
    seen
        What histories say, as `observe` returns it.
    groups
        Names of the groups of each item, the nearest first, such as its supplier. Items of one group are alike.
    season
        Periods per season, whose effects all items share; 1 without.

    Examples
    --------
    >>> from invopt_xl.forecasting.response.observations import observe
    >>> rng = np.random.default_rng(1)
    >>> price = np.where(rng.random((40, 104)) < 0.2, 0.75, 1.0)
    >>> demand = rng.poisson(40 * price**-2.0).astype(float)
    >>> found = estimate_response(observe(demand, demand >= 0, price, {}))
    >>> f"{found.elasticity.mean():.1f}"
    '-2.0'
    """
    above = parents(list(groups)) if groups else [np.zeros(len(seen.quantity), dtype=np.intp)]
    others: list[Kind] = ["promotion"] * (len(seen.names) - 1)
    kinds: list[Kind] = ["price", *others]
    centre, width = np.array([PRIORS[kind] for kind in kinds]).T
    expected = np.diag(np.array([SPREADS[kind] for kind in kinds]) ** 2)
    learner = _Learner(Tree(tuple(above), centre, np.diag(width**2)), expected, [expected] * len(above))
    fitted = fit_demand(seen, season, learner.effects)
    told, tree = calibrated(fitted.told, fitted.halves, learner.tree)
    spreads = learn_spreads(told, tree, learner.spreads, expected, LAST_EM_STEPS)
    items = shrink(told, tree, spreads)[0]
    return Response(seen, items.mean, items.covariance, items.own, fitted, above[0])


@dataclass(eq=False)
class _Learner:
    """A tree whose covariances are learned on from pass to pass of the fit."""

    tree: Tree
    expected: Floats
    spreads: list[Floats]

    def effects(self, told: Told) -> Floats:
        """Learn the covariances from what demand says, and return the effects of items."""
        self.spreads = learn_spreads(told, self.tree, self.spreads, self.expected, EM_STEPS)
        return shrink(told, self.tree, self.spreads)[0].mean
