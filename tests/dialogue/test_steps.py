"""Single kinds of steps, in small flows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogue.conversing import Conversation, answers, keys, says
from tests.dialogue.small import RESPONSES, business, script
from voicebot.dialogue.events import (
    Act,
    ActionFinished,
    End,
    FlowEnded,
    FlowStarted,
    HandOff,
    HandOffReason,
    Listen,
    NotUnderstood,
    Say,
    SlotSet,
    Started,
    UserSilence,
)


def begin(path: Path, flows: str) -> Conversation:
    conversation = Conversation(script(path, flows).dialogue(1), business())
    conversation.tell(Started())
    return conversation


def test_a_rejected_value_is_asked_for_again_and_at_last_a_human_is(tmp_path: Path) -> None:
    caller = begin(
        tmp_path,
        """
        flows:
          a:
            nlu_trigger: [{intent: a}]
            steps:
              - collect: size
                rejections:
                  - if: slots.size is "huge"
                    utter: utter_too_big
              - action: utter_done
        """,
    )
    caller.tell(says("a", mentions={"size": "huge"}))
    assert caller.said == ["utter_too_big", "utter_ask_size"], "a value said beforehand is checked too"
    caller.tell(says("inform", mentions={"size": "huge"}))
    assert caller.said == ["utter_too_big", "utter_ask_size"]
    assert NotUnderstood("rejected", 2, "ask_again") in caller.fresh
    last = caller.tell(says("inform", mentions={"size": "huge"}))
    assert last == HandOff(HandOffReason.NO_MATCH_LIMIT, "general")


def test_a_rejection_is_forgotten_with_the_right_value(tmp_path: Path) -> None:
    caller = begin(
        tmp_path,
        """
        flows:
          a:
            nlu_trigger: [{intent: a}]
            steps:
              - collect: size
                rejections: [{if: slots.size is "huge", utter: utter_too_big}]
              - action: utter_done
        """,
    )
    caller.tell(says("a"))
    caller.tell(says("inform", mentions={"size": "huge"}))
    caller.tell(says("inform", mentions={"size": "small"}))
    assert caller.said == ["utter_done", "utter_ask_anything_else"]
    assert "Done with small." in caller.text


def test_several_slots_are_filled_at_once(tmp_path: Path) -> None:
    caller = begin(
        tmp_path,
        """
        flows:
          a:
            nlu_trigger: [{intent: a}]
            steps:
              - collect: size
              - collect: colour
              - action: utter_done
        """,
    )
    caller.tell(says("a"))
    caller.tell(says("inform", mentions={"size": "small", "colour": "red"}))
    assert caller.said == ["utter_done", "utter_ask_anything_else"]
    caller.tell(says("a", mentions={"colour": "green"}))
    assert caller.said == ["utter_ask_size"], "slots of a flow are reset at its end"
    caller.tell(says("inform", mentions={"size": "big"}))
    assert caller.said == ["utter_ask_colour"], "green is none of the slot's values"


def test_slots_that_persist_or_must_be_asked(tmp_path: Path) -> None:
    caller = begin(
        tmp_path,
        """
        flows:
          a:
            nlu_trigger: [{intent: a}]
            persisted_slots: [size]
            steps:
              - collect: size
              - collect: colour
                ask_before_filling: true
              - action: utter_done
        """,
    )
    caller.tell(says("a", mentions={"size": "small", "colour": "red"}))
    assert caller.said == ["utter_ask_colour"]
    caller.tell(says("inform", mentions={"colour": "blue"}))
    caller.tell(says("a"))
    assert caller.dialogue.slot("size") == "small"
    assert caller.said == ["utter_ask_colour"]


def test_a_forced_slot_allows_help_and_a_human_but_no_other_task(tmp_path: Path) -> None:
    flows = """
        flows:
          a:
            nlu_trigger: [{intent: a}]
            steps:
              - collect: size
                force_slot_filling: true
              - action: utter_done
          b:
            nlu_trigger: [{intent: b}]
            steps: [{action: utter_hello}]
        """
    caller = begin(tmp_path, flows)
    caller.tell(says("a"))
    caller.tell(says("b"))
    assert caller.said[-1] == "utter_ask_size"
    assert any(isinstance(move, NotUnderstood) for move in caller.fresh)
    caller.tell(says("help"))
    assert caller.said == ["utter_ask_size", "utter_choices_open"]
    assert isinstance(caller.tell(says("talk_to_human")), HandOff)


def test_call_goes_on_after_it_and_keeps_its_slots_until_then(tmp_path: Path) -> None:
    caller = begin(
        tmp_path,
        """
        flows:
          a:
            nlu_trigger: [{intent: a}]
            steps:
              - call: b
                next:
                  - if: slots.size is "small"
                    then:
                      - action: utter_done
                        next: END
                  - else: END
          b:
            if: false
            steps:
              - collect: size
        """,
    )
    caller.tell(says("a"))
    assert FlowStarted("b", "call from a", wish=False) in caller.fresh
    caller.tell(says("inform", mentions={"size": "small"}))
    assert caller.said == ["utter_done", "utter_ask_anything_else"]
    assert caller.dialogue.slot("size") is None


def test_link_ends_one_flow_and_starts_another(tmp_path: Path) -> None:
    caller = begin(
        tmp_path,
        """
        flows:
          a:
            nlu_trigger: [{intent: a}]
            steps:
              - set_slots: [{size: small}]
              - link: b
          b:
            steps:
              - action: utter_hello
        """,
    )
    caller.tell(says("a"))
    assert caller.said == ["utter_hello", "utter_ask_anything_else"]
    ended = [move.flow for move in caller.fresh if isinstance(move, FlowEnded)]
    assert ended == ["a", "b"]
    assert caller.dialogue.slot("size") is None


def test_a_guard_decides_whether_a_flow_may_start(tmp_path: Path) -> None:
    caller = begin(
        tmp_path,
        """
        flows:
          a:
            if: slots.count > 1
            nlu_trigger: [{intent: {name: a, confidence_threshold: 0.5}}]
            steps: [{action: utter_hello}]
          b:
            nlu_trigger: [{intent: a}]
            persisted_slots: [count]
            steps:
              - action: action_work
        """,
    )
    caller.tell(says("a"))
    assert caller.said == ["utter_ask_anything_else"], "a may not start yet, so b does"
    assert caller.dialogue.slot("count") == 2.0
    caller.tell(says("a", confidence=0.4))
    assert caller.said == ["utter_ask_anything_else"]
    caller.tell(says("a"))
    assert caller.said == ["utter_hello", "utter_ask_anything_else"]


def test_free_text_is_taken_unless_it_asks_for_something(tmp_path: Path) -> None:
    flows = """
        flows:
          a:
            nlu_trigger: [{intent: a}]
            persisted_slots: [note]
            steps:
              - collect: note
          b:
            nlu_trigger: [{intent: {name: b, confidence_threshold: 0.5}}]
            steps: [{action: utter_hello}]
        """
    caller = begin(tmp_path, flows)
    caller.tell(says("a"))
    caller.tell(says("b"))
    assert caller.said == ["utter_hello", "utter_continue_interrupted", "utter_ask_note"]
    caller.tell(keys("7"))
    assert caller.said[-1] == "utter_ask_note"
    caller.tell(says("b", "my cat is ill", 0.2))
    assert caller.dialogue.slot("note") == "my cat is ill"


PIN = """
flows:
  a:
    menu_key: "1"
    persisted_slots: [pin]
    steps: [{collect: pin, length: [4, 6], sensitive: true}]
"""


def test_a_pin_is_masked_wholly(tmp_path: Path) -> None:
    caller = begin(tmp_path, PIN)
    caller.tell(keys("1"))
    caller.tell(keys("12345", "12345"))
    assert caller.dialogue.slot("pin") == "12345"
    assert [slot.value for slot in caller.dialogue.learnt()] == ["••••"]


@pytest.mark.parametrize("wrong", ["1", "123", "1234567", "12a4", "١٢٣٤"])
def test_keys_that_are_no_answer_are_not_understood(tmp_path: Path, wrong: str) -> None:
    caller = begin(tmp_path, PIN)
    caller.tell(keys("1"))
    caller.tell(keys(wrong, wrong))
    assert NotUnderstood("no_match", 1, "reprompt") in caller.fresh
    assert caller.expectation.slot == "pin"


def test_actions_that_run_in_a_circle_end_with_a_human(tmp_path: Path) -> None:
    caller = begin(
        tmp_path,
        """
        flows:
          a:
            nlu_trigger: [{intent: a}]
            steps:
              - id: again
                action: action_work
                next:
                  - if: slots.count > 9
                    then: END
                  - else: again
        """,
    )
    assert caller.tell(says("a")) == HandOff(HandOffReason.ERROR, "general")
    assert caller.said == ["utter_internal_error"]


def test_a_filled_slot_that_is_asked_in_a_circle_ends_with_a_human(tmp_path: Path) -> None:
    caller = begin(
        tmp_path,
        """
        flows:
          a:
            nlu_trigger: [{intent: a}]
            steps:
              - id: again
                collect: size
                next:
                  - if: slots.colour
                    then: END
                  - else: again
        """,
    )
    assert caller.tell(says("a", mentions={"size": "small"})) == HandOff(HandOffReason.ERROR, "general")
    assert caller.said == ["utter_internal_error"]


def replace_pattern(path: Path, name: str, steps: str) -> None:
    patterns = path / "flows" / "patterns.yml"
    before, after = patterns.read_text().split(f"  {name}:\n", 1)
    rest = after[after.index("\n  pattern_") :] if "\n  pattern_" in after else ""
    patterns.write_text(f"{before}  {name}:\n    steps: [{steps}]\n{rest}")


HELLO = "flows: {a: {nlu_trigger: [{intent: a}], steps: [{action: action_work}, {collect: size}]}}"


def rewritten(path: Path, name: str, steps: str) -> Conversation:
    """A conversation in which one pattern is the project's own."""
    from tests.dialogue.small import project
    from voicebot.dialogue.project import load_dialogue

    project(path, HELLO)
    replace_pattern(path, name, steps)
    conversation = Conversation(load_dialogue(path, path / "prompts").dialogue(1), business())
    conversation.tell(Started())
    return conversation


def test_patterns_can_be_replaced(tmp_path: Path) -> None:
    caller = rewritten(tmp_path, "pattern_user_silence", "{action: utter_hello}")
    caller.tell(UserSilence())
    assert caller.said == ["utter_hello"]
    assert NotUnderstood("no_input", 1, "other") in caller.fresh


def test_a_fault_ends_with_a_human_even_if_its_pattern_forgets(tmp_path: Path) -> None:
    caller = rewritten(tmp_path, "pattern_internal_error", "{action: utter_hello}")
    caller.dialogue.advance(says("a"))
    moves = caller.dialogue.advance(ActionFinished("action_work", error="it failed"))
    assert moves[-1] == HandOff(HandOffReason.ERROR, "general")
    assert [move.response for move in moves if isinstance(move, Say)] == ["utter_internal_error"]


@pytest.mark.parametrize("name", ["pattern_cannot_handle", "pattern_user_silence"])
def test_a_repair_that_is_not_understood_itself_goes_to_a_human(tmp_path: Path, name: str) -> None:
    caller = rewritten(tmp_path, name, "{collect: sure, expect: yes_no}")
    event = UserSilence() if name == "pattern_user_silence" else says("out_of_scope", "hm")
    assert isinstance(caller.tell(event), Listen)
    assert caller.expectation.slot == "sure"
    assert isinstance(caller.tell(event), HandOff)


def test_a_handoff_pattern_may_ask_first_but_who_insists_is_not_asked_again(tmp_path: Path) -> None:
    steps = "{collect: sure, expect: yes_no}, {action: utter_human_handoff}, {action: action_human_handoff}"
    caller = rewritten(tmp_path, "pattern_human_handoff", f"{steps}]\n    nlu_trigger: [{{intent: talk_to_human}}")
    caller.tell(says("talk_to_human"))
    assert caller.expectation.slot == "sure"
    assert caller.tell(keys("0")) == HandOff(HandOffReason.USER_REQUEST, "general")
    assert caller.said == ["utter_human_handoff"]


def test_an_action_left_waiting_is_not_run_twice(tmp_path: Path) -> None:
    caller = begin(tmp_path, HELLO)
    assert isinstance(caller.dialogue.advance(says("a"))[-1], Act)
    caller.dialogue.advance(answers("true"))
    moves = caller.dialogue.advance(ActionFinished("action_work", {"count": 3.0, "unheard_of": 1.0}))
    assert isinstance(moves[-1], Listen)
    assert caller.dialogue.slot("count") == 3.0
    assert caller.dialogue.slot("unheard_of") is None


def test_hanging_up_is_a_step(tmp_path: Path) -> None:
    caller = begin(tmp_path, "flows: {a: {nlu_trigger: [{intent: a}], steps: [{action: action_hangup}]}}")
    assert caller.tell(says("a")) == End("goodbye")


def test_whole_numbers_are_told_without_a_point(tmp_path: Path) -> None:
    responses = RESPONSES.replace("Done with {size}.", "{note} and {count}.")
    flows = """
        flows:
          a:
            nlu_trigger: [{intent: a}]
            persisted_slots: [note]
            steps:
              - set_slots: [{note: 3}]
              - action: action_work
              - action: utter_done
              - collect: sure
    """
    caller = Conversation(script(tmp_path, flows, responses=responses).dialogue(1), business())
    caller.tell(Started())
    caller.tell(says("a"))
    assert "3 and 2." in caller.text
    assert caller.dialogue.slot("note") == "3"
    learnt = caller.dialogue.learnt()
    assert [(slot.name, str(slot.value)) for slot in learnt] == [("count", "2")]
    assert {m.name: str(m.value) for m in caller.moves if isinstance(m, SlotSet)} == {"note": "3", "count": "2"}
    assert type(caller.dialogue.slot("count")) is float, "actions and conditions get what the domain says"
