"""What a replay plays on: who is played, with what luck, and what replays share that are compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from small_tables import small_tables

from invopt_xl.errors import InputError
from invopt_xl.plan.columns import Tables
from invopt_xl.plan.histories import histories
from invopt_xl.plan.quality import Admitted, admit
from invopt_xl.plan.replay.outages import Outage
from invopt_xl.plan.replay.run import Question, in_common, replay_tables
from invopt_xl.plan.replay.stage import Common, Stage, set_stage
from invopt_xl.plan.replenishment import with_terms

PERIODS = 20


def stage(tables: Tables, common: Common | None = None) -> Stage:
    return staged(admit(tables), common)


def staged(admitted: Admitted, common: Common | None = None) -> Stage:
    items = with_terms(admitted.tables, admitted.parameters)
    return set_stage(items, histories(admitted), admitted.tables, admitted.parameters, PERIODS, common)


def with_items(**columns: object) -> Tables:
    tables = small_tables()
    return {**tables, "items": tables["items"].assign(**columns)}


def demand_of(**weeks: npt.NDArray[np.integer]) -> Tables:
    """Return items with these weeks of demand up to the plan date, cheap and quick to get."""
    frames = []
    for item, sold in weeks.items():
        dates = pd.date_range(end="2024-06-24", periods=len(sold), freq="7D")
        frames.append(pd.DataFrame({"item": item, "date": dates, "quantity": np.asarray(sold, dtype=float)}))
    items = pd.DataFrame({"item": list(weeks), "unit_cost": 4.0, "lead_time_days": 7.0, "on_hand": 10})
    parameters = pd.DataFrame({"name": ["plan_date"], "value": ["2024-07-01"]})
    tables = {"items": items, "demand": pd.concat(frames, ignore_index=True), "parameters": parameters}
    return {stem: frame.astype(object) for stem, frame in tables.items()}


def test_only_what_was_known_beforehand_leaves_an_item_out() -> None:
    tables = small_tables()
    made = stage(tables)
    assert made.left_out["item"].tolist() == ["new"]
    late = tables["demand"]["date"] >= pd.Timestamp("2024-02-12")
    tables["demand"].loc[late, "quantity"] = 0.0
    assert stage(tables).items["item"].tolist() == made.items["item"].tolist()


def test_a_minimum_of_years_of_demand_is_named() -> None:
    why = stage(with_items(moq=[0, 100_000, 0, 12, 0, 0])).left_out
    assert dict(zip(why["item"], why["why"], strict=True)) == {
        "erratic": "the smallest order is 100000; expected at most 5 years of demand",
        "new": "fewer than 8 known periods before the replay",
    }


def test_one_unit_is_never_too_large_an_order() -> None:
    seldom = np.zeros(300, dtype=int)
    seldom[0] = 1
    made = stage(demand_of(seldom=seldom, never=0 * seldom, often=seldom + 3))
    assert made.items["item"].tolist() == ["seldom", "never", "often"]


def test_orders_that_take_longer_than_the_replay_are_not_replayed() -> None:
    made = stage(with_items(lead_time_days=[14, 140, 7, 10, 10, 10]))
    why = dict(zip(made.left_out["item"], made.left_out["why"], strict=True))
    assert why["erratic"] == "an order takes longer than the 20 weeks replayed"
    with pytest.raises(InputError, match="over the last 20 weeks: an order takes longer than the 20 weeks replayed"):
        stage(with_items(lead_time_days=900))


def test_an_item_has_the_same_luck_whoever_else_is_left_out() -> None:
    all_played = stage(small_tables())
    one_less = stage(with_items(moq=[0, 100_000, 0, 12, 0, 0]))
    luck = all_played.world(3).lead_periods.reshape(3, len(all_played.items), PERIODS)
    kept = all_played.items["item"] != "erratic"
    assert (one_less.world(3).lead_periods.reshape(3, -1, PERIODS) == luck[:, kept.to_numpy()]).all()


def test_compared_replays_reach_equally_far_and_measure_the_same_periods() -> None:
    question = Question(periods=PERIODS, draws=3)
    near, far = admit(small_tables()), admit(with_items(lead_time_days=[28, 42, 14, 20, 20, 20]))
    outage = Outage("North", 4)
    common = in_common([(near, ()), (far, ()), (near, (outage,))], question)
    stages = [staged(near, common), staged(far, common)]
    assert [each.horizon for each in stages] == [staged(far).horizon] * 2
    assert staged(near).horizon < staged(far).horizon
    measured = [each.world(3).measured for each in stages]
    assert (measured[0] == measured[1]).all()
    assert (measured[0] == stages[0].world(3, outages=[outage]).measured).all()
    assert (measured[0] <= staged(near).world(3).measured).all()


def test_what_is_not_compared_is_measured_as_soon_as_orders_can_have_come() -> None:
    world = stage(small_tables()).world(2)
    assert (world.measured.argmax(axis=1) == world.first_receipts).all()
    late = replace(world, measured_from=world.first_receipts + 2)
    assert (late.measured.argmax(axis=1) == world.first_receipts + 2).all()


def test_a_review_of_items_that_nobody_asks_for_needs_no_mix() -> None:
    tables = demand_of(never=np.zeros(40, dtype=int), often=np.arange(40) % 5)
    tables["items"]["review_days"] = [7, 28]
    question = Question(policies=("ours",), periods=PERIODS, draws=1)
    made = replay_tables(tables, question, workers=1)
    assert made.items["item"].tolist() == ["never", "often"]


def test_history_without_any_demand_is_refused() -> None:
    with pytest.raises(InputError, match="demand in the periods replayed is 0; expected some, of any item"):
        replay_tables(demand_of(never=np.zeros(40, dtype=int)), workers=1)
