"""Yes and no by lexicon: exact for the few dozen ways in which people say just that, silent about all else."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from voicebot.nlu.lexicon import Lexicon, lexicon
from voicebot.nlu.text import UNKNOWN, Token, tokens


@dataclass(frozen=True, slots=True)
class LeadingAnswer:
    """A yes (True) or no (False) at the beginning of an utterance and the text after it ("no that was my savings")."""

    answer: bool | None
    rest: str


def yes_no(text: str, language: str = "en") -> bool | None:
    """True for a yes, False for a no, None when the text says both, neither or more than that."""
    found = _heard(text)
    pieces = _pieces(found, lexicon(language))
    return _said(pieces) if _length(pieces) == len(found) else None


def leading_yes_no(text: str, language: str = "en") -> LeadingAnswer:
    """The yes or no with which the text begins, and the rest of the text, empty when there is none.

    None when the rest takes it back or puts it in doubt ("yes but", "no block it yes").
    """
    found, known = _heard(text), lexicon(language)
    pieces = _pieces(found, known)
    if _length(pieces) == len(found):
        answer = _said(pieces)
        return LeadingAnswer(answer, text if answer is None else "")
    opening = _opening(pieces)
    answer = _said(opening)
    if answer is None or _speaks_against(found[_length(opening) :], known, answer=answer):
        return LeadingAnswer(None, text)
    return LeadingAnswer(answer, text[found[_length(opening)].start :].strip())


def is_doubtful(text: str, *, answer: bool, language: str = "en") -> bool:
    """Whether the words speak against the answer that they were taken for: a yes with a no or a "but" in it, a no with
    a yes in it. Who says both must be asked again.
    """
    found, known = _heard(text), lexicon(language)
    pieces = _pieces(found, known)
    opening = pieces if _length(pieces) == len(found) else _opening(pieces)
    rest = found[_length(opening) :]
    return (not answer) in _answers(opening) or _speaks_against(rest, known, answer=answer)


def yes_no_phrases(language: str = "en") -> tuple[str, ...]:
    """All phrases that mean yes or no, for a recogniser's grammar."""
    known = lexicon(language)
    lists = (known.affirm, known.deny, known.affirm_alone, known.deny_alone)
    return tuple(sorted({text for phrases in lists for text in phrases.texts()}))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A phrase found: its words, what it says (None for padding) and whether something else may follow it."""

    length: int
    says: bool | None
    leads: bool


def _heard(text: str) -> list[Token]:
    """The words of a text; one that the recogniser could not make out (a hesitation, mostly) is passed over."""
    found = tokens(text)
    known = [token for token in found if token.text != UNKNOWN]
    return known if len(found) - len(known) <= 1 else found


def _answers(pieces: list[_Piece]) -> set[bool]:
    return {piece.says for piece in pieces if piece.says is not None}


def _said(pieces: list[_Piece]) -> bool | None:
    """What the pieces say; None when they contradict each other or say nothing."""
    answers = _answers(pieces)
    return answers.pop() if len(answers) == 1 else None


def _opening(pieces: list[_Piece]) -> list[_Piece]:
    """The pieces that stand for themselves although something else follows."""
    return list(itertools.takewhile(lambda piece: piece.leads, pieces))


def _speaks_against(rest: list[Token], known: Lexicon, *, answer: bool) -> bool:
    """Whether words after an answer, or without one, take it back; "no problem" is no no, "not right" no yes."""
    words = [token.text for token in rest]
    against = (known.deny, known.hedges) if answer else (known.plain_yes,)
    harmless = (known.affirm, known.affirm_alone) if answer else (known.deny, known.deny_alone)
    position = 0
    while position < len(words):
        passed = max(phrases.match(words, position) for phrases in harmless)
        if max(phrases.match(words, position) for phrases in against) > passed:
            return True
        position += max(1, passed)
    return False


def _length(pieces: list[_Piece]) -> int:
    return sum(piece.length for piece in pieces)


def _pieces(found: list[Token], phrases: Lexicon) -> list[_Piece]:
    """Answers and padding from the left until something else comes."""
    words = [token.text for token in found]
    pieces: list[_Piece] = []
    position = 0
    while position < len(words):
        piece = _piece_at(words, position, phrases, pieces)
        if piece.length == 0:
            break
        pieces.append(piece)
        position += piece.length
    return pieces


def _piece_at(words: list[str], position: int, phrases: Lexicon, before: list[_Piece]) -> _Piece:
    """The longest phrase at a word; closings ("that's all") count only after a no, thanks after a clear answer."""
    denied = any(piece.says is False for piece in before)
    clear = denied or any(piece.says and piece.leads for piece in before)
    candidates = [
        _Piece(phrases.deny.match(words, position), False, leads=True),
        _Piece(phrases.affirm.match(words, position), True, leads=True),
        _Piece(phrases.deny_alone.match(words, position), False, leads=False),
        _Piece(phrases.affirm_alone.match(words, position), True, leads=False),
        _Piece(phrases.padding.match(words, position), None, leads=True),
        _Piece(phrases.thanks.match(words, position) if clear else 0, None, leads=True),
        _Piece(phrases.closings.match(words, position) if denied else 0, None, leads=False),
    ]
    return max(candidates, key=lambda piece: piece.length)
