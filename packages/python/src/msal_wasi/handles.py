"""The host's resources that a guest holds handles to."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Protocol
from typing import runtime_checkable


@runtime_checkable
class Droppable(Protocol):
    """A resource that must know when the guest has dropped it."""

    def drop(self) -> None:
        """Releases what the resource holds."""


class Handles:
    """Numbers the resources of one instance. An entry lives until the guest drops its handle or gives it away."""

    def __init__(self, kinds: Iterable[type]) -> None:
        self._kinds = {kind: number for number, kind in enumerate(kinds)}
        self._resources: dict[int, object] = {}
        self._numbers = itertools.count(1)

    def __len__(self) -> int:
        return len(self._resources)

    def add(self, resource: object) -> tuple[int, int]:
        """Returns the resource's number and that of its kind."""
        number = next(self._numbers)
        self._resources[number] = resource
        return number, self.kind(type(resource))

    def kind(self, kind: type) -> int:
        """A kind's number."""
        return self._kinds[kind]

    def resource(self, number: int) -> object:
        """A resource that the guest lends to the host."""
        return self._resources[number]

    def take(self, number: int) -> object:
        """A resource that the guest gives to the host."""
        return self._resources.pop(number)

    def drop(self, number: int) -> None:
        """The guest has dropped its handle, or has given it away."""
        resource = self._resources.pop(number, None)
        if isinstance(resource, Droppable):
            resource.drop()

    def drop_all(self) -> None:
        """The guest is gone."""
        for number in list(self._resources):
            self.drop(number)
