"""Each flavour of the component. The package contains one of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from wasmtime.component import Component

from msal_wasi import application
from msal_wasi import guest
from msal_wasi.call import Call
from msal_wasi.component import component
from msal_wasi.guests import Guests
from msal_wasi.values import U64
from msal_wasi.values import Err
from msal_wasi.values import Ok
from msal_wasi.wasi.interface import Interface
from msal_wasi.wasi.world import world

from emulator import Emulator

COMPONENTS = os.environ.get("COMPONENTS")
FLAVOURS = [
    "draft2",
    "draft2-store-only",
    "draft2-provider",
    "draft2-wide",
    "draft",
    "draft-store-only",
    "draft-provider",
    "draft-wide",
    "memory",
]


@pytest.mark.skipif(COMPONENTS is None, reason="COMPONENTS names no folder with the components")
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_flavour_gets_a_token_and_the_second_from_its_store(
    flavour: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, _ = component()
    file = Path(COMPONENTS or "") / f"msal-client-credentials-{flavour}.wasm"
    compiled = Component(engine, file.read_bytes())
    monkeypatch.setattr(guest, "component", lambda: (engine, compiled))
    monkeypatch.setattr(application, "_GUESTS", Guests())
    if not flavour.startswith("draft2"):
        monkeypatch.setattr(guest, "world", _world_of_the_first_draft)
    client = emulator.application()
    tokens = [client.acquire_token_for_client([emulator.scope]) for _ in range(2)]
    assert [token["token_source"] for token in tokens] == ["identity-provider", "cache"]
    assert len(emulator.token_requests()) == 1


def _world_of_the_first_draft(current: Callable[[], Call]) -> list[Interface]:
    return [_of_the_first_draft(interface) for interface in world(current)]


def _of_the_first_draft(interface: Interface) -> Interface:
    """The first draft of `wasi:keyvalue` counts without a sign. What else the component uses is the same."""
    functions = dict(interface.functions)
    if "increment" in functions:
        increment = functions["increment"]
        functions["increment"] = lambda *arguments: _unsigned(increment(*arguments))
    return replace(interface, name=interface.name.replace("draft2", "draft"), functions=functions)


def _unsigned(result: Ok | Err) -> Ok | Err:
    return Ok(U64(result.value)) if isinstance(result, Ok) else result
