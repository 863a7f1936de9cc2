"""`voicebot train`: the whole project checked, and the intent model made from its training data."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.cli import options

if TYPE_CHECKING:
    from voicebot.dialogue.script import Script
    from voicebot.nlu.training import TrainingReport
    from voicebot.settings import Settings

FIRST_WORDS = 10
"""How many words that cannot be heard are shown of an intent, unless all are asked for."""
OF_FLOWS = "(flows)"
"""In the table: `phrases` and `choices` of the flows."""

Unheard = Mapping[str, tuple[str, ...]]
"""By intent: the words of its examples that the speech model does not know."""


def nlu_directory(settings: Settings) -> Path:
    """The project's training data."""
    return settings.in_project(Path("nlu_data"))


def model_directory(settings: Settings) -> Path:
    """Where the trained model is kept: with the state, since the project may be read-only."""
    return settings.data / "models" / "nlu"


def say(stage: str) -> None:
    """Tell the user what is going on."""
    sys.stderr.write(f"{stage}\n")


def train(
    nlu: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Training data (default: nlu_data of the project). Nothing else is checked."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the model goes (default: models/nlu of the data directory)."),
    ] = None,
    words: Annotated[
        bool, typer.Option("--words", help="Show all words that the speech model cannot hear, not the first ten.")
    ] = False,
) -> None:
    """Check training data, flows, domain and prompts, and train the intent model."""
    from voicebot.nlu.embedded import train as train_model
    from voicebot.store.database import make_directory

    settings = options.settings()
    source, target = nlu or nlu_directory(settings), out or model_directory(settings)
    started = time.monotonic()
    make_directory(settings.data)
    script = None if nlu else conversation(settings)
    report = train_model(source, target, say)
    seconds = time.monotonic() - started
    unheard = words_not_heard(settings, source, script)
    lines = [*intent_table(report, unheard, None if words else FIRST_WORDS), *figures(report, seconds)]
    lines += [f"model: {target}", *(f"warning: {each}" for each in (*report.notices, *remarks(script)))]
    sys.stderr.write("\n".join(lines) + "\n")


def conversation(settings: Settings) -> Script | None:
    """The flows, domain, prompts, recordings and actions, read and checked as for a call. Raises VoicebotError.

    None, and a word about it, for a project that is training data alone.
    """
    from voicebot.audio.files import read_audio
    from voicebot.dialogue.project import load_dialogue
    from voicebot.media.load import actions

    flows = nlu_directory(settings) / "flows"
    if not flows.exists():
        say(f"there is no {flows}, so only the training data is checked")
        return None
    say("checking flows, domain and prompts")
    script = load_dialogue(flows.parent, settings.project / "prompts", settings.language)
    actions(settings, script)
    for recording in script.responses.recorded().values():
        read_audio(recording)
    return script


def remarks(script: Script | None) -> Iterator[str]:
    """What flows and prompts hold and never use."""
    if script is not None:
        from voicebot.dialogue.leftovers import leftovers
        from voicebot.media.house import CASE_LOST, CASE_STORED

        yield from map(str, leftovers(script, (CASE_STORED, CASE_LOST)))


def words_not_heard(settings: Settings, source: Path, script: Script | None) -> Unheard | None:
    """By intent the words that callers may say and the speech model lacks; None when there is no list of its words."""
    from voicebot.nlu.data import read_training_data
    from voicebot.nlu.vocabulary import model_words, phrases_by_intent, unheard

    known = model_words(settings.in_project(settings.speech.model))
    if known is None:
        return None
    phrases = dict(phrases_by_intent(read_training_data(source)))
    if script is not None:
        phrases[OF_FLOWS] = (*script.phrases, *script.choice_phrases)
    return {name: unheard(texts, known) for name, texts in phrases.items()}


def intent_table(report: TrainingReport, missing: Unheard | None, most: int | None) -> Iterator[str]:
    """A line an intent: examples, and the words in them that cannot be heard, at most `most` of them."""
    if missing is not None:
        yield f"{'intent':24}{'examples':>8}  words that the speech model cannot hear"
    for intent, count in report.intents.items():
        yield f"{intent:24}{count:8}{_words((missing or {}).get(intent, ()), most)}"
    if missing is not None and missing.get(OF_FLOWS):
        yield f"{OF_FLOWS:32}{_words(missing[OF_FLOWS], most)}"


def _words(words: tuple[str, ...], most: int | None) -> str:
    rest = ", ..." if most is not None and len(words) > most else ""
    return f"  {len(words)}: {', '.join(words[:most])}{rest}" if words else ""


def figures(report: TrainingReport, seconds: float) -> Iterator[str]:
    """How well the model does, in sentences."""
    yield f"{len(report.intents)} intents, {report.examples} examples, {seconds:.1f} s"
    for share, meaning in (
        (report.accuracy, "of the examples are understood by a model trained without them"),
        (report.turned_away, "of the in-scope ones are taken for out of scope"),
        (report.caught, "of the out-of-scope ones are recognised as such"),
    ):
        if share is not None:
            yield f"{share:6.1%} {meaning}"
