"""The bot's voice coming back never starts an utterance; a caller over it does."""

from __future__ import annotations

import timeit
from functools import partial

import numpy as np
import pytest

from tests.speech.recorded import CORPUS, blocks, digits, orders, pause, prompts
from tests.speech.telephone import Line, listen, received
from voicebot.audio.files import read_audio
from voicebot.audio.frame import Samples
from voicebot.audio.resample import resample
from voicebot.speech.echo import EchoGuard
from voicebot.speech.espeak import EspeakSynthesiser
from voicebot.speech.silero import SileroDetector

WINDOW_MS = 32


@pytest.fixture(scope="module")
def detector() -> SileroDetector:
    return SileroDetector()


@pytest.fixture(scope="module")
def spoken() -> list[Samples]:
    """Recorded and synthesised prompts, with a pause after each."""
    text = "Welcome to the demo bank. You are talking to an automated assistant. How can I help you today?"
    pieces = list(EspeakSynthesiser().speak(text))
    synthesised = resample(np.concatenate([piece.samples for piece in pieces]), pieces[0].rate, 8000)
    return [np.concatenate((prompt, pause(0.8))) for prompt in [*prompts(), synthesised]]


def begin(voice: Samples) -> Samples:
    """From the first loud sample on."""
    return voice[int(np.argmax(np.abs(voice) > 800)) :]


@pytest.mark.parametrize("delay_ms", [60, 137, 300])
@pytest.mark.parametrize(("echo_db", "noise_db"), [(-15, -30), (-20, -30), (-20, -50), (-30, -40)])
def test_echo_alone_starts_nothing(
    detector: SileroDetector, spoken: list[Samples], delay_ms: float, echo_db: float, noise_db: float
) -> None:
    for seed, sent in enumerate(spoken):
        came = received(sent, Line(echo_db, delay_ms, noise_db, seed=seed))
        outcome = listen(detector, sent, came, EchoGuard(8000))
        assert outcome.starts == ()
        assert len(outcome.windows) > 20
        assert outcome.echo_share() > 0.98


def test_without_the_guard_the_echo_would_barge_in(detector: SileroDetector, spoken: list[Samples]) -> None:
    assert all(listen(detector, sent, received(sent, Line()), None).starts for sent in spoken)


def test_echo_smeared_by_a_hybrid_is_learnt(detector: SileroDetector, spoken: list[Samples]) -> None:
    for seed, sent in enumerate(spoken):
        came = received(sent, Line(spread=48, seed=seed))
        assert listen(detector, sent, came, EchoGuard(8000)).echo_share(600) > 0.95


@pytest.mark.parametrize("caller_db", [-10, 0, 6])
@pytest.mark.parametrize("echo_db", [None, -30, -20, -15])
def test_caller_over_the_bot_is_heard_in_time(
    detector: SileroDetector, spoken: list[Samples], caller_db: float, echo_db: float | None
) -> None:
    at = 12000
    for seed, (sent, voice) in enumerate(zip(spoken, [*orders()[:2], digits()[9]], strict=True)):
        caller = begin(voice)
        alone = received(sent, Line(None, seed=seed), caller, at, caller_db)
        both = received(sent, Line(echo_db, 60 + 80 * seed, seed=seed), caller, at, caller_db)
        expected = listen(detector, sent, alone, None).starts[0]
        starts = listen(detector, sent, both, EchoGuard(8000)).starts
        assert at / 8 - 40 < starts[0] <= expected + 2 * WINDOW_MS


def test_most_of_a_caller_gets_through(detector: SileroDetector, spoken: list[Samples]) -> None:
    sent, caller = np.concatenate((spoken[0], spoken[1])), begin(orders()[0])[:16000]
    came = received(sent, Line(), caller, 12000, 0)
    assert listen(detector, sent, came, EchoGuard(8000)).echo_share(1700, 3300) < 0.15


def test_after_the_bot_the_caller_is_never_echo(detector: SileroDetector, spoken: list[Samples]) -> None:
    sent = np.concatenate((spoken[1], pause(3)))
    came = received(sent, Line(), begin(orders()[1])[:16000], len(spoken[1]), 0)
    outcome = listen(detector, sent, came, EchoGuard(8000))
    assert outcome.echo_share(len(spoken[1]) / 8 + 100) < 0.1
    assert len(outcome.starts) >= 1


def test_path_that_changes_in_a_call_is_found_again(detector: SileroDetector, spoken: list[Samples]) -> None:
    first, second = spoken[0], spoken[1]
    came = np.concatenate((received(first, Line(delay_ms=80)), received(second, Line(delay_ms=250, seed=2))))
    guard = EchoGuard(8000)
    outcome = listen(detector, np.concatenate((first, second)), came, guard)
    assert guard.delay_ms == pytest.approx(250, abs=1)
    assert outcome.starts == ()


def test_delay_is_known_once_echo_was_heard(detector: SileroDetector, spoken: list[Samples]) -> None:
    guard = EchoGuard(8000)
    assert guard.delay_ms is None
    listen(detector, spoken[0], received(spoken[0], Line(delay_ms=137)), guard)
    assert guard.delay_ms == pytest.approx(137, abs=0.5)


def test_silent_bot_has_no_echo() -> None:
    guard = EchoGuard(8000)
    assert not guard.is_echo()
    for frame in blocks(orders()[0], 160):
        guard.far(pause(0.02))
        guard.near(frame)
        assert not guard.is_echo()


def test_16_khz_call(spoken: list[Samples]) -> None:
    came = resample(received(spoken[0], Line(delay_ms=100)), 8000, 16000)
    talk = resample(begin(orders()[0])[:24000], 8000, 16000)
    guard, other = EchoGuard(16000), EchoGuard(16000)
    echoes, callers = [], []
    for sent, back, caller in zip(
        blocks(resample(spoken[0], 8000, 16000), 320), blocks(came, 320), blocks(talk, 320), strict=False
    ):
        for known, near in ((guard, back), (other, caller)):
            known.far(sent)
            known.near(near)
        if np.abs(back).max() > 200:
            echoes.append(guard.is_echo())
        if np.abs(caller).max() > 3000:
            callers.append(other.is_echo())
    assert np.mean(echoes) > 0.97
    assert np.mean(callers) < 0.1
    assert guard.delay_ms == pytest.approx(100, abs=1)


def test_same_audio_same_answers(detector: SileroDetector, spoken: list[Samples]) -> None:
    came = received(spoken[0], Line(), begin(orders()[0]), 20000, -5)
    first, again = (listen(detector, spoken[0], came, EchoGuard(8000)) for _ in range(2))
    assert first == again


def test_a_frame_costs_next_to_nothing_and_a_decision_little(spoken: list[Samples]) -> None:
    guard, came = EchoGuard(8000), received(spoken[0], Line())
    for sent, back in zip(blocks(spoken[0][:24000], 160), blocks(came[:24000], 160), strict=True):
        guard.far(sent)
        guard.near(back)
    frame = spoken[0][8000:8160]
    assert min(timeit.repeat(guard.is_echo, number=20, repeat=10)) / 20 < 1e-3
    assert min(timeit.repeat(partial(guard.far, frame), number=200, repeat=10)) / 200 < 1e-5


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the larger corpus is not on this machine")
def test_echo_of_the_corpus_starts_nothing(detector: SileroDetector) -> None:
    paths = sorted((CORPUS / "asterisk").glob("*.flac"), key=lambda path: path.stat().st_size)[-60::5]
    for seed, path in enumerate(paths):
        sent = np.concatenate((read_audio(path).samples[:64000], pause(0.8)))
        came = received(sent, Line(-20, 60 + 20 * seed, -30 - seed, seed=seed))
        assert listen(detector, sent, came, EchoGuard(8000)).starts == ()
