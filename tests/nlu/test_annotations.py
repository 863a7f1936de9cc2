"""Rasa's entity markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.nlu.annotations import Annotation, AnnotationError, has_stray_brackets, parse_example


def test_plain_text_has_no_annotation() -> None:
    assert parse_example("what is my balance") == ("what is my balance", ())


@pytest.mark.parametrize(
    ("marked", "annotation"),
    [
        ("my [savings](account_type) account", Annotation("account_type", 3, 10)),
        ("my [savings](account_type:sv) account", Annotation("account_type", 3, 10, "sv")),
        ('my [savings]{"entity": "account_type"} account', Annotation("account_type", 3, 10)),
        (
            'my [savings]{"entity": "account_type", "role": "source", "value": "sv"} account',
            Annotation("account_type", 3, 10, "sv", "source"),
        ),
        ('my [savings][{"entity": "account_type", "group": "1"}] account', Annotation("account_type", 3, 10)),
    ],
)
def test_every_form_of_markup(marked: str, annotation: Annotation) -> None:
    assert parse_example(marked) == ("my savings account", (annotation,))


def test_several_annotations_keep_their_places() -> None:
    text, found = parse_example("[ten dollars](amount) from [checking](account_type) to [savings](account_type)")
    assert text == "ten dollars from checking to savings"
    assert [text[a.start : a.end] for a in found] == ["ten dollars", "checking", "savings"]


def test_one_text_may_have_two_entities() -> None:
    _, found = parse_example('[may][{"entity": "month"}, {"entity": "name", "value": "May"}]')
    assert found == (Annotation("month", 0, 3), Annotation("name", 0, 3, "May"))


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("my [savings]{entity: x}", "not valid JSON"),
        ('my [savings]{"role": "x"}', "names no entity"),
        ('my [savings]{"entity": "a", "colour": "b"}', "unknown key 'colour'"),
    ],
)
def test_bad_attributes_say_what_is_expected(marked: str, expected: str) -> None:
    with pytest.raises(AnnotationError, match=expected):
        parse_example(marked)


@pytest.mark.parametrize("marked", ["my [savings(account_type)", "my savings](account_type)", "my [savings] account"])
def test_broken_markup_leaves_brackets(marked: str) -> None:
    assert has_stray_brackets(parse_example(marked)[0])


@given(st.lists(st.tuples(st.text("ab ", max_size=5), st.text("cd", min_size=1, max_size=5)), max_size=6))
def test_annotated_texts_are_found_where_they_stand(parts: list[tuple[str, str]]) -> None:
    text, found = parse_example("".join(f"{before}[{value}](thing)" for before, value in parts))
    assert text == "".join(before + value for before, value in parts)
    assert [text[a.start : a.end] for a in found] == [value for _, value in parts]
