"""`wasi:random`: the operating system's secure randomness."""

from __future__ import annotations

import os

from ..values import U64
from .imports import Functions


def random() -> Functions:
    """`wasi:random/random`."""
    return {
        "get-random-bytes": os.urandom,
        "get-random-u64": lambda: U64(int.from_bytes(os.urandom(8), "little")),
    }
