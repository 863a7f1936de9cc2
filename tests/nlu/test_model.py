"""From a text to its interpretation."""

from __future__ import annotations

import pytest

from voicebot.nlu.embedded import EmbeddedInterpreter
from voicebot.nlu.interpreter import IntentScore
from voicebot.nlu.model import MOST_IN_DOUBT, certain_intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("yes please", "affirm"),
        ("nope", "deny"),
        ("five two two oh seven", "inform"),
        ("0", "inform"),
        ("52207", "inform"),
        ("one", None),
        ("oh", None),
        ("", None),
        ("check my balance", None),
    ],
)
def test_fixed_words_need_no_classifier(text: str, intent: str | None) -> None:
    assert certain_intent(text) == intent


def test_the_lexicon_decides_and_the_ranking_stays_the_classifiers(demo: EmbeddedInterpreter) -> None:
    meaning = demo.parse("no that's all thank you")
    assert meaning.intent == IntentScore("deny", 1.0)
    assert meaning.ranking[0].confidence < 1.0
    assert len(meaning.ranking) == len(demo.model.classifier.intents)


@pytest.mark.parametrize("text", ["", "   ", "um", "[noise]", "[unk]", "...", "😀", "\x00\x01", "日本語"])
def test_what_says_nothing_is_out_of_scope(demo: EmbeddedInterpreter, text: str) -> None:
    meaning = demo.parse(text)
    assert meaning.intent.name == "out_of_scope"
    assert meaning.entities == ()


def test_the_gate_overrules_a_weak_best_intent(demo: EmbeddedInterpreter) -> None:
    weak = (IntentScore("pay_bill", 0.3), IntentScore("check_balance", 0.29))
    meaning = demo.model.interpret("zebras juggle quietly", "test", weak)
    assert meaning.intent.name == "out_of_scope"
    assert meaning.ranking == weak
    assert 0.5 < meaning.intent.confidence <= 1.0


def test_the_scores_of_another_classifier_may_be_given(demo: EmbeddedInterpreter) -> None:
    sure = (IntentScore("pay_bill", 0.97), IntentScore("check_balance", 0.01))
    meaning = demo.model.interpret("i would like to check my balance", "test", sure)
    assert meaning.intent == sure[0]
    assert demo.model.interpret("check my balance", "test", ()).intent == IntentScore("out_of_scope", 0.0)


@pytest.mark.parametrize("text", ["yes not", "yes not really", "yes that's wrong", "yes block it no", "no yes of"])
def test_a_yes_with_a_no_is_neither_for_certain(demo: EmbeddedInterpreter, text: str) -> None:
    for name in ("affirm", "deny"):
        sure = (IntentScore(name, 0.99), IntentScore("out_of_scope", 0.001))
        assert demo.model.interpret(text, "test", sure).intent == IntentScore(name, MOST_IN_DOUBT)
    other = (IntentScore("check_balance", 0.99), IntentScore("out_of_scope", 0.001))
    assert demo.model.interpret(text, "test", other).intent == other[0]
