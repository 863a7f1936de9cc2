"""The live transcript: what a person wants to see of a call, and nothing that could be taken for markup."""

from __future__ import annotations

import io

from rich.console import Console

from voicebot.call.timeline import (
    BargedIn,
    CallEnded,
    CallerStopped,
    Entry,
    Floor,
    FloorChanged,
    HandedOff,
    Heard,
    JobAnswered,
    JobLost,
    KeyPressed,
    Meant,
    NothingHeard,
    PromptEnded,
    PromptStarted,
    RecordingChanged,
    SilenceElapsed,
    TimelineEvent,
)
from voicebot.cli.live import LINES, LiveView
from voicebot.dialogue.events import NotUnderstood, SlotSet


def shown(*events: TimelineEvent) -> list[str]:
    """The lines that are printed for events of the 100th frame."""
    out = io.StringIO()
    LiveView(Console(file=out, width=200, highlight=False)).show([Entry(100, event) for event in events])
    return out.getvalue().splitlines()


def test_a_conversation_reads_like_one() -> None:
    assert shown(
        PromptStarted("utter_greet", "How can I help?", None),
        PromptEnded("utter_greet", "How can I help?", complete=True),
        Heard("my balance", 0.873, "vosk"),
        Meant("check_balance", 0.91, "embedded"),
        PromptStarted("utter_balance", "It is ten dollars.", 640),
        PromptEnded("utter_balance", "It is", complete=False),
        KeyPressed("•"),
    ) == [
        "  2.00  bot    How can I help?",
        "  2.00  caller my balance  (heard with 0.87)",
        "  2.00          → check_balance 0.91 embedded",
        "  2.00  bot    It is ten dollars.  (640 ms after the caller's last word)",
        "  2.00  bot    stopped after “It is”",
        "  2.00  caller •  (key)",
    ]


def test_what_happens_beside_it_is_told_too() -> None:
    lines = shown(
        BargedIn("resumed", "", "back-channel"),
        SilenceElapsed(5000),
        NotUnderstood("no_input", 1, "reprompt"),
        SlotSet("city", "boston", confirmed=True, sensitive=False),
        RecordingChanged("started"),
        JobLost(3, "recognise", "no answer within its deadline"),
        HandedOff("Q-7", "cards", "user_request", 1),
        CallEnded("handed_off", "the caller hung up"),
    )
    words = ("back-channel", "5.0 s", "no_input", "boston", "recording started", "recognise", "Q-7", "handed_off")
    assert len(lines) == len(words)
    assert all(word in line for word, line in zip(words, lines, strict=True))


def test_inner_workings_are_not_shown() -> None:
    assert not shown(
        FloorChanged(Floor.BOT, Floor.OPEN, "the prompt ended"),
        JobAnswered(1, "interpret", 1),
        CallerStopped(0, 1, 2, "silence"),
        NothingHeard(300),
        BargedIn("interrupted", "How", "words"),
        SlotSet("city", None, confirmed=True, sensitive=False),
    )


def test_brackets_in_what_is_said_are_no_markup() -> None:
    for event in (Heard("[red]x[/]", 0.5, ""), PromptStarted("x", "[red]x[/]", None), JobLost(1, "x", "[red]x[/]")):
        assert "[red]x[/]" in shown(event)[0]


def test_every_line_is_of_an_event_of_the_timeline() -> None:
    assert set(LINES) <= set(TimelineEvent.__args__)
