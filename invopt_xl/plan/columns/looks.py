"""Tables that say what data and forecasts are like: what a plan stands on."""

from __future__ import annotations

from dataclasses import replace

from invopt_xl.plan.columns.making import LOCATION, number, text
from invopt_xl.plan.columns.views import EXCESS
from invopt_xl.plan.schema import Table

FIRST_LOOK = Table(
    "tblFirstLook",
    "first_look",
    "First look",
    (
        text("looked_at", "What was looked at."),
        number("found", "How much of it there is, in its unit."),
        text("unit", "What is counted."),
        text("what_was_done", "What the plan does about it."),
        text("such_as", "The first of them."),
    ),
    key=("looked_at",),
)

DEMAND_REVIEW = Table(
    "tblDemandReview",
    "demand_review",
    "Demand review",
    (
        text("item"),
        LOCATION,
        text("description", "What it is."),
        text("pattern", "smooth, erratic, intermittent, lumpy or none."),
        number("history_periods", "Periods from the first row of demand on."),
        number("mean_demand", "Mean of the demand that is known, units a period."),
        number("zero_share", "Share of periods without demand.", share=True),
        number("recent_demand", "Mean of the last 13 periods, units a period."),
        number("earlier_demand", "Mean of the 13 periods before them, units a period."),
        number("season", "Correlation of demand with that a season before; blank: less than two seasons are known."),
        number("promoted_periods", "Periods on promotion."),
        number(
            "promotion_lift",
            "Mean demand on promotion over that without one, less one; blank: fewer than three of either.",
            share=True,
        ),
        number("out_of_stock_periods", "Periods out of stock; their demand is estimated."),
        number("missing_periods", "Periods without a row."),
        number("unknown_periods", "Periods whose rows were rejected; their demand is estimated."),
        number("outliers", "Periods whose demand was brought to a limit before it was learned."),
        text("verdict", "sound, repaired, gaps, short, stopped or no demand."),
        text("why", "What the verdict stands on, and what was done."),
    ),
    key=("item", "location"),
)

FORECAST_TRUST = Table(
    "tblForecastTrust",
    "forecast_trust",
    "Forecast trust",
    (
        text("item"),
        LOCATION,
        text("description", "What it is."),
        text("abc", "Class by value."),
        text("pattern", "smooth, erratic, intermittent, lumpy or none."),
        text("model", "The model of the newest window."),
        number("windows", "Windows of the past that were forecast."),
        number("error_share", "Sum of absolute errors over demand.", share=True),
        number("bias_share", "Forecast less demand over demand; above 0: too high.", share=True),
        number("inside_share", "Share of periods whose demand lay within the 80% interval.", share=True),
        number("error_cost", "What errors would have cost a year, short and left over, money."),
        number("simple_cost", "The same with the simple method, money."),
        text("verdict", "trust, with care, too high, too low, no better than simple or not judged."),
        text("why", "What the verdict stands on."),
    ),
    key=("item", "location"),
)

EXCESS_DECISIONS = Table(
    "tblExcessDecisions",
    "excess_decisions",
    "Excess decisions",
    (
        text("item"),
        LOCATION,
        text("description", "What it is."),
        number("excess_value", "Stock on hand and on order above what demand will use in good time, money at cost."),
        number(
            "remaining_value", "Money at cost of which at least so much is left at the horizon with 80% probability."
        ),
        number("expected_write_off", "Money at cost expected to be lost if nothing is done."),
        number("ending_chance", "Chance that demand has ended, or ends before the horizon.", share=True),
        text("proposed", "What to decide: the action that gains most, or keep."),
        number("proposed_quantity", "Units of it."),
        text("actions", "All actions of the item with their units, the largest gain first; no unit goes two ways."),
        number("freed_value", "Money at cost that they free together."),
        number("gain", "Expected money that they gain together against doing nothing."),
        text("why", "Why; or that the row is kept for what you wrote."),
        text(
            "excess_decision", "What stands as your decision in tblExcess, with its units; blank: nothing that counts."
        ),
        text(
            "decided_about",
            "Your decision here, with the excess (money at cost) that stood beside it when it was first read, and "
            "whether that is gone; blank until then.",
        ),
        replace(EXCESS.column("decision"), help="What you decide; only you write here."),
        replace(EXCESS.column("decided_quantity"), help="Units you decide about; only you write here."),
    ),
    key=("item", "location"),
)

TARGET_CHOICES = Table(
    "tblTargetChoices",
    "target_choices",
    "Target choices",
    (
        text("choice", "How levels are set."),
        number(
            "fill_rate",
            "Share of demand met from stock, weighed by sales value, criticality and customer weight of today.",
            share=True,
        ),
        number("plain_fill_rate", "The same by sales value alone.", share=True),
        number("stock_value", "Average stock at cost, money; without what is phased out, or not to be stocked."),
        number("changed_items", "Items whose reorder point differs from that of the plan by a unit or more."),
    ),
    key=("choice",),
)
