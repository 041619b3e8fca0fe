"""A call of the component."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .store import Store
from .values import Err
from .values import Ok


@dataclass(frozen=True)
class Call:
    """What the component sees of the application during a call."""

    store: Store
    get_assertion: Callable[[dict[str, Any]], Ok | Err]
