import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from invopt_xl.domain import QUANTILE_LEVELS, Forecast
from invopt_xl.errors import InputError

tables = arrays.arrays(
    np.float32, st.tuples(st.integers(1, 8), st.integers(1, 6)), elements=st.floats(0, 2.0**20, width=32)
)


@given(tables)
def test_quantiles_rise_with_their_level_and_stay_within_the_paths(paths: np.ndarray) -> None:
    quantiles = Forecast(paths, "model", "reason").quantiles()
    assert quantiles.shape == (paths.shape[1], len(QUANTILE_LEVELS))
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert (quantiles >= paths.min(axis=0)[:, None]).all()
    assert (quantiles <= paths.max(axis=0)[:, None]).all()


@given(tables)
def test_sums_from_now_are_those_of_the_paths_one_by_one(paths: np.ndarray) -> None:
    made = Forecast(paths, "model", "reason")
    for period in range(made.periods):
        totals = [sum(float(value) for value in path[: period + 1]) for path in paths]
        assert made.cumulative_mean[period] == pytest.approx(np.mean(totals), rel=1e-9)
        assert made.cumulative_variance[period] == pytest.approx(np.var(totals), rel=1e-9, abs=1e-6)


def test_what_lasts_along_a_path_widens_sums() -> None:
    lasting = Forecast(np.array([[1, 1], [3, 3]], dtype=np.float32), "model", "reason")
    cancelling = Forecast(np.array([[1, 3], [3, 1]], dtype=np.float32), "model", "reason")
    assert lasting.quantiles().tolist() == cancelling.quantiles().tolist()
    assert (lasting.cumulative_variance[-1], cancelling.cumulative_variance[-1]) == (4.0, 0.0)


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        ([1.0, 2.0], "forecast is of shape (2,); expected paths by periods, at least one of each"),
        ([[]], "forecast is of shape (1, 0); expected paths by periods, at least one of each"),
        ([[1.0, -1.0]], "forecast is negative or not finite; expected paths of demand, zero or more"),
        ([[np.nan]], "forecast is negative or not finite; expected paths of demand, zero or more"),
        ([[np.inf]], "forecast is negative or not finite; expected paths of demand, zero or more"),
    ],
)
def test_paths_that_are_no_demand_are_refused(paths: list[object], message: str) -> None:
    with pytest.raises(InputError) as raised:
        Forecast(np.array(paths, dtype=np.float32), "model", "reason")
    assert str(raised.value) == message
