"""The out-of-scope gate: is the best intent believed, or is the utterance about something else?

A logistic regression over four figures of an utterance, calibrated on examples that the classifier had not seen
(cross-validation), so that a known share of good utterances is turned away and no more. Good are those whose intent
was found; bad are the out-of-scope ones and those taken for another intent: asking again is better than a wrong flow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voicebot.nlu.classifier import Coverage
from voicebot.nlu.interpreter import IntentScore

OUT_OF_SCOPE = "out_of_scope"
REJECTED_GOOD = 0.04
"""The share of good utterances that the gate may turn away (they are asked again) to catch the bad ones."""
_FEWEST = 20

Figures = tuple[float, float, float, float]


def figures(scores: Sequence[IntentScore], coverage: Coverage) -> Figures:
    """The best in-scope confidence, its lead over `out_of_scope`, known words and n-grams."""
    best = max((score.confidence for score in scores if score.name != OUT_OF_SCOPE), default=0.0)
    outside = next((score.confidence for score in scores if score.name == OUT_OF_SCOPE), 0.0)
    return best, best - outside, coverage.words, coverage.characters


@dataclass(frozen=True, slots=True)
class ScopeGate:
    """A calibrated gate: `weights` and `bias` give the log-odds of being in scope, `threshold` is their lower limit."""

    weights: Figures
    bias: float
    threshold: float

    def log_odds(self, seen: Figures) -> float:
        """The log-odds that an utterance is in scope."""
        return self.bias + sum(weight * figure for weight, figure in zip(self.weights, seen, strict=True))

    def admits(self, scores: Sequence[IntentScore], coverage: Coverage) -> tuple[bool, float]:
        """Whether the utterance is in scope, and the probability that it is."""
        odds = self.log_odds(figures(scores, coverage))
        return odds >= self.threshold, 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))


UNCALIBRATED = ScopeGate((4.0, 6.0, 7.0, 4.5), -9.0, 0.0)
"""For training data without examples enough to calibrate on: about what the demo's data yields."""


def fit_gate(good: Sequence[Figures], bad: Sequence[Figures]) -> ScopeGate:
    """Calibrate on the figures of good and of bad utterances; deterministic.

    With fewer than 20 bad ones the weights are UNCALIBRATED's and only the threshold is set.
    """
    if len(good) < _FEWEST:
        return UNCALIBRATED
    gate = UNCALIBRATED if len(bad) < _FEWEST else _regression(good, bad)
    threshold = float(np.quantile([gate.log_odds(seen) for seen in good], REJECTED_GOOD))
    return ScopeGate(gate.weights, gate.bias, threshold)


def _regression(good: Sequence[Figures], bad: Sequence[Figures]) -> ScopeGate:
    from sklearn.linear_model import LogisticRegression

    labels = [1] * len(good) + [0] * len(bad)
    model = LogisticRegression(C=10.0, class_weight="balanced").fit(np.array([*good, *bad]), labels)
    confidence, lead, words, characters = (float(weight) for weight in model.coef_[0])
    return ScopeGate((confidence, lead, words, characters), float(model.intercept_[0]), 0.0)
