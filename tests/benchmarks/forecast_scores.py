"""What forecasts are measured by, written out once more here so that the product does not judge itself.

MASE and the scaled pinball loss (SPL) of monthly series are scaled by the mean of |y[t] - y[t - 12]| in the history;
those of rare demand, and RMSSE, by the one-step naive errors. SPL is the mean over periods and levels of twice the
pinball loss. Bias is the mean forecast less demand, in that scale.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from forecast_methods import LEVELS, RARE_LEVELS, Outcome
from forecast_series import SEASON, Case, FloatArray

STEPS = {"1": slice(0, 1), "2-6": slice(1, 6), "7-12": slice(6, 12), "13-18": slice(12, 18)}


def pinball(actual: FloatArray, quantiles: FloatArray, levels: FloatArray) -> FloatArray:
    below = actual[:, None] - quantiles
    return 2 * np.maximum(levels * below, (levels - 1) * below)


def monthly_scores(case: Case, outcome: Outcome) -> dict[str, float | str | bool]:
    """Return the measures of one forecast of a monthly series."""
    actual, quantiles, sums = case.actual, outcome.quantiles, outcome.sums
    if not np.isfinite(quantiles).all():
        return {"model": outcome.model, "seconds": outcome.seconds, "failed": True}
    scale = float(np.abs(case.history[SEASON:] - case.history[:-SEASON]).mean())
    middle, total = quantiles[:, 2], actual.sum()
    inside = {
        "in 80": (actual >= quantiles[:, 1]) & (actual <= quantiles[:, 3]),
        "in 95": (actual >= quantiles[:, 0]) & (actual <= quantiles[:, 4]),
    }
    by_step = {
        f"{name} steps {steps}": hits[part].mean() for name, hits in inside.items() for steps, part in STEPS.items()
    }
    known = np.isfinite(sums).all()
    return {
        "model": outcome.model,
        "failed": False,
        "seconds": outcome.seconds,
        "sMAPE": 200 * float((np.abs(actual - middle) / (np.abs(actual) + np.abs(middle))).mean()),
        "MASE median": float(np.abs(actual - middle).mean()) / scale,
        "MASE mean": float(np.abs(actual - outcome.mean).mean()) / scale,
        "SPL": float(pinball(actual, quantiles, LEVELS).mean()) / scale,
        "bias": float((outcome.mean - actual).mean()) / scale,
        "in 80": float(inside["in 80"].mean()),
        "in 95": float(inside["in 95"].mean()),
        "sum in 80": float(sums[1] <= total <= sums[3]) if known else np.nan,
        "sum in 95": float(sums[0] <= total <= sums[4]) if known else np.nan,
        "below 2.5%": float((actual < quantiles[:, 0]).mean()),
        "below 10%": float((actual < quantiles[:, 1]).mean()),
        "above 90%": float((actual > quantiles[:, 3]).mean()),
        "above 97.5%": float((actual > quantiles[:, 4]).mean()),
        "negative": float((quantiles < 0).any()),
        "width 80": float((quantiles[:, 3] - quantiles[:, 1]).mean()) / scale,
        **{name: float(value) for name, value in by_step.items()},
    }


def all_monthly_scores(cases: list[Case], outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the measures of each series by each method, one row each."""
    return pd.DataFrame(
        [
            {"series": case.name, "tuned_on": case.tuned_on, "periods": case.history.size, "method": method}
            | monthly_scores(case, outcomes[method][case.name])
            for case in cases
            for method in outcomes.columns
        ]
    )


def accuracy_table(scores: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Return accuracy, coverage and time of each method, times as ratios to those of the reference."""
    by_method = scores.groupby("method", sort=False)
    names = ("sMAPE", "MASE median", "MASE mean", "SPL", "bias", "in 80", "in 95", "sum in 80", "sum in 95")
    table = pd.DataFrame({name: by_method[name].mean() for name in names})
    table = table.round({"sMAPE": 2, **dict.fromkeys(names[1:4], 4), **dict.fromkeys(names[4:], 3)})
    times = scores.pivot(index="series", columns="method", values="seconds")[list(table.index)]
    table["ms median"] = (1000 * times.median()).round(1)
    table["ms mean"] = (1000 * times.mean()).round(1)
    table[f"{reference} / it, median"] = (times[reference].median() / times.median()).round(1)
    table["total"] = (times[reference].sum() / times.sum()).round(1)
    table["median of ratios"] = times.rdiv(times[reference], axis=0).median().round(1)
    table["failed"] = by_method["failed"].sum()
    return table


def interval_table(scores: pd.DataFrame) -> pd.DataFrame:
    """Return on which side and how far ahead intervals miss."""
    sides = ["below 2.5%", "below 10%", "above 90%", "above 97.5%"]
    names = [f"in {level} steps {steps}" for level in (80, 95) for steps in STEPS]
    return scores.groupby("method", sort=False)[[*sides, *names, "width 80", "negative"]].mean().round(3)


def slowest_table(scores: pd.DataFrame, count: int = 10) -> pd.DataFrame:
    """Return the series that took longest."""
    found = scores.nlargest(count, "seconds")
    times = {
        "ms": (1000 * found["seconds"]).round(1),
        "times the median": found["seconds"] / scores["seconds"].median(),
    }
    table = pd.DataFrame(times).round(1)
    return table.assign(periods=found["periods"], model=found["model"]).set_index(found["series"])


def rare_scales(history: FloatArray) -> tuple[float, float]:
    """Return the mean absolute and the root mean squared one-step difference; zero where nothing ever changed."""
    steps = np.diff(history)
    return float(np.abs(steps).mean()), float(np.sqrt((steps**2).mean()))


def rare_scores(case: Case, mean: FloatArray, quantiles: FloatArray) -> dict[str, float]:
    """Return the measures of a forecast of rare demand; NaN where its history never changed."""
    absolute, squared = rare_scales(case.history)
    levels = np.asarray(RARE_LEVELS)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = {
            "RMSSE": np.sqrt(((mean - case.actual) ** 2).mean()) / np.float64(squared),
            "MASE": np.abs(mean - case.actual).mean() / np.float64(absolute),
            "bias": (mean - case.actual).mean() / np.float64(absolute),
            "SPL upper": pinball(case.actual, quantiles, levels).mean() / np.float64(absolute),
        }
    covered = np.where(np.isfinite(quantiles), case.actual[:, None] <= quantiles * (1 + 1e-6), np.nan).mean(axis=0)
    shares = {f"<= q{level:g}": float(share) for level, share in zip(RARE_LEVELS, covered, strict=True)}
    return {name: float(value) if squared > 0 else np.nan for name, value in scaled.items()} | shares


def probability_transform(random: np.random.Generator, draws: FloatArray, actual: FloatArray) -> FloatArray:
    """Return where demand lies in its distribution, between 0 and 1, uniform if the forecast is right.

    Where many draws equal the demand, as with counts, a place among them is drawn (Smith 1985, "Diagnostic checks of
    non-standard time series models", Journal of Forecasting 4, 283-291).
    """
    tolerance = 1e-6 * np.maximum(actual, 1.0)
    less, equal = (draws < actual - tolerance).mean(axis=0), (np.abs(draws - actual) <= tolerance).mean(axis=0)
    return np.asarray(less + random.random(actual.shape) * equal)
