"""The command line as tests call it: in this process, with errors as `main` would meet them."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from invopt_xl.errors import InvoptError
from invopt_xl.hosts.cli.app import app


def invoke(command: str, *arguments: object, columns: int = 140) -> tuple[int, str]:
    """Return exit code and output of a command."""
    line = [command, *map(str, arguments)]
    done = CliRunner().invoke(app, line, standalone_mode=False, env={"COLUMNS": str(columns)})
    if isinstance(done.exception, InvoptError):
        raise done.exception
    assert done.exception is None, done.output
    return int(done.return_value), done.output


def refusal(command: str, *arguments: object) -> str:
    """Return the one line that says why a command did nothing."""
    with pytest.raises(InvoptError) as caught:
        invoke(command, *arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)
