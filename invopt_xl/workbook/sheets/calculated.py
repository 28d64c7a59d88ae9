"""Columns that a workbook calculates beside those of the data contract, live as the planner types."""

from __future__ import annotations

from dataclasses import dataclass

from invopt_xl.plan.columns import DEFAULT_LOCATION, EXCESS, ITEMS, Column, Table
from invopt_xl.plan.excess.ways import SCRAP
from invopt_xl.plan.quality.deciding import CANCEL, KEEP
from invopt_xl.workbook.sheets.formulas import column, same

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
    names = ("decision", "decided_quantity", "excess_quantity", "excess_value", "freed_value", "on_hand", "on_order")
    decision, quantity, excess, value, freed, here, coming = (_EXCESS.format(name) for name in names)
    note = (
        "Money at cost that your decision frees, calculated as you type: of the decided units, or of all excess that "
        "is there where none are given; where nothing counts as excess, at most freed_value. 0 for what you keep or "
        "scrap; blank, so that it counts nowhere, for what is no decision, or is about more units than are there: on "
        "order to cancel, on hand and on order to keep, else on hand."
    )
    # A no-break space, as pasted text has it, is a blank to whoever reads it.
    word = f'TRIM(SUBSTITUTE({decision},"\u00a0"," "))'
    is_word = {each: f'{word}="{each}"' for each in EXCESS.column("decision").choices}
    kept, cancelled = is_word[KEEP], is_word[CANCEL]
    none = f'TRIM({quantity})=""'
    most = f"MAX(0,IF({cancelled},0,{here})+IF(OR({kept},{cancelled}),{coming},0))"
    # Units may be a text that reads as a number: as such it is read, and as such it counts here.
    sound = f"IFERROR(({quantity}*1>=0)*({quantity}*1<={most}),0)"
    of_excess = f"{value}*MIN(IF({none},{most},{quantity}*1),{excess})/{excess}"
    of_others = f"IF({none},{freed},MIN({quantity}*{_unit_cost()},{freed}))"
    money = f"IF(OR({kept},{is_word[SCRAP]}),0,IFERROR(IF({excess}>0,{of_excess},{of_others}),0))"
    formula = f'=IF(AND(OR({",".join(is_word.values())}),OR({none},{sound})),{money},"")'
    return Calculated(Column("decided_value", "number", note), "decided_quantity", formula)


def _unit_cost() -> str:
    """Return what a unit of a row of the excess costs; a blank location of an item is the usual one."""
    item, location = _EXCESS.format("item"), _EXCESS.format("location")
    places = column(ITEMS, "location")
    there = f'({same(places, location)}+({places}="")*({location}="{DEFAULT_LOCATION}"))'
    return f"SUMPRODUCT({same(column(ITEMS, 'item'), item)}*{there},{column(ITEMS, 'unit_cost')})"


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
    for each in table.columns:
        placed.append((each, None))
        if each.name in added:
            placed.append((added[each.name].column, added[each.name].formula))
    return placed


def placed_names(table: Table) -> list[str]:
    """Return the headers of a table as they stand on its sheet."""
    return [column.name for column, _ in placed_columns(table)]
