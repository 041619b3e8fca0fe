from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator import Emulator


@pytest.fixture(scope="session")
def running_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path_factory.mktemp("emulator"))
    yield emulator
    emulator.stop()


@pytest.fixture
def emulator(running_emulator: Emulator) -> Emulator:
    running_emulator.forget()
    return running_emulator


@pytest.fixture
def package() -> Path:
    return Path(__file__).parents[1]
