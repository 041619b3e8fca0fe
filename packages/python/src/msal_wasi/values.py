"""Component-model values: their Python classes, and the conversion to and from wasmtime's C API.

wasmtime-py's own conversion cannot return the error of a `result<option<T>, E>`, which a store needs, and takes about a
microsecond for each byte of a list. So this module uses the C API's structures, which wasmtime-py does not document:
`pyproject.toml` therefore limits its version.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import byref
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from wasmtime import WasmtimeError
from wasmtime import _ffi as ffi

from .handles import Handles


class U16(int):
    """A `u16`."""


class U32(int):
    """A `u32`."""


class U64(int):
    """A `u64`."""


class S64(int):
    """An `s64`."""


class Enum(str):
    """A case of an `enum`."""


@dataclass(frozen=True)
class Case:
    """A case of a `variant`, and its payload if it has one. Its `repr` has no payload, which may be a secret."""

    tag: str
    payload: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class Option:
    """An `option`."""

    value: Any = None


@dataclass(frozen=True)
class Ok:
    """The success of a `result`."""

    value: Any = None


@dataclass(frozen=True)
class Err:
    """The failure of a `result`."""

    value: Any = None


@dataclass(frozen=True)
class Own:
    """A resource of the host, whose ownership passes to the guest."""

    resource: object


class Converter:
    """Converts the values of one instance.

    Strings, bytes, bools, lists and tuples stand for themselves, and a dict for a record. A resource of the host is the
    Python object behind it.
    """

    def __init__(self, handles: Handles) -> None:
        self._handles = handles

    def lift(self, value: Any, context: Any) -> Any:
        """A value from the guest. Options are lifted to their value or `None`, enums to strings, and lists of `u8` to
        bytes, except empty ones. Owned resources pass to the host."""
        kind, of = value.kind, value.of
        if kind == _STRING:
            return _text(of.string)
        if kind in _SCALARS:
            return getattr(of, _SCALARS[kind])
        if kind == _LIST:
            return self._lift_list(of.list, context)
        if kind == _RECORD:
            entries = (of.record.data[index] for index in range(of.record.size))
            return {_text(entry.name): self.lift(entry.val, context) for entry in entries}
        if kind == _TUPLE:
            return tuple(self.lift(of.tuple.data[index], context) for index in range(of.tuple.size))
        if kind == _VARIANT:
            return Case(_text(of.variant.discriminant), self._lift_box(of.variant.val, context))
        if kind == _ENUM:
            return _text(of.enumeration)
        if kind == _OPTION:
            return self._lift_box(of.option, context)
        if kind == _RESULT:
            return (Ok if of.result.is_ok else Err)(self._lift_box(of.result.val, context))
        if kind == _RESOURCE:
            return self._lift_resource(of.resource, context)
        raise TypeError(f"the component-model kind {kind} is not supported")

    def lower(self, value: Any, out: Any, context: Any) -> None:
        """Writes a value for the guest, which then owns its memory.

        The kind is written last: until then, there is nothing to free, so a failure cannot free what is incomplete.
        """
        lower = _LOWER.get(type(value))
        if lower is not None:
            lower(value, out)
            return
        of = out.of
        match value:
            case list():
                ffi.wasmtime_component_vallist_new_uninit(byref(of.list), len(value))
                for index, item in enumerate(value):
                    self.lower(item, of.list.data[index], context)
                out.kind = _LIST
            case tuple():
                ffi.wasmtime_component_valtuple_new_uninit(byref(of.tuple), len(value))
                for index, item in enumerate(value):
                    self.lower(item, of.tuple.data[index], context)
                out.kind = _TUPLE
            case dict():
                ffi.wasmtime_component_valrecord_new_uninit(byref(of.record), len(value))
                for index, (name, item) in enumerate(value.items()):
                    entry = of.record.data[index]
                    entry.name = ffi.str_to_capi(name)
                    self.lower(item, entry.val, context)
                out.kind = _RECORD
            case Case(tag, payload):
                of.variant.val = self._lower_box(payload, context)
                of.variant.discriminant = ffi.str_to_capi(tag)
                out.kind = _VARIANT
            case Option(inner):
                of.option = self._lower_box(inner, context)
                out.kind = _OPTION
            case Ok(inner) | Err(inner):
                of.result.is_ok = isinstance(value, Ok)
                of.result.val = self._lower_box(inner, context)
                out.kind = _RESULT
            case Own(resource):
                of.resource = self._lower_resource(resource, context)
                out.kind = _RESOURCE
            case _:
                raise TypeError(f"{type(value).__name__} does not stand for a component-model value")

    def _lift_list(self, items: Any, context: Any) -> Any:
        if items.size and items.data[0].kind == _U8:
            return ctypes.string_at(items.data, items.size * _SIZE)[_OFFSET::_SIZE]
        return [self.lift(items.data[index], context) for index in range(items.size)]

    def _lift_box(self, pointer: Any, context: Any) -> Any:
        return self.lift(pointer.contents, context) if pointer else None

    def _lower_box(self, value: Any, context: Any) -> Any:
        if value is None:
            return None
        out = ffi.wasmtime_component_val_t()
        self.lower(value, out, context)
        return ffi.wasmtime_component_val_new(byref(out))

    def _lift_resource(self, pointer: Any, context: Any) -> object:
        host = ctypes.POINTER(ffi.wasmtime_component_resource_host_t)()
        # Ends the handle as well, so there is nothing to drop.
        check(ffi.wasmtime_component_resource_any_to_host(context, pointer, byref(host)))
        number = ffi.wasmtime_component_resource_host_rep(host)
        is_owned = ffi.wasmtime_component_resource_host_owned(host)
        ffi.wasmtime_component_resource_host_delete(host)
        return self._handles.take(number) if is_owned else self._handles.resource(number)

    def _lower_resource(self, resource: object, context: Any) -> Any:
        rep, kind = self._handles.add(resource)
        host = ffi.wasmtime_component_resource_host_new(True, rep, kind)
        out = ctypes.POINTER(ffi.wasmtime_component_resource_any_t)()
        check(ffi.wasmtime_component_resource_host_to_any(context, host, byref(out)))
        ffi.wasmtime_component_resource_host_delete(host)
        return out


def check(error: Any) -> None:
    """Raises an error of the C API, if it returned one."""
    if error:
        raise WasmtimeError._from_ptr(error)


def _text(name: Any) -> str:
    return ctypes.string_at(name.data, name.size).decode() if name.size else ""


def _lower_bytes(value: bytes, out: Any) -> None:
    ffi.wasmtime_component_vallist_new_uninit(byref(out.of.list), len(value))
    if value:
        items = bytearray(len(value) * _SIZE)
        items[::_SIZE] = bytes([_U8]) * len(value)
        items[_OFFSET::_SIZE] = value
        ctypes.memmove(out.of.list.data, bytes(items), len(items))
    out.kind = _LIST


def _lower_string(value: str, out: Any) -> None:
    out.of.string = ffi.str_to_capi(value)
    out.kind = _STRING


def _lower_enum(value: str, out: Any) -> None:
    out.of.enumeration = ffi.str_to_capi(value)
    out.kind = _ENUM


def _lower_scalar(kind: int) -> Callable[[Any, Any], None]:
    name = _SCALARS[kind]

    def lower(value: Any, out: Any) -> None:
        out.kind = kind
        setattr(out.of, name, value)

    return lower


_SIZE = ctypes.sizeof(ffi.wasmtime_component_val_t)
_OFFSET = ffi.wasmtime_component_val_t.of.offset

_U8 = ffi.WASMTIME_COMPONENT_U8.value
_STRING = ffi.WASMTIME_COMPONENT_STRING.value
_LIST = ffi.WASMTIME_COMPONENT_LIST.value
_RECORD = ffi.WASMTIME_COMPONENT_RECORD.value
_TUPLE = ffi.WASMTIME_COMPONENT_TUPLE.value
_VARIANT = ffi.WASMTIME_COMPONENT_VARIANT.value
_ENUM = ffi.WASMTIME_COMPONENT_ENUM.value
_OPTION = ffi.WASMTIME_COMPONENT_OPTION.value
_RESULT = ffi.WASMTIME_COMPONENT_RESULT.value
_RESOURCE = ffi.WASMTIME_COMPONENT_RESOURCE.value

_SCALARS: dict[int, str] = {
    ffi.WASMTIME_COMPONENT_BOOL.value: "boolean",
    ffi.WASMTIME_COMPONENT_U16.value: "u16",
    ffi.WASMTIME_COMPONENT_U32.value: "u32",
    ffi.WASMTIME_COMPONENT_U64.value: "u64",
    ffi.WASMTIME_COMPONENT_S64.value: "s64",
}

_LOWER: dict[type, Callable[[Any, Any], None]] = {
    bytes: _lower_bytes,
    str: _lower_string,
    Enum: _lower_enum,
    bool: _lower_scalar(ffi.WASMTIME_COMPONENT_BOOL.value),
    U16: _lower_scalar(ffi.WASMTIME_COMPONENT_U16.value),
    U32: _lower_scalar(ffi.WASMTIME_COMPONENT_U32.value),
    U64: _lower_scalar(ffi.WASMTIME_COMPONENT_U64.value),
    S64: _lower_scalar(ffi.WASMTIME_COMPONENT_S64.value),
}
