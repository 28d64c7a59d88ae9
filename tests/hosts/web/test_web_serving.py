"""Who may ask the server, under which licence it runs, and what is said where it cannot start."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from excel_browser import Line, Server, opened, serving, stopped

from invopt_xl.errors import InvoptError
from invopt_xl.hosts.web import licence
from invopt_xl.hosts.web.certificate import check_certificate
from invopt_xl.hosts.web.secret import SECRET
from invopt_xl.hosts.web.serving import LOCAL, Place, with_path
from invopt_xl.hosts.web.users import check_users

DAY = timedelta(days=1)


def providers(*names: str, client: str | None = "a", tenant: str | None = "b") -> Any:
    """Return what matters here of the settings of xlwings Server."""
    return SimpleNamespace(auth_providers=list(names), auth_entraid_client_id=client, auth_entraid_tenant_id=tenant)


def invopt_web(*options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("XLWINGS_")}
    return subprocess.run(
        [sys.executable, "-m", "invopt_xl", "web", *options],
        capture_output=True, text=True, check=False, timeout=60, env={**plain, "COLUMNS": "300", **variables},
    )  # fmt: skip


def test_the_licence_is_not_accepted_on_the_users_behalf() -> None:
    done = invopt_web()
    assert done.returncode == 2
    assert "free for noncommercial use (PolyForm Noncommercial License" in done.stderr
    assert "--noncommercial" in done.stderr
    assert "XLWINGS_LICENSE_KEY" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_licence_is_said_in_the_help_and_when_the_server_starts(server: Server) -> None:
    assert "PolyForm Noncommercial" in " ".join(invopt_web("--help").stdout.split())
    assert "noncommercial use (PolyForm Noncommercial License 1.0.0)" in "".join(server.said)


def test_a_key_of_the_user_is_kept_and_does_not_go_with_the_other_licence() -> None:
    variables = {licence.KEY: "paid"}
    assert licence.accept(False, variables) == "xlwings Server: with your licence key"
    assert variables == {licence.KEY: "paid"}
    with pytest.raises(InvoptError, match="expected one of them"):
        licence.accept(True, variables)


@pytest.mark.parametrize(
    "place", [Place("0.0.0.0"), Place("192.0.2.7"), Place("::"), Place(url="https://plan.example")]
)
def test_others_are_not_served_unless_xlwings_knows_who_they_are(place: Place) -> None:
    with pytest.raises(InvoptError, match="can be reached by others; expected xlwings' authentication"):
        check_users(place, providers())
    check_users(place, providers("entraid"))


def test_the_example_of_xlwings_that_takes_a_public_token_is_no_authentication() -> None:
    with pytest.raises(InvoptError, match="takes a token that everybody can read"):
        check_users(Place("0.0.0.0"), providers("custom"))


@pytest.mark.parametrize("place", [Place(), Place("0.0.0.0")], ids=["this machine", "others"])
def test_an_authentication_that_cannot_work_is_refused(place: Place) -> None:
    with pytest.raises(InvoptError, match=r'has "nosuch"; expected "entraid", or a module auth.nosuch of your own'):
        check_users(place, providers("entraid", "nosuch"))
    with pytest.raises(InvoptError, match=r"has \"entraid\"; expected XLWINGS_AUTH_ENTRAID_TENANT_ID as well"):
        check_users(place, providers("entraid", tenant=None))
    with pytest.raises(InvoptError, match=r"has \"\.\.\"; expected"):
        check_users(place, providers(".."))


def test_this_machine_is_served_without_authentication() -> None:
    for name in LOCAL:
        check_users(Place(name), providers())


def test_binding_elsewhere_is_refused_before_anything_is_served() -> None:
    done = invopt_web("--noncommercial", "--host", "0.0.0.0", "--port", "0", "--url", "https://plan.example.com")
    assert done.returncode == 2
    assert "https://plan.example.com can be reached by others" in done.stderr
    assert done.stderr.count("\n") == 1


def test_every_address_of_the_computer_is_no_address_for_excel() -> None:
    done = invopt_web("--noncommercial", "--host", "0.0.0.0", "--port", "0")
    assert done.returncode == 2
    assert "--host 0.0.0.0 is every address of this computer; expected --url with the one" in done.stderr
    assert Place("2001:db8::7").address == "http://[2001:db8::7]:8000"


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        (
            {"XLWINGS_AUTH_PROVIDERS": "entraid"},
            'XLWINGS_AUTH_PROVIDERS is entraid: input should be a valid list in JSON, such as ["entraid"]',
        ),
        ({"XLWINGS_AUTH_PROVIDERS": '["nosuch"]'}, 'XLWINGS_AUTH_PROVIDERS has "nosuch"; expected "entraid"'),
        ({"XLWINGS_ENABLE_TESTS": "perhaps"}, "XLWINGS_ENABLE_TESTS is perhaps: input should be a valid boolean"),
        ({"XLWINGS_LICENSE_KEY": "garbage"}, "XLWINGS_LICENSE_KEY is not taken by xlwings: Invalid xlwings license"),
    ],
    ids=["no JSON", "unknown", "no boolean", "licence"],
)
def test_settings_that_xlwings_does_not_take_are_said_in_a_line(
    variables: dict[str, str], line: str, tmp_path: Path
) -> None:
    options = () if "XLWINGS_LICENSE_KEY" in variables else ("--noncommercial",)
    done = invopt_web("--port", "0", *options, XDG_CONFIG_HOME=str(tmp_path), **variables)
    assert done.returncode == 2
    assert done.stderr.startswith(f"invopt: {line}")
    assert done.stderr.count("\n") == 1


def test_a_port_in_use_is_said_in_a_line() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        done = invopt_web("--noncommercial", "--port", str(port))
    assert done.returncode == 2
    assert f"port {port} of 127.0.0.1 cannot be had" in done.stderr


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    done = invopt_web("--noncommercial", "--port", "0", "--certificate", str(tmp_path / "none.pem"))
    assert done.returncode == 2
    assert "--certificate and --key is one of them; expected both" in done.stderr


def asked(server: Server, path: str, headers: dict[str, str]) -> int:
    with closing(Line(server)) as line:
        return line.status(path, headers)


SOCKET = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:8000", "Origin": "http://localhost:8000"}, 200),
        ({"Host": "rebound.example"}, 403),
        ({"Origin": "https://anywhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "[", "Origin": "http://["}, 403),
    ],
    ids=["this machine", "the pane", "another name for this machine", "a page elsewhere", "a file", "nonsense"],
)
def test_pages_elsewhere_cannot_ask_the_server_of_this_machine(
    headers: dict[str, str], status: int, server: Server
) -> None:
    assert asked(server, "/taskpane", headers) == status
    stream = "/socket.io/?EIO=4&transport=websocket"
    assert asked(server, stream, {**headers, **SOCKET}) == (101 if status == 200 else 403)


def test_other_users_of_this_machine_meet_nothing_for_they_do_not_know_the_path(server: Server) -> None:
    parts = urlsplit(server.url)
    assert len(parts.path) > 30
    elsewhere = replace(server, url=server.url.removesuffix(parts.path))
    for path in ("/", "/taskpane", "/invopt/state", "/static/js/pane.js", "/manifest.xml", "/docs"):
        assert asked(elsewhere, path, {}) == 404
    assert asked(elsewhere, "/socket.io/?EIO=4&transport=websocket", SOCKET) in (403, 404)
    (kept,) = Path(server.environment["XDG_CONFIG_HOME"]).rglob("web-path")
    assert f"/{kept.read_text()}" == parts.path
    assert kept.stat().st_mode & 0o077 == 0


def test_the_path_stays_the_same_so_that_a_manifest_stays_true(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    said: list[str] = []
    here = with_path(Place(), said.append)
    assert here.path == with_path(Place(port=9000, url="https://localhost:8443"), said.append).path != ""
    assert with_path(Place("0.0.0.0"), said.append).path == "", "there xlwings' authentication tells users apart"
    assert said == []


@pytest.mark.parametrize("content", ["", "short", "/" * 40, "a" * 30 + " " + "b" * 30])
def test_a_path_that_is_no_secret_is_replaced_and_its_file_named(
    content: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    said: list[str] = []
    with_path(Place(), said.append)
    (kept,) = tmp_path.rglob("web-path")
    kept.write_text(content)
    found = with_path(Place(), said.append).path
    assert SECRET.fullmatch(found[1:])
    assert found == f"/{kept.read_text()}"
    assert said == [f"{kept} held no secret path and has a new one: Excel needs a new manifest (invopt web manifest)"]


def test_a_path_that_others_could_read_is_closed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    said: list[str] = []
    before = with_path(Place(), said.append).path
    (kept,) = tmp_path.rglob("web-path")
    kept.chmod(0o644)
    assert with_path(Place(), said.append).path == before
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [each.split(" was open")[0] for each in said] == [str(kept)]


def test_with_authentication_nobody_is_served_without_a_token_and_errors_of_others_are_not_told(
    tmp_path: Path,
) -> None:
    (tmp_path / "auth" / "custom").mkdir(parents=True)
    (tmp_path / "auth" / "__init__.py").touch()
    (tmp_path / "auth" / "custom" / "__init__.py").write_text(
        "from fastapi import HTTPException\n"
        "from xlwings_server.models import User\n\n"
        "async def validate_token(token_string):\n"
        "    if token_string not in ('ada', 'bob'):\n"
        "        raise HTTPException(status_code=401)\n"
        "    return User(id=token_string, name=token_string)\n"
    )
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    own = {"XLWINGS_AUTH_PROVIDERS": '["custom"]', "PYTHONPATH": path}
    with serving(tmp_path, "--noncommercial", **own) as server, closing(Line(server)) as line:

        def answered(method: str, path: str, user: str, body: object = None) -> tuple[int, str]:
            return line.asked(method, path, {"Authorization": user, "Content-Type": "application/json"}, body)

        wrong = {"func_name": "INVOPT_EOQ", "args": [[["secret"]], [[5]], [[3]]], "version": "0", "runtime": "1.4"}
        batch = [{"ticket": "1", "data": {**wrong, "client": "Office.js", "caller_address": "[p.xlsx]P!B2"}}]
        assert answered("POST", "/invopt/calls", "", batch)[0] == 401
        assert answered("GET", "/invopt/state", "")[0] == 401
        assert answered("GET", "/invopt/error/1", "")[0] == 401
        assert answered("POST", "/invopt/news", "", ["1"])[0] == 401
        assert answered("POST", "/xlwings/custom-functions-call", "", batch[0]["data"])[0] == 401
        for path in ("/taskpane.html", "/xlwings/custom-functions-meta.json", "/manifest.xml"):
            assert answered("GET", path, "")[0] == 200, "Office asks for it without a token"
        while "202" in (answer := answered("POST", "/invopt/calls", "ada", batch)[1]):
            pass
        assert "demand is secret" in answer
        assert "demand is secret" in answered("GET", "/invopt/state", "ada")[1]
        assert "secret" not in answered("GET", "/invopt/state", "bob")[1]
        told = json.loads(answered("GET", "/xlwings/custom-functions-meta.json", "ada")[1])
        names = {each["name"] for each in told["functions"]}
        assert "LAST_ERROR" not in names
        assert not any(each.endswith(".LIVE") for each in names), "what a stream shows is sent to all"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[str, str]:
    return made(tmp_path)


def made(folder: Path, password: bytes = b"") -> tuple[str, str]:
    """Return a certificate and its key, of today."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    folder.mkdir(exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    signed = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), today - DAY, today + DAY
    )
    pem = signed.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (folder / "certificate.pem").write_bytes(pem)
    closed = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, closed)
    )
    return str(folder / "certificate.pem"), str(folder / "key.pem")


def test_what_is_no_certificate_with_its_key_is_refused_and_the_file_named(tmp_path: Path) -> None:
    own, other, closed = made(tmp_path / "own"), made(tmp_path / "other"), made(tmp_path / "closed", b"secret")
    (tmp_path / "junk.pem").write_text("junk")
    (tmp_path / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\njunk\n-----END CERTIFICATE-----\n")
    junk, broken = str(tmp_path / "junk.pem"), str(tmp_path / "broken.pem")
    swapped = "is {}; expected {} in PEM format; are --certificate and --key exchanged?"
    for certificate, key, line in (
        (own[0], other[1], f"--key is {other[1]}; expected the key of {own[0]}, and it is of another"),
        (own[1], own[0], f"--certificate {swapped.format(own[1], 'a certificate')}"),
        (own[0], own[0], f"--key {swapped.format(own[0], 'a private key')}"),
        (junk, own[1], f"--certificate is {junk}; expected a certificate in PEM format"),
        (own[0], junk, f"--key is {junk}; expected a private key in PEM format"),
        (broken, own[1], f"{broken} and {own[1]} cannot be used for https "),
        (*closed, f"--key is {closed[1]}; expected a key without a password"),
    ):
        with pytest.raises(InvoptError) as refused:
            check_certificate(Path(certificate), Path(key))
        assert str(refused.value).startswith(line)
    check_certificate(Path(own[0]), Path(own[1]))
    done = invopt_web("--noncommercial", "--port", "0", "--certificate", own[0], "--key", other[1])
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_excel_is_served_over_https_and_ctrl_c_ends_it(
    certificate: tuple[str, str], tmp_path: Path, browser: Any
) -> None:
    options = ("--noncommercial", "--certificate", certificate[0], "--key", certificate[1])
    with serving(tmp_path, *options) as server:
        assert server.url.startswith("https://")
        excel = opened(browser, server)
        assert excel.calculate("INVOPT_EOQ", [[1200]], [[50]], [[3]], None, None) == {"value": [[200]]}
        *_, last = excel.stream("INVOPT_EXPLAIN_LIVE", [["EOQ"]], [[[1200]], [[50]], [[3]]])
        assert isinstance(last, list)
        excel.page.close()
        server.process.send_signal(signal.SIGINT)
        server.process.wait(timeout=60)
        said = stopped(server)
        assert server.process.returncode == 0
        assert said == ""


def test_what_ends_services_ends_it_like_ctrl_c(tmp_path: Path) -> None:
    with serving(tmp_path, "--noncommercial") as server:
        assert urlsplit(server.url).path not in "".join(server.said), "what is said may be kept where others read it"
        server.process.terminate()
        assert server.process.wait(timeout=60) == 0
        assert stopped(server) == ""
