"""The log of overrides, and what came of them: whether the planner's quantity was better than the plan's."""

from invopt_xl.plan.override_outcomes.figures import ordered_before, value_added_figure
from invopt_xl.plan.override_outcomes.log import override_log
from invopt_xl.plan.override_outcomes.used import ordered_on_their_day, used_overrides

__all__ = ["ordered_before", "ordered_on_their_day", "override_log", "used_overrides", "value_added_figure"]
