"""Buffers that follow what they guard against, and explain themselves when they change."""

from invopt_xl.policy.buffers.changes import BufferChange, explain_change
from invopt_xl.policy.buffers.drivers import DRIVERS, BufferDrivers, levels_of, reorder_points_of
from invopt_xl.policy.buffers.rules import (
    USUAL_TARGETS,
    RuledTargets,
    ServiceRules,
    deviation_with_estimation,
    ruled_targets,
)
from invopt_xl.policy.buffers.suppliers import SupplierReliability, supplier_reliability

__all__ = [
    "DRIVERS",
    "USUAL_TARGETS",
    "BufferChange",
    "BufferDrivers",
    "RuledTargets",
    "ServiceRules",
    "SupplierReliability",
    "deviation_with_estimation",
    "explain_change",
    "levels_of",
    "reorder_points_of",
    "ruled_targets",
    "supplier_reliability",
]
