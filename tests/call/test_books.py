"""What is written down of a call: in order, with reasons, and masked."""

from __future__ import annotations

import pytest

from voicebot.call.books import Books, masked
from voicebot.call.commands import CommitTurn
from voicebot.call.handoff import TranscriptTurn
from voicebot.call.timeline import Entry, Floor, FloorChanged


def test_the_floor_changes_hands_with_a_reason_and_only_when_it_does() -> None:
    books = Books()
    books.clock.frame = 7
    books.go(Floor.BOT, "the call was answered")
    books.go(Floor.BOT, "again")
    assert books.timeline.drain() == [Entry(7, FloorChanged(Floor.THINKING, Floor.BOT, "the call was answered"))]
    assert books.timeline.drain() == []


def test_a_turn_is_kept_and_committed_at_once() -> None:
    books = Books()
    turns = [TranscriptTurn("bot", "Hello", 0, 500), TranscriptTurn("caller", "hi", 600, 900, 0.8)]
    for turn in turns:
        books.write(turn)
    assert books.transcript == tuple(turns)
    assert books.jobs.take() == [CommitTurn(turn) for turn in turns]


@pytest.mark.parametrize(
    ("text", "sensitive", "written"),
    [
        ("my number is one two three four", False, "my number is ••••"),
        ("two cards", False, "two cards"),
        ("two", True, "••••"),
        ("an agent", True, "an agent"),
    ],
)
def test_numbers_are_masked_where_they_may_be_secret(text: str, sensitive: bool, written: str) -> None:
    assert masked(text, sensitive=sensitive) == written


def test_the_clock_counts_frames() -> None:
    clock = Books().clock
    clock.frame = 50
    assert (clock.now_ms, clock.end_ms, clock.after(1.5)) == (1000, 1020, 125)
