"""What whole periods make of days: shelf lives shorter than a period, and lead times in months."""

from __future__ import annotations

from invopt_xl.plan.parameters import Parameters
from invopt_xl.plan.quality.findings import Draft

LONG = 28
"""Days of a period from which on it matters much that an order arrives at the start of one."""

EARLY = 0.5
"""Share of a period that a lead time ends before it from which on that is said."""


def warn_of_rounding(items: Draft, parameters: Parameters) -> None:
    """Warn of items that are planned otherwise than they are, as orders are planned by whole periods.

    Parameters
    ----------
    items
        Admitted rows.
    parameters
        For the length of a period.
    """
    days, period = parameters.calendar.days_per_period, parameters.period
    life = items.frame["shelf_life_days"]
    reason = f"keeps less than a {period}; expected periods no longer than a shelf life"
    action = f"orders are planned as if it kept a whole {period}; the parameter period makes them exact"
    items.report(life.lt(days).to_numpy(), "warning", "shelf_life_days", reason, action)
    if days < LONG:
        return
    lead_time = items.frame["lead_time_days"]
    early = -lead_time % days > EARLY * days
    reason = f"ends long before the {period} it counts to; expected periods no longer than lead times"
    action = f"orders are planned to arrive with the next {period}; the parameter period makes them exact"
    items.report(early.to_numpy(), "warning", "lead_time_days", reason, action)
