from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.speech import recorded
from voicebot.audio.files import AudioFileError, write_wav
from voicebot.speech.espeak import EspeakSynthesiser
from voicebot.speech.prompt_audio import PromptAudio
from voicebot.speech.synthesiser import SpeechAudio, SynthesiserError

TEXT = "Thank you for calling. How can I help you today?"


class Counting:
    """espeak-ng, and which texts it was asked for."""

    def __init__(self) -> None:
        self._inner = EspeakSynthesiser()
        self.asked: list[str] = []

    @property
    def name(self) -> str:
        return self._inner.name

    def speak(self, text: str) -> Iterator[SpeechAudio]:
        self.asked.append(text)
        return self._inner.speak(text)


@pytest.fixture
def synthesiser() -> Counting:
    return Counting()


def test_a_text_comes_in_pieces_at_the_call_s_rate_and_is_remembered(synthesiser: Counting) -> None:
    prompts = PromptAudio(synthesiser, 8000)
    assert prompts.get(TEXT) is None
    pieces = list(prompts.render(TEXT))
    assert [piece.text for piece in pieces] == ["Thank you for calling. ", "How can I help you today?"]
    whole = prompts.get(TEXT)
    assert whole is not None
    assert np.array_equal(whole.samples, np.concatenate([piece.samples for piece in pieces]))
    assert [whole.text[mark.char :].split()[0] for mark in whole.marks][-2:] == ["you", "today?"]
    assert list(prompts.render(TEXT)) == [whole]
    assert synthesiser.asked == [TEXT]


def test_speech_begins_and_ends_close_to_the_edges_and_pauses_inside_stay(synthesiser: Counting) -> None:
    audio = PromptAudio(synthesiser, 8000)
    audio.warm([TEXT])
    whole = audio.get(TEXT)
    assert whole is not None
    loud = np.flatnonzero(np.abs(whole.samples.astype(int)) > 64)
    assert loud[0] <= 8 * 20
    assert len(whole.samples) - 1 - loud[-1] <= 8 * 40
    assert np.diff(loud).max() > 8 * 200


def test_what_must_not_be_kept_is_not(synthesiser: Counting, tmp_path: Path) -> None:
    prompts = PromptAudio(synthesiser, 8000, {}, tmp_path / "cache")
    list(prompts.render("Your number is one two three.", keep=False))
    assert prompts.get("Your number is one two three.") is None
    list(prompts.render("Good morning Mary."))
    assert prompts.get("Good morning Mary.") is not None
    assert not (tmp_path / "cache").exists()


def test_fixed_prompts_are_synthesised_once_and_then_read(synthesiser: Counting, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    first = PromptAudio(synthesiser, 8000, {}, tmp_path)
    first.warm([TEXT, "Hello.", TEXT], lambda done, total: steps.append((done, total)))
    assert steps == [(1, 2), (2, 2)]
    second = PromptAudio(synthesiser, 8000, {}, tmp_path)
    second.warm([TEXT, "Hello."])
    assert synthesiser.asked == [TEXT, "Hello."]
    one, other = first.get(TEXT), second.get(TEXT)
    assert one is not None
    assert other is not None
    assert np.array_equal(one.samples, other.samples)
    assert one.marks == other.marks


def test_a_damaged_file_is_synthesised_again(synthesiser: Counting, tmp_path: Path) -> None:
    PromptAudio(synthesiser, 8000, {}, tmp_path).warm(["Hello."])
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-7])
    prompts = PromptAudio(synthesiser, 8000, {}, tmp_path)
    prompts.warm(["Hello."])
    assert prompts.get("Hello.") is not None
    assert len(synthesiser.asked) == 2


def test_a_recording_replaces_the_synthesis(synthesiser: Counting, tmp_path: Path) -> None:
    wav = tmp_path / "hello.wav"
    write_wav(wav, np.concatenate([np.zeros(8000, np.int16), recorded.digits()[1]]), 8000)
    prompts = PromptAudio(synthesiser, 16000, {"Hello.": wav}, tmp_path / "cache")
    prompts.warm([])
    audio = prompts.get("Hello.")
    assert audio is not None
    assert 0.1 < len(audio.samples) / 16000 < 1
    assert next(iter(PromptAudio(synthesiser, 16000, {"Hello.": wav}).render("Hello."))).rate == 16000
    assert synthesiser.asked == []
    wav.write_bytes(b"")
    with pytest.raises(AudioFileError, match=r"hello\.wav is empty"):
        PromptAudio(synthesiser, 8000, {"Hello.": wav}).warm([])


def test_memory_is_bounded_and_the_least_used_goes_first(synthesiser: Counting) -> None:
    texts = [f"number {word}" for word in ("one", "two", "three", "four")]
    sizes = [len(next(PromptAudio(synthesiser, 8000).render(text)).samples) * 2 for text in texts]
    prompts = PromptAudio(synthesiser, 8000, memory_bytes=sum(sizes) - 1)
    prompts.warm(["fixed"])
    for text in texts[:3]:
        list(prompts.render(text))
    assert prompts.get(texts[0]) is not None
    list(prompts.render(texts[3]))
    assert [prompts.get(text) is not None for text in texts] == [True, False, True, True]
    assert prompts.get("fixed") is not None


@pytest.mark.parametrize("text", ["", "...", " "])
def test_nothing_to_say_is_a_frame_of_silence(synthesiser: Counting, text: str) -> None:
    prompts = PromptAudio(synthesiser, 8000)
    prompts.warm([text])
    audio = prompts.get(text)
    assert audio is not None
    assert len(audio.samples) == 160


def test_threads_agree(synthesiser: Counting) -> None:
    prompts = PromptAudio(synthesiser, 8000)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda number: list(prompts.render(f"number {number % 3}")), range(24)))
    for index, pieces in enumerate(results):
        whole = prompts.get(f"number {index % 3}")
        assert whole is not None
        assert np.array_equal(whole.samples, np.concatenate([piece.samples for piece in pieces]))


class Faltering:
    """A voice that says one clause and then fails."""

    name = "faltering"

    def speak(self, text: str) -> Iterator[SpeechAudio]:
        yield next(EspeakSynthesiser("de").speak(text))
        raise SynthesiserError("the voice is gone")


def test_the_standby_voice_says_the_rest_and_it_is_not_remembered(tmp_path: Path) -> None:
    text = "Thank you for calling, please hold. Good bye."
    standby = EspeakSynthesiser()
    prompts = PromptAudio(Faltering(), 8000, cache_dir=tmp_path, standby=standby)
    pieces = list(prompts.render(text))
    assert "".join(piece.text for piece in pieces) == text
    rest = list(PromptAudio(standby, 8000).render(text[len(pieces[0].text) :]))
    assert [piece.samples.tobytes() for piece in pieces[1:]] == [piece.samples.tobytes() for piece in rest]
    assert prompts.get(text) is None
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(SynthesiserError, match="the voice is gone"):
        list(PromptAudio(Faltering(), 8000).render(text))
    with pytest.raises(SynthesiserError, match="the voice is gone"):
        prompts.warm([text])
