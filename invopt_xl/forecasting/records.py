"""Tasks and forecasts as named arrays: what goes into the cache and between processes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import cast

import numpy as np
import numpy.typing as npt

from invopt_xl.domain.forecast import Forecast, Note
from invopt_xl.forecasting.lifts.regressors import Regressors
from invopt_xl.forecasting.regular.members import State
from invopt_xl.forecasting.settings import Settings
from invopt_xl.forecasting.single import Solved, Task

Arrays = dict[str, npt.NDArray[np.generic]]


def forecast_arrays(made: Forecast) -> Arrays:
    """Return a forecast as named arrays."""
    mean: Arrays = {} if made.model_mean is None else {"model_mean": made.model_mean}
    return {"paths": made.paths, "text": np.array([made.model, made.reason, *sorted(made.notes)]), **mean}


def forecast_from(arrays: Mapping[str, npt.NDArray[np.generic]]) -> Forecast:
    """Return the forecast that `forecast_arrays` took apart."""
    model, reason, *notes = (str(text) for text in arrays["text"])
    paths = np.asarray(arrays["paths"], dtype=np.float32)
    mean = np.asarray(arrays["model_mean"], dtype=np.float64) if "model_mean" in arrays else None
    return Forecast(paths, model, reason, frozenset(cast(list[Note], notes)), mean)


def state_arrays(state: State | None) -> Arrays:
    """Return a state as named arrays; none for no state."""
    return {} if state is None else {"state": np.array(json.dumps(dict(state)))}


def state_from(arrays: Mapping[str, npt.NDArray[np.generic]]) -> State | None:
    """Return the state that `state_arrays` took apart."""
    return dict(json.loads(str(arrays["state"]))) if "state" in arrays else None


def solved_arrays(solved: Solved) -> Arrays:
    """Return a forecast and its state as named arrays."""
    return {**forecast_arrays(solved.forecast), **state_arrays(solved.state)}


def solved_from(arrays: Mapping[str, npt.NDArray[np.generic]]) -> Solved:
    """Return what `solved_arrays` took apart."""
    return Solved(forecast_from(arrays), state_from(arrays))


def task_arrays(task: Task, state: State | None) -> Arrays:
    """Return a task and what it continues from as named arrays."""
    return {
        "history": task.history,
        "in_stock": task.in_stock,
        "horizon": np.array(task.horizon),
        "settings": np.array(json.dumps(asdict(task.settings))),
        **({} if task.regressors is None else task.regressors.to_arrays()),
        **({} if task.explained is None else {"explained": task.explained}),
        **state_arrays(state),
    }


def task_from(arrays: Mapping[str, npt.NDArray[np.generic]]) -> tuple[Task, State | None]:
    """Return what `task_arrays` took apart."""
    told = json.loads(str(arrays["settings"]))
    for name in ("order", "seasonal_order"):
        told[name] = None if told[name] is None else tuple(told[name])
    history, in_stock = arrays["history"].astype(np.float64), arrays["in_stock"].astype(np.bool_)
    horizon, regressors = int(arrays["horizon"].astype(np.int64)), Regressors.from_arrays(arrays)
    explained = arrays["explained"].astype(np.bool_) if "explained" in arrays else None
    return Task(history, in_stock, horizon, Settings(**told), regressors, explained), state_from(arrays)
