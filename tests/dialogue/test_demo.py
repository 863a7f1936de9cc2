"""Every path of the demo bank's conversation."""

from __future__ import annotations

import pytest

from tests.dialogue.conversing import answers, call, demo, keys, says
from voicebot.bank.actions import actions
from voicebot.dialogue.events import (
    Act,
    AnswerKind,
    End,
    HandOff,
    HandOffReason,
    Keypad,
    LearntSlot,
    UserSilence,
)


def test_the_flows_run_actions_that_exist() -> None:
    actions.require(demo().actions)
    assert demo().actions == actions.names


def test_balance_by_voice() -> None:
    caller = call()
    caller.tell(says("check_balance", "i want to check my balance"))
    expected = caller.expectation
    assert (expected.kind, expected.length, expected.sensitive) == (AnswerKind.DIGITS, (8, 8), True)
    assert expected.keypad == Keypad(8, "#", allow_audio_input=True)
    caller.tell(answers("48213907", "four eight two one three nine oh seven"))
    assert caller.said == ["utter_identified", "utter_balance", "utter_ask_anything_else"]
    assert "checking account is two thousand four hundred fifty dollars and seventy five cents" in caller.text
    assert caller.tell(says("deny", "no")) == End("goodbye")
    assert caller.said == ["utter_goodbye"]
    assert caller.dialogue.learnt() == (
        LearntSlot("customer", "C1001", confirmed=True, sensitive=False),
        LearntSlot("account_number", "••••3907", confirmed=True, sensitive=True),
        LearntSlot("account_kind", "checking", confirmed=True, sensitive=False),
        LearntSlot("balance", "$2,450.75", confirmed=True, sensitive=False),
    )


def test_balance_by_keypad_alone() -> None:
    caller = call()
    caller.tell(keys("1"))
    caller.tell(keys("70352846", "70352846"))
    assert "three hundred eighteen dollars and twenty cents" in caller.text
    caller.tell(keys("3", "branch_hours"))
    assert caller.said[0] == "utter_usual_hours"


def test_balance_of_the_account_that_was_named() -> None:
    caller = call()
    caller.tell(says("check_balance", mentions={"account_type": "savings"}))
    caller.tell(answers("48213907"))
    assert "savings account is ten thousand three hundred dollars" in caller.text
    caller.tell(says("check_balance"))
    assert "checking account" in caller.text, "the account named for one question is not kept for the next"


def test_a_number_said_in_the_request_is_not_asked_for() -> None:
    caller = call()
    caller.tell(says("check_balance", mentions={"account_number": "95607138"}))
    assert "business account is minus fifty seven dollars and four cents" in caller.text


def test_the_caller_is_identified_once() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    caller.tell(keys("48213907", "48213907"))
    caller.tell(says("check_balance"))
    assert caller.said == ["utter_balance", "utter_ask_anything_else"]


def test_another_customers_number_shows_nothing_of_theirs() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    caller.tell(keys("48213907", "48213907"))
    caller.tell(says("check_balance", mentions={"account_number": "70352846"}))
    assert "three hundred eighteen" not in caller.text


def test_three_unknown_numbers_lead_to_a_human() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    texts = [caller.text]
    for _ in range(2):
        caller.tell(answers("11112222"))
        assert caller.said == ["utter_unknown_account", "utter_ask_account_number"]
        texts.append(caller.text)
    assert len(set(texts)) == 3
    assert caller.tell(answers("11112222")) == HandOff(HandOffReason.VERIFICATION_FAILED, "general")
    assert "account" in caller.text


def test_a_wrong_number_then_the_right_one() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    caller.tell(answers("11112222"))
    caller.tell(answers("48213907"))
    assert "utter_balance" in caller.said


def test_a_lost_card_is_blocked_after_a_yes() -> None:
    caller = call()
    caller.tell(says("block_card", "i lost my card"))
    assert caller.said == ["utter_block_card_intro", "utter_ask_account_number"]
    caller.tell(answers("70352846"))
    assert caller.text.endswith("Shall I block your debit card ending in 2 2 9 0?")
    caller.tell(answers("true", "yes"))
    assert caller.said == ["utter_card_blocked", "utter_ask_anything_else"]
    reference = caller.dialogue.slot("block_reference")
    assert isinstance(reference, str)
    assert " ".join(reference) in caller.text


def test_with_two_cards_the_caller_chooses_by_word_or_key() -> None:
    for choice in (
        answers("credit", "credit card"),
        keys("2", "credit"),
        keys("2"),
        says("inform", mentions={"card_type": "credit"}),
    ):
        caller = call()
        caller.tell(says("block_card"))
        caller.tell(answers("48213907"))
        assert caller.expectation.kind is AnswerKind.CHOICE
        caller.tell(choice)
        assert "credit card ending in 9 0 6 2" in caller.text


def test_a_card_named_in_the_request_is_not_asked_for() -> None:
    caller = call()
    caller.tell(says("block_card", mentions={"card_type": "credit"}))
    caller.tell(answers("48213907"))
    assert caller.said == ["utter_identified", "utter_ask_block_confirmed"]


def test_a_no_leaves_the_card_alone() -> None:
    caller = call()
    caller.tell(says("block_card"))
    caller.tell(answers("70352846"))
    caller.tell(answers("false", "no"))
    assert caller.said == ["utter_card_not_blocked", "utter_ask_anything_else"]
    assert not any(isinstance(move, Act) and move.name == "action_block_card" for move in caller.moves)


def test_a_second_block_is_confirmed_anew() -> None:
    caller = call()
    caller.tell(says("block_card", mentions={"card_type": "debit"}))
    caller.tell(answers("48213907"))
    caller.tell(answers("true"))
    caller.tell(says("block_card", mentions={"card_type": "credit"}))
    assert caller.said == ["utter_block_card_intro", "utter_ask_block_confirmed"]
    assert caller.expectation.slot == "block_confirmed"


@pytest.mark.parametrize(("number", "card"), [("31620594", {}), ("70352846", {"card_type": "credit"})])
def test_a_card_that_does_not_exist_is_for_a_human(number: str, card: dict[str, str]) -> None:
    caller = call()
    caller.tell(says("block_card", mentions=card))
    last = caller.tell(answers(number))
    assert last == HandOff(HandOffReason.POLICY, "cards")
    assert caller.said == ["utter_identified", "utter_no_such_card", "utter_human_handoff"]


@pytest.mark.parametrize(
    ("mentions", "text"),
    [
        ({}, "Most of our branches are open on weekdays from nine to five, and on Saturday from nine to noon."),
        ({"day": "sunday"}, "Most of our branches are closed on Sunday."),
        ({"branch": "airport"}, "The airport branch is open every day"),
        ({"branch": "college"}, "The college branch is open on weekdays from ten to six."),
        ({"branch": "main", "day": "saturday"}, "The main branch is open on Saturday from nine to four."),
        ({"branch": "north hill", "day": "saturday"}, "The north hill branch is closed on Saturday."),
        ({"branch": "main", "day": "today"}, "open on Wednesday from nine to five"),
        ({"branch": "main", "day": "tomorrow"}, "open on Thursday from nine to five"),
        ({"branch": "atlantis"}, "I do not know that branch. Most of our branches are open"),
    ],
)
def test_opening_hours(mentions: dict[str, str], text: str) -> None:
    caller = call()
    caller.tell(says("branch_hours", mentions=mentions))
    assert text in caller.text
    assert caller.said[-1] == "utter_ask_anything_else"
    assert not caller.dialogue.learnt()


def test_the_branch_of_one_question_is_not_kept_for_the_next() -> None:
    caller = call()
    caller.tell(says("branch_hours", mentions={"branch": "airport", "day": "sunday"}))
    caller.tell(says("branch_hours"))
    assert caller.said[0] == "utter_usual_hours"
    assert "weekdays" in caller.text


@pytest.mark.parametrize(
    ("intent", "queue", "priority"),
    [
        ("transfer_money", "general", 0),
        ("pay_bill", "general", 0),
        ("reset_password", "general", 0),
        ("order_checks", "general", 0),
        ("schedule_appointment", "general", 0),
        ("replace_card", "cards", 0),
        ("loan_application", "loans", 0),
        ("card_dispute", "fraud", 1),
    ],
)
def test_what_the_bot_may_not_do_goes_to_a_human(intent: str, queue: str, priority: int) -> None:
    caller = call()
    assert caller.tell(says(intent)) == HandOff(HandOffReason.POLICY, queue, priority)
    assert caller.said == ["utter_left_to_human", "utter_human_handoff"]


def test_every_intent_of_the_domain_leads_somewhere() -> None:
    silent = {"affirm", "deny", "inform", "out_of_scope"}
    assert demo().domain.intents - silent == set(demo().triggers)


def test_a_greeting_is_returned_with_the_question() -> None:
    caller = call()
    caller.tell(says("greet", "hello"))
    assert caller.said == ["utter_hello", "utter_ask_request"]


def test_yes_to_anything_else_opens_the_question() -> None:
    caller = call()
    caller.tell(says("branch_hours"))
    caller.tell(says("affirm", "yes"))
    assert caller.said == ["utter_ask_request"]
    caller.tell(says("branch_hours"))
    assert caller.said[-1] == "utter_ask_anything_else"


def test_a_caller_who_was_served_and_falls_silent_is_wished_goodbye() -> None:
    caller = call()
    caller.tell(says("branch_hours"))
    caller.tell(UserSilence())
    assert caller.said == ["utter_no_input", "utter_ask_anything_else_reprompt"]
    assert caller.tell(UserSilence()) == End("goodbye")


def test_goodbye_ends_the_call_from_anywhere() -> None:
    caller = call()
    caller.tell(says("check_balance"))
    assert caller.tell(says("goodbye", "bye")) == End("goodbye")
    assert caller.said == ["utter_goodbye"]
