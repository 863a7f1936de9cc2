"""Phrases with a fixed meaning, one YAML file a language, and how they are found in a list of words."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrases:
    """A set of phrases, each a tuple of words."""

    phrases: frozenset[Phrase]
    longest: int

    @classmethod
    def of(cls, texts: Iterable[str]) -> Phrases:
        """Phrases from texts such as "that's right"."""
        phrases = frozenset(tuple(text.split()) for text in texts)
        return cls(phrases, max(map(len, phrases), default=0))

    def match(self, words: Sequence[str], start: int) -> int:
        """How many words from `start` on are the longest phrase there; 0 for none."""
        for length in range(min(self.longest, len(words) - start), 0, -1):
            if tuple(words[start : start + length]) in self.phrases:
                return length
        return 0

    def texts(self) -> tuple[str, ...]:
        """The phrases as texts, sorted."""
        return tuple(sorted(" ".join(phrase) for phrase in self.phrases))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The fixed phrases of a language; see the comments in its file."""

    affirm: Phrases
    deny: Phrases
    affirm_alone: Phrases
    deny_alone: Phrases
    padding: Phrases
    thanks: Phrases
    closings: Phrases
    plain_yes: Phrases
    hedges: Phrases
    repairs: Phrases
    number_fillers: Phrases


@functools.cache
def lexicon(language: str = "en") -> Lexicon:
    """The lexicon of a language. Raises LookupError when there is none."""
    from ruamel.yaml import YAML

    source = resources.files(__package__) / f"{language}.yml"
    if not language.isalpha() or not source.is_file():
        raise LookupError(f"there is no lexicon for the language {language!r}; add {language}.yml to {__package__}")
    lists = YAML(typ="safe", pure=True).load(source.read_text(encoding="utf-8"))
    return Lexicon(**{name: Phrases.of(texts) for name, texts in lists.items()})
