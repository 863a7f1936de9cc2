from __future__ import annotations

from pathlib import Path

from tests.speech import recorded
from tests.speech.test_vosk import line
from voicebot.speech.hints import DIGITS, choice_hints, commands, digits_hints, open_hints, yes_no_hints
from voicebot.speech.recogniser import Hints
from voicebot.speech.vosk import VoskRecogniser

MODEL = Path(__file__).parents[2] / "models" / "vosk-en-8k-mini"


def test_digits_alone_are_zero_to_nine_and_oh() -> None:
    assert tuple("zero one two three four five six seven eight nine oh".split()) == DIGITS
    assert set(digits_hints().phrases) == set(DIGITS)


def test_commands_can_be_said_at_any_question() -> None:
    for hints in (digits_hints(("agent",)), yes_no_hints(("agent",)), choice_hints(("savings",), ("agent",))):
        assert "agent" in hints.phrases
    assert "double two" in digits_hints(("agent",)).phrases
    assert {"yes", "no", "savings"} <= set(choice_hints(("savings",)).phrases)
    assert {"yes", "no"} <= set(yes_no_hints().phrases)


def test_open_hints_hold_the_examples_and_digits() -> None:
    hints = open_hints(("what is my balance",))
    assert hints.phrases[0] == "what is my balance"
    assert set(DIGITS) <= set(hints.phrases)
    assert open_hints(()) == Hints("open")


def test_an_unknown_language_leaves_it_to_the_model() -> None:
    assert digits_hints(("x",), "xx") == Hints("digits")
    assert yes_no_hints((), "xx") == Hints("yes_no")
    assert commands("xx") == ()
    assert "oui" in choice_hints(("oui",), (), "fr").phrases


def test_the_bundled_model_knows_digits_and_commands() -> None:
    recogniser = VoskRecogniser(MODEL)
    assert not recogniser.unknown_words(Hints("all", (*DIGITS, *commands(), "double", "triple", "yes", "no")))


def test_digits_are_heard_among_commands_too() -> None:
    recognition = VoskRecogniser(MODEL).open(8000, digits_hints(commands()))
    recognition.accept(line(recorded.digits()[:4]))
    assert recognition.finish().best.text == "zero one two three"
