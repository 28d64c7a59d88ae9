"""The README names every input column and those of replays and what-ifs, as the data contract declares them."""

from pathlib import Path

import pytest

from invopt_xl.plan.columns import BESIDE, CUSTOMER_OUTPUTS, INPUTS, ORDER_OUTPUTS, ORDERS, OUTPUTS, QUALITY
from invopt_xl.plan.replay.tables import CURVES, EACH_ITEM, EQUAL_SERVICE, LEFT_OUT
from invopt_xl.plan.schema import Column, Table
from invopt_xl.plan.views import VIEWS
from invopt_xl.plan.what_if import WHAT_IF

README = Path(__file__).parents[2] / "README.md"


def shown(column: Column) -> str:
    default = f" ({column.default:g})" if isinstance(column.default, int | float) else ""
    default = f" ({column.default})" if isinstance(column.default, str) else default
    return f"**{column.name}**" if column.required else f"{column.name}{default}"


def line(table: Table) -> str:
    columns = ", ".join(shown(column) for column in table.columns)
    return f"| `{table.name}` | `{table.stem}` | {columns} |"


@pytest.mark.parametrize("table", [*INPUTS, *BESIDE], ids=lambda table: table.stem)
def test_the_readme_lists_the_columns_of_every_input_table(table: Table) -> None:
    assert line(table) in README.read_text(encoding="utf-8"), line(table)


@pytest.mark.parametrize("table", [CURVES, EQUAL_SERVICE, EACH_ITEM, LEFT_OUT], ids=lambda table: table.stem)
def test_the_readme_lists_the_columns_of_what_a_replay_finds(table: Table) -> None:
    rows = [row for row in README.read_text(encoding="utf-8").splitlines() if row.startswith(f"| `{table.name}`")]
    assert [row.split("|")[-2].strip() for row in rows] == [", ".join(table.column_names)]


@pytest.mark.parametrize(
    "table", [one for one in ORDER_OUTPUTS if one not in (ORDERS, QUALITY)], ids=lambda table: table.stem
)
def test_the_readme_lists_the_columns_of_an_order_plan(table: Table) -> None:
    row = f"| `{table.name}` (`{table.stem}`) | {', '.join(table.column_names)} |"
    assert row in README.read_text(encoding="utf-8"), row


@pytest.mark.parametrize(
    "table", [one for one in OUTPUTS if one.stem in VIEWS and one not in ORDER_OUTPUTS], ids=lambda table: table.stem
)
def test_the_readme_lists_the_columns_of_a_view(table: Table) -> None:
    row = f"| `{table.name}` (`{table.stem}`) | {', '.join(table.column_names)} |"
    assert row in README.read_text(encoding="utf-8"), row


@pytest.mark.parametrize("table", CUSTOMER_OUTPUTS, ids=lambda table: table.stem)
def test_the_readme_lists_the_columns_of_what_sales_say_of_customers(table: Table) -> None:
    row = f"| `{table.name}` (`{table.stem}`) | {', '.join(table.column_names)} |"
    assert row in README.read_text(encoding="utf-8"), row


def test_the_readme_lists_the_columns_of_a_what_if() -> None:
    said = " ".join(README.read_text(encoding="utf-8").split())
    assert f"`{WHAT_IF.name}`: {', '.join(WHAT_IF.column_names)}." in said


def test_the_readme_promises_the_prices_that_order_lines_have() -> None:
    notes = {column.name: column.help for column in ORDERS.columns}
    assert notes["unit_cost"].startswith("List price of a unit, before discount")
    assert notes["value"].startswith("What the line costs, after discount")
    assert "with dates, list price, discount, what it costs after discount and *why*" in README.read_text("utf-8")
