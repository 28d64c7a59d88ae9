"""The README names every input column, as the data contract declares it."""

from pathlib import Path

import pytest

from invopt_xl.plan.columns import INPUTS
from invopt_xl.plan.schema import Column, Table

README = Path(__file__).parents[2] / "README.md"


def shown(column: Column) -> str:
    default = f" ({column.default:g})" if isinstance(column.default, int | float) else ""
    default = f" ({column.default})" if isinstance(column.default, str) else default
    return f"**{column.name}**" if column.required else f"{column.name}{default}"


def line(table: Table) -> str:
    columns = ", ".join(shown(column) for column in table.columns)
    return f"| `{table.name}` | `{table.stem}` | {columns} |"


@pytest.mark.parametrize("table", INPUTS, ids=lambda table: table.stem)
def test_the_readme_lists_the_columns_of_every_input_table(table: Table) -> None:
    assert line(table) in README.read_text(encoding="utf-8"), line(table)
