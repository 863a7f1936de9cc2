"""What is probably a mistake in training data: reported, never fatal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from voicebot.nlu.annotations import has_stray_brackets
from voicebot.nlu.data import Example, Notice, TrainingData, load_yaml
from voicebot.nlu.entity_training import build_gazetteer
from voicebot.nlu.text import normalise, tokens


def check_training_data(data: TrainingData, nlu_dir: Path) -> tuple[Notice, ...]:
    """Everything in `data` that its author should look at, in the order of files and lines."""
    notices = [*_thin_intents(data), *_duplicates(data), *_stray_brackets(data), *_unmarked(data)]
    notices += _undeclared(data, nlu_dir)
    return tuple(sorted(notices, key=lambda notice: (str(notice.file), notice.line)))


def _notice(example: Example, message: str) -> Notice:
    return Notice(example.file, example.line, message)


def _thin_intents(data: TrainingData) -> Iterator[Notice]:
    by_intent: defaultdict[str, list[Example]] = defaultdict(list)
    for example in data.examples:
        by_intent[example.intent].append(example)
    for intent, examples in by_intent.items():
        if len(examples) == 1:
            yield _notice(examples[0], f"the intent {intent!r} has one example; write at least two, better twenty")


def _duplicates(data: TrainingData) -> Iterator[Notice]:
    first: dict[str, Example] = {}
    for example in data.examples:
        earlier = first.setdefault(normalise(example.text), example)
        if earlier.intent != example.intent:
            where = f"{earlier.file.name}:{earlier.line}"
            both = f"of {example.intent!r} and, at {where}, of {earlier.intent!r}"
            yield _notice(example, f"{example.text!r} is an example {both}; keep one")


def _stray_brackets(data: TrainingData) -> Iterator[Notice]:
    for example in data.examples:
        if has_stray_brackets(example.text):
            yield _notice(example, f"unbalanced brackets in {example.text!r}; write [text](entity)")


def _unmarked(data: TrainingData) -> Iterator[Notice]:
    """Values of lookup tables that an example has without a mark: one such example makes the value uncertain."""
    gazetteer = build_gazetteer(data)
    for example in data.examples:
        found = tokens(example.text)
        for first, end, entity in gazetteer.matches([token.text for token in found]):
            start, stop = found[first].start, found[end - 1].end
            said = example.text[start:stop]
            marked = any(a.start < stop and start < a.end for a in example.annotations)
            if not marked and said.lower() not in data.ordinary:
                ordinary = f"if it often means something else, name it in a comment `# ordinary words: {said}`"
                yield _notice(example, f"{said!r} is a value of {entity!r}; write [{said}]({entity}), or, {ordinary}")


def _undeclared(data: TrainingData, nlu_dir: Path) -> Iterator[Notice]:
    """Intents and entities that domain.yml, where there is one, does not list."""
    for key, kind in (("intents", "intent"), ("entities", "entity")):
        declared = _declared(nlu_dir / "domain.yml", key)
        if declared is None:
            continue
        seen: set[str] = set()
        for example in data.examples:
            names = [example.intent] if key == "intents" else [a.entity for a in example.annotations]
            for name in names:
                if name not in declared and name not in seen:
                    seen.add(name)
                    yield _notice(example, f"the {kind} {name!r} is not in domain.yml; add it under `{key}:`")


def _declared(domain: Path, key: str) -> frozenset[str] | None:
    if not domain.is_file():
        return None
    document = load_yaml(domain)
    listed = document.get(key) if isinstance(document, dict) else None
    if not isinstance(listed, list):
        return None
    return frozenset(name for item in listed for name in ([item] if isinstance(item, str) else dict(item)))
