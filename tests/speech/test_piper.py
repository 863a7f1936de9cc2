from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.speech.tone_voice import SAMPLE_RATE, make_tone_voice
from voicebot.speech.piper import PEAK, PiperSynthesiser
from voicebot.speech.prompt_audio import PromptAudio
from voicebot.speech.synthesiser import Synthesiser, SynthesiserError


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tone_voice(tmp_path_factory.mktemp("voice") / "tone.onnx")


def test_speaks_clause_by_clause_with_pauses_between(voice: Path) -> None:
    synthesiser: Synthesiser = PiperSynthesiser(voice)
    text = "Thank you for calling, please hold. Good bye."
    pieces = list(synthesiser.speak(text))
    assert "".join(piece.text for piece in pieces) == text
    assert len(pieces) == 3
    assert all(piece.rate == SAMPLE_RATE and piece.samples.dtype == np.int16 for piece in pieces)
    assert not pieces[0].samples[-int(0.1 * SAMPLE_RATE) :].any()
    assert max(int(np.abs(piece.samples).max()) for piece in pieces) == pytest.approx(PEAK * 32767, abs=2)


def onset(samples: np.ndarray[tuple[int], np.dtype[np.int16]], start: int) -> int:
    """Where the next sound begins at or after `start`."""
    return start + int(np.flatnonzero(np.abs(samples[start:].astype(int)) > 500)[0])


def test_a_voice_that_tells_lengths_gives_word_marks(tmp_path: Path) -> None:
    synthesiser = PiperSynthesiser(make_tone_voice(tmp_path / "aligned.onnx", aligned=True))
    text = "Please hold. Goodbye now."
    pieces = list(synthesiser.speak(text))
    assert [[piece.text[mark.char :].split()[0] for mark in piece.marks] for piece in pieces] == [
        ["Please", "hold."],
        ["Goodbye", "now."],
    ]
    for piece in pieces:
        for mark in piece.marks:
            # Stress and pauses between words are silent and belong to the word that follows them.
            assert onset(piece.samples, mark.sample) - mark.sample < 0.12 * SAMPLE_RATE


def test_word_marks_survive_numbers_and_joined_words(tmp_path: Path) -> None:
    synthesiser = PiperSynthesiser(make_tone_voice(tmp_path / "aligned.onnx", aligned=True))
    text = "the balance of the account is 1,234.56 euros"
    (piece,) = synthesiser.speak(text)
    assert [mark.char for mark in piece.marks] == [0, 4, 12, 15, 19, 27, 30, 39]
    assert [mark.sample for mark in piece.marks] == sorted(mark.sample for mark in piece.marks)
    assert piece.marks[-1].sample < len(piece.samples)


def test_a_voice_that_does_not_tell_lengths_gives_no_marks(voice: Path) -> None:
    assert [piece.marks for piece in PiperSynthesiser(voice).speak("Please hold. Goodbye now.")] == [(), ()]


def test_several_voices_speak_at_once_as_each_alone(voice: Path, tmp_path: Path) -> None:
    voices = [PiperSynthesiser(voice), PiperSynthesiser(make_tone_voice(tmp_path / "long.onnx", vowel_s=0.3))]
    text = "Thank you for calling, please hold. Good bye."

    def say(synthesiser: PiperSynthesiser) -> list[bytes]:
        return [piece.samples.tobytes() for piece in synthesiser.speak(text)]

    alone = [say(each) for each in voices]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(say, voices * 8))
    assert together == alone * 8
    assert alone[0] != alone[1]


def test_the_session_uses_one_thread(voice: Path) -> None:
    options = PiperSynthesiser(voice)._voice.session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)


def test_the_cache_on_disk_survives_a_restart_and_notices_a_changed_voice(tmp_path: Path) -> None:
    path, cache = make_tone_voice(tmp_path / "tone.onnx"), tmp_path / "cache"

    def warm() -> tuple[str, int, int]:
        synthesiser = PiperSynthesiser(path)
        prompts = PromptAudio(synthesiser, 8000, cache_dir=cache)
        prompts.warm(["Good morning."])
        audio = prompts.get("Good morning.")
        assert audio is not None
        return synthesiser.name, len(audio.samples), len(list(cache.iterdir()))

    first = warm()
    assert warm() == first
    make_tone_voice(path, vowel_s=0.3)
    changed = warm()
    assert changed[0] != first[0]
    assert changed[1] > first[1]
    assert changed[2] == 2
    beside = path.with_name("tone.onnx.json")
    beside.write_text(beside.read_text(encoding="utf-8").replace('"length_scale": 1', '"length_scale": 2'))
    assert warm()[1] > changed[1]


def test_noise_and_speaker_are_in_the_name_and_a_speaker_that_is_not_there_is_refused(voice: Path) -> None:
    names = {
        PiperSynthesiser(voice, **each).name for each in ({}, {"noise_scale": 0.0}, {"noise_w": 0.0}, {"speaker": 0})
    }
    assert len(names) == 4
    with pytest.raises(SynthesiserError, match="has 1 speakers, so there is no speaker 3"):
        PiperSynthesiser(voice, speaker=3)


def test_slower_is_longer_and_has_another_name(voice: Path) -> None:
    normal, slow = PiperSynthesiser(voice), PiperSynthesiser(voice, length_scale=1.5)
    assert normal.name != slow.name
    lengths = [len(next(synthesiser.speak("hello")).samples) for synthesiser in (normal, slow)]
    assert lengths[1] > 1.2 * lengths[0]


@pytest.mark.parametrize("text", ["", " ", "...", "😀", "\x00\x01", "[[h@l@U]]", "\ud800"])
def test_odd_texts_are_spoken_or_passed_over(voice: Path, text: str) -> None:
    assert "".join(piece.text for piece in PiperSynthesiser(voice).speak(text)) == text


def test_a_missing_or_broken_voice_is_named(voice: Path, tmp_path: Path) -> None:
    with pytest.raises(SynthesiserError, match=r"absent\.onnx does not exist"):
        PiperSynthesiser(tmp_path / "absent.onnx")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a graph")
    with pytest.raises(SynthesiserError, match=r"broken\.onnx\.json does not exist"):
        PiperSynthesiser(broken)
    beside = tmp_path / "broken.onnx.json"
    beside.write_text("{", encoding="utf-8")
    with pytest.raises(SynthesiserError, match="cannot be read as JSON"):
        PiperSynthesiser(broken)
    beside.write_text("[]", encoding="utf-8")
    with pytest.raises(SynthesiserError, match="not the settings"):
        PiperSynthesiser(broken)
    beside.write_text((voice.parent / "tone.onnx.json").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(SynthesiserError, match=r"broken\.onnx is not a Piper voice"):
        PiperSynthesiser(broken)
    beside.write_text("{}", encoding="utf-8")
    broken.write_bytes(voice.read_bytes())
    with pytest.raises(SynthesiserError, match="lacks 'num_symbols'"):
        PiperSynthesiser(broken)
