"""The embedded interpreter: no service, trained in seconds from the project's Rasa files, a fraction of a ms a text."""

from __future__ import annotations

from pathlib import Path

from voicebot.nlu.interpreter import Interpretation
from voicebot.nlu.lexicon import lexicon
from voicebot.nlu.model import Model
from voicebot.nlu.model_files import is_stale, load_model
from voicebot.nlu.training import Progress, TrainingReport, train

__all__ = ["EmbeddedInterpreter", "TrainingReport", "is_stale", "load", "open_embedded", "train"]


class EmbeddedInterpreter:
    """Understands texts in place. Not to be used by two threads at the same time."""

    def __init__(self, model: Model, version: str) -> None:
        self.model = model
        self._name = f"embedded {version}"

    @property
    def name(self) -> str:
        """The engine and the beginning of its training data's digest."""
        return self._name

    async def interpret(self, text: str, *, deadline_ms: int) -> Interpretation:  # noqa: ARG002 - done long before it
        """Understand one utterance; never waits and never fails."""
        return self.parse(text)

    def parse(self, text: str) -> Interpretation:
        """Understand one utterance."""
        return self.model.interpret(text, self._name)


def load(model_dir: Path) -> EmbeddedInterpreter:
    """The interpreter of a trained model. Raises InterpreterError, which says to train, when it is not there."""
    model, digest = load_model(model_dir)
    lexicon()  # read its file now, not in the middle of the first call
    return EmbeddedInterpreter(model, digest[:8])


def open_embedded(nlu_dir: Path, model_dir: Path, progress: Progress) -> EmbeddedInterpreter:
    """The interpreter of a project, trained first when there is no model of its present data.

    `progress` hears of that. Raises TrainingDataError or InterpreterError.
    """
    if is_stale(model_dir, nlu_dir):
        progress(f"no intent model of {nlu_dir} yet: training one into {model_dir}")
        train(nlu_dir, model_dir, progress)
    return load(model_dir)
