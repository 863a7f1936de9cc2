"""What goes into a dialogue (events) and what comes out of it (moves)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

SlotValue = str | float | bool | None


# --- events: what happened -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """The call was answered. `facts` are slots known from the start (caller_number, recording_policy, ...)."""

    facts: Mapping[str, SlotValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mention:
    """A value the caller mentioned: an entity with its normalised value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class UserTurn:
    """The caller answered, by voice, keypad or text.

    `value` is the answer normalised for the expectation that was open (digits, "true"/"false", a choice's
    value) or None when the words do not fit it. `confidence` is the intent's; `heard` the recogniser's (1 for
    keys and text). `over_prompt`: spoken while the bot was talking.
    """

    text: str
    intent: str
    confidence: float
    heard: float = 1.0
    value: str | None = None
    mentions: tuple[Mention, ...] = ()
    keyed: bool = False
    over_prompt: bool = False


@dataclass(frozen=True, slots=True)
class UserSilence:
    """The caller said nothing for as long as the expectation allows."""


@dataclass(frozen=True, slots=True)
class ActionFinished:
    """An action came back; `slots` are set, then the flow goes on. `error` names the failure of one that did not."""

    name: str
    slots: Mapping[str, SlotValue] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """An engine failed, or the call hit a limit: apologise and hand off with this reason."""

    reason: HandOffReason
    detail: str = ""


Event = Started | UserTurn | UserSilence | ActionFinished | Trouble


# --- moves: what to do next ------------------------------------------------------------------------------------


class AnswerKind(enum.Enum):
    """What kind of answer a question expects; decides grammar, hangover and normalisation."""

    OPEN = "open"
    DIGITS = "digits"
    YES_NO = "yes_no"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers of a closed question: value, the phrases that mean it, and its key (or None)."""

    value: str
    phrases: tuple[str, ...]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Keypad:
    """How keys answer a question: fixed `length` and/or a finishing key; `allow_audio_input`: speech too."""

    length: int | None = None
    finish_on_key: str = "#"
    allow_audio_input: bool = True


@dataclass(frozen=True, slots=True)
class Expectation:
    """What answer is awaited. `length`: min and max digits. `silence_s`: how long the caller may stay silent."""

    kind: AnswerKind = AnswerKind.OPEN
    slot: str | None = None
    length: tuple[int, int] | None = None
    choices: tuple[Choice, ...] = ()
    keypad: Keypad | None = None
    sensitive: bool = False
    silence_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Say:
    """Speak. `logged` is the text as written, with sensitive values masked, for transcript and logs.

    `sensitive`: the text says a sensitive value, so a recording must not keep it.
    """

    response: str
    text: str
    logged: str
    interruptible: bool = True
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Listen:
    """The floor is the caller's. Ends a list of moves."""

    expectation: Expectation


@dataclass(frozen=True, slots=True)
class Act:
    """Run an action with the current slots; answered by ActionFinished. Ends a list of moves.

    Names beginning with `call_` (call_start_recording, ...) are done by the call itself.
    """

    name: str
    slots: Mapping[str, SlotValue]


class HandOffReason(enum.Enum):
    """Why a call goes to a human."""

    USER_REQUEST = "user_request"
    NO_MATCH_LIMIT = "no_match_limit"
    NO_INPUT_LIMIT = "no_input_limit"
    LOW_CONFIDENCE = "low_confidence"
    POLICY = "policy"
    VERIFICATION_FAILED = "verification_failed"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class HandOff:
    """Give the caller to a human. The prompts around it are Say moves before. Ends a list of moves."""

    reason: HandOffReason
    queue: str
    priority: int = 0


@dataclass(frozen=True, slots=True)
class End:
    """The conversation is over; hang up when everything was said. Ends a list of moves."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The action asked for before is still running: change nothing until its ActionFinished. Ends a list of moves."""


@dataclass(frozen=True, slots=True)
class SlotSet:
    """For the timeline: a slot changed. `value` is masked when sensitive."""

    name: str
    value: SlotValue
    confirmed: bool
    sensitive: bool


@dataclass(frozen=True, slots=True)
class FlowStarted:
    """For the timeline: a flow (or pattern) was put on the stack. `wish`: it is what the caller asked for."""

    flow: str
    reason: str
    wish: bool = False


@dataclass(frozen=True, slots=True)
class FlowEnded:
    """For the timeline: a flow ended (completed, cancelled, interrupted, abandoned, handed_off)."""

    flow: str
    outcome: str
    wish: bool = False


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """For the timeline: the n-th no-match or no-input in a row, and what the policy does about it."""

    kind: str
    count: int
    step: str


Move = Say | Listen | Act | HandOff | End | Wait | SlotSet | FlowStarted | FlowEnded | NotUnderstood


# --- what a dialogue has learnt --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LearntSlot:
    """A slot as handed to a human; a sensitive value is masked except its last digits."""

    name: str
    value: SlotValue
    confirmed: bool
    sensitive: bool
