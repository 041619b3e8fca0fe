"""`wasi:io/poll`: waiting for timers and for requests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..values import U32
from .interface import Interface


@dataclass(frozen=True)
class Pollable:
    """Something to wait for: a timer, which is ready at `when` (nanoseconds), or a change that a thread announces."""

    is_ready: Callable[[], bool]
    when: int | None = None


def poll(changed: threading.Condition) -> Interface:
    """`changed` is notified when a pollable without a time becomes ready."""

    def wait(pollables: list[Pollable]) -> list[U32]:
        timers = [pollable.when for pollable in pollables if pollable.when is not None]
        with changed:
            while not any(pollable.is_ready() for pollable in pollables):
                changed.wait(max(0, min(timers) - time.monotonic_ns()) / 1e9 if timers else None)
        return [U32(index) for index, pollable in enumerate(pollables) if pollable.is_ready()]

    return Interface(
        "wasi:io/poll@0.2.6",
        {
            "poll": wait,
            "[method]pollable.ready": lambda pollable: pollable.is_ready(),
        },
        {"pollable": Pollable},
    )
