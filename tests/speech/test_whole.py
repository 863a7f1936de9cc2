from __future__ import annotations

from pathlib import Path

from tests.speech import recorded
from voicebot.speech.hints import digits_hints
from voicebot.speech.recogniser import Hints, Word
from voicebot.speech.vosk import VoskRecogniser
from voicebot.speech.whole import recognise_whole, without_unknown

MODEL = Path(__file__).parents[2] / "models" / "vosk-en-8k-mini"
SPOKEN = "zero one two three four five six seven eight nine".split()


def test_digits_cut_at_their_edges_are_heard_with_times_inside_the_recording() -> None:
    recogniser = VoskRecogniser(MODEL)
    heard = [recognise_whole(recogniser, word, 8000, digits_hints()) for word in recorded.digits()]
    assert sum(h.best.text == digit for h, digit in zip(heard, SPOKEN, strict=True)) >= 9
    for transcription, samples in zip(heard, recorded.digits(), strict=True):
        for word in transcription.best.words:
            assert 0 <= word.start_ms < word.end_ms <= 1000 * len(samples) // 8000


def test_the_same_recording_gives_the_same_result() -> None:
    recogniser = VoskRecogniser(MODEL)
    order = recorded.orders()[0]
    assert recognise_whole(recogniser, order, 8000, Hints("none")) == recognise_whole(
        recogniser, order, 8000, Hints("none")
    )


def test_unknown_words_are_left_out() -> None:
    words = (Word("[unk]", 0, 90, 1.0), Word("two", 90, 200, 0.9))
    assert without_unknown(words) == words[1:]
