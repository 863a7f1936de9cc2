from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.speech.nbest import MOST, Reading, join, readings_of, transcription
from voicebot.speech.recogniser import Word


def alternative(score: float, *words: tuple[str, float, float]) -> dict[str, Any]:
    return {"confidence": score, "result": [{"word": w, "start": s, "end": e} for w, s, e in words]}


def segment(*alternatives: dict[str, Any]) -> dict[str, Any]:
    return {"alternatives": list(alternatives)}


def test_a_word_is_as_sure_as_the_alternatives_that_hold_it_at_that_time() -> None:
    readings = readings_of(
        segment(
            alternative(math.log(6), ("four", 0.0, 0.3), ("two", 0.3, 0.6)),
            alternative(math.log(3), ("four", 0.0, 0.27), ("oh", 0.27, 0.6)),
            alternative(math.log(1), ("two", 0.0, 0.3), ("four", 0.3, 0.6)),
        )
    )
    assert [reading.text for reading in readings] == ["four two", "four oh", "two four"]
    assert [reading.probability for reading in readings] == pytest.approx([0.6, 0.3, 0.1])
    assert [word.confidence for word in readings[0].words] == pytest.approx([0.9, 0.6])
    assert (readings[0].words[1].start_ms, readings[0].words[1].end_ms) == (300, 600)


def test_one_text_with_other_times_is_one_reading() -> None:
    readings = readings_of(segment(alternative(0.0, ("no", 0.0, 0.3)), alternative(0.0, ("no", 0.1, 0.4))))
    assert [reading.text for reading in readings] == ["no"]
    assert readings[0].probability == pytest.approx(1.0)


def test_segments_are_joined_by_the_likeliest_pairs() -> None:
    first = (Reading((Word("one", 0, 300, 1.0),), 0.9), Reading((), 0.1))
    second = (Reading((Word("two", 900, 1200, 0.8),), 0.8), Reading((Word("too", 900, 1200, 0.2),), 0.2))
    joined = join(first, second)
    assert [reading.text for reading in joined] == ["one two", "one too", "two", "too"]
    assert joined[0].probability == pytest.approx(0.72)
    assert join((), second) == second
    assert join(first, ()) == first


def test_unknown_speech_makes_a_hypothesis_unsure() -> None:
    words = (Word("[unk]", 0, 900, 1.0), Word("two", 900, 1200, 0.8))
    best = transcription([Reading(words, 1.0)], "engine").best
    assert best.text == "[unk] two"
    assert best.confidence == pytest.approx(0.2)


def test_later_hypotheses_are_less_sure() -> None:
    readings = [Reading((Word("no", 0, 300, 0.9),), 0.6), Reading((Word("oh", 0, 300, 0.2),), 0.15)]
    heard = transcription(readings, "engine")
    assert [hypothesis.confidence for hypothesis in heard.hypotheses] == pytest.approx([0.9, 0.225])


def test_nothing_heard_is_an_empty_list() -> None:
    assert transcription((), "engine").hypotheses == ()
    assert transcription(readings_of(segment(alternative(3.0))), "engine").hypotheses == ()
    assert readings_of({"text": ""}) == ()


times = st.tuples(st.sampled_from(["yes", "no", "[unk]"]), st.floats(0, 9), st.floats(0.01, 1)).map(
    lambda word: (word[0], word[1], word[1] + word[2])
)
segments = st.lists(
    st.tuples(st.floats(-500, 500), st.lists(times, max_size=5)).map(lambda a: alternative(a[0], *a[1])), max_size=12
).map(lambda alternatives: segment(*alternatives))


@given(st.lists(segments, max_size=4))
def test_probabilities_and_confidences_stay_such(decoded: list[dict[str, Any]]) -> None:
    readings: tuple[Reading, ...] = ()
    for one in decoded:
        readings = join(readings, readings_of(one))
    assert len(readings) <= MOST
    assert sum(reading.probability for reading in readings) <= 1 + 1e-9
    heard = transcription(readings, "engine")
    assert all(0 <= hypothesis.confidence <= 1 for hypothesis in heard.hypotheses)
    assert all(0 <= word.confidence <= 1 for hypothesis in heard.hypotheses for word in hypothesis.words)
    confidences = [hypothesis.confidence for hypothesis in heard.hypotheses]
    assert confidences == sorted(confidences, reverse=True)
