"""Entities in utterances."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.nlu.embedded import EmbeddedInterpreter
from voicebot.nlu.entities import EntityExtractor, Gazetteer, spans_of, token_features

CITIES = Gazetteer(
    {("new", "york"): "city", ("york",): "city", ("main",): "branch"}, frozenset({("new", "york"), ("york",)}), 2
)


def found(extractor: EntityExtractor, text: str) -> list[tuple[str, str, str]]:
    """Entity, value and the characters of the text."""
    return [(e.name, e.value, text[e.start : e.end]) for e in extractor.extract(text)]


def test_the_longest_known_phrase_matches() -> None:
    assert CITIES.matches("from new york to york".split()) == [(1, 3, "city"), (4, 5, "city")]


def test_without_a_crf_certain_phrases_and_plain_numbers_are_found() -> None:
    extractor = EntityExtractor(None, CITIES, {"york": "old york"})
    text = "from New York, main street to York: $12.50 at 9:30 for 715-139-0787"
    assert found(extractor, text) == [
        ("city", "new york", "New York"),
        ("city", "old york", "York"),
        ("amount", "12.50", "$12.50"),
        ("time", "09:30", "9:30"),
        ("number", "7151390787", "715-139-0787"),
    ]


@pytest.mark.parametrize(
    ("labels", "spans"),
    [
        ([], []),
        (["O", "B-a", "I-a", "O"], [(1, 3, "a")]),
        (["B-a", "B-a"], [(0, 1, "a"), (1, 2, "a")]),
        (["I-a", "I-b"], [(0, 1, "a"), (1, 2, "b")]),
    ],
)
def test_labels_become_spans(labels: list[str], spans: list[tuple[int, int, str]]) -> None:
    assert spans_of(labels) == spans


def test_features_know_the_neighbours() -> None:
    features = token_features(["to", "new", "york"], CITIES)
    assert "known=B:city" in features[1]
    assert "-1word=to" in features[1]
    assert "+2word=york" in features[0]
    assert "first" in features[0]
    assert "last" in features[2]
    assert token_features([], CITIES) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what is my Savings balance?", [("account_type", "savings", "Savings")]),
        ("my account number is five two two oh seven", [("account_number", "52207", "five two two oh seven")]),
        ("my account number is 52207", [("account_number", "52207", "52207")]),
        ("the amount is one hundred and thirty five dollars", [
            ("amount", "135.00", "one hundred and thirty five dollars")
        ]),
        ("my checking account oh i'm sorry no my savings account", [("account_type", "savings", "savings")]),
        ("are you open on saturdays", [("day", "saturday", "saturdays")]),
        ("hours of the downtown branch", [("branch", "city center", "downtown")]),
        ("monday at eleven a m", [("day", "monday", "monday"), ("time", "11:00", "eleven a m")]),
        ("hi my name is david wilson i would like to pay a bill", [("caller_name", "david wilson", "david wilson")]),
        ("i lost my visa card", [("card_type", "credit", "visa")]),
        ("transfer ten dollars from checking to savings", [
            ("amount", "10.00", "ten dollars"),
            ("account_type", "checking", "checking"),
            ("account_type", "savings", "savings"),
        ]),
        ("give me the main menu", []),
        ("where is the nearest gas station", []),
        ("", []),
    ],
)  # fmt: skip
def test_what_the_demo_finds(demo: EmbeddedInterpreter, text: str, expected: list[tuple[str, str, str]]) -> None:
    assert found(demo.model.extractor, text) == expected


@given(st.text(max_size=1500))
def test_any_text_has_ordered_entities_that_do_not_overlap(text: str) -> None:
    entities = EntityExtractor(None, CITIES, {}).extract(text)
    ends = [0, *(entity.end for entity in entities)]
    assert all(end <= entity.start < entity.end for end, entity in zip(ends, entities, strict=False))
