"""What a workbook has to press: macros that refresh it while it is open, and a tab of the ribbon that calls them."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

MACROS = "invopt_macros"
"""Name of the VBA module."""

REFRESH = "InvoptRefresh"
"""The macro that a button on a sheet calls."""

STARTING_MODULE = "invopt_xl.hosts.excel.starting"
"""What the macros call through xlwings."""

RIBBON_PART = "customUI/customUI14.xml"
RIBBON_LINK = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
_RIBBON_NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"


@dataclass(frozen=True)
class Button:
    """A macro and its button in the ribbon.

    Parameters
    ----------
    macro
        The name of the macro.
    does
        What it asks for, of `starting.DO`; empty for help.
    label, tip
        What the button says, and says more of.
    picture
        The name of one of Office's own pictures.
    large
        Whether it is a large button.
    """

    macro: str
    does: str
    label: str
    tip: str
    picture: str
    large: bool = False


BUTTONS = (
    Button(
        REFRESH, "refresh", "Refresh", "Plans from the tables of this workbook as they are now, and writes the results "
        "into it. Nothing is saved; the status bar says how far it is.", "RefreshAll", large=True,
    ),
    Button("InvoptCancel", "cancel", "Cancel", "Ends a refresh under way; nothing is written.", "CancelRequest"),
    Button("InvoptUndo", "undo", "Undo refresh", "Writes back what the last refresh wrote over.", "Undo"),
    Button("InvoptCheck", "check", "Check data", "Says which rows would be rejected, and changes nothing.", "Spelling"),
    Button("InvoptHelp", "", "Help", "Says what these buttons do.", "Help"),
)  # fmt: skip


def macros_module() -> str:
    """Return the VBA module with the macros; each starts a process of its own, so that Excel stays at hand."""
    return (
        f'Attribute VB_Name = "{MACROS}"\n'
        "'Refreshes the workbook while it is open; made by invopt.\n"
        "Option Explicit\n\n" + "".join(_macro(button) for button in BUTTONS) + _START
    )


def _macro(button: Button) -> str:
    body = f'StartInvopt "{button.does}"' if button.does else f'MsgBox {_help()}, vbInformation, "invopt"'
    return (
        f"Sub {button.macro}()\n    {body}\nEnd Sub\n\n"
        f"Sub {button.macro}Pressed(control As IRibbonControl)\n    {button.macro}\nEnd Sub\n\n"
    )


def _help() -> str:
    lines = [f'"{button.label}: {button.tip}"' for button in BUTTONS if button.does]
    return " & vbCrLf & vbCrLf & _\n        ".join(lines)


_START = f"""\
Private Sub StartInvopt(what As String)
    On Error GoTo failed
    If what <> "cancel" Then Application.StatusBar = "invopt: starting"
    XLPy.Call XLPy.Module("{STARTING_MODULE}"), "start", _
        XLPy.Tuple(what, ThisWorkbook.FullName, CStr(Application.Hwnd))
    Exit Sub
failed:
    Application.StatusBar = False
    MsgBox Err.Description, vbExclamation, "invopt"
End Sub
"""


def ribbon() -> bytes:
    """Return the tab of the ribbon, as the part of a workbook that Excel 2010 and later read."""
    buttons = "".join(_button(button) for button in BUTTONS)
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<customUI xmlns="{_RIBBON_NAMESPACE}"><ribbon><tabs><tab id="invoptTab" label="invopt">'
        f'<group id="invoptPlan" label="Plan">{buttons}</group></tab></tabs></ribbon></customUI>'
    ).encode()


def _button(button: Button) -> str:
    said = {
        "id": f"{button.macro}Button",
        "label": button.label,
        "screentip": button.label,
        "supertip": button.tip,
        "imageMso": button.picture,
        "size": "large" if button.large else "normal",
        "onAction": f"{button.macro}Pressed",
    }
    return f"<button{''.join(f' {name}={quoteattr(value)}' for name, value in said.items())}/>"
