"""MSAL Python's forms of `client_credential`, as credentials of the contract."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

from .options import to_text
from .values import Case

#: A secret, or a mapping in one of MSAL Python's forms.
ClientCredential = str | Mapping[str, Any]

Callback = Callable[[], str]


@dataclass(frozen=True)
class Credential:
    """A credential that has been checked."""

    case: Case = field(repr=False)
    get_assertion: Callback | None = field(default=None, repr=False)


def to_credential(value: object) -> Credential:
    """Checks a `client_credential`. A certificate's file is read now."""
    if isinstance(value, str):
        return Credential(Case("secret", to_text(_NAME, value)))
    if not isinstance(value, Mapping):
        raise TypeError(f"{_NAME} must be a str or a mapping, not {type(value).__name__}")
    for key, form in _FORMS.items():
        if key in value:
            allowed, convert = form
            if unknown := [str(name) for name in value if name not in (key, *allowed)]:
                raise ValueError(f"{_NAME} with {key!r} cannot have {', '.join(unknown)}")
            return convert(value)
    raise ValueError(f"{_NAME} must have one of {', '.join(_FORMS)}")


def _from_pfx(value: Mapping[str, Any]) -> Credential:
    path = value["private_key_pfx_path"]
    try:
        content = Path(path).read_bytes()
    except TypeError:
        raise TypeError(f"{_NAME}['private_key_pfx_path'] must be a path, not {type(path).__name__}") from None
    except OSError as error:
        raise ValueError(f"{_NAME}['private_key_pfx_path'] cannot be read: {error.strerror}") from error
    chain = value.get("public_certificate")
    if not isinstance(chain, bool | None):
        raise TypeError(f"{_NAME}['public_certificate'] must be a bool beside private_key_pfx_path")
    return _certificate(Case("pkcs12", content), value, sends_chain=bool(chain))


def _from_pem(value: Mapping[str, Any]) -> Credential:
    pem = to_text(f"{_NAME}['private_key']", value["private_key"])
    chain = value.get("public_certificate")
    if chain is not None:
        pem = f"{pem}\n{to_text(f'{_NAME}[{_CHAIN!r}]', chain)}"
    elif "-----BEGIN CERTIFICATE-----" not in pem:
        raise ValueError(f"{_NAME}['public_certificate'] is missing: the thumbprint alone is not enough")
    return _certificate(Case("pem", pem), value, sends_chain=chain is not None)


def _certificate(source: Case, value: Mapping[str, Any], *, sends_chain: bool) -> Credential:
    options = [Case("send-x5c")] if sends_chain else []
    passphrase = value.get("passphrase")
    if isinstance(passphrase, bytes):
        try:
            passphrase = passphrase.decode()
        except UnicodeDecodeError:
            raise ValueError(f"{_NAME}['passphrase'] is not UTF-8") from None
    for name, option in (("passphrase", passphrase), ("thumbprint", value.get("thumbprint"))):
        if option is not None:
            options.append(Case(name, to_text(f"{_NAME}[{name!r}]", option)))
    return Credential(Case("certificate", {"source": source, "options": options}))


def _from_assertion(value: Mapping[str, Any]) -> Credential:
    assertion = value["client_assertion"]
    if callable(assertion):
        return Credential(Case("provider"), assertion)
    return Credential(Case("assertion", to_text(f"{_NAME}['client_assertion']", assertion)))


_NAME = "client_credential"
_CHAIN = "public_certificate"

# Each form by the key that it is known by: its other keys, and its conversion.
_FORMS: dict[str, tuple[tuple[str, ...], Callable[[Mapping[str, Any]], Credential]]] = {
    "private_key_pfx_path": (("passphrase", "public_certificate", "thumbprint"), _from_pfx),
    "private_key": (("passphrase", "public_certificate", "thumbprint"), _from_pem),
    "client_assertion": ((), _from_assertion),
}
