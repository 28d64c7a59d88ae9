"""Frames in, frames out: data checks, segmentation, stock levels, order lines, excess, exceptions and their reasons.

`pipeline.run` runs it all; `columns` is the data contract.
"""
