"""Every expectation that is not met is a sentence; what is sensitive is in none of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from voicebot.call.handoff import HandOffPackage
from voicebot.call.timeline import BargedIn, CallEnded, Entry, Heard, Meant, PromptStarted, RecordingChanged
from voicebot.dialogue.events import HandOffReason, NotUnderstood, SlotSet
from voicebot.qa.caller import Spoken
from voicebot.qa.check import failures, unknown_responses
from voicebot.qa.fixture import Cue, Expected, Fixture
from voicebot.qa.outcome import Outcome

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
PACKAGE = HandOffPackage("c", "", "", "en", AT.isoformat(), 0, HandOffReason.USER_REQUEST, "cards", 0, "", (), (), None)
SAID = Cue("at", text="block my card number one two three four")
OUTCOME = Outcome(
    timeline=(
        Entry(0, PromptStarted("utter_greet", "", None)),
        Entry(100, Heard("block my card number ••••", 0.9, "")),
        Entry(105, Meant("block_card", 0.9, "embedded")),
        Entry(110, PromptStarted("utter_sure", "", 300)),
        Entry(120, BargedIn("interrupted", "", "words")),
        Entry(130, NotUnderstood("no_match", 1, "reprompt")),
        Entry(140, SlotSet("account", "••••3907", confirmed=True, sensitive=True)),
        Entry(150, RecordingChanged("started")),
        Entry(200, CallEnded("handed_off", "")),
    ),
    transcript=(),
    spoken=(Spoken(SAID, 500, 2000),),
    package=PACKAGE,
    ended="handed_off",
    duration_ms=4000,
)


def fixture(**expected: Any) -> Fixture:
    """A fixture that expects this and nothing else."""
    path = Path("suite/one.yml")
    return Fixture("suite/one", path, path.with_suffix(".wav"), "one", (SAID,), Expected(**expected), AT)


MET: dict[str, Any] = {
    "words": True,
    "intents": ("block_card",),
    "slots": {"account": "••••3907"},
    "said": ("utter_greet", "utter_sure"),
    "not_said": ("utter_goodbye",),
    "outcome": "handed_off",
    "queue": "cards",
    "reason": "user_request",
    "max_delay_ms": 200,
    "interrupted": 1,
    "resumed": 0,
    "not_understood": 1,
    "recorded": True,
    "max_duration_s": 4.0,
}
UNMET: dict[str, Any] = {
    "intents": ("block_card", "affirm"),
    "slots": {"account": None},
    "said": ("utter_sure", "utter_greet"),
    "not_said": ("utter_sure",),
    "outcome": "completed",
    "queue": "general",
    "reason": "error",
    "max_delay_ms": 199,
    "interrupted": 0,
    "resumed": 1,
    "not_understood": 0,
    "recorded": False,
    "max_duration_s": 3.9,
}


def test_what_is_met_is_not_mentioned() -> None:
    assert failures(fixture(**MET), OUTCOME) == []


@pytest.mark.parametrize("name", UNMET)
def test_each_expectation_that_is_not_met_is_one_sentence(name: str) -> None:
    (sentence,) = failures(fixture(**{**MET, name: UNMET[name]}), OUTCOME)
    assert len(sentence) > 15


def test_words_are_compared_and_numbers_stay_hidden() -> None:
    timeline = tuple(
        replace(entry, event=Heard("lock my card number ••••", 0.9, "")) if entry.frame == 100 else entry
        for entry in OUTCOME.timeline
    )
    (sentence,) = failures(fixture(words=True), replace(OUTCOME, timeline=timeline))
    assert sentence == "words: expected “block my card number ••••”, heard “lock my card number ••••”"
    assert failures(fixture(words=False), replace(OUTCOME, timeline=timeline)) == []


def test_a_caller_who_never_got_to_speak_fails_the_fixture() -> None:
    missed = (Cue("after", "utter_never"), Cue("at", wait=9))
    (sentence,) = failures(fixture(words=True), replace(OUTCOME, missed=missed))
    assert "after utter_never" in sentence


def test_a_limit_on_delays_needs_a_delay() -> None:
    (sentence,) = failures(fixture(words=False, max_delay_ms=500), replace(OUTCOME, spoken=()))
    assert "no answer measured" in sentence


def test_a_prompt_that_no_project_has_is_named() -> None:
    waits = replace(fixture(said=("utter_greet", "utter_gret")), cues=(Cue("after", "utter_sur"),))
    assert unknown_responses(waits, {"utter_greet", "utter_sure"}) == [
        "there is no response utter_gret",
        "there is no response utter_sur",
    ]
