"""What is said of excess, warnings and mark-downs: computed, whatever was found, and honest where nothing was."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from invopt_xl.plan import excess_answers as answers
from invopt_xl.plan.columns import ACTIONS, MARKDOWN_SUMMARY
from invopt_xl.plan.excess import ActionTerms
from invopt_xl.plan.excess_advice import what_to_do
from invopt_xl.plan.markdown import words
from invopt_xl.plan.parameters import Parameters


def summary(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns).reindex(columns=MARKDOWN_SUMMARY.column_names)


@pytest.fixture
def marked() -> pd.DataFrame:
    return summary(
        item=["a", "b", "c", "d", "e"],
        excess_units=[10.0, 5.0, 4.0, 3.0, 2.0],
        outcome=[words.CUT, words.LATER, words.STAYS, words.NO_PRICE, words.UNSURE],
        gain=[8.0, 0.5, 0.0, np.nan, np.nan],
        gain_low=[-1.0, 0.0, 0.0, np.nan, np.nan],
        gain_high=[9.0, 1.0, 0.0, np.nan, np.nan],
    )


def test_every_item_has_one_outcome_and_refusals_say_why(marked: pd.DataFrame) -> None:
    found = answers.outcomes(marked).set_index("outcome")
    assert found["items"].sum() == len(marked)
    assert found.loc["cut", "gain"] == 8.0
    assert found.index.tolist()[:3] == ["cut", "keep for now, cut if more is left", "keep the price"]
    assert found.index.tolist()[3:] == ["refused: no price", "refused: may lose money, and only other items tell"]


def test_what_marking_down_gains_is_told_with_its_range_and_with_who_is_refused(marked: pd.DataFrame) -> None:
    told = answers.markdown_answer(marked, "USD")
    assert "Of 5 items with excess on hand a price cut is expected to pay for 1" in told
    assert "gains 8 USD" in told
    assert "(-1 to 10 " in told
    assert "2 are refused" in told
    assert "no price cut" in answers.markdown_answer(marked.tail(2), "USD").lower()
    assert answers.markdown_answer(marked.head(0), "USD").startswith("**Nothing to mark down")
    spoiling = answers.markdown_answer(marked.assign(excess_units=0.0), "USD")
    assert "Of 5 items with excess on hand or that will spoil a price cut" in spoiling


def test_no_gain_and_no_stock_are_said() -> None:
    none = pd.DataFrame(columns=ACTIONS.column_names)
    assert answers.gain_answer(none, "USD") == "No action gains anything against doing nothing."
    assert answers.gain_by_item(none).to_dict("list") == {"items": [0], "cumulative_gain": [0.0]}
    empty = SimpleNamespace(headline={"stock": 0.0}, horizon_days=91.0, actions=none)
    assert answers.excess_answer(empty, "USD").startswith("**Nothing is too much")  # type: ignore[arg-type]


def test_only_steps_that_there_is_something_to_do_in_are_advised() -> None:
    names = {"item": ["a", "b"], "location": "MAIN"}
    made = {
        "actions": pd.DataFrame(names | {"action": ["return", "mark down"]}), "headline": {"unjudged": 70.0},
        "items": pd.DataFrame(names | {"kind": ["excess", "spoils"]}), "assumed": {"refund_share": ""},
        "early_warnings": pd.DataFrame(), "terms": ActionTerms(),
    }  # fmt: skip
    told = what_to_do(SimpleNamespace(**made), "USD").splitlines()  # type: ignore[arg-type]
    assert [step.split("**")[1] for step in told[:-1]] == [
        "Ask the suppliers", "Goods that will spoil", "Find out about 70 USD of stock",
    ]  # fmt: skip
    assert "of the 1 item to return" in told[0]
    keeps = made | {"items": made["items"].assign(kind="excess")}
    lower = what_to_do(SimpleNamespace(**keeps), "USD")  # type: ignore[arg-type]
    assert "**Mark down** where no price path tells (1 item): begin with a few" in lower
    nothing = made | {"actions": made["actions"].head(0), "headline": {"unjudged": 0.0}}
    assert what_to_do(SimpleNamespace(**nothing), "USD").startswith("1. Leave the rest")  # type: ignore[arg-type]


@pytest.mark.parametrize(("came", "words"), [(0.74, "told too surely"), (0.95, "about as often as told")])
def test_high_chances_that_seldom_came_true_are_said_to_be_told_too_surely(came: float, words: str) -> None:
    reliability = pd.DataFrame(
        {"from_chance": [0.0, 0.9], "to_chance": [0.02, 1.0], "told": [5725, 38], "mean_chance": [0.004, 0.98],
         "came_true": [0.007, came]}
    )  # fmt: skip
    none = pd.DataFrame()
    told = answers.TriedWarnings("", none, reliability, none).surest
    assert f"came true {came:.0%} of the 38 times" in told
    assert words in told
    assert "No chance of 90%" in answers.TriedWarnings("", none, reliability.head(1), none).surest


def test_too_little_history_to_try_warnings_on_is_said_and_leaves_tables_without_rows() -> None:
    past = SimpleNamespace(
        periods=3, quantity=np.ones((1, 3)), first=np.zeros(1, int), in_stock=np.ones((1, 3), bool),
        price=np.full((1, 3), np.nan),
    )  # fmt: skip

    items = pd.DataFrame({"item": ["a"], "location": ["MAIN"]})
    tried = answers.tried_warnings(items, past, Parameters(date(2024, 1, 1)), months=3)  # type: ignore[arg-type]
    assert tried.answer.startswith("**Early warnings cannot be tried on this history:**")
    assert tried.summary.empty
    assert tried.found.empty
