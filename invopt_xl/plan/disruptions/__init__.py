"""Order plans beside others: what changes, and what it costs."""

from invopt_xl.plan.disruptions.earlier import beside_earlier
from invopt_xl.plan.disruptions.outcome import Asked, orders_after
from invopt_xl.plan.disruptions.reading import Happening, read_disruptions

__all__ = ["Asked", "Happening", "beside_earlier", "orders_after", "read_disruptions"]
