"""The log of overrides, and what came of them: whether the planner's quantity was better than the plan's."""

from invopt_xl.plan.override_outcomes.figures import ordered_before, value_added_figure
from invopt_xl.plan.override_outcomes.log import override_log

__all__ = ["ordered_before", "override_log", "value_added_figure"]
