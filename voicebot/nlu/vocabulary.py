"""Which words of what callers say a speech model does not know, and so can never hear."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from voicebot.nlu.data import Example, TrainingData
from voicebot.nlu.text import normalise


def model_words(model_dir: Path) -> frozenset[str] | None:
    """The words of a Kaldi or Vosk model, from its `words.txt` of a word and a number a line; None without one."""
    for path in (model_dir / "graph" / "words.txt", model_dir / "words.txt"):
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        return frozenset(line.split()[0] for line in lines if line.strip())
    return None


def unheard(phrases: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """The words of `phrases` that are not `known`: first those of most phrases, then by alphabet."""
    counts = Counter(word for phrase in phrases for word in set(normalise(phrase).split()) if word not in known)
    return tuple(sorted(counts, key=lambda word: (-counts[word], word)))


def phrases_by_intent(data: TrainingData) -> Mapping[str, tuple[str, ...]]:
    """The examples as texts, without values that no lookup table lists: any name of a person will do."""
    phrases: defaultdict[str, list[str]] = defaultdict(list)
    for example in data.examples:
        phrases[example.intent].append(_without_free_values(example, data))
    return {intent: tuple(texts) for intent, texts in phrases.items()}


def _without_free_values(example: Example, data: TrainingData) -> str:
    text = example.text
    for annotation in sorted(example.annotations, key=lambda a: a.start, reverse=True):
        if annotation.entity not in data.lookups:
            text = text[: annotation.start] + text[annotation.end :]
    return text
