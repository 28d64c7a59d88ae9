"""Choosing a family by back-test: what is found in simulated demand, and what luck must not decide."""

import re

import numpy as np
import pytest

from invopt_xl.errors import InputError
from invopt_xl.policy import Asked, Family, FamilyChoice, Measure, PastForecasts, accepted, choose_family, of_family
from invopt_xl.policy import refusals as refused
from invopt_xl.policy.family_choice import _design_effect

ITEMS, WINDOWS = 120, 10
KINDS = (Family.NORMAL, Family.GAMMA)


def chosen(realised: np.ndarray, variation: float = 2.0, patterns: tuple[str, ...] | None = None) -> FamilyChoice:
    """Choose between families with mean 10 and the right deviation."""
    mean = np.full(realised.shape, 10.0)
    said = {kind.words: of_family(kind, mean, (variation * mean) ** 2) for kind in KINDS}
    return choose_family(PastForecasts(realised, said, patterns or ("smooth",) * len(realised)))


def test_the_family_that_demand_comes_from_is_found() -> None:
    rng = np.random.default_rng(1)
    skewed, symmetric = rng.gamma(0.25, 40.0, (ITEMS, WINDOWS)), rng.normal(10.0, 20.0, (ITEMS, WINDOWS))
    assert set(chosen(skewed).candidate) == {"gamma"}
    assert set(chosen(symmetric).candidate) == {"normal"}


def test_patterns_are_judged_apart() -> None:
    rng = np.random.default_rng(2)
    skewed, symmetric = rng.gamma(0.25, 40.0, (ITEMS, WINDOWS)), rng.normal(10.0, 20.0, (ITEMS, WINDOWS))
    both = chosen(np.concatenate([skewed, symmetric]), patterns=("lumpy",) * ITEMS + ("smooth",) * ITEMS)
    assert set(both.candidate[:ITEMS]) == {"gamma"}
    assert set(both.candidate[ITEMS:]) == {"normal"}
    assert re.fullmatch(r"gamma \(missed .*% less than normal in 1,200 past intervals of lumpy items\)", both.reason[0])
    default = "normal (default: nothing else was clearly better in 1,200 past intervals of smooth items)"
    assert both.reason[-1] == default


def test_the_few_windows_of_one_item_do_not_overrule_its_pool() -> None:
    rng = np.random.default_rng(3)
    realised = rng.gamma(0.25, 40.0, (ITEMS, WINDOWS))
    assert {chosen(realised[[item]]).candidate for item in range(10)} == {("normal",)}, "alone it is in doubt"
    assert set(chosen(realised).candidate) == {"gamma"}


def test_an_item_that_differs_by_more_than_luck_goes_its_own_way() -> None:
    rng = np.random.default_rng(6)
    realised = rng.gamma(16.0, 1.0, (ITEMS, WINDOWS))
    realised[:10] *= 2.0
    mean = np.full(realised.shape, 16.0)
    said = {name: of_family(Family.GAMMA, by * mean, by**2 * mean) for name, by in (("usual", 1.0), ("more", 2.0))}
    choice = choose_family(PastForecasts(realised, said, ("smooth",) * ITEMS, overlap=4 / 3))
    assert choice.candidate == ("more",) * 10 + ("usual",) * (ITEMS - 10)
    assert set(choice.reason[:10]) == {"more (its own past intervals differ; other smooth items: usual)"}


def test_what_befell_all_items_at_once_is_one_event_not_many() -> None:
    rng = np.random.default_rng(4)
    realised = rng.gamma(4.0, 2.5, (ITEMS, WINDOWS))
    realised[:, 1] *= 1.7
    mean = np.full(realised.shape, 10.0)
    widths = {"as it was": 25.0, "wide": 30.0}
    said = {name: of_family(Family.GAMMA, mean, 0.0 * mean + width) for name, width in widths.items()}
    apart = rng.permuted(realised, axis=1)
    assert set(choose_family(PastForecasts(apart, said, ("smooth",) * ITEMS)).candidate) == {"wide"}
    assert set(choose_family(PastForecasts(realised, said, ("smooth",) * ITEMS)).candidate) == {"as it was"}


@pytest.mark.parametrize("seed", range(4))
def test_no_item_goes_its_own_way_for_what_befell_all_of_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    realised = rng.gamma(4.0, 2.5, (ITEMS, WINDOWS))
    realised[:, 1] *= 2.5
    mean = np.full(realised.shape, 10.0)
    said = {name: of_family(Family.GAMMA, mean, 0.0 * mean + width) for name, width in (("as", 25.0), ("wide", 45.0))}
    choice = choose_family(PastForecasts(realised, said, ("smooth",) * ITEMS, overlap=4 / 3, least_gain=0.025))
    assert set(choice.candidate) == {"as"}
    assert len(set(choice.reason)) == 1
    assert "default: nothing else was clearly better" in choice.reason[0]


@pytest.mark.parametrize("common", [0.0, 0.1, 1.0, 5.0])
def test_the_design_effect_is_what_shared_events_do_to_the_error_of_a_mean(common: float) -> None:
    """Values of 60 items, some of which are not known, in 40 windows, each with an event of its own for all items."""
    rng = np.random.default_rng(7)
    values = common**0.5 * rng.normal(size=(400, 1, 40)) + rng.normal(size=(400, 60, 40))
    values[:, :20, :5] = np.nan
    error = np.nanmean(values, axis=(1, 2)).var()
    alone = np.mean([np.nanvar(one) / np.isfinite(one).sum() for one in values])
    found = np.mean([_design_effect(one) for one in values])
    assert found == pytest.approx(max(error / alone, 1.0), rel=0.15)


def test_too_few_windows_to_tell_count_as_one() -> None:
    values = np.random.default_rng(8).normal(size=(50, 2))
    assert _design_effect(values) == 50.0
    assert _design_effect(np.ones((50, 8))) == 1.0


def test_a_gain_too_small_to_matter_keeps_the_first_candidate() -> None:
    rng = np.random.default_rng(1)
    realised, mean = rng.gamma(0.25, 40.0, (ITEMS, WINDOWS)), np.full((ITEMS, WINDOWS), 10.0)
    said = {kind.words: of_family(kind, mean, 4.0 * mean**2) for kind in KINDS}
    for least, kept in ((0.0, "gamma"), (0.3, "normal")):
        past = PastForecasts(realised, said, ("smooth",) * ITEMS, least_gain=least)
        assert set(choose_family(past).candidate) == {kept}


def test_widths_that_were_noise_are_pooled_in_proportion_to_spread() -> None:
    rng = np.random.default_rng(5)
    scale = rng.uniform(5.0, 50.0, (ITEMS, 1)) * np.ones((1, WINDOWS))
    realised = 1000.0 + scale * rng.normal(size=scale.shape)
    noisy = scale * np.exp(0.6 * rng.normal(size=scale.shape))
    said = of_family(Family.NORMAL, np.full(scale.shape, 1000.0), noisy**2)
    choice = choose_family(PastForecasts(realised, {"forecast": said}, ("smooth",) * ITEMS, scale))
    assert set(choice.own) == {0.0}
    width = 1.645 * noisy[:, 0]
    widened = width * choice.factor(width, scale[:, 0])
    np.testing.assert_allclose(widened, 1.645 * scale[:, 0], rtol=0.12)


def test_an_item_without_a_window_keeps_the_first_candidate() -> None:
    realised = np.full((2, WINDOWS), np.nan)
    choice = chosen(realised)
    assert choice.candidate == ("normal", "normal")
    assert choice.reason[0] == "normal (default: no past interval has been seen yet)"
    assert choice.factor(np.ones(2), np.ones(2)).tolist() == [1.0, 1.0]


def test_demand_that_never_came_breaks_nothing() -> None:
    realised = np.zeros((3, WINDOWS))
    said = {"nothing": np.zeros((3, WINDOWS, 6)), "gamma": of_family(Family.GAMMA, realised + 1, realised + 1)}
    choice = choose_family(PastForecasts(realised, said, ("none",) * 3))
    assert set(choice.candidate) == {"nothing"}
    assert choice.factor(np.zeros(3), np.zeros(3)).tolist() == [1.0, 1.0, 1.0]


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(InputError, match="quantiles of gamma"):
        PastForecasts(np.ones((2, 3)), {"gamma": np.ones((2, 3, 2))}, ("smooth",) * 2)
    with pytest.raises(InputError, match="patterns is 1; expected one for each of 2 items"):
        PastForecasts(np.ones((2, 3)), {"gamma": np.ones((2, 3, 6))}, ("smooth",))


def test_every_bad_item_is_named_in_one_line_and_the_others_go_on() -> None:
    one = np.ones(10)
    asked = Asked(
        target=np.array([0.95, 0.0, 1.0, 95.0, np.nan, 0.9, 0.9, 0.9, 0.9, 0.9]),
        measure=np.array([1, 0, 1, 0, 2, Measure.BACKORDER_COST, 1, 1, 1, 1]),
        yearly_demand=np.array([100.0, 1, 1, 1, 1, 1, 0.0, 100, 100, 100]),
        order_quantity=np.array([10.0, 1, 1, 1, 1, 1, 1, 1, 1200, 1]),
        lead_time_days=7 * one,
        lead_time_sd_days=np.array([0.0, 0, 0, 0, 0, 0, 0, np.inf, 0, 300]),
        holding=np.array([1.0, 1, 1, 1, 1, -2, 1, 1, 1, 1]),
        shortage=9 * one,
    )
    found = refused(asked)
    assert [one.message for one in found] == [
        "service target (row 2) is 0; expected between 0 and 1, such as 0.95",
        "service target (row 3) is 1; expected between 0 and 1, such as 0.95",
        "service target (row 4) is 95; expected between 0 and 1, such as 0.95",
        "service target (row 5) is nan; expected between 0 and 1, such as 0.95",
        "holding cost (row 6) is -2; expected above zero, such as 0.5",
        "expected demand of a year (row 7) is 0; expected above zero, such as 120",
        "spread of the lead time (row 8) is inf; expected days, zero or more, such as 14",
        "order quantity (row 9) is 1200; expected at most 5 years of demand",
        "spread of the lead time (row 10) is 300; expected at most 3 times the lead time, days",
    ]
    assert accepted(found, 10).tolist() == [True] + [False] * 9


def test_items_in_order_are_not_refused() -> None:
    one = np.ones(3)
    assert refused(Asked(0.9 * one, 0 * one, one, one, one, 0 * one)) == ()
