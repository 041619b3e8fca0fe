from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from msal_wasi import AcquireError
from msal_wasi.application import _GUESTS

from emulator import Emulator


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def held_handles() -> int:
    return sum(len(guest.handles) for guest in _GUESTS.idle)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_ten_thousand_hits_leak_nothing(emulator: Emulator) -> None:
    application = emulator.application()
    for _ in range(1_000):
        application.acquire_token_for_client([emulator.scope])
    before = resident_bytes()
    for _ in range(10_000):
        application.acquire_token_for_client([emulator.scope])
    # A leak of 100 bytes a call would be 1 MB.
    assert resident_bytes() - before < 1 << 20
    assert held_handles() == 0
    assert len(emulator.token_requests()) == 1


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_misses_and_failures_leak_no_handle_file_or_thread(emulator: Emulator) -> None:
    application = emulator.application(disable_retry=True)

    def calls(count: int) -> None:
        for _ in range(count):
            application.acquire_token_for_client([emulator.scope], force_refresh=True)
            emulator.script({"action": "hang"})
            with pytest.raises(AcquireError):
                emulator.application(disable_retry=True).acquire_token_for_client([emulator.scope], deadline_ms=30)

    calls(20)
    before = (open_files(), threading.active_count())
    memory = resident_bytes()
    calls(100)
    for thread in threading.enumerate():
        if thread.name == "msal-wasi-http":
            thread.join(5)
    assert (open_files(), threading.active_count()) <= before
    assert resident_bytes() - memory < 2 << 20
    assert held_handles() == 0


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs signals of POSIX")
def test_an_interrupt_ends_a_call_and_its_request(emulator: Emulator) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    emulator.script({"action": "hang"})
    handler = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    started = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            emulator.application().acquire_token_for_client([emulator.scope])
    finally:
        signal.signal(signal.SIGALRM, handler)
    for thread in threading.enumerate():
        if thread.name == "msal-wasi-http":
            thread.join(5)
    assert time.monotonic() - started < 2


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_an_application_can_be_used_after_a_fork(emulator: Emulator) -> None:
    application = emulator.application()
    application.acquire_token_for_client([emulator.scope])
    child = os.fork()
    if child == 0:
        try:
            hit = application.acquire_token_for_client([emulator.scope])["token_source"]
            miss = application.acquire_token_for_client([emulator.scope], force_refresh=True)["token_source"]
            os._exit(0 if (hit, miss) == ("cache", "identity-provider") else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
