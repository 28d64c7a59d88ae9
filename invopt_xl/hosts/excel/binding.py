"""The worksheet functions that xlwings offers to Excel, one for each declaration of the catalogue."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from invopt_xl.hosts.excel.asking import Rows, Worksheet
from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Function, catalogue
from invopt_xl.sheet.listing import PREFIX

LONGEST_TEXT = 255
"""Characters of a description that Excel's wizard shows."""

RESERVED = frozenset(
    """
    addressof alias and any append array as base binary boolean byref byte byval call caller case cbool cbyte ccur
    cdate cdbl cdec cint circle class clng close compare const csng cstr currency cvar cverr date debug decimal
    declare defbool defbyte defcur defdate defdbl defint deflng defobj defsng defstr defvar dim do double each else
    elseif empty end endif enum eqv erase error event exit explicit false fix for friend function get global gosub
    goto if imp implements in input int integer is lbound len let lib like line lock long loop lset me mid mod
    module name new next not nothing null object of on open option optional or output paramarray preserve print
    private property pset public put raiseevent random read redim rem resume return rset scale seek select set sgn
    shared single spc static step stop str string sub tab text then time to true type typeof ubound unlock until
    variant wend while width with withevents write xor
    """.split()  # noqa: SIM905 - words are read more easily this way
)
"""Words of VBA, and ``caller``, for which xlwings hands over the calling cell."""


def worksheet_name(function: Function) -> str:
    """Return what a function is called in a formula."""
    return PREFIX + function.name


def parameter_name(argument: Argument) -> str:
    """Return an argument's name in VBA, where some words are taken.

    Examples
    --------
    >>> parameter_name(Argument("lot_size", "Multiple.")), parameter_name(Argument("date", "A day."))
    ('lot_size', 'date_given')
    """
    return f"{argument.name}_given" if argument.name.lower() in RESERVED else argument.name


def category_of(function: Function) -> str:
    """Return the category under which Excel's wizard lists a function."""
    return f"INVOPT {function.category}"


def worksheet_functions(worksheet: Worksheet) -> dict[str, Callable[..., Rows]]:
    """Return a fresh function for each of the catalogue, as xlwings takes it, by its name in formulas.

    Off Windows xlwings leaves them as they are, and Excel cannot call them.
    """
    return {
        worksheet_name(function): _decorated(function, _wrapper(function, worksheet))
        for function in catalogue().values()
    }


def _wrapper(function: Function, worksheet: Worksheet) -> Callable[..., Rows]:
    def wrapper(*values: Any) -> Rows:
        return worksheet.rows(function, values)

    wrapper.__name__ = wrapper.__qualname__ = worksheet_name(function)
    wrapper.__doc__ = function.help
    wrapper.__signature__ = signature_of(function)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {}
    return wrapper


def signature_of(function: Function) -> inspect.Signature:
    """Return the parameters of a worksheet function.

    VBA knows no optional arguments before ones of any number.
    """
    varying = any(argument.takes == "rest" for argument in function.arguments)
    return inspect.Signature([_parameter(argument, varying) for argument in function.arguments])


def _parameter(argument: Argument, varying: bool) -> inspect.Parameter:
    name = parameter_name(argument)
    if argument.takes == "rest":
        return inspect.Parameter(name, inspect.Parameter.VAR_POSITIONAL)
    default = inspect.Parameter.empty if argument.required or varying else None
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default)


def _decorated(function: Function, wrapper: Callable[..., Rows]) -> Callable[..., Rows]:
    """Return a wrapper with what xlwings notes on it.

    Values pass as they are: xlwings itself would turn error values it does not know into numbers. The category comes
    last, as each note on an argument takes it back.
    """
    import xlwings

    for argument in function.arguments:
        wrapper = xlwings.arg(parameter_name(argument), "raw", doc=argument.described[:LONGEST_TEXT])(wrapper)
    wrapper = xlwings.ret("raw")(wrapper)
    noted: Callable[..., Rows] = xlwings.func(category=category_of(function), call_in_wizard=False)(wrapper)
    return noted
