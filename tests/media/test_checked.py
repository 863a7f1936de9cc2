"""Whatever an engine gives is fit for a call afterwards, or refused without quoting it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.media import checked
from voicebot.nlu.interpreter import Entity, IntentScore, Interpretation
from voicebot.speech.recogniser import Hypothesis, Transcription, Word
from voicebot.speech.synthesiser import SpeechAudio

NUMBERS = st.floats() | st.integers() | st.none() | st.text(max_size=3)
TEXTS = st.text(max_size=30) | st.text("ab \0\n\x1b\u202e\u200d\ud800", max_size=30)
WORDS = st.builds(Word, text=TEXTS, start_ms=st.integers(), end_ms=st.integers(), confidence=NUMBERS)
HEARD = st.builds(
    Transcription,
    hypotheses=st.lists(
        st.builds(Hypothesis, text=TEXTS, confidence=NUMBERS, words=st.lists(WORDS, max_size=3)), max_size=20
    ),
    engine=TEXTS,
)
SCORES = st.builds(IntentScore, name=TEXTS, confidence=NUMBERS)
MEANT = st.builds(
    Interpretation,
    text=TEXTS,
    intent=SCORES,
    ranking=st.lists(SCORES, max_size=3),
    entities=st.lists(st.builds(Entity, name=TEXTS, value=TEXTS, start=st.integers(), end=st.integers()), max_size=3),
    engine=TEXTS,
)


@given(TEXTS)
def test_any_text_is_one_printable_line(text: str) -> None:
    found = checked.text(text)
    assert all(letter.isprintable() or letter in "\u200c\u200d" for letter in found)
    found.encode("utf-8")
    assert checked.text(found) == found


def test_an_endless_text_is_cut() -> None:
    assert len(checked.text("word " * 100_000)) == checked.MOST_CHARACTERS


def test_an_ordinary_text_stays_as_it_is() -> None:
    for text in ("what's my balance", "wie spät ist es", "  two  spaces ", "🙂", "می\u200cخواهم"):
        assert checked.text(text) == text


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (0.5, 0.5),
        (1, 1.0),
        (-1, 0.0),
        (7, 1.0),
        (math.nan, 0.0),
        (math.inf, 1.0),
        (None, 0.0),
        ("1", 0.0),
        (np.float32(0.5), 0.5),
    ],
)
def test_a_confidence_is_a_share(given: object, taken: float) -> None:
    assert checked.confidence(given) == taken
    assert checked.confidence(np.float32(0.5)) == 0.5


@given(HEARD)
def test_any_transcription_can_be_written_as_json(heard: Transcription) -> None:
    found = checked.transcription(heard)
    json.dumps(asdict(found), allow_nan=False).encode()
    assert len(found.hypotheses) <= checked.MOST_HYPOTHESES
    assert checked.transcription(found) == found


@given(MEANT)
def test_any_interpretation_can_be_written_as_json(meant: Interpretation) -> None:
    found = checked.interpretation(meant)
    json.dumps(asdict(found), allow_nan=False).encode()
    assert checked.interpretation(found) == found


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.booleans() | st.none() | st.integers(-9, 9)))
def test_what_an_action_may_give_is_taken(found: dict[str, Any]) -> None:
    assert set(checked.slots(found)) == set(found)
    assert json.dumps(checked.slots(found), allow_nan=False)


@pytest.mark.parametrize(
    "given",
    [
        None,
        ["a"],
        {1: "a"},
        {"secret": object()},
        {"secret": [1]},
        {"secret": math.nan},
        {"secret": b"secret"},
        {"secret": {}},
    ],
    ids=repr,
)
def test_anything_else_is_refused_without_being_quoted(given: object) -> None:
    with pytest.raises(TypeError) as refused:
        checked.slots(given)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "given",
    [
        None,
        b"audio",
        SpeechAudio("x", np.zeros(160, np.int16), 16000),
        SpeechAudio("x", np.zeros(160, np.float32), 8000),
        SpeechAudio("x", np.zeros((80, 2), np.int16), 8000),
        SpeechAudio("x", [0] * 160, 8000),  # type: ignore[arg-type]
    ],
    ids=["nothing", "bytes", "rate", "floats", "stereo", "list"],
)
def test_speech_must_be_the_calls_own_kind(given: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        checked.speech(given, 8000)
    good = SpeechAudio("x", np.zeros(160, np.int16), 8000)
    assert checked.speech(good, 8000) is good
