"""An interface that the component imports."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any


@dataclass(frozen=True)
class Interface:
    """Functions, and the classes of the resources that the interface defines, by their names in the contract.

    An interface that uses a resource of another one does not define it again.
    """

    name: str
    functions: Mapping[str, Callable[..., Any]]
    resources: Mapping[str, type] = field(default_factory=dict)
