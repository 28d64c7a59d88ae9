"""What holds for every function of the catalogue."""

import inspect
import subprocess
import sys

import pytest

from invopt_xl.sheet import calculate, catalogue
from invopt_xl.sheet.catalogue import Function

FUNCTIONS = list(catalogue().values())
each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)


@each_function
def test_parameters_are_the_arguments_in_order(function: Function) -> None:
    parameters = list(inspect.signature(function.compute).parameters)
    assert parameters == ["run"] * function.needs_run + [argument.name for argument in function.arguments]


@each_function
def test_optional_arguments_stand_last(function: Function) -> None:
    required = [argument.required for argument in function.arguments]
    assert required == sorted(required, reverse=True)


@each_function
def test_help_fits_the_wizard_of_excel(function: Function) -> None:
    """Excel shows 255 characters of a description, and no more."""
    assert 0 < len(function.help) <= 255
    assert all(0 < len(argument.described) <= 255 for argument in function.arguments)


@each_function
def test_an_empty_cell_means_the_default_even_where_a_host_hands_it_over_as_zero(function: Function) -> None:
    for argument in function.arguments:
        if not argument.required and argument.kind in ("number", "flag") and argument.takes in ("each", "one"):
            assert argument.zero_is_empty or argument.default in (0, False), argument.name


@each_function
def test_the_example_is_answered(function: Function) -> None:
    answer = calculate(function.name, function.example)
    assert not answer.refused, answer.trace or answer.faults
    assert not answer.faults


@each_function
def test_defaults_are_values_the_argument_takes(function: Function) -> None:
    for argument in function.arguments:
        if argument.default is not None and not argument.required:
            assert argument.read(argument.default) == argument.default


def test_declaring_the_catalogue_imports_nothing_heavy() -> None:
    """Hosts that only ask a service declare it too, each time an office or a browser starts."""
    heavy = ("pandas", "scipy", "statsforecast", "pmdarima", "pulp", "numba", "openpyxl", "xlsxwriter", "xlwings")
    probe = f"""
import sys
from invopt_xl.sheet import catalogue
catalogue()
print([name for name in {heavy!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
