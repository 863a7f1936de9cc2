"""`voicebot nlu parse`."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_train import project
from voicebot.cli.main import run

__all__ = ["project"]  # a fixture

pytestmark = pytest.mark.usefixtures("project")


def answers(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The JSON lines on stdout."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_text_is_one_json_line_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["nlu", "parse", "fly me to the big apple", "", "hello", "--json"]) == 0
    fly, empty, hello = answers(capsys)
    assert fly["text"] == "fly me to the big apple"
    assert fly["intent"]["name"] == "fly"
    assert 0 < fly["intent"]["confidence"] <= 1
    assert fly["entities"] == [{"entity": "city", "value": "new york", "start": 10, "end": 23}]
    assert empty == {"text": "", "intent": {"name": "out_of_scope", "confidence": 0.0}, "entities": []}
    assert hello["intent"]["name"] == "greet"


def test_the_model_is_trained_on_first_use_and_that_is_said_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["nlu", "parse", "hello"]) == 0
    assert "training one into" in capsys.readouterr().err
    assert run(["nlu", "parse", "hello"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (b"hello\n\nfly\n", ["hello", "", "fly"]),
        (b"hello\r\nlast", ["hello", "last"]),
        (b"", []),
        ("caf\u00e9 \u2028 one line\n".encode(), ["caf\u00e9 \u2028 one line"]),
        (b"\xff\xfe\n", ["\ufffd\ufffd"]),
    ],
)
def test_each_line_of_a_file_is_a_text(
    content: bytes, texts: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lines").write_bytes(content)
    assert run(["nlu", "parse", "--file", str(tmp_path / "lines")]) == 0
    assert [answer["text"] for answer in answers(capsys)] == texts


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"hello\n\n"), encoding="ascii"))
    assert run(["nlu", "parse", "first", "--file", "-"]) == 0
    assert [answer["text"] for answer in answers(capsys)] == ["first", "hello", ""]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "give texts, or --file F"),
        (["--file", "/no/such/file"], 1, "voicebot: /no/such/file: No such file or directory"),
        (["--engine", "oracle", "hi"], 2, "there is no engine 'oracle'"),
        (["--engine", "rasa", "hello friend"], 1, "voicebot: no Rasa server answered (http://127.0.0.1:9: "),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str], code: int, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VOICEBOT_NLU__URLS", "http://127.0.0.1:9")
    assert run(["nlu", "parse", *arguments]) == code
    assert message in capsys.readouterr().err.replace("\n", " ")
