"""Arguments that several functions take, each declared once, so that a term means the same everywhere.

Demand, lead times and review periods are in periods of the planner's choice, the same ones throughout a call.
"""

from __future__ import annotations

from invopt_xl.sheet.arguments import Argument

DAYS_PER_PERIOD = Argument(
    "days_per_period", "Length of a period of demand: 7 for weeks, 1 for days, 30.4375 for months.",
    takes="one", unit="days", default=7.0, above=0, maximum=366,
)  # fmt: skip
MEAN_DEMAND = Argument("mean_demand", "Expected demand of a period.", unit="units", minimum=0)
DEMAND_SD = Argument("demand_sd", "Standard deviation of the demand of a period.", unit="units", minimum=0)
LEAD_TIME = Argument(
    "lead_time", "From order to receipt, without the review period.", unit="periods of the demand", minimum=0,
    maximum=1000,
)  # fmt: skip
LEAD_TIME_SD = Argument(
    "lead_time_sd", "Standard deviation of the lead time.", unit="periods of the demand", default=0.0, minimum=0
)
REVIEW_PERIOD = Argument(
    "review_period", "From one review of stock to the next; 0 where an order can be placed at any time.",
    unit="periods of the demand", default=0.0, minimum=0, maximum=1000,
)  # fmt: skip
SERVICE_TARGET = Argument(
    "service_target", "Service to reach, such as 0.95 or 95%.",
    unit="share", default=0.95, above=0, below=1, example="0.95",
)  # fmt: skip
UNIT_COST = Argument("unit_cost", "Purchase cost of a unit.", unit="money", above=0, example="2.50")
UNIT_PRICE = Argument("unit_price", "Selling price of a unit.", unit="money", above=0, example="4")
ORDER_COST = Argument("order_cost", "Cost of placing one order.", unit="money", minimum=0)
HOLDING_COST = Argument(
    "holding_cost", "Cost of holding a unit for as long as demand is for: a period, or a year.",
    unit="money", above=0,
)  # fmt: skip
HOLDING_RATE = Argument(
    "holding_rate", "Cost of holding stock for a year as a share of its value, such as 0.25.",
    unit="share", above=0, maximum=5, example="0.25",
)  # fmt: skip
ORDER_QUANTITY = Argument(
    "order_quantity", "Usual order; 0 orders what was used at each review.", unit="units", default=0.0, minimum=0
)
MINIMUM_ORDER_QUANTITY = Argument(
    "minimum_order_quantity", "Least quantity of an order.", unit="units", default=0.0, minimum=0
)
LOT_SIZE = Argument(
    "lot_size", "Orders are whole multiples of it; any quantity if omitted.",
    unit="units", default=None, above=0, example="12",
)  # fmt: skip
DISTRIBUTION = Argument(
    "distribution",
    "Shape of demand: normal, gamma (erratic items), poisson or negative binomial (few whole units); poisson needs no "
    "deviation.",
    kind="choice", choices=("normal", "gamma", "poisson", "negative binomial"), default="normal",
)  # fmt: skip
ON_HAND = Argument("on_hand", "Stock on hand.", unit="units", minimum=0)
ON_ORDER = Argument("on_order", "Ordered and not received yet.", unit="units", default=0.0, minimum=0)
ORDER_UP_TO = Argument("order_up_to", "Level that orders fill up to.", unit="units", minimum=0)


def amount(quantity: float) -> str:
    """Return a quantity as a sentence has it: three digits, or all before the point.

    Examples
    --------
    >>> amount(1234.56), amount(2.3456), amount(300.0)
    ('1,235', '2.35', '300')
    """
    return f"{quantity:,.0f}" if abs(quantity) >= 99.95 else f"{quantity:.3g}"


def percent(share: float) -> str:
    """Return a share in percent.

    Examples
    --------
    >>> percent(0.95), percent(0.9987)
    ('95%', '99.87%')
    """
    return f"{100.0 * share:.4g}%"
