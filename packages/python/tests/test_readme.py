from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from certificate import Certificate
from emulator import Emulator


def test_the_readmes_code_runs(emulator: Emulator, package: Path, tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (package / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 3
    certificate = Certificate()
    (tmp_path / "application.pfx").write_bytes(certificate.pfx(b"open sesame"))
    (tmp_path / "key.pem").write_text(certificate.key_pem())
    (tmp_path / "certificate.pem").write_text(certificate.certificate_pem())
    run = subprocess.run(
        [sys.executable, "-c", "".join(blocks)],
        cwd=tmp_path,
        env=emulator.variables(),
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    first, second = run.stdout.splitlines()
    assert re.fullmatch(r"identity-provider \d+", first)
    assert re.fullmatch(r"refused None \[\d+\]", second)
