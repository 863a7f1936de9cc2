"""Responses that nothing says, and files that are no recordings."""

from __future__ import annotations

from pathlib import Path

from tests.dialogue.conversing import demo
from tests.dialogue.small import RESPONSES, script
from voicebot.dialogue.leftovers import leftovers
from voicebot.media.house import CASE_LOST, CASE_STORED

FLOWS = """
    flows:
      a:
        nlu_trigger: [{intent: a}]
        steps:
          - collect: size
            rejections: [{if: slots.size is "huge", utter: utter_too_big}]
          - collect: pin
            length: 4
          - collect: sure
            expect: yes_no
          - action: utter_hello
          - action: utter_done
"""
UNUSED = ("utter_ask_colour", "utter_ask_note", "utter_unused", "utter_call_ends_")


def found(path: Path, responses: str) -> list[str]:
    """The leftovers of a small project, without directories and without those that every small project has."""
    lines = [str(each).rpartition("/prompts/en/")[2] for each in leftovers(script(path, FLOWS, responses=responses))]
    return [line for line in lines if not any(f"'{name}" in line for name in UNUSED)]


def test_the_demo_says_everything_it_has_written() -> None:
    assert leftovers(demo(), (CASE_STORED, CASE_LOST)) == ()
    assert len(leftovers(demo())) == 2


def test_every_form_of_a_question_may_be_said(tmp_path: Path) -> None:
    forms = "".join(
        f"  {name}: [{{text: a}}]\n"
        for name in ("utter_ask_pin_reprompt", "utter_ask_size_choices", "utter_ask_sure_reprompt")
    )
    assert found(tmp_path, RESPONSES + forms) == []


def test_a_response_that_nothing_says_is_named_with_what_may_be_meant(tmp_path: Path) -> None:
    more = "  utter_ask_pin_repromt: [{text: a}]\n  utter_elephants:\n    - text: b\n    - text: c\n"
    first, second = found(tmp_path, RESPONSES + more)
    assert first.startswith("small.yml:11:")
    assert first.endswith("nothing says the response 'utter_ask_pin_repromt'; did you mean 'utter_ask_pin_reprompt'?")
    assert second.startswith("small.yml:13:")
    assert second.endswith("'utter_elephants'; mend its name, name it in a flow, or take it out")


def test_a_name_that_is_taken_is_not_meant(tmp_path: Path) -> None:
    more = "  utter_ask_pin_reprompt: [{text: a}]\n  utter_ask_pin_repromt: [{text: a}]\n"
    (only,) = found(tmp_path, RESPONSES + more)
    assert "did you mean" not in only


def test_files_that_are_not_played(tmp_path: Path) -> None:
    audio = tmp_path / "prompts" / "en" / "audio"
    (audio / "old").mkdir(parents=True)
    for name in (".hidden", "utter_hello.wav", "utter_hello.mp3", "utter_done.mp3", "notes.txt"):
        (audio / name).touch()
    anywhere = "this file is not played; a recording is named after its response and ends in .wav"
    assert found(tmp_path, RESPONSES) == [
        f"audio/notes.txt:1:1: {anywhere}",
        "audio/old:1:1: this folder is not looked into; recordings lie beside it",
        f"audio/utter_done.mp3:1:1: {anywhere}",
        "audio/utter_hello.mp3:1:1: this file is not played; save it as utter_hello.wav",
    ]
