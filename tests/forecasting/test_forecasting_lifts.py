import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invopt_xl.demo import grocery_tables
from invopt_xl.errors import InputError
from invopt_xl.forecasting import forecast
from invopt_xl.forecasting.lifts.coming import lent_periods
from invopt_xl.forecasting.lifts.effects import PRIORS, Lifts, estimate_lifts
from invopt_xl.forecasting.lifts.regressors import Regressors

PERIODS = 104


def always(periods: int = PERIODS) -> np.ndarray:
    return np.ones(periods, dtype=bool)


def store(seed: int, *, level: float = 50.0, noise: str = "lognormal", promoted: float = 0.12):
    """Return demand with lifts drawn from their priors, its regressors, and the true effects by name."""
    rng = np.random.default_rng(seed)
    true = {name: rng.normal(*PRIORS[name]) for name in ("price", "promotion", "calendar")}
    true["price"], true["promotion"] = -abs(true["price"]), abs(true["promotion"])
    promotion = (rng.random(PERIODS) < promoted).astype(float)
    price = np.where(promotion > 0, 8.0, 10.0)
    price *= np.where(rng.random(PERIODS) < 0.15, rng.choice([0.9, 0.95, 1.05], PERIODS), 1)
    event = np.zeros(PERIODS + 4)
    event[12::52] = 1
    mean = (
        level
        * (price / 10) ** true["price"]
        * np.exp(true["promotion"] * promotion + true["calendar"] * event[:PERIODS])
    )
    if noise == "counts":
        demand = rng.poisson(mean).astype(float)
    elif noise == "walk":
        demand = mean * np.exp(np.cumsum(rng.normal(0, 0.08, PERIODS)) + rng.normal(0, 0.2, PERIODS))
    else:
        demand = mean * np.exp(rng.normal(0, 0.25, PERIODS))
    columns = Regressors.of(PERIODS, 4, price=price, promotion=promotion, calendar={"calendar": event})
    return demand, columns, {name: effect if name == "price" else np.exp(effect) for name, effect in true.items()}


@pytest.mark.parametrize(("noise", "level"), [("lognormal", 50.0), ("walk", 50.0), ("counts", 30.0), ("counts", 3.0)])
def test_intervals_hold_the_true_lifts_as_often_as_they_promise(noise, level):
    held: dict[str, list[bool]] = {}
    for seed in range(150):
        demand, columns, true = store(seed, noise=noise, level=level)
        for effect in estimate_lifts(demand, always(), 1, columns).effects:
            held.setdefault(effect.name, []).append(effect.low <= true[effect.name] <= effect.high)
    for name, hits in held.items():
        # 150 draws at 80% spread by 3.3 points.
        assert 0.68 < np.mean(hits) < 0.92, name


def test_the_lift_of_steady_counts_is_the_ratio_of_their_means():
    promotion = np.tile([0, 0, 0, 1.0], 100)
    demand = np.random.default_rng(5).poisson(20 * 1.8**promotion).astype(float)
    ratio = demand[promotion > 0].mean() / demand[promotion == 0].mean()
    columns = Regressors.of(400, 1, promotion=promotion, future_promotion=[1])
    lifts = estimate_lifts(demand, always(400), 1, columns)
    assert lifts.effects[0].value == pytest.approx(ratio, rel=0.01)
    assert lifts.future == pytest.approx([ratio], rel=0.01)


@pytest.mark.parametrize("unit", [1e-6, 12.0, 1e12])
def test_lifts_do_not_depend_on_the_unit_of_demand(unit):
    demand, columns, _ = store(3, noise="counts", level=4.0)
    one, other = (estimate_lifts(demand * factor, always(), 1, columns) for factor in (1.0, unit))
    assert other.coefficients == pytest.approx(one.coefficients, rel=1e-6)
    assert other.covariance == pytest.approx(one.covariance, rel=1e-6)


def test_the_price_level_does_not_matter_but_its_changes_do():
    demand, columns, _ = store(4)
    dearer = Regressors(columns.names, columns.kinds, columns.past * [7, 1, 1], columns.future, ())
    one, other = (estimate_lifts(demand, always(), 1, each) for each in (columns, dearer))
    assert other.coefficients == pytest.approx(one.coefficients)


def test_stock_outs_do_not_count():
    demand, columns, _ = store(6)
    stocked = np.random.default_rng(0).random(PERIODS) > 0.1
    sold_out = np.where(stocked, demand, 0.0)
    unknown = np.where(stocked, demand, np.nan)
    lifts = estimate_lifts(sold_out, stocked, 1, columns)
    assert lifts.coefficients.tolist() == estimate_lifts(unknown, always(), 1, columns).coefficients.tolist()
    assert lifts.past.shape == (PERIODS,)


def test_one_wild_week_hardly_moves_a_lift():
    demand, columns, _ = store(7)
    wild = demand.copy()
    wild[np.flatnonzero(columns.past[:, 1])[2]] *= 1000
    before, after = (estimate_lifts(each, always(), 1, columns).coefficients[1] for each in (demand, wild))
    assert abs(after - before) < 0.25


@pytest.mark.parametrize("count", [1, 3])
def test_a_slip_of_the_pen_in_a_promotion_hardly_moves_what_the_next_is_expected_to_sell(count):
    demand = np.random.default_rng(4).poisson(30, PERIODS).astype(float)
    promoted = np.isin(np.arange(PERIODS), 20 + 30 * np.arange(count))
    demand[promoted] *= 2
    slip = np.where(np.arange(PERIODS) == 20, demand * 100, demand)
    columns = Regressors.of(PERIODS, 2, promotion=promoted.astype(float), future_promotion=[0, 1])
    expected, found = (
        forecast(given, 2, method="ses", paths=200, explained=promoted, regressors=columns).mean
        for given in (demand, slip)
    )
    assert found == pytest.approx(expected, rel=0.35)


def test_few_promotions_move_a_lift_part_of_the_way():
    lifts = []
    for promoted in (1, 2, 8):
        promotion = np.zeros(60)
        promotion[10 : 10 + 5 * promoted : 5] = 1
        noise = np.exp(np.random.default_rng(1).normal(0, 0.3, 60))
        noise[promotion > 0] = 1
        columns = Regressors.of(60, 1, promotion=promotion)
        lifts.append(estimate_lifts(100 * 2**promotion * noise, always(60), 1, columns).effects[0])
    values = [effect.value for effect in lifts]
    assert 1.3 < values[0] < values[1] < values[2] < 2.05
    assert [effect.periods for effect in lifts] == [1, 2, 8]
    assert lifts[0].high / lifts[0].low > lifts[2].high / lifts[2].low


@pytest.mark.parametrize(
    ("columns", "note"),
    [
        ({"promotion": np.zeros(40)}, "promotion was never on: no lift of it is known"),
        (
            {"promotion": np.ones(40)},
            "promotion was the same in every period: its effect cannot be told from the level",
        ),
        ({"price": np.full(40, 3.0)}, "price hardly changed: no elasticity of it is known"),
        ({"price": np.full(40, np.nan)}, "price hardly changed: no elasticity of it is known"),
        ({"calendar": {"Easter": np.zeros(43)}}, "Easter never occurred: no effect of it is known"),
    ],
)
def test_a_column_that_never_changed_has_no_effect_and_says_so(columns, note):
    demand = np.random.default_rng(0).poisson(20, 40).astype(float)
    lifts = estimate_lifts(demand, always(40), 1, Regressors.of(40, 3, **columns))
    assert lifts.notes[0] == note
    assert lifts.effects == ()
    assert (lifts.past == 1).all()
    assert (lifts.draw_future(np.random.default_rng(0), 5) == np.ones((5, 3))).all()


def test_a_promotion_planned_but_never_seen_lifts_nothing_and_says_so():
    columns = Regressors.of(40, 2, promotion=np.zeros(40), future_promotion=[0, 1])
    lifts = estimate_lifts(np.full(40, 9.0), always(40), 1, columns)
    assert lifts.notes == ("promotion was never on: no lift of it is known and none is used for those planned",)
    assert lifts.future.tolist() == [1, 1]


def test_columns_that_moved_together_share_their_effect_and_say_so():
    promotion = np.tile([0, 0, 0, 1.0], 20)
    columns = Regressors.of(80, 1, promotion={"display": promotion, "mailer": promotion})
    demand = np.random.default_rng(2).poisson(50 * 2**promotion).astype(float)
    lifts = estimate_lifts(demand, always(80), 1, columns)
    assert "display and mailer moved together: their shares are in doubt" in lifts.notes
    assert lifts.effects[0].value * lifts.effects[1].value == pytest.approx(2, rel=0.08)


def test_demand_that_rises_with_price_or_falls_in_promotions_gives_no_effect_but_a_phrase():
    rng = np.random.default_rng(3)
    promotion, price = np.tile([0, 0, 0, 1.0], 20), rng.choice([8.0, 10.0, 12.0], 80)
    demand = 50 * 0.7**promotion * (price / 10) ** 1.5 * np.exp(rng.normal(0, 0.1, 80))
    lifts = estimate_lifts(demand, always(80), 1, Regressors.of(80, 2, price=price, promotion=promotion))
    assert lifts.effects == ()
    assert set(lifts.notes[:2]) == {
        "price did not lower demand where it was higher: no elasticity of it is used",
        "promotion did not lift demand: no lift of it is used",
    }


def test_an_event_may_lower_demand():
    closed = np.zeros(106)
    closed[4::13] = 1
    demand = np.random.default_rng(3).poisson(100 * 0.6 ** closed[:104]).astype(float)
    lifts = estimate_lifts(demand, always(), 1, Regressors.of(104, 2, calendar={"closed": closed}))
    assert lifts.effects[0].words.startswith("closed changes demand by -")
    assert lifts.effects[0].value == pytest.approx(0.6, abs=0.06)


def test_a_price_beyond_all_that_were_seen_acts_no_further_than_they_allow():
    demand, columns, _ = store(8)
    plan = Regressors.of(PERIODS, 2, price=columns.past[:, 0], future_price=[10, 0.01])
    lifts = estimate_lifts(demand, always(), 1, plan)
    lowest = np.log(columns.past[:, 0].min() / 10) - 0.1
    assert lifts.future[1] == pytest.approx(np.exp(lifts.coefficients[0] * lowest))
    assert "price beyond all prices seen in 1 of 2 coming periods: its effect held" in lifts.notes


def test_a_history_too_short_has_no_lifts_and_says_so():
    columns = Regressors.of(5, 2, promotion=[0, 0, 1, 0, 0])
    lifts = estimate_lifts(np.array([1, 1, 4, 1, 1.0]), always(5), 1, columns)
    assert lifts.notes == ("history too short to learn lifts from",)
    assert lifts.future.tolist() == [1, 1]


def test_columns_of_another_length_than_the_history_are_an_error():
    with pytest.raises(InputError, match="periods of the regressors is 4; expected 9, as many as the history has"):
        estimate_lifts(np.ones(9), always(9), 1, Regressors.of(4, 2))


def test_lists_are_as_good_as_arrays():
    sold, promotion = [1.0, 1, 4, 1, 5, 1, 1, 6, 1, 1], [0, 0, 1, 0, 1, 0, 0, 1, 0, 0]
    columns = Regressors.of(10, 1, promotion=promotion, future_promotion=[1])
    lifts = estimate_lifts(sold, [True] * 10, 1, columns)
    assert lifts.future.tolist() == estimate_lifts(np.array(sold), always(10), 1, columns).future.tolist()
    assert lifts.future[0] > 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"values": [1, -2, 3]}, "demand in period 2 of 3 is -2; expected zero to"),
        ({"values": [1, np.inf, 3]}, "demand in period 2 of 3 is inf; expected zero to"),
        ({"values": ["a", 2, 3]}, "demand history is not numeric"),
        ({"known": [True]}, r"shape of known is \(1,\); expected \(3,\), as that of demand"),
        ({"known": [1, 2, 1]}, "known in period 2 of 3 is 2; expected true or false for each period"),
        ({"known": "yes"}, "known is not numeric .'yes'.; expected true or false for each period"),
        ({"season": 0}, "season is 0; expected 1 .no season. to 10,000 periods"),
        ({"season": 1.5}, "season is 1.5; expected 1"),
        ({"regressors": {"price": [1, 2, 3]}}, "regressors is of type dict; expected made by Regressors.of"),
    ],
)
def test_what_no_lift_can_be_estimated_from_is_named(given, message):
    sound = {"values": [1.0, 2, 3], "known": [True] * 3, "season": 1, "regressors": Regressors.of(3, 1)}
    with pytest.raises(InputError, match=message) as raised:
        estimate_lifts(**(sound | given))
    assert "\n" not in str(raised.value)


def planned(seed: int, **plans) -> Lifts:
    demand, columns, _ = store(seed, promoted=0.25)
    given = {"price": columns.past[:, 0], "promotion": columns.past[:, 1]}
    return estimate_lifts(demand, always(), 1, Regressors.of(PERIODS, 3, **given, **plans))


@pytest.mark.parametrize(
    "plans",
    [
        {"future_price": [8, 10, 9], "future_promotion": [1, 0, 0]},
        {"future_promotion": [1, 0, np.nan]},
        {},
        {"unplanned": "regular"},
    ],
)
def test_drawn_multipliers_have_the_expected_ones_as_their_mean(plans):
    lifts = planned(11, **plans)
    drawn = lifts.draw_future(np.random.default_rng(0), 20_000)
    assert drawn.shape == (20_000, 3)
    assert drawn.mean(axis=0) == pytest.approx(lifts.future, rel=0.02)


def test_equal_seeds_draw_equal_multipliers():
    one, other = (planned(11).draw_future(np.random.default_rng(4), 10) for _ in range(2))
    assert (one == other).all()


def test_a_future_nobody_planned_is_on_average_as_the_past_was():
    lifts = planned(12)
    assert lifts.future == pytest.approx(np.full(3, lifts.past[-26:].mean()))
    assert "future promotion not given: assumed to come as before" in lifts.notes


def test_the_doubt_of_drawn_multipliers_is_the_doubt_of_the_effects():
    lifts = planned(13, future_price=[10, 10, 10], future_promotion=[0, 1, 1])
    drawn = np.log(lifts.draw_future(np.random.default_rng(0), 20_000))
    effect = lifts.effects[1]
    low, high = np.quantile(drawn[:, 1] - drawn[:, 0], [0.1, 0.9])
    assert high - low == pytest.approx(np.log(effect.high / effect.low), rel=0.05)
    # A lift in doubt is in doubt for all promotions alike.
    assert drawn[:, 1] == pytest.approx(drawn[:, 2])


def test_periods_lend_in_runs_where_nothing_is_known_and_by_likeness_where_something_is():
    recent = np.column_stack([np.arange(10.0), np.tile([0, 1.0], 5)])
    coming = np.array([[np.nan, np.nan], [np.nan, np.nan], [np.nan, 1.0], [2.5, 0.0]])
    lent = lent_periods(np.random.default_rng(0), coming, recent, 300)
    assert lent.shape == (300, 4)
    assert ((lent[:, 1] - lent[:, 0]) % 10 == 1).all()
    assert set(lent[:, 0]) == set(range(10))
    assert set(lent[:, 2]) == {1, 3, 5, 7, 9}


def test_groceries_are_forecast_better_with_their_prices_and_promotions():
    demand = grocery_tables()["demand"]
    promoted = demand.groupby("item")["promotion"].sum()
    errors = {"with": 0.0, "without": 0.0}
    for item in promoted[(promoted > 4) & (promoted < 40)].index[:60]:
        rows = demand[demand["item"] == item]
        sold, price, promotion = (rows[name].to_numpy(float) for name in ("quantity", "unit_price", "promotion"))
        n = sold.size - 8
        columns = Regressors.of(
            n, 8, price=price[:n], promotion=promotion[:n], future_price=price[n:], future_promotion=promotion[n:]
        )
        lifts = estimate_lifts(sold[:n], rows["in_stock"].to_numpy(bool)[:n], 1, columns)
        for name, past, future in (("with", lifts.past, lifts.future), ("without", np.ones(n), np.ones(8))):
            # The simplest of models: the mean of the last quarter.
            made = (sold[:n] / past)[-13:].mean() * future
            errors[name] += float(np.abs(made - sold[n:]).sum())
    assert errors["with"] < 0.8 * errors["without"]


histories = st.lists(st.sampled_from([0.0, 1.0, 3.0, 250.0, 1e9, 1e-9, np.nan]), min_size=1, max_size=40)


@settings(deadline=None, max_examples=60)
@given(histories, st.integers(1, 13), st.randoms(use_true_random=False))
def test_any_history_has_finite_positive_multipliers(history, season, random):
    n = len(history)
    price = [random.choice([np.nan, 0.0, 1.0, 2.0, 1e-6, 1e9]) for _ in range(n)]
    promotion = [random.choice([0.0, 0.5, 1.0]) for _ in range(n)]
    columns = Regressors.of(n, 3, price=price, promotion=promotion, calendar={"event": [1.0] + [0.0] * (n + 2)})
    lifts = estimate_lifts(np.array(history), np.array([random.random() > 0.1 for _ in range(n)]), season, columns)
    for multipliers in (lifts.past, lifts.future, lifts.draw_future(np.random.default_rng(0), 50)):
        assert np.isfinite(multipliers).all()
        assert (multipliers > 0).all()
