"""The intent classifier: TF-IDF over n-grams and multinomial logistic regression, evaluated with numpy alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voicebot.nlu.interpreter import IntentScore
from voicebot.nlu.ngrams import Block, character_ngrams, classifier_text, word_ngrams

REGULARISATION = 20.0
"""C of the logistic regression, the inverse strength of its penalty."""

Arrays = Mapping[str, npt.NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The shares of a text's words and character n-grams that the training data has, 0..1."""

    words: float
    characters: float


@dataclass(frozen=True, slots=True)
class IntentClassifier:
    """A trained classifier. `weights`: features x intents, word features first; `bias`: one value an intent."""

    intents: tuple[str, ...]
    words: Block
    characters: Block
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    def rank(self, text: str) -> tuple[IntentScore, ...]:
        """All intents, best first. Any text will do; only its first thousand characters count."""
        prepared = classifier_text(text)
        logits = self.bias.astype(np.float64)
        first_row = 0
        for block in (self.words, self.characters):
            columns, weights = block.weigh(prepared)
            logits += weights @ self.weights[columns + first_row]
            first_row += len(block.vocabulary)
        probabilities = np.exp(logits - logits.max())
        probabilities /= probabilities.sum()
        order = np.argsort(-probabilities, kind="stable")
        return tuple(IntentScore(self.intents[at], float(probabilities[at])) for at in order)

    def coverage(self, text: str) -> Coverage:
        """How much of a text is known."""
        inner = classifier_text(text)[1:-1]
        return Coverage(self.words.known(inner.split()), self.characters.known(character_ngrams(inner)))

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """The classifier as plain arrays (no objects), for `from_arrays`."""
        return {
            "intents": np.array(self.intents),
            "word_vocabulary": np.array(list(self.words.vocabulary)),
            "word_idf": self.words.idf,
            "character_vocabulary": np.array(list(self.characters.vocabulary)),
            "character_idf": self.characters.idf,
            "weights": self.weights,
            "bias": self.bias,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> IntentClassifier:
        """The classifier that `arrays` gave. Raises KeyError or ValueError when they do not fit together."""
        words = Block(word_ngrams, _vocabulary(arrays["word_vocabulary"]), _floats(arrays["word_idf"]))
        characters = Block(
            character_ngrams, _vocabulary(arrays["character_vocabulary"]), _floats(arrays["character_idf"])
        )
        intents = tuple(map(str, arrays["intents"].tolist()))
        weights = np.ascontiguousarray(arrays["weights"], dtype=np.float32)
        if weights.shape != (len(words.vocabulary) + len(characters.vocabulary), len(intents)):
            raise ValueError(f"weights of shape {weights.shape} do not fit vocabulary and intents")
        return cls(intents, words, characters, weights, np.asarray(arrays["bias"], dtype=np.float32))


def fit_classifier(texts: Sequence[str], intents: Sequence[str], *, tolerance: float = 1e-4) -> IntentClassifier:
    """Train on utterances and their intents with scikit-learn; deterministic. Needs at least two intents.

    `tolerance`: when the optimiser stops; a looser one is faster and serves cross-validation.
    """
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    prepared = [classifier_text(text) for text in texts]
    vectorisers = [TfidfVectorizer(analyzer=analyse, sublinear_tf=True) for analyse in (word_ngrams, character_ngrams)]
    # One thread: on small problems BLAS threads cost more than they give, and the result must not depend on them.
    with threadpool_limits(limits=1):
        features = hstack([vectoriser.fit_transform(prepared) for vectoriser in vectorisers], format="csr")
        model = LogisticRegression(C=REGULARISATION, max_iter=500, tol=tolerance).fit(features, list(intents))
    words, characters = (
        Block(analyse, _in_column_order(vectoriser.vocabulary_), np.asarray(vectoriser.idf_, dtype=np.float64))
        for analyse, vectoriser in zip((word_ngrams, character_ngrams), vectorisers, strict=True)
    )
    weights, bias = model.coef_.T, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row then: the log-odds of the second class
        weights, bias = np.hstack([-weights / 2, weights / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    names = tuple(map(str, model.classes_))
    return IntentClassifier(
        names, words, characters, np.ascontiguousarray(weights, dtype=np.float32), bias.astype(np.float32)
    )


def _in_column_order(vocabulary: Mapping[str, int]) -> dict[str, int]:
    return {gram: int(column) for gram, column in sorted(vocabulary.items(), key=lambda item: item[1])}


def _vocabulary(grams: npt.NDArray[np.generic]) -> dict[str, int]:
    return {str(gram): column for column, gram in enumerate(grams.tolist())}


def _floats(array: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    return np.asarray(array, dtype=np.float64)
