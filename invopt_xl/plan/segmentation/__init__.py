"""Which items matter, which can be forecast, where they are in their life, and what that asks for."""

from invopt_xl.plan.segmentation.classes import abc_classes, xyz_classes

__all__ = ["abc_classes", "xyz_classes"]
