"""Targets follow class, supplier and forecast; suppliers with few receipts are judged by all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invopt_xl.errors import InputError
from invopt_xl.policy.buffers import (
    ServiceRules,
    deviation_with_estimation,
    ruled_targets,
    supplier_reliability,
)


def target_of(value_class: str, criticality: str, on_time: float = 1.0, known: float = 52.0) -> float:
    found = ruled_targets([value_class], [criticality], np.array([on_time]), np.array([known]))
    return float(found.target[0])


def test_critical_items_have_the_highest_targets_and_cheap_ones_no_lower_than_dear() -> None:
    for value_class in "ABC":
        targets = [target_of(value_class, criticality) for criticality in ("minor", "normal", "critical")]
        assert targets == sorted(targets)
    for criticality in ("minor", "normal", "critical"):
        targets = [target_of(value_class, criticality) for value_class in "ABC"]
        assert targets == sorted(targets)


def test_an_unreliable_supplier_and_a_weak_forecast_each_leave_less_shortage() -> None:
    assert target_of("A", "minor", on_time=0.5) == pytest.approx(1 - 0.10 * 0.75)
    assert target_of("A", "minor", known=5.0) == pytest.approx(1 - 0.10 * 0.75)
    assert target_of("A", "minor", on_time=0.5, known=5.0) == pytest.approx(1 - 0.10 * 0.75**2)
    found = ruled_targets(["A"], ["minor"], np.array([0.5]), np.array([5.0]))
    assert found.words(0) == "90% by class, raised to 94.4%: supplier unreliable and forecast weak"


def test_no_rule_raises_a_target_above_the_highest_and_none_lowers_one() -> None:
    rules = ServiceRules(targets={("A", "x"): 0.98, ("B", "x"): 0.999}, unreliable_supplier=0.01, highest=0.99)
    found = ruled_targets(["A", "B"], ["x", "x"], np.zeros(2), np.array([52.0, 52.0]), rules)
    assert found.target.tolist() == [0.99, 0.999]
    assert found.words(1) == "99.9% by class"


def test_a_class_without_a_rule_is_named_with_its_row() -> None:
    with pytest.raises(
        InputError, match=r"class of item \(row 2\) is D, normal; expected one of: A, critical; A, normal"
    ):
        ruled_targets(["A", "D"], ["normal", "normal"], np.ones(2), np.array([52.0, 52.0]))


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"targets": {("A", "normal"): 95.0}}, "service target of A, normal is 95.0; expected between 0 and 1"),
        ({"weak_forecast": 0.0}, "weak forecast is 0.0; expected above 0 and at most 1"),
        ({"highest": 1.0}, "highest service target is 1.0; expected between 0 and 1"),
    ],
)
def test_bad_rules_are_one_line(rules: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{message}"):
        ServiceRules(**rules)


def test_many_receipts_speak_for_themselves_and_few_for_all() -> None:
    random = np.random.default_rng(1)
    names = ["good"] * 400 + ["bad"] * 400 + ["new"] * 2
    promised = np.full(802, 10.0)
    actual = np.concatenate([random.uniform(6.0, 10.0, 400), random.uniform(8.0, 18.0, 400), [14.0, 14.0]])
    seen = supplier_reliability(names, promised, actual)
    at = {name: row for row, name in enumerate(seen.supplier.tolist())}
    good, bad, new = (at[name] for name in ("good", "bad", "new"))
    assert seen.receipts[[good, bad, new]].tolist() == [400, 400, 2]
    assert seen.on_time[good] == pytest.approx(1.0, abs=0.01)
    assert seen.on_time[bad] == pytest.approx(0.2, abs=0.05)
    assert seen.on_time[new] == pytest.approx(5 * seen.general[0] / 7)
    assert seen.lead_time_ratio[good] == pytest.approx(0.8, abs=0.02)
    assert seen.deviation_ratio[bad] == pytest.approx(1.0 / np.sqrt(12), rel=0.1)
    assert seen.deviation_ratio[good] < seen.deviation_ratio[new] < seen.deviation_ratio[bad]


def test_items_take_their_suppliers_figures_and_unknown_suppliers_the_general_ones() -> None:
    seen = supplier_reliability(["K", "K", "L"], np.full(3, 10.0), np.array([9.0, 10.0, 15.0]))
    items = seen.of(["L", "M", "K", ""])
    assert items.receipts.tolist() == [1, 0, 2, 0]
    assert items.on_time[1] == items.on_time[3] == seen.general[0]
    assert items.on_time[0] < seen.general[0] < items.on_time[2]


@given(st.lists(st.tuples(st.sampled_from("KLM"), st.floats(0.0, 90.0)), min_size=1, max_size=30), st.floats(0.0, 20.0))
def test_reliability_is_always_a_number_between_its_bounds(receipts: list[tuple[str, float]], prior: float) -> None:
    names, days = zip(*receipts, strict=True)
    seen = supplier_reliability(names, np.full(len(days), 7.0), np.array(days), prior_receipts=prior)
    assert ((seen.on_time >= 0) & (seen.on_time <= 1)).all()
    assert np.isfinite(seen.lead_time_ratio).all()
    assert (np.isfinite(seen.deviation_ratio) & (seen.deviation_ratio >= 0)).all()


def test_a_receipt_within_the_days_of_grace_is_on_time() -> None:
    days = np.array([10.0, 11.0, 12.0])
    found = [supplier_reliability(["K"] * 3, np.full(3, 10.0), days, grace).on_time[0] for grace in (0.0, 1.0, 2.0)]
    assert found == pytest.approx([1 / 3, 2 / 3, 1.0])


@pytest.mark.parametrize(
    ("promised", "actual", "message"),
    [
        ([10.0, 0.0], [10.0, 9.0], r"promised lead time \(row 2\) is 0; expected days above zero"),
        ([10.0, 9.0], [-1.0, 9.0], r"observed lead time \(row 1\) is -1; expected zero or more days"),
    ],
)
def test_impossible_lead_times_are_one_line(promised: list[float], actual: list[float], message: str) -> None:
    with pytest.raises(InputError, match=f"^{message}"):
        supplier_reliability(["K", "K"], np.array(promised), np.array(actual))


def test_no_receipts_at_all_are_one_line() -> None:
    with pytest.raises(InputError, match="number of receipts is 0; expected at least 1"):
        supplier_reliability([], np.empty(0), np.empty(0))


def test_the_spread_that_covers_the_estimated_mean_is_that_of_simulated_forecasts() -> None:
    random = np.random.default_rng(2)
    known, ahead = 8, 4
    demand = random.normal(100.0, 10.0, (200_000, known + ahead))
    error = demand[:, known:].sum(axis=1) - ahead * demand[:, :known].mean(axis=1)
    found = deviation_with_estimation(np.array([10.0]), np.array([float(ahead)]), np.array([float(known)]))
    assert found[0] * np.sqrt(ahead) == pytest.approx(error.std(), rel=0.01)
