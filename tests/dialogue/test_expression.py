from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.dialogue.condition import parse
from voicebot.dialogue.events import SlotValue
from voicebot.dialogue.expression import (
    COMPARISONS,
    Both,
    Compare,
    Either,
    Expression,
    ExpressionError,
    In,
    Literal,
    Name,
    Not,
    holds,
    names,
    show,
)

SCOPE: dict[str, dict[str, SlotValue]] = {
    "slots": {
        "kind": "savings",
        "count": 3,
        "zero": 0.0,
        "sure": True,
        "never": False,
        "unset": None,
        "number": "48213907",
        "path": "C:\\new",
        "dotted": "a.b",
    },
    "context": {"count": 2},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('slots.kind is "savings"', True),
        ("slots.kind is 'checking'", False),
        ('slots.kind = "savings" and slots.count == 3', True),
        ('slots.kind is not "savings"', False),
        ('slots.kind != "savings" or context.count is 2', True),
        ("slots.count > 2.5", True),
        ("slots.count >= 3 and slots.count <= 3 and not slots.count < 3", True),
        ("slots.count > slots.unset", False),
        ("slots.unset < 3", False),
        ("slots.kind > 3", False),
        ("slots.sure > 0", False),
        ("slots.sure is 1", False),
        ("slots.sure is true", True),
        ("slots.zero is false", False),
        ("slots.unset is null", True),
        ("slots.unknown is null", True),
        ("slots.unset", False),
        ("slots.zero", False),
        ("not slots.never", True),
        ("not not slots.sure", True),
        ("False", False),
        ("True and not (slots.never or slots.unset)", True),
        ('slots.kind in ("checking", "savings")', True),
        ('slots.kind not in ["checking", "savings"]', False),
        ("slots.count in (1, 2)", False),
        ('slots.kind contains "sav"', True),
        ('slots.count contains "3"', False),
        ('slots.kind matches "^s.*s$"', True),
        (r'slots.number matches "^\d{8}$"', True),
        (r"slots.number matches '^\d{7}$'", False),
        (r'slots.dotted matches "^a\.b$"', True),
        (r'slots.number matches "^4821\.907$"', False),
        (r'slots.path is "C:\new"', True),
        (r'slots.path matches "\\"', True),
        (r'slots.kind is "it\"', False),
        ("slots.kind is '\"savings\"'", False),
        ('"a" < "b"', True),
        ("-1 < 0", True),
        ("slots.never and slots.sure or slots.sure", True),
    ],
)
def test_conditions(text: str, expected: bool) -> None:
    assert holds(parse(text), SCOPE) is expected


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("", 0, "the condition ends"),
        ("slots.a is", 10, "expected a slot"),
        ("slots.a is savings", 11, "quotes around a text"),
        ("account is 3", 0, "slots.NAME"),
        ('slots.a is "x', 11, "not closed"),
        ("(slots.a", 8, "`)`"),
        ("slots.a slots.b", 8, "`and`, `or` or the end"),
        ("slots.a not 3", 12, "`in`"),
        ("slots.a in 3", 11, "parentheses"),
        ("slots.a matches '('", 16, "regular expression"),
        (r"slots.a matches '\'", 16, "regular expression"),
        (r'slots.a is "x\"y"', 16, "not closed"),
        ("slots.a @ 3", 8, "'@'"),
        ("(" * 1000 + "slots.a" + ")" * 1000, 41, "nested"),
        ("not " * 1000 + "slots.a", 164, "nested"),
        ("__import__('os')", 0, "not a value"),
    ],
)
def test_errors_say_where(text: str, position: int, said: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.position == position
    assert said in str(caught.value)


def test_names_read() -> None:
    read = names(parse('slots.a is "x" and (not slots.b or context.c in (slots.d, 1))'))
    assert read == {Name("slots", "a"), Name("slots", "b"), Name("context", "c"), Name("slots", "d")}


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text().filter(lambda text: not {'"', "'"} <= set(text)),
)
terms = st.one_of(
    st.builds(Literal, values),
    st.builds(Name, st.sampled_from(("slots", "context")), st.from_regex(r"[a-z_]\w*", fullmatch=True)),
)
simple: st.SearchStrategy[Expression] = st.one_of(
    terms,
    st.builds(Compare, st.sampled_from([op for op in COMPARISONS if op != "matches"]), terms, terms),
    st.builds(In, terms, st.lists(terms, min_size=1, max_size=3).map(tuple)),
)
expressions: st.SearchStrategy[Expression] = st.recursive(
    simple,
    lambda inner: st.one_of(st.builds(Not, inner), st.builds(Both, inner, inner), st.builds(Either, inner, inner)),
    max_leaves=8,
)


@given(expressions)
def test_what_is_shown_parses_to_the_same(expression: Expression) -> None:
    assert parse(show(expression)) == expression


@given(expressions)
def test_evaluation_never_fails(expression: Expression) -> None:
    assert holds(expression, SCOPE) in (True, False)
    assert holds(Not(expression), SCOPE) is not holds(expression, SCOPE)


@given(st.one_of(st.text(), st.text(alphabet="slots.a()[]<>=!\"'0123 ,ndorit\\")))
def test_any_text_parses_or_says_why(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        holds(parse(text), SCOPE)
