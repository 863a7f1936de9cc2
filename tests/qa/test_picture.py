"""A call as a picture: well-formed SVG in which nothing lies outside or on top of something else."""

from __future__ import annotations

import itertools
from xml.etree import ElementTree

import numpy as np

from tests.qa.test_check import OUTCOME
from voicebot.call.timeline import Entry, Floor, FloorChanged, HandedOff, Heard, Meant, PromptStarted
from voicebot.qa.picture import HEIGHT, PIXELS_A_LETTER, WORDS, picture

SVG = "{http://www.w3.org/2000/svg}"


def drawn(title: str, *entries: Entry, frames: int = 500) -> ElementTree.Element:
    """The picture of a call of so many frames."""
    voice = [np.full(160, 5000 if 100 < n < 200 else 0, np.int16) for n in range(frames)]
    text = picture(title, entries, voice, voice[::-1])
    return ElementTree.fromstring(text)  # noqa: S314 - we made it


def test_texts_are_written_as_they_are_whatever_they_hold() -> None:
    svg = drawn("Tom & <Jerry>", Entry(100, Heard("is 1 < 2 & 3", 0.9, "")), Entry(110, Meant("a<b", 0.9, "")))
    texts = [element.text for element in svg.iter(f"{SVG}text")]
    assert "Tom & <Jerry>" in texts
    assert "“is 1 < 2 & 3” → a<b" in texts


def test_the_floor_is_a_stripe_without_gaps_in_its_colours() -> None:
    floors = (Floor.BOT, Floor.OPEN, Floor.CALLER, Floor.PAUSED)
    changes = [Entry(number * 100, FloorChanged(Floor.THINKING, floor, "")) for number, floor in enumerate(floors)]
    stripes = [rect for rect in drawn("x", *changes).iter(f"{SVG}rect") if rect.get("height") == "12"]
    assert len({rect.get("fill") for rect in stripes}) == len(floors)
    edges = [(float(rect.get("x", 0)), float(rect.get("width", 0))) for rect in stripes]
    assert all(abs(x + width - following) < 0.2 for (x, width), (following, _) in itertools.pairwise(edges))


def test_every_floor_can_be_drawn() -> None:
    for floor in Floor:
        drawn("x", Entry(10, FloorChanged(Floor.THINKING, floor, "")))
    assert set(WORDS) <= set(Floor)


def test_labels_stay_within_the_picture_and_apart() -> None:
    entries = [
        Entry(frame, PromptStarted("utter_x", "a prompt of some length " * 3, 300)) for frame in range(0, 500, 40)
    ]
    svg = drawn("x", *entries, Entry(499, HandedOff("Q-7", "cards", "error", 1)))
    width = float(svg.get("width", 0))
    boxes: dict[str, list[tuple[float, float]]] = {}
    for text in svg.iter(f"{SVG}text"):
        if text.get("class") == "line":
            x = float(text.get("x", 0))
            assert float(text.get("y", 0)) <= float(svg.get("height", 0))
            boxes.setdefault(str(text.get("y")), []).append((x, x + len(text.text or "") * PIXELS_A_LETTER))
    for row in boxes.values():
        assert all(left >= 10 and right <= width for left, right in row)
        assert all(right <= left for (_, right), (left, _) in itertools.pairwise(sorted(row)))


def test_an_empty_call_is_a_picture_too() -> None:
    assert drawn("x", frames=0).get("height") == str(HEIGHT)
    assert len(picture("x", OUTCOME.timeline, [], [])) > 100
