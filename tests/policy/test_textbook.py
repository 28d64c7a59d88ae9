import numpy as np
import pytest

from invopt_xl.errors import InputError
from invopt_xl.policy.textbook import textbook_reorder_points


def test_levels_are_those_of_a_spreadsheet_row_by_row() -> None:
    rng = np.random.default_rng(1)
    demand = rng.gamma(2, 10, (5, 60))
    demand[2, 30:40] = np.nan
    origins, protection = np.array([20, 33, 60]), np.array([1.0, 2.5, 3.0, 4.0, 6.0])
    made = textbook_reorder_points(demand, origins, protection, 0.975, window=13)
    for item in range(5):
        for column, origin in enumerate(origins):
            cells = demand[item, origin - 13 : origin]
            cells = cells[~np.isnan(cells)]
            expected = cells.mean() * protection[item] + 1.959964 * cells.std(ddof=1) * protection[item] ** 0.5
            assert made[item, column] == pytest.approx(expected, rel=1e-6)


def test_nothing_after_an_origin_reaches_its_level() -> None:
    demand = np.random.default_rng(2).poisson(5, (3, 40)).astype(float)
    later = demand.copy()
    later[:, 30:] = 1e6
    arguments = (np.array([30]), np.ones(3), 0.95)
    assert textbook_reorder_points(demand, *arguments).tolist() == textbook_reorder_points(later, *arguments).tolist()


def test_a_history_shorter_than_the_window_is_used_as_it_is() -> None:
    made = textbook_reorder_points(np.array([[4.0, 6.0]]), np.array([2]), np.ones(1), 0.5)
    assert made.tolist() == [[5.0]]


def test_without_any_history_nothing_is_held() -> None:
    assert textbook_reorder_points(np.full((1, 4), np.nan), np.array([0, 4]), np.ones(1), 0.95).tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize(("service", "window", "words"), [(1.0, 26, "service level"), (0.9, 1, "window")])
def test_a_wrong_argument_is_one_line(service: float, window: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        textbook_reorder_points(np.ones((1, 5)), np.array([5]), np.ones(1), service, window)
