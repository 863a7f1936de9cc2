"""A whole call into a recording file: both sides apart, nothing before the notice, sensitive parts silent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from voicebot.audio.files import read_audio_at
from voicebot.call.call import Call
from voicebot.call.timeline import Heard, PromptStarted, RecordingChanged
from voicebot.media.engines import Work
from voicebot.media.house import House
from voicebot.media.inline import InlineJobs
from voicebot.media.line import Line, Recorder
from voicebot.media.ticker import Ticker, run_virtual
from voicebot.qa.caller import FixtureLeg
from voicebot.qa.fixture import load
from voicebot.qa.replay import Kept, facts_of
from voicebot.store.recordings import RecordingStore

FIXTURES = Path(__file__).parent.parent.parent / "audio_fixtures"


def recorded(house: House, name: str, folder: Path) -> tuple[FixtureLeg, np.ndarray | None, int]:
    """Replay a fixture with the recorder on; its leg, the recording as (frames, 2) and its first frame of the call."""
    fixture = load(FIXTURES / f"{name}.yml")
    call = house.call(facts_of(fixture))
    first: list[int] = []
    with RecordingStore(folder) as store:

        def record(of: Call) -> Recorder:
            first.append(of.clock.frame)
            facts = of.facts
            return store.start(facts.call_id, rate=facts.rate, first_frame=of.clock.frame, started_at=facts.started_at)

        leg = FixtureLeg(read_audio_at(fixture.audio, fixture.rate).samples, fixture.rate, fixture.cues)
        ticker = Ticker(house.activity())
        ticker.add(Line(call, leg, InlineJobs(Work(house.engines(fixture.rate, Kept()), "c", fixture.rate)), record))
        run_virtual(ticker, 50 * 120)
    with RecordingStore(folder) as store:
        if not store.list():
            return leg, None, 0
        from voicebot.store.recordings import Recording

        Recording.open(store.list()[0]).export_wav(folder / "out.wav")
    samples, _ = soundfile.read(folder / "out.wav", dtype="int16")
    return leg, samples, first[0]


def part(samples: np.ndarray, first: int, start_ms: int, end_ms: int) -> np.ndarray:
    """What was recorded between two moments of the call, at 8 kHz."""
    begin = first * 20
    return samples[(start_ms - begin) * 8 : (end_ms - begin) * 8]


def test_the_recording_has_both_sides_and_not_the_account_number(house: House, tmp_path: Path) -> None:
    leg, samples, first = recorded(house, "demo/from_greeting_to_human", tmp_path)
    assert samples is not None
    told = next(e.frame for e in leg.entries if isinstance(e.event, RecordingChanged))
    notice = next(e.frame for e in leg.entries if isinstance(e.event, PromptStarted) and "recorded" in e.event.text)
    assert notice < told <= first
    digits = next(s for s in leg.spoken if s.cue.text and s.cue.text.startswith("seven"))
    assert not part(samples, first, digits.start_ms - 200, digits.end_ms).any(), "nothing of the account number"
    for said in leg.spoken:
        if said is not digits:
            heard = part(samples, first, said.start_ms, said.end_ms)
            assert np.abs(heard[:, 0]).max() > 1000, f"the caller is on the left: {said.cue.text}"
    answer = next(e.at_ms for e in leg.entries if isinstance(e.event, PromptStarted) and "branches" in e.event.text)
    spoken = part(samples, first, answer, answer + 1000)
    assert np.abs(spoken[:, 1]).max() > 1000, "the bot is on the right"
    assert not spoken[:, 0].any()
    assert any(isinstance(e.event, Heard) for e in leg.entries)


def test_a_refusal_stores_no_audio(house: House, tmp_path: Path) -> None:
    _, samples, _ = recorded(house, "recording/consent_refused", tmp_path)
    assert samples is None
    assert not [path for path in tmp_path.iterdir() if path.stat().st_size]
