"""What the order plan itself moves between locations, item by item."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt
import pandas as pd

from invopt_xl.domain.words import counted
from invopt_xl.plan.excess.measures import unmoved_excess
from invopt_xl.plan.explain import amount
from invopt_xl.plan.orders.planned import Planned
from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quantities import finer_by

FloatArray = npt.NDArray[np.float64]


def with_moves(items: pd.DataFrame, planned: Planned, parameters: Parameters) -> pd.DataFrame:
    """Return the items with what the plan moves by lanes within the horizon.

    Adds ``planned_out`` (units that leave for other locations), ``planned_in`` (units that come from them), and
    ``planned_to`` (where to and how many, in words; blank where nothing leaves).
    """
    problem, units = planned.problem, planned.plan.quantity[:, : parameters.horizon_periods].sum(axis=1)
    out, into = np.zeros((2, problem.items))
    goals: dict[int, list[str]] = defaultdict(list)
    decimals = (1 + finer_by(items)).tolist()
    for source in np.flatnonzero(problem.transfer & (units > 0)).tolist():
        origin, goal = int(problem.origin[source]), int(problem.source_item[source])
        out[origin] += units[source]
        into[goal] += units[source]
        goals[origin].append(f"{amount(float(units[source]), decimals[origin])} to {items['location'].iloc[goal]}")
    when = f"in the coming {counted(parameters.horizon_periods, parameters.period)}"
    words = [f"{' and '.join(goals[row])} {when}" if row in goals else "" for row in range(problem.items)]
    return items.assign(planned_out=out, planned_in=into, planned_to=words)


def spare_elsewhere(items: pd.DataFrame, planned: Planned, parameters: Parameters) -> list[str]:
    """Return by source where a lane could bring from what is too much, beyond what the plan moves; in words.

    A unit counts as worth its cost wherever it stands, so a move saves the plan no purchase, only what holding and
    ordering cost more than moving does, and a plan may well buy what another location has in excess. Blank of
    transfers, where no lot is too much, and where nobody knows what is.
    """
    problem, spare = planned.problem, [""] * planned.problem.sources
    if "excess_quantity" not in items or not problem.transfer.any():
        return spare
    moved = with_moves(items, planned, parameters)
    stays = moved["on_hand"] - moved["planned_out"]  # what is on order cannot be moved yet
    free = unmoved_excess(moved).clip(upper=stays).to_numpy(np.float64)
    there: dict[int, list[str]] = defaultdict(list)
    decimals = (1 + finer_by(items)).tolist()
    for source in np.flatnonzero(problem.transfer & (free[problem.origin] >= problem.lot_size)).tolist():
        origin = int(problem.origin[source])
        words = f"{items['location'].iloc[origin]} has {amount(float(free[origin]), decimals[origin])} too many"
        there[int(problem.source_item[source])].append(words)
    for source in np.flatnonzero(~problem.transfer).tolist():
        if told := there.get(int(problem.source_item[source])):
            spare[source] = f"{' and '.join(told)}: tblActions weighs moving them"
    return spare
