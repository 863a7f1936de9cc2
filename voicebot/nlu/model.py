"""A trained model of a project: from a text to its interpretation, by lexicon, classifier, gate and entities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voicebot.nlu.classifier import IntentClassifier
from voicebot.nlu.entities import EntityExtractor
from voicebot.nlu.interpreter import IntentScore, Interpretation
from voicebot.nlu.scope import OUT_OF_SCOPE, ScopeGate
from voicebot.nlu.spoken.numerals import says_digits
from voicebot.nlu.text import words
from voicebot.nlu.yes_no import is_doubtful, yes_no

AFFIRM, DENY, INFORM = "affirm", "deny", "inform"
MOST_IN_DOUBT = 0.5
"""How sure the model may be of a yes or no at most when the words hold the opposite too."""


def certain_intent(text: str) -> str | None:
    """The intent that is plain from fixed words alone: a yes, a no, a mere number."""
    answer = yes_no(text)
    if answer is not None:
        return AFFIRM if answer else DENY
    said = words(text)
    is_number = len(said) > 1 or any(character.isdigit() for character in text)
    return INFORM if said and is_number and all(map(says_digits, said)) else None


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that training yields. Not to be used by two threads at the same time."""

    classifier: IntentClassifier
    gate: ScopeGate
    extractor: EntityExtractor

    def interpret(self, text: str, engine: str, scores: Sequence[IntentScore] | None = None) -> Interpretation:
        """Understand a text. `scores`: the ranking of another classifier of the same intents, best first.

        That one chooses the intent. Whether it is believed, the gate decides by the scores of its own classifier, on
        which it was calibrated: another may be sure of everything, also of what is out of scope.
        """
        own = self.classifier.rank(text)
        ranking = own if scores is None else tuple(scores)
        return Interpretation(text, self._decide(text, ranking, own), ranking, self.extractor.extract(text), engine)

    def _decide(self, text: str, ranking: tuple[IntentScore, ...], own: tuple[IntentScore, ...]) -> IntentScore:
        certain = certain_intent(text)
        if certain in self.classifier.intents:
            return IntentScore(certain, 1.0)
        if not words(text) or not ranking:
            return IntentScore(OUT_OF_SCOPE, 0.0)
        if ranking[0].name == OUT_OF_SCOPE:
            return ranking[0]
        admitted, probability = self.gate.admits(own, self.classifier.coverage(text))
        return _with_doubt(text, ranking[0]) if admitted else IntentScore(OUT_OF_SCOPE, 1.0 - probability)


def _with_doubt(text: str, best: IntentScore) -> IntentScore:
    """A yes or no of the classifier that the words themselves contradict ("yes not really") is believed less."""
    if best.name not in (AFFIRM, DENY) or not is_doubtful(text, answer=best.name == AFFIRM):
        return best
    return IntentScore(best.name, min(best.confidence, MOST_IN_DOUBT))
