from collections.abc import Sequence

import numpy as np
import pytest
from demand_series import monthly, weekly
from stand_in_forecasts import stand_ins

from invopt_xl.domain.forecast import FloatArray
from invopt_xl.errors import InputError
from invopt_xl.forecasting.backtest import predictions as backtest
from invopt_xl.forecasting.backtest.cases import Cases
from invopt_xl.forecasting.backtest.costs import Costs
from invopt_xl.forecasting.backtest.predictions import Predictions
from invopt_xl.forecasting.backtest.scores import Backtest, Measure
from invopt_xl.forecasting.backtest.selection import choose_methods, gains_over
from invopt_xl.forecasting.backtest.walk import walk_forward


class Scored(Backtest):
    """A back-test that found the given losses."""

    @classmethod
    def of(
        cls, losses: dict[str, FloatArray], patterns: Sequence[str] = (), cost: FloatArray | None = None
    ) -> "Scored":
        tables = np.stack(list(losses.values()))
        items, windows = tables.shape[1:]
        names = tuple(f"item {number + 1}" for number in range(items))
        flat, none = np.zeros((items, windows)), np.zeros(items)
        cases = Cases(
            names, tuple(patterns) or ("smooth",) * items, flat.astype(np.int64), flat[..., None], flat,
            np.ones(items, dtype=np.int64), flat + 1, flat + 1, none, none, none + 1, (),
        )  # fmt: skip
        empty = Predictions(tables, tables, tables, tables if cost is None else cost, tables.astype(np.object_))
        return cls(tuple(losses), (), (), cases, empty)

    def losses(self, measure: Measure = "pinball") -> FloatArray:
        return self.made.stock if measure == "cost" else self.made.mean


def noisy(items: int, windows: int, seed: int, skill: float | FloatArray = 0.0, noise: float = 0.3) -> FloatArray:
    """Return losses around one whose logarithm is lower by the skill."""
    rng = np.random.default_rng(seed)
    shift = np.broadcast_to(np.asarray(skill), (items,))[:, None]
    return np.exp(rng.normal(0, noise, (items, windows)) - shift)


def simulated(seed: int, skills: Sequence[float | FloatArray], items: int = 400, windows: int = 8) -> FloatArray:
    """Return losses of methods that share the luck of the windows, the champion first."""
    rng = np.random.default_rng(seed)
    luck = np.exp(rng.normal(0, 0.4, (items, windows)))
    return np.stack(
        [luck * noisy(items, windows, 1000 + seed * 10 + n, skill) for n, skill in enumerate([0.0, *skills])]
    )


def chosen(losses: FloatArray, champions: FloatArray | None = None, margin: float = 0.05) -> FloatArray:
    """Return the place of each item's method."""
    methods = [str(number) for number in range(len(losses))]
    now = np.zeros(losses.shape[1]) if champions is None else champions
    frame = choose_methods(
        Scored.of(dict(zip(methods, losses, strict=True))), [methods[int(place)] for place in now], margin
    )
    return frame["chosen"].astype(int).to_numpy(dtype=np.float64)


def loss_of(losses: FloatArray, places: FloatArray) -> float:
    """Return the mean loss of the chosen methods."""
    return float(losses[places.astype(int), np.arange(losses.shape[1])].mean())


def test_a_challenger_that_is_much_better_everywhere_takes_over() -> None:
    losses = {"auto": np.full((1, 4), 1.0), "theta": np.full((1, 4), 0.5)}
    row = choose_methods(Scored.of(losses)).loc["item 1"]
    assert row[["champion", "challenger", "chosen", "windows"]].tolist() == ["auto", "theta", "theta", 4]
    assert row["gain"] == pytest.approx(0.5)
    assert 0.05 < row["expected_gain"] < 0.5
    assert row["reason"].startswith("theta beats auto by 50% of scaled pinball loss over 4 windows, ")
    assert row["reason"].endswith("% may last (margin 5%)")


def test_a_challenger_within_the_margin_does_not() -> None:
    row = choose_methods(Scored.of({"auto": np.full((1, 4), 1.0), "theta": np.full((1, 4), 0.97)})).loc["item 1"]
    assert row["chosen"] == "auto"
    assert row["reason"].startswith("theta beats auto by 3% of scaled pinball loss over 4 windows, ")
    assert row["reason"].endswith("(margin 5%): auto kept")


def test_a_worse_challenger_leaves_the_champion() -> None:
    row = choose_methods(Scored.of({"auto": np.full((1, 4), 1.0), "theta": np.full((1, 4), 1.2)})).loc["item 1"]
    assert row["reason"] == "auto kept: no challenger beats its scaled pinball loss over 4 windows"
    assert row["gain"] == pytest.approx(-0.2)


def test_few_windows_change_nothing() -> None:
    losses = {"auto": np.array([[9.0, np.nan, 9.0]]), "theta": np.array([[1.0, 1.0, 1.0]])}
    row = choose_methods(Scored.of(losses)).loc["item 1"]
    assert (row["chosen"], row["reason"]) == ("auto", "auto kept: 2 windows to compare, 3 are needed")
    assert choose_methods(Scored.of(losses), fewest_windows=2).loc["item 1", "chosen"] == "theta"


def test_without_a_challenger_or_a_loss_the_champion_stays() -> None:
    alone = choose_methods(Scored.of({"auto": np.ones((1, 4))})).loc["item 1"]
    assert (alone["chosen"], alone["challenger"]) == ("auto", "")
    unknown = choose_methods(Scored.of({"auto": np.full((1, 4), np.nan), "theta": np.ones((1, 4))})).loc["item 1"]
    assert unknown["reason"] == "auto kept: nothing to compare it with"


def test_perfect_forecasts_of_both_are_no_gain() -> None:
    row = choose_methods(Scored.of({"auto": np.zeros((1, 4)), "theta": np.zeros((1, 4))})).loc["item 1"]
    assert (row["chosen"], row["gain"]) == ("auto", 0.0)


def test_where_methods_are_alike_hardly_any_item_changes_its_method() -> None:
    changes = [float((chosen(simulated(seed, [0.0, 0.0, 0.0])[..., :4]) > 0).mean()) for seed in range(5)]
    best = [float((simulated(seed, [0.0] * 3)[..., :4].mean(-1).argmin(0) > 0).mean()) for seed in range(5)]
    assert np.mean(best) > 0.7
    assert np.mean(changes) < 0.05


def test_month_after_month_methods_stay_where_nothing_is_better() -> None:
    losses = simulated(3, [0.0, 0.0, 0.0], windows=16)
    places, changes = np.zeros(400), []
    for month in range(4, 16):
        after = chosen(losses[..., month - 4 : month], places)
        changes.append(float((after != places).mean()))
        places = after
    assert np.mean(changes) < 0.02


def test_selection_pays_out_of_sample_where_items_differ() -> None:
    rng = np.random.default_rng(1)
    losses = simulated(1, [rng.normal(0, 0.4, 400) for _ in range(3)])
    past, future = losses[..., :4], losses[..., 4:]
    assert loss_of(future, chosen(past)) < 0.9 * loss_of(future, np.zeros(400))


def test_selection_costs_next_to_nothing_where_methods_are_alike() -> None:
    ratios = []
    for seed in range(5):
        losses = simulated(seed, [0.0, 0.0, 0.0])
        ratios.append(loss_of(losses[..., 4:], chosen(losses[..., :4])) / loss_of(losses[..., 4:], np.zeros(400)))
    assert np.mean(ratios) < 1.01


def test_an_item_learns_from_others_of_its_pattern() -> None:
    # A challenger that is better nearly everywhere is trusted on an item whose windows say little.
    skilled = {"auto": noisy(60, 5, 1, noise=0.1), "theta": noisy(60, 5, 2, 0.3, noise=0.1)}
    skilled["theta"][0] = skilled["auto"][0] * 1.01
    together = choose_methods(Scored.of(skilled))
    alone = choose_methods(Scored.of(skilled, ["lumpy", *["smooth"] * 59]))
    assert together.loc["item 1", "expected_gain"] > alone.loc["item 1", "expected_gain"]
    assert alone.loc["item 1", "chosen"] == "auto"
    assert (together["chosen"] == "theta").mean() > 0.9


def test_quiet_windows_of_rare_demand_do_not_decide() -> None:
    # Where nothing was demanded all losses are tiny, and their ratio says nothing of the next demand.
    quiet = np.full((1, 4), 0.001)
    busy = noisy(50, 4, 3, noise=0.05)
    losses = {"auto": np.r_[quiet * 2, busy], "zero": np.r_[quiet, busy * 1.5]}
    row = choose_methods(Scored.of(losses, ["lumpy"] * 51)).loc["item 1"]
    assert row["gain"] == pytest.approx(0.5)
    assert row["chosen"] == "auto"


def test_each_item_may_have_its_own_champion() -> None:
    losses = {"auto": np.ones((2, 4)), "theta": np.full((2, 4), 0.99)}
    frame = choose_methods(Scored.of(losses), ["auto", "theta"])
    assert frame["chosen"].tolist() == ["auto", "theta"]


def test_items_without_prices_are_compared_by_their_pinball_loss() -> None:
    losses = {"auto": np.full((2, 4), 1.0), "theta": np.full((2, 4), 0.5)}
    cost = np.array([[[10.0] * 4, [np.nan] * 4], [[30.0] * 4, [np.nan] * 4]])
    frame = choose_methods(Scored.of(losses, ["smooth", "lumpy"], cost), measure="cost")
    assert frame["chosen"].tolist() == ["auto", "theta"]
    assert "cost of errors" in frame["reason"].iloc[0]
    assert "scaled pinball loss" in frame["reason"].iloc[1]


def test_a_cheap_item_counts_as_much_as_a_dear_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtest, "forecast_many", stand_ins)
    made = walk_forward(
        [monthly(1), monthly(2) / 100, monthly(3)], 6, 5, methods=("auto", "theta"), season=12, paths=100,
        costs=Costs([1000.0, 0.01, 1000.0], [1500.0, 0.015, 1500.0], periods_per_year=12),
    )  # fmt: skip
    frame = choose_methods(made, "auto", measure="cost")
    assert frame["chosen"].tolist() == ["theta"] * 3
    spread = frame["expected_gain"].max() - frame["expected_gain"].min()
    assert spread < 0.2


def test_gains_are_those_of_windows_known_for_both() -> None:
    losses = np.array([[[4.0, 4.0, np.nan, 2.0]], [[1.0, np.nan, 7.0, 2.0]]])
    gains = gains_over(losses, np.array([0]), ["smooth"])
    assert gains.windows.tolist() == [[3], [2]]
    assert gains.observed[1, 0] == pytest.approx(0.5)


def test_a_back_test_is_chosen_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtest, "forecast_many", stand_ins)
    made = walk_forward([monthly(1), weekly(2)], 6, 4, methods=("auto", "theta"), season=12, paths=100)
    frame = choose_methods(made, "auto")
    assert frame.loc["1", "chosen"] == "theta"
    assert list(frame.columns) == [
        "champion", "challenger", "gain", "expected_gain", "windows", "chosen", "reason",
    ]  # fmt: skip


def test_nothing_to_choose_is_an_empty_table() -> None:
    assert choose_methods(walk_forward([], 3, 2, methods=("auto",)), "auto").empty


def test_what_cannot_be_is_named() -> None:
    scored = Scored.of({"auto": np.ones((2, 4)), "theta": np.ones((2, 4))})
    with pytest.raises(InputError, match="champion is arima; expected one of the methods back-tested: auto, theta"):
        choose_methods(scored, "arima")
    with pytest.raises(InputError, match="number of champions is 1; expected 2, one per item"):
        choose_methods(scored, ["auto"])
    with pytest.raises(InputError, match=r"margin is 5; expected 0 up to 1, such as 0\.05"):
        choose_methods(scored, margin=5)
    with pytest.raises(InputError, match="fewest windows is 0"):
        choose_methods(scored, fewest_windows=0)
