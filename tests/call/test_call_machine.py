"""Whatever happens in whatever order, the call keeps its promises (hypothesis)."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.call.phone import Phone, dial, recognised, say, spoken
from voicebot.call.bridge import Role
from voicebot.call.commands import (
    Command,
    Finish,
    FinishRecognition,
    Interpret,
    RunAction,
    StartRecognition,
    StoreHandOff,
    Synthesise,
)
from voicebot.call.events import (
    ActionResult,
    Digit,
    HandOffStored,
    HungUp,
    JobFailed,
    LegJoined,
    LegLeft,
    PartialHeard,
    Synthesised,
)
from voicebot.call.facts import CallLimits
from voicebot.call.timeline import CallEnded, Entry, Floor, FloorChanged
from voicebot.dialogue.events import Act, AnswerKind, End, Expectation, HandOff, HandOffReason, Keypad, Listen, Move

DIGITS = Expectation(AnswerKind.DIGITS, "n", length=(4, 4), keypad=Keypad(length=4), sensitive=True)
LAST: list[Move] = [
    Listen(Expectation()),
    Listen(DIGITS),
    Listen(Expectation(AnswerKind.YES_NO, "y", silence_s=1)),
    Act("action_x", {}),
    Act("call_start_recording", {}),
    HandOff(HandOffReason.USER_REQUEST, "general"),
    End("goodbye"),
]
SAYS = [say("a short one"), say("?synthesised words"), say("not to be stopped", interruptible=False)]
MOVES = st.builds(lambda says, last: [*says, last], st.lists(st.sampled_from(SAYS), max_size=2), st.sampled_from(LAST))
TEXTS = st.sampled_from(["", "[unk]", "yes", "uh huh", "one two", "i want an agent", "five six seven eight"])
HAPPENINGS = st.one_of(
    st.tuples(st.just("wait"), st.integers(20, 1500)),
    st.tuples(st.just("speak"), TEXTS),
    st.tuples(st.just("voice"), st.tuples(TEXTS, st.integers(100, 600), st.integers(0, 800))),
    st.tuples(st.just("engines"), st.booleans()),
    st.tuples(st.just("key"), st.sampled_from("0123456789*#")),
    st.tuples(st.just("fail"), st.integers(1, 12)),
    st.tuples(st.just("answer"), st.integers(1, 12)),
    st.tuples(st.just("leg"), st.sampled_from(["join", "leave"])),
)


def happen(phone: Phone, kind: str, value: object) -> None:
    """Let one thing happen."""
    if kind == "wait":
        phone.wait(int(str(value)))
    elif kind == "speak":
        phone.speak(str(value), ms=400, after=600)
    elif kind == "voice":
        phone.speak(*cast("tuple[str, int, int]", value))
    elif kind == "engines":
        phone.engines = bool(value)
    elif kind == "key":
        phone.step(Digit(str(value)))
    elif kind == "fail":
        phone.step(JobFailed(int(str(value)), "engine", "died"))
    elif kind == "leg":
        phone.step(LegJoined("agent-1", Role.AGENT) if value == "join" else LegLeft("agent-1"))
    else:
        job = int(str(value))
        asked = any(command.job == job for command in phone.asked(FinishRecognition))
        phone.step(
            PartialHeard(job, "x"),
            *([recognised(job, "late words")] if asked else []),
            Synthesised(job, spoken("late"), last=True),
            ActionResult(job),
            HandOffStored(job, "Q-9", 1),
        )


@settings(max_examples=120, deadline=None)
@given(st.lists(MOVES, min_size=1, max_size=8), st.lists(HAPPENINGS, max_size=14), st.booleans())
def test_any_course_of_events(moves: list[list[Move]], happenings: list[tuple[str, object]], engines: bool) -> None:
    phone, _ = dial(*moves, limits=CallLimits(max_duration_s=30, grace_s=5))
    phone.engines = engines
    for kind, value in happenings:
        happen(phone, kind, value)
    phone.step(HungUp())
    assert phone.call.ended
    assert len(phone.all(CallEnded)) == len(phone.asked(Finish)) == 1
    check_jobs(phone.commands)
    check_floor(phone.entries)


def check_jobs(commands: list[Command]) -> None:
    """Every job is issued once, and an utterance is finished only after it was opened."""
    issued = [
        c.job for c in commands if isinstance(c, StartRecognition | Interpret | Synthesise | RunAction | StoreHandOff)
    ]
    assert all(count == 1 for count in Counter(issued).values())
    opened: set[int] = set()
    for command in commands:
        if isinstance(command, StartRecognition):
            opened.add(command.job)
        elif isinstance(command, FinishRecognition):
            assert command.job in opened


def check_floor(entries: list[Entry]) -> None:
    """Every change of the floor starts from where the last one ended and says why; nothing follows the end."""
    changes = [entry.event for entry in entries if isinstance(entry.event, FloorChanged)]
    for before, after in itertools.pairwise(changes):
        assert before.after is after.before
        assert after.reason
    assert changes[-1].after is Floor.ENDED
    assert isinstance(entries[-1].event, CallEnded)


@settings(max_examples=25, deadline=None)
@given(st.lists(MOVES, min_size=1, max_size=6), st.lists(HAPPENINGS, max_size=10))
def test_the_same_course_gives_the_same_timeline(moves: list[list[Move]], happenings: list[tuple[str, object]]) -> None:
    lines = []
    for _ in range(2):
        phone, _ = dial(*moves)
        for kind, value in happenings:
            happen(phone, kind, value)
        lines.append([entry.as_json() for entry in phone.entries])
    assert lines[0] == lines[1]


@settings(max_examples=120, deadline=None)
@given(st.lists(MOVES, min_size=1, max_size=8), st.lists(HAPPENINGS, max_size=14), st.booleans())
def test_a_caller_is_never_left_in_dead_air(
    moves: list[list[Move]], happenings: list[tuple[str, object]], engines: bool
) -> None:
    """Once the caller is quiet and the engines work, the dialogue hears of it, or music plays, a human has the call."""
    phone, script = dial(*moves)
    phone.engines = engines
    for kind, value in happenings:
        happen(phone, kind, value)
    phone.engines, phone.saying = True, ""
    phone.wait(20_000)
    before = len(script.events)
    phone.wait(15_000)
    cared_for = phone.floor() in (Floor.WAITING, Floor.HUMAN, Floor.ENDED)
    assert cared_for or len(script.events) > before, f"stuck in {phone.floor()}: {phone.entries[-6:]}"
