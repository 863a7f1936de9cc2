from __future__ import annotations

import contextlib
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialogue.conversing import ROOT
from voicebot.dialogue.events import AnswerKind, Choice, Expectation, Keypad
from voicebot.dialogue.expression import Literal, show
from voicebot.dialogue.flows import END, Call, Collect, Flow, Link, Noop, Run, SetSlots, Trigger
from voicebot.dialogue.loader import FlowError, load_flows, read_flows
from voicebot.dialogue.yamlfile import read


def flows(path: Path, text: str) -> dict[str, Flow]:
    (path / "test.yml").write_text(dedent(text))
    return load_flows(path)


def collect(path: Path, keys: str) -> Collect:
    found = flows(path, f"flows: {{a: {{steps: [{{collect: x, {keys}}}]}}}}")
    (step,) = found["a"].steps.values()
    assert isinstance(step.does, Collect)
    return step.does


def test_a_flow_in_full(tmp_path: Path) -> None:
    flow = flows(
        tmp_path,
        """
        version: "3.1"
        flows:
          transfer:
            name: a transfer
            description: Move money.
            always_include_in_prompt: false
            if: slots.count > 1
            nlu_trigger:
              - intent: pay
              - intent: {name: transfer, confidence_threshold: 0.7}
            persisted_slots: [x]
            run_pattern_completed: false
            menu_key: "4"
            queue: money
            phrases: [Transfer Money]
            steps:
              - id: first
                description: Ask.
                collect: x
                utter: utter_which
                ask_before_filling: true
                force_slot_filling: true
                reset_after_flow_ends: false
                rejections:
                  - if: slots.x is "0"
                    utter: utter_no
              - action: action_move
                next:
                  - if: slots.done
                    then:
                      - action: utter_done
                      - set_slots:
                          - y: red
                          - z: 2
                          - w: null
                        next: END
                  - if: slots.x
                    then: first
                  - else:
                      - call: other
                        next: last
              - id: last
                noop: true
              - link: other
          other:
            steps: [{action: utter_done}]
        """,
    )["transfer"]
    assert (flow.name, flow.description, flow.menu_key, flow.queue) == ("a transfer", "Move money.", "4", "money")
    assert flow.guard is not None
    assert show(flow.guard) == "slots.count > 1"
    assert flow.triggers == (Trigger("pay", 0.0), Trigger("transfer", 0.7))
    assert flow.phrases == ("transfer money",)
    assert not flow.run_pattern_completed
    assert not flow.is_pattern
    deeds = [step.does for step in flow.steps.values()]
    assert Run("action_move") in deeds
    assert SetSlots((("y", "red"), ("z", 2.0), ("w", None))) in deeds
    assert Call("other") in deeds
    assert Noop() in deeds
    assert Link("other") in deeds
    asked = flow.steps["first"].does
    assert isinstance(asked, Collect)
    assert asked.utter == "utter_which"
    assert asked.ask_before_filling
    assert asked.force_slot_filling
    assert [(show(r.condition), r.utter) for r in asked.rejections] == [('slots.x is "0"', "utter_no")]
    assert flow.own_slots() == {"y", "z", "w"}
    branches = flow.steps[flow.steps["first"].next[0].target].next
    assert [branch.target for branch in branches][1] == "first"
    assert [branch.condition is None for branch in branches] == [False, False, True]
    assert flow.steps["last"].place.line == 43
    assert flow.steps[flow.steps["last"].next[0].target].next[0].target == END


def test_yaml_booleans_are_conditions(tmp_path: Path) -> None:
    flow = flows(tmp_path, "flows: {a: {if: false, steps: [{action: utter_x}]}}")["a"]
    assert flow.guard == Literal(False)


def test_backslashes_of_a_regular_expression_stay(tmp_path: Path) -> None:
    asked = collect(tmp_path, r"""rejections: [{if: 'not slots.x matches "^\d{8}$"'}]""")
    assert [show(r.condition) for r in asked.rejections] == [r'not (slots.x matches "^\d{8}$")']


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("utter: u", Expectation(AnswerKind.OPEN, "x")),
        (
            "expect: yes_no",
            Expectation(
                AnswerKind.YES_NO,
                "x",
                choices=(Choice("true", (), "1"), Choice("false", (), "2")),
                keypad=Keypad(length=1),
            ),
        ),
        (
            "length: 8, sensitive: true",
            Expectation(AnswerKind.DIGITS, "x", (8, 8), keypad=Keypad(8), sensitive=True, silence_s=8.0),
        ),
        ("length: [4, 6]", Expectation(AnswerKind.DIGITS, "x", (4, 6), keypad=Keypad(), silence_s=8.0)),
        (
            "dtmf: {length: 4, finish_on_key: '*', allow_audio_input: false}, silence_timeout: 3.5",
            Expectation(AnswerKind.DIGITS, "x", (4, 4), keypad=Keypad(4, "*", allow_audio_input=False), silence_s=3.5),
        ),
        (
            "dtmf: {finish_on_key: '#'}",
            Expectation(AnswerKind.DIGITS, "x", (1, 30), keypad=Keypad(), silence_s=8.0),
        ),
        (
            "choices: [{value: red, phrases: [Red One], key: '1'}, {value: blue}]",
            Expectation(
                AnswerKind.CHOICE,
                "x",
                choices=(Choice("red", ("red one",), "1"), Choice("blue", ("blue",), None)),
                keypad=Keypad(length=1),
            ),
        ),
    ],
)
def test_what_a_collect_expects(tmp_path: Path, keys: str, expected: Expectation) -> None:
    assert collect(tmp_path, keys).expectation == expected


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("flows:\n  a:\n    step: []\n", 3, "unknown key 'step'; expected one of: always_include_in_prompt"),
        ("flow: {}\n", 1, "unknown key 'flow'; expected one of: flows, version"),
        ("flows:\n  a: {}\n", 2, "'steps' is missing"),
        ("flows:\n  a: 3\n", 2, "'a' must be a mapping, not 3"),
        ("- flows\n", 1, "expected a mapping with keys, not a list"),
        ("", 1, "'flows' is missing"),
        ("flows:\n  a: {steps: [{action: x}\n", 3, "this is not YAML"),
        ("flows:\n  a: {steps: [{action: x}]}\n  a: {steps: [{action: x}]}\n", 3, "this is not YAML"),
        ("flows:\n  a:\n    steps:\n      - action: x\n        frobnicate: 1\n", 5, "unknown key 'frobnicate'"),
        ("flows:\n  a:\n    steps:\n      - action: x\n        collect: y\n", 4, "exactly one of: collect, action"),
        ("flows:\n  a:\n    steps:\n      - id: x\n", 4, "exactly one of: collect, action"),
        ("flows:\n  a:\n    steps:\n      - action: 3\n", 4, "'action' must be a text, not 3"),
        ("flows:\n  a:\n    steps:\n      - action: x\n        next: nowhere\n", 5, "there is no step 'nowhere'"),
        ("flows:\n  a:\n    steps:\n      - {id: b, action: x}\n      - {id: b, action: x}\n", 5, "'b' is taken"),
        ("flows:\n  a:\n    steps:\n      - {id: END, action: x}\n", 4, "'END' is taken"),
        ("flows:\n  a:\n    steps:\n      - {link: b, next: END}\n", 4, "a link ends the flow"),
        (
            "flows:\n  a:\n    steps:\n      - action: x\n        next:\n"
            "          - if: slots.y\n            then: END\n",
            6,
            "must end with 'else'",
        ),
        (
            "flows:\n  a:\n    steps:\n      - action: x\n        next:\n"
            "          - if: slots.y\n            then:\n              - action: z\n          - else: END\n",
            8,
            "the last step of a branch needs 'next'",
        ),
        (
            "flows:\n  a:\n    steps:\n      - action: x\n        next:\n"
            "          - if: slots.y is\n            then: END\n          - else: END\n",
            6,
            "the condition 'slots.y is' is wrong: expected a slot",
        ),
        (
            "flows:\n  a:\n    steps:\n      - action: x\n        next:\n"
            "          - else: END\n          - else: END\n",
            6,
            "only the last",
        ),
        (
            "flows:\n  a:\n    steps:\n      - action: x\n        next:\n"
            '          - if: slots.y matches "^\\d{8$("\n            then: END\n          - else: END\n',
            6,
            "this regular expression is wrong: missing ), unterminated subpattern",
        ),
        ("flows:\n  a:\n    steps:\n      - action: x\n        next:\n          - then: END\n", 6, "expected 'if'"),
        ("flows:\n  a:\n    steps:\n      - action: x\n        next:\n          - else: []\n", 6, "list of steps"),
        ("flows:\n  a:\n    menu_key: 1\n    steps: [{action: x}]\n", 3, "'menu_key' must be a text, not 1"),
        ("flows:\n  a:\n    menu_key: '0'\n    steps: [{action: x}]\n", 3, "0 always leads to a human"),
        ("flows:\n  a:\n    nlu_trigger: {intent: x}\n    steps: [{action: x}]\n", 3, "must be a list"),
        (
            "flows:\n  a:\n    nlu_trigger: [{intent: {name: x, confidence_threshold: 7}}]\n    steps: [{action: x}]\n",
            3,
            "between 0 and 1",
        ),
        ("flows:\n  a:\n    phrases: [3]\n    steps: [{action: x}]\n", 3, "must be a text, not 3"),
        ("flows:\n  3: {steps: [{action: x}]}\n", 2, "the name 3 must be a text"),
        ("flows:\n  a:\n    steps:\n      - {collect: x, length: 0}\n", 4, "'length' must be a number of digits"),
        ("flows:\n  a:\n    steps:\n      - {collect: x, length: [8, 4]}\n", 4, "'length' must be a number of digits"),
        ("flows:\n  a:\n    steps:\n      - {collect: x, expect: number}\n", 4, "expected one of: open, digits"),
        ("flows:\n  a:\n    steps:\n      - {collect: x, expect: open, length: 3}\n", 4, "go with `expect: digits`"),
        ("flows:\n  a:\n    steps:\n      - {collect: x, expect: choice}\n", 4, "go together"),
        ("flows:\n  a:\n    steps:\n      - {collect: x, choices: [{value: y, key: '0'}]}\n", 4, "0 always leads"),
        (
            "flows:\n  a:\n    steps:\n      - {collect: x, choices: [{value: y, key: '1'}, {value: z, key: '1'}]}\n",
            4,
            "the same key",
        ),
        ("flows:\n  a:\n    steps:\n      - {collect: x, silence_timeout: 0}\n", 4, "between 0 and 60"),
        ("flows:\n  a:\n    steps:\n      - {collect: x, rejections: [{utter: y}]}\n", 4, "'if' is missing"),
        ("flows:\n  a:\n    steps:\n      - {collect: x, dtmf: {finish_on_key: '##'}}\n", 4, "must be one key"),
        ("flows:\n  a:\n    steps:\n      - {set_slots: {x: 1}}\n", 4, "must be a list"),
        ("flows:\n  a:\n    steps:\n      - {set_slots: []}\n", 4, "must be a list of `slot: value`"),
        ("flows:\n  a:\n    steps:\n      - {set_slots: [{x: [1]}]}\n", 4, "not a list"),
        ("flows:\n  a: \x00\n", 1, "cannot be read"),
    ],
)
def test_errors_say_where_and_what(tmp_path: Path, text: str, line: int, said: str) -> None:
    (tmp_path / "test.yml").write_text(text)
    with pytest.raises(FlowError) as caught:
        load_flows(tmp_path)
    assert said in str(caught.value)
    assert caught.value.place.line == line
    assert str(caught.value).startswith(f"{tmp_path / 'test.yml'}:{line}:")
    assert "\n" not in str(caught.value)


def test_a_flow_defined_twice_names_both_places(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text("flows: {a: {steps: [{action: x}]}}")
    (tmp_path / "two.yml").write_text("flows: {a: {steps: [{action: x}]}}")
    with pytest.raises(FlowError, match=r"two\.yml.*already defined at .*one\.yml"):
        load_flows(tmp_path)


def test_no_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="no"):
        load_flows(tmp_path)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "test.yml").write_bytes(b"flows: \xff\xfe")
    with pytest.raises(FlowError, match="cannot be read"):
        load_flows(tmp_path)


def test_steps_nested_in_themselves(tmp_path: Path) -> None:
    text = "flows: {a: {steps: &s [{action: x, next: [{else: *s}]}]}}"
    with pytest.raises(FlowError, match="nested"):
        flows(tmp_path, text)


DEMO = (ROOT / "nlu_data" / "flows" / "bank.yml").read_text()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_files_load_or_say_why(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(DEMO) - 1))
    end = data.draw(st.integers(start, min(start + 40, len(DEMO))))
    junk = data.draw(st.one_of(st.text(max_size=8), st.text(alphabet=" :-[]{}'\"#&*!|>%@\n\t~0", max_size=8)))
    path = tmp_path_factory.mktemp("damaged") / "bank.yml"
    path.write_text(DEMO[:start] + junk + DEMO[end:])
    with contextlib.suppress(FlowError):
        read_flows(read(path, FlowError))
