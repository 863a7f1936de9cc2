"""What several rooms' tests share: the repository's own project, loaded once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from voicebot.media.house import House

PROJECT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo bank with its real engines; state in a directory of its own."""
    from voicebot.media.house import House
    from voicebot.settings import Settings

    kept = {name: value for name, value in os.environ.items() if name.startswith("VOICEBOT_")}
    for name in kept:
        del os.environ[name]
    data = tmp_path_factory.mktemp("data")
    yield House.open(Settings.load({"data": str(data), "project": str(PROJECT)}))
    os.environ.update(kept)
