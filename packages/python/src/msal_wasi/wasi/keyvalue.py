"""`wasi:keyvalue@0.2.0-draft2` over a `Store`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..store import Store
from ..values import S64
from ..values import Case
from ..values import Err
from ..values import Ok
from ..values import Option
from ..values import Own
from .interface import Interface


@dataclass(frozen=True)
class Bucket:
    """An open store."""

    store: Store


def store(current: Callable[[], Store]) -> Interface:
    """Every name opens the current call's store."""
    functions: dict[str, Callable[..., Any]] = {
        "open": lambda _name: Ok(Own(Bucket(current()))),
        "[method]bucket.get": lambda bucket, key: _result(lambda: Option(_bytes(bucket.store.get(key)))),
        "[method]bucket.set": lambda bucket, key, value: _result(lambda: bucket.store.set(key, bytes(value))),
        "[method]bucket.delete": lambda bucket, key: _result(lambda: bucket.store.delete(key)),
    }
    return Interface("wasi:keyvalue/store@0.2.0-draft2", functions, {"bucket": Bucket})


def atomics() -> Interface:
    return Interface(
        "wasi:keyvalue/atomics@0.2.0-draft2",
        {"increment": lambda bucket, key, delta: _result(lambda: S64(bucket.store.increment(key, delta)))},
    )


def _result(work: Callable[[], Any]) -> Ok | Err:
    """A store that fails costs a token request and a warning, not the call."""
    try:
        return Ok(work())
    except Exception as error:
        return Err(Case("other", f"{type(error).__name__}: {error}"))


def _bytes(value: bytes | None) -> bytes | None:
    return None if value is None else bytes(value)
