"""What is said of service tells model from replay, compares where both were, and never says what is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from invopt_xl.errors import InputError
from invopt_xl.plan.service_answers import pays_answer, replay_answer, service_answer, what_to_ask

TARGETS = [0.9, 0.95, 0.99]


def _curves(ours: list[float], textbook: list[float]) -> pd.DataFrame:
    money = [100.0, 200.0, 400.0]
    rows = [
        pd.DataFrame({"policy": policy, "target": TARGETS, "fill_value": fills, "stock_money": money})
        for policy, fills in (("ours", ours), ("textbook 26", textbook))
    ]
    return pd.concat(rows, ignore_index=True)


def _costs(plan: float, priced: bool) -> pd.DataFrame:
    rows = {"point": ["90%", "plan's fill rate"], "fill_rate": [0.9, plan], "margin_per_point": 112.0}
    own, why = (205.0, "") if priced else (np.nan, "The items give 100.0% at most.")
    prices = {"stock_per_point": [77.0, own], "carrying_per_point": [19.0, own / 4], "why": ["", why]}
    return pd.DataFrame(rows | prices)


def test_the_short_answer_tells_the_model_and_what_the_past_gave() -> None:
    said = service_answer(_costs(0.95, True), _curves([0.88, 0.92, 0.96], [0.9, 0.93, 0.95]), "USD")
    assert "By its model the plan serves 95.0% of demand; played on the past, levels asked for 95% gave 92.0%." in said
    assert "takes 205 USD of stock, which costs 51 USD a year to hold, both by the model" in said
    assert "In the replay a point about 92.0% took" in said
    assert said.endswith("to be served 95.0% there, ask for about 98.0%, which took 336 USD.")


def test_a_past_that_gave_what_was_asked_needs_no_advice() -> None:
    good = _curves([0.9, 0.95, 0.99], [0.9, 0.93, 0.95])
    assert what_to_ask(good, 0.95, "USD") == ""
    assert "In the replay" not in pays_answer(0.96, 0.95, 0.96, good)


@pytest.mark.parametrize(("aim", "shown"), [("0.95", "'0.95'"), (95, "95"), (-0.1, "-0.1")])
def test_what_is_no_share_is_refused_as_an_aim(aim: object, shown: str) -> None:
    expected = f"wanted_fill, the fill rate aimed at, is {shown}; expected a number above 0 and at most 1, such as 0.95"
    with pytest.raises(InputError, match=expected):
        pays_answer(0.96, 0.95, aim, _curves(TARGETS, TARGETS))  # type: ignore[arg-type]


def test_without_a_replay_the_answer_is_the_models_alone() -> None:
    said = service_answer(_costs(0.95, True), _curves(TARGETS, TARGETS).head(0), "")
    assert said.startswith("**By its model the plan serves 95.0% of demand.** A point")
    assert "205 of stock" in said
    assert replay_answer(_curves(TARGETS, TARGETS).head(0), 0.95, 26, "textbook 26", "") == "**Nothing was replayed.**"


def test_a_point_without_a_price_at_the_plan_is_priced_where_the_table_has_one() -> None:
    said = service_answer(_costs(0.996, False), _curves([0.9, 0.95, 0.99], TARGETS), "USD")
    assert "cannot be told there (The items give 100.0% at most); around 90.0% one takes 77 USD of stock" in said


def test_policies_are_compared_where_both_were_and_nothing_unknown_is_said() -> None:
    told = replay_answer(_curves([0.88, 0.92, 0.96], [0.91, 0.93, 0.95]), 0.95, 26, "textbook 26", "USD")
    assert "For 91% the mix took 168 USD of stock, the textbook's rule 100 USD." in told
    apart = replay_answer(_curves([0.80, 0.85, 0.88], [0.91, 0.93, 0.95]), 0.95, 26, "textbook 26", "USD")
    assert "No fill rate was given by both: the mix gave 80.0% to 88.0%, the textbook's rule 91.0% to 95.0%." in apart
    assert "nan" not in told + apart
