"""Any caller of the demo bank: whatever they say and press, and however slow the engines are, the call ends well."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from tests.call.phone import Cached, Phone, recognised, spoken
from voicebot.audio.frame import Frame
from voicebot.call.call import Call
from voicebot.call.commands import (
    Command,
    FinishRecognition,
    Interpret,
    RecogniseAudio,
    RunAction,
    StoreHandOff,
    Synthesise,
)
from voicebot.call.events import ActionResult, Digit, HandOffStored, Input, PartialHeard, Synthesised, Understood
from voicebot.call.facts import CallFacts, CallLimits, RecordingPolicy
from voicebot.call.step import Step
from voicebot.call.timeline import CallEnded, Floor, PromptEnded
from voicebot.media.house import House
from voicebot.speech.recogniser import Hints

TEXTS = (
    *("", "[unk]", "yes", "no", "uh huh", "okay", "boston", "debit card", "my savings account", "purple elephants"),
    *("what is my balance", "i lost my card", "when are you open", "goodbye", "repeat that", "cancel", "help", "agent"),
    *("seven zero three five two eight four six", "seven zero three five", "two eight four six"),
)
KEYS = ("0", "1", "2", "70352846", "70352846#", "123", "*", "#")
ACCOUNT = ("70352846", "seven zero", "two eight four six")
RECORDING: tuple[RecordingPolicy, ...] = ("off", "announce", "ask")


@dataclass
class Caller(Phone):
    """A caller at random, and engines that take their time at random."""

    house: House | None = None
    luck: random.Random = field(default_factory=random.Random)
    later: list[tuple[int, Input]] = field(default_factory=list)

    def step(self, *inputs: Input, probability: float | None = None, frame: Frame | None = None) -> Step:
        now = self.call.clock.frame
        due = [event for at, event in self.later if at <= now]
        self.later = [(at, event) for at, event in self.later if at > now]
        return super().step(*due, *inputs, probability=probability, frame=frame)

    def _serve(self, commands: Iterable[Command]) -> None:
        for command in commands:
            result = self.result(command)
            if result is not None:
                self.later.append((self.call.clock.frame + self.luck.choice((1, 1, 2, 10, 60)), result))

    def result(self, command: Command) -> Input | None:
        """What the bank's own model and actions say, and a recogniser that hears what is said."""
        assert self.house is not None
        if isinstance(command, RecogniseAudio):
            return PartialHeard(command.job, self.saying)
        if isinstance(command, FinishRecognition):
            return recognised(command.job, self.saying)
        if isinstance(command, Interpret):
            assert command.text.strip(), "there is nothing to understand"
            return Understood(command.job, asyncio.run(self.house.interpreter.interpret(command.text, deadline_ms=999)))
        if isinstance(command, Synthesise):
            return Synthesised(command.job, spoken(command.text), last=True)
        if isinstance(command, RunAction):
            found = self.house.actions.run(command.name, command.slots, now=command.now)
            return ActionResult(command.job, found)
        return HandOffStored(command.job, "Q-1", 1) if isinstance(command, StoreHandOff) else None

    def act(self) -> None:
        """Something that callers do."""
        what = self.luck.random()
        if what < 0.55:
            self.saying = self.luck.choice(TEXTS)
            self.wait(self.luck.randint(60, 1500), 0.95)
            self.wait(self.luck.choice((0, 100, 400, 1500, 6000)))
        elif what < 0.7:
            self.press(self.luck.choice(KEYS))
        else:
            self.wait(self.luck.randint(20, 8000))

    def press(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.step(Digit(key))
            self.wait(self.luck.choice((0, 100, 400)))


@pytest.mark.parametrize("seed", range(60))
def test_the_call_ends_or_waits_for_a_human_and_tells_no_number(house: House, seed: int) -> None:
    luck = random.Random(seed)
    started = datetime(2026, 3, 2, 10, tzinfo=UTC)
    facts = CallFacts("c", "+15550100", "100", started, seed=seed, recording=luck.choice(RECORDING))
    dialogue = house.script.dialogue(seed)
    call = Call(facts, dialogue, Cached(), lambda e: Hints(e.kind.value), CallLimits(max_duration_s=300))
    caller = Caller(call, house=house, luck=luck)
    for _ in range(luck.randint(3, 25)):
        if not call.ended:
            caller.act()
    caller.saying = ""
    for _ in range(50):
        if call.ended or (call.floor is Floor.WAITING and call.handed_off):
            break
        caller.wait(2000)
    else:
        raise AssertionError(f"left alone in {call.floor}: {caller.entries[-6:]}")
    assert call.ended is bool(caller.all(CallEnded))
    assert any(prompt.complete for prompt in caller.all(PromptEnded))
    written = "".join(entry.as_json() for entry in caller.entries) + repr(call.transcript)
    assert not any(number in written for number in ACCOUNT)
