"""What became of a call, read off its timeline."""

from __future__ import annotations

from dataclasses import replace

from tests.qa.test_check import OUTCOME
from voicebot.call.timeline import Entry, Meant, PromptStarted, TimelineEvent
from voicebot.dialogue.events import SlotSet
from voicebot.qa.caller import Spoken
from voicebot.qa.fixture import Cue
from voicebot.qa.outcome import Outcome, ended


def with_entries(*entries: tuple[int, TimelineEvent], spoken: tuple[Spoken, ...] = ()) -> Outcome:
    """An outcome of these events at these frames."""
    return replace(OUTCOME, timeline=tuple(Entry(frame, event) for frame, event in entries), spoken=spoken)


def prompt() -> PromptStarted:
    return PromptStarted("utter_x", "", None)


def test_a_delay_lasts_from_the_end_of_the_voice_to_the_prompt_that_answers_it() -> None:
    said = tuple(Spoken(Cue("at", text="x"), start, start + 500) for start in (1000, 5000))
    answers = with_entries(
        (0, prompt()),
        (80, Meant("a", 0.9, "embedded")),
        (90, prompt()),
        (290, Meant("b", 0.9, "answer")),
        (300, prompt()),
        (310, prompt()),
        spoken=said,
    )
    assert answers.delays_ms() == [1800 - 1500, 6000 - 5500]


def test_keys_noise_and_silence_have_no_delay() -> None:
    noise = (Spoken(Cue("at"), 1000, 1500),)
    keyed = with_entries((80, Meant("inform", 1.0, "keypad")), (90, prompt()), spoken=noise)
    assert keyed.delays_ms() == []
    noisy = with_entries((80, Meant("out_of_scope", 0.0, "")), (90, prompt()), spoken=noise)
    assert noisy.delays_ms() == []


def test_an_answer_that_brings_no_prompt_has_no_delay() -> None:
    said = (Spoken(Cue("at", text="x"), 1000, 1500),)
    assert with_entries((80, Meant("goodbye", 0.9, "embedded")), spoken=said).delays_ms() == []


def test_the_last_value_of_a_slot_counts() -> None:
    values = [SlotSet("city", value, confirmed=True, sensitive=False) for value in ("boston", "albany", None)]
    slots = with_entries(*((n, value) for n, value in enumerate(values[:2]))).slots()
    assert slots == {"city": "albany"}
    assert with_entries(*((n, value) for n, value in enumerate(values))).slots() == {"city": None}


def test_a_call_that_did_not_end_is_unfinished() -> None:
    assert ended(OUTCOME.timeline) == "handed_off"
    assert ended(OUTCOME.timeline[:-1]) == "unfinished"
