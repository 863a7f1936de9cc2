"""What the bot says, and what is kept of it: timeline, transcript, synthesis asked for and given up."""

from __future__ import annotations

import pytest

from tests.call.phone import WORD_MS, Cached, say, spoken
from voicebot.audio.frame import FRAME_MS
from voicebot.call.books import Books
from voicebot.call.commands import CancelJob, Command, MaskRecording, Synthesise
from voicebot.call.events import Synthesised
from voicebot.call.playout import Playout
from voicebot.call.speaking import SYNTHESIS_DEADLINE_FRAMES, Speaking
from voicebot.call.timeline import PromptEnded, PromptStarted
from voicebot.dialogue.events import Say


class Mouth:
    """A speaking bot, and what left it."""

    def __init__(self) -> None:
        self.books = Books()
        self.speaking = Speaking(Playout(8000), Cached(), self.books)
        self.commands: list[Command] = []
        self.events: list[object] = []

    def run(self, ms: int) -> None:
        for _ in range(ms // FRAME_MS):
            self.speaking.next()
            self.books.clock.frame += 1
        self.drain()

    def drain(self) -> None:
        self.commands += self.books.jobs.take()
        self.events += [entry.event for entry in self.books.timeline.drain()]

    def asked(self) -> list[Synthesise]:
        self.drain()
        return [command for command in self.commands if isinstance(command, Synthesise)]


def test_a_prompt_is_noted_as_it_begins_and_as_it_ends() -> None:
    mouth = Mouth()
    mouth.books.asked_ms = 0
    mouth.run(200)
    mouth.speaking.say(say("one two"))
    mouth.run(2 * WORD_MS + 100)
    assert mouth.events == [
        PromptStarted("utter_one", "one two", 200),
        PromptEnded("utter_one", "one two", complete=True),
    ]
    (turn,) = mouth.books.transcript
    assert (turn.speaker, turn.text, turn.start_ms, turn.end_ms) == ("bot", "one two", 200, 200 + 2 * WORD_MS)
    assert mouth.books.asked_ms is None, "the next prompt answers nothing"


def test_an_interrupted_prompt_is_noted_up_to_its_word() -> None:
    mouth = Mouth()
    mouth.speaking.say(say("one two three"))
    mouth.run(WORD_MS + 100)
    assert mouth.speaking.stop() == "one two"
    assert mouth.books.transcript[0].interrupted
    assert mouth.books.transcript[0].text == "one two"


def test_a_secret_leaves_only_its_mask_behind() -> None:
    mouth = Mouth()
    mouth.speaking.say(Say("utter_s", "four four one", "••••", sensitive=True))
    mouth.run(WORD_MS + 100)
    assert mouth.speaking.stop() == "••••"
    mouth.drain()
    assert "four" not in repr(mouth.books.transcript) + repr(mouth.events)
    assert [(m.start, m.end) for m in mouth.commands if isinstance(m, MaskRecording)] == [(0, None), (0, 21)]


def test_a_prompt_nobody_heard_is_not_in_the_transcript() -> None:
    mouth = Mouth()
    mouth.speaking.say(say("one"))
    assert mouth.speaking.stop() == ""
    assert mouth.books.transcript == ()


@pytest.mark.parametrize(
    ("text", "logged", "sensitive", "keep"),
    [
        ("?Our branch in Boston", "Our branch in Boston", False, True),
        ("?Your reference is four", "Your reference is 4", False, False),
        ("?Your name is", "Your name is", True, False),
    ],
)
def test_audio_about_one_caller_is_not_remembered(text: str, logged: str, sensitive: bool, keep: bool) -> None:
    mouth = Mouth()
    mouth.speaking.say(Say("utter_x", text, logged, sensitive=sensitive))
    assert mouth.asked() == [Synthesise(1, text, SYNTHESIS_DEADLINE_FRAMES, keep)]


def test_synthesis_of_what_is_dropped_is_cancelled_and_comes_too_late() -> None:
    mouth = Mouth()
    mouth.speaking.say(say("?one"))
    mouth.speaking.say(say("?two", interruptible=False))
    mouth.speaking.stop()
    first, second = mouth.asked()
    assert [c for c in mouth.commands if isinstance(c, CancelJob)] == [CancelJob(first.job)]
    mouth.speaking.synthesised(Synthesised(first.job, spoken("one"), last=True))
    mouth.speaking.synthesised(Synthesised(second.job, spoken("two"), last=True))
    mouth.run(WORD_MS + 100)
    assert [e.text for e in mouth.events if isinstance(e, PromptStarted)] == ["?two"]


def test_a_prompt_whose_rest_is_lost_ends_where_it_is() -> None:
    mouth = Mouth()
    mouth.speaking.say(say("?one two"))
    (job,) = mouth.asked()
    mouth.speaking.synthesised(Synthesised(job.job, spoken("?one"), last=False))
    mouth.run(WORD_MS + 100)
    mouth.speaking.lost(job.job)
    mouth.drain()
    assert mouth.events[-1] == PromptEnded("utter_one", "?one", complete=False)
    assert not mouth.speaking.playout.active
    assert mouth.speaking.lost(job.job) is None
