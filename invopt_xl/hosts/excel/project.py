"""A VBA project as a workbook holds it ([MS-OVBA]): source text alone, which Excel compiles when it opens it.

The specification says that a writer leaves the compiled code out. The workbook that xlwings itself ships for use
without its add-in is written this way.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from invopt_xl.hosts.excel.compound import compound_file
from invopt_xl.hosts.excel.compression import compressed

CODE_PAGE = 1252
_ENCODING = "cp1252"

# An open project without a password, as the specification's example has it: the three texts encrypt "no protection",
# "no password" and "visible" with the letters of the identifier.
_IDENTIFIER = "{917DED54-440B-4FD1-A5C1-74ACF261E600}"
_PROTECTION = (
    'CMG="0705D8E3D8EDDBF1DBF1DBF1DBF1"',
    'DPB="0E0CD1ECDFF4E7F5E7F5E7"',
    'GC="1517CAF1D6F9D7F9D706"',
)

# Excel adds those of VBA and of itself.
_REFERENCES = {
    "stdole": r"*\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\Windows\System32\stdole2.tlb#OLE Automation",
    "Office": r"*\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0#"
    r"C:\Program Files\Common Files\Microsoft Shared\OFFICE16\MSO.DLL#Microsoft Office 16.0 Object Library",
}

_BASES = {
    "workbook": "0{00020819-0000-0000-C000-000000000046}",
    "sheet": "0{00020820-0000-0000-C000-000000000046}",
    "chart": "0{00020821-0000-0000-C000-000000000046}",
}

Kind = Literal["workbook", "sheet", "chart", "module"]


@dataclass(frozen=True)
class Module:
    """A module of a project.

    Parameters
    ----------
    name
        Its name.
    kind
        What it belongs to.
    text
        Its source, beginning with its name as an attribute.
    """

    name: str
    kind: Kind
    text: str

    @classmethod
    def of_part(cls, name: str, kind: Kind) -> Module:
        """Return the empty module behind the workbook, a sheet or a chart sheet."""
        truths = {"GlobalNameSpace": False, "Creatable": False, "PredeclaredId": True, "Exposed": True}
        truths |= {"TemplateDerived": False, "Customizable": True}
        lines = [f'Attribute VB_Name = "{name}"', f'Attribute VB_Base = "{_BASES[kind]}"']
        return cls(
            name, kind, "\n".join([*lines, *(f"Attribute VB_{each} = {value}" for each, value in truths.items()), ""])
        )

    @property
    def source(self) -> bytes:
        """The text as it is stored: in the project's code page, lines ended as Windows ends them."""
        return self.text.replace("\r\n", "\n").replace("\n", "\r\n").encode(_ENCODING)


def project(parts: Mapping[str, Kind], modules: Mapping[str, str]) -> bytes:
    """Return the VBA project of a workbook, as the bytes of ``vbaProject.bin``.

    Parameters
    ----------
    parts
        Code names of the workbook, which is the first, and its sheets, and what each is.
    modules
        Source texts by name.
    """
    each = [Module.of_part(name, kind) for name, kind in parts.items()]
    each += [Module(name, "module", text) for name, text in modules.items()]
    streams = {f"VBA/{module.name}": compressed(module.source) for module in each}
    streams |= {
        "VBA/_VBA_PROJECT": b"\xcc\x61\xff\xff\x00\x01\x00",
        "VBA/dir": compressed(_directory(each)),
        "PROJECT": _settings(each).encode(_ENCODING),
        "PROJECTwm": _names(each),
    }
    return compound_file(streams)


def _settings(modules: Sequence[Module]) -> str:
    listed = [
        f"Module={module.name}" if module.kind == "module" else f"Document={module.name}/&H00000000"
        for module in modules
    ]
    lines = [
        f'ID="{_IDENTIFIER}"',
        *listed,
        'Name="VBAProject"',
        'HelpContextID="0"',
        'VersionCompatible32="393222000"',
        *_PROTECTION,
        "",
        "[Host Extender Info]",
        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
        "",
        "[Workspace]",
        *(f"{module.name}=0, 0, 0, 0, C" for module in modules),
        "",
    ]
    return "\r\n".join(lines)


def _names(modules: Sequence[Module]) -> bytes:
    """Return the names in the code page and as Unicode."""
    both = (module.name.encode(_ENCODING) + b"\0" + module.name.encode("utf-16-le") + b"\0\0" for module in modules)
    return b"".join(both) + b"\0\0"


def _directory(modules: Sequence[Module]) -> bytes:
    """Return the records that describe the project ([MS-OVBA] 2.3.4.2)."""
    records = [
        _number(0x01, 3),  # 64-bit Windows
        _number(0x02, 0x0409),
        _number(0x14, 0x0409),
        _number(0x03, CODE_PAGE, 2),
        _record(0x04, b"VBAProject"),
        _both(0x05, 0x40, ""),  # description
        _record(0x06) + _record(0x3D),  # help files
        _number(0x07, 0),
        _number(0x08, 0),
        struct.pack("<HIIH", 0x09, 4, 1, 0),  # version, whose size does not count its last part
        _both(0x0C, 0x3C, ""),  # constants
        *(_reference(name, library) for name, library in _REFERENCES.items()),
        _number(0x0F, len(modules), 2),
        _number(0x13, 0xFFFF, 2),
        *(_module(module) for module in modules),
        _record(0x10),
    ]
    return b"".join(records)


def _module(module: Module) -> bytes:
    return b"".join(
        (
            _both(0x19, 0x47, module.name),
            _both(0x1A, 0x32, module.name),  # its stream
            _both(0x1C, 0x48, ""),  # description
            _number(0x31, 0),  # where the source begins: there is no compiled code before it
            _number(0x1E, 0),
            _number(0x2C, 0xFFFF, 2),
            _record(0x21 if module.kind == "module" else 0x22),
            _record(0x2B),
        )
    )


def _reference(name: str, library: str) -> bytes:
    identifier = library.encode(_ENCODING)
    return _both(0x16, 0x3E, name) + _record(0x0D, struct.pack("<I", len(identifier)) + identifier + bytes(6))


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HI", kind, len(data)) + data


def _number(kind: int, number: int, size: int = 4) -> bytes:
    return _record(kind, number.to_bytes(size, "little"))


def _both(kind: int, unicode_kind: int, text: str) -> bytes:
    """Return a text in the code page, and again as Unicode."""
    return _record(kind, text.encode(_ENCODING)) + _record(unicode_kind, text.encode("utf-16-le"))
