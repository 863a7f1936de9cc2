"""What a project holds and never uses: responses that nothing says, files that are no recording. Mostly misspelt."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from voicebot.dialogue.checks import ENGINE_RESPONSES
from voicebot.dialogue.events import AnswerKind
from voicebot.dialogue.flows import Collect, Deed, Run
from voicebot.dialogue.responses import Responses
from voicebot.dialogue.script import REQUEST, Script
from voicebot.dialogue.yamlfile import Place

FORMS = ("", "_reprompt", "_choices")
"""A question, in other words, and with its choices."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that is never used, where it is, and what may be meant."""

    place: Place
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


def leftovers(script: Script, also_said: Collection[str] = ()) -> tuple[Leftover, ...]:
    """Everything of the kind. `also_said`: responses that are said without a flow, besides the engine's own."""
    return (*_unused(script, sayable(script) | set(also_said)), *_no_recordings(script.responses))


def sayable(script: Script) -> frozenset[str]:
    """The names of all responses that flows and engine could say, be they written or not."""
    deeds = (step.does for flow in script.flows.values() for step in flow.steps.values())
    kinds = (f"utter_choices_{kind.value}" for kind in AnswerKind)
    engine = (*ENGINE_RESPONSES, *(REQUEST + form for form in FORMS), *kinds)
    return frozenset(engine).union(*map(_said_by, deeds))


def _said_by(deed: Deed) -> tuple[str, ...]:
    match deed:
        case Run(name):
            return (name,)
        case Collect():
            return (*(deed.utter + form for form in FORMS), *(rejection.utter for rejection in deed.rejections))
        case _:
            return ()


def _unused(script: Script, said: Collection[str]) -> Iterator[Leftover]:
    written = script.responses.by_name
    open_names = sorted(set(said) - set(written))
    for name, variations in written.items():
        if name not in said:
            meant = difflib.get_close_matches(name, open_names, 1, cutoff=0.9)
            hint = f"; did you mean {meant[0]!r}?" if meant else "; mend its name, name it in a flow, or take it out"
            yield Leftover(variations[0].place, f"nothing says the response {name!r}{hint}")


def _no_recordings(responses: Responses) -> Iterator[Leftover]:
    """Files beside the recordings; `.wav` files without a response are an error already."""
    directory = responses.directory / "audio"
    for path in sorted(directory.iterdir()) if directory.is_dir() else ():
        if path.suffix != ".wav" and not path.name.startswith("."):
            yield Leftover(Place(path, 1, 1), _why_not_played(path, responses))


def _why_not_played(path: Path, responses: Responses) -> str:
    if path.is_dir():
        return "this folder is not looked into; recordings lie beside it"
    if responses.recordable(path.stem):
        return f"this file is not played; save it as {path.stem}.wav"
    return "this file is not played; a recording is named after its response and ends in .wav"
