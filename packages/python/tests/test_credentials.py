from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding

from msal_wasi import AcquireError

from certificate import Certificate
from emulator import Emulator


@pytest.fixture(scope="module")
def certificate() -> Certificate:
    return Certificate()


def sent_assertion(emulator: Emulator, credential: dict[str, Any], **options: Any) -> str:
    """Gets a token with the credential, and returns the assertion that was sent for it."""
    # The demo application has no certificate, so the answer is scripted. The tests check the signature themselves.
    emulator.script({"action": "token", "expires_in": 3600})
    application = emulator.application(credential, authority_type="entra", **options)
    assert application.acquire_token_for_client([emulator.scope])["token_source"] == "identity-provider"
    (request,) = emulator.token_requests()
    assertion: str = dict(request["form"])["client_assertion"]
    return assertion


def verified_header(assertion: str, certificate: Certificate) -> dict[str, Any]:
    """The assertion's header, if the certificate's key has signed it."""
    signed, _, signature = assertion.rpartition(".")
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    certificate.key.public_key().verify(decoded(signature), signed.encode(), pss, hashes.SHA256())
    header: dict[str, Any] = json.loads(decoded(signed.partition(".")[0]))
    assert header["alg"] == "PS256"
    return header


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_pfx_file_signs_the_assertion(emulator: Emulator, certificate: Certificate, tmp_path: Path) -> None:
    path = tmp_path / "application.pfx"
    path.write_bytes(certificate.pfx(b"open sesame"))
    credential = {"private_key_pfx_path": path, "passphrase": "open sesame"}
    header = verified_header(sent_assertion(emulator, credential), certificate)
    assert decoded(header["x5t#S256"]) == certificate.certificate.fingerprint(hashes.SHA256())
    assert "x5c" not in header


def test_a_pem_key_with_its_certificate_sends_the_chain(emulator: Emulator, certificate: Certificate) -> None:
    credential = {
        "private_key": certificate.key_pem(b"open sesame"),
        "passphrase": b"open sesame",
        "public_certificate": certificate.certificate_pem(),
        "thumbprint": certificate.thumbprint(),
    }
    header = verified_header(sent_assertion(emulator, credential), certificate)
    leaf = certificate.certificate.public_bytes(serialization.Encoding.DER)
    assert [base64.b64decode(item) for item in header["x5c"]] == [leaf]


def test_a_thumbprint_of_another_certificate_is_refused(emulator: Emulator, certificate: Certificate) -> None:
    pem = certificate.key_pem() + certificate.certificate_pem()
    application = emulator.application({"private_key": pem, "thumbprint": "00" * 20})
    with pytest.raises(AcquireError) as caught:
        application.acquire_token_for_client([emulator.scope])
    assert caught.value.kind == "invalid-credential"
    assert caught.value.details["field"].endswith("thumbprint")
    assert emulator.token_requests() == []


def test_an_assertion_is_sent_unchanged(emulator: Emulator) -> None:
    assertion = "eyJhbGciOiJub25lIn0.e30.c2ln"
    assert sent_assertion(emulator, {"client_assertion": assertion}) == assertion


def test_a_callable_is_called_for_a_token_request_and_not_for_a_hit(emulator: Emulator) -> None:
    calls = []

    def assertion() -> str:
        calls.append(1)
        return "eyJhbGciOiJub25lIn0.e30.c2ln"

    emulator.script({"action": "token", "expires_in": 3600})
    application = emulator.application({"client_assertion": assertion}, cache_keys=[b"k" * 32])
    sources = [application.acquire_token_for_client([emulator.scope])["token_source"] for _ in range(3)]
    assert sources == ["identity-provider", "cache", "cache"]
    assert len(calls) == 1


def test_what_a_callable_raises_is_the_cause_and_not_in_the_message(emulator: Emulator) -> None:
    def assertion() -> str:
        raise LookupError("a secret detail")

    application = emulator.application({"client_assertion": assertion})
    with pytest.raises(AcquireError, match="LookupError") as caught:
        application.acquire_token_for_client([emulator.scope])
    assert caught.value.kind == "invalid-credential"
    assert "a secret detail" not in str(caught.value)
    assert isinstance(caught.value.__cause__, LookupError)


def test_an_interrupt_in_a_callable_ends_the_call_and_not_the_application(emulator: Emulator) -> None:
    def assertion() -> str:
        raise KeyboardInterrupt

    application = emulator.application({"client_assertion": assertion})
    with pytest.raises(KeyboardInterrupt):
        application.acquire_token_for_client([emulator.scope])
    assert emulator.application().acquire_token_for_client([emulator.scope])["access_token"]


def test_a_new_secret_beside_the_old_one_is_tried_first(emulator: Emulator) -> None:
    application = emulator.application(["not valid yet", emulator.secret])
    assert application.acquire_token_for_client([emulator.scope])["metadata"]["credential_index"] == 1
