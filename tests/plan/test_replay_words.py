"""What a replay concludes in words: no more than its curves bear out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_tables import small_tables

from invopt_xl.plan.replay import words
from invopt_xl.plan.replay.run import Question, ReplayReport, compared, replay_tables

FILLS = np.array([0.85, 0.9, 0.95, 0.98, 0.99])


@pytest.fixture(scope="module")
def played() -> ReplayReport:
    return replay_tables(small_tables(), Question(policies=("textbook",), periods=12, draws=1))


def curve(policy: str, money: list[float], fills: np.ndarray = FILLS) -> pd.DataFrame:
    achieved = {f"fill_{weighting}": fills[: len(money)] for weighting in ("value", "units", "lines")}
    return pd.DataFrame({"policy": policy, "target": fills[: len(money)], **achieved, "stock_money": money})


def told(played: ReplayReport, ours: pd.DataFrame, *books: pd.DataFrame) -> str:
    curves = pd.concat([*books, ours], ignore_index=True)
    policies = ("ours", "textbook") if books else ("ours",)
    question = replace(played.question, policies=policies)
    (sentence,) = words.verdicts(replace(played, question=question, curves=curves, comparison=compared(curves)))
    return sentence


USUAL = curve("textbook 26", [800.0, 1000.0, 1500.0, 2500.0, 3000.0])


@pytest.mark.parametrize(
    ("factor", "sentence"),
    [
        (0.8, "less stock than any textbook window at each level compared (90%, 95%, 98%)"),
        (0.99, "no clear difference from the textbook (at 90%, 95%, 98%)"),
        (1.01, "no clear difference from the textbook (at 90%, 95%, 98%)"),
        (1.3, "more stock than the best textbook window at each level compared (90%, 95%, 98%)"),
    ],
)
def test_a_policy_is_praised_only_for_what_is_beyond_chance(factor: float, sentence: str, played: ReplayReport) -> None:
    ours = curve("ours", [factor * money for money in USUAL["stock_money"]])
    said = told(played, ours, USUAL)
    assert said.startswith(f"ours: {sentence}; ")
    assert f"it holds {1500 * factor:,.0f} in stock" in said


def test_a_policy_that_is_better_here_and_worse_there_is_told_so(played: ReplayReport) -> None:
    ours = curve("ours", [500.0, 700.0, 1500.0, 3500.0, 4500.0])
    assert "less stock than the textbook at some levels and not at others (of 90%, 95%, 98%)" in told(
        played, ours, USUAL
    )


def test_the_best_window_in_hindsight_is_the_yardstick(played: ReplayReport) -> None:
    better = curve("textbook 8", [money * 0.7 for money in USUAL["stock_money"]])
    ours = curve("ours", [money * 0.84 for money in USUAL["stock_money"]])
    said = told(played, ours, USUAL, better)
    assert "more stock than the best textbook window at each level" in said
    assert "16.0% less than the common textbook (1,500) and 20.0% more than its best window in hindsight" in said
    assert "(textbook 8: 1,050)" in said


def test_what_a_policy_does_not_achieve_is_not_passed_over(played: ReplayReport) -> None:
    assert told(played, curve("ours", [400.0, 500.0, 700.0]), USUAL).endswith("; 98% out of its reach.")
    said = told(played, curve("ours", [400.0, 500.0]), USUAL)
    assert said == "ours: a fill rate of 95% by value is out of its reach on these data."
    high = curve("ours", [400.0, 500.0], FILLS[3:])
    assert (
        told(played, high, USUAL)
        == "ours: a fill rate of 95% by value is less than it achieves at any target on these data."
    )


def test_a_textbook_out_of_reach_is_not_a_saving(played: ReplayReport) -> None:
    low = curve("textbook 26", [800.0, 1000.0])
    ours = curve("ours", list(USUAL["stock_money"]))
    assert "no textbook policy achieves that here with any safety factor tried" in told(played, ours, low)
    other = curve("textbook 8", [2 * money for money in USUAL["stock_money"]])
    said = told(played, ours, low, other)
    assert "50.0% less than its best window in hindsight (textbook 8: 3,000)" in said
    assert said.endswith("; the common textbook does not get there.")


def test_without_the_textbook_there_is_only_what_the_policy_holds(played: ReplayReport) -> None:
    ours = curve("ours", list(USUAL["stock_money"]))
    assert told(played, ours) == "ours: where it achieves a fill rate of 95% by value, it holds 1,500 in stock."


def test_a_policy_that_serves_nothing_from_no_stock_breaks_no_curve(played: ReplayReport) -> None:
    nothing = curve("ours", [0.0], np.array([0.0]))
    ours = pd.concat([nothing, curve("ours", list(USUAL["stock_money"]))])
    assert "no clear difference" in told(played, ours, USUAL)
