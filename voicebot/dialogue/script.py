"""A conversation as a project writes it down, read and checked: one per process, shared by all its calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from voicebot.dialogue.domain import Domain
from voicebot.dialogue.events import AnswerKind, Choice, Expectation, Keypad
from voicebot.dialogue.flows import END, Branch, Collect, Flow, Run, Step
from voicebot.dialogue.responses import Responses
from voicebot.dialogue.yamlfile import Place

if TYPE_CHECKING:
    from voicebot.dialogue.engine import Dialogue

HUMAN_KEY: Final = "0"
"""The key that leads to a human, from any question to which it is not an answer."""
REQUEST: Final = "utter_ask_request"
"""The open question, to which a call returns when no flow is left."""

SESSION_START: Final = "pattern_session_start"
CANNOT_HANDLE: Final = "pattern_cannot_handle"
USER_SILENCE: Final = "pattern_user_silence"
CONFIRM_ANSWER: Final = "pattern_confirm_answer"
CONTINUE_INTERRUPTED: Final = "pattern_continue_interrupted"
COMPLETED: Final = "pattern_completed"
HUMAN_HANDOFF: Final = "pattern_human_handoff"
INTERNAL_ERROR: Final = "pattern_internal_error"
PATTERNS: Final = (
    *(SESSION_START, CANNOT_HANDLE, USER_SILENCE, CONFIRM_ANSWER, CONTINUE_INTERRUPTED, COMPLETED),
    *(HUMAN_HANDOFF, INTERNAL_ERROR),
)
"""The flows that the engine itself starts; a project must have them."""

CONTEXT: Final = ("kind", "count", "total", "slot", "flow", "answer", "intent")
"""What `context.` may name. `kind`, `count` in a row and `total` of misunderstandings; the open question's `slot`;
`flow`: the name of the task at hand; `answer`: the value to be confirmed; `intent`: what started the flow."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How sure recogniser and intent model must be, 0..1.

    A number or a sensitive answer heard less surely than `confirm_below` is read back. At a closed question words
    heard less surely than `trust_below` neither confirm anything nor lead elsewhere, except to a human.
    """

    confirm_below: float = 0.6
    trust_below: float = 0.4
    wish_below: float = 0.6
    """At an open question words heard less surely than this start nothing, except for a human. Measured with the
    bundled model on 150 synthetic callers: 78 of 80 right tasks stay, 4 of 18 wrong ones and 5 of 21 off-topic go."""
    answer_from: float = 0.7
    """How sure the intent must be to count as a yes or no where the words themselves say neither clearly."""


@dataclass(frozen=True)
class Script:
    """Flows, responses and slots, and what follows from them."""

    flows: Mapping[str, Flow]
    responses: Responses
    domain: Domain
    language: str
    policy: Policy
    root: Flow
    triggers: Mapping[str, tuple[tuple[Flow, float], ...]]
    """By intent: the flows it may start, with the confidence that each asks for, tasks before patterns."""
    phrases: Mapping[str, Flow]
    """Words that always start a flow; a recogniser should listen for them at closed questions too."""
    menu: Mapping[str, Flow]
    """The keys of the open question."""
    sensitive: frozenset[str]
    """Slots that are masked wherever they are stored or shown."""
    own_slots: Mapping[str, frozenset[str]]
    """By flow: the slots that its end resets."""

    def dialogue(self, seed: int) -> Dialogue:
        """The dialogue of one call; the same seed and events give the same moves."""
        from voicebot.dialogue.engine import Dialogue

        return Dialogue(self, seed)

    @property
    def actions(self) -> frozenset[str]:
        """The business actions that the flows run."""
        deeds = (step.does for flow in self.flows.values() for step in flow.steps.values())
        runs = (deed.name for deed in deeds if isinstance(deed, Run))
        return frozenset(runs) & self.domain.actions

    @property
    def choice_phrases(self) -> tuple[str, ...]:
        """What callers may say to the closed questions, each phrase once."""
        collects = (step.does for flow in self.flows.values() for step in flow.steps.values())
        choices = (choice for c in collects if isinstance(c, Collect) for choice in c.expectation.choices)
        return tuple(dict.fromkeys(phrase for choice in choices for phrase in choice.phrases))


def make_script(
    flows: Mapping[str, Flow], responses: Responses, domain: Domain, language: str, policy: Policy | None = None
) -> Script:
    """Put a script together; `project.load_dialogue` checks it too."""
    menu = {flow.menu_key: flow for flow in flows.values() if flow.menu_key}
    return Script(
        flows=flows,
        responses=responses,
        domain=domain,
        language=language,
        policy=policy or Policy(),
        root=_root(menu),
        triggers=_triggers(flows),
        phrases={phrase: flow for flow in flows.values() for phrase in flow.phrases},
        menu=menu,
        sensitive=_sensitive(flows),
        own_slots={flow.id: flow.own_slots() for flow in flows.values()},
    )


def _root(menu: Mapping[str, Flow]) -> Flow:
    """The flow at the bottom of every stack: the open question, for ever."""
    choices = tuple(Choice(flow.id, (), key) for key, flow in sorted(menu.items()))
    question = Collect(None, REQUEST, Expectation(AnswerKind.OPEN, choices=choices, keypad=Keypad(length=1)))
    place = Place(Path("root"), 1, 1)
    return Flow("root", "", "", {"request": Step("request", question, (Branch(None, END),), place)}, "request", place)


def _triggers(flows: Mapping[str, Flow]) -> dict[str, tuple[tuple[Flow, float], ...]]:
    found: dict[str, tuple[tuple[Flow, float], ...]] = {}
    for flow in sorted(flows.values(), key=lambda flow: flow.is_pattern):
        for trigger in flow.triggers:
            found[trigger.intent] = (*found.get(trigger.intent, ()), (flow, trigger.threshold))
    return found


def _sensitive(flows: Mapping[str, Flow]) -> frozenset[str]:
    collects = (step.does for flow in flows.values() for step in flow.steps.values())
    return frozenset(c.slot for c in collects if isinstance(c, Collect) and c.slot and c.expectation.sensitive)
