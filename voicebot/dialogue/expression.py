r"""Conditions of flows: `slots.account_type is "savings" and not (slots.count > 3)`; parsed, never evaluated as code.

The form is that of Rasa CALM's conditions. Loosest first:

    a or b      a and b      not a
    a is b, a is not b (also =, ==, !=), a < b, <=, >, >=, a in (b, c), a not in (b, c), a contains b, a matches "regex"
    slots.name, context.name, "text", 'text', 12, -3.5, true, false, null

As in pypred, Rasa's parser of conditions, a text ends at the next quote of its kind and a backslash is a backslash:
`slots.pin matches "^\d{4}$"`.
A comparison with a slot that is not set, or between different types, is false; `is` never mixes types.
A value alone holds unless it is null, false, 0 or "".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from voicebot.dialogue.events import SlotValue

Scope = Mapping[str, Mapping[str, SlotValue]]
"""Values by space (`slots`, `context`) and name."""

SPACES: Final = ("slots", "context")


class ExpressionError(Exception):
    """A condition cannot be read. `position` is the character, from 0, at which it goes wrong."""

    def __init__(self, sentence: str, position: int) -> None:
        super().__init__(f"{sentence} (at character {position + 1})")
        self.sentence = sentence
        self.position = position


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: SlotValue


@dataclass(frozen=True, slots=True)
class Name:
    """The value of a slot or of the context."""

    space: str
    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """Holds when `operand` does not."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Both:
    """Holds when `left` and `right` hold."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Either:
    """Holds when `left` or `right` holds."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Compare:
    """`left` compared with `right`; `op` is a key of COMPARISONS."""

    op: str
    left: Literal | Name
    right: Literal | Name


@dataclass(frozen=True, slots=True)
class In:
    """Holds when `left` is one of `items`."""

    left: Literal | Name
    items: tuple[Literal | Name, ...]


Expression = Literal | Name | Not | Both | Either | Compare | In


def holds(expression: Expression, scope: Scope) -> bool:
    """Whether the condition is true for these values; unknown names are null."""
    match expression:
        case Literal() | Name():
            return bool(_value(expression, scope))
        case Not(operand):
            return not holds(operand, scope)
        case Both(left, right):
            return holds(left, scope) and holds(right, scope)
        case Either(left, right):
            return holds(left, scope) or holds(right, scope)
        case Compare(op, left, right):
            return COMPARISONS[op](_value(left, scope), _value(right, scope))
        case In(left, items):
            return any(_same(_value(left, scope), _value(item, scope)) for item in items)


def names(expression: Expression) -> frozenset[Name]:
    """All slots and context values that the condition reads."""
    match expression:
        case Literal():
            return frozenset()
        case Name():
            return frozenset((expression,))
        case Not(operand):
            return names(operand)
        case In(left, items):
            return names(left).union(*map(names, items))
        case Both(left, right) | Either(left, right) | Compare(_, left, right):
            return names(left) | names(right)


def show(expression: Expression) -> str:
    """The condition as text; parses to the same expression."""
    match expression:
        case Literal(value):
            return _show_value(value)
        case Name(space, name):
            return f"{space}.{name}"
        case Not(operand):
            return f"not {_show_part(operand)}"
        case Both(left, right):
            return f"{_show_part(left)} and {_show_part(right)}"
        case Either(left, right):
            return f"{_show_part(left)} or {_show_part(right)}"
        case Compare(op, left, right):
            return f"{show(left)} {op} {show(right)}"
        case In(left, items):
            return f"{show(left)} in ({', '.join(map(show, items))})"


def _show_part(expression: Expression) -> str:
    return show(expression) if isinstance(expression, Literal | Name) else f"({show(expression)})"


def _show_value(value: SlotValue) -> str:
    if isinstance(value, str):
        quote = "'" if '"' in value else '"'
        return f"{quote}{value}{quote}"
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    return repr(value)


def _value(term: Literal | Name, scope: Scope) -> SlotValue:
    if isinstance(term, Literal):
        return term.value
    return scope.get(term.space, {}).get(term.name)


def _same(left: SlotValue, right: SlotValue) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return left == right


def _ordered(compare: Callable[[float, float], bool]) -> Callable[[SlotValue, SlotValue], bool]:
    """Numbers by size, texts by their characters; anything else has no order."""

    def decide(left: SlotValue, right: SlotValue) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return compare(left, right)  # type: ignore[arg-type]
        if isinstance(left, bool) or isinstance(right, bool):
            return False
        return isinstance(left, int | float) and isinstance(right, int | float) and compare(left, right)

    return decide


def _contains(left: SlotValue, right: SlotValue) -> bool:
    return isinstance(left, str) and isinstance(right, str) and right in left


def _matches(left: SlotValue, right: SlotValue) -> bool:
    return isinstance(left, str) and isinstance(right, str) and re.search(right, left) is not None


COMPARISONS: Final[Mapping[str, Callable[[SlotValue, SlotValue], bool]]] = {
    "is": _same,
    "is not": lambda left, right: not _same(left, right),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "contains": _contains,
    "matches": _matches,
}
