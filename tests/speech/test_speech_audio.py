from __future__ import annotations

import numpy as np
import pytest

from voicebot.speech.speech_audio import LEADING_MS, TRAILING_MS, at_rate, concatenate, trim
from voicebot.speech.synthesiser import SpeechAudio, WordMark


def spoken(text: str, lead: int, speech: int, tail: int, rate: int = 8000) -> SpeechAudio:
    samples = np.concatenate(
        [np.zeros(lead, np.int16), np.full(speech, 1000, np.int16), np.full(tail, 20, np.int16)]
    ).astype(np.int16)
    return SpeechAudio(text, samples, rate, (WordMark(0, 0), WordMark(3, lead + speech // 2)))


def test_silence_around_speech_is_cut_and_marks_move_along() -> None:
    trimmed = trim(spoken("one two", 800, 1600, 4000), leading=True, trailing=True)
    assert len(trimmed.samples) == 1600 + 8 * (LEADING_MS + TRAILING_MS)
    assert trimmed.marks == (WordMark(0, 0), WordMark(3, 8 * LEADING_MS + 800))
    assert not trimmed.samples.flags.writeable


def test_only_the_side_asked_for_is_cut() -> None:
    audio = spoken("one two", 800, 1600, 4000)
    assert len(trim(audio, leading=False, trailing=True).samples) == 800 + 1600 + 8 * TRAILING_MS
    assert len(trim(audio, leading=True, trailing=False).samples) == 8 * LEADING_MS + 1600 + 4000
    assert len(trim(audio, leading=False, trailing=False).samples) == 6400


@pytest.mark.parametrize("count", [0, 1, 16000])
def test_mere_silence_is_one_frame(count: int) -> None:
    silence = SpeechAudio("...", np.zeros(count, np.int16), 8000)
    assert len(trim(silence, leading=True, trailing=True).samples) == 160
    assert len(concatenate("", [], 16000).samples) == 320


def test_another_rate_takes_the_marks_with_it() -> None:
    converted = at_rate(spoken("one two", 0, 22050, 0, 22050), 8000)
    assert (len(converted.samples), converted.rate) == (8000, 8000)
    assert converted.marks == (WordMark(0, 0), WordMark(3, 4000))
    assert at_rate(converted, 8000) is converted


def test_pieces_become_one() -> None:
    whole = concatenate("one two six ten", [spoken("one two ", 0, 800, 0), spoken("six ten", 0, 400, 0)], 8000)
    assert len(whole.samples) == 1200
    assert [(mark.char, mark.sample) for mark in whole.marks] == [(0, 0), (3, 400), (8, 800), (11, 1000)]
