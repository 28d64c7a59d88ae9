"""Tables of early warning: whose demand has ended or will end, and how well that was told in the past."""

from __future__ import annotations

from invopt_xl.plan.columns.making import LOCATION, number, text
from invopt_xl.plan.schema import Column, Table

EARLY_WARNING = Table(
    "tblEarlyWarning",
    "early_warning",
    "Early warning",
    (
        text("item"),
        LOCATION,
        text("description", "What it is."),
        number(
            "ended_chance",
            "Chance that demand has ended by now: that no other sale will come. ending_chance of tblExcess is of the "
            "same, or that it ends before the cover limit, so a little more. Blank where it is too early to tell.",
            share=True,
        ),
        number(
            "hazard",
            "Chance that demand ends within the coming period, if it has not ended yet. Blank likewise.",
            share=True,
        ),
        number("last_sale_days", "Days on sale since the last sale, in whole periods; blank where none is known."),
        number("usual_interval_days", "Days from one sale to the next while it sold; blank with fewer than two sales."),
        number("on_hand_value", "Stock on hand at cost, money."),
        text("why", "What the chance stands on."),
        Column(
            "flag",
            "flag",
            "1 where the chance that demand has ended is 0.5 or more, or so high that no more such warnings are "
            "expected to prove wrong than those of the usual rule, no sale in three months.",
        ),
    ),
    key=("item", "location"),
)

_WHICH = (
    text("pattern", "Demand pattern until the last sale; all: items of all patterns."),
    text(
        "method",
        "early warning; usual rule: no sale in so many months; or early warning, equal alarms: with the threshold that "
        "would have raised as many false alarms as the rule over all items, known only afterwards.",
    ),
)

WARNING_TRIAL = Table(
    "tblWarningTrial",
    "warning_trial",
    "Early warning against the usual rule",
    (
        *_WHICH,
        number("items", "Items judged in the test."),
        number("died", "Items of them that surely died in the test."),
        number("flagged_share", "Share of the items that died which were flagged.", share=True),
        number("median_delay", "Median periods from the last sale to the flag, items never flagged counted as latest."),
        number("median_lead", "Median periods that an item was flagged before the usual rule flagged it, likewise."),
        number("early_share", "Share of the items that died flagged at least so long before the rule.", share=True),
        number("early_value_share", "The same, of their sales value a period while they sold.", share=True),
        number("false_alarms", "Flags that a later sale proved wrong."),
        number("live_periods", "Periods in which an item was judged and alive, as it sold later."),
        number("false_alarm_rate", "False alarms in 1,000 live periods."),
    ),
    key=("pattern", "method"),
)

ENDED_ITEMS = Table(
    "tblEndedItems",
    "ended_items",
    "Items that died in the test",
    (
        text("item"),
        LOCATION,
        text("pattern", "Demand pattern until the last sale."),
        number("usual_interval", "Periods from one sale to the next while it sold."),
        number("last_sale_ago", "Periods from the last sale to the end of the record."),
        number("flagged_after", "Periods from the last sale to the early warning; blank where it never came."),
        number("rule_after", "Periods from the last sale to the flag of the usual rule."),
        number("lead", "Periods that the early warning came before the usual rule; blank where it never came."),
        number("period_value", "Sales value a period while it sold, money; units where prices are not known."),
    ),
    key=("item", "location"),
)

WARNING_RELIABILITY = Table(
    "tblWarningReliability",
    "warning_reliability",
    "Chances told against what came",
    (
        number("from_chance", "Chances told from here on.", share=True),
        number("to_chance", "Chances told below.", share=True),
        number("told", "How often such a chance was told in the test: that no sale comes for the rule's periods."),
        number("mean_chance", "Mean of the chances told.", share=True),
        number("came_true", "Share of them that came true.", share=True),
    ),
    key=("from_chance",),
)

WARNING_LIFT = Table(
    "tblWarningLift",
    "warning_lift",
    "Ended items found among the items looked at first",
    (
        text("method", "What items are ranked by: early warning, or usual rule: periods since the last sale."),
        number(
            "looked_at",
            "Share of all judged items that are looked at, the most likely to have ended first.",
            share=True,
        ),
        number("found", "Share of the items that had ended which are among them.", share=True),
        number("found_value", "Share of their sales value.", share=True),
    ),
    key=("method", "looked_at"),
)
