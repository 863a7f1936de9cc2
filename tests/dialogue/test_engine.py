"""The engine's ways with the demo's own flows: repair, digression, confirmation, hand-off."""

from __future__ import annotations

import pytest

from tests.dialogue.conversing import answers, call, demo, keys, says
from voicebot.dialogue.events import (
    Act,
    ActionFinished,
    AnswerKind,
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
    Trouble,
    UserSilence,
    UserTurn,
    Wait,
)

NONSENSE = says("out_of_scope", "the weather on mars", 0.3)


def test_the_greeting_discloses_the_assistant_and_asks() -> None:
    caller = call()
    assert caller.said == ["utter_greet", "utter_ask_request"]
    assert "automated assistant" in caller.text
    greeting = next(move for move in caller.fresh if isinstance(move, Say))
    assert not greeting.interruptible
    assert caller.expectation.kind is AnswerKind.OPEN
    assert {(choice.value, choice.key) for choice in caller.expectation.choices} == {
        ("check_balance", "1"),
        ("block_card", "2"),
        ("branch_hours", "3"),
    }


# --- recording -----------------------------------------------------------------------------------------------


def test_recording_off_says_and_starts_nothing() -> None:
    caller = call(recording_policy="off")
    assert not any(isinstance(move, Act) for move in caller.moves)


def test_recording_is_announced_before_it_starts() -> None:
    caller = call(recording_policy="announce")
    assert caller.said == ["utter_greet", "utter_recording_announced", "utter_ask_request"]
    order = [move for move in caller.fresh if isinstance(move, Act | Say)]
    assert [getattr(move, "response", getattr(move, "name", "")) for move in order][1:3] == [
        "utter_recording_announced",
        "call_start_recording",
    ]


@pytest.mark.parametrize(("answer", "recorded"), [("true", True), ("false", False)])
def test_recording_waits_for_consent(answer: str, recorded: bool) -> None:
    caller = call(recording_policy="ask")
    assert caller.expectation.slot == "recording_consent"
    assert not any(isinstance(move, Act) for move in caller.moves)
    caller.tell(answers(answer))
    assert any(isinstance(move, Act) for move in caller.moves) is recorded
    assert caller.said[-1] == "utter_ask_request"


@pytest.mark.parametrize("event", [UserSilence(), NONSENSE, answers("true", "yes", over=True)])
def test_no_clear_consent_is_no_consent_and_the_service_goes_on(event: UserSilence | UserTurn) -> None:
    caller = call(recording_policy="ask")
    caller.tell(event)
    assert caller.expectation.slot == "recording_consent"
    caller.tell(event)
    assert caller.said == ["utter_recording_refused", "utter_ask_request"]
    assert not any(isinstance(move, Act) for move in caller.moves)


def test_a_caller_who_comes_to_the_point_is_served_unrecorded() -> None:
    caller = call(recording_policy="ask")
    caller.tell(says("check_balance"))
    assert caller.expectation.slot == "account_number"
    assert not any(isinstance(move, Act) for move in caller.moves)


# --- not understood, nothing heard ---------------------------------------------------------------------------


def test_three_no_matches_lead_to_a_human_each_with_other_words() -> None:
    caller = call()
    texts = []
    for count, step in ((1, "reprompt"), (2, "rephrase")):
        caller.tell(NONSENSE)
        assert NotUnderstood("no_match", count, step) in caller.fresh
        texts.append(caller.text)
    assert "press 0" in texts[1]
    assert len(set(texts)) == 2
    assert caller.tell(NONSENSE) == HandOff(HandOffReason.NO_MATCH_LIMIT, "general")
    assert NotUnderstood("no_match", 3, "hand_off") in caller.fresh
    assert caller.said == ["utter_human_handoff"]


def test_three_silences_lead_to_a_human() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    for _ in range(2):
        assert isinstance(caller.tell(UserSilence()), Listen)
        assert caller.expectation.slot == "account_number"
    assert caller.tell(UserSilence()) == HandOff(HandOffReason.NO_INPUT_LIMIT, "general")


def test_success_resets_the_count_in_a_row_but_not_the_total() -> None:
    caller = call()
    for _ in range(2):
        caller.tell(NONSENSE)
        caller.tell(NONSENSE)
        caller.tell(says("branch_hours"))
        assert caller.said[-1] == "utter_ask_anything_else"
    assert isinstance(caller.tell(NONSENSE), Listen)
    assert caller.tell(NONSENSE) == HandOff(HandOffReason.NO_MATCH_LIMIT, "general")


def test_an_unsure_intent_is_low_confidence() -> None:
    caller = call()
    for _ in range(2):
        caller.tell(says("check_balance", confidence=0.2))
        assert any(isinstance(move, NotUnderstood) and move.kind == "low_confidence" for move in caller.fresh)
    assert caller.tell(says("check_balance", confidence=0.2)) == HandOff(HandOffReason.LOW_CONFIDENCE, "general")


def test_words_that_do_not_fit_a_closed_question_are_no_match() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    caller.tell(answers("4821", "four eight two one"))
    assert caller.said == ["utter_no_match", "utter_ask_account_number_reprompt"]
    caller.tell(NONSENSE)
    assert caller.said == ["utter_no_match_again", "utter_ask_account_number_choices"]


# --- a human, always -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "plea",
    [
        says("talk_to_human"),
        says("out_of_scope", "Agent!", 0.1),
        says("inform", "[unk] operator", 0.1),
        keys("0"),
    ],
)
@pytest.mark.parametrize("before", [[], [says("check_balance")], [says("block_card"), keys("48213907", "48213907")]])
def test_a_human_is_always_one_word_or_key_away(before: list[UserTurn], plea: UserTurn) -> None:
    caller = call()
    for event in before:
        caller.tell(event)
    last = caller.tell(plea)
    assert isinstance(last, HandOff)
    assert last.reason is HandOffReason.USER_REQUEST
    assert last.queue == ("cards" if len(before) == 2 else "general")
    assert caller.said == ["utter_human_handoff"]


def test_zero_in_a_number_is_a_digit() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    caller.tell(keys("70352846", "70352846"))
    assert "utter_balance" in caller.said


def test_a_no_with_a_plea_for_a_human_is_a_plea() -> None:
    caller = call()
    caller.tell(says("block_card", mentions={"card_type": "debit"}))
    caller.tell(keys("48213907", "48213907"))
    assert caller.expectation.slot == "block_confirmed"
    last = caller.tell(UserTurn("no i want to talk to someone", "talk_to_human", 0.8, value="false"))
    assert isinstance(last, HandOff)


def test_digits_that_were_asked_for_are_no_plea() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    caller.tell(UserTurn("four eight ...", "talk_to_human", 0.6, value="48213907"))
    assert "utter_balance" in caller.said


def test_a_plea_while_an_action_runs() -> None:
    dialogue = demo().dialogue(1)
    dialogue.advance(Started())
    assert isinstance(dialogue.advance(says("branch_hours"))[-1], Act)
    assert dialogue.advance(says("check_balance")) == [Wait()]
    assert dialogue.advance(UserSilence()) == [Wait()]
    last = dialogue.advance(keys("0"))[-1]
    assert last == HandOff(HandOffReason.USER_REQUEST, "general")
    assert dialogue.advance(ActionFinished("action_branch_hours")) == [last]


# --- digression, cancelling, repeating, help -----------------------------------------------------------------


def test_a_digression_comes_back_to_the_question() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    caller.tell(says("branch_hours", mentions={"branch": "airport"}))
    assert caller.said == ["utter_branch_hours", "utter_continue_interrupted", "utter_ask_account_number"]
    assert "your account balance" in caller.text
    caller.tell(keys("48213907", "48213907"))
    assert "utter_balance" in caller.said


def test_the_task_at_hand_asked_for_again_is_no_digression() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    caller.tell(says("check_balance"))
    assert caller.said == ["utter_no_match", "utter_ask_account_number_reprompt"]


def test_an_interrupted_task_asked_for_again_goes_on() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    caller.tell(says("block_card"))
    caller.tell(says("check_balance"))
    assert FlowEnded("block_card", "interrupted", True) in caller.fresh
    assert caller.said == ["utter_ask_account_number"]
    assert caller.dialogue.active_flow == "check_balance"


def test_cancelling_returns_to_the_open_question() -> None:
    caller = call()
    caller.tell(says("block_card"))
    caller.tell(says("cancel"))
    assert FlowEnded("block_card", "cancelled", True) in caller.fresh
    assert caller.said == ["utter_flow_cancelled", "utter_ask_request"]
    caller.tell(says("cancel"))
    assert caller.said == ["utter_nothing_to_cancel", "utter_ask_request"]


def test_cancelling_a_digression_returns_to_what_it_interrupted() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    caller.tell(says("block_card"))
    caller.tell(says("cancel"))
    assert caller.said == ["utter_flow_cancelled", "utter_continue_interrupted", "utter_ask_account_number"]
    assert caller.dialogue.active_flow == "check_balance"


def test_repeat_says_the_same_again_each_time() -> None:
    caller = call()
    caller.tell(says("branch_hours", mentions={"branch": "college"}))
    heard = [move for move in caller.fresh if isinstance(move, Say)]
    for _ in range(2):
        caller.tell(says("repeat"))
        assert [move for move in caller.fresh if isinstance(move, Say)] == heard
    assert caller.expectation.slot == "anything_else"


def test_help_names_choices_and_keys() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    caller.tell(says("help"))
    assert caller.said == ["utter_ask_account_number_choices"]
    assert caller.expectation.slot == "account_number"


# --- sureness ------------------------------------------------------------------------------------------------


def test_a_number_heard_badly_is_read_back_and_masked_in_the_log() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    caller.tell(answers("48213907", heard=0.4))
    (question,) = [move for move in caller.fresh if isinstance(move, Say)]
    assert question.text == "I heard 4 8 2 1, 3 9 0 7. Is that right?"
    assert question.logged == "I heard ••••3907. Is that right?"
    assert question.sensitive
    caller.tell(answers("true"))
    assert SlotSet("account_number", "••••3907", confirmed=True, sensitive=True) in caller.fresh
    assert "utter_balance" in caller.said


def test_a_number_read_back_and_denied_is_asked_for_again_then_given_to_a_human() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    for step in ("reprompt", "rephrase"):
        caller.tell(answers("48213907", heard=0.4))
        caller.tell(answers("false"))
        assert any(isinstance(move, NotUnderstood) and move.step == step for move in caller.fresh)
        assert caller.expectation.slot == "account_number"
    caller.tell(answers("48213907", heard=0.4))
    assert caller.tell(answers("false")) == HandOff(HandOffReason.LOW_CONFIDENCE, "general")


def test_a_question_about_a_number_names_it_in_every_form() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    caller.tell(answers("48213907", heard=0.4))
    for _ in range(2):
        caller.tell(NONSENSE)
        assert "4 8 2 1, 3 9 0 7" in caller.text
        assert all(move.sensitive for move in caller.fresh if isinstance(move, Say) and "4 8 2 1" in move.text)
        assert all("4821" not in move.logged for move in caller.fresh if isinstance(move, Say))


def test_a_number_keyed_or_heard_well_is_taken_at_once() -> None:
    for turn in (keys("48213907", "48213907"), answers("48213907", heard=0.9)):
        caller = call()
        caller.tell(says("check_balance"))
        caller.tell(turn)
        assert "utter_balance" in caller.said


def confirming() -> tuple[str, ...]:
    return ("yes", "yes please")


@pytest.mark.parametrize("yes", confirming())
def test_a_lone_yes_over_the_prompt_never_confirms(yes: str) -> None:
    caller = call()
    caller.tell(says("block_card", mentions={"card_type": "debit"}))
    caller.tell(keys("48213907", "48213907"))
    caller.tell(answers("true", yes, over=True))
    assert any(isinstance(move, NotUnderstood) and move.kind == "over_prompt" for move in caller.fresh)
    assert caller.expectation.slot == "block_confirmed"
    assert not any(isinstance(move, Act) and move.name == "action_block_card" for move in caller.moves)


@pytest.mark.parametrize(
    "turn",
    [
        answers("true", "yes"),
        answers("true", "yes go ahead and block it", over=True),
        UserTurn("1", "inform", 1.0, value="true", keyed=True, over_prompt=True),
        UserTurn("1", "inform", 1.0, keyed=True),
        UserTurn("yes", "affirm", 0.9),
    ],
)
def test_these_confirm(turn: UserTurn) -> None:
    caller = call()
    caller.tell(says("block_card", mentions={"card_type": "debit"}))
    caller.tell(keys("48213907", "48213907"))
    caller.tell(turn)
    assert "utter_card_blocked" in caller.said


def test_a_no_over_the_prompt_counts_and_a_faint_yes_does_not() -> None:
    caller = call()
    caller.tell(says("block_card", mentions={"card_type": "debit"}))
    caller.tell(keys("48213907", "48213907"))
    caller.tell(answers("true", heard=0.2))
    assert caller.said == ["utter_not_sure", "utter_ask_block_confirmed_reprompt"]
    caller.tell(answers("false", "no", over=True))
    assert "utter_card_not_blocked" in caller.said


@pytest.mark.parametrize(("intent", "text"), [("deny", "yes not really"), ("affirm", "yes block it no")])
def test_a_yes_or_no_that_rests_on_an_unsure_intent_is_asked_again(intent: str, text: str) -> None:
    caller = call()
    caller.tell(says("block_card", mentions={"card_type": "debit"}))
    caller.tell(keys("48213907", "48213907"))
    caller.tell(says(intent, text, 0.69))
    assert caller.said == ["utter_not_sure", "utter_ask_block_confirmed_reprompt"]
    assert NotUnderstood("low_confidence", 1, "reprompt") in caller.fresh
    caller.tell(says(intent, text, 0.7))
    assert caller.said[0] == ("utter_card_blocked" if intent == "affirm" else "utter_card_not_blocked")


def test_an_unsure_no_to_anything_else_ends_nothing() -> None:
    caller = call()
    caller.tell(says("branch_hours"))
    caller.tell(says("deny", "no yes of", 0.5))
    assert caller.said == ["utter_not_sure", "utter_ask_anything_else_reprompt"]
    caller.tell(answers("false", "no"))
    assert caller.said == ["utter_goodbye"]


def test_noise_at_a_closed_question_neither_hangs_up_nor_starts_anything() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    caller.tell(UserTurn("bye", "goodbye", 0.95, heard=0.2))
    assert NotUnderstood("low_confidence", 1, "reprompt") in caller.fresh
    assert caller.expectation.slot == "account_number"
    assert isinstance(caller.tell(UserTurn("operator", "talk_to_human", 0.95, heard=0.2)), HandOff)


# --- faults, the end -----------------------------------------------------------------------------------------


def test_a_fault_ends_with_an_apology_and_a_human() -> None:
    caller = call()
    caller.tell(says("block_card"))
    last = caller.tell(Trouble(HandOffReason.ERROR, "the recogniser died"))
    assert last == HandOff(HandOffReason.ERROR, "cards")
    assert caller.said == ["utter_internal_error"]


def test_a_failed_action_is_a_fault() -> None:
    dialogue = demo().dialogue(1)
    dialogue.advance(Started())
    dialogue.advance(says("branch_hours"))
    moves = dialogue.advance(ActionFinished("action_branch_hours", error="it failed"))
    assert moves[-1] == HandOff(HandOffReason.ERROR, "general")


def test_a_call_that_lasts_too_long_goes_to_a_human_with_other_words() -> None:
    caller = call()
    assert caller.tell(Trouble(HandOffReason.POLICY)) == HandOff(HandOffReason.POLICY, "general")
    assert "for a while" in caller.text


def test_nothing_follows_the_end() -> None:
    caller = call()
    last = caller.tell(says("goodbye"))
    assert last == End("goodbye")
    for event in (says("check_balance"), UserSilence(), Trouble(HandOffReason.ERROR), Started(), keys("0")):
        assert caller.tell(event) is last


def test_strange_orders_of_events_change_nothing() -> None:
    dialogue = demo().dialogue(1)
    dialogue.advance(Started())
    assert isinstance(dialogue.advance(Started())[-1], Listen)
    (again,) = dialogue.advance(ActionFinished("action_block_card", {"customer": "C1001"}))
    assert isinstance(again, Listen)
    assert dialogue.slot("customer") is None


def test_what_was_interrupted_by_goodbye_is_abandoned() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    caller.tell(says("goodbye"))
    assert FlowEnded("check_balance", "abandoned", True) in caller.fresh
    assert FlowEnded("goodbye", "completed", False) in caller.fresh


def test_wishes_are_told_from_patterns_and_parts() -> None:
    caller = call()
    caller.tell(says("greet"))
    caller.tell(says("check_balance"))
    wishes = [move.flow for move in caller.moves if isinstance(move, FlowStarted) and move.wish]
    assert wishes == ["check_balance"]


def test_the_same_seed_gives_the_same_conversation() -> None:
    script = [says("greet"), NONSENSE, says("branch_hours"), NONSENSE, says("branch_hours"), says("goodbye")]

    def texts(seed: int) -> list[str]:
        caller = call(seed=seed)
        for event in script:
            caller.tell(event)
        return [move.text for move in caller.moves if isinstance(move, Say)]

    assert texts(3) == texts(3)
    assert len({tuple(texts(seed)) for seed in range(8)}) > 1
