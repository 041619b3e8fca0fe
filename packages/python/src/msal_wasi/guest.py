"""Instances of the component."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from ctypes import CFUNCTYPE
from ctypes import byref
from ctypes import c_void_p
from ctypes import cast
from dataclasses import dataclass
from importlib import resources
from typing import Any

from wasmtime import Config
from wasmtime import Engine
from wasmtime import Store as Memory
from wasmtime import WasmtimeError
from wasmtime import _ffi as ffi
from wasmtime.component import Component
from wasmtime.component import Linker
from wasmtime.component import LinkerInstance
from wasmtime.component import ResourceType

from .handles import Handles
from .store import Store
from .values import Converter
from .values import Err
from .values import Ok
from .values import check
from .wasi import clocks
from .wasi import http
from .wasi import keyvalue
from .wasi import poll
from .wasi import random
from .wasi.imports import Functions


@dataclass(frozen=True)
class Call:
    """What the component sees of the application during a call."""

    store: Store
    get_assertion: Callable[[dict[str, Any]], Ok | Err]


class Guests:
    """The instances of this process.

    A call takes an idle one, so calls of several threads run at once. An instance in which a call broke off is not used
    again.
    """

    def __init__(self) -> None:
        # Appending and popping are atomic.
        self._idle: list[Guest] = []

    def call(self, function: str, arguments: tuple[Any, ...], call: Call) -> Ok | Err:
        try:
            guest = self._idle.pop()
        except IndexError:
            guest = Guest()
        try:
            result = guest.call(function, arguments, call)
        except BaseException:
            guest.close()
            raise
        if len(self._idle) < _MAX_IDLE:
            self._idle.append(guest)
        else:
            guest.close()
        return result


class Guest:
    """An instance of the component, which runs one call at a time."""

    def __init__(self) -> None:
        component = _component()
        self.handles = Handles({kind for kinds in _RESOURCES.values() for kind in kinds.values()})
        self._call: Call | None = None
        self._failure: BaseException | None = None
        self._converter = Converter(self.handles)
        self._memory = Memory(_engine())
        # wasmtime does not keep these alive.
        self._callbacks: list[Any] = []
        linker = Linker(_engine())
        with linker.root() as root:
            self._link(root)
        self._instance = linker.instantiate(self._memory, component)
        linker.close()
        self._functions: dict[str, Any] = {}

    def call(self, function: str, arguments: tuple[Any, ...], call: Call) -> Ok | Err:
        """Calls an exported function. It raises what an import raised, such as `KeyboardInterrupt`."""
        context = self._memory._context()
        values = (ffi.wasmtime_component_val_t * len(arguments))()
        result = ffi.wasmtime_component_val_t()
        self._call = call
        try:
            for argument, value in zip(arguments, values, strict=True):
                self._converter.lower(argument, value, context)
            error = ffi.wasmtime_component_func_call(
                byref(self._function(function)), context, values, len(values), byref(result), 1
            )
            if self._failure is not None:
                if error:
                    ffi.wasmtime_error_delete(error)
                raise self._failure
            check(error)
            lifted = self._converter.lift(result, context)
            ffi.wasmtime_component_val_delete(byref(result))
        finally:
            self._call = None
            for value in values:
                ffi.wasmtime_component_val_delete(byref(value))
        assert isinstance(lifted, Ok | Err)
        return lifted

    def close(self) -> None:
        """Frees the instance's memory."""
        self._memory.close()
        self._callbacks.clear()

    def _function(self, name: str) -> Any:
        if name not in self._functions:
            interface = self._instance.get_export_index(self._memory, _EXPORT)
            index = self._instance.get_export_index(self._memory, name, interface)
            function = None if index is None else self._instance.get_func(self._memory, index)
            if function is None:
                raise RuntimeError(f"the component does not export {name}")
            self._functions[name] = function._func
        return self._functions[name]

    def _link(self, root: LinkerInstance) -> None:
        changed = threading.Condition()
        self._define(root, "wasi:io/error@0.2.6", {})
        self._define(root, "wasi:io/poll@0.2.6", poll.poll(changed))
        self._define(root, "wasi:io/streams@0.2.6", http.streams())
        self._define(root, "wasi:clocks/wall-clock@0.2.6", clocks.wall_clock())
        self._define(root, "wasi:clocks/monotonic-clock@0.2.6", clocks.monotonic_clock())
        self._define(root, "wasi:random/random@0.2.6", random.random())
        self._define(root, "wasi:http/types@0.2.6", http.types())
        self._define(root, "wasi:http/outgoing-handler@0.2.6", http.outgoing_handler(changed))
        self._define(root, "wasi:keyvalue/store@0.2.0-draft2", keyvalue.store(lambda: self._current().store))
        self._define(root, "wasi:keyvalue/atomics@0.2.0-draft2", keyvalue.atomics())
        self._define(
            root,
            "msal:client-credentials/assertion-provider@0.1.0",
            {"get-assertion": lambda request: self._current().get_assertion(request)},
        )

    def _define(self, root: LinkerInstance, interface: str, functions: Functions) -> None:
        with root.add_instance(interface) as instance:
            for name, kind in _RESOURCES.get(interface, {}).items():
                resource = ResourceType.host(self.handles.kind(kind))
                destroy = ffi.wasmtime_component_resource_destructor_t(self._drop)
                self._callbacks.append(destroy)
                check(
                    ffi.wasmtime_component_linker_instance_add_resource(
                        instance.ptr(), *_name(name), resource.ptr(), destroy, None, _NO_FINALIZER
                    )
                )
            for name, function in functions.items():
                callback = ffi.wasmtime_component_func_callback_t(self._callback(function))
                self._callbacks.append(callback)
                check(
                    ffi.wasmtime_component_linker_instance_add_func(
                        instance.ptr(), *_name(name), callback, None, _NO_FINALIZER
                    )
                )

    def _callback(self, function: Callable[..., Any]) -> Callable[..., int]:
        converter = self._converter

        def callback(
            _data: Any, context: Any, _type: Any, arguments: Any, count: int, results: Any, result_count: int
        ) -> int:
            # An exception must not reach wasmtime: it would return an undefined value to the guest.
            try:
                value = function(*[converter.lift(arguments[index], context) for index in range(count)])
                if result_count:
                    converter.lower(value, results[0], context)
            except BaseException as failure:
                return self._trap(failure)
            return 0

        return callback

    def _drop(self, _data: Any, _context: Any, number: int) -> int:
        try:
            self.handles.drop(number)
        except BaseException as failure:
            return self._trap(failure)
        return 0

    def _trap(self, failure: BaseException) -> int:
        self._failure = failure
        return cast(WasmtimeError("an import failed")._consume(), c_void_p).value or 0

    def _current(self) -> Call:
        assert self._call is not None
        return self._call


@functools.cache
def _engine() -> Engine:
    config = Config()
    # The component has no asynchronous functions. With support for them, wasmtime 50.0 traps in the first import that
    # takes a list of borrowed resources (`poll`).
    ffi.wasmtime_config_concurrency_support_set(config.ptr(), False)
    return Engine(config)


_compiling = threading.Lock()


def _component() -> Component:
    """The component, compiled once in a process."""
    with _compiling:
        return _compiled()


@functools.cache
def _compiled() -> Component:
    return Component(_engine(), resources.files(__package__).joinpath("component.wasm").read_bytes())


def _name(name: str) -> tuple[bytes, int]:
    encoded = name.encode()
    return encoded, len(encoded)


_EXPORT = "msal:client-credentials/client-credentials@0.1.0"
_MAX_IDLE = 16
_NO_FINALIZER = cast(0, CFUNCTYPE(None, c_void_p))

# Where each kind is defined. An interface that uses a kind of another one does not define it again.
_RESOURCES: dict[str, dict[str, type]] = {
    "wasi:io/error@0.2.6": {"error": http.IoError},
    "wasi:io/poll@0.2.6": {"pollable": poll.Pollable},
    "wasi:io/streams@0.2.6": {"input-stream": http.InputStream, "output-stream": http.OutputStream},
    "wasi:http/types@0.2.6": {
        "fields": http.Fields,
        "outgoing-request": http.OutgoingRequest,
        "outgoing-body": http.OutgoingBody,
        "request-options": http.RequestOptions,
        "future-incoming-response": http.FutureIncomingResponse,
        "incoming-response": http.IncomingResponse,
        "incoming-body": http.IncomingBody,
    },
    "wasi:keyvalue/store@0.2.0-draft2": {"bucket": keyvalue.Bucket},
}
