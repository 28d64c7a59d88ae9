"""The resident service as its clients know it, with real processes."""

from __future__ import annotations

from invopt_xl.hosts.service.client import Client
from invopt_xl.sheet import calculate, catalogue


def test_answers_are_those_of_the_catalogue(client: Client) -> None:
    for function in catalogue().values():
        if function.cost != "live":
            answer = calculate(function.name, function.example)
            assert client.call(function.name, function.example)["cells"] == answer.cells
