"""Training of a project's model: cross-validation first, for its report and the gate, then on all examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from voicebot.nlu.classifier import Coverage, fit_classifier
from voicebot.nlu.data import Notice, TrainingData, TrainingDataError, data_hash, read_training_data
from voicebot.nlu.data_checks import check_training_data
from voicebot.nlu.entity_training import fit_entities
from voicebot.nlu.interpreter import IntentScore
from voicebot.nlu.model import certain_intent
from voicebot.nlu.model_files import check_target, save_model
from voicebot.nlu.scope import OUT_OF_SCOPE, ScopeGate, figures, fit_gate

FOLDS = 4
_FOLD_TOLERANCE = 1e-3

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What came of a training.

    `accuracy`: the share of examples that a model trained without them understands (None: too few to tell);
    `turned_away`: of in-scope ones, the share that ends as out of scope; `caught`: of out-of-scope ones, likewise.
    """

    intents: Mapping[str, int]
    examples: int
    accuracy: float | None
    turned_away: float | None
    caught: float | None
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """An example as seen by a classifier that was trained without it."""

    intent: str
    certain: str | None
    scores: tuple[IntentScore, ...]
    coverage: Coverage

    @property
    def understood(self) -> str:
        """The intent before the gate."""
        return self.certain or self.scores[0].name

    @property
    def is_good(self) -> bool:
        """Whether it is in scope and, `out_of_scope` apart, its intent scores best."""
        best = next(score.name for score in self.scores if score.name != OUT_OF_SCOPE)
        return self.intent == best


def train(nlu_dir: Path, out_dir: Path, progress: Progress) -> TrainingReport:
    """Train on the data in `nlu_dir` and write the model to `out_dir`. Deterministic.

    `progress` is told the stages. Raises TrainingDataError or, when the model cannot be written, InterpreterError.
    """
    check_target(out_dir)
    progress("reading the examples")
    digest = data_hash(nlu_dir)
    data = read_training_data(nlu_dir)
    notices = check_training_data(data, nlu_dir)
    if len(data.intents) < 2:
        raise TrainingDataError(nlu_dir, None, f"only the intent {data.intents[0]!r} has examples; write a second one")
    progress(f"cross-validating on the examples of {len(data.intents)} intents")  # logs mask numbers from four digits
    held_out = cross_validate(data)
    gate = _calibrate(held_out)
    progress("training the intent classifier")
    classifier = fit_classifier([e.text for e in data.examples], [e.intent for e in data.examples])
    progress("training the entity model")
    save_model(out_dir, classifier, gate, fit_entities(data), digest)
    return _report(data, held_out, gate, notices)


def cross_validate(data: TrainingData) -> list[HeldOut]:
    """Every example, scored without it; empty when a fold would leave fewer than two intents."""
    seen: Counter[str] = Counter()
    folds: list[int] = []
    for example in data.examples:
        folds.append(seen[example.intent] % FOLDS)
        seen[example.intent] += 1
    held_out: list[HeldOut] = []
    for fold in range(FOLDS):
        kept = [example for example, of in zip(data.examples, folds, strict=True) if of != fold]
        if len({example.intent for example in kept}) < 2:
            return []
        classifier = fit_classifier([e.text for e in kept], [e.intent for e in kept], tolerance=_FOLD_TOLERANCE)
        held_out += (
            HeldOut(e.intent, certain_intent(e.text), classifier.rank(e.text), classifier.coverage(e.text))
            for e, of in zip(data.examples, folds, strict=True)
            if of == fold
        )
    return held_out


def _calibrate(held_out: Sequence[HeldOut]) -> ScopeGate:
    gated = [item for item in held_out if not item.certain]
    return fit_gate(
        [figures(item.scores, item.coverage) for item in gated if item.is_good],
        [figures(item.scores, item.coverage) for item in gated if not item.is_good],
    )


def _passes(item: HeldOut, gate: ScopeGate) -> bool:
    """Whether an example ends as something else than out of scope."""
    if item.certain:
        return True
    return item.scores[0].name != OUT_OF_SCOPE and gate.admits(item.scores, item.coverage)[0]


def _report(
    data: TrainingData, held_out: Sequence[HeldOut], gate: ScopeGate, notices: tuple[Notice, ...]
) -> TrainingReport:
    good, bad = (
        [not _passes(item, gate) for item in held_out if (item.intent == OUT_OF_SCOPE) is outside]
        for outside in (False, True)
    )
    right = [item.understood == item.intent for item in held_out]
    return TrainingReport(
        dict(sorted(Counter(example.intent for example in data.examples).items())),
        len(data.examples),
        _share(right),
        _share(good),
        _share(bad),
        notices,
    )


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None
