"""Forecasts beside pmdarima and statsforecast: accuracy, coverage and time on the same series in the same run.

Run with ``pytest tests/benchmarks/bench_forecasting.py --m3 FILE --carparts FILE``; tables are printed as they come.
The files hold monthly series of the M3 competition (columns ``unique_id``, ``set`` with train or test, ``t``, ``y``)
and the rare demand of carparts (a column ``t`` and one per series), which the project does not carry; without a file,
that part runs on series simulated from a seed and says so. ``--series 0`` takes all series, ``--slow-series N`` gives
so many to pmdarima, ``--results FOLDER`` keeps the tables and the measures of each series.

Series at even positions among the sorted names were used to tune the product's constants; those at odd positions were
not: samples come from these alone, and full runs show both. Times are CPU time; read their ratios.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from forecast_methods import (
    LEVELS,
    OURS,
    PATHS,
    PEERS,
    RARE_LEVELS,
    REFERENCE,
    SLOW,
    Laboratory,
    Outcome,
    Spent,
    rare_mean,
    rare_peers,
    rare_quantiles,
    spent,
)
from forecast_scores import (
    accuracy_table,
    all_monthly_scores,
    interval_table,
    monthly_scores,
    probability_transform,
    rare_scores,
    slowest_table,
)
from forecast_series import MONTHS, RARE_PERIODS, SEASON, Case, FloatArray, Panel, monthly_panel, rare_panel
from threadpoolctl import threadpool_limits

from invopt_xl.cache import ContentCache
from invopt_xl.domain.forecast import Forecast
from invopt_xl.forecasting import forecast_many

Report = Callable[..., None]

STARTS = {
    "invopt: a seasonal forecast": (
        "import numpy as np; from invopt_xl.forecasting import forecast; "
        "forecast(np.random.default_rng(1).gamma(9, 1, 60), 18, season=12)"
    ),
    "invopt: a forecast of rare demand": (
        "import numpy as np; from invopt_xl.forecasting import forecast; forecast(np.tile([0.0, 0, 3, 0, 1], 10), 6)"
    ),
    "import statsforecast.models alone": "import statsforecast.models",
    "import pmdarima alone": "import pmdarima",
    "import numpy, pandas alone": "import numpy, pandas",
}


@pytest.fixture(scope="session")
def laboratory(report: Report) -> Laboratory:
    packages = ("numpy", "scipy", "statsforecast", "pmdarima")
    told = ", ".join(f"{name} {version(name)}" for name in packages)
    report(f"\nPython {platform.python_version()}, {told}, {os.cpu_count()} cores, CPU time of one thread")
    return Laboratory(report)


@pytest.fixture(scope="session")
def months(pytestconfig: pytest.Config) -> Panel:
    return monthly_panel(pytestconfig.getoption("--m3"), pytestconfig.getoption("--series"))


@pytest.fixture(scope="session")
def rare(pytestconfig: pytest.Config) -> Panel:
    return rare_panel(pytestconfig.getoption("--carparts"), pytestconfig.getoption("--series"))


@pytest.fixture
def save(pytestconfig: pytest.Config) -> Callable[[str, pd.DataFrame], None]:
    folder: Path | None = pytestconfig.getoption("--results")

    def keep(name: str, frame: pd.DataFrame) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            frame.to_csv(folder / f"{name}.csv", index=False)

    return keep


def halves(frame: pd.DataFrame, title: str) -> dict[str, pd.DataFrame]:
    """Return the rows of series that nothing was tuned on, and, where there are such, those of the others."""
    unseen, seen = frame[~frame["tuned_on"]], frame[frame["tuned_on"]]
    if seen.empty:
        return {title: frame}
    parts = {"odd positions, NOT tuned on": unseen, "even positions, tuned on": seen}
    return {f"{title}: {what} ({part['series'].nunique()})": part for what, part in parts.items()}


def test_monthly_series(laboratory: Laboratory, months: Panel, report: Report, save: Callable[..., None]) -> None:
    with threadpool_limits(1):
        outcomes = laboratory.run(months.cases, [*OURS, *PEERS])
    scores = all_monthly_scores(months.cases, outcomes)
    save("monthly", scores)
    for title, part in halves(scores, f"{months.title}, {MONTHS} months ahead").items():
        report(f"ACCURACY, COVERAGE, CPU TIME | {title}", accuracy_table(part, REFERENCE))
        report(f"WHERE INTERVALS MISS | {title}", interval_table(part))
    report(f"SLOWEST by invopt auto | {months.title}", slowest_table(scores[scores["method"] == next(iter(OURS))]))


def test_monthly_series_beside_pmdarima(
    laboratory: Laboratory, months: Panel, report: Report, save: Callable[..., None], pytestconfig: pytest.Config
) -> None:
    unseen = [case for case in months.cases if not case.tuned_on]
    count = min(pytestconfig.getoption("--slow-series"), len(unseen))
    if not count:
        return
    few = [unseen[place] for place in np.linspace(0, len(unseen) - 1, count).round().astype(int)]
    with threadpool_limits(1):
        outcomes = laboratory.run(few, [*OURS, REFERENCE, *SLOW])
    scores = all_monthly_scores(few, outcomes)
    save("pmdarima", scores)
    title = f"{len(few)} of the series at odd positions, beside pmdarima"
    report(f"ACCURACY, COVERAGE, CPU TIME | {title}", accuracy_table(scores, next(iter(SLOW))))


def rare_rows(case: Case, made: Forecast) -> dict[str, Any]:
    """Return the measures of the product's forecast, of each period and of the sum of all periods."""
    random = np.random.default_rng(int(case.history.sum()) + case.history.size)
    levels = list(RARE_LEVELS)
    row = rare_scores(case, made.mean, made.quantiles(levels))
    sums, total = made.paths.sum(axis=1, dtype=float)[:, None], np.array([case.actual.sum()])
    places = probability_transform(random, made.paths.astype(float), case.actual)
    place = probability_transform(random, sums, total)
    for level in levels:
        row[f"PIT {level:g}"] = float((places <= level).mean())
        row[f"sum <= q{level:g}"] = float(total[0] <= np.quantile(sums, level) * (1 + 1e-6))
        row[f"sum PIT {level:g}"] = float(place[0] <= level)
    return row | {"model": made.model}


def each_of(histories: list[FloatArray], work: Callable[..., Any], build: Callable[..., Any]) -> list[Any]:
    return [work(build, history, RARE_PERIODS) for history in histories]


def test_rare_demand(benchmark: Any, rare: Panel, report: Report, save: Callable[..., None]) -> None:
    cases, rows, times = rare.cases, [], {}
    histories = [case.history for case in cases]
    many = partial(forecast_many, histories, RARE_PERIODS, season=SEASON, paths=PATHS)
    ours = next(iter(OURS))
    made, times[ours, "with quantiles"] = benchmark.pedantic(spent, args=(many,), rounds=1)
    rows += [about(case, ours) | rare_rows(case, one) for case, one in zip(cases, made, strict=True)]
    with threadpool_limits(1), np.errstate(all="ignore"):
        for name, build in rare_peers().items():
            rare_mean(build, histories[0], RARE_PERIODS)
            means, times[name, "means alone"] = spent(partial(each_of, histories, rare_mean, build))
            bands, times[name, "with quantiles"] = spent(partial(each_of, histories, rare_quantiles, build))
            found = zip(cases, means, bands, strict=True)
            rows += [about(case, name) | rare_scores(case, mean, band) for case, mean, band in found]
    scores = pd.DataFrame(rows)
    save("rare", scores)
    everything = f"{rare.title}, {RARE_PERIODS} periods ahead"
    for title, part in ({everything: scores} | halves(scores, everything)).items():
        part = with_quantiles_by_all(part)
        table = part.drop(columns=["series", "tuned_on", "model"]).groupby("method", sort=False).mean().round(4)
        places = [name for name in table.columns if name.startswith(("PIT", "sum"))]
        by_method = part.groupby("method", sort=False)
        counts = {"unscaled": by_method["RMSSE"].agg(lambda values: values.isna().sum())}
        counts["with quantiles"] = by_method["<= q0.9"].count()
        report(f"ACCURACY AND UPPER QUANTILES | {title}", table.drop(columns=places).assign(**counts))
        report("PLACE OF DEMAND IN ITS DISTRIBUTION, periods and sums", table.loc[[ours], places].T)
    report(f"TIME | {rare.title}", time_table(times, len(cases)))
    report(f"MODELS | {rare.title}", scores["model"].value_counts().to_frame().head(12))


def with_quantiles_by_all(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the measures with those of quantiles blank on series for which some method has none: the same for all.

    Place and sum of demand in the product's own distribution are compared with nobody and stay.
    """
    columns = ["SPL upper", *(f"<= q{level:g}" for level in RARE_LEVELS)]
    blank = scores["<= q0.9"].isna().groupby(scores["series"]).transform("any")
    return scores.assign(**scores[columns].mask(blank))


def about(case: Case, method: str) -> dict[str, Any]:
    return {"series": case.name, "tuned_on": case.tuned_on, "method": method}


def time_table(times: dict[tuple[str, str], Spent], count: int) -> pd.DataFrame:
    """Return times of many series, and their ratios to those of the first row."""
    first = next(iter(times.values()))
    rows = {
        key: {
            "CPU s": one.cpu,
            "of it in workers": one.in_workers,
            "wall s": one.wall,
            "CPU ms each": 1000 * one.cpu / count,
            "it / first, CPU": one.cpu / first.cpu,
        }
        for key, one in times.items()
    }
    return pd.DataFrame(rows).T.round(3)


def test_warm_refresh(
    benchmark: Any, laboratory: Laboratory, months: Panel, report: Report, save: Callable[..., None], tmp_path: Path
) -> None:
    cases = months.cases
    full, cut = [case.history for case in cases], [case.history[:-1] for case in cases]
    many = partial(forecast_many, horizon=MONTHS, season=SEASON, paths=PATHS)
    many(full[:1])  # whatever loads at the first call is not a refresh's time
    times: dict[str, Spent] = {}
    cold, times["search, no cache"] = spent(lambda: many(full))
    with ContentCache(tmp_path) as cache:
        _, times["search and keep, one period earlier"] = spent(lambda: many(cut, cache=cache))
        warm, times["one period later: continued"] = benchmark.pedantic(
            spent, args=(partial(many, full, cache=cache),), rounds=1
        )
        again, times["the same once more: kept"] = spent(lambda: many(full, cache=cache))
    assert all(np.array_equal(one.paths, other.paths) for one, other in zip(warm, again, strict=True))
    with threadpool_limits(1):
        peer = sum(one.seconds for one in laboratory.run(cases, [REFERENCE])[REFERENCE])
    begun = times["search, no cache"]
    table = pd.DataFrame(
        {
            what: {
                "CPU s": one.cpu,
                "of it in workers": one.in_workers,
                "wall s": one.wall,
                "search / it, CPU": begun.cpu / one.cpu,
                "search / it, wall": begun.wall / one.wall,
                f"{REFERENCE} / it, CPU": peer / one.cpu,
            }
            for what, one in times.items()
        }
    ).T.round(2)
    report(f"REFRESH | {months.title}; {REFERENCE} takes {peer:.1f} CPU s for them", table)
    compare_warm(cases, cold, warm, report, save)


def compare_warm(cases: list[Case], cold: list[Forecast], warm: list[Forecast], report: Report, save: Any) -> None:
    """Report what became of the models, and whether continued models forecast as well as those searched afresh."""
    rows = []
    for case, searched, continued in zip(cases, cold, warm, strict=True):
        notes = continued.reason.split("; ")
        fate = next((note.split(":")[0] for note in notes if "continued" in note or "searched again" in note), "other")
        for how, made in (("searched", searched), ("refreshed", continued)):
            sums = np.quantile(made.paths.sum(axis=1, dtype=float), LEVELS)
            outcome = Outcome(made.mean, made.quantiles(LEVELS.tolist()), sums, made.model)
            rows.append(about(case, how) | {"fate": fate, "why": continued.reason} | monthly_scores(case, outcome))
    scores = pd.DataFrame(rows)
    save("refresh", scores)
    counts = scores[scores["method"] == "refreshed"]["fate"].value_counts()
    names = ["sMAPE", "MASE median", "SPL", "in 80", "in 95", "sum in 80", "sum in 95"]
    table = scores.groupby(["fate", "method"])[names].mean().round(4)
    table["series"] = [counts[fate] for fate, _ in table.index]
    report("REFRESHED MODELS beside those searched afresh", table)


def test_first_forecast_in_a_new_process(benchmark: Any, report: Report) -> None:
    times: dict[str, list[Spent]] = {what: [] for what in STARTS}

    def start_each() -> None:
        for what, program in STARTS.items():
            times[what].append(spent(partial(subprocess.run, [sys.executable, "-c", program], check=True))[1])

    benchmark.pedantic(start_each, rounds=1)
    for _ in range(2):
        start_each()
    peer = float(np.median([one.wall for one in times["import statsforecast.models alone"]]))
    rows = {}
    for what, found in times.items():
        walls = [one.wall for one in found]
        middle = float(np.median(walls))
        rows[what] = {
            "wall s, median": middle,
            "least": min(walls),
            "most": max(walls),
            "CPU s, median": float(np.median([one.cpu for one in found])),
            "statsforecast.models / it": peer / middle,
        }
    report("A NEW PROCESS, from its start to its end, three times in turn", pd.DataFrame(rows).T.round(2))
