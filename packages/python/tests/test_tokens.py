from __future__ import annotations

import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from msal_wasi import AcquireError
from msal_wasi import MemoryStore
from msal_wasi import SqliteStore

from emulator import Emulator


def test_the_second_token_comes_from_the_cache(emulator: Emulator) -> None:
    application = emulator.application()
    first = application.acquire_token_for_client([emulator.scope])
    second = application.acquire_token_for_client([emulator.scope])
    assert (first["token_source"], second["token_source"]) == ("identity-provider", "cache")
    assert first["access_token"] == second["access_token"]
    assert first["token_type"] == "Bearer"
    assert isinstance(first["expires_on"], int) and 0 < first["expires_in"] <= 86400
    assert first["metadata"]["token_requests"] == 1 and first["metadata"]["warnings"] == []
    assert len(emulator.token_requests()) == 1


def test_a_wrong_secret_is_refused_and_appears_nowhere(emulator: Emulator) -> None:
    secret = "not-the-secret~8Q"
    application = emulator.application(secret)
    with pytest.raises(AcquireError) as caught:
        application.acquire_token_for_client([emulator.scope])
    error = caught.value
    assert error.kind == "refused"
    assert error.details["error"] == "invalid_client" and 7000215 in error.details["error_codes"]
    assert error.metadata is not None and error.metadata["token_requests"] == 1
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)
    assert copy.details == error.details
    texts = [str(error), repr(error), repr(error.details), repr(application), repr(application._application)]
    assert not [text for text in texts if secret in text]


def test_throttling_says_how_long_to_wait(emulator: Emulator) -> None:
    emulator.script({"status": 429, "headers": {"Retry-After": "7"}, "body": "later"})
    application = emulator.application()
    with pytest.raises(AcquireError) as caught:
        application.acquire_token_for_client([emulator.scope])
    assert (caught.value.kind, caught.value.retry_after, caught.value.details["status"]) == ("throttled", 7, 429)


def test_options_reach_the_authority(emulator: Emulator) -> None:
    application = emulator.application(app_name="orders", app_version="7")
    application.acquire_token_for_client(
        [emulator.scope],
        correlation_id="11111111-2222-4333-8444-555555555555",
        extra_headers={"x-test": "1"},
        extra_query_parameters={"dc": "test"},
    )
    (request,) = emulator.token_requests()
    headers = dict(request["headers"])
    assert (headers["x-app-name"], headers["x-app-ver"], headers["x-test"]) == ("orders", "7", "1")
    assert headers["client-request-id"] == "11111111-2222-4333-8444-555555555555"
    assert request["query"] == [["dc", "test"]]


def test_a_removed_token_is_requested_again(emulator: Emulator) -> None:
    application = emulator.application()
    application.acquire_token_for_client([emulator.scope])
    application.remove_token_for_client([emulator.scope])
    assert application.acquire_token_for_client([emulator.scope])["token_source"] == "identity-provider"


def test_an_exported_token_can_be_imported(emulator: Emulator) -> None:
    application = emulator.application()
    token = application.acquire_token_for_client([emulator.scope])
    other = emulator.application()
    assert other.import_token_cache(application.export_token_cache([emulator.scope])) == {"imported": 1, "skipped": 0}
    copy = other.acquire_token_for_client([emulator.scope])
    assert (copy["token_source"], copy["access_token"]) == ("cache", token["access_token"])


def test_threads_that_miss_together_send_one_token_request(emulator: Emulator) -> None:
    emulator.script({"action": "normal", "delay_before_headers_ms": 300})
    application = emulator.application()
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(application.acquire_token_for_client, [emulator.scope]) for _ in range(40)]
        tokens = {call.result()["access_token"] for call in calls}
    assert len(tokens) == 1
    assert len(emulator.token_requests()) == 1


def test_a_hit_does_not_wait_for_a_miss_of_another_thread(emulator: Emulator) -> None:
    application = emulator.application()
    application.acquire_token_for_client([emulator.scope])
    emulator.script({"action": "normal", "delay_before_headers_ms": 1500})
    with ThreadPoolExecutor(1) as pool:
        miss = pool.submit(application.acquire_token_for_client, ["api://demo/.default"])
        hits = 0
        while not miss.done():
            assert application.acquire_token_for_client([emulator.scope])["token_source"] == "cache"
            hits += 1
        assert miss.result()["token_source"] == "identity-provider"
    assert hits > 10


def test_processes_with_one_store_send_one_token_request(emulator: Emulator, tmp_path: Path) -> None:
    emulator.script({"action": "normal", "delay_before_headers_ms": 300})
    program = """
import os, sys
from msal_wasi import ConfidentialClientApplication, SqliteStore
application = ConfidentialClientApplication(
    os.environ["AZURE_CLIENT_ID"], os.environ["AZURE_CLIENT_SECRET"], os.environ["AZURE_AUTHORITY"],
    store=SqliteStore(sys.argv[1]),
)
print(application.acquire_token_for_client([sys.argv[2]])["access_token"])
"""
    command = [sys.executable, "-c", program, str(tmp_path / "tokens.db"), emulator.scope]
    processes = [
        subprocess.Popen(command, env=emulator.variables(), stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert len(set(outputs)) == 1
    assert len(emulator.token_requests()) == 1


def test_a_store_that_fails_costs_a_token_request_and_a_warning(emulator: Emulator) -> None:
    class BrokenStore(MemoryStore):
        def get(self, key: str) -> bytes | None:
            raise OSError("the disk is gone")

    application = emulator.application(store=BrokenStore())
    token = application.acquire_token_for_client([emulator.scope])
    assert token["token_source"] == "identity-provider"
    assert any("the disk is gone" in warning for warning in token["metadata"]["warnings"])


def test_a_store_survives_its_application(emulator: Emulator, tmp_path: Path) -> None:
    for expected in ("identity-provider", "cache"):
        application = emulator.application(store=SqliteStore(tmp_path / "tokens.db"))
        assert application.acquire_token_for_client([emulator.scope])["token_source"] == expected
