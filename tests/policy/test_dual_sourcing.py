"""Two suppliers: against dynamic programming over all policies, plain simulation, and formulas where there are some."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from invopt_xl.errors import InputError
from invopt_xl.policy import SourcingPolicy, TwoSuppliers, dual_sourcing

DICE = [0.0, 1.0, 2.0, 3.0, 4.0]
FloatArray = npt.NDArray[np.float64]


def terms(
    premium: float = 20.0, regular: int = 2, emergency: int = 0, holding: float = 5.0, shortage: float = 495.0
) -> TwoSuppliers:
    return TwoSuppliers(100.0, 100.0 + premium, regular, emergency, holding, shortage)


def least_cost_of_all_policies(suppliers: TwoSuppliers, iterations: int = 400) -> float:
    """Relative value iteration for demand of 0 to 4 and emergency orders that come at once.

    The state is stock with what is due now, and the regular orders still under way.
    """
    lag = suppliers.regular_lead_time
    low, high, most = -12, 16, 5
    stocks = np.arange(low, high + 1)
    shape = (len(stocks), *(most,) * (lag - 1))
    value = np.zeros(shape)
    levels = stocks[:, None] - np.array(DICE)
    own = (suppliers.holding_cost * np.maximum(levels, 0) + suppliers.shortage_cost * np.maximum(-levels, 0)).mean(1)
    premium = suppliers.emergency_cost - suppliers.regular_cost
    rate = 0.0
    for _ in range(iterations):
        after = np.full((len(stocks), *(most,) * (lag - 1)), np.inf)
        for pipeline in np.ndindex(*shape[1:]):
            for order in range(most):
                under_way = (*pipeline, order)
                due, later = under_way[0], under_way[1:]
                reached = np.clip(stocks[:, None] - np.array(DICE, dtype=int) + due, low, high) - low
                future = value[(reached, *later)].mean(axis=1)
                after[(slice(None), *pipeline)] = np.minimum(after[(slice(None), *pipeline)], own + future)
        # Ordering up with the emergency supplier: best of all higher stocks, each at the premium.
        spent = after + premium * stocks.reshape(-1, *(1,) * (lag - 1))
        best = np.minimum.accumulate(spent[::-1], axis=0)[::-1] - premium * stocks.reshape(-1, *(1,) * (lag - 1))
        rate = float(best.flat[best.size // 2] - value.flat[value.size // 2])
        value = best - best.flat[best.size // 2]
    return rate


@pytest.mark.parametrize("premium", [2.0, 5.0])
def test_one_period_apart_the_dual_index_costs_what_the_best_of_all_policies_costs(premium: float) -> None:
    """Fukuda (1964): two order-up-to levels are optimal for lead times one period apart."""
    suppliers = terms(premium, regular=1)
    found = dual_sourcing(DICE, suppliers)
    assert found.dual_index.cost == pytest.approx(least_cost_of_all_policies(suppliers), rel=0.02)
    assert found.best is found.dual_index


@pytest.mark.parametrize("regular", [2, 3])
def test_further_apart_the_dual_index_stays_within_three_percent_of_the_best_of_all_policies(regular: int) -> None:
    """Demand 0 to 4, holding 5, shortage 495, premium 20: the instance of the idinn package's tests."""
    suppliers = terms(regular=regular)
    best = least_cost_of_all_policies(suppliers)
    cost = dual_sourcing(DICE, suppliers).dual_index.cost
    assert 0.985 * best <= cost <= 1.03 * best
    if regular == 2:
        assert abs(best - 24.0) < 1.0, "what those tests ask of the optimum"


def replayed(policy: SourcingPolicy, suppliers: TwoSuppliers, periods: int = 60_000) -> tuple[float, float]:
    """Walk through periods with real stock and every order under way; return cost and the emergency share."""
    demand = np.random.default_rng(9).choice(DICE, periods)
    stock, regular, emergency = 0.0, [0.0] * suppliers.regular_lead_time, [0.0] * suppliers.emergency_lead_time
    cost, urgent_units, regular_units = 0.0, 0.0, 0.0
    for period, needed in enumerate(demand):
        if emergency:
            stock += emergency.pop(0)
        stock += regular.pop(0) if regular else 0.0
        soon = stock + sum(emergency) + sum(regular[: suppliers.emergency_lead_time])
        urgent = max((policy.emergency_level or 0.0) - soon, 0.0) if policy.emergency_level is not None else 0.0
        position = soon + urgent + sum(regular[suppliers.emergency_lead_time :])
        order = max((policy.regular_level or 0.0) - position, 0.0)
        if policy.standing_order is not None:
            order = policy.standing_order
        emergency.append(urgent)
        regular.append(order)
        if suppliers.emergency_lead_time == 0:
            stock += emergency.pop(0)
        stock -= needed
        if period >= 500:
            cost += suppliers.holding_cost * max(stock, 0.0) + suppliers.shortage_cost * max(-stock, 0.0)
            cost += (suppliers.emergency_cost - suppliers.regular_cost) * urgent
            urgent_units, regular_units = urgent_units + urgent, regular_units + order
    return cost / (periods - 500), urgent_units / (urgent_units + regular_units)


@pytest.mark.parametrize(("regular", "emergency"), [(3, 0), (4, 1)])
def test_every_policy_costs_what_it_costs_when_walked_through_with_real_orders(regular: int, emergency: int) -> None:
    suppliers = terms(8.0, regular, emergency, holding=1.0, shortage=9.0)
    found = dual_sourcing(DICE, suppliers)
    for policy in (found.regular_alone, found.emergency_alone, found.dual_index, found.base_surge):
        cost, share = replayed(policy, suppliers)
        assert policy.cost == pytest.approx(cost, rel=0.03), policy.name
        assert policy.emergency_share == pytest.approx(share, abs=0.01), policy.name


def test_the_overshoot_of_a_standing_order_is_the_queue_of_the_formula() -> None:
    """Demand 0 or 2 against a standing order of 1 walks up or down by one: its height is geometric (M/M/1 embedded).

    P(overshoot = k) = (1 - 2/3) (2/3)^k for demand of 2 in three periods of five; base surge then needs, without lead
    time, the quantile of demand less overshoot.
    """
    suppliers = terms(premium=30.0, regular=6, holding=1.0, shortage=19.0)
    found = dual_sourcing([0.0, 0.0, 2.0, 2.0, 2.0], suppliers).base_surge
    assert found.standing_order == 1.0
    heights = np.arange(200)
    chance = (1 / 3) * (2 / 3) ** heights
    stock = float(found.emergency_level or 0.0) + heights[:, None] - np.array([0.0, 2.0])
    held = np.maximum(stock, 0.0) @ np.array([0.4, 0.6]) @ chance
    assert found.holding == pytest.approx(held, rel=0.03)
    assert found.emergency_share == pytest.approx(1.0 - 1.0 / 1.2, abs=0.005)


def test_single_suppliers_stand_at_their_newsvendor_levels() -> None:
    demand = stats.poisson.ppf((np.arange(2000) + 0.5) / 2000, 6.0)
    suppliers = terms(regular=4, emergency=1, holding=1.0, shortage=19.0)
    found = dual_sourcing(demand, suppliers)
    assert found.regular_alone.regular_level == pytest.approx(stats.poisson.ppf(0.95, 30.0), abs=1.0)
    assert found.emergency_alone.emergency_level == pytest.approx(stats.poisson.ppf(0.95, 12.0), abs=1.0)
    assert found.emergency_alone.emergency_share == pytest.approx(1.0)


def test_mixing_costs_no_more_than_either_supplier_alone_and_says_what_it_brings() -> None:
    found = dual_sourcing(DICE, terms(regular=4))
    assert found.dual_index.cost < min(found.regular_alone.cost, found.emergency_alone.cost)
    words = found.recommendation
    assert words.startswith("regular orders up to 13, emergency orders up to 4: emergency supplier takes 14% of volume")
    assert "against the regular one alone" in words


def test_a_hopelessly_dear_emergency_supplier_is_not_recommended() -> None:
    found = dual_sourcing(DICE, terms(premium=100_000.0))
    assert found.best is found.regular_alone
    assert found.recommendation.startswith("regular supplier alone")


def test_a_long_regular_lead_time_favours_a_standing_order() -> None:
    """Janakiraman, Seshadri & Sheopuri (2015): base surge gains on others as lead times grow apart."""
    seen = np.random.default_rng(2).gamma(4.0, 5.0, 400)
    near, far = (dual_sourcing(seen, terms(4.0, lead, 0, 1.0, 19.0)) for lead in (2, 30))
    assert near.dual_index.cost < near.base_surge.cost
    assert far.base_surge.cost / far.regular_alone.cost < near.base_surge.cost / near.regular_alone.cost


def test_one_great_order_in_a_history_does_not_blur_the_levels() -> None:
    seen = np.append(np.random.default_rng(7).poisson(3.0, 300), 400).astype(float)
    found = dual_sourcing(seen, terms(2.0, 6, 0, 1.0, 9.0))
    assert found.dual_index.cost <= found.regular_alone.cost * 1.01
    assert found.dual_index.cost < found.emergency_alone.cost


def test_the_same_question_has_the_same_answer() -> None:
    assert dual_sourcing(DICE, terms()) == dual_sourcing(DICE, terms())


def test_only_the_ratio_of_units_matters() -> None:
    small, large = (dual_sourcing(np.multiply(DICE, unit), terms()) for unit in (1.0, 10.0))
    assert large.regular_alone.cost == pytest.approx(10.0 * small.regular_alone.cost)
    assert large.dual_index.cost <= 10.0 * small.dual_index.cost * 1.02


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: terms(premium=-1.0), "emergency cost is 99.0; expected above the regular cost of 100"),
        (lambda: terms(holding=0.0), "holding cost is 0.0; expected above zero"),
        (lambda: terms(shortage=float("nan")), "shortage cost is nan"),
        (lambda: terms(regular=1, emergency=1), "emergency lead time is 1; expected below the regular lead time of 1"),
        (lambda: terms(regular=2, emergency=-1), "emergency lead time is -1; expected whole periods"),
        (lambda: terms(regular=2.5), "regular lead time is 2.5; expected whole periods"),  # type: ignore[arg-type]
        (lambda: terms(regular=float("nan")), "regular lead time is nan; expected whole periods"),  # type: ignore[arg-type]
        (lambda: dual_sourcing([1.0, -2.0], terms()), "demand is -2; expected units, zero or more"),
        (lambda: dual_sourcing([0.0, 0.0], terms()), "demand is zero in every period"),
        (lambda: dual_sourcing([], terms()), "demand is empty"),
    ],
)
def test_bad_input_is_named_in_one_line(call: object, told: str) -> None:
    with pytest.raises(InputError, match=told):
        call()  # type: ignore[operator]
