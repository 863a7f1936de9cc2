from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voicebot import logs
from voicebot.settings import LogSettings

CARD = "4929 1234 5678 9012"


@pytest.fixture(autouse=True)
def _fresh_structlog() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_every_line_of_a_call_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings(format="json"))
    log = logs.call_log("20251121-4711-0815")
    log.info("answered", called="+49")
    log.bind(turn=2).warning("no match")
    first, second = lines(capsys)
    assert first["call"] == second["call"] == "20251121-4711-0815"
    assert (first["event"], first["level"], second["turn"]) == ("answered", "info", 2)
    assert str(first["timestamp"]).endswith("Z")


def test_the_level_decides_what_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings(format="json", level="warning"))
    logs.log().info("quiet")
    logs.log().error("loud")
    assert [line["event"] for line in lines(capsys)] == ["loud"]


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_number_gets_out_wherever_it_hides(capsys: pytest.CaptureFixture[str], form: str) -> None:
    logs.configure(LogSettings.model_validate({"format": form}))
    log = logs.call_log("c1").bind(heard=CARD)
    try:
        raise ValueError(f"cannot read {CARD}")
    except ValueError:
        log.exception(
            f"said {CARD}",
            slots={"number": CARD, "nested": [{"spoken": "four nine two nine one two"}, (CARD,)], CARD: "key"},
            object=ValueError(CARD),
            pin=1234,
            card=CARD,
            raw=CARD.encode(),
            seconds=20,
        )
    written = capsys.readouterr().err
    for piece in ("4929", "1234 ", "5678", "9012", "four nine", "49291234"):
        assert piece not in written
    assert "c1" in written
    assert "ValueError" in written


@given(
    digits=st.text("0123456789", min_size=4, max_size=19),
    separator=st.sampled_from(["", " ", "-", ". ", ", "]),
    before=st.text("abc xyz:,", max_size=10),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_digit_runs_never_survive(digits: str, separator: str, before: str) -> None:
    number = separator.join(digits)
    line = logs.mask_numbers(None, "info", {"event": before + number, "list": [number], "map": {"text": number}})
    assert not any(character.isdigit() for character in json.dumps(line, ensure_ascii=False))


def test_ids_times_and_figures_stay() -> None:
    line = {"call": "20251121", "job_id": "123456", "waited_ms": 123456, "at": "2025-11-21", "bytes": 48000, "ok": True}
    assert logs.mask_numbers(None, "info", dict(line)) == line


def test_a_stderr_that_is_gone_does_not_stop_anyone(monkeypatch: pytest.MonkeyPatch) -> None:
    logs.configure(LogSettings())
    log = logs.call_log("c1")
    gone = io.StringIO()
    gone.close()
    monkeypatch.setattr(sys, "stderr", gone)
    log.info("nobody hears this")
    assert gone.closed


def test_the_standard_library_stays_as_it_was() -> None:
    before = (logging.root.level, list(logging.root.handlers))
    logs.configure(LogSettings())
    assert (logging.root.level, list(logging.root.handlers)) == before
