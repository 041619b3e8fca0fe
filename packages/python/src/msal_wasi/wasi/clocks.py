"""`wasi:clocks`: the time, and timers to wait for."""

from __future__ import annotations

import time

from ..values import U32
from ..values import U64
from ..values import Own
from .interface import Interface
from .poll import Pollable


def wall_clock() -> Interface:
    return Interface("wasi:clocks/wall-clock@0.2.6", {"now": _now})


def monotonic_clock() -> Interface:
    return Interface(
        "wasi:clocks/monotonic-clock@0.2.6",
        {
            "now": lambda: U64(time.monotonic_ns()),
            "subscribe-duration": lambda duration: Own(_timer(time.monotonic_ns() + duration)),
        },
    )


def _now() -> dict[str, int]:
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return {"seconds": U64(seconds), "nanoseconds": U32(nanoseconds)}


def _timer(when: int) -> Pollable:
    return Pollable(lambda: time.monotonic_ns() >= when, when)
