"""The caller's answer while it grows: words of several utterances, digits in groups, keys."""

from __future__ import annotations

from dataclasses import dataclass

from voicebot.call.ear import Utterance
from voicebot.call.understanding import is_whole, read_answer
from voicebot.dialogue.events import AnswerKind, Expectation


@dataclass(slots=True)
class Answer:
    """Collects what the caller says and keys between two moves of the bot.

    `heard`: the lowest confidence of its utterances; `prompts`: as of the last of them (see Utterance).
    """

    text: str = ""
    heard: float = 1.0
    digits: str = ""
    keys: str = ""
    ended_ms: int = 0
    over_prompt: bool = False
    prompts: int = 0

    @property
    def empty(self) -> bool:
        """Whether nothing has come yet."""
        return not (self.text or self.digits or self.keys)

    def add_words(self, text: str, confidence: float, said: Utterance) -> None:
        """Another utterance of the same answer: the caller went on before the bot replied."""
        if self.empty:
            self.over_prompt = said.over_prompt
        self.text = f"{self.text} {text}".strip()
        self.heard = min(self.heard, confidence)
        self.ended_ms, self.prompts = said.ended_ms, said.prompts

    def take_group(self, expectation: Expectation) -> bool:
        """Whether the words were a group of digits that leaves more to come; they then wait in `digits`.

        A number comes in groups with pauses. What would be too long is the caller starting anew.
        """
        if expectation.kind is not AnswerKind.DIGITS or expectation.length is None:
            return False
        group = read_answer(self.text, expectation)
        if group is None:
            return False
        whole = self.digits + group
        self.digits = whole if len(whole) <= expectation.length[1] else group
        self.text = ""
        return not is_whole(self.digits, expectation)

    def add_key(self, key: str, expectation: Expectation) -> bool:
        """A key was pressed; True when the answer is complete with it. `*` starts anew."""
        if expectation.kind is not AnswerKind.DIGITS:
            self.keys = key
            return True
        keypad = expectation.keypad
        if key == (keypad.finish_on_key if keypad else "#"):
            return bool(self.keys)
        self.keys = "" if key == "*" else self.keys + key
        length = keypad.length if keypad and keypad.length else expectation.length and expectation.length[1]
        return bool(length) and len(self.keys) >= (length or 0)
