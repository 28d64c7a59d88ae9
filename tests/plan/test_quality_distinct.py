"""Long columns are read by their different cells: with the same outcome as cell by cell."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.plan.columns import Column
from invopt_xl.plan.quality import distinct
from invopt_xl.plan.quality.coercion import read

cells = st.one_of(
    st.lists(st.one_of(st.none(), st.sampled_from(["7", " 7", "x", "1,234", "5,5", "", "#N/A", "2018-01-31"]))),
    st.lists(st.one_of(st.none(), st.integers(-3, 3), st.floats(-2, 2))),
    st.lists(st.one_of(st.none(), st.booleans(), st.integers(0, 1), st.just("1"))),
    st.lists(st.one_of(st.none(), st.just(datetime(2018, 1, 31)), st.just(datetime(1900, 1, 1)))),
)


@settings(max_examples=60)
@given(cells, st.sampled_from(["text", "number", "date"]))
def test_a_column_read_by_its_different_cells_reads_the_same(found, kind):
    column = pd.Series(found, dtype=object)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distinct, "LONG", 0)
        quick = distinct.read_column(column, Column("x", kind))
    slow = read(column, Column("x", kind))
    pd.testing.assert_series_equal(quick.values, slow.values)
    assert quick.missing.tolist() == slow.missing.tolist()
    for one, two in ((quick.unreadable, slow.unreadable), (quick.interpreted, slow.interpreted)):
        assert {reason: rows.tolist() for reason, rows in one.items()} == {
            reason: rows.tolist() for reason, rows in two.items()
        }


@pytest.mark.parametrize(
    "typed", [pd.Series([1.5, np.nan]), pd.Series([3, 4]), pd.Series(["a", "b"], dtype="category")]
)
def test_columns_that_have_a_type_are_read_by_it(typed, monkeypatch):
    monkeypatch.setattr(distinct, "LONG", 0)
    quick, slow = distinct.read_column(typed, Column("x", "text")), read(typed, Column("x", "text"))
    assert quick.values.tolist() == slow.values.tolist()
