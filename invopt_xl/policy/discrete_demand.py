"""Demand in whole units per review period, and what a period costs from each inventory position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from invopt_xl.errors import require
from invopt_xl.policy.costs import FloatArray, PolicyCosts, require_above_zero, require_each

_SUM_TOLERANCE = 1e-6
_NEGLIGIBLE = 1e-17
"""Probability beyond which a distribution is cut off; below the rounding error of the sums it enters."""
_LONGEST = 1 << 22
"""Possible outcomes above which an exact whole-unit calculation is the wrong tool."""
_ROUNDING = 1e-12
"""Costs this share apart may be the same one, added up in another order."""
_DIRECT = 256
"""Convolutions with a shorter partner than this are faster term by term than by Fourier transform."""


@dataclass(frozen=True, eq=False)
class DiscreteDemand:
    """Demand of one item in whole units, independent from period to period.

    Parameters
    ----------
    period
        Probabilities of 0, 1, 2, ... units in one review period.
    protection
        Probabilities of 0, 1, 2, ... units over the protection interval, lead time and review period (L + 1 periods):
        the demand that decides stock and shortage at the end of the period in which an order placed now can first be
        felt. For a random lead time the mixture over its lengths, if orders do not overtake each other.

    Raises
    ------
    InputError
        If either is no probability distribution, or demand is zero for certain.

    Examples
    --------
    >>> print(f"{DiscreteDemand.poisson(6.0, lead_time=2).expected_over_protection:.3f}")
    18.000
    """

    period: FloatArray
    protection: FloatArray

    def __post_init__(self) -> None:
        """Check both distributions."""
        _require_distribution(self.period, "demand of a period")
        _require_distribution(self.protection, "demand over the protection interval")
        require(bool(self.period[1:].any()), "demand", "zero in every period", "a chance of some demand")

    @classmethod
    def of(cls, probabilities: Sequence[float] | FloatArray, lead_time: int = 0) -> DiscreteDemand:
        """Return demand with these probabilities of 0, 1, 2, ... units a period and a lead time of whole periods."""
        period = np.asarray(probabilities, dtype=np.float64)
        _require_distribution(period, "demand of a period")
        good = float(lead_time).is_integer() and lead_time >= 0
        require(good, "lead time", lead_time, "a whole number of periods, zero or more")
        outcomes = len(period) * (int(lead_time) + 1)
        require(outcomes <= _LONGEST, "possible outcomes of demand", outcomes, f"at most {_LONGEST}; use larger units")
        period = period / period.sum()
        return cls(period, _convolution_power(period, int(lead_time) + 1))

    @classmethod
    def observed(cls, quantities: Sequence[float] | FloatArray, lead_time: int = 0) -> DiscreteDemand:
        """Return demand as often as it was seen: whole units of past periods, zeros included."""
        units = np.asarray(quantities, dtype=np.float64)
        require(units.ndim == 1 and units.size > 0, "observed demand", "empty", "at least one period")
        whole = np.isfinite(units) & (units >= 0) & (units == np.floor(units)) & (units < _LONGEST)
        require_each(whole, "observed demand", units, "whole units, zero or more")
        return cls.of(np.bincount(units.astype(np.int64)) / units.size, lead_time)

    @classmethod
    def poisson(cls, mean: float, lead_time: float = 0.0) -> DiscreteDemand:
        """Return Poisson demand with this mean, units a period; any lead time of zero or more periods."""
        require_above_zero("mean demand", mean, "above zero, such as 12")
        require_each(np.asarray(0 <= lead_time < np.inf), "lead time", np.asarray(lead_time), "periods, zero or more")
        return cls(_poisson(mean), _poisson(mean * (lead_time + 1.0)))

    @classmethod
    def negative_binomial(cls, mean: float, deviation: float, lead_time: float = 0.0) -> DiscreteDemand:
        """Return negative binomial demand with this mean and standard deviation, units a period."""
        require_above_zero("mean demand", mean, "above zero, such as 12")
        spread = require_above_zero("standard deviation of demand", deviation, "above zero, such as 4")
        expected = "above the square root of the mean, or Poisson demand"
        require_each(spread**2 > mean, "standard deviation of demand", spread, expected)
        require_each(np.asarray(0 <= lead_time < np.inf), "lead time", np.asarray(lead_time), "periods, zero or more")
        failures, success = mean**2 / (deviation**2 - mean), mean / deviation**2
        return cls(_negative_binomial(failures, success), _negative_binomial(failures * (lead_time + 1.0), success))

    @property
    def expected(self) -> float:
        """Expected demand of a period, units."""
        return float(self.period @ np.arange(len(self.period)))

    @property
    def expected_over_protection(self) -> float:
        """Expected demand over the protection interval, units."""
        return float(self.protection @ np.arange(len(self.protection)))

    def base_stock(self, costs: PolicyCosts) -> int:
        """Return the inventory position from which a period costs least, units."""
        holding, shortage, _ = costs.of_one_item()
        return int(np.argmax(_tails(self.protection) <= holding / (holding + shortage)))

    def period_costs(self, low: int, high: int, costs: PolicyCosts) -> FloatArray:
        """Return G(y), the expected cost of a period, for inventory positions y = low ... high after ordering, money.

        G(y) = h E(y - D)+ + p E(D - y)+ with D the demand over the protection interval.
        """
        tails = _tails(self.protection)
        loss = np.append(np.cumsum(tails[::-1])[::-1], 0.0)
        positions = np.arange(low, high + 1)
        short = loss[np.clip(positions, 0, len(loss) - 1)] + np.maximum(-positions, 0)
        holding, shortage, _ = costs.of_one_item()
        return np.asarray(holding * (positions - loss[0]) + (holding + shortage) * short)


def good_lot(demand: DiscreteDemand, costs: PolicyCosts) -> tuple[int, int]:
    """Return the lowest position and the lot, units, of the EOQ with backorders laid around the base stock."""
    holding, shortage, order = costs.of_one_item()
    certain = (2.0 * order * demand.expected * (1.0 / holding + 1.0 / shortage)) ** 0.5
    require(certain <= _LONGEST, "span of a lot", f"{certain:g} units", f"at most {_LONGEST}; use larger units")
    lot = max(1, round(certain))
    return demand.base_stock(costs) - int(lot * holding / (holding + shortage)), lot


def positions_worth_a_look(demand: DiscreteDemand, costs: PolicyCosts, cost: float) -> tuple[int, int]:
    """Return the positions outside which G is above the cost; the optimal policy orders below and up to within them.

    G(y) is at least h (y - mean) and at least p (mean - y).
    """
    holding, shortage, _ = costs.of_one_item()
    mean = demand.expected_over_protection
    span = cost / shortage + cost / holding
    require(span <= _LONGEST, "span of positions", f"{span:g} units", f"at most {_LONGEST}; use larger units")
    low, high = int(np.floor(mean - cost / shortage)) - 1, int(np.ceil(mean + cost / holding)) + 1
    within = np.flatnonzero(demand.period_costs(low, high, costs) <= cost * (1.0 + _ROUNDING))
    return low + int(within[0]) - 1, low + int(within[-1])


def convolve(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the full convolution of two sequences."""
    if min(len(first), len(second)) < _DIRECT:
        return np.convolve(first, second)
    length = len(first) + len(second) - 1
    size = 1 << (length - 1).bit_length()
    return np.asarray(np.fft.irfft(np.fft.rfft(first, size) * np.fft.rfft(second, size), size)[:length])


def _tails(probabilities: FloatArray) -> FloatArray:
    """Return P(D > 0), P(D > 1), ..., summed from the far end so that small ones are exact."""
    return np.asarray(np.append(np.cumsum(probabilities[:0:-1])[::-1], 0.0))


def _require_distribution(probabilities: FloatArray, name: str) -> None:
    good = np.ndim(probabilities) == 1 and len(probabilities) > 0
    require(good, name, f"of shape {np.shape(probabilities)}", "probabilities of 0, 1, 2, ... units in a row")
    in_range = np.isfinite(probabilities) & (probabilities >= 0)
    require_each(in_range, f"probability of {name}", probabilities, "between 0 and 1")
    total = float(probabilities.sum())
    require(abs(total - 1.0) < _SUM_TOLERANCE, f"sum of the probabilities of {name}", f"{total:g}", "1")


def _convolution_power(probabilities: FloatArray, times: int) -> FloatArray:
    """Return the distribution of the sum of independent copies, by squaring."""
    result, square = np.ones(1), probabilities
    while times:
        if times & 1:
            result = convolve(result, square)
        times >>= 1
        square = convolve(square, square) if times else square
    return np.maximum(result, 0.0)


def _poisson(mean: float) -> FloatArray:
    outcomes = _outcomes(mean, mean**0.5)
    return _normalised(special.xlogy(outcomes, mean) - mean - special.gammaln(outcomes + 1.0))


def _negative_binomial(failures: float, success: float) -> FloatArray:
    mean = failures * (1.0 - success) / success
    deviation = (mean / success) ** 0.5
    # The tail falls by (1 - success) each unit in the end, slower than a normal one.
    outcomes = _outcomes(mean, deviation, -np.log(_NEGLIGIBLE) / -np.log1p(-success))
    log = special.gammaln(failures + outcomes) - special.gammaln(failures) - special.gammaln(outcomes + 1.0)
    return _normalised(log + failures * np.log(success) + outcomes * np.log1p(-success))


def _outcomes(mean: float, deviation: float, tail: float = 0.0) -> FloatArray:
    count = int(mean + 12.0 * deviation + tail) + 40
    require(count <= _LONGEST, "possible outcomes of demand", count, f"at most {_LONGEST}; use larger units")
    return np.arange(float(count))


def _normalised(log_probabilities: FloatArray) -> FloatArray:
    probabilities = np.exp(log_probabilities)
    last = int(np.flatnonzero(probabilities > _NEGLIGIBLE)[-1]) + 1
    return np.asarray(probabilities[:last] / probabilities[:last].sum())
