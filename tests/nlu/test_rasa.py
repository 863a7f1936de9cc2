"""Intents from a Rasa server: a real HTTP server that speaks Rasa's format, on this machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from tests.nlu.rasa_double import ANSWER, Double, chunked, plain, serving
from voicebot.nlu.embedded import EmbeddedInterpreter
from voicebot.nlu.fallback import WithFallback
from voicebot.nlu.http import HttpError
from voicebot.nlu.interpreter import IntentScore, Interpretation, InterpreterError
from voicebot.nlu.rasa import Auth, RasaInterpreter, ranking
from voicebot.nlu.rasa_servers import MOST_IN_FLIGHT, Servers

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjp7InJvbGUiOiJhZG1pbiJ9fQ.c2ln-b_F0"


def ask(demo: EmbeddedInterpreter, answer: bytes, text: str = "Check my balance!") -> tuple[Interpretation, Double]:
    """Interpret one text with a server that gives this answer."""

    async def run() -> tuple[Interpretation, Double]:
        async with serving(answer) as server:
            interpreter = RasaInterpreter(Servers([server.url]), demo.model, auth=Auth(token="t&k"))  # noqa: S106
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


def test_what_is_out_of_scope_stays_so_however_sure_rasa_is(demo: EmbeddedInterpreter) -> None:
    sure = {"intent_ranking": [{"name": "pay_bill", "confidence": 0.98}, {"name": "greet", "confidence": 0.01}]}
    meaning, _ = ask(demo, plain(sure), "zebras juggle quietly")
    assert meaning.intent.name == "out_of_scope"
    assert meaning.ranking[0] == IntentScore("pay_bill", 0.98)


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
        (plain(b'{"intent": {"name": "greet", "confidence": NaN}}'), "not an interpretation"),
        (plain({"intent": {"name": "greet", "confidence": 7}}), "not an interpretation"),
        (plain({"intent_ranking": 5}), "not an interpretation"),
        (plain(b"[" * 100_000), "not JSON"),
        (plain(ANSWER, 500), "status 500"),
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
            interpreter = RasaInterpreter(Servers([gone.url, server.url]), demo.model)
            return await interpreter.interpret("check my balance", deadline_ms=5000)

    assert asyncio.run(run()).intent.name == "check_balance"


@pytest.mark.parametrize(("timeout_ms", "deadline_ms"), [(50, 5000), (5000, 50)])
def test_a_slow_server_is_left_at_the_shorter_limit(
    demo: EmbeddedInterpreter, timeout_ms: int, deadline_ms: int
) -> None:
    async def run() -> Interpretation:
        async with serving(plain(ANSWER), delay=10) as server:
            interpreter = RasaInterpreter(Servers([server.url]), demo.model, timeout_ms=timeout_ms)
            return await interpreter.interpret("check my balance", deadline_ms=deadline_ms)

    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(run(), 5))


@pytest.mark.parametrize("url", ["localhost:5005", "ftp://x", "http://"])
def test_a_wrong_address_is_named(demo: EmbeddedInterpreter, url: str) -> None:
    with pytest.raises(InterpreterError, match=r"nlu\.urls"):
        RasaInterpreter(Servers([url]), demo.model)


@pytest.mark.parametrize("jwt", ["", "secret", "a.b", "a.b.c\r\nX: y"])
def test_what_is_no_json_web_token_is_refused(demo: EmbeddedInterpreter, jwt: str) -> None:
    with pytest.raises(InterpreterError, match=r"nlu\.jwt is no JSON Web Token"):
        RasaInterpreter(Servers(), demo.model, auth=Auth(jwt=jwt))


def test_a_ranking_is_sorted_and_without_the_fallback() -> None:
    assert [score.name for score in ranking(ANSWER)] == ["check_balance", "pay_bill"]
    assert ranking({"intent": {"name": "greet", "confidence": 1}}) == (IntentScore("greet", 1.0),)
    with pytest.raises(HttpError):
        ranking({"intent_ranking": [{"name": "greet"}]})


def test_a_json_web_token_goes_along_as_a_header(demo: EmbeddedInterpreter) -> None:
    async def run() -> Double:
        async with serving() as server:
            await RasaInterpreter(Servers([server.url]), demo.model, auth=Auth(jwt=JWT)).interpret(
                "check my balance", deadline_ms=5000
            )
            return server

    server = asyncio.run(run())
    assert server.requests[0][0] == "POST /model/parse HTTP/1.1"
    assert f"\r\nAuthorization: Bearer {JWT}\r\n" in server.heads[0]


def test_requests_are_spread_and_bounded(demo: EmbeddedInterpreter) -> None:
    async def run() -> tuple[list[Interpretation], list[Double]]:
        async with serving(delay=0.02) as one, serving(delay=0.02) as two:
            interpreter = RasaInterpreter(Servers([one.url, two.url]), demo.model, timeout_ms=5000)
            asked = [interpreter.interpret("check my balance", deadline_ms=5000) for _ in range(40)]
            return await asyncio.gather(*asked), [one, two]

    meanings, servers = asyncio.run(run())
    assert {meaning.intent.name for meaning in meanings} == {"check_balance"}
    assert {meaning.engine for meaning in meanings} == {f"rasa {server.url}" for server in servers}
    assert [server.most_at_once for server in servers] == [MOST_IN_FLIGHT] * 2
    assert all(len(server.requests) >= 12 for server in servers)


def test_one_after_the_other_goes_to_each_server_in_turn(demo: EmbeddedInterpreter) -> None:
    async def run() -> list[int]:
        async with serving() as one, serving() as two, serving() as three:
            interpreter = RasaInterpreter(Servers([one.url, two.url, three.url]), demo.model)
            for _ in range(9):
                await interpreter.interpret("check my balance", deadline_ms=5000)
            return [len(server.requests) for server in (one, two, three)]

    assert asyncio.run(run()) == [3, 3, 3]


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_server_that_fails_is_left_alone_probed_and_used_again(demo: EmbeddedInterpreter) -> None:
    async def run() -> list[tuple[str, int]]:
        clock, course = Clock(), []
        async with serving(plain({}, 500)) as server:
            rasa = RasaInterpreter(Servers([server.url]), demo.model, clock=clock)
            interpreter = WithFallback(rasa, demo)

            async def turns(number: int) -> None:
                for _ in range(number):
                    meaning = await interpreter.interpret("check my balance", deadline_ms=5000)
                    assert meaning.intent.name == "check_balance"
                course.append((meaning.engine.split()[0], len(server.requests)))

            await turns(10)  # three requests open the circuit
            clock.now += 1.0
            await turns(5)  # one probe, which fails
            server.answer = plain(ANSWER)
            await turns(5)  # nobody asks it yet
            clock.now += 2.0
            await turns(5)  # the probe is answered, and all that follow
        return course

    assert asyncio.run(run()) == [("embedded", 3), ("embedded", 4), ("embedded", 4), ("rasa", 9)]


def test_a_server_that_hangs_costs_three_turns_their_wait_and_no_more(demo: EmbeddedInterpreter) -> None:
    async def run() -> tuple[list[Interpretation], int]:
        async with serving(delay=30) as server:
            rasa = RasaInterpreter(Servers([server.url]), demo.model, timeout_ms=60)
            interpreter = WithFallback(rasa, demo)
            meanings = [await interpreter.interpret("check my balance", deadline_ms=5000) for _ in range(8)]
            return meanings, len(server.requests)

    meanings, requests = asyncio.run(asyncio.wait_for(run(), 5))
    assert requests == 3
    assert {meaning.engine for meaning in meanings} == {f"{demo.name} instead of rasa"}
    assert {meaning.intent.name for meaning in meanings} == {"check_balance"}


def test_a_deadline_that_was_short_is_not_the_servers_fault(demo: EmbeddedInterpreter) -> None:
    async def run() -> Interpretation:
        async with serving(delay=0.05) as server:
            rasa = RasaInterpreter(Servers([server.url]), demo.model)
            for _ in range(5):
                with pytest.raises(TimeoutError):
                    await rasa.interpret("check my balance", deadline_ms=10)
            return await rasa.interpret("check my balance", deadline_ms=5000)

    assert asyncio.run(run()).engine.startswith("rasa http://127.0.0.1")


def test_overload_costs_no_turn(demo: EmbeddedInterpreter) -> None:
    async def run() -> tuple[list[Interpretation], int]:
        async with serving(delay=0.1) as server:
            rasa = RasaInterpreter(Servers([server.url]), demo.model, timeout_ms=250)
            interpreter = WithFallback(rasa, demo)
            asked = [interpreter.interpret("check my balance", deadline_ms=5000) for _ in range(50)]
            return await asyncio.gather(*asked), server.most_at_once

    meanings, most_at_once = asyncio.run(run())
    assert {meaning.intent.name for meaning in meanings} == {"check_balance"}
    assert {meaning.engine.split()[0] for meaning in meanings} == {"rasa", "embedded"}
    assert most_at_once == MOST_IN_FLIGHT


@pytest.mark.parametrize("answer", [b"", plain(b"<html>"), plain([]), plain(ANSWER, 401), b"\0" * 70_000])
def test_nonsense_costs_no_turn(demo: EmbeddedInterpreter, answer: bytes) -> None:
    async def run() -> Interpretation:
        async with serving(answer) as server:
            interpreter = WithFallback(RasaInterpreter(Servers([server.url]), demo.model), demo)
            return await interpreter.interpret("check my balance", deadline_ms=5000)

    meaning = asyncio.run(run())
    assert (meaning.intent.name, meaning.engine) == ("check_balance", f"{demo.name} instead of rasa")


def test_while_no_server_is_ready_the_embedded_one_answers_at_once(demo: EmbeddedInterpreter) -> None:
    interpreter = WithFallback(RasaInterpreter(Servers(), demo.model), demo)
    meaning = asyncio.run(interpreter.interpret("check my balance", deadline_ms=5000))
    assert (meaning.intent.name, meaning.engine) == ("check_balance", f"{demo.name} instead of rasa")
    assert interpreter.name == f"rasa (starting), else {demo.name}"


def test_servers_may_change_while_requests_are_under_way(demo: EmbeddedInterpreter) -> None:
    async def run() -> list[str]:
        async with serving(delay=0.1) as old, serving() as new:
            servers = Servers()
            servers.use({old.url: "nlu-old"})
            rasa = RasaInterpreter(servers, demo.model)
            under_way = asyncio.create_task(rasa.interpret("check my balance", deadline_ms=5000))
            await asyncio.sleep(0.03)
            servers.use({new.url: "nlu-new"})
            later = await rasa.interpret("check my balance", deadline_ms=5000)
            return [(await under_way).engine, later.engine]

    assert asyncio.run(run()) == ["rasa nlu-old", "rasa nlu-new"]
