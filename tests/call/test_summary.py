"""Two sentences for the human who takes the call."""

from __future__ import annotations

import pytest

from voicebot.call.handoff import TranscriptTurn
from voicebot.call.summary import WHY, summarise
from voicebot.dialogue.events import HandOffReason, LearntSlot


def test_what_was_wanted_what_is_known_and_what_was_said_last() -> None:
    slots = [
        LearntSlot("account_number", "••••3907", confirmed=True, sensitive=True),
        LearntSlot("identified", True, confirmed=True, sensitive=False),
        LearntSlot("card_count", 2.0, confirmed=True, sensitive=False),
        LearntSlot("branch", None, confirmed=False, sensitive=False),
    ]
    turns = [
        TranscriptTurn("caller", "my card is gone", 0, 1),
        TranscriptTurn("caller", "an agent please", 2, 3),
        TranscriptTurn("bot", "Of course", 4, 5),
    ]
    text = summarise(
        "+15550100", ["block_card", "check_balance", "block_card"], HandOffReason.USER_REQUEST, slots, turns
    )
    assert text == (
        "Caller +15550100 wanted: block card and check balance "
        "(account number ••••3907, identified yes, card count 2). "
        "The caller asked for a human; last words: “an agent please”."
    )


@pytest.mark.parametrize("reason", HandOffReason)
def test_every_reason_makes_a_sentence_even_when_nothing_is_known(reason: HandOffReason) -> None:
    text = summarise("", [], reason, [], [TranscriptTurn("bot", "Hello", 0, 1)])
    assert text.startswith("Caller with withheld number wanted: nothing that the bot recognised. The caller ")
    assert WHY[reason] in text
    assert text.endswith("without having said a word.")
