from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from invopt_xl.plan.segmentation import abc_classes, xyz_classes

VALUES = st.lists(st.floats(0, 1e9), max_size=40)


def test_the_textbook_shares_of_value_give_the_textbook_classes():
    value = np.array([400.0, 250.0, 120.0, 80.0, 60.0, 40.0, 30.0, 20.0])
    assert "".join(abc_classes(value)) == "AAAABBCC"


def test_equal_values_are_ranked_by_their_order():
    assert "".join(abc_classes(np.ones(10))) == "AAAAAAAABB"


@given(VALUES)
def test_every_item_of_a_better_class_is_worth_at_least_as_much(values):
    value = np.array(values, dtype=float)
    classes = abc_classes(value)
    for better, worse in (("A", "B"), ("B", "C"), ("A", "C")):
        assert value[classes == better].min(initial=np.inf) >= value[classes == worse].max(initial=0.0)


@given(VALUES)
def test_items_without_value_are_c_and_the_largest_is_a(values):
    value = np.array(values, dtype=float)
    classes = abc_classes(value)
    assert set(classes[value == 0]) <= {"C"}
    if value.any():
        assert classes[value.argmax()] == "A"


def test_missing_and_negative_values_count_as_none():
    assert abc_classes(np.array([np.nan, 5.0, -3.0])).tolist() == ["C", "A", "C"]


def test_variability_at_a_limit_belongs_to_the_steadier_class():
    assert "".join(xyz_classes(np.array([0.0, 0.5, 0.51, 1.0, 1.01, np.inf, np.nan]))) == "XXYYZZZ"
