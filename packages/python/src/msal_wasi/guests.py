"""The instances of this process."""

from __future__ import annotations

from typing import Any

from .call import Call
from .guest import Guest
from .values import Err
from .values import Ok


class Guests:
    """Calls the component in an idle instance, so that calls of several threads run at once.

    An instance in which a call broke off is not used again.
    """

    def __init__(self) -> None:
        # Appending and popping are atomic.
        self.idle: list[Guest] = []

    def call(self, function: str, arguments: tuple[Any, ...], call: Call) -> Ok | Err:
        try:
            guest = self.idle.pop()
        except IndexError:
            guest = Guest()
        try:
            result = guest.call(function, arguments, call)
        except BaseException:
            guest.close()
            raise
        if len(self.idle) < _MAX_IDLE:
            self.idle.append(guest)
        else:
            guest.close()
        return result


# An idle instance takes about 1 MB.
_MAX_IDLE = 16
