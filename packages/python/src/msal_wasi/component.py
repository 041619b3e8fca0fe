"""The compiled component."""

from __future__ import annotations

import functools
import os
import threading
from importlib import resources

from wasmtime import Config
from wasmtime import Engine
from wasmtime import _ffi as ffi
from wasmtime.component import Component


def component() -> tuple[Engine, Component]:
    """The component, which is compiled once in a process."""
    with _compiling:
        return _compile()


@functools.cache
def _compile() -> tuple[Engine, Component]:
    config = Config()
    # The component has no asynchronous functions. With support for them, wasmtime 50.0 traps when an import takes two
    # or more borrowed resources in a list, as `poll` does.
    ffi.wasmtime_config_concurrency_support_set(config.ptr(), False)
    if os.environ.get("MSAL_WASI_COMPILED_CACHE") == "on":
        config.cache = True
    engine = Engine(config)
    return engine, Component(engine, resources.files(__package__).joinpath("component.wasm").read_bytes())


_compiling = threading.Lock()
