import numpy as np
import pytest

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.forecasting.backtest.advice import advice, lead_over

ITEMS = [f"item {place}" for place in range(40)]


def losses(challenger: float, spread: float = 0.1) -> FloatArray:
    """Return losses of a champion near one, and of a challenger near a share of it."""
    rng = np.random.default_rng(1)
    champion = rng.uniform(0.8, 1.2, (40, 4))
    return np.array([champion, champion * challenger + rng.normal(0, spread, (40, 4))])


@pytest.mark.parametrize(
    ("challenger", "spread", "words"),
    [
        (0.8, 0.1, "theta for all items: it has 2"),
        (0.98, 0.01, "keep auto: theta leads by"),
        (0.99, 0.8, "keep auto: the lead of theta over all items, "),
        (1.2, 0.1, "keep auto: no method has less loss over all items"),
    ],
)
def test_the_advice_follows_the_lead_and_its_chance(challenger: float, spread: float, words: str) -> None:
    (sentence,) = advice(losses(challenger, spread), ["auto", "theta"], "auto", 0.05, ITEMS)
    assert sentence.startswith(words)


def test_a_single_item_that_rules_the_loss_is_named() -> None:
    found = losses(1.2)
    found[:, 7] = 60.0
    sentences = advice(found, ["auto", "theta"], "auto", 0.05, ITEMS)
    assert sentences[-1] == "item 7 alone makes 61% of the loss of auto: look at its history first"


def test_the_standard_error_of_a_lead_is_that_of_drawing_the_items_again() -> None:
    champion, challenger = losses(0.9, 0.4)
    _, error = lead_over(champion, challenger)
    rng = np.random.default_rng(2)
    drawn = [lead_over(champion[rows], challenger[rows])[0] for rows in rng.integers(0, 40, (2000, 40))]
    assert error == pytest.approx(np.std(drawn), rel=0.15)


def test_windows_that_one_of_both_lacks_do_not_count() -> None:
    champion = np.array([[1.0, 9.0], [1.0, 1.0]])
    challenger = np.array([[0.5, np.nan], [0.5, 0.5]])
    assert lead_over(champion, challenger)[0] == pytest.approx(0.5)


def test_without_loss_there_is_no_lead() -> None:
    assert lead_over(np.full((2, 2), np.nan), np.ones((2, 2))) == (0.0, 0.0)
    assert advice(np.ones((1, 2, 2)), ["auto"], "auto", 0.05, ["a", "b"]) == []
