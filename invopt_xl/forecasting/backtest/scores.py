"""What a back-test found, as numbers per item and window, and as tables to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import require
from invopt_xl.forecasting.backtest.cases import Cases
from invopt_xl.forecasting.backtest.costs import MismatchCost, mismatch_cost
from invopt_xl.forecasting.backtest.metrics import (
    known_mean,
    pinball_loss,
    relative_bias,
    scaled_error,
    scaled_squared_error,
    share_of,
    tracking_signal,
    up_to,
    weighted_absolute_error,
    within,
)
from invopt_xl.forecasting.backtest.predictions import Predictions

if TYPE_CHECKING:
    import pandas as pd

Items = npt.NDArray[np.bool_]

Measure = Literal["pinball", "interval", "cost"]

MEASURES: dict[Measure, str] = {
    "pinball": "scaled pinball loss",
    "interval": "scaled pinball loss of demand over the protection interval",
    "cost": "cost of errors",
}
"""What methods can be compared by."""

COVERAGES = {"coverage_80": (0.10, 0.90), "coverage_95": (0.025, 0.975)}
"""Columns of intervals and the quantiles they lie between."""

UPPER_LEVELS = {"upper_90": 0.90, "upper_95": 0.95, "upper_975": 0.975}
"""Columns of upper quantiles, those that stock stands on."""

TRACKING_LIMIT = 4.0
"""Tracking signal from which textbooks call a forecast biased."""


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts of several methods, made where their future is known by now.

    Parameters
    ----------
    methods
        The methods, in the order of the first axis.
    levels
        Probabilities of the quantiles held.
    scored_levels
        Those of them that the pinball loss averages over.
    cases, made
        What was to be forecast, and the forecasts.

    Notes
    -----
    Columns of the tables, in this order; shares are 0 to 1, an error is forecast less demand.

    ``items``, ``windows``, ``periods``
        How many were scored.
    ``wape``
        Sum of absolute errors of the mean over the sum of demand.
    ``bias``
        Sum of errors over the sum of demand: positive where too much was forecast.
    ``tracking_signal`` (by item)
        Sum of the windows' total errors over their mean size; at most the number of windows.
    ``drifting_items`` (others)
        Share of items whose tracking signal is 4 or more either way, of those with at least 4 windows. Four windows
        of an unbiased forecast all err the same way for one item in eight.
    ``mase``, ``rmsse``, ``scaled_pinball``
        In naive errors of the history; the mean of the items' own, each item counting the same.
    ``coverage_80``, ``coverage_95``
        Share of periods whose demand lay within the 80% and the 95% interval.
    ``upper_90``, ``upper_95``, ``upper_975``
        Share of periods whose demand did not exceed that quantile.
    ``interval_pinball``, ``interval_coverage_80`` ... ``interval_upper_975``
        The same for demand over the protection interval, the loss per period of it.
    ``under_stock_cost``, ``over_stock_cost``, ``cost``
        Money lost over all windows, had the critical quantile of demand over the protection interval been in stock
        at their beginning: units short at the shortage cost, units left over at the cost of holding them so long.
    ``cost_share``
        That cost over the value of the demand at unit cost.
    ``unscaled_items``, ``unpriced_items``
        Items left out of the scaled measures (their history never changed) and of the cost (no price is known).
    """

    methods: tuple[str, ...]
    levels: tuple[float, ...]
    scored_levels: tuple[float, ...]
    cases: Cases
    made: Predictions

    @property
    def windows(self) -> int:
        """Number of windows asked for."""
        return int(self.cases.origins.shape[1])

    def losses(self, measure: Measure = "pinball") -> FloatArray:
        """Return the loss of each method, item and window; NaN where it is not known.

        Parameters
        ----------
        measure
            ``pinball`` (mean over the steps, in naive errors), ``interval`` (of demand over the protection interval,
            in naive errors per period) or ``cost`` (money).
        """
        require(measure in MEASURES, "measure", measure, f"one of {', '.join(MEASURES)}")
        if measure == "cost":
            return self._costs.under_stock + self._costs.over_stock
        if measure == "interval":
            return self._interval["pinball"]
        return known_mean(self._step["scaled_pinball"], -1)

    def by_method(self) -> pd.DataFrame:
        """Return one row per method; columns as in the notes of `Backtest`."""
        import pandas as pd

        return pd.DataFrame(self._rows(self._scored_items), index=pd.Index(self.methods, name="method"))

    def by_pattern(self) -> pd.DataFrame:
        """Return one row per demand pattern and method; columns as in the notes of `Backtest`."""
        import pandas as pd

        patterns = np.array(self.cases.patterns, dtype=np.str_)
        names = [str(name) for name in np.unique(patterns[self._scored_items])]
        methods = pd.Index(self.methods, name="method")
        frames = [pd.DataFrame(self._rows(self._scored_items & (patterns == name)), index=methods) for name in names]
        if not frames:
            return pd.concat([self.by_method().iloc[:0]], keys=["none"], names=["pattern"])
        return pd.concat(frames, keys=names, names=["pattern"])

    def by_item(self) -> pd.DataFrame:
        """Return one row per scored item and method; columns as in the notes of `Backtest`, and `pattern`, `model`.

        `model` is the name of the model in the newest window.
        """
        import pandas as pd

        scored = self._scored_items
        places = np.flatnonzero(scored)
        own = {name: table[:, scored] for name, table in self._by_item.items()}
        columns = {name: table.T.ravel() for name, table in self._columns(scored, own, single=True).items()}
        index = pd.MultiIndex.from_product([[self.cases.names[place] for place in places], self.methods])
        frame = pd.DataFrame(columns, index=index.set_names(["item", "method"]))
        newest = self.windows - 1 - np.argmax(self.cases.origins[places, ::-1] >= 0, axis=1)
        frame.insert(
            0, "pattern", np.repeat(np.array(self.cases.patterns, dtype=np.object_)[scored], len(self.methods))
        )
        frame.insert(1, "model", self.made.models[:, places, newest].T.ravel())
        return frame

    def by_horizon(self) -> pd.DataFrame:
        """Return one row per method and step ahead, counted from 1: how errors and coverage go with the distance.

        Columns: `periods`, `wape`, `bias`, `mase`, `scaled_pinball`, `coverage_80` ... `upper_975`; every period
        counts the same.
        """
        import pandas as pd

        actual, mean = self.cases.actual, self.made.mean
        columns = {
            "periods": np.isfinite(np.broadcast_to(actual, mean.shape)).sum(axis=(1, 2)),
            "wape": weighted_absolute_error(actual, mean, (1, 2)),
            "bias": relative_bias(actual, mean, (1, 2)),
            "mase": scaled_error(actual, mean, self.cases.scale[..., None], (1, 2)),
            **{name: known_mean(values, (1, 2)) for name, values in self._step.items()},
        }
        steps = range(1, mean.shape[-1] + 1)
        index = pd.MultiIndex.from_product([self.methods, steps], names=["method", "step"])
        return pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=index)

    def left_out(self) -> pd.DataFrame:
        """Return the windows that could not be scored: `item`, `window` (1 is the oldest) and `why`."""
        import pandas as pd

        rows = [(self.cases.names[item], window, why) for item, window, why in self.cases.left_out]
        return pd.DataFrame(rows, columns=["item", "window", "why"])

    @cached_property
    def _scored_items(self) -> npt.NDArray[np.bool_]:
        return np.asarray(np.isfinite(self.cases.actual).any(axis=(1, 2)))

    @cached_property
    def _errors(self) -> FloatArray:
        return np.asarray(self.made.mean - self.cases.actual)

    def _level(self, quantiles: FloatArray, level: float) -> FloatArray:
        return np.asarray(quantiles[..., self.levels.index(level)])

    @cached_property
    def _step(self) -> dict[str, FloatArray]:
        """Measures of each step, shape (methods, items, windows, steps)."""
        quantiles, actual = self.made.quantiles, self.cases.actual
        loss = self._pinball(actual, quantiles) / self.cases.scale[..., None]
        return {"scaled_pinball": loss, **self._hits(actual, quantiles)}

    @cached_property
    def _interval(self) -> dict[str, FloatArray]:
        """Measures of demand over the protection interval, shape (methods, items, windows)."""
        scale = self.cases.scale * self.cases.protection_periods[:, None]
        quantiles, actual = self.made.interval_quantiles, self.cases.interval_actual
        return {"pinball": self._pinball(actual, quantiles) / scale, **self._hits(actual, quantiles)}

    def _pinball(self, actual: FloatArray, quantiles: FloatArray) -> FloatArray:
        total = np.zeros(quantiles.shape[:-1])
        for level in self.scored_levels:
            total += pinball_loss(actual, self._level(quantiles, level)[..., None], [level])[..., 0]
        return total / len(self.scored_levels)

    def _hits(self, actual: FloatArray, quantiles: FloatArray) -> dict[str, FloatArray]:
        inside = {
            name: within(actual, self._level(quantiles, low), self._level(quantiles, high))
            for name, (low, high) in COVERAGES.items()
        }
        return inside | {name: up_to(actual, self._level(quantiles, level)) for name, level in UPPER_LEVELS.items()}

    @cached_property
    def _costs(self) -> MismatchCost:
        cases = self.cases
        return mismatch_cost(cases.interval_actual, self.made.stock, cases.shortage[:, None], cases.leftover[:, None])

    @cached_property
    def _by_item(self) -> dict[str, FloatArray]:
        """Measures that are an item's own, shape (methods, items)."""
        cases, mean = self.cases, self.made.mean
        totals = np.where(np.isfinite(cases.actual).any(axis=-1), np.nansum(self._errors, axis=-1), np.nan)
        value = np.nansum(cases.interval_actual, axis=1) * cases.unit_cost
        priced = np.isfinite(self._costs.over_stock).any(axis=-1)
        return {
            "tracking_signal": tracking_signal(totals),
            "mase": scaled_error(cases.actual, mean, cases.scale[..., None], (2, 3)),
            "rmsse": known_mean(scaled_squared_error(cases.actual, mean, cases.squared_scale), 2),
            "scaled_pinball": known_mean(self._step["scaled_pinball"], (2, 3)),
            "interval_pinball": known_mean(self._interval["pinball"], 2),
            "value": np.where(priced, value, np.nan),
            "under_stock_cost": np.where(priced, np.nansum(self._costs.under_stock, axis=-1), np.nan),
            "over_stock_cost": np.where(priced, np.nansum(self._costs.over_stock, axis=-1), np.nan),
        }

    def _columns(self, items: Items, own: Mapping[str, FloatArray], *, single: bool) -> dict[str, FloatArray]:
        """Return the columns to read, in their order: of each item by itself, or of the items together."""
        windows: tuple[int, ...] = (2,) if single else (1, 2)
        periods = (*windows, 3)
        actual, mean = self.cases.actual[items][None], self.made.mean[:, items]
        known = np.isfinite(np.broadcast_to(actual, mean.shape))
        tracking = "tracking_signal" if single else "drifting_items"
        cost = own["under_stock_cost"] + own["over_stock_cost"]
        hits = (*COVERAGES, *UPPER_LEVELS)
        return {
            "windows": known.any(axis=3).sum(axis=windows),
            "periods": known.sum(axis=periods),
            "wape": weighted_absolute_error(actual, mean, periods),
            "bias": relative_bias(actual, mean, periods),
            tracking: own[tracking],
            **{name: own[name] for name in ("mase", "rmsse", "scaled_pinball")},
            **{name: known_mean(self._step[name][:, items], periods) for name in hits},
            "interval_pinball": own["interval_pinball"],
            **{f"interval_{name}": known_mean(self._interval[name][:, items], windows) for name in hits},
            "under_stock_cost": own["under_stock_cost"],
            "over_stock_cost": own["over_stock_cost"],
            "cost": cost,
            "cost_share": share_of(cost, own["value"]),
        }

    def _rows(self, items: Items) -> dict[str, FloatArray]:
        """Return columns over methods for a group of items."""
        own = {name: table[:, items] for name, table in self._by_item.items()}
        averaged = ("mase", "rmsse", "scaled_pinball", "interval_pinball")
        whole = {name: known_mean(table, 1) if name in averaged else _known_sum(table) for name, table in own.items()}
        windows = np.isfinite(self.cases.actual[items]).any(axis=2).sum(axis=1)
        signal = np.where(windows >= TRACKING_LIMIT, np.abs(own["tracking_signal"]), np.nan)
        drifting = np.where(np.isnan(signal), np.nan, signal >= TRACKING_LIMIT * (1 - 1e-9))
        columns = self._columns(items, whole | {"drifting_items": known_mean(drifting, 1)}, single=False)
        return {
            "items": np.full(len(self.methods), items.sum()),
            **columns,
            "unscaled_items": np.isnan(own["mase"]).sum(axis=1),
            "unpriced_items": np.isnan(own["over_stock_cost"]).sum(axis=1),
        }


def _known_sum(table: FloatArray) -> FloatArray:
    """Return sums over items, NaN where no item has a value."""
    return np.asarray(np.where(np.isfinite(table).any(axis=1), np.nansum(table, axis=1), np.nan))
