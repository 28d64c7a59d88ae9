"""The certificate and its key, looked at before anything is said to be served."""

from __future__ import annotations

import ssl
from pathlib import Path

from invopt_xl.errors import FileError, InputError, require

CERTIFICATE, KEY = b"-----BEGIN CERTIFICATE-----", b"PRIVATE KEY-----"
"""What stands in files of the PEM format."""


def check_certificate(certificate: Path | None, key: Path | None) -> None:
    """Refuse files that are not a certificate and its key.

    Raises
    ------
    InputError
        If one is given without the other, or they are not what they should be.
    FileError
        If one of them cannot be read.
    """
    require((certificate is None) == (key is None), "--certificate and --key", "one of them", "both")
    if certificate is None or key is None:
        return
    _check_kind("--certificate", certificate, CERTIFICATE, "a certificate")
    _check_kind("--key", key, KEY, "a private key")
    try:
        # Only whether the two belong together is of interest; a key with a password would ask for it at every start.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, lambda: _refuse(key))
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise InputError(f"--key is {key}; expected the key of {certificate}, and it is of another") from None
        raise InputError(
            f"{certificate} and {key} cannot be used for https ({error.reason or error}); make them again"
        ) from None


def _check_kind(option: str, file: Path, mark: bytes, expected: str) -> None:
    require(file.is_file(), option, file, "a file in PEM format")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise FileError(f"{file} cannot be read: {(error.strerror or str(error)).lower()}") from None
    other = KEY if mark == CERTIFICATE else CERTIFICATE
    hint = "; are --certificate and --key exchanged?" if other in content else ""
    require(mark in content, option, file, f"{expected} in PEM format{hint}")


def _refuse(key: Path) -> str:
    raise InputError(f"--key is {key}; expected a key without a password")
