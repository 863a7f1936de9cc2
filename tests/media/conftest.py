"""A stage for calls in which something breaks, with a second caller who must not notice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.media.stage import SPOKEN, Stage, check_kept, stage
from voicebot.dialogue.events import HandOffReason
from voicebot.media.house import House


@pytest.fixture
def on(house: House, tmp_path: Path) -> Iterator[Stage]:
    """An empty stage."""
    with stage(house, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def alone(house: House, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The course of the second caller's call when nobody else calls."""
    with stage(house, tmp_path_factory.mktemp("alone")) as opened:
        guest = opened.enter("other", SPOKEN)
        opened.play()
        return guest.course()


@pytest.fixture
def other(on: Stage, alone: list[dict[str, Any]]) -> Iterator[None]:
    """A second caller on the same ticker, who must not notice anything, unless the trouble is everybody's."""
    guest = on.enter("other", SPOKEN)
    yield
    if on.shared_trouble:
        return
    assert guest.course() == alone
    check_kept(on, guest)
    assert [package.reason for package in on.packages(guest)] == [HandOffReason.USER_REQUEST]
