"""One service target for thousands of items: the level of each that meets it with the least inventory money."""

from invopt_xl.policy.service_mix.exchange import ExchangeCurve, ServiceExchange, ServiceMix
from invopt_xl.policy.service_mix.items import MixItems, ServiceBounds, service_weight
from invopt_xl.policy.service_mix.uniform import (
    MixComparison,
    UniformTarget,
    beside_uniform,
    uniform_cycle_service,
    uniform_fill_rate,
)

__all__ = [
    "ExchangeCurve",
    "MixComparison",
    "MixItems",
    "ServiceBounds",
    "ServiceExchange",
    "ServiceMix",
    "UniformTarget",
    "beside_uniform",
    "service_weight",
    "uniform_cycle_service",
    "uniform_fill_rate",
]
