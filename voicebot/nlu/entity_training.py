"""Training of the entity model: gazetteers from lookup tables and synonyms, a CRF from the annotated examples."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from voicebot.nlu.annotations import Annotation
from voicebot.nlu.data import Example, TrainingData
from voicebot.nlu.entities import NUMERIC, OUTSIDE, Features, Gazetteer, token_features
from voicebot.nlu.text import tokens

_PARAMETERS = {"c1": 0.05, "c2": 0.02, "max_iterations": 60, "feature.possible_transitions": True}


@dataclass(frozen=True, slots=True)
class EntityModel:
    """What training yields; `crf` is the file of crfsuite, empty when no example has an annotation."""

    gazetteer: Gazetteer
    synonyms: dict[str, str]
    crf: bytes


def fit_entities(data: TrainingData) -> EntityModel:
    """Train on all examples; deterministic."""
    gazetteer = build_gazetteer(data)
    synonyms = {_phrase(text): value for text, value in data.synonyms.items()}
    annotated = any(example.annotations for example in data.examples)
    return EntityModel(gazetteer, synonyms, _fit_crf(list(_varied(data)), gazetteer) if annotated else b"")


def build_gazetteer(data: TrainingData) -> Gazetteer:
    """Phrases of the lookup tables, and synonyms of values that these or annotations have."""
    entities = {_words(value): name for name, values in sorted(data.lookups.items()) for value in values}
    owner = {" ".join(phrase): name for phrase, name in entities.items()}
    for text, value in sorted(data.synonyms.items()):
        if value in owner:
            entities.setdefault(_words(text), owner[value])
    entities.pop((), None)
    return Gazetteer(entities, _certain(data, entities), max(map(len, entities), default=0))


def _certain(data: TrainingData, entities: dict[tuple[str, ...], str]) -> frozenset[tuple[str, ...]]:
    """The phrases that no example has without its annotation."""
    gazetteer = Gazetteer(entities, frozenset(), max(map(len, entities), default=0))
    plain: set[tuple[str, ...]] = set()
    for example in data.examples:
        found = tokens(example.text)
        words = [token.text for token in found]
        for start, end, name in gazetteer.matches(words):
            place = (found[start].start, found[end - 1].end)
            covered = any(a.entity == name and a.start <= place[0] and place[1] <= a.end for a in example.annotations)
            if not covered:
                plain.add(tuple(words[start:end]))
    return frozenset(entities.keys() - plain)


def _varied(data: TrainingData) -> Iterator[Example]:
    """All examples, and of the annotated ones a variant with other values: the next of the lookup table, digits."""
    turn = 0
    for example in data.examples:
        yield example
        if not example.annotations:
            continue
        said = example.text
        variant = example
        for annotation in reversed(example.annotations):
            old = said[annotation.start : annotation.end]
            values = data.lookups.get(annotation.entity, ())
            turn += 1
            new = values[turn % len(values)] if values else _literal(annotation.entity, old)
            variant = _with_value(variant, annotation, new)
        if variant.text != example.text:
            yield variant


def _literal(entity: str, said: str) -> str:
    """The value as it is typed: "five two" -> "52", "fifty dollars" -> "$50"."""
    value = NUMERIC[entity](said) if entity in NUMERIC else None
    if value is None:
        return said
    return f"${value.removesuffix('.00')}" if entity == "amount" else value


def _with_value(example: Example, annotation: Annotation, new: str) -> Example:
    """The example with other words for one annotation; the later ones move along."""
    text = example.text[: annotation.start] + new + example.text[annotation.end :]
    longer = len(new) - (annotation.end - annotation.start)
    moved = tuple(
        replace(
            a, start=a.start + longer * (a.start > annotation.start), end=a.end + longer * (a.end >= annotation.end)
        )
        for a in example.annotations
    )
    return replace(example, text=text, annotations=moved)


def labels(example: Example) -> list[str]:
    """BIO labels for the tokens of an example."""
    result = []
    for token in tokens(example.text):
        inside = next((a for a in example.annotations if a.start <= token.start and token.end <= a.end), None)
        if inside is None:
            result.append(OUTSIDE)
        else:
            result.append(("B-" if token.start == inside.start else "I-") + inside.entity)
    return result


def _fit_crf(examples: Sequence[Example], gazetteer: Gazetteer) -> bytes:
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params(_PARAMETERS)
    for example in examples:
        features: list[Features] = token_features([token.text for token in tokens(example.text)], gazetteer)
        if features:
            trainer.append(features, labels(example))
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "model")
        trainer.train(str(path))
        return path.read_bytes()


def _words(text: str) -> tuple[str, ...]:
    return tuple(token.text for token in tokens(text))


def _phrase(text: str) -> str:
    return " ".join(_words(text))
