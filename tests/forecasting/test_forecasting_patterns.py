import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from invopt_xl.forecasting import DemandPattern, demand_pattern, demand_patterns

histories = arrays.arrays(
    np.float64, st.integers(0, 20), elements=st.one_of(st.just(0.0), st.just(np.nan), st.floats(1e-6, 1e12))
)


def pattern_by_hand(history: np.ndarray) -> DemandPattern:
    known = [value for value in history if not np.isnan(value)]
    sizes = [value for value in known if value > 0]
    if not sizes:
        return DemandPattern("none", np.inf, 0.0)
    interval = len(known) / len(sizes)
    variation = np.var(np.array(sizes) / max(sizes)) / np.mean(np.array(sizes) / max(sizes)) ** 2
    rare, uneven = interval >= 1.32, variation >= 0.49
    name = ("lumpy" if uneven else "intermittent") if rare else ("erratic" if uneven else "smooth")
    return DemandPattern(name, interval, variation)


def test_each_quadrant_of_syntetos_and_boylan_has_its_name() -> None:
    steady, uneven = [4.0, 5.0, 6.0], [1.0, 1.0, 10.0]
    names = [demand_pattern(np.array(sizes + [0.0] * zeros)).name for sizes in (steady, uneven) for zeros in (0, 3)]
    assert names == ["smooth", "intermittent", "erratic", "lumpy"]


def test_an_interval_on_the_cut_off_is_intermittent() -> None:
    # 33 periods with 25 demands: an interval of exactly 1.32.
    assert demand_pattern(np.r_[np.ones(25), np.zeros(8)]).name == "intermittent"
    assert demand_pattern(np.r_[np.ones(25), np.zeros(7)]).name == "smooth"


def test_unknown_periods_do_not_count_as_zeros() -> None:
    assert demand_pattern(np.array([3.0, np.nan, np.nan, 3.0])).mean_interval == 1.0


@given(st.lists(histories, max_size=5))
def test_many_patterns_equal_those_by_hand(many: list[np.ndarray]) -> None:
    for found, history in zip(demand_patterns(many), many, strict=True):
        expected = pattern_by_hand(history)
        assert found.mean_interval == expected.mean_interval
        assert np.isclose(found.squared_variation, expected.squared_variation, rtol=1e-6, atol=1e-9)
        if abs(expected.squared_variation - 0.49) > 1e-6:
            assert found.name == expected.name
