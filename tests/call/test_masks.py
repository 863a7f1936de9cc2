"""Reasons for silence may overlap in any way; a recording hears of one open span, and no reason's frame is kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicebot.call.clock import Clock
from voicebot.call.commands import MaskRecording
from voicebot.call.jobs import Jobs
from voicebot.call.masks import Masks


@given(st.lists(st.tuples(st.sampled_from(["open", "close", "wait"]), st.sampled_from(["answer", "prompt"]))))
def test_every_frame_with_a_reason_is_silenced(happenings: list[tuple[str, str]]) -> None:
    clock = Clock()
    jobs = Jobs(clock)
    masks, reasons, secret, silenced = Masks(clock, jobs), set[str](), list[bool](), list[bool]()
    open_from: int | None = None
    for what, reason in happenings:
        if what == "open":
            masks.open(reason)
            reasons.add(reason)
        elif what == "close":
            masks.close(reason, clock.frame)
            reasons.discard(reason)
        for command in jobs.take():
            assert isinstance(command, MaskRecording)
            assert (command.end is None) is (open_from is None)
            assert command.start == (clock.frame if open_from is None else open_from)
            open_from = command.start if open_from is None else None
        assert masks.is_open is bool(reasons)
        if what == "wait":
            secret.append(bool(reasons))
            silenced.append(open_from is not None)
            clock.frame += 1
    assert silenced == secret


def test_a_span_does_not_begin_before_the_call() -> None:
    clock = Clock()
    jobs = Jobs(clock)
    Masks(clock, jobs).span(-5, 10)
    assert jobs.take() == [MaskRecording(0, 10)]
