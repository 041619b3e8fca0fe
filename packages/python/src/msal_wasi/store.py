"""Where the component keeps encrypted tokens."""

from __future__ import annotations

import threading
from typing import Protocol


class Store(Protocol):
    """A key-value store. Threads may call it at the same time. What it raises costs a token request, not the call."""

    def get(self, key: str) -> bytes | None:
        """The value of a key, or `None`."""

    def set(self, key: str, value: bytes) -> None:
        """Sets the value of a key."""

    def delete(self, key: str) -> None:
        """Removes a key, if it is there."""

    def increment(self, key: str, delta: int) -> int:
        """Adds to a counter, which is 0 at first, in one step, and returns its new value."""


class MemoryStore:
    """A store in this process, for as long as the object lives."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}
        self._counting = threading.Lock()

    def get(self, key: str) -> bytes | None:
        return self._values.get(key)

    def set(self, key: str, value: bytes) -> None:
        self._values[key] = value

    def delete(self, key: str) -> None:
        self._values.pop(key, None)

    def increment(self, key: str, delta: int) -> int:
        with self._counting:
            value = int(self._values.get(key, b"0")) + delta
            self._values[key] = str(value).encode()
        return value
