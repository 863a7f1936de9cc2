"""The parser of conditions; `expression` says what they look like and mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from voicebot.dialogue.expression import (
    SPACES,
    Both,
    Compare,
    Either,
    Expression,
    ExpressionError,
    In,
    Literal,
    Name,
    Not,
)

MAX_DEPTH: Final = 40
"""Parentheses and `not`s inside each other."""

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
    | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\w))
    | (?P<string>"[^"]*" | '[^']*')
    | (?P<word>[^\W\d]\w*(?:\.\w+)*)
    | (?P<sign><=|>=|==|!=|[=<>()\[\],])""",
    re.VERBOSE | re.DOTALL,
)
_CONSTANTS: Final = {"true": True, "false": False, "null": None, "none": None, "undefined": None, "empty": None}
_SAME_AS: Final = {"=": "is", "==": "is", "!=": "is not"}
_COMPARING: Final = ("is", "<", "<=", ">", ">=", "contains", "matches", *_SAME_AS)
_CLOSING: Final = {"(": ")", "[": "]"}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse(text: str) -> Expression:
    """Read a condition. Raises ExpressionError, and nothing else, for any text."""
    parser = _Parser(text, _tokens(text))
    expression = parser.either(0)
    parser.expect_end()
    return expression


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            what = "this text is not closed by a quote" if text[at] in "\"'" else f"{text[at]!r} is not expected here"
            raise ExpressionError(what, at)
        if match.lastgroup and match.lastgroup != "space":
            found.append(_Token(match.lastgroup, match.group(), at))
        at = match.end()
    return [*found, _Token("end", "", len(text))]


class _Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, *texts: str) -> str | None:
        """The next token if it is one of these words or signs."""
        token = self._next
        if token.kind in ("word", "sign") and token.text.lower() in texts:
            self._at += 1
            return token.text.lower()
        return None

    def _fail(self, expected: str) -> ExpressionError:
        found = f"not {self._next.text!r}" if self._next.kind != "end" else "but the condition ends"
        return ExpressionError(f"expected {expected}, {found}", self._next.at)

    def expect_end(self) -> None:
        """Nothing may follow."""
        if self._next.kind != "end":
            raise self._fail("`and`, `or` or the end")

    def either(self, depth: int) -> Expression:
        left = self._both(depth)
        while self._take("or"):
            left = Either(left, self._both(depth))
        return left

    def _both(self, depth: int) -> Expression:
        left = self._negation(depth)
        while self._take("and"):
            left = Both(left, self._negation(depth))
        return left

    def _negation(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise ExpressionError("the condition is nested too deeply", self._next.at)
        if self._take("not"):
            return Not(self._negation(depth + 1))
        if self._take("("):
            inner = self.either(depth + 1)
            self._close("(")
            return inner
        return self._comparison()

    def _close(self, opened: str) -> None:
        if not self._take(_CLOSING[opened]):
            raise self._fail(f"`{_CLOSING[opened]}`")

    def _comparison(self) -> Expression:
        left = self._term()
        if self._take("in"):
            return In(left, self._items())
        if self._take("not"):
            if not self._take("in"):
                raise self._fail("`in` after `not`")
            return Not(In(left, self._items()))
        op = self._take(*_COMPARING)
        if op is None:
            return left
        op = _SAME_AS.get(op, op)
        if op == "is" and self._take("not"):
            op = "is not"
        at = self._next.at
        right = self._term()
        if op == "matches":
            _check_pattern(right, at)
        return Compare(op, left, right)

    def _items(self) -> tuple[Literal | Name, ...]:
        opened = self._take("(", "[")
        if opened is None:
            raise self._fail("a list in parentheses")
        items = [self._term()]
        while self._take(","):
            items.append(self._term())
        self._close(opened)
        return tuple(items)

    def _term(self) -> Literal | Name:
        token = self._next
        if token.kind == "word" and token.text.lower() in _CONSTANTS:
            term: Literal | Name = Literal(_CONSTANTS[token.text.lower()])
        elif token.kind == "word":
            term = _name(token)
        elif token.kind == "number":
            term = Literal(_number(token))
        elif token.kind == "string":
            term = Literal(token.text[1:-1])
        else:
            raise self._fail("a slot, a text, a number, true, false or null")
        self._at += 1
        return term


def _name(token: _Token) -> Name:
    space, _, name = token.text.partition(".")
    if space not in SPACES or not name or "." in name:
        raise ExpressionError(
            f"{token.text!r} is not a value: write slots.NAME, context.NAME, or quotes around a text", token.at
        )
    return Name(space, name)


def _number(token: _Token) -> float:
    value = float(token.text)
    if value in (float("inf"), float("-inf")):
        raise ExpressionError(f"{token.text} is too large a number", token.at)
    return int(token.text) if value.is_integer() and token.text.lstrip("-").isdecimal() else value


def _check_pattern(term: Literal | Name, at: int) -> None:
    if not isinstance(term, Literal) or not isinstance(term.value, str):
        raise ExpressionError("expected a regular expression in quotes after `matches`", at)
    try:
        re.compile(term.value)
    except (re.error, OverflowError, RecursionError) as error:
        raise ExpressionError(f"this regular expression is wrong: {error}", at) from error
