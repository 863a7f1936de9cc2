"""The same conversation in text: dialogue, interpreter and actions, without audio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from voicebot.call.books import masked
from voicebot.call.conversation import Dialogue
from voicebot.call.facts import CallFacts
from voicebot.call.handoff import HandOffPackage, IntentTry, TranscriptTurn
from voicebot.call.packing import pack
from voicebot.call.understanding import key_turn, user_turn
from voicebot.dialogue.events import (
    Act,
    ActionFinished,
    End,
    Event,
    Expectation,
    FlowStarted,
    HandOff,
    HandOffReason,
    Listen,
    Move,
    Say,
    SlotValue,
    Started,
    Trouble,
    UserSilence,
)
from voicebot.media import checked
from voicebot.media.engines import Deeds
from voicebot.nlu.interpreter import Interpretation, Interpreter

DEADLINE_MS = 2000


@dataclass
class Chat:
    """One caller at a keyboard. `said` are the bot's lines since the caller's last one."""

    facts: CallFacts
    dialogue: Dialogue
    interpreter: Interpreter
    actions: Deeds
    hand_off: Callable[[HandOffPackage], tuple[str, int]]
    expectation: Expectation | None = None
    meaning: Interpretation | None = None
    ended: str | None = None
    entry: str | None = None
    turns: list[TranscriptTurn] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    _wishes: list[str] = field(default_factory=list)

    def start(self) -> list[str]:
        """Answer the call; the bot's first lines."""
        facts: dict[str, SlotValue] = {"caller_number": self.facts.caller, "recording_policy": "off"}
        return self._advance(Started(facts))

    def answer(self, text: str) -> list[str]:
        """The caller's line (digits and keys alone count as the keypad, nothing as silence); the bot's lines."""
        text = checked.text(text)
        expectation = self.expectation or Expectation()
        self.moves.clear()
        self.meaning = None
        if not text.strip():
            return self._advance(UserSilence())
        if set(text) <= set("0123456789*#"):
            turn = key_turn(text.strip("#"), expectation)
            self._write("caller", masked(text, sensitive=expectation.sensitive))
            return self._advance(turn)
        return self._understand(text, expectation)

    async def _interpreted(self, text: str) -> Interpretation:
        async with asyncio.timeout(DEADLINE_MS / 1000):
            return await self.interpreter.interpret(text, deadline_ms=DEADLINE_MS)

    def _understand(self, text: str, expectation: Expectation) -> list[str]:
        try:
            self.meaning = checked.interpretation(asyncio.run(self._interpreted(text)))
        except Exception as error:  # noqa: BLE001 - whatever the engine raises, the caller gets a human
            return self._advance(Trouble(HandOffReason.ERROR, f"interpret failed: {type(error).__name__}"))
        tries = tuple(IntentTry(i.name, i.confidence) for i in self.meaning.ranking[:3])
        self._write("caller", masked(text, sensitive=expectation.sensitive), tries)
        return self._advance(user_turn(self.meaning, expectation, heard=1.0))

    def _write(self, speaker: str, text: str, intents: tuple[IntentTry, ...] = ()) -> None:
        self.turns.append(TranscriptTurn(speaker, text, 0, 0, intents=intents))

    def _advance(self, event: Event) -> list[str]:
        """Feed the dialogue until the word is the caller's again, or the call is over."""
        lines: list[str] = []
        waiting: Event | None = event
        while waiting is not None:
            moves = self.dialogue.advance(waiting)
            self.moves.extend(moves)
            lines += self._spoken(moves)
            waiting = self._last(moves[-1])
        return lines

    def _spoken(self, moves: list[Move]) -> list[str]:
        says = [move for move in moves if isinstance(move, Say)]
        for say in says:
            self._write("bot", say.logged)
        self._wishes += [move.flow for move in moves if isinstance(move, FlowStarted) and move.wish]
        return [say.text for say in says]

    def _last(self, move: Move) -> Event | None:
        self.expectation = move.expectation if isinstance(move, Listen) else None
        if isinstance(move, Act):
            return self._act(move)
        if isinstance(move, HandOff):
            self.entry, _ = self.hand_off(self._package(move))
            self.ended = f"handed off: {move.reason.value}, queue {move.queue}"
        elif isinstance(move, End):
            self.ended = move.reason
        return None

    def _act(self, act: Act) -> Event:
        if act.name.startswith("call_"):
            return ActionFinished(act.name)
        try:
            found = checked.slots(self.actions.run(act.name, act.slots, now=self.facts.started_at))
        except Exception as error:  # noqa: BLE001 - an action may raise anything; the dialogue decides
            return ActionFinished(act.name, error=type(error).__name__)
        return ActionFinished(act.name, found)

    def _package(self, move: HandOff) -> HandOffPackage:
        return pack(
            self.facts,
            move.reason,
            move.queue,
            move.priority,
            at_ms=0,
            wishes=self._wishes,
            transcript=tuple(self.turns),
            slots=self.dialogue.learnt(),
        )
