from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogue.conversing import demo
from voicebot.dialogue.events import Say, SlotValue
from voicebot.dialogue.responses import ResponseError, Responses, Speaker, load_responses

NOTHING: frozenset[str] = frozenset()


def responses(path: Path, text: str) -> Responses:
    (path / "test.yml").write_text(text)
    return load_responses(path)


def say(found: Responses, values: dict[str, SlotValue], sensitive: frozenset[str] = NOTHING) -> Say | None:
    return Speaker(found, 1).say("utter_x", values, sensitive)


def test_slots_are_spoken_and_logged(tmp_path: Path) -> None:
    found = responses(tmp_path, 'responses: {utter_x: [{text: "It is {a}, {b} and {c}."}]}')
    said = say(found, {"a": "48213907", "b": "$12.50", "c": "Rome"}, frozenset(("a",)))
    assert said == Say(
        "utter_x",
        "It is 4 8 2 1, 3 9 0 7, twelve dollars and fifty cents and Rome.",
        "It is ••••3907, $12.50 and Rome.",
        sensitive=True,
    )


def test_a_sentence_without_its_value_is_left_out(tmp_path: Path) -> None:
    found = responses(tmp_path, 'responses: {utter_x: [{text: "Hello {a}. How are you? Is it {b}?"}]}')
    said = say(found, {"b": "so"})
    assert said is not None
    assert said.text == "How are you? Is it so?"
    found = responses(tmp_path, 'responses: {utter_x: [{text: "Hello {a}."}]}')
    assert say(found, {}) is None
    assert say(found, {"a": None}) is None


def test_a_variation_with_all_its_values_goes_before_others(tmp_path: Path) -> None:
    found = responses(tmp_path, 'responses: {utter_x: [{text: "Hello {a}."}, {text: "Hello."}]}')
    speaker = Speaker(found, 1)
    assert {str(speaker.say("utter_x", {}, NOTHING)) for _ in range(5)} == {str(Say("utter_x", "Hello.", "Hello."))}


CONDITIONS = """
responses:
  utter_x:
    - text: "plain"
    - text: "red"
      condition: [{type: slot, name: colour, value: red}]
    - text: "big red"
      condition:
        - {type: slot, name: colour, value: blue}
        - {type: slot, name: big, value: true}
      metadata: {interruptible: false}
"""


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "plain"),
        ({"colour": "red"}, "red"),
        ({"colour": "blue"}, "plain"),
        ({"colour": "blue", "big": True}, "big red"),
        ({"colour": "blue", "big": 1.0}, "plain"),
    ],
)
def test_conditions(tmp_path: Path, values: dict[str, SlotValue], text: str) -> None:
    said = say(responses(tmp_path, CONDITIONS), values)
    assert said is not None
    assert said.text == text
    assert said.interruptible is (text != "big red")


def test_variations_follow_the_seed_and_never_repeat_at_once(tmp_path: Path) -> None:
    found = responses(tmp_path, "responses: {utter_x: [{text: a}, {text: b}, {text: c}]}")

    def heard(seed: int) -> list[str]:
        speaker = Speaker(found, seed)
        said = [speaker.say("utter_x", {}, NOTHING) for _ in range(30)]
        return [each.text for each in said if each]

    assert heard(5) == heard(5)
    assert heard(5) != heard(6)
    assert set(heard(5)) == {"a", "b", "c"}
    assert all(one != two for one, two in zip(heard(5), heard(5)[1:], strict=False))


def test_fixed_texts_are_those_without_slots(tmp_path: Path) -> None:
    found = responses(tmp_path, 'responses: {utter_x: [{text: a}, {text: "{b}"}], utter_y: [{text: a}, {text: c}]}')
    assert found.fixed_texts() == ("a", "c")


def test_recordings_replace_variations(tmp_path: Path) -> None:
    found = responses(tmp_path, 'responses: {utter_x: [{text: a}, {text: b}, {text: "{c}"}], utter_x_2: [{text: d}]}')
    audio = tmp_path / "audio"
    audio.mkdir()
    for name in ("utter_x", "utter_x_2"):
        (audio / f"{name}.wav").touch()
    assert found.recorded() == {"a": audio / "utter_x.wav", "d": audio / "utter_x_2.wav"}
    (audio / "utter_x_1.wav").touch()
    assert found.recorded()["a"] == audio / "utter_x_1.wav"
    (audio / "utter_x_3.wav").touch()
    with pytest.raises(ResponseError, match=r"utter_x_3\.wav.*says slots"):
        found.recorded()
    (audio / "utter_x_3.wav").rename(audio / "utter_x_4.wav")
    with pytest.raises(ResponseError, match=r"utter_x_4\.wav.*does not exist"):
        found.recorded()


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("responses:\n  utter_x: hello\n", 2, "must be a list"),
        ("responses:\n  utter_x: []\n", 2, "must hold a list of variations"),
        ("responses:\n  utter_x:\n    - text: 3\n", 3, "must be a text, not 3"),
        ("responses:\n  utter_x:\n    - text: ''\n", 3, "'text' is empty"),
        ("responses:\n  utter_x:\n    - text: 'Hi {Name'\n", 3, "braces must hold the name of a slot"),
        ("responses:\n  utter_x:\n    - text: 'Hi {a b}'\n", 3, "braces must hold the name of a slot"),
        ("responses:\n  utter_x:\n    - text: a\n      buttons: []\n", 4, "unknown key 'buttons'"),
        ("responses:\n  utter_x:\n    - text: a\n      metadata: {loud: true}\n", 4, "unknown key 'loud'"),
        (
            "responses:\n  utter_x:\n    - text: a\n      condition: [{type: slot, name: b, value: 1}]\n",
            3,
            "needs a variation without conditions",
        ),
        (
            "responses:\n  utter_x:\n    - text: a\n      condition: [{type: intent, name: b, value: 1}]\n",
            4,
            "expected `type: slot`",
        ),
        ("responses:\n  utter_x:\n    - text: a\n      condition: [{type: slot, name: b}]\n", 4, "'value' is missing"),
    ],
)
def test_errors_say_where(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(ResponseError) as caught:
        responses(tmp_path, text)
    assert caught.value.place.line == line
    assert said in str(caught.value)


def test_a_response_defined_twice(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("responses: {utter_x: [{text: a}]}")
    with pytest.raises(ResponseError, match="already defined"):
        responses(tmp_path, "responses: {utter_x: [{text: a}]}")


def test_no_files(tmp_path: Path) -> None:
    with pytest.raises(ResponseError, match="no"):
        load_responses(tmp_path)


def test_the_demos_questions_each_have_three_forms() -> None:
    names = set(demo().responses.by_name)
    questions = {name for name in names if name.startswith("utter_ask_")}
    first = {name for name in questions if not name.endswith(("_reprompt", "_choices"))}
    assert first
    assert questions == {f"{name}{form}" for name in first for form in ("", "_reprompt", "_choices")}
