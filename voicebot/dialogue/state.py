"""Where a conversation stands: the stack of flows, the slots, the misunderstandings, and the moves being made."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from voicebot.dialogue.events import End, FlowEnded, FlowStarted, HandOff, Move, Say, SlotValue
from voicebot.dialogue.expression import Expression, holds
from voicebot.dialogue.flows import END, Collect, Flow, Step
from voicebot.dialogue.memory import Memory, Source
from voicebot.dialogue.responses import Speaker
from voicebot.dialogue.script import Script


class Origin(enum.Enum):
    """Why a flow is on the stack."""

    ROOT = "root"
    TASK = "task"
    CALLED = "called"
    PATTERN = "pattern"


@dataclass(slots=True, eq=False)
class Frame:
    """A flow on the stack and the step that it runs next.

    `own_slots` are reset when it ends. `asked`: the question of its step was put to the caller. `pending`: an
    answer to it that is being confirmed. `reported`: the misunderstanding that started it is in the timeline.
    """

    flow: Flow
    step: str
    origin: Origin
    context: Mapping[str, SlotValue]
    own_slots: set[str]
    asked: bool = False
    pending: SlotValue = None
    reported: bool = False

    @property
    def is_wish(self) -> bool:
        """Whether this is something the caller asked for: no pattern, no part of another flow, no mere courtesy."""
        return self.origin is Origin.TASK and self.flow.run_pattern_completed

    @property
    def at(self) -> Step | None:
        """The step that runs next; None at the end."""
        return None if self.step == END else self.flow.steps[self.step]

    @property
    def collects(self) -> Collect | None:
        """The question at which this flow stands."""
        return self.at.does if self.at and isinstance(self.at.does, Collect) else None


@dataclass(slots=True)
class State:
    """Everything that changes in a dialogue. `misses`: misunderstandings in a row by kind, `total` of the call.

    `said`: since the caller's last turn; `said_before`: before it, for "repeat that". `awaiting`: the action
    that runs; `actions`: how many ran since the caller's last turn. `over`: the last move, once it was made.
    """

    script: Script
    memory: Memory
    speaker: Speaker
    stack: list[Frame]
    moves: list[Move] = field(default_factory=list)
    misses: dict[str, int] = field(default_factory=dict)
    total: int = 0
    said: list[Say] = field(default_factory=list)
    said_before: tuple[Say, ...] = ()
    awaiting: str | None = None
    actions: int = 0
    over: Move | None = None
    begun: bool = False

    @property
    def top(self) -> Frame:
        """The frame that runs."""
        return self.stack[-1]

    def question(self) -> tuple[Frame, Collect]:
        """The innermost question that waits for an answer; the open one at the root if no other does."""
        for frame in reversed(self.stack):
            if frame.collects is not None:
                return frame, frame.collects
        raise AssertionError("the root always asks")

    def task(self) -> Frame | None:
        """The innermost task of the caller's."""
        return next((frame for frame in reversed(self.stack) if frame.origin is Origin.TASK), None)

    def has_flow(self, flow: Flow) -> bool:
        """Whether a flow is on the stack."""
        return any(frame.flow is flow for frame in self.stack)

    def holds(self, condition: Expression | None) -> bool:
        """Whether a condition is true now."""
        scope = {"slots": self.memory.values, "context": self.top.context}
        return condition is None or holds(condition, scope)

    def push(self, flow: Flow, origin: Origin, reason: str, context: Mapping[str, SlotValue] | None = None) -> Frame:
        """Put a flow on the stack."""
        frame = Frame(flow, flow.first, origin, context or {}, set(self.script.own_slots[flow.id]))
        self.stack.append(frame)
        self.moves.append(FlowStarted(flow.id, reason, frame.is_wish))
        return frame

    def push_pattern(self, name: str, reason: str, **context: SlotValue) -> None:
        """Put a pattern on the stack; it knows the open question and the task at hand."""
        _, question = self.question()
        task = self.task()
        known: dict[str, SlotValue] = {"slot": question.slot, "flow": task.flow.name if task else None}
        self.push(self.script.flows[name], Origin.PATTERN, reason, {**known, **context})

    def drop(self, frame: Frame, outcome: str) -> None:
        """Take a frame off the stack and reset its slots; those of a called flow live as long as its caller."""
        below = self.stack[self.stack.index(frame) - 1]
        self.stack.remove(frame)
        self.moves.append(FlowEnded(frame.flow.id, outcome, frame.is_wish))
        if frame.origin is Origin.CALLED:
            below.own_slots |= frame.own_slots
            return
        for name in sorted(frame.own_slots):
            self.note(self.memory.reset(name))

    def drop_above(self, depth: int, outcome: str) -> None:
        """Take off all frames above the first `depth`, the innermost first."""
        while len(self.stack) > depth:
            self.drop(self.top, outcome)

    def finish(self, move: HandOff | End) -> None:
        """The conversation is over. Flows at their end are completed; on hand-off none is."""
        for frame in reversed(self.stack[1:]):
            done = "completed" if frame.step == END else "abandoned"
            outcome = "handed_off" if isinstance(move, HandOff) else done
            self.moves.append(FlowEnded(frame.flow.id, outcome, frame.is_wish))
        del self.stack[1:]
        self.over = move
        self.moves.append(move)

    def note(self, move: Move | None) -> None:
        """Add a move, if there is one."""
        if move is not None:
            self.moves.append(move)

    def set_slot(self, name: str, value: SlotValue, source: Source, *, confirmed: bool = True) -> None:
        """Set a slot and note the change."""
        self.note(self.memory.set(name, value, source, confirmed=confirmed))

    def say(self, response: str, asking: Frame | None = None) -> None:
        """Say a response with the slots and the context of the running frame, and of the one that asks."""
        frames = [self.top, asking] if asking else [self.top]
        values = dict(self.memory.values)
        sensitive = self.script.sensitive
        for frame in frames:
            values.update(frame.context)
            if frame.context.get("slot") in sensitive:
                sensitive = sensitive | {"answer"}
        said = self.speaker.say(response, values, sensitive)
        if said is not None:
            self.repeat(said)

    def repeat(self, said: Say) -> None:
        """Say something again as it was."""
        self.moves.append(said)
        self.said.append(said)

    def understood(self) -> None:
        """The caller was understood: misunderstandings in a row start anew."""
        self.misses.clear()

    def missed(self, kind: str) -> int:
        """Count a misunderstanding; how many of this kind there are in a row. Only silence is a kind of its own."""
        family = "no_input" if kind == "no_input" else "no_match"
        self.misses[family] = self.misses.get(family, 0) + 1
        self.total += 1
        return self.misses[family]
