from __future__ import annotations

import socket
import subprocess
import sys
import time
from typing import Any

import pytest

from msal_wasi import AcquireError
from msal_wasi import ConfidentialClientApplication

from emulator import Emulator


def failure(emulator: Emulator, *answers: dict[str, Any], **options: Any) -> AcquireError:
    emulator.script(*answers)
    with pytest.raises(AcquireError) as caught:
        emulator.application(disable_retry=True).acquire_token_for_client([emulator.scope], **options)
    return caught.value


def test_a_deadline_holds_while_the_server_is_silent(emulator: Emulator) -> None:
    started = time.monotonic()
    assert failure(emulator, {"action": "hang"}, deadline_ms=300).kind == "unreachable"
    assert time.monotonic() - started < 2


def test_a_deadline_holds_while_the_answer_drips(emulator: Emulator) -> None:
    started = time.monotonic()
    answer = {"action": "normal", "chunked": True, "chunk_size": 1, "delay_per_chunk_ms": 20}
    assert failure(emulator, answer, deadline_ms=500).kind in ("unreachable", "unexpected-response")
    assert time.monotonic() - started < 2


def test_an_endless_answer_is_refused(emulator: Emulator) -> None:
    answer = {"status": 200, "body": "x" * 65536, "endless": True}
    assert failure(emulator, answer).kind == "unexpected-response"


def test_an_answer_that_breaks_off_is_not_taken_for_a_token(emulator: Emulator) -> None:
    assert failure(emulator, {"action": "normal", "cut_after": 600}).kind == "unexpected-response"


def test_a_reset_connection_is_reported(emulator: Emulator) -> None:
    assert failure(emulator, {"action": "reset"}).kind == "unreachable"


def test_a_redirect_is_not_followed(emulator: Emulator) -> None:
    answer = {"status": 307, "headers": {"Location": f"{emulator.http}/elsewhere"}, "body": ""}
    assert failure(emulator, answer).kind == "unexpected-response"
    assert len(emulator.token_requests()) == 1


def test_a_refused_connection_is_reported(emulator: Emulator) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        authority = f"http://127.0.0.1:{unused.getsockname()[1]}/{emulator.tenant}"
        application = ConfidentialClientApplication("id", "secret", authority, allow_insecure_loopback=True)
        with pytest.raises(AcquireError, match="refused") as caught:
            application.acquire_token_for_client([emulator.scope])
    assert caught.value.kind == "unreachable"


def test_an_unknown_certificate_authority_is_not_trusted(emulator: Emulator) -> None:
    authority = f"{emulator.https}/{emulator.tenant}"
    application = ConfidentialClientApplication(emulator.client_id, emulator.secret, authority)
    with pytest.raises(AcquireError, match="cannot be trusted") as caught:
        application.acquire_token_for_client([emulator.scope])
    assert caught.value.kind == "unreachable"
    assert emulator.token_requests() == []


def test_variables_of_proxies_have_no_effect(emulator: Emulator) -> None:
    program = """
import os
from msal_wasi import ConfidentialClientApplication
application = ConfidentialClientApplication(
    os.environ["AZURE_CLIENT_ID"], os.environ["AZURE_CLIENT_SECRET"], os.environ["AZURE_AUTHORITY"]
)
print(application.acquire_token_for_client(["https://graph.microsoft.com/.default"])["token_source"])
"""
    variables = {**emulator.variables(), "HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    output = subprocess.run(
        [sys.executable, "-c", program], env=variables, check=True, capture_output=True, text=True, timeout=60
    )
    assert output.stdout == "identity-provider\n"
