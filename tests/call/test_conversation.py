"""What the dialogue decides is carried out once, in order, and a recording keeps nothing that it must not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from tests.call.phone import WORD_MS, Phone, dial, recognised, say, spoken
from voicebot.call.commands import (
    Command,
    Finish,
    FinishRecognition,
    MaskRecording,
    RunAction,
    StartRecording,
    StopRecording,
    StoreHandOff,
    Synthesise,
)
from voicebot.call.events import ActionResult, Digit, HandOffStored, HungUp, JobFailed, Synthesised
from voicebot.call.facts import CallLimits
from voicebot.call.timeline import Floor, HandedOff, JobLost, PromptEnded
from voicebot.dialogue.events import (
    Act,
    AnswerKind,
    End,
    Event,
    Expectation,
    FlowEnded,
    FlowStarted,
    HandOff,
    HandOffReason,
    Keypad,
    LearntSlot,
    Listen,
    Move,
    Say,
    Started,
    Trouble,
)

ASK: list[Move] = [say("How can I help"), Listen(Expectation())]
NUMBER = Expectation(AnswerKind.DIGITS, "account", length=(8, 8), keypad=Keypad(length=8), sensitive=True)
AGENT: list[Move] = [say("A colleague will help you"), HandOff(HandOffReason.USER_REQUEST, "cards")]
SECRET = Say("utter_secret", "your number is four four", "your number is ••••", sensitive=True)


@dataclass
class OnceOver:
    """A dialogue that is over after its last list of moves, as the flow engine is: it then repeats the last move."""

    moves: list[Sequence[Move]]
    events: list[Event] = field(default_factory=list)

    def advance(self, event: Event) -> list[Move]:
        self.events.append(event)
        return list(self.moves.pop(0)) if len(self.moves) > 1 else self._last()

    def _last(self) -> list[Move]:
        moves, self.moves[0] = list(self.moves[0]), self.moves[0][-1:]
        return moves

    def learnt(self) -> tuple[LearntSlot, ...]:
        return ()


def at_the_hand_off(*, acting: bool = False) -> Phone:
    """A caller who asks for a human, with an action still running if `acting`; the store has not answered yet."""
    phone, _ = dial()
    moves: list[Sequence[Move]] = [ASK, [Act("action_x", {})], AGENT] if acting else [ASK, AGENT]
    phone.call._conversation._dialogue = OnceOver(moves)
    phone.wait(2000)
    if acting:
        phone.speak("my balance", after=900)
    phone.speak("an agent", ms=400, after=520)
    phone.engines = False
    while not phone.asked(StoreHandOff):
        phone.engines = True
        phone.step()
        phone.engines = False
    phone.inbox.clear()
    return phone


@pytest.mark.parametrize("works", [True, False])
def test_an_action_that_returns_after_the_hand_off_changes_nothing(works: bool) -> None:
    phone = at_the_hand_off(acting=True)
    job = phone.asked(RunAction)[0].job
    phone.step(ActionResult(job) if works else JobFailed(job, "action", "down"))
    phone.step(HandOffStored(phone.asked(StoreHandOff)[0].job, "Q-1", 1))
    phone.wait(5 * WORD_MS + 300)
    assert len(phone.asked(StoreHandOff)) == len(phone.all(HandedOff)) == 1
    assert phone.all(PromptEnded)[-1] == PromptEnded("utter_a", "A colleague will help you", complete=True)
    assert phone.floor() is Floor.WAITING


def test_a_store_that_is_slow_once_is_asked_again_and_the_caller_told_in_full() -> None:
    phone = at_the_hand_off()
    phone.wait(10_100)
    first, second = phone.asked(StoreHandOff)
    phone.step(HandOffStored(first.job, "Q-8", 1), HandOffStored(second.job, "Q-9", 1))
    phone.wait(5 * WORD_MS + 300)
    assert phone.call.handed_off == "Q-9"
    assert phone.all(PromptEnded)[-1].complete


def test_two_jobs_that_are_late_in_the_same_frame_are_one_trouble() -> None:
    moves: list[Sequence[Move]] = [[say("?one"), say("?two"), Listen(Expectation())], AGENT]
    phone, _ = dial()
    dialogue = phone.call._conversation._dialogue = OnceOver(moves)
    phone.engines = False
    phone.wait(4500)
    assert len(phone.all(JobLost)) == 2
    assert [type(event) for event in dialogue.events] == [Started, Trouble]
    assert len(phone.asked(StoreHandOff)) == 1


def test_a_long_text_may_take_its_time_as_long_as_pieces_come() -> None:
    phone, _ = dial([say("?a long text"), Listen(Expectation())])
    phone.step()
    job = phone.asked(Synthesise)[0].job
    for _ in range(4):
        phone.wait(2000)
        phone.step(Synthesised(job, spoken("a piece"), last=False))
    phone.step(Synthesised(job, spoken("the end"), last=True))
    phone.wait(1500)
    assert not phone.all(JobLost)
    assert phone.floor() is Floor.OPEN


def test_goodbye_is_not_cut_by_the_longest_duration() -> None:
    farewell: list[Move] = [say("Goodbye and thank you for your call"), End("goodbye")]
    phone, _ = dial(ASK, farewell, limits=CallLimits(max_duration_s=4, grace_s=10))
    phone.wait(3000)
    phone.step(Digit("9"))
    phone.wait(8 * WORD_MS)
    assert phone.all(PromptEnded)[-1].complete
    assert phone.asked(Finish) == [Finish("completed", "goodbye")]


@pytest.mark.parametrize(
    ("flows", "outcome"),
    [
        ([FlowStarted("a", "", wish=True), FlowEnded("a", "completed", wish=True)], "completed"),
        ([FlowStarted("a", "", wish=True)], "abandoned"),
        ([FlowStarted("a", "", wish=True), FlowEnded("a", "cancelled", wish=True)], "abandoned"),
        ([FlowStarted("p", ""), FlowEnded("p", "completed")], "abandoned"),
    ],
)
def test_a_call_is_completed_when_the_caller_got_what_they_wished(flows: list[Move], outcome: str) -> None:
    phone, _ = dial([*flows, *ASK])
    phone.wait(100)
    phone.step(HungUp())
    assert phone.asked(Finish)[0].outcome == outcome


# --- recording -----------------------------------------------------------------------------------------------------


def test_nobody_is_recorded_before_they_were_told_to_the_end() -> None:
    """Even where a flow's author forgot to make the notice uninterruptible."""
    notice: list[Move] = [say("This call is recorded"), Act("call_start_recording", {})]
    phone, _ = dial(notice, ASK)
    phone.wait(300)
    phone.speak("no wait a moment", ms=600, after=0)
    assert not phone.asked(StartRecording)
    phone.wait(1000)
    assert phone.all(PromptEnded)[0].complete
    assert phone.asked(StartRecording)


def silenced(commands: Sequence[Command], frames: int) -> list[bool]:
    """Which frames a recording does not keep, as a writer that knows one open span understands the commands."""
    spans: dict[int, int] = {}
    open_spans: set[int] = set()
    for command in commands:
        if isinstance(command, MaskRecording):
            (open_spans.add if command.end is None else open_spans.discard)(command.start)
            spans[command.start] = frames if command.end is None else command.end
        assert len(open_spans) <= 1, "one open span at a time"
    return [any(start <= frame < end for start, end in spans.items()) for frame in range(frames)]


def test_masks_of_a_prompt_and_of_its_answer_are_one_span() -> None:
    """A sensitive prompt is silenced from its first frame, and its end does not end the answer's silence."""
    phone, _ = dial([say("Hello"), Listen(Expectation())], [SECRET, Listen(NUMBER)], ASK)
    phone.wait(800)
    phone.step(Digit("0"))
    asked = phone.call.clock.frame - 1
    phone.wait(5 * WORD_MS + 1000)
    assert [m.end for m in phone.asked(MaskRecording)] == [None]
    for key in "12345678":
        phone.step(Digit(key))
    answered = phone.call.clock.frame
    phone.wait(200)
    quiet = silenced(phone.commands, phone.call.clock.frame)
    assert all(quiet[asked : answered - 1])
    assert not any(quiet[:asked])
    assert not quiet[-1]


def test_an_interrupted_secret_is_silenced_until_then() -> None:
    phone, _ = dial([SECRET, Listen(Expectation())], ASK)
    phone.wait(600)
    phone.step(Digit("0"))
    opened, closed = phone.asked(MaskRecording)
    assert (opened.start, opened.end) == (closed.start, None) == (0, None)
    assert closed.end is not None
    assert closed.end >= 30


def test_a_recording_that_begins_within_a_mask_is_told_of_it() -> None:
    start: list[Move] = [Act("call_start_recording", {})]
    phone, _ = dial([say("Number"), Listen(NUMBER)], start, [say("Number"), Listen(NUMBER)])
    phone.wait(800)
    for key in "12345678":
        phone.step(Digit(key))
    order = [c for c in phone.commands if isinstance(c, StartRecording | MaskRecording)]
    begun = next(i for i, c in enumerate(order) if isinstance(c, StartRecording))
    assert any(isinstance(c, MaskRecording) and c.end is None for c in order[begun:])


def test_hidden_keys_are_silenced_even_before_they_are_asked_for() -> None:
    """Their tones may be in the audio."""
    phone, _ = dial(ASK, [Act("action_x", {})], ASK)
    phone.wait(1500)
    phone.speak("my balance", after=900)
    phone.step(Digit("4"))
    frame = phone.call.clock.frame - 1
    (mask,) = phone.asked(MaskRecording)
    assert mask.end is not None
    assert mask.start < frame < mask.end


def test_recording_stops_and_starts_as_told() -> None:
    begin, end = Act("call_start_recording", {}), Act("call_stop_recording", {})
    phone, _ = dial([begin], [begin], [say("Thanks"), Listen(Expectation())], [end], ASK)
    phone.wait(1000)
    assert len(phone.asked(StartRecording)) == 1, "it was running already"
    phone.step(Digit("1"))
    phone.wait(200)
    phone.step(HungUp())
    assert len(phone.asked(StopRecording)) == 1


def test_a_package_names_the_recording_of_what_was_recorded() -> None:
    phone, _ = dial([Act("call_start_recording", {})], ASK, AGENT)
    phone.wait(2000)
    phone.step(Digit("0"))
    assert phone.asked(StoreHandOff)[0].package.recording == "c1"


def test_words_still_awaited_at_the_hand_off_are_not_waited_for() -> None:
    phone, _ = dial(ASK, [Act("action_x", {})], AGENT)
    phone.wait(1500)
    phone.speak("my balance", after=900)
    phone.engines = False
    phone.wait(300, 0.95)
    phone.wait(600)
    late = phone.asked(FinishRecognition)[-1].job
    phone.step(ActionResult(phone.asked(RunAction)[0].job))
    phone.step(HandOffStored(phone.asked(StoreHandOff)[0].job, "Q-1", 1))
    phone.step(recognised(late, "hello"), JobFailed(late, "vosk", "died"))
    phone.wait(4000)
    assert not phone.all(JobLost)
    assert phone.floor() is Floor.WAITING
