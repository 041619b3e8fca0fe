"""The application that gets tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

from .acquire_error import to_error
from .call import Call
from .credential import ClientCredential
from .credential import to_credential
from .guests import Guests
from .options import ApplicationOptions
from .options import RequestOptions
from .options import application_options
from .options import request_options
from .options import to_text
from .options import to_texts
from .store import MemoryStore
from .store import Store
from .token import ImportReport
from .token import Token
from .token import to_plain
from .token import to_token
from .values import Err
from .values import Ok

if TYPE_CHECKING:
    from typing_extensions import Unpack


class ConfidentialClientApplication:
    """An application registered in Entra. Any number of threads may use it at the same time.

    `client_credential` is a secret or one of MSAL Python's mappings, or a list of them during a rotation. `authority`
    names a tenant, such as `https://login.microsoftonline.com/contoso.onmicrosoft.com`. `store` keeps encrypted tokens;
    without it, they are kept in this object's memory.
    """

    def __init__(
        self,
        client_id: str,
        client_credential: ClientCredential | Sequence[ClientCredential],
        authority: str,
        *,
        store: Store | None = None,
        **options: Unpack[ApplicationOptions],
    ) -> None:
        several = isinstance(client_credential, list | tuple)
        credentials = [to_credential(value) for value in (client_credential if several else [client_credential])]
        callbacks = [credential.get_assertion for credential in credentials if credential.get_assertion]
        if len(callbacks) > 1:
            raise ValueError("client_credential can have one callable client_assertion")
        self._callback = callbacks[0] if callbacks else None
        self._store = MemoryStore() if store is None else _checked(store)
        self._application = {
            "client-id": to_text("client_id", client_id),
            "authority": to_text("authority", authority),
            "credentials": [credential.case for credential in credentials],
            "options": application_options(options),
        }

    def __repr__(self) -> str:
        application = self._application
        return f"ConfidentialClientApplication({application['client-id']!r}, authority={application['authority']!r})"

    def acquire_token_for_client(self, scopes: Sequence[str], **options: Unpack[RequestOptions]) -> Token:
        """Returns a token from the cache, or else from the authority. Raises `AcquireError`."""
        result = self._call("acquire-token-for-client", _request(scopes, options))
        return to_token(result)

    def remove_token_for_client(self, scopes: Sequence[str], **options: Unpack[RequestOptions]) -> None:
        """Removes the token that `acquire_token_for_client` would return from the cache. It stays valid."""
        self._call("remove-token-for-client", _request(scopes, options))

    def export_token_cache(self, scopes: Sequence[str], **options: Unpack[RequestOptions]) -> str:
        """Returns the cached token as JSON in the format of the MSALs' caches. Treat it as a secret."""
        result: str = self._call("export-token-cache", [_request(scopes, options)])
        return result

    def import_token_cache(self, cache: str) -> ImportReport:
        """Imports this application's tokens from a cache of an MSAL."""
        report: ImportReport = to_plain(self._call("import-token-cache", to_text("cache", cache)))
        return report

    def _call(self, function: str, argument: Any) -> Any:
        assertion = _Assertion(self._callback)
        result = _GUESTS.call(function, (self._application, argument), Call(self._store, assertion.get))
        if isinstance(result, Ok):
            return result.value
        raise to_error(result.value) from assertion.failure


class _Assertion:
    """Calls the application's callable, and keeps what it raised."""

    def __init__(self, callback: Any) -> None:
        self._callback = callback
        self.failure: Exception | None = None

    def get(self, _request: dict[str, Any]) -> Ok | Err:
        try:
            return Ok(to_text("the assertion", self._callback()))
        except Exception as failure:
            # Its text may contain a secret. The caller sees it as the error's cause.
            self.failure = failure
            return Err({"message": f"client_assertion raised {type(failure).__name__}"})


def _request(scopes: Sequence[str], options: RequestOptions) -> dict[str, Any]:
    return {"scopes": to_texts("scopes", scopes), "options": request_options(options)}


def _checked(store: object) -> Store:
    missing = [name for name in ("get", "set", "delete", "increment") if not callable(getattr(store, name, None))]
    if missing:
        raise TypeError(f"store has no {', '.join(missing)}; see msal_wasi.Store")
    return store  # type: ignore[return-value]


_GUESTS = Guests()
