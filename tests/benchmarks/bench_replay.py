"""What the README says of the demo's replay: stock at equal service, and service achieved against target.

Run with ``pytest tests/benchmarks/bench_replay.py``, about two minutes; the rows are printed as they belong there.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from invopt_xl.cache import ContentCache
from invopt_xl.demo import grocery_tables
from invopt_xl.plan.replay import words
from invopt_xl.plan.replay.run import Question, ReplayReport, replay_tables

Report = Callable[..., None]

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
WEIGHTINGS = ("value", "units", "lines")
TARGETS = (0.8, 0.9, 0.95, 0.98, 0.99)


@pytest.fixture(scope="module")
def replays(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ReplayReport]:
    tables = grocery_tables()
    with ContentCache(tmp_path_factory.mktemp("cache")) as cache:
        return {one: replay_tables(tables, Question(weighting=one), cache=cache) for one in WEIGHTINGS}


def test_stock_at_equal_service_is_as_the_readme_says(report: Report, replays: dict[str, ReplayReport]) -> None:
    rows = []
    for weighting, replay in replays.items():
        found = words.equal_service(replay)
        for one in found[(found["policy"] == "ours") & (found["weighting"] == weighting)].to_dict("records"):
            window = str(one["best_window"]).removeprefix("textbook ")
            usual = f"{one['usual_textbook']:,.0f} | {one['saved_beside_usual']:+.1%}"
            best = f"{one['best_textbook']:,.0f} ({window} weeks) | {one['saved_beside_best']:+.1%}"
            rows.append(f"| {weighting} | {one['fill_rate']:.0%} | {one['stock_money']:,.0f} | {usual} | {best} |")
    report("\n".join(["", *rows]))
    assert [row for row in rows if row not in README] == []


def test_service_achieved_against_target_is_as_the_readme_says(
    report: Report, replays: dict[str, ReplayReport]
) -> None:
    rows = []
    for target in TARGETS:
        ours = [achieved(replays[one].curves, "ours", target, f"fill_{one}") for one in WEIGHTINGS]
        curves = replays["value"].curves
        uniform = achieved(curves, "uniform", target, "fill_value")
        textbook = achieved(curves, words.COMMON, target, "cycle_service")
        rows.append(f"| {' | '.join([f'{target:.0%}', *ours, uniform, textbook])} |")
    report("\n".join(["", *rows]))
    assert [row for row in rows if row not in README] == []


def achieved(curves: pd.DataFrame, policy: str, target: float, figure: str) -> str:
    """Return the share achieved at a target, or that it was not tried."""
    found = curves.loc[(curves["policy"] == policy) & (curves["target"] == target), figure]
    return "-" if found.empty else f"{found.item():.1%}"
