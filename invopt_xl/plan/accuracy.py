"""Forecasts that were made against the demand that came: once a period has passed, it is told and kept.

The forecast is that of the last refresh, as its own table ``tblForecast`` has it: it was made before any of the demand
it is compared with. A period counts once, and is never told again otherwise. Items that were out of stock in a period,
or whose demand in it is not known, are left out of it: sales say nothing of a forecast then. Of a month that had begun
on the plan date only a part was forecast, and no demand by the month tells what came in that part: it is left out too.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from invopt_xl.domain import Calendar
from invopt_xl.optimise.terms import FloatArray
from invopt_xl.plan.actuals import Actuals, actual_demand
from invopt_xl.plan.columns import ACCURACY, FORECAST, FORECAST_REVIEW, LOG, PARAMETERS, Tables
from invopt_xl.plan.histories import item_positions
from invopt_xl.plan.kept_rows import appended, kept_rows, typed
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality import Admitted
from invopt_xl.plan.quality.coercion import read
from invopt_xl.plan.quality.headers import plain_name

_CHECKED = ("p050", "p950")
"""Quantiles between which nine of ten periods should lie."""

_READ = ("item", "location", "date", "mean", *_CHECKED, "model")


def is_last_forecast_wanted(raw: Tables) -> bool:
    """Return whether the plan date is another than at the last refresh, so that its forecast can be looked back on.

    Parameters
    ----------
    raw
        Tables as read, with the log of the last refresh; the forecast need not be among them.

    Examples
    --------
    >>> log = pd.DataFrame({"plan_date": ["2018-01-01"]})
    >>> rows = pd.DataFrame({"name": ["period", "Plan date"], "value": ["week", "2018-01-08"]})
    >>> is_last_forecast_wanted({"log": log, "parameters": rows}), is_last_forecast_wanted({"log": log.head(0)})
    (True, False)
    """
    last = typed(kept_rows(raw, LOG), LOG)["plan_date"].dropna()
    return len(last) > 0 and last.iloc[-1] != _plan_date(raw)


def _plan_date(raw: Tables) -> str:
    """Return the plan date that the parameters give, as the log writes it; "" where they give none."""
    rows = kept_rows(raw, PARAMETERS)
    named = rows[[plain_name(str(name)) == plain_name("plan_date") for name in rows["name"]]]
    given = read(named["value"], FORECAST.column("date")).values.dropna()
    return given.iloc[0].date().isoformat() if len(given) else ""


def reviews(raw: Tables, admitted: Admitted) -> Tables:
    """Return ``tblAccuracy`` with a row for each period that has passed, and ``tblForecastReview`` of these periods.

    Parameters
    ----------
    raw
        Tables as read, with both from earlier refreshes, and the last forecast where it is wanted.
    admitted
        For items, demand and parameters.

    Returns
    -------
    dict
        ``accuracy`` and ``forecast_review``; as they were where no period has passed.
    """
    kept = kept_rows(raw, ACCURACY)
    found = _passed(raw, admitted, set(typed(kept, ACCURACY)["date"].dropna()))
    if found.empty:
        return {ACCURACY.stem: kept, FORECAST_REVIEW.stem: kept_rows(raw, FORECAST_REVIEW)}
    rows = [_accuracy(part) for _, part in found.groupby("date", sort=True)]
    review = found.assign(error_value=found["error_value"].abs())[FORECAST_REVIEW.column_names]
    return {
        ACCURACY.stem: appended(kept, pd.DataFrame(rows, columns=ACCURACY.column_names), ACCURACY),
        FORECAST_REVIEW.stem: review.sort_values(
            ["date", "error_value"], ascending=[True, False], kind="stable"
        ).reset_index(drop=True),
    }


def _passed(raw: Tables, admitted: Admitted, told: set[pd.Timestamp]) -> pd.DataFrame:
    """Return forecast and actual of each item and period that has passed and was not told of before."""
    forecast = _last_forecast(raw)
    if forecast.empty:
        return forecast
    made_on, parameters = forecast["date"].min().date(), admitted.parameters
    starts = _starts(made_on, forecast, parameters)
    if starts.empty:
        return forecast.head(0)
    forecast = forecast[forecast["date"].isin(starts)]
    items = admitted.tables["items"].reset_index(drop=True)
    row = item_positions(items, forecast)
    forecast, row = forecast[row >= 0], row[row >= 0]
    if forecast.empty:
        return forecast
    end = Calendar(made_on, parameters.period).start(np.array([len(starts)]))[0]
    actuals = actual_demand(items, admitted, made_on, end.astype("datetime64[D]").tolist())
    period = pd.Index(starts).get_indexer(pd.DatetimeIndex(forecast["date"]))
    wanted = actuals.reached[period] & ~forecast["date"].isin(told).to_numpy()
    if parameters.calendar.period == "month" and made_on.day != 1:
        wanted &= period > 0
    return _compared(forecast, items.iloc[row], _at(actuals, row, period), wanted).assign(made_on=pd.Timestamp(made_on))


def _at(actuals: Actuals, row: np.ndarray, period: np.ndarray) -> FloatArray:
    return np.asarray(actuals.quantity[row, period])


def _compared(forecast: pd.DataFrame, items: pd.DataFrame, actual: FloatArray, wanted: np.ndarray) -> pd.DataFrame:
    """Return forecasts beside the demand that came, where it is known."""
    low, high = (forecast[name].to_numpy(dtype=np.float64) for name in _CHECKED)
    error = forecast["mean"].to_numpy(dtype=np.float64) - actual
    table = forecast.rename(columns={"mean": "forecast"}).assign(
        description=items["description"].to_numpy(),
        actual=actual,
        error=error.round(3),
        error_value=(error * items["unit_cost"].to_numpy()).round(2),
        unit_cost=items["unit_cost"].to_numpy(),
        inside=np.where(actual < low, "below", np.where(actual > high, "above", "yes")),
    )
    return table[wanted & ~np.isnan(error)]


def _last_forecast(raw: Tables) -> pd.DataFrame:
    """Return the forecast of the last refresh as far as its rows can be read."""
    last = raw.get(FORECAST.stem, pd.DataFrame())
    if not set(_READ) <= set(last.columns):
        return pd.DataFrame()
    rows = pd.DataFrame({name: read(last[name], FORECAST.column(name)).values for name in _READ})
    rows["location"] = rows["location"].fillna(FORECAST.column("location").default)
    rows["model"] = rows["model"].fillna("")
    return rows.dropna().drop_duplicates(["item", "location", "date"])


def _starts(made_on: date, forecast: pd.DataFrame, parameters: Parameters) -> pd.DatetimeIndex:
    """Return the first days of the periods that have passed whole; none if periods have another length now."""
    calendar = Calendar(made_on, parameters.period)
    told = pd.DatetimeIndex(forecast["date"].unique()).sort_values()
    starts = pd.DatetimeIndex(calendar.start(np.arange(len(told))).astype("datetime64[ns]"))
    passed = int(calendar.index(np.array([parameters.plan_date], dtype="datetime64[D]"))[0])
    return starts[: max(passed, 0)] if starts.equals(told) else starts[:0]


def _accuracy(part: pd.DataFrame) -> dict[str, object]:
    """Return the row of a period."""
    cost = part["unit_cost"]
    forecast, actual = float((part["forecast"] * cost).sum()), float((part["actual"] * cost).sum())
    error = float(part["error_value"].abs().sum())
    return {
        "date": part["date"].iloc[0],
        "made_on": part["made_on"].iloc[0],
        "items": len(part),
        "forecast_value": round(forecast, 2),
        "actual_value": round(actual, 2),
        "error_share": round(error / actual, 4) if actual > 0 else np.nan,
        "bias_share": round((forecast - actual) / actual, 4) if actual > 0 else np.nan,
        "inside_share": round(float((part["inside"] == "yes").mean()), 4),
    }
