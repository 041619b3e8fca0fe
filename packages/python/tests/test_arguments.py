from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from msal_wasi import AcquireError
from msal_wasi import ApplicationOptions
from msal_wasi import ConfidentialClientApplication
from msal_wasi import RequestOptions
from msal_wasi import options
from msal_wasi.guests import Guests

SECRET = "a-secret~value"
TENANT = "contoso.onmicrosoft.com"
SCOPES = ["https://graph.microsoft.com/.default"]


@pytest.fixture(autouse=True)
def _no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    def call(*_: Any) -> None:
        raise AssertionError("the component was called")

    monkeypatch.setattr(Guests, "call", call)


@pytest.mark.parametrize(
    ("credential", "message"),
    [
        (None, "client_credential must be a str or a mapping, not NoneType"),
        (b"secret", "client_credential must be a str or a mapping, not bytes"),
        ({}, "client_credential must have one of private_key_pfx_path, private_key, client_assertion"),
        ({"private_key": 1, "thumbprint": SECRET}, "client_credential['private_key'] must be a str, not int"),
        ({"private_key": SECRET, "thumbprint": "00"}, "client_credential['public_certificate'] is missing"),
        ({"private_key": SECRET, "password": "x"}, "client_credential with 'private_key' cannot have password"),
        ({"private_key_pfx_path": 7}, "client_credential['private_key_pfx_path'] must be a path, not int"),
        ({"private_key_pfx_path": "/absent.pfx"}, "client_credential['private_key_pfx_path'] cannot be read"),
        ({"client_assertion": 1}, "client_credential['client_assertion'] must be a str, not int"),
        ("\udcff", "client_credential contains a lone surrogate"),
    ],
)
def test_a_credential_of_another_shape_is_refused(credential: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(message)) as caught:
        ConfidentialClientApplication("id", credential, TENANT)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"client_id": 1}, "client_id must be a str, not int"),
        ({"authority": None}, "authority must be a str, not NoneType"),
        ({"store": {}}, "store has no set, delete, increment"),
        ({"cache_keys": b"k" * 32}, "cache_keys must be a list of bytes, not bytes"),
        ({"cache_keys": ["k"]}, "cache_keys[0] must be bytes, not str"),
        ({"authority_type": "entra-id"}, "authority_type must be one of entra, generic"),
        ({"disable_retry": "yes"}, "disable_retry must be a bool, not str"),
        ({"instance_metadata": [{"aliases": []}]}, "instance_metadata[0] must be a mapping with exactly"),
        ({"region": "westeurope"}, "ConfidentialClientApplication has no option region"),
    ],
)
def test_an_argument_of_another_shape_is_refused(arguments: Any, message: str) -> None:
    arguments = {"client_id": "id", "client_credential": SECRET, "authority": TENANT, **arguments}
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        ConfidentialClientApplication(**arguments)


@pytest.mark.parametrize(
    ("scopes", "options", "message"),
    [
        ("https://graph.microsoft.com/.default", {}, "scopes must be a list of str, not str"),
        ([1], {}, "scopes[0] must be a str, not int"),
        (SCOPES, {"force_refresh": 1}, "force_refresh must be a bool, not int"),
        (SCOPES, {"deadline_ms": True}, "deadline_ms must be an int, not bool"),
        (SCOPES, {"deadline_ms": 1 << 32}, "deadline_ms must be between 0 and 4294967295"),
        (SCOPES, {"extra_headers": {"x": 1}}, "extra_headers['x'] must be a str, not int"),
        (SCOPES, {"extra_headers": [("x", "y")]}, "extra_headers must be a mapping of str to str, not list"),
        (SCOPES, {"claims": "{}"}, "the request has no option claims"),
    ],
)
def test_a_request_of_another_shape_is_refused(scopes: Any, options: Any, message: str) -> None:
    application = ConfidentialClientApplication("id", SECRET, TENANT)
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        application.acquire_token_for_client(scopes, **options)


def test_every_option_of_the_contract_is_there(package: Path) -> None:
    contract = (package / "../../wit/client-credentials.wit").read_text()
    for variant, known, typed in (
        ("application-option", options._APPLICATION_OPTIONS, ApplicationOptions),
        ("request-option", options._REQUEST_OPTIONS, RequestOptions),
    ):
        (cases,) = re.findall(rf"variant {variant} {{\n(.*?)\n    }}", contract, re.DOTALL)
        names = set(re.findall(r"^        ([a-z0-9-]+)[(,]", cases, re.MULTILINE))
        # The store is an object here, not a name.
        assert {tag for tag, _ in known.values()} == names - {"cache-store"}
        assert set(known) == set(typed.__annotations__)


def test_an_error_says_what_to_do() -> None:
    error = AcquireError("invalid-request", "a message", "a remedy")
    assert str(error) == "a message (a remedy)"
