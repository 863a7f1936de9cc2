"""A call as a picture (SVG): both sides' waveforms, who has the word, what was said, and how long answers took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

from voicebot.audio.frame import FRAME_MS, Samples
from voicebot.call.timeline import (
    BargedIn,
    CallEnded,
    Entry,
    Floor,
    FloorChanged,
    HandedOff,
    Heard,
    Meant,
    PromptStarted,
)

PIXELS_A_SECOND: Final = 26
HEIGHT: Final = 285
"""In pixels, at least; more when many labels lie close together."""
LEGEND_WIDTH: Final = 112
PIXELS_A_LETTER: Final = 5.3
CALLER_Y: Final = 96
BOT_Y: Final = 186
BELOW_Y: Final = 241
HALF: Final = 26
FULL_SCALE: Final = 13000
FLOOR_Y: Final = 135
COLOURS: Final = {
    Floor.BOT: "#3b82c4",
    Floor.PAUSED: "#e0a33a",
    Floor.OPEN: "#c9d3dc",
    Floor.CALLER: "#3f9d5d",
    Floor.THINKING: "#9a6fc0",
    Floor.WAITING: "#d98cab",
    Floor.HUMAN: "#d98cab",
    Floor.ENDED: "#444444",
}
WORDS: Final = {
    Floor.BOT: "bot speaks",
    Floor.PAUSED: "bot paused",
    Floor.OPEN: "floor open",
    Floor.CALLER: "caller speaks",
    Floor.THINKING: "thinking",
    Floor.WAITING: "waiting for a human",
}
STYLE: Final = (
    "text{font:11px sans-serif;fill:#223} .small{font-size:9px;fill:#556} .title{font-size:13px;font-weight:bold}"
    " .line{font-size:10px}"
)


def picture(title: str, timeline: Sequence[Entry], caller: Sequence[Samples], bot: Sequence[Samples]) -> str:
    """The SVG of a call. `caller` and `bot` are their frames of 20 ms."""
    seconds = len(caller) * FRAME_MS / 1000
    width = max(round(seconds * PIXELS_A_SECOND) + 20, len(WORDS) * LEGEND_WIDTH)
    above, below = list(_rows(_above(timeline), width)), list(_rows(_below(timeline), width))
    height = max(HEIGHT, BELOW_Y + 13 * max((row for row, _, _ in below), default=0) + 8)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f"<style>{STYLE}</style>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text class="title" x="10" y="16">{escape(title)}</text>',
        *_legend(),
        *_seconds(seconds),
        _wave(caller, CALLER_Y, "#3f9d5d"),
        _wave(bot, BOT_Y, "#3b82c4"),
        *_floors(timeline, seconds),
        *(f'<text class="line" x="{x}" y="{44 + 12 * row}">{escape(text)}</text>' for row, x, text in above),
        *(f'<text class="line" x="{x}" y="{BELOW_Y + 13 * row}">{escape(text)}</text>' for row, x, text in below),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(ms: float) -> float:
    return round(10 + ms / 1000 * PIXELS_A_SECOND, 1)


def _wave(frames: Sequence[Samples], middle: int, colour: str) -> str:
    """A filled envelope, a point for every two frames."""
    peaks = [int(np.abs(frame.astype(np.int32)).max(initial=0)) for frame in frames]
    heights = [min(1.0, max(peaks[i : i + 2]) / FULL_SCALE) * HALF for i in range(0, len(peaks), 2)]
    upper = [f"{_x(2 * i * FRAME_MS)},{middle - h:.1f}" for i, h in enumerate(heights)]
    lower = [f"{_x(2 * i * FRAME_MS)},{middle + h:.1f}" for i, h in reversed(list(enumerate(heights)))]
    return f'<polygon fill="{colour}" stroke="{colour}" stroke-width="0.4" points="{" ".join(upper + lower)}"/>'


def _legend() -> Iterator[str]:
    for place, (floor, words) in enumerate(WORDS.items()):
        x = 10 + place * LEGEND_WIDTH
        yield f'<rect x="{x}" y="23" width="10" height="8" fill="{COLOURS[floor]}"/>'
        yield f'<text class="small" x="{x + 14}" y="31">{words}</text>'


def _seconds(seconds: float) -> Iterator[str]:
    for second in range(0, int(seconds) + 1, 5):
        x = _x(second * 1000)
        yield f'<line x1="{x}" y1="66" x2="{x}" y2="214" stroke="#e6ebf0"/>'
        yield f'<text class="small" x="{x + 2}" y="225">{second} s</text>'


def _floors(timeline: Sequence[Entry], seconds: float) -> Iterator[str]:
    """The stripe between the two waveforms."""
    changes = [(entry.at_ms, entry.event) for entry in timeline if isinstance(entry.event, FloorChanged)]
    ends = [*(at for at, _ in changes[1:]), round(seconds * 1000)]
    for (at, change), end in zip(changes, ends, strict=False):
        colour, width = COLOURS[change.after], max(0.8, _x(end) - _x(at))
        yield f'<rect x="{_x(at)}" y="{FLOOR_Y}" width="{width:.1f}" height="12" fill="{colour}"/>'


def _rows(labels: Iterator[tuple[int, str]], width: int) -> Iterator[tuple[int, float, str]]:
    """A row and an x for each label, such that none lies on another or leaves the picture."""
    ends: list[float] = []
    for at, text in labels:
        size = len(text) * PIXELS_A_LETTER
        x = max(10.0, min(_x(at), width - 10 - size))
        row = next((number for number, end in enumerate(ends) if end < x), len(ends))
        ends[row : row + 1] = [x + size + 8]
        yield row, x, text


def _above(timeline: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    """What was heard and meant."""
    heard = ""
    for entry in timeline:
        event = entry.event
        if isinstance(event, Heard):
            heard = event.text
        elif isinstance(event, Meant):
            yield entry.at_ms - 2000, f"“{heard}” → {event.intent}"
            heard = ""


def _below(timeline: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    """What was answered, and what became of it."""
    for entry in timeline:
        event = entry.event
        if isinstance(event, PromptStarted):
            delay = f" ({event.delay_ms} ms)" if event.delay_ms else ""
            text = event.text if len(event.text) <= 46 else f"{event.text[:44]}…"
            yield entry.at_ms, f"{text}{delay}"
        elif isinstance(event, BargedIn):
            yield entry.at_ms, f"[{event.decision}]"
        elif isinstance(event, HandedOff):
            yield entry.at_ms, f"[{event.entry} in queue {event.queue}]"
        elif isinstance(event, CallEnded):
            yield entry.at_ms, f"[{event.outcome}]"
