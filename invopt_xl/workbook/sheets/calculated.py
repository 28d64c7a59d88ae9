"""Columns that a workbook calculates beside those of the data contract, live as the planner types."""

from __future__ import annotations

from dataclasses import dataclass

from invopt_xl.plan.columns import Column, Table

_OVERRIDE = "tblPlan[[#This Row],[override_quantity]]"
_PROPOSED = "tblPlan[[#This Row],[proposed_quantity]]"
_EXCESS = "tblExcess[[#This Row],[{}]]"


@dataclass(frozen=True)
class Calculated:
    """A calculated column of a table.

    Parameters
    ----------
    column
        Its name, kind and note.
    after
        The column it stands behind.
    formula
        What every row holds.
    """

    column: Column
    after: str
    formula: str


def _override_change() -> Calculated:
    note = "Override less proposal, units; calculated as you type, blank without an override that is a number."
    formula = f'=IF({_OVERRIDE}="","",IFERROR({_OVERRIDE}-{_PROPOSED},""))'
    return Calculated(Column("override_change", "number", note), "override_date", formula)


def _decided_value() -> Calculated:
    quantity, excess, value, decision = (
        _EXCESS.format(name) for name in ("decided_quantity", "excess_quantity", "excess_value", "decision")
    )
    note = (
        "Money at cost that your decision frees, calculated as you type: of the decided units, or of all excess where "
        "none are given; 0 for what you keep."
    )
    share = f"IF(ISNUMBER({quantity}),MIN({quantity},{excess})/{excess},1)"
    formula = f'=IF({decision}="","",IF({decision}="keep",0,IFERROR({value}*{share},0)))'
    return Calculated(Column("decided_value", "number", note), "decided_quantity", formula)


def calculated_columns(table: Table) -> tuple[Calculated, ...]:
    """Return the calculated columns that a workbook adds to a table.

    Examples
    --------
    >>> from invopt_xl.plan.columns import PLAN
    >>> [each.column.name for each in calculated_columns(PLAN)]
    ['override_change']
    """
    if table.name == "tblPlan":
        return (_override_change(),)
    return (_decided_value(),) if table.name == "tblExcess" else ()


def placed_columns(table: Table) -> list[tuple[Column, str | None]]:
    """Return the columns of a table as they stand on its sheet, each with its formula if it is calculated.

    Examples
    --------
    >>> from invopt_xl.plan.columns import EXCESS
    >>> [column.name for column, formula in placed_columns(EXCESS) if formula]
    ['decided_value']
    """
    added = {each.after: each for each in calculated_columns(table)}
    placed: list[tuple[Column, str | None]] = []
    for column in table.columns:
        placed.append((column, None))
        if column.name in added:
            placed.append((added[column.name].column, added[column.name].formula))
    return placed


def placed_names(table: Table) -> list[str]:
    """Return the headers of a table as they stand on its sheet."""
    return [column.name for column, _ in placed_columns(table)]
