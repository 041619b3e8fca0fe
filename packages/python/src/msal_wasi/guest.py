"""An instance of the component."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import CFUNCTYPE
from ctypes import byref
from ctypes import c_void_p
from ctypes import cast
from typing import Any

from wasmtime import Store as Memory
from wasmtime import WasmtimeError
from wasmtime import _ffi as ffi
from wasmtime.component import Linker
from wasmtime.component import LinkerInstance
from wasmtime.component import ResourceType

from .call import Call
from .component import component
from .handles import Handles
from .values import Converter
from .values import Err
from .values import Ok
from .values import check
from .wasi.interface import Interface
from .wasi.world import world


class Guest:
    """An instance of the component, which runs one call at a time."""

    def __init__(self) -> None:
        engine, compiled = component()
        interfaces = world(self._current)
        self.handles = Handles(kind for interface in interfaces for kind in interface.resources.values())
        self._converter = Converter(self.handles)
        self._call: Call | None = None
        self._failure: BaseException | None = None
        # wasmtime calls these, but does not keep them alive.
        self._callbacks: list[Any] = []
        self._memory = Memory(engine)
        with Linker(engine) as linker:
            with linker.root() as root:
                for interface in interfaces:
                    self._define(interface, root)
            self._instance = linker.instantiate(self._memory, compiled)
        self._functions: dict[str, Any] = {}

    def call(self, function: str, arguments: tuple[Any, ...], call: Call) -> Ok | Err:
        """Calls an exported function. Raises what an import raised, such as `KeyboardInterrupt`."""
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
        """Frees the instance's memory, and ends the request of a call that broke off."""
        self.handles.drop_all()
        self._memory.close()
        self._callbacks.clear()

    def _current(self) -> Call:
        assert self._call is not None
        return self._call

    def _function(self, name: str) -> Any:
        if name not in self._functions:
            interface = self._instance.get_export_index(self._memory, _EXPORT)
            index = self._instance.get_export_index(self._memory, name, interface)
            function = None if index is None else self._instance.get_func(self._memory, index)
            if function is None:
                raise RuntimeError(f"the component does not export {name}")
            self._functions[name] = function._func
        return self._functions[name]

    def _define(self, interface: Interface, root: LinkerInstance) -> None:
        with root.add_instance(interface.name) as instance:
            for name, kind in interface.resources.items():
                self._define_resource(name, ResourceType.host(self.handles.kind(kind)), instance)
            for name, function in interface.functions.items():
                self._define_function(name, function, instance)

    def _define_resource(self, name: str, kind: ResourceType, instance: LinkerInstance) -> None:
        def destroy(_data: Any, _context: Any, number: int) -> int:
            return self._guarded(lambda: self.handles.drop(number))

        callback = ffi.wasmtime_component_resource_destructor_t(destroy)
        self._callbacks.append(callback)
        encoded = name.encode()
        check(
            ffi.wasmtime_component_linker_instance_add_resource(
                instance.ptr(), encoded, len(encoded), kind.ptr(), callback, None, _NO_FINALIZER
            )
        )

    def _define_function(self, name: str, function: Callable[..., Any], instance: LinkerInstance) -> None:
        converter = self._converter

        def call(_data: Any, context: Any, _type: Any, arguments: Any, count: int, results: Any, capacity: int) -> int:
            def work() -> None:
                value = function(*[converter.lift(arguments[index], context) for index in range(count)])
                if capacity:
                    converter.lower(value, results[0], context)

            return self._guarded(work)

        callback = ffi.wasmtime_component_func_callback_t(call)
        self._callbacks.append(callback)
        encoded = name.encode()
        check(
            ffi.wasmtime_component_linker_instance_add_func(
                instance.ptr(), encoded, len(encoded), callback, None, _NO_FINALIZER
            )
        )

    def _guarded(self, work: Callable[[], None]) -> int:
        """Ends the call if the work fails: ctypes would ignore the exception, and the guest would go on."""
        try:
            work()
        except BaseException as failure:
            self._failure = failure
            return cast(WasmtimeError("an import failed")._consume(), c_void_p).value or 0
        return 0


_EXPORT = "msal:client-credentials/client-credentials@0.1.0"
_NO_FINALIZER = cast(0, CFUNCTYPE(None, c_void_p))
