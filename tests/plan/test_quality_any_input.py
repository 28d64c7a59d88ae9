from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from quality_tables import frame

from invopt_xl.errors import InvoptError
from invopt_xl.plan.columns import INPUTS, CellFault, Column, Table
from invopt_xl.plan.histories import histories
from invopt_xl.plan.quality import Admitted, admit

CODES = st.sampled_from(["tea", " tea", "cup", 22423, 22423.0, "22423", "007", "MAIN", "Ann"])
PLAUSIBLE = {
    "text": CODES | st.sampled_from(["active", "New", "fill", "all-unit"]),
    "number": st.integers(0, 60) | st.floats(0, 1) | st.sampled_from(["12", "1,234", "5%"]),
    "date": st.dates(date(2015, 1, 1), date(2018, 3, 1)) | st.sampled_from(["2017-12-24", 43000, "20171231"]),
    "flag": st.booleans() | st.sampled_from([0, 1, "yes", "0"]),
}
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(allow_nan=False),
    st.text(max_size=12),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.timezones()),
    st.timedeltas(),
    st.times(),
    st.binary(max_size=4),
    st.sampled_from(
        [CellFault("#N/A"), "#REF!", "=1+1", "1,5", "12%", pd.NA, pd.NaT, np.float32(3), np.bool_(True), 10**400]
    ),
    st.sampled_from([Decimal("NaN"), time(3), timedelta(1), (), datetime(9999, 12, 31, 23, 59), "a\nb", "\x00"]),
)


def cells(column: Column, length: int) -> st.SearchStrategy[list[object]]:
    plausible = PLAUSIBLE[column.kind]
    return st.lists(st.one_of(plausible, plausible, plausible, ANYTHING), min_size=length, max_size=length)


@st.composite
def raw_table(draw: st.DrawFn, table: Table) -> pd.DataFrame:
    length = draw(st.integers(1 if table.required else 0, 12))
    chosen = [column for column in table.columns if column.required or draw(st.booleans())]
    return frame({column.name: draw(cells(column, length)) for column in chosen})


@st.composite
def raw_tables(draw: st.DrawFn) -> dict[str, pd.DataFrame]:
    raw = {table.stem: draw(raw_table(table)) for table in INPUTS if table.required or draw(st.booleans())}
    if "parameters" in raw:
        names = st.sampled_from(["plan_date", "Period", "horizon_periods", "service_target", "budget", "currency", "x"])
        raw["parameters"]["name"] = pd.Series(
            [draw(names) for _ in raw["parameters"].index], raw["parameters"].index, dtype=object
        )
    return raw


def blank(cell: object) -> bool:
    if isinstance(cell, str):
        return not cell.strip()
    return bool(pd.api.types.is_scalar(cell) and pd.isna(cell)) or (isinstance(cell, Decimal) and cell.is_nan())


def rows_with_anything(raw: dict[str, pd.DataFrame]) -> int:
    return sum(not all(map(blank, row)) for table in raw.values() for row in table.itertuples(index=False))


def assert_holds(frame: pd.DataFrame, table: Table) -> None:
    """Check the contract cell by cell, the slow and obvious way."""
    for column in table.columns:
        for value in frame[column.name]:
            if column.kind == "text":
                assert isinstance(value, str)
                assert value == value.strip()
                assert value or not column.required
                assert not column.choices or value in (*column.choices, "")
            elif column.kind == "flag":
                assert isinstance(value, bool | np.bool_)
            elif column.kind == "date":
                assert isinstance(value, pd.Timestamp) or not column.required
            elif np.isnan(value):
                assert not column.required
                assert column.default is None
            else:
                assert np.isfinite(value)
                assert column.minimum is None or value >= column.minimum
                assert column.above is None or value > column.above
                assert column.maximum is None or value <= column.maximum
    if table.key:
        keys = list(zip(*(frame[name] for name in table.key), strict=True))
        assert len(keys) == len(set(keys))


def admitted_or_refusal(raw: dict[str, pd.DataFrame]) -> tuple[Admitted | None, str]:
    try:
        return admit(raw), ""
    except InvoptError as refusal:
        return None, str(refusal)


@settings(max_examples=60, deadline=None)
@given(raw_tables())
def test_whatever_the_cells_hold_good_rows_are_admitted_and_the_others_named(raw):
    admitted, refusal = admitted_or_refusal(raw)
    if admitted is None:
        assert "\n" not in refusal
        return
    for table in INPUTS:
        assert_holds(admitted.tables[table.stem], table)
    assert admitted.rejected + sum(map(len, admitted.tables.values())) == rows_with_anything(raw)
    known = set(admitted.tables["items"][["item", "location"]].itertuples(index=False, name=None))
    for stem in ("demand", "open_orders"):
        assert set(admitted.tables[stem][["item", "location"]].itertuples(index=False, name=None)) <= known
    assert set(admitted.quality["severity"]) <= {"rejected", "repaired", "warning"}
    assert not admitted.quality["reason"].str.contains("\n").any()
    assert (admitted.quality["severity"] == "rejected").any() == (admitted.rejected > 0)
    assert len(histories(admitted)) == len(admitted.tables["items"])
