from __future__ import annotations

import itertools
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from tests.speech import recorded
from tests.speech.fixed_graph import make_fixed_graph_model
from voicebot.audio.frame import Samples
from voicebot.audio.resample import resample
from voicebot.speech.hints import DIGITS, digits_hints
from voicebot.speech.recogniser import Hints, Recogniser, RecogniserError, Transcription
from voicebot.speech.vosk import VoskRecogniser

MODEL = Path(__file__).parents[2] / "models" / "vosk-en-8k-mini"
SPOKEN = "zero one two three four five six seven eight nine".split()


@pytest.fixture(scope="module")
def recogniser() -> VoskRecogniser:
    return VoskRecogniser(MODEL)


def line(words: list[Samples], pause_s: float = 0.3) -> Samples:
    return recorded.noisy(recorded.with_pauses(words, pause_s)[0], 8)


def recognise(
    recogniser: Recogniser, samples: Samples, hints: Hints, rate: int = 8000, block_ms: int = 100
) -> tuple[Transcription, list[str]]:
    recognition = recogniser.open(rate, hints)
    step = rate * block_ms // 1000
    partials = [recognition.accept(samples[at : at + step]) for at in range(0, len(samples), step)]
    return recognition.finish(), partials


def test_digits_are_heard_with_times_and_confidences(recogniser: VoskRecogniser) -> None:
    words = recorded.digits()
    heard = [recognise(recogniser, line([word]), digits_hints())[0] for word in words]
    assert sum(h.best.text == digit for h, digit in zip(heard, SPOKEN, strict=True)) >= 9
    for transcription, samples in zip(heard, words, strict=True):
        first = transcription.best.words[0]
        assert 200 <= first.start_ms < first.end_ms <= 400 + len(samples) * 1000 // 8000
        assert 0 < transcription.best.confidence <= 1
        assert transcription.engine == "vosk/vosk-en-8k-mini"


def test_partials_grow_into_the_text(recogniser: VoskRecogniser) -> None:
    heard, partials = recognise(recogniser, line(recorded.digits()[:5]), digits_hints())
    assert partials[0] == ""
    assert all(len(later) >= len(earlier) for earlier, later in itertools.pairwise(partials))
    assert heard.best.text.startswith(partials[-1])
    assert heard.best.text.split()[:3] == ["zero", "one", "two"]


def test_segments_that_vosk_ends_at_pauses_are_put_together(recogniser: VoskRecogniser) -> None:
    heard, partials = recognise(recogniser, line(recorded.digits()[:4], 2.5), digits_hints())
    assert heard.best.text == partials[-1] == "zero one two three"
    starts = [word.start_ms for word in heard.best.words]
    assert all(later - earlier > 2500 for earlier, later in itertools.pairwise(starts))


def test_alternatives_come_best_first(recogniser: VoskRecogniser) -> None:
    noisy = recorded.noisy(line(recorded.digits()[5:8]), 300)
    heard, _ = recognise(recogniser, noisy, digits_hints())
    assert len(heard.hypotheses) > 1
    confidences = [hypothesis.confidence for hypothesis in heard.hypotheses]
    assert confidences == sorted(confidences, reverse=True)
    assert len({hypothesis.text for hypothesis in heard.hypotheses}) == len(heard.hypotheses)


def test_speech_that_is_no_digit_is_not_sure_to_be_one(recogniser: VoskRecogniser) -> None:
    for order in recorded.orders():
        heard, _ = recognise(recogniser, line([order]), digits_hints(("agent", "help")))
        assert "[unk]" in heard.best.text.split()
        assert heard.best.confidence < 0.5


def test_hints_narrow_what_is_heard_and_none_leave_it_to_the_model(recogniser: VoskRecogniser) -> None:
    word = line(recorded.digits()[7:8])
    assert recognise(recogniser, word, Hints("sevens", ("seven",)))[0].best.text == "seven"
    assert recognise(recogniser, word, Hints("none"))[0].best.text == "seven"
    assert "seven" not in recognise(recogniser, word, Hints("others", ("coffee with milk",)))[0].best.text


def test_16_khz_audio_into_the_8_khz_model(recogniser: VoskRecogniser) -> None:
    wide = resample(line(recorded.digits()[:3]), 8000, 16000)
    assert recognise(recogniser, wide, digits_hints(), 16000)[0].best.text == "zero one two"


def test_results_repeat_exactly_in_any_thread(recogniser: VoskRecogniser) -> None:
    samples = line(recorded.digits())
    once = recognise(recogniser, samples, digits_hints())
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda _: recognise(VoskRecogniser(MODEL), samples, digits_hints()), range(8)))
    assert all(result == once for result in again)


@pytest.mark.parametrize("samples", [np.empty(0, np.int16), np.zeros(8000, np.int16), np.zeros(80, np.int16)])
def test_silence_and_nothing_give_no_hypothesis(recogniser: VoskRecogniser, samples: Samples) -> None:
    recognition = recogniser.open(8000, digits_hints())
    assert recognition.accept(samples) == ""
    assert recognition.finish().hypotheses == ()


def test_words_the_model_lacks_leave_room_for_themselves(recogniser: VoskRecogniser) -> None:
    hints = Hints("some", ("talk to a human", "savings", "seven"))
    assert recogniser.unknown_words(hints) == ("human", "savings")
    assert recogniser.knows("someone")
    assert recognise(recogniser, line(recorded.digits()[7:8]), hints)[0].best.text == "seven"
    assert recognise(recogniser, line(recorded.digits()[7:8]), Hints("none", ("human",)))[0].best.text == "seven"
    assert not recogniser.unknown_words(Hints("digits", DIGITS))


def test_an_utterance_ends_once(recogniser: VoskRecogniser) -> None:
    recognition = recogniser.open(8000, Hints("none"))
    recognition.finish()
    with pytest.raises(RecogniserError, match="has ended"):
        recognition.finish()
    with pytest.raises(RecogniserError, match="has ended"):
        recognition.accept(np.zeros(800, np.int16))


def test_a_rate_that_no_call_has_is_refused(recogniser: VoskRecogniser) -> None:
    with pytest.raises(RecogniserError, match="44100 Hz"):
        recogniser.open(44100, Hints("none"))


def test_a_model_that_vosk_cannot_read_is_named(tmp_path: Path) -> None:
    broken = Path(shutil.copytree(MODEL, tmp_path / "broken"))
    content = (broken / "am" / "final.mdl").read_bytes()
    (broken / "am" / "final.mdl").write_bytes(content[: len(content) // 2])
    with pytest.raises(RecogniserError, match=r"cannot use the speech model in .*broken"):
        VoskRecogniser(broken)
    with pytest.raises(RecogniserError, match="no speech model"):
        VoskRecogniser(tmp_path / "absent")


def test_a_model_for_16_khz_takes_telephone_audio(tmp_path: Path) -> None:
    wide = Path(shutil.copytree(MODEL, tmp_path / "wide"))
    conf = wide / "conf" / "mfcc.conf"
    conf.write_text(conf.read_text().replace("--sample-frequency=8000", "--sample-frequency=16000"))
    recogniser = VoskRecogniser(wide)
    assert recogniser.rate == 16000
    heard, _ = recognise(recogniser, line(recorded.digits()[:3]), digits_hints())
    assert heard.best.text == "zero one two"


def test_a_model_with_a_fixed_graph_uses_it_and_says_so_once(tmp_path: Path) -> None:
    fixed = VoskRecogniser(make_fixed_graph_model(MODEL, tmp_path / "fixed", ("zero", "one", "two", "three")))
    with capture_logs() as logs:
        heard, _ = recognise(fixed, line(recorded.digits()[:4]), Hints("other", ("coffee",)))
        recognise(fixed, line(recorded.digits()[:1]), digits_hints())
    assert heard.best.text == "zero one two three"
    assert [entry["event"] for entry in logs] == [
        "the speech model has a fixed graph: its own language model decides, not hints"
    ]
