"""What an interface of WASI is to the instance that imports it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: The functions of an interface by their names in the component model.
Functions = dict[str, Callable[..., Any]]
