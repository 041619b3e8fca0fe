"""Puts the component and the licenses, which are elsewhere in the repository, into the package."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ComponentHook(BuildHookInterface[Any]):
    """`MSAL_WASI_COMPONENT` names a component for `wasi:keyvalue@0.2.0-draft2` with a provider. A source distribution
    contains it, so a wheel that is built from one does not need the variable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        package = "src/msal_wasi" if self.target_name == "sdist" else "msal_wasi"
        packed = root / "src/msal_wasi"
        sources = {"component.wasm": self._component(packed)}
        for name in ("LICENSE-APACHE", "LICENSE-MIT"):
            sources[name] = packed / name if (packed / name).is_file() else root / "../.." / name
        for name, source in sources.items():
            build_data["force_include"][str(source.resolve())] = f"{package}/{name}"

    def _component(self, packed: Path) -> Path:
        name = os.environ.get("MSAL_WASI_COMPONENT")
        component = Path(name) if name else packed / "component.wasm"
        if not component.is_file():
            raise FileNotFoundError(
                f"there is no component {component}: set MSAL_WASI_COMPONENT to the path of "
                "msal-client-credentials-draft2-provider.wasm"
            )
        return component
