"""The extension as a file: complete, the same every time, and fit for the oldest Python of an office."""

import ast
import io
import json
import sys
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from invopt_xl.errors import FileError
from invopt_xl.hosts.calc import markup
from invopt_xl.hosts.calc.extension import extension, parts
from invopt_xl.hosts.calc.install import write_extension
from invopt_xl.hosts.service.client import Settings
from invopt_xl.sheet import catalogue

SETTINGS = Settings("/run/user/1000/invopt_xl/service.sock", ("/opt/a & b/python", "-m", "invopt_xl"), "0.1.0")
FUNCTIONS = list(catalogue().values())
NAME = "{http://openoffice.org/2001/registry}name"


def test_the_same_catalogue_makes_the_same_bytes():
    assert extension(SETTINGS) == extension(SETTINGS)


def test_all_that_the_manifest_names_is_inside():
    with zipfile.ZipFile(io.BytesIO(extension(SETTINGS))) as archive:
        assert archive.testzip() is None
        manifest = ElementTree.fromstring(archive.read("META-INF/manifest.xml"))
        named = {entry.get("{http://openoffice.org/2001/manifest}full-path") for entry in manifest}
        assert named <= set(archive.namelist())


@pytest.mark.parametrize("name", [name for name in parts(SETTINGS) if name.endswith((".xml", ".xcu", ".components"))])
def test_markup_is_well_formed(name):
    ElementTree.fromstring(parts(SETTINGS)[name])


def told(names):
    """Return names and help of functions and arguments, as the configuration has them."""

    def text(node, prop):
        return next(value.text for each in node.findall("prop") if each.get(NAME) == prop for value in each)

    found = {}
    for node in ElementTree.fromstring(names).findall("node/node/node/node"):
        arguments = node.find("node").findall("node")
        assert [each.get(NAME) for each in arguments] == sorted(each.get(NAME) for each in arguments)
        found[node.get(NAME)] = (
            text(node, "DisplayName"),
            text(node, "Description"),
            [(text(each, "DisplayName"), text(each, "Description")) for each in arguments],
        )
    return found


def test_the_wizard_is_told_all_help_of_every_function():
    assert told(markup.names(FUNCTIONS)) == {
        function.name: (
            "INVOPT_" + function.name,
            function.help,
            [(argument.name, markup.help_of(argument)) for argument in function.arguments],
        )
        for function in FUNCTIONS
    }
    assert all(argument.described in markup.help_of(argument) for each in FUNCTIONS for argument in each.arguments)


def test_help_may_hold_any_signs():
    odd = replace(catalogue()["EOQ"], help="a < b & \"c\" > 'd' é漢 ]]>")
    assert told(markup.names([odd]))["EOQ"][1] == odd.help


def test_every_function_has_a_method():
    types = parts(SETTINGS)["types.idl"]
    assert all(f" any {function.name}(" in types for function in FUNCTIONS)


def test_the_component_is_told_what_to_start():
    inside = parts(SETTINGS)
    assert json.loads(inside["pythonpath/invopt_calc/settings.json"]) == json.loads(json.dumps(SETTINGS.to_dict()))
    assert set(json.loads(inside["pythonpath/invopt_calc/functions.json"])) == set(catalogue())


@pytest.mark.parametrize("name", [name for name in parts(SETTINGS) if name.endswith(".py")])
def test_what_runs_in_the_office_needs_python_3_8_and_nothing_else(name):
    tree = ast.parse(parts(SETTINGS)[name], feature_version=(3, 8))
    office = {"uno", "unohelper", "com", "org", "invopt_calc"}
    for node in ast.walk(tree):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        assert {each.partition(".")[0] for each in names} <= {*sys.stdlib_module_names, *office}


def test_a_file_that_is_no_extension_is_refused(tmp_path):
    with pytest.raises(FileError, match=r"expected one that ends in \.oxt"):
        write_extension(tmp_path / "book.xlsx", SETTINGS)
    with pytest.raises(FileError, match="cannot be written"):
        write_extension(tmp_path / "missing" / "invopt.oxt", SETTINGS)
