"""The example phrases as a recogniser's hints: what callers may say, in words and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from voicebot.nlu.data import Example, TrainingData, read_training_data
from voicebot.nlu.text import normalise

MOST_PHRASES = 3000
"""A runtime grammar of this size makes a recogniser in about 16 ms with the bundled model."""


def example_phrases(nlu_dir: Path, most: int = MOST_PHRASES) -> tuple[str, ...]:
    """All examples in lower-case words, sorted, without repetitions; figures are spoken digit by digit.

    Up to `most` phrases, examples with other values of the lookup tables are added, every example in its turn.
    Raises TrainingDataError.
    """
    data = read_training_data(nlu_dir)
    phrases = {normalise(example.text) for example in data.examples} - {""}
    for phrase in _expansions(data):
        if len(phrases) >= most:
            break
        phrases.add(phrase)
    return tuple(sorted(phrases))


def _expansions(data: TrainingData) -> Iterator[str]:
    """The examples with other values: first one other value for each of them, then the next one."""
    carriers = [example for example in data.examples if any(a.entity in data.lookups for a in example.annotations)]
    rounds = max(map(len, data.lookups.values()), default=0)
    for turn in range(rounds):
        for position, example in enumerate(carriers):
            yield normalise(_with_values(example, data, position + turn))


def _with_values(example: Example, data: TrainingData, turn: int) -> str:
    text = example.text
    for annotation in sorted(example.annotations, key=lambda a: a.start, reverse=True):
        values = data.lookups.get(annotation.entity)
        if values:
            text = text[: annotation.start] + values[turn % len(values)] + text[annotation.end :]
    return text
