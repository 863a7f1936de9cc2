from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicebot.speech.espeak import DEFAULT_VOICE, EspeakSynthesiser, voice_names
from voicebot.speech.espeak_library import variants
from voicebot.speech.synthesiser import SpeechAudio, Synthesiser, SynthesiserError

TEXT = "Thank you for calling. Your balance is $1,234.56, and 3 cards are blocked."


@pytest.fixture(scope="module")
def synthesiser() -> Synthesiser:
    return EspeakSynthesiser()


def heard(synthesiser: Synthesiser, text: str) -> list[SpeechAudio]:
    pieces = list(synthesiser.speak(text))
    assert "".join(piece.text for piece in pieces) == text
    return pieces


def seconds(pieces: list[SpeechAudio]) -> float:
    return sum(len(piece.samples) / piece.rate for piece in pieces)


def test_pieces_come_clause_by_clause_at_22_khz_and_do_not_clip(synthesiser: Synthesiser) -> None:
    pieces = heard(synthesiser, TEXT)
    assert [piece.text for piece in pieces] == [
        "Thank you for calling. ",
        "Your balance is $1,234.56, and 3 cards are blocked.",
    ]
    assert all(piece.rate == 22050 for piece in pieces)
    assert 4 < seconds(pieces) < 9
    assert 4000 < max(int(np.abs(piece.samples.astype(int)).max()) for piece in pieces) < 30000


def test_words_are_marked_where_they_begin(synthesiser: Synthesiser) -> None:
    piece = heard(synthesiser, "Hello there, caller")[0]
    assert [piece.text[mark.char :].split()[0] for mark in piece.marks] == ["Hello", "there,"]
    assert piece.marks[0].sample == 0
    assert 0.15 < piece.marks[1].sample / piece.rate < 0.6


def test_the_same_text_gives_the_same_samples_whatever_was_said_before(synthesiser: Synthesiser) -> None:
    first = heard(synthesiser, TEXT)
    heard(synthesiser, "Something else entirely!")
    list(EspeakSynthesiser("en-gb+f3", rate_wpm=200).speak("No"))
    again = heard(synthesiser, TEXT)
    assert all(np.array_equal(one.samples, other.samples) for one, other in zip(first, again, strict=True))
    assert [piece.marks for piece in first] == [piece.marks for piece in again]


def test_threads_get_the_same_audio_as_one_alone(synthesiser: Synthesiser) -> None:
    voices = [synthesiser, EspeakSynthesiser("en-us+klatt")] * 8
    alone = {voice.name: heard(voice, TEXT)[0].samples for voice in voices[:2]}
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda voice: (voice.name, heard(voice, TEXT)[0].samples), voices))
    assert all(np.array_equal(alone[name], samples) for name, samples in results)


@pytest.mark.parametrize("text", ["", " ", "...", "!", "\n\n"])
def test_nothing_to_say_is_no_error(synthesiser: Synthesiser, text: str) -> None:
    assert seconds(heard(synthesiser, text)) < 1


@pytest.mark.parametrize(
    "text",
    [
        "\x0180S slow",
        "a\x00b",
        "<speak><break time='60s'/>hi</speak>",
        "[[h@l@U]]",
        "&#x1F600; &lt;",
        "😀👍🏽",
        "Привет",
        "你好",
        "\ud800\udfff",
        "\u202eabc",
    ],
)
def test_markup_and_odd_characters_are_only_text(synthesiser: Synthesiser, text: str) -> None:
    assert 0.05 < seconds(heard(synthesiser, text)) + 0.1 < 10


def test_a_control_character_gives_no_command(synthesiser: Synthesiser) -> None:
    assert np.array_equal(heard(synthesiser, "one \x0180Stwo")[0].samples, heard(synthesiser, "one  80Stwo")[0].samples)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_spoken(text: str) -> None:
    for piece in heard(EspeakSynthesiser("en-us"), text):
        chars = [mark.char for mark in piece.marks]
        assert chars == sorted(set(chars))
        assert all(0 <= mark.char < len(piece.text) and 0 <= mark.sample <= len(piece.samples) for mark in piece.marks)


def test_a_long_text_comes_in_pieces(synthesiser: Synthesiser) -> None:
    pieces = heard(synthesiser, "The quick brown fox jumps. " * 200)
    assert len(pieces) == 200
    assert seconds(pieces) > 200


def test_name_tells_all_that_changes_the_audio() -> None:
    assert EspeakSynthesiser().name == f"espeak-ng-1.52.0/{DEFAULT_VOICE}/165/40"
    assert (
        len({EspeakSynthesiser(rate_wpm=rate, volume=volume).name for rate in (150, 180) for volume in (20, 40)}) == 4
    )


def test_voices_and_variants_are_listed() -> None:
    assert {"en-us", "en-gb", "de", "fr-fr"} <= set(voice_names())
    assert {"klatt4", "f3"} <= set(variants())
    assert all(EspeakSynthesiser(voice).name for voice in ("en", "EN-GB+f3", "fr-fr", "de+m3"))


@pytest.mark.parametrize(
    ("voice", "message"),
    [
        ("en-us+klat4", "no variant 'klat4'; close ones are klatt4"),
        ("en-usa", "no espeak-ng voice 'en-usa'; close ones are en-us"),
        ("../../x", "no espeak-ng voice"),
        ("en-us+../x", "no variant"),
        ("", "no espeak-ng voice ''"),
    ],
)
def test_an_unknown_voice_names_close_ones(voice: str, message: str) -> None:
    with pytest.raises(SynthesiserError, match=message):
        EspeakSynthesiser(voice)


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(SynthesiserError, match="80 to 450"):
        EspeakSynthesiser(rate_wpm=20)
    with pytest.raises(SynthesiserError, match="1 to 100"):
        EspeakSynthesiser(volume=0)
