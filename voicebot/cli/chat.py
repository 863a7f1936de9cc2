"""`voicebot chat`: the conversation at the keyboard."""

from __future__ import annotations

import io
import sys
import uuid
from datetime import datetime
from typing import Annotated, Any

import typer

from voicebot.cli import options
from voicebot.cli.screen import screen
from voicebot.dialogue.masking import mask_text


def chat(
    caller: Annotated[str, typer.Option("--caller", metavar="NUMBER", help="The number that calls.")] = "",
) -> None:
    """Talk to the bot in text: the same understanding, flows, prompts and actions as in a call.

    A line of digits is the keypad, an empty line is silence, end of file hangs up.
    """
    from voicebot.media.house import House

    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    settings = options.settings()
    house = House.open(settings, speech=False)
    now = datetime.now(settings.zone)
    facts = house.facts(f"chat-{uuid.uuid4().hex[:8]}", caller, "chat", now)
    with house.stored() as calls:
        talk = house.chat(facts, calls.hand_off)
        _say(talk.start())
        while talk.ended is None:
            line = _read()
            if line is None:
                break
            _say(talk.answer(line))
            _explain(talk)
    screen.print(f"[dim]{talk.ended or 'you hung up'}{f' ({talk.entry})' if talk.entry else ''}[/]")
    if talk.entry:
        screen.print(f"[dim]what the human sees: voicebot queue show {talk.entry}[/]")


def _read() -> str | None:
    try:
        return input("you  > " if sys.stdin.isatty() else "")
    except EOFError:
        return None


def _say(lines: list[str]) -> None:
    for line in lines:
        print(f"bot  > {line}", flush=True)  # noqa: T201 - the conversation is the result


def _explain(talk: Any) -> None:
    meaning = talk.meaning
    if meaning is not None and sys.stdin.isatty():
        found = ", ".join(f"{e.name}={mask_text(e.value)}" for e in meaning.entities)
        screen.print(f"[dim]       {meaning.intent.name} {meaning.intent.confidence:.2f} {found}[/]")
