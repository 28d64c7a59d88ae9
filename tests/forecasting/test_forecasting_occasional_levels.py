import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.rare.levels import (
    CONSTANTS,
    LEVELS,
    auto_level,
    croston_level,
    imapa_level,
    sba_level,
    ses_level,
    tsb_level,
)

RARE = np.array([0.0, 0, 3, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 5, 0, 0, 1, 0, 0])
QUARTER, HALF = np.array([0.25]), np.array([0.5])

histories = (
    st.lists(st.integers(0, 50), min_size=1, max_size=60)
    .filter(any)
    .map(lambda counts: np.array(counts, dtype=np.float64))
)


def smoothed_step_by_step(values: FloatArray, constant: float) -> list[float]:
    level = float(values[0])
    levels = [level]
    for value in values:
        level = level + constant * (value - level)
        levels.append(level)
    return levels


def rare_history(seed: int, chance: float, periods: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(periods) < chance, rng.poisson(4.0, periods) + 1.0, 0.0)


@pytest.mark.parametrize("constant", [0.05, 0.3])
def test_one_constant_smooths_step_by_step(constant: float) -> None:
    assert ses_level(RARE, np.array([constant])).mean == pytest.approx(smoothed_step_by_step(RARE, constant)[-1])


def test_several_constants_are_weighted_by_the_likelihood_of_their_errors() -> None:
    tracks = {constant: smoothed_step_by_step(RARE, constant) for constant in CONSTANTS}
    # The first value has made the first level.
    squares = {
        constant: sum((RARE[t] - track[t]) ** 2 for t in range(1, RARE.size)) for constant, track in tracks.items()
    }
    likelihoods = {constant: (square / min(squares.values())) ** (-19 / 2) for constant, square in squares.items()}
    expected = sum(likelihoods[constant] * tracks[constant][-1] for constant in tracks) / sum(likelihoods.values())
    assert ses_level(RARE).mean == pytest.approx(expected)


def test_temporal_aggregation_averages_the_levels_of_blocks_that_end_with_the_newest_period() -> None:
    # Five demands in 20 periods: blocks of one to four periods.
    blocks = [[sum(RARE[end - size : end]) for end in range(20, size - 1, -size)][::-1] for size in (1, 2, 3, 4)]
    levels = [smoothed_step_by_step(np.array(sums), 0.25)[-1] / size for size, sums in enumerate(blocks, start=1)]
    assert imapa_level(RARE, QUARTER).mean == pytest.approx(np.mean(levels))


def test_tsb_smooths_the_chance_in_each_period_and_the_size_with_each_demand() -> None:
    chance = smoothed_step_by_step((RARE > 0).astype(float), 0.25)[-1]
    size = smoothed_step_by_step(RARE[RARE > 0], 0.25)[-1]
    level = tsb_level(RARE, QUARTER)
    assert level.mean == pytest.approx(chance * size)
    assert level.size == pytest.approx(size)


def test_croston_divides_the_smoothed_size_by_the_smoothed_interval() -> None:
    size = smoothed_step_by_step(RARE[RARE > 0], 0.25)[-1]
    interval = smoothed_step_by_step(np.array([3.0, 4, 3, 5, 3]), 0.25)[-1]
    assert croston_level(RARE, QUARTER).mean == pytest.approx(size / interval)
    assert sba_level(RARE, QUARTER).mean == pytest.approx(size / interval * 0.875)


def test_croston_is_biased_upwards_as_syntetos_and_boylan_found_and_their_factor_takes_most_of_it_away() -> None:
    # Syntetos & Boylan (2001): the bias is about a / (2 - a) (1 - chance) of the true level, 5 chance.
    chance, constant = 0.3, np.array([0.4])
    long = [rare_history(seed, chance, 120) for seed in range(1500)]
    croston = np.mean([croston_level(history, constant).mean for history in long])
    sba = np.mean([sba_level(history, constant).mean for history in long])
    assert croston == pytest.approx(5 * chance * (1 + 0.4 / 1.6 * (1 - chance)), rel=0.04)
    assert abs(sba - 5 * chance) < 0.5 * abs(croston - 5 * chance)


def test_with_a_demand_in_every_period_tsb_and_croston_are_simple_exponential_smoothing() -> None:
    steady: FloatArray = np.random.default_rng(3).poisson(20.0, 30).astype(np.float64) + 1
    expected = ses_level(steady).mean
    assert tsb_level(steady).mean == pytest.approx(expected)
    assert croston_level(steady).mean == pytest.approx(expected)


@pytest.mark.parametrize("method", ["auto", "ses", "tsb", "imapa"])
def test_a_silence_fades_the_level(method: str) -> None:
    levels = [LEVELS[method](np.append(RARE, np.zeros(idle)), CONSTANTS).mean for idle in (0, 10, 30, 60)]
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] < 0.3 * levels[0]


@pytest.mark.parametrize("method", ["croston", "sba"])
def test_no_silence_fades_the_level_of_methods_by_intervals(method: str) -> None:
    silent = np.append(RARE, np.zeros(60))
    assert LEVELS[method](silent, HALF).mean == LEVELS[method](RARE, HALF).mean


def test_auto_is_the_median_of_three() -> None:
    three = [method(RARE, CONSTANTS).mean for method in (ses_level, tsb_level, imapa_level)]
    assert auto_level(RARE).mean == np.median(three)


@given(histories, st.sampled_from(sorted(LEVELS)))
def test_any_level_is_within_the_history_and_in_its_units(history: FloatArray, method: str) -> None:
    level = LEVELS[method](history, CONSTANTS).mean
    assert 0 < level <= history.max() * (1 + 1e-9)
    assert LEVELS[method](history * 8, CONSTANTS).mean == pytest.approx(8 * level)
