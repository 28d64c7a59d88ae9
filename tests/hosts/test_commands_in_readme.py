"""The README names every command, and its examples are ones that the command line takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from invopt_xl.hosts.cli.app import app

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
GROUP = get_command(app)
COMMANDS = GROUP.list_commands(typer.Context(GROUP))

BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
EXAMPLES = [line for block in BLOCKS for line in re.findall("^invopt .*", block, re.MULTILINE)]


def options(name: str) -> set[str]:
    """Return the options of a command."""
    command = GROUP.get_command(typer.Context(GROUP), name)
    return {each for parameter in command.params for each in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}


def test_the_table_of_commands_has_a_row_for_each_and_no_other() -> None:
    assert re.findall(r"^\| `invopt ([a-z-]+) ", README, re.M) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_options_named_in_the_table_are_options_of_the_command(name: str) -> None:
    (row,) = re.findall(rf"^\| `invopt {name} .*", README, re.M)
    assert set(re.findall(r"--[a-z-]+", row)) <= options(name)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_one_that_the_command_line_takes(example: str) -> None:
    _, name, *arguments = shlex.split(example)
    command = GROUP.get_command(typer.Context(GROUP), name)
    assert command is not None
    command.make_context(name, arguments, resilient_parsing=False)


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Replay", "replay"),
        ("Segments", "segment"),
        ("What if", "what-if"),
        ("Orders alone", "orders"),
        ("A new period", "roll"),
    ],
)
def test_options_named_in_a_section_are_options_of_its_command(heading: str, name: str) -> None:
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    named = set(re.findall(r"`(--[a-z-]+)", section))
    assert named
    assert named <= options(name)
