"""A buffer's change is shared out to the last unit, told in words, the largest first."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.errors import InputError
from invopt_xl.policy.buffers import DRIVERS, BufferDrivers, explain_change, levels_of

Floats = np.ndarray
FEW = 6


def drivers_of(random: np.random.Generator, items: int = FEW) -> BufferDrivers:
    mean = random.lognormal(2.0, 1.0, items)
    return BufferDrivers(
        demand_mean=mean,
        demand_deviation=mean * random.uniform(0.2, 1.5, items),
        lead_time_mean=random.uniform(3.0, 40.0, items),
        lead_time_deviation=random.uniform(0.0, 10.0, items),
        review_days=random.choice([7.0, 14.0], items),
        service_target=random.uniform(0.85, 0.99, items),
        order_quantity=mean * random.uniform(1.0, 4.0, items),
    )


def one(supplier: str = "K", **drivers: float) -> BufferDrivers:
    usual = {
        "demand_mean": 120.0,
        "demand_deviation": 30.0,
        "lead_time_mean": 14.0,
        "lead_time_deviation": 2.0,
        "review_days": 7.0,
        "service_target": 0.95,
        "order_quantity": 300.0,
    }
    arrays = {name: np.array([value]) for name, value in {**usual, **drivers}.items()}
    return BufferDrivers(**arrays, supplier=np.array([supplier], dtype=object))


def safety_stock(drivers: BufferDrivers) -> Floats:
    items = len(drivers.demand_mean)
    fill = np.arange(items) % 2 == 1
    return levels_of(drivers, fill, drivers.demand_mean < 5.0, 7.0).safety_stock


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10_000))
def test_contributions_add_up_to_the_change(seed: int) -> None:
    random = np.random.default_rng(seed)
    change = explain_change(drivers_of(random), drivers_of(random), safety_stock)
    np.testing.assert_allclose(change.contribution.sum(axis=1), change.change, rtol=0, atol=1e-9)


def test_of_two_drivers_each_gets_its_shapley_value() -> None:
    before, after = one(), one(demand_mean=100.0, lead_time_deviation=6.0)
    alone = [before.with_driver(name, after.of(name)) for name in ("demand_mean", "lead_time_deviation")]
    none, first, second, both = (float(safety_stock(which)[0]) for which in (before, *alone, after))
    change = explain_change(before, after, safety_stock)
    assert change.of("demand_mean")[0] == pytest.approx((first - none + both - second) / 2, abs=1e-6)
    assert change.of("lead_time_deviation")[0] == pytest.approx((second - none + both - first) / 2, abs=1e-6)


def test_what_adds_up_by_itself_is_shared_out_exactly() -> None:
    random = np.random.default_rng(1)
    before, after = drivers_of(random), drivers_of(random)
    weights = np.arange(1.0, len(DRIVERS) + 1.0)

    def total(drivers: BufferDrivers) -> Floats:
        return np.sum([weight * drivers.of(name) for weight, name in zip(weights, DRIVERS, strict=True)], axis=0)

    change = explain_change(before, after, total)
    for weight, name in zip(weights, DRIVERS, strict=True):
        np.testing.assert_allclose(change.of(name), weight * (after.of(name) - before.of(name)), atol=1e-9)


def test_a_driver_that_did_not_change_contributes_nothing() -> None:
    random = np.random.default_rng(2)
    before = drivers_of(random)
    longer = before.lead_time_mean + np.array([0.0, 5.0, 0.0, 5.0, 0.0, 5.0])
    change = explain_change(
        before, replace(before, lead_time_mean=longer, review_days=before.review_days + 7), safety_stock
    )
    assert (change.of("demand_mean") == 0).all()
    assert (change.of("lead_time_mean")[::2] == 0).all()
    assert (change.of("lead_time_mean")[1::2] > 0).all()


def test_no_change_has_no_words_and_costs_one_evaluation() -> None:
    calls = []

    def counted(drivers: BufferDrivers) -> Floats:
        calls.append(drivers)
        return safety_stock(drivers)

    change = explain_change(one(), one(), counted)
    assert change.all_words() == [""]
    assert change.change.tolist() == [0.0]
    assert len(calls) == 1


def test_the_levels_are_taken_twice_for_each_driver_that_changed() -> None:
    calls = []

    def counted(drivers: BufferDrivers) -> Floats:
        calls.append(drivers)
        return safety_stock(drivers)

    explain_change(one(), one(demand_mean=100.0, review_days=14.0, service_target=0.9), counted)
    assert len(calls) == 2 * 3


def test_words_name_the_largest_first_with_its_units() -> None:
    change = explain_change(one(), one(demand_mean=100.0, lead_time_deviation=6.0), safety_stock)
    words = change.words(0)
    assert words.startswith("lead-time spread of supplier K rose from 2 to 6 days: +")
    first, second = words.split("; ")
    assert first.endswith(" units")
    assert second.startswith("demand fell from 120 to 100 a period: -")
    sizes = [abs(float(part.split(": ")[1].removesuffix(" units"))) for part in (first, second)]
    assert sizes[0] > sizes[1]


def test_a_change_of_supplier_names_both() -> None:
    change = explain_change(one("J"), one("K", lead_time_mean=28.0), safety_stock)
    assert change.words(0).startswith("lead time rose from 14 (supplier J) to 28 days (supplier K): +")


def test_targets_are_told_in_percent_and_near_numbers_with_digits_enough() -> None:
    change = explain_change(
        one(),
        one(service_target=0.98, demand_deviation=30.04),
        lambda one: 1000 * one.demand_deviation + one.service_target * 1000,
    )
    assert (
        change.words(0)
        == "forecast error rose from 30 to 30.04 a period: +40 units; service target rose from 95% to 98%: +30"
    )


def test_further_reasons_are_summed_up_and_small_ones_left_out() -> None:
    sizes = dict(zip(DRIVERS, (10.0, 40.0, 20.0, 30.0, 0.2, 0.0, 5.0), strict=True))

    def total(drivers: BufferDrivers) -> Floats:
        return np.sum([drivers.of(name) for name in DRIVERS], axis=0)

    before = one()
    after = BufferDrivers(**{name: before.of(name) + sizes[name] for name in DRIVERS}, supplier=before.supplier)
    parts = explain_change(before, after, total).words(0).split("; ")
    assert [part.split(": ")[1] for part in parts] == ["+40 units", "+30", "+20", "+15"]
    assert parts[-1].startswith("other changes")


@pytest.mark.parametrize(
    ("driver", "value", "message"),
    [
        ("service_target", 95.0, "service target is 95; expected between 0 and 1"),
        ("lead_time_deviation", -1.0, "lead time deviation is -1; expected zero or more"),
        ("demand_mean", float("nan"), "demand mean is nan; expected zero or more"),
    ],
)
def test_a_bad_driver_is_one_line(driver: str, value: float, message: str) -> None:
    with pytest.raises(InputError, match=f"^{message}"):
        one(**{driver: value})


def test_drivers_of_other_items_are_refused() -> None:
    random = np.random.default_rng(3)
    with pytest.raises(InputError, match="number of items now is 5; expected 6, as many as before"):
        explain_change(drivers_of(random), drivers_of(random, 5), safety_stock)
