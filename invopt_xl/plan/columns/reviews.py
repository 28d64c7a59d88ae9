"""Tables that look back: what was forecast and what came, what the planner changed, what the last refresh said."""

from __future__ import annotations

from invopt_xl.plan.columns.making import LOCATION, date, number, text
from invopt_xl.plan.schema import Table

ACCURACY = Table(
    "tblAccuracy",
    "accuracy",
    "Forecast accuracy by period",
    (
        date("date", "First day of the period."),
        date("made_on", "Plan date on which the forecast was made."),
        number("items", "Items with a forecast and an actual."),
        number("forecast_value", "Expected demand at cost, money."),
        number("actual_value", "Demand that came, at cost, money."),
        number("error_share", "Sum of absolute errors over actual demand, both at cost.", share=True),
        number("bias_share", "Forecast less actual over actual, at cost; above 0: forecast too high.", share=True),
        number("inside_share", "Share of items whose demand lay between the 5% and 95% quantiles.", share=True),
    ),
    key=("date",),
)

FORECAST_REVIEW = Table(
    "tblForecastReview",
    "forecast_review",
    "Forecast against actual",
    (
        text("item"),
        LOCATION,
        text("description", "What it is."),
        date("date", "First day of the period."),
        date("made_on", "Plan date on which the forecast was made."),
        text("model", "The forecasting model."),
        number("forecast", "Expected demand, units."),
        number("p050", "5.0% quantile of demand, units."),
        number("p950", "95.0% quantile of demand, units."),
        number("actual", "Demand that came, units."),
        number("error", "Forecast less actual, units."),
        number("error_value", "The same at cost, money, without sign."),
        text("inside", "yes, above or below: where demand lay beside the 5% and 95% quantiles."),
    ),
    key=("item", "location", "date"),
)

OVERRIDES = Table(
    "tblOverrides",
    "overrides",
    "Overrides and what came of them",
    (
        text("logged_at", "Local time of the refresh that first followed it."),
        text("user", "Who refreshed."),
        date("plan_date", "Plan date it was for."),
        text("item"),
        LOCATION,
        number("proposed_quantity", "What the plan proposed, units; with an override_date, until then."),
        date("proposed_date", "When the plan would have ordered first; blank: on the plan date, or not at all."),
        number("override_quantity", "What the planner ordered instead, units."),
        date("override_date", "When it was to be ordered; blank: on the plan date."),
        number("change", "Override less proposal, units."),
        number("change_value", "The same at cost, money."),
        text("note", "The planner's note."),
        number("on_hand", "Stock on hand then, units."),
        number("on_order", "Open orders then that were due by measured_to, units."),
        date("measured_from", "First day on which the two differ: when the first order comes, by its lead time."),
        date("measured_to", "Last day they are compared over: on the next one an order of the next review can come."),
        number("actual_demand", "Demand that came from the plan date to then, units."),
        number("proposal_cost", "Holding and shortage that the proposal would have cost on it, money."),
        number("override_cost", "Holding and shortage that the override cost on it, money."),
        number("value_added", "Proposal's cost less the override's, money; above 0: the override was better."),
        text(
            "verdict",
            "better, worse or no difference; open: measured_to is still to come, or the item is not planned now; "
            "unknown: demand was not known, as when out of stock; replaced: changed or withdrawn before it was due.",
        ),
    ),
    key=("logged_at", "item", "location"),
)

PREVIOUS_FIGURES = (
    "order_quantity",
    "order_value",
    "reorder_point",
    "safety_stock",
    "demand_per_period",
    "on_hand",
    "excess_value",
)
"""Figures of the plan that are kept beside those of the refresh before."""

PREVIOUS = Table(
    "tblPrevious",
    "previous",
    "The plan before the last refresh",
    (
        text("item"),
        LOCATION,
        text("description", "What it is."),
        text("change", "What is another: new, gone, order, levels, stock, or none."),
        *(
            column
            for name in PREVIOUS_FIGURES
            for column in (
                number(f"{name}_before", f"`{name}` of the plan before the last refresh, in its unit."),
                number(f"{name}_change", f"`{name}` now less before."),
            )
        ),
    ),
    key=("item", "location"),
)
