"""The recorded callers of the repository, with the real engines: what must come of each, and the same every time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from voicebot.media.house import House
from voicebot.qa.fixture import find, load
from voicebot.qa.replay import replay, report

FIXTURES = find([Path(__file__).parent.parent.parent / "audio_fixtures"])


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", FIXTURES, ids=name)
def test_recorded_caller(path: Path, house: House) -> None:
    """Every expectation is met, and a second replay gives the same timeline, byte for byte."""
    fixture = load(path)
    first, second = replay(fixture, house), replay(fixture, house)
    assert first.failures == ()
    lines = [[entry.as_json() for entry in result.outcome.timeline] for result in (first, second)]
    assert lines[0] == lines[1]


def test_there_are_fixtures_enough() -> None:
    assert len(FIXTURES) >= 15
    size = sum(path.with_suffix(".wav").stat().st_size for path in FIXTURES)
    assert size < 10_000_000


def test_the_report_is_json_and_holds_no_account_number(house: House) -> None:
    keyed = next(path for path in FIXTURES if path.stem == "balance_by_keypad")
    written = json.dumps(report([replay(load(keyed), house)]))
    assert json.loads(written)["passed"] == 1
    assert "70352846" not in written
    assert "seven zero three" not in written


def test_a_fixture_that_names_what_the_bot_never_says_fails(house: House) -> None:
    keyed = load(next(path for path in FIXTURES if path.stem == "zero_key"))
    typo = replace(keyed, expected=replace(keyed.expected, not_said=("utter_goodby",)))
    assert replay(typo, house).failures == ("there is no response utter_goodby",)
