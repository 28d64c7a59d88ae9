"""The example's plan: made from its inputs as a refresh makes it, and stamped with fixed times."""

from __future__ import annotations

import pandas as pd

from invopt_xl.cache import ContentCache
from invopt_xl.domain import Progress
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.pipeline import run

REFRESHED_AT = "2018-01-01 07:30:00"
"""When the example says that it was refreshed: on its plan date, before the shop opens."""

SECONDS = 1.0
VERSION = "example"
_TOOK = r" after [0-9.]+ s$"


def planned(raw: Tables, *, cache: ContentCache | None = None, progress: Progress | None = None) -> Tables:
    """Return the tables of the example with those of a refresh, always the same.

    Parameters
    ----------
    raw
        What a person fills, and what earlier refreshes have left.
    cache, progress
        As in `pipeline.run`.
    """
    made = run(raw, cache=cache, progress=progress).tables
    return {**raw, **made, "checks": _stamped_checks(made["checks"]), "log": _stamped_log(made["log"])}


def _stamped_checks(checks: pd.DataFrame) -> pd.DataFrame:
    is_time = checks["check"] == "Last refresh"
    return checks.assign(result=checks["result"].mask(is_time, REFRESHED_AT[:16]))


def _stamped_log(log: pd.DataFrame) -> pd.DataFrame:
    last = log.index == log.index[-1]
    at = log["refreshed_at"].mask(last, REFRESHED_AT)
    seconds, version = log["seconds"].mask(last, SECONDS), log["version"].mask(last, VERSION)
    note = log["note"].str.replace(_TOOK, "", regex=True)
    return log.assign(refreshed_at=at, seconds=seconds, version=version, note=note)
