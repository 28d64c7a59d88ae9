"""The parts of the extension that are markup: what there is, what it is called, and the help of every function."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from invopt_xl.sheet.arguments import Argument
from invopt_xl.sheet.catalogue import Function
from invopt_xl.sheet.listing import PREFIX

IDENTIFIER = "org.invopt.xl.calc"
"""Of the extension, among those of an office."""

COMPONENT = "invopt_addin.py"
COMPONENTS = "invopt.components"
TYPES = "types.idl"
NAMES = "CalcAddIns.xcu"
JOBS = "Jobs.xcu"

SERVICE = "INVOPT"
"""A function is ``INVOPT.FORECAST`` in files, whatever it is called in a formula bar."""

OPENED = "org.invopt.xl.Opened"
"""What looks after a workbook that was opened."""

JOB = "invopt_opened"
"""The same among the office's jobs; a name with dots is not found."""

DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'

_MEDIA = {
    TYPES: "application/vnd.sun.star.uno-typelibrary;type=RDB",
    NAMES: "application/vnd.sun.star.configuration-data",
    JOBS: "application/vnd.sun.star.configuration-data",
    COMPONENTS: "application/vnd.sun.star.uno-components",
}


def manifest() -> str:
    """Return the list of what the office has to know."""
    entries = "".join(
        f"  <manifest:file-entry manifest:full-path={quoteattr(name)} manifest:media-type={quoteattr(media)}/>\n"
        for name, media in _MEDIA.items()
    )
    opened = '<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">'
    return f"{DECLARED}{opened}\n{entries}</manifest:manifest>\n"


def description(version: str) -> str:
    """Return what the office's list of extensions shows."""
    return f"""{DECLARED}<description xmlns="http://openoffice.org/extensions/description/2006"
    xmlns:d="http://openoffice.org/extensions/description/2006"
    xmlns:l="http://libreoffice.org/extensions/description/2011">
  <identifier value="{IDENTIFIER}"/>
  <version value={quoteattr(version)}/>
  <dependencies><l:LibreOffice-minimal-version value="7.4" d:name="LibreOffice 7.4"/></dependencies>
  <display-name><name lang="en">invopt_xl: inventory functions for Calc</name></display-name>
</description>
"""


def components() -> str:
    """Return which service the component offers.

    It is not said to be an add-in, or Calc would ask the component for names and ignore the configuration.
    """
    return f"""{DECLARED}<components xmlns="http://openoffice.org/2010/uno-components">
  <component loader="com.sun.star.loader.Python" uri="{COMPONENT}">
    <implementation name="org.invopt.xl.Functions"><service name="{SERVICE}"/></implementation>
    <implementation name="{OPENED}"><service name="{OPENED}"/></implementation>
  </component>
</components>
"""


def jobs() -> str:
    """Return what the office has to call whenever it has opened a workbook: in a window, hidden or to convert it.

    The event ``OnLoad`` would come with a window alone.
    """
    return f"""{DECLARED}<oor:component-data xmlns:oor="http://openoffice.org/2001/registry"
    xmlns:xs="http://www.w3.org/2001/XMLSchema" oor:name="Jobs" oor:package="org.openoffice.Office">
 <node oor:name="Jobs">
  <node oor:name="{JOB}" oor:op="replace">
   <prop oor:name="Service"><value>{OPENED}</value></prop>
   <prop oor:name="Context"><value>com.sun.star.sheet.SpreadsheetDocument</value></prop>
  </node>
 </node>
 <node oor:name="Events">
  <node oor:name="OnLoadFinished" oor:op="fuse">
   <node oor:name="JobList"><node oor:name="{JOB}" oor:op="replace"/></node>
  </node>
 </node>
</oor:component-data>
"""


def types(functions: list[Function]) -> str:
    """Return the interface: a method for each function, all of them from anything to anything."""
    methods = "".join(f"  any {each.name}({', '.join(_parameters(each))});\n" for each in functions)
    return f"module org {{ module invopt {{ module xl {{ interface XFunctions {{\n{methods}}}; }}; }}; }};\n"


def _parameters(function: Function) -> Iterator[str]:
    for place, argument in enumerate(function.arguments):
        kind = "sequence<any>" if argument.takes == "rest" else "any"
        yield f"[in] {kind} {parameter(place)}"


def parameter(place: int) -> str:
    """Return the name of a parameter within the office, which puts them in alphabetical order.

    Examples
    --------
    >>> parameter(0), parameter(11)
    ('a01', 'a12')
    """
    return f"a{place + 1:02}"


def names(functions: list[Function]) -> str:
    """Return what every function and argument is called, and its help."""
    listed = "".join(_function(each) for each in functions)
    return f"""{DECLARED}<oor:component-data xmlns:oor="http://openoffice.org/2001/registry"
    xmlns:xs="http://www.w3.org/2001/XMLSchema" oor:name="CalcAddIns" oor:package="org.openoffice.Office">
 <node oor:name="AddInInfo">
  <node oor:name="{SERVICE}" oor:op="replace">
   <node oor:name="AddInFunctions">
{listed}   </node>
  </node>
 </node>
</oor:component-data>
"""


def _function(function: Function) -> str:
    shown = PREFIX + function.name
    arguments = "".join(_argument(place, each) for place, each in enumerate(function.arguments))
    return f"""    <node oor:name={quoteattr(function.name)} oor:op="replace">
     {_text("DisplayName", shown)}
     {_text("Description", function.help)}
     <prop oor:name="Category"><value>Add-In</value></prop>
     {_text("CompatibilityName", shown, "en-US")}
     <node oor:name="Parameters">
{arguments}     </node>
    </node>
"""


def _argument(place: int, argument: Argument) -> str:
    return f"""      <node oor:name="{parameter(place)}" oor:op="replace">
       {_text("DisplayName", argument.name)}
       {_text("Description", help_of(argument))}
      </node>
"""


def help_of(argument: Argument) -> str:
    """Return what the wizard shows of an argument; to Calc all are optional, so it is said which ones are not.

    Examples
    --------
    >>> help_of(Argument("demand", "Demand per year.", unit="units"))
    'Required. Demand per year. In units.'
    """
    return f"{'Required. ' if argument.required else ''}{argument.described}"


def _text(name: str, text: str, language: str = "en") -> str:
    return f'<prop oor:name="{name}"><value xml:lang="{language}">{escape(text)}</value></prop>'
