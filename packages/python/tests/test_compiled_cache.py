from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="the cache folder is another one elsewhere")
@pytest.mark.parametrize(("setting", "is_written"), [("on", True), ("", False)])
def test_compiled_code_is_written_only_if_asked(setting: str, is_written: bool, tmp_path: Path) -> None:
    variables = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "MSAL_WASI_COMPILED_CACHE": setting}
    program = "from msal_wasi.component import component; component()"
    subprocess.run([sys.executable, "-c", program], env=variables, check=True, timeout=60)
    assert any(file.is_file() for file in tmp_path.rglob("wasmtime/**/*")) == is_written
