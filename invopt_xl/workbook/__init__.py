"""Excel files and folders of tables: read them, and write results back without touching anything else.

=====================  ==============================================================================
`read_tables`          a workbook, or a folder of CSV or Parquet files, into frames of raw values
`read_sales`           sales by customer, from there or from files beside a workbook
`check_target`         refuse a file that cannot be read or written, before any work is done
`write_tables`         patch the owned tables of a workbook; every other part stays byte-identical
`write_folder`         write tables as CSV or Parquet files
`diff_parts`           the parts in which two workbooks differ
=====================  ==============================================================================

`parts` knows what such files are made of, `patch` writes tables anew inside them, `sheets` and `template` lay out new
workbooks; `refresh` and `rolling` are the whole job.

A workbook is an open zip of XML parts. Reading streams the few sheets that hold tables of the data contract.
Writing splices new rows into the bytes of those sheets and copies the compressed bytes of every other part.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invopt_xl.workbook.difference import diff_parts
    from invopt_xl.workbook.folder import write_folder
    from invopt_xl.workbook.reading import read_tables
    from invopt_xl.workbook.sales import read_sales
    from invopt_xl.workbook.targets import check_target
    from invopt_xl.workbook.writing import write_tables

__all__ = ["check_target", "diff_parts", "read_sales", "read_tables", "write_folder", "write_tables"]

_MODULES = {
    "check_target": "targets",
    "diff_parts": "difference",
    "read_sales": "sales",
    "read_tables": "reading",
    "write_folder": "folder",
    "write_tables": "writing",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for, so that naming this package costs nothing."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
