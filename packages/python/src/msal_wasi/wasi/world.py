"""The imports of the component."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..call import Call
from . import clocks
from . import http
from . import keyvalue
from .interface import Interface
from .poll import poll
from .random import random


def world(current: Callable[[], Call]) -> list[Interface]:
    """The imports of an instance, which see the application of its current call."""
    changed = threading.Condition()
    return [
        http.errors(),
        poll(changed),
        http.streams(),
        clocks.wall_clock(),
        clocks.monotonic_clock(),
        random(),
        http.types(),
        http.outgoing_handler(changed),
        keyvalue.store(lambda: current().store),
        keyvalue.atomics(),
        Interface(
            "msal:client-credentials/assertion-provider@0.1.0",
            {"get-assertion": lambda request: current().get_assertion(request)},
        ),
    ]
