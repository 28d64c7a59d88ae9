"""Compiled functions where their machine code can be kept, and where it cannot."""

from __future__ import annotations

from invopt_xl.optimise.compiled import compiled


def tenfold(units: float) -> float:
    return 10.0 * units


def test_a_compiled_function_returns_what_it_returned() -> None:
    assert compiled(tenfold)(4.0) == tenfold(4.0)


def test_a_function_of_no_file_is_compiled_although_it_cannot_be_kept() -> None:
    names: dict[str, object] = {}
    exec("def doubled(units):\n    return 2.0 * units\n", names)
    doubled = names["doubled"]
    assert callable(doubled)
    assert compiled(doubled)(4.0) == 8.0
