"""Tables that say what data is like, before anything is planned."""

from __future__ import annotations

from invopt_xl.plan.columns.making import number, text
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
