"""The out-of-scope gate."""

from __future__ import annotations

import random

import pytest

from voicebot.nlu.classifier import Coverage
from voicebot.nlu.interpreter import IntentScore
from voicebot.nlu.scope import OUT_OF_SCOPE, REJECTED_GOOD, UNCALIBRATED, Figures, figures, fit_gate

SURE = (IntentScore("check_balance", 0.9), IntentScore(OUT_OF_SCOPE, 0.05), IntentScore("greet", 0.05))
TORN = (IntentScore(OUT_OF_SCOPE, 0.4), IntentScore("check_balance", 0.3), IntentScore("greet", 0.3))


def some(seed: int, confidence: float, known: float, count: int) -> list[Figures]:
    """Figures scattered around a confidence and a known share."""
    draw = random.Random(seed)
    return [
        (confidence + draw.gauss(0, 0.1), confidence + draw.gauss(0, 0.1), known + draw.gauss(0, 0.1), known)
        for _ in range(count)
    ]


def test_the_figures_are_confidence_lead_and_coverage() -> None:
    assert figures(SURE, Coverage(0.8, 0.7)) == pytest.approx((0.9, 0.85, 0.8, 0.7))
    assert figures(TORN, Coverage(0.0, 0.0)) == pytest.approx((0.3, -0.1, 0.0, 0.0))
    assert figures((), Coverage(0.0, 0.0)) == (0.0, 0.0, 0.0, 0.0)


def test_a_calibrated_gate_turns_away_the_share_it_may() -> None:
    good, bad = some(1, 0.8, 0.9, 500), some(2, 0.3, 0.5, 200)
    gate = fit_gate(good, bad)
    turned_away = sum(gate.log_odds(item) < gate.threshold for item in good) / len(good)
    assert turned_away == pytest.approx(REJECTED_GOOD, abs=0.005)
    assert sum(gate.log_odds(item) < gate.threshold for item in bad) > 190
    assert fit_gate(good, bad) == gate


def test_without_out_of_scope_examples_only_the_threshold_is_fitted() -> None:
    gate = fit_gate(some(1, 0.8, 0.9, 100), [])
    assert (gate.weights, gate.bias) == (UNCALIBRATED.weights, UNCALIBRATED.bias)
    assert fit_gate(some(1, 0.8, 0.9, 5), []) == UNCALIBRATED


def test_the_gate_admits_by_its_threshold() -> None:
    admitted, probability = UNCALIBRATED.admits(SURE, Coverage(1.0, 1.0))
    assert admitted
    assert probability > 0.99
    refused, probability = UNCALIBRATED.admits(TORN, Coverage(0.5, 0.5))
    assert not refused
    assert probability < 0.1
