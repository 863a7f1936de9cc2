"""Compares what became of a call with what a fixture expects; every difference is a sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from voicebot.call.books import masked
from voicebot.qa.fixture import Cue, Expected, Fixture
from voicebot.qa.outcome import Outcome


def failures(fixture: Fixture, outcome: Outcome) -> list[str]:
    """All expectations that were not met; empty when the fixture passed."""
    expected = fixture.expected
    return [*_missed(outcome), *_texts(fixture, outcome), *_course(expected, outcome), *_figures(expected, outcome)]


def unknown_responses(fixture: Fixture, known: Collection[str]) -> list[str]:
    """What a fixture waits for or expects, and the bot never says: such a fixture would test nothing."""
    cues = {cue.response for cue in fixture.cues if cue.response}
    named = sorted(cues | {*fixture.expected.said, *fixture.expected.not_said})
    return [f"there is no response {name}" for name in named if name not in known]


def _missed(outcome: Outcome) -> Iterator[str]:
    for cue in outcome.missed[:1]:
        moment = f"at {cue.wait:g} s" if cue.trigger == "at" else f"{cue.trigger} {cue.response}"
        yield f"the moment never came for what the caller does {moment}, nor for anything after it"


def _texts(fixture: Fixture, outcome: Outcome) -> Iterator[str]:
    if fixture.expected.words:
        yield from _words(fixture.cues, outcome.heard())
    yield from _missing("intent", fixture.expected.intents, outcome.intents())
    yield from _missing("prompt", fixture.expected.said, outcome.prompts())
    said = set(outcome.prompts())
    for response in fixture.expected.not_said:
        if response in said:
            yield f"prompt {response} was said but should not have been"


def _words(cues: Sequence[Cue], heard: list[str]) -> Iterator[str]:
    """Every text the fixture claims is compared with what was heard; masked as the timeline is."""
    claimed = " ".join(cue.text for cue in cues if cue.text)
    got = " ".join(heard)
    if _comparable(claimed) != _comparable(got):
        yield f"words: expected “{masked(claimed, sensitive=False)}”, heard “{got}”"


def _comparable(text: str) -> list[str]:
    """Masked digits compare by their number only, so that the words of a sensitive answer are never shown."""
    return ["•" if set(word) <= {"•"} else word for word in masked(text, sensitive=True).lower().split()]


def _missing(what: str, wanted: Sequence[str], got: Sequence[str]) -> Iterator[str]:
    """`wanted` must occur in `got` in this order; others may come between."""
    rest = iter(got)
    for item in wanted:
        if item not in rest:
            yield f"{what} {item} did not come (in this order); got: {', '.join(got) or 'none'}"
            return


def _course(expected: Expected, outcome: Outcome) -> Iterator[str]:
    slots = outcome.slots()
    for name, value in expected.slots.items():
        if slots.get(name) != value:
            yield f"slot {name}: expected {value!r}, got {slots.get(name)!r}"
    package = outcome.package
    pairs = [
        ("outcome", expected.outcome, outcome.ended),
        ("queue", expected.queue, package.queue if package else None),
        ("hand-off reason", expected.reason, package.reason.value if package else None),
        ("interrupted prompts", expected.interrupted, outcome.barge_ins("interrupted")),
        ("resumed prompts", expected.resumed, outcome.barge_ins("resumed")),
        ("no-matches and no-inputs", expected.not_understood, outcome.not_understood()),
        ("recorded", expected.recorded, outcome.recorded()),
    ]
    for what, wanted, got in pairs:
        if wanted is not None and wanted != got:
            yield f"{what}: expected {wanted}, got {got}"


def _figures(expected: Expected, outcome: Outcome) -> Iterator[str]:
    slowest = max(outcome.delays_ms(), default=None)
    if expected.max_delay_ms is not None and (slowest is None or slowest > expected.max_delay_ms):
        measured = "no answer" if slowest is None else f"{slowest} ms"
        yield f"answer delay: at most {expected.max_delay_ms} ms expected, {measured} measured"
    seconds = outcome.duration_ms / 1000
    if expected.max_duration_s is not None and seconds > expected.max_duration_s:
        yield f"duration: at most {expected.max_duration_s} s expected, {seconds} s measured"
