"""`wasi:random`: the operating system's secure randomness."""

from __future__ import annotations

import os

from .interface import Interface


def random() -> Interface:
    return Interface("wasi:random/random@0.2.6", {"get-random-bytes": os.urandom})
