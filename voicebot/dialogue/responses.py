"""What the bot says: Rasa's `responses:` files, one directory a language; variations, conditions, slots in braces.

    responses:
      utter_balance:
        - text: "Your balance is {balance}."
          condition:
            - {type: slot, name: account_type, value: checking}
          metadata: {interruptible: false}

A variation whose conditions all hold goes before those without any. The same variation is not said twice in a row.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicebot.dialogue.events import Say, SlotValue
from voicebot.dialogue.masking import mask_value
from voicebot.dialogue.spoken import spoken, written
from voicebot.dialogue.yamlfile import Place, ProjectError, Section, read

_BRACES: Final = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")


class ResponseError(ProjectError):
    """A file of responses, or a recorded prompt, is wrong."""


@dataclass(frozen=True, slots=True)
class Variation:
    """One way to say a response. `conditions` are (slot, value) pairs."""

    text: str
    place: Place
    conditions: tuple[tuple[str, SlotValue], ...] = ()
    interruptible: bool = True

    @property
    def slots(self) -> tuple[str, ...]:
        """The names in braces."""
        return tuple(_BRACES.findall(self.text))

    def suits(self, values: Mapping[str, SlotValue]) -> bool:
        """Whether all conditions hold."""
        return all(_same(values.get(name), value) for name, value in self.conditions)

    def complete(self, values: Mapping[str, SlotValue]) -> bool:
        """Whether every slot in braces has a value."""
        return all(values.get(name) is not None for name in self.slots)


def _same(left: SlotValue, right: SlotValue) -> bool:
    return left == right and isinstance(left, bool) is isinstance(right, bool)


@dataclass(frozen=True, slots=True)
class Responses:
    """All responses of a language, and the directory with their recordings."""

    by_name: Mapping[str, tuple[Variation, ...]]
    directory: Path

    def variations(self) -> Iterator[tuple[str, int, Variation]]:
        """Every variation with its response's name and its number, from 1."""
        for name, variations in self.by_name.items():
            for number, variation in enumerate(variations, 1):
                yield name, number, variation

    def fixed_texts(self) -> tuple[str, ...]:
        """All texts without slots, each once: what can be synthesised before any call."""
        return tuple(dict.fromkeys(v.text for _, _, v in self.variations() if not v.slots))

    def recorded(self) -> dict[str, Path]:
        """Texts that a recording replaces: audio/<response>.wav for its first variation, audio/<response>_<n>.wav.

        Raises ResponseError for a recording that belongs to no text, or to one with slots.
        """
        found: dict[str, Path] = {}
        for path in sorted((self.directory / "audio").glob("*.wav")):
            variation = self._variation_of(path.stem)
            if variation is None or variation.slots:
                why = "says slots, which a recording cannot" if variation else "does not exist"
                raise ResponseError(Place(path, 1, 1), f"this recording belongs to response {path.stem!r}, which {why}")
            found[variation.text] = path
        return found

    def recordable(self, stem: str) -> bool:
        """Whether a recording of this name, without .wav, belongs to a text."""
        variation = self._variation_of(stem)
        return variation is not None and not variation.slots

    def _variation_of(self, stem: str) -> Variation | None:
        if stem in self.by_name:
            return self.by_name[stem][0]
        name, _, number = stem.rpartition("_")
        variations = self.by_name.get(name, ())
        return variations[int(number) - 1] if number.isdecimal() and 1 <= int(number) <= len(variations) else None


def load_responses(directory: Path) -> Responses:
    """Read <directory>/*.yml, e.g. prompts/en. Raises ResponseError."""
    files = sorted(directory.glob("*.yml")) + sorted(directory.glob("*.yaml"))
    if not files:
        raise ResponseError(Place(directory, 1, 1), "no *.yml file with responses is here")
    by_name: dict[str, tuple[Variation, ...]] = {}
    for path in files:
        file = read(path, ResponseError)
        file.only(("version", "responses"))
        section = file.section("responses", "responses")
        for name in section.keys():  # noqa: SIM118 - checks that they are texts
            if name in by_name:
                section.fail(f"{name!r} is already defined at {by_name[name][0].place}", name)
            by_name[name] = _variations(section, name)
    return Responses(by_name, directory)


def _variations(section: Section, name: str) -> tuple[Variation, ...]:
    variations = tuple(map(_variation, section.sections(name, f"response {name!r}")))
    if not variations:
        section.fail(f"{name!r} must hold a list of variations, each with 'text'", name)
    if all(variation.conditions for variation in variations):
        section.fail(f"{name!r} needs a variation without conditions, for when none of them holds", name)
    return variations


def _variation(section: Section) -> Variation:
    section.only(("text", "condition", "metadata", "id"))
    text = " ".join(section.need("text", str).split())
    if not text:
        section.fail("'text' is empty", "text")
    if any(brace in _BRACES.sub("", text) for brace in "{}"):
        section.fail("braces must hold the name of a slot, as in {balance}", "text")
    interruptible = True
    if "metadata" in section:
        metadata = section.section("metadata")
        metadata.only(("interruptible",))
        interruptible = metadata.get("interruptible", bool, True)
    return Variation(text, section.place("text"), tuple(map(_condition, section.sections("condition"))), interruptible)


def _condition(section: Section) -> tuple[str, SlotValue]:
    section.only(("type", "name", "value"))
    if section.need("type", str) != "slot":
        section.fail("expected `type: slot`", "type")
    if "value" not in section:
        section.fail("'value' is missing")
    return section.need("name", str), section.scalar("value")


class Speaker:
    """Chooses and fills in what one call hears; the same seed chooses the same variations."""

    def __init__(self, responses: Responses, seed: int) -> None:
        self._responses = responses
        self._random = random.Random(seed)
        self._last: dict[str, Variation] = {}

    def knows(self, response: str) -> bool:
        """Whether there is such a response."""
        return response in self._responses.by_name

    def say(self, response: str, values: Mapping[str, SlotValue], sensitive: AbstractSet[str]) -> Say | None:
        """The response in words, `sensitive` values masked in its log.

        A sentence whose slot has no value is left out; None when nothing is left to say.
        """
        variation = self._choose(response, values)
        sentences = _SENTENCE_END.split(variation.text)
        whole = [part for part in sentences if all(values.get(name) is not None for name in _BRACES.findall(part))]
        if not whole:
            return None
        text = " ".join(whole)
        said = set(_BRACES.findall(text))
        logged = {name: mask_value(values[name]) if name in sensitive else values[name] for name in said}
        return Say(
            response,
            text=_BRACES.sub(lambda match: spoken(values[match[1]]), text),
            logged=_BRACES.sub(lambda match: written(logged[match[1]]), text),
            interruptible=variation.interruptible,
            sensitive=not said.isdisjoint(sensitive),
        )

    def _choose(self, response: str, values: Mapping[str, SlotValue]) -> Variation:
        every = self._responses.by_name[response]
        fitting = [v for v in every if v.conditions and v.suits(values)] or [v for v in every if not v.conditions]
        fitting = [v for v in fitting if v.complete(values)] or fitting
        fresh = [v for v in fitting if v is not self._last.get(response)] or fitting
        chosen = fresh[0] if len(fresh) == 1 else self._random.choice(fresh)
        self._last[response] = chosen
        return chosen
