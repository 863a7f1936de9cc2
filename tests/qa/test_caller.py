"""The scripted caller: every cue at its moment, in order, once."""

from __future__ import annotations

import numpy as np
import pytest

from voicebot.audio.frame import Frame
from voicebot.call.events import Digit, HungUp, Input
from voicebot.call.timeline import Entry, Floor, FloorChanged, PromptEnded, PromptStarted, TimelineEvent
from voicebot.qa.caller import KEY_GAP_FRAMES, LINGER_S, FixtureLeg
from voicebot.qa.fixture import Cue, Echo

RATE = 8000
AUDIO = np.arange(1, 8001, dtype=np.int16)
"""A second, of which every sample is known by its value."""


def started(response: str) -> PromptStarted:
    return PromptStarted(response, "", None)


def ended(response: str) -> PromptEnded:
    return PromptEnded(response, "", complete=True)


def play(leg: FixtureLeg, frames: int, events: dict[int, TimelineEvent] | None = None) -> dict[int, list[Input]]:
    """Run so many frames; `events` are told at the end of theirs. The news by frame."""
    news = {}
    first = len(leg.said)
    for frame in range(first, first + frames):
        leg.read()
        found = list(leg.news())
        if found:
            news[frame] = found
        leg.write(Frame(np.full(160, frame, np.int16)))
        if events and frame in events:
            leg.watch([Entry(frame, events[frame])])
    return news


def speaks(leg: FixtureLeg) -> list[int]:
    """The frames in which there is sound."""
    return [number for number, samples in enumerate(leg.said) if samples.any()]


def test_a_part_of_the_recording_is_played_at_its_time() -> None:
    leg = FixtureLeg(AUDIO, RATE, [Cue("at", wait=0.2, begin=0.5, end=0.55, text="yes")])
    play(leg, 30)
    heard = np.concatenate(leg.said)
    assert (heard[heard > 0] == AUDIO[4000:4400]).all()
    assert speaks(leg) == [10, 11, 12]
    assert [(spoken.start_ms, spoken.end_ms) for spoken in leg.spoken] == [(200, 250)]
    assert leg.waiting == ()


@pytest.mark.parametrize(("trigger", "event"), [("after", ended("utter_x")), ("during", started("utter_x"))])
def test_a_cue_waits_for_its_prompt_and_for_no_other(trigger: str, event: TimelineEvent) -> None:
    cue = Cue(trigger, "utter_x", 0.1, 0, 0.02)  # type: ignore[arg-type]
    leg = FixtureLeg(AUDIO, RATE, [cue])
    play(leg, 40, {3: ended("utter_y"), 4: started("utter_y"), 20: event})
    assert speaks(leg) == [21 + 5]


def test_cues_happen_one_after_the_other_though_their_prompts_come_again() -> None:
    cues = [Cue("after", "utter_x", 0.0, 0, 0.02), Cue("after", "utter_x", 0.0, 0, 0.02)]
    leg = FixtureLeg(AUDIO, RATE, cues)
    play(leg, 40, {5: ended("utter_x"), 20: ended("utter_x"), 30: ended("utter_x")})
    assert speaks(leg) == [6, 21]


def test_a_moment_that_never_comes_is_known() -> None:
    cues = [Cue("after", "utter_x", text="yes"), Cue("at", wait=1)]
    leg = FixtureLeg(AUDIO, RATE, cues)
    play(leg, 100)
    assert leg.waiting == tuple(cues)


def test_keys_are_pressed_one_every_200_ms() -> None:
    leg = FixtureLeg(AUDIO, RATE, [Cue("at", wait=0.1, keys="4#")])
    news = play(leg, 30)
    first, second = news
    assert (news[first], news[second]) == ([Digit("4")], [Digit("#")])
    assert second - first == KEY_GAP_FRAMES


@pytest.mark.parametrize(("end", "after"), [(None, 0), (0.2, 10)])
def test_the_caller_hangs_up_at_once_or_at_the_end_of_what_is_said(end: float | None, after: int) -> None:
    leg = FixtureLeg(AUDIO, RATE, [Cue("at", wait=0.1, end=end, hang_up=True)])
    news = play(leg, 40)
    (frame,) = news
    assert news[frame] == [HungUp()]
    assert 5 + after - 1 <= frame <= 5 + after
    assert len(speaks(leg)) == after


def test_the_bots_voice_comes_back_softer_and_later() -> None:
    leg = FixtureLeg(AUDIO, RATE, [], Echo(60, -20))
    play(leg, 100)
    assert [int(samples[0]) for samples in leg.said[90:93]] == [8, 8, 8], "what was sent in frames 87 to 89, at a tenth"
    assert not leg.said[2].any()


def test_who_waits_in_the_queue_hangs_up_in_the_end() -> None:
    leg = FixtureLeg(AUDIO, RATE, [])
    news = play(leg, 200, {20: FloorChanged(Floor.BOT, Floor.WAITING, "the prompt ended")})
    (frame,) = news
    assert frame == pytest.approx(20 + LINGER_S * 50, abs=2)
