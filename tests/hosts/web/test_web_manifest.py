"""The manifest that Excel is given once."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from excel_browser import Server

OFFICE = "{http://schemas.microsoft.com/office/appforoffice/1.1}"
OVERRIDES = "{http://schemas.microsoft.com/office/taskpaneappversionoverrides}"
TYPES = "{http://schemas.microsoft.com/office/officeappbasictypes/1.0}"
URL = "https://plan.example.com:8443"
HERE = "https://localhost:8443"


def written(folder: Path, url: str = URL, **variables: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("XLWINGS_")}
    return subprocess.run(
        [sys.executable, "-m", "invopt_xl", "web", "manifest", "--url", url, "--output", str(folder / "manifest.xml")],
        capture_output=True, text=True, check=False, timeout=60, env={**plain, **variables},
    )  # fmt: skip


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("manifest")
    done = written(folder)
    assert done.returncode == 0, done.stderr
    assert f"the manifest is written to {folder / 'manifest.xml'}" in done.stderr
    return (folder / "manifest.xml").read_text(encoding="utf-8")


def test_it_is_well_formed_and_every_reference_has_its_resource(manifest: str) -> None:
    root = ElementTree.fromstring(manifest)
    assert root.tag == f"{OFFICE}OfficeApp"
    references = {each.get("resid") for each in root.iter() if each.get("resid")}
    resources = [each.get("id") for each in root.iter() if each.tag.startswith(TYPES) and each.get("id")]
    assert len(resources) == len(set(resources))
    assert references <= set(resources)


def test_functions_are_called_invopt_dot_name_and_the_add_in_keeps_its_identity(manifest: str) -> None:
    root = ElementTree.fromstring(manifest)
    strings = {each.get("id"): each.get("DefaultValue") for each in root.iter(f"{TYPES}String")}
    assert strings["Functions.Namespace"] == "INVOPT"
    assert root.findtext(f"{OFFICE}Id") == "6f1c9d3e-2b57-4a86-9c41-d07e5a83b2f4"
    assert root.find(f".//{OVERRIDES}Namespace") is not None


def test_every_address_is_of_the_server(manifest: str) -> None:
    root = ElementTree.fromstring(manifest)
    addresses = [
        each.get("DefaultValue", "") for each in root.iter() if each.get("DefaultValue", "").startswith("http")
    ]
    assert len(addresses) >= 9
    assert all(each.startswith(f"{URL}/") for each in addresses)
    urls = {each.get("id"): each.get("DefaultValue") for each in root.iter(f"{TYPES}Url")}
    assert urls == {
        "Taskpane.Url": f"{URL}/taskpane.html",
        "Functions.Script.Url": f"{URL}/xlwings/custom-functions-code.js",
        "Functions.Metadata.Url": f"{URL}/xlwings/custom-functions-meta.json",
    }


def test_texts_are_within_the_lengths_that_office_allows(manifest: str) -> None:
    root = ElementTree.fromstring(manifest)
    short = root.find(f".//{TYPES}ShortStrings")
    assert short is not None
    assert all(len(each.get("DefaultValue", "")) <= 125 for each in short)
    description = root.find(f"{OFFICE}Description")
    assert description is not None
    assert len(description.get("DefaultValue", "")) <= 250


def test_the_licence_of_the_server_is_said(manifest: str) -> None:
    assert "free for noncommercial use (PolyForm Noncommercial) or needs a licence" in manifest


@pytest.fixture(scope="module")
def of_this_machine(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("local")
    done = written(folder, HERE, XDG_CONFIG_HOME=server.environment["XDG_CONFIG_HOME"])
    assert done.returncode == 0, done.stderr
    return folder / "manifest.xml"


def test_the_manifest_of_this_machine_has_its_users_path_and_is_for_them_alone(
    of_this_machine: Path, server: Server
) -> None:
    path = urlsplit(server.url).path
    assert f'"{HERE}{path}/taskpane.html"' in of_this_machine.read_text()
    assert of_this_machine.stat().st_mode & 0o077 == 0


def test_the_server_hands_out_the_same_manifest(of_this_machine: Path, server: Server) -> None:
    root = server.url.removesuffix(urlsplit(server.url).path)
    with urllib.request.urlopen(f"{server.url}/manifest.xml") as response:
        assert response.read().decode().replace(root, HERE).rstrip() == of_this_machine.read_text().rstrip()


def test_what_it_names_is_there(of_this_machine: Path, server: Server) -> None:
    root = server.url.removesuffix(urlsplit(server.url).path)
    named = ElementTree.fromstring(of_this_machine.read_text()).iter()
    addresses = {each.get("DefaultValue", "") for each in named} - {HERE}
    for address in {each.replace(HERE, root) for each in addresses if each.startswith(HERE)}:
        with urllib.request.urlopen(address) as response:
            assert response.status == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000",
        "plan.example.com",
        "https://a.example/?b=c",
        "https://",
        "https://a/b",
        "https://a b",
        "https://a:99999",
    ],
)
def test_an_address_that_excel_would_not_take_is_refused(url: str, tmp_path: Path) -> None:
    done = written(tmp_path, url)
    assert done.returncode == 2
    assert done.stderr == f"invopt: --url is {url}; expected https and a host, such as https://localhost:8000\n"
    assert not (tmp_path / "manifest.xml").exists()


def test_a_folder_that_cannot_be_made_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = written(tmp_path / "file")
    assert done.returncode == 2
    assert done.stderr == f"invopt: {tmp_path / 'file'} cannot be made: file exists\n"
