"""Intents from a Rasa server: a real HTTP server that speaks Rasa's format, on this machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from voicebot.nlu.embedded import EmbeddedInterpreter
from voicebot.nlu.http import HttpError
from voicebot.nlu.interpreter import IntentScore, Interpretation, InterpreterError
from voicebot.nlu.rasa import RasaInterpreter, ranking

ANSWER = {
    "text": "check my balance",
    "intent": {"name": "nlu_fallback", "confidence": 0.7},
    "entities": [{"entity": "card_type", "value": "none of ours", "start": 0, "end": 5}],
    "intent_ranking": [
        {"name": "nlu_fallback", "confidence": 0.7},
        {"name": "check_balance", "confidence": 0.93},
        {"name": "pay_bill", "confidence": 0.05},
    ],
}


def plain(document: object, status: int = 200) -> bytes:
    """An HTTP answer with its length."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def chunked(document: object) -> bytes:
    """An HTTP answer in chunks of seven bytes."""
    body = json.dumps(document).encode()
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    sent = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + sent + b"0\r\n\r\n"


@dataclass
class Server:
    """What was asked, and where the server listens."""

    url: str = ""
    requests: list[tuple[str, object]] = field(default_factory=list)


@asynccontextmanager
async def serving(answer: bytes, delay: float = 0.0) -> AsyncIterator[Server]:
    """A server that gives the same answer to every request."""
    server = Server()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(head.lower().split("content-length: ")[1].split("\r\n")[0])
        server.requests.append((head.split("\r\n")[0], json.loads(await reader.readexactly(length))))
        await asyncio.sleep(delay)
        writer.write(answer)
        writer.close()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()


def ask(demo: EmbeddedInterpreter, answer: bytes, text: str = "Check my balance!") -> tuple[Interpretation, Server]:
    """Interpret one text with a server that gives this answer."""

    async def run() -> tuple[Interpretation, Server]:
        async with serving(answer) as server:
            interpreter = RasaInterpreter([server.url], demo.model, token="t&k")  # noqa: S106
            return await interpreter.interpret(text, deadline_ms=5000), server

    return asyncio.run(run())


@pytest.mark.parametrize("encode", [plain, chunked])
def test_rasa_ranks_and_ours_decide(demo: EmbeddedInterpreter, encode: Callable[[object], bytes]) -> None:
    meaning, server = ask(demo, encode(ANSWER))
    assert meaning.intent == IntentScore("check_balance", 0.93)
    assert meaning.ranking == (IntentScore("check_balance", 0.93), IntentScore("pay_bill", 0.05))
    assert meaning.entities == ()
    assert meaning.engine == f"rasa {server.url}"
    assert server.requests == [("POST /model/parse?token=t%26k HTTP/1.1", {"text": "check my balance"})]


def test_an_answer_without_length_ends_with_the_connection(demo: EmbeddedInterpreter) -> None:
    meaning, _ = ask(demo, b"HTTP/1.1 200 OK\r\n\r\n" + json.dumps(ANSWER).encode())
    assert meaning.intent.name == "check_balance"


def test_lexicon_and_gate_stand_before_rasa(demo: EmbeddedInterpreter) -> None:
    assert ask(demo, plain(ANSWER), "yes please")[0].intent == IntentScore("affirm", 1.0)
    unsure = {"intent": {"name": "pay_bill", "confidence": 0.2}}
    assert ask(demo, plain(unsure), "zebras juggle quietly")[0].intent.name == "out_of_scope"


def test_an_empty_text_is_not_sent(demo: EmbeddedInterpreter) -> None:
    meaning, server = ask(demo, plain(ANSWER), "[noise]")
    assert meaning.intent.name == "out_of_scope"
    assert server.requests == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (plain({"status": "failure"}, 401), "status 401"),
        (plain(b"<html>"), "not JSON"),
        (plain([]), "not an interpretation"),
        (plain({"intent": None}), "not an interpretation"),
        (b"", "closed the connection"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "too long"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}", "closed the connection"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "invalid literal"),
    ],
)
def test_a_bad_answer_is_an_error_that_names_the_server(demo: EmbeddedInterpreter, answer: bytes, reason: str) -> None:
    with pytest.raises(InterpreterError, match=rf"no Rasa server answered \(http://127.*{reason}") as caught:
        ask(demo, answer)
    assert "t&k" not in str(caught.value)


def test_the_next_server_answers_when_the_first_is_down(demo: EmbeddedInterpreter) -> None:
    async def run() -> Interpretation:
        async with serving(plain(ANSWER)) as gone:
            pass
        async with serving(plain(ANSWER)) as server:
            interpreter = RasaInterpreter([gone.url, server.url], demo.model)
            return await interpreter.interpret("check my balance", deadline_ms=5000)

    assert asyncio.run(run()).intent.name == "check_balance"


@pytest.mark.parametrize(("timeout_ms", "deadline_ms"), [(50, 5000), (5000, 50)])
def test_a_slow_server_is_left_at_the_shorter_limit(
    demo: EmbeddedInterpreter, timeout_ms: int, deadline_ms: int
) -> None:
    async def run() -> Interpretation:
        async with serving(plain(ANSWER), delay=10) as server:
            interpreter = RasaInterpreter([server.url], demo.model, timeout_ms=timeout_ms)
            return await interpreter.interpret("check my balance", deadline_ms=deadline_ms)

    limited: Callable[[], Awaitable[Interpretation]] = run
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(limited(), 5))


@pytest.mark.parametrize("urls", [["localhost:5005"], ["ftp://x"], ["http://"], []])
def test_a_wrong_address_is_named(demo: EmbeddedInterpreter, urls: list[str]) -> None:
    with pytest.raises(InterpreterError, match=r"nlu\.url"):
        RasaInterpreter(urls, demo.model)


def test_a_ranking_is_sorted_and_without_the_fallback() -> None:
    assert [score.name for score in ranking(ANSWER)] == ["check_balance", "pay_bill"]
    assert ranking({"intent": {"name": "greet", "confidence": 1}}) == (IntentScore("greet", 1.0),)
    with pytest.raises(HttpError):
        ranking({"intent_ranking": [{"name": "greet"}]})
