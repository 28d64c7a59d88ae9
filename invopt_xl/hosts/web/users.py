"""Who uses the server: the settings of xlwings' authentication, read and checked before anything is served."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from invopt_xl.errors import InvoptError

if TYPE_CHECKING:
    from invopt_xl.hosts.web.serving import Place


def server_settings() -> Any:
    """Return the settings of xlwings Server, which it reads from the environment.

    Raises
    ------
    InvoptError
        If it does not take them.
    """
    try:
        from xlwings_server.config import settings
    except ValueError as error:
        raise InvoptError(_in_words(error)) from None
    return settings


def _in_words(error: ValueError) -> str:
    """Return what is wrong with a setting; pydantic tells it in several lines."""
    found = error.errors()[0] if hasattr(error, "errors") else None
    if found is None:
        return f'settings of xlwings Server (XLWINGS_...): {error}; lists are JSON, such as ["entraid"]'
    name = f"XLWINGS_{'_'.join(str(each) for each in found['loc']).upper()}"
    example = ' in JSON, such as ["entraid"]' if found["type"] == "list_type" else ""
    return f"{name} is {found['input']}: {str(found['msg'])[:1].lower()}{str(found['msg'])[1:]}{example}"


def check_users(place: Place, settings: Any) -> None:
    """Refuse to serve others without knowing who they are, or with an authentication that cannot work.

    Raises
    ------
    InvoptError
        If the server can be reached from elsewhere, and xlwings Server is not told how to know its users; or is told
        of a way that is not there.
    """
    providers = settings.auth_providers or []
    if not providers and not place.is_private:
        raise InvoptError(
            f"{place.address} can be reached by others; expected xlwings' authentication, such as "
            'XLWINGS_AUTH_PROVIDERS=["entraid"] with XLWINGS_AUTH_ENTRAID_CLIENT_ID and '
            "XLWINGS_AUTH_ENTRAID_TENANT_ID, or --host 127.0.0.1"
        )
    for provider in providers:
        if provider == "entraid":
            _check_entraid(settings)
        elif not _is_own(provider):
            raise InvoptError(_without_module(provider))


def _check_entraid(settings: Any) -> None:
    for name in ("auth_entraid_client_id", "auth_entraid_tenant_id"):
        if not getattr(settings, name):
            raise InvoptError(f'XLWINGS_AUTH_PROVIDERS has "entraid"; expected XLWINGS_{name.upper()} as well')


def _without_module(provider: str) -> str:
    why = ", for that of xlwings Server takes a token that everybody can read" if provider == "custom" else ""
    return (
        f'XLWINGS_AUTH_PROVIDERS has "{provider}"; expected "entraid", or a module auth.{provider} of your own on '
        f"PYTHONPATH, with validate_token{why}"
    )


def _is_own(provider: str) -> bool:
    try:
        return provider.isidentifier() and find_spec(f"auth.{provider}") is not None
    except ModuleNotFoundError:
        return False
