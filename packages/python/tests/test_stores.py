from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from msal_wasi import MemoryStore
from msal_wasi import SqliteStore
from msal_wasi import Store

from emulator import Emulator


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "tokens.db")


def test_a_store_returns_what_was_set(store: Store) -> None:
    assert store.get("key") is None
    store.set("key", b"\x00\xff")
    store.set("key", b"second")
    assert store.get("key") == b"second"
    store.delete("key")
    store.delete("key")
    assert store.get("key") is None


def test_threads_count_without_a_gap(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(lambda _: store.increment("count", 1), range(200)))
    assert sorted(values) == list(range(1, 201))


def test_processes_count_without_a_gap(tmp_path: Path) -> None:
    program = """
import sys
from msal_wasi import SqliteStore
store = SqliteStore(sys.argv[1])
print(*[store.increment("count", 1) for _ in range(100)])
"""
    command = [sys.executable, "-c", program, str(tmp_path / "tokens.db")]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    values = [int(value) for process in processes for value in process.communicate(timeout=60)[0].split()]
    assert sorted(values) == list(range(1, 301))


@pytest.mark.skipif(os.name != "posix", reason="needs permissions of POSIX")
def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "tokens.db"
    path.touch(0o644)
    store = SqliteStore(path)
    store.set("key", b"value")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}, modes


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_store_can_be_used_after_a_fork(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "tokens.db")
    store.set("key", b"value")
    child = os.fork()
    if child == 0:
        os._exit(0 if store.get("key") == b"value" and store.increment("count", 1) == 1 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert store.increment("count", 1) == 2


def test_msal_host_reads_the_same_file(emulator: Emulator, tmp_path: Path) -> None:
    path, secret = tmp_path / "tokens.db", tmp_path / "secret"
    secret.write_text(emulator.secret)
    token = emulator.application(store=SqliteStore(path)).acquire_token_for_client([emulator.scope])
    command = [os.environ["MSAL_HOST"], "acquire", "--output", "json", "--allow-insecure-loopback"]
    command += ["--store", f"sqlite:{path}", "--authority", emulator.authority, "--client-id", emulator.client_id]
    command += ["--client-secret-file", str(secret), "--scope", emulator.scope]
    output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    result = json.loads(output.splitlines()[0])["result"]
    assert (result["metadata"]["token_source"], result["expires_on"]) == ("cache", token["expires_on"])
