"""The classifier: scikit-learn's numbers without scikit-learn."""

from __future__ import annotations

import random

import numpy as np
import pytest
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from tests.nlu.conftest import DEMO
from voicebot.nlu.classifier import REGULARISATION, IntentClassifier, fit_classifier
from voicebot.nlu.data import read_training_data
from voicebot.nlu.ngrams import CHARACTER_RANGE, WORD_RANGE, classifier_text


def sample(intents: int, each: int) -> tuple[list[str], list[str]]:
    """Examples of the demo."""
    data = read_training_data(DEMO)
    chosen = data.intents[:intents]
    picked = [e for name in chosen for e in [e for e in data.examples if e.intent == name][:each]]
    random.Random(1).shuffle(picked)
    return [e.text for e in picked], [e.intent for e in picked]


@pytest.mark.parametrize("intents", [2, 5])
def test_probabilities_are_those_of_scikit_learn(intents: int) -> None:
    texts, names = sample(intents, 30)
    ours = fit_classifier(texts, names)
    vectorisers = [
        TfidfVectorizer(
            tokenizer=str.split, token_pattern=None, lowercase=False, ngram_range=WORD_RANGE, sublinear_tf=True
        ),
        TfidfVectorizer(analyzer="char_wb", lowercase=False, ngram_range=CHARACTER_RANGE, sublinear_tf=True),
    ]
    prepared = [classifier_text(text) for text in texts]
    model = LogisticRegression(C=REGULARISATION, max_iter=500)
    model.fit(hstack([v.fit_transform(prepared) for v in vectorisers]), names)
    unseen = ["i would like an appointment", "hello hello", "", "zzz qqq", "yes my card is gone", *texts]
    features = hstack([v.transform([classifier_text(text) for text in unseen]) for v in vectorisers])
    for text, expected in zip(unseen, model.predict_proba(features), strict=True):
        scores = {score.name: score.confidence for score in ours.rank(text)}
        np.testing.assert_allclose([scores[name] for name in model.classes_], expected, atol=1e-5)


def test_the_ranking_is_complete_and_best_first() -> None:
    classifier = fit_classifier(*sample(4, 20))
    scores = classifier.rank("block my card please")
    assert {score.name for score in scores} == set(classifier.intents)
    assert sorted((score.confidence for score in scores), reverse=True) == [score.confidence for score in scores]
    assert sum(score.confidence for score in scores) == pytest.approx(1.0)


def test_training_twice_gives_the_same_numbers() -> None:
    texts, names = sample(4, 20)
    first, second = fit_classifier(texts, names).arrays(), fit_classifier(texts, names).arrays()
    assert all(np.array_equal(first[key], second[key]) for key in first)


def test_arrays_bring_the_classifier_back() -> None:
    classifier = fit_classifier(*sample(3, 20))
    again = IntentClassifier.from_arrays(classifier.arrays())
    assert again.rank("my card was stolen") == classifier.rank("my card was stolen")
    with pytest.raises(ValueError, match="do not fit"):
        IntentClassifier.from_arrays({**classifier.arrays(), "intents": np.array(["one"])})


def test_coverage_is_the_share_that_is_known() -> None:
    classifier = fit_classifier(["check my balance", "show my balance", "hello", "hi"], ["a", "a", "b", "b"])
    assert classifier.coverage("check my balance").words == 1.0
    assert classifier.coverage("check my qqqqq").words == pytest.approx(2 / 3)
    assert classifier.coverage("zzzzz qqqqq").characters == 0.0
    assert classifier.coverage("").words == classifier.coverage("").characters == 0.0
