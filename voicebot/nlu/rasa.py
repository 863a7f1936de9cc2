"""Intents from Rasa servers (`POST /model/parse`, Rasa 3.x HTTP API).

Rasa ranks the intents; lexicon, out-of-scope gate and entities are those of the embedded model, so that a project
behaves alike with either engine. Rasa's own fallback intent is left out of the ranking: the gate decides.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import structlog

from voicebot.nlu.http import HttpError, post_json, split_url
from voicebot.nlu.interpreter import IntentScore, Interpretation, InterpreterError
from voicebot.nlu.model import Model
from voicebot.nlu.rasa_servers import Request, Server, Servers
from voicebot.nlu.text import normalise

log = structlog.get_logger()

FALLBACK: Final = "nlu_fallback"
TIMEOUT_MS: Final = 300
TURN_S: Final = 0.005
"""A request that waits for room looks again after this."""
WHOLE_WAIT: Final = 0.9
"""A server that did not answer in this part of the time limit has failed; one that was given less has not."""


@dataclass(frozen=True, slots=True)
class Auth:
    """How Rasa knows us: by its `--auth-token`, or by a signed JSON Web Token whose user has the role `admin`."""

    token: str | None = None
    jwt: str | None = None

    @property
    def query(self) -> str:
        """What is appended to the path."""
        return f"?token={quote(self.token, safe='')}" if self.token else ""

    @property
    def headers(self) -> dict[str, str]:
        """What is sent along. Raises InterpreterError for what is no token."""
        if self.jwt is None:
            return {}
        if not re.fullmatch(r"[\w=-]+(\.[\w=-]+){2}", self.jwt, re.ASCII):
            raise InterpreterError("nlu.jwt is no JSON Web Token; give the signed token itself, three parts with dots")
        return {"Authorization": f"Bearer {self.jwt}"}


class RasaInterpreter:
    """Understands texts with one of several Rasa servers. Its servers may change while it is used."""

    def __init__(
        self,
        servers: Servers,
        model: Model,
        *,
        auth: Auth | None = None,
        timeout_ms: int = TIMEOUT_MS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises InterpreterError for an address or a token that cannot be one."""
        for url in servers.urls:
            try:
                split_url(url)
            except ValueError as error:
                raise InterpreterError(f"the Rasa address {error}; set nlu.urls") from error
        auth = auth or Auth()
        self.servers = servers
        self._model = model
        self._query, self._headers = auth.query, auth.headers
        self._timeout_ms = timeout_ms
        self._clock = clock

    @property
    def name(self) -> str:
        """The engine and its servers."""
        return f"rasa {', '.join(self.servers.names) or '(starting)'}"

    async def interpret(self, text: str, *, deadline_ms: int) -> Interpretation:
        """Understand one utterance. Raises InterpreterError, or TimeoutError after the shorter of both limits."""
        said = normalise(text)
        if not said:
            return self._model.interpret(text, self.name, ())
        async with asyncio.timeout(min(deadline_ms, self._timeout_ms) / 1000):
            server, scores = await self._rank(said)
        return self._model.interpret(text, f"rasa {server.name}", scores)

    async def _rank(self, text: str) -> tuple[Server, tuple[IntentScore, ...]]:
        """The answer of the first server that gives one; each is asked once."""
        failures: dict[Server, str] = {}
        while True:
            request = self.servers.ask(self._clock(), without=tuple(failures))
            if request is not None:
                try:
                    return request.server, await self._ask(request, text)
                except HttpError as error:
                    failures[request.server] = f"{request.server.url}: {error}"
            elif self.servers.busy(self._clock(), without=tuple(failures)):
                await asyncio.sleep(TURN_S)
            else:
                raise InterpreterError(
                    f"no Rasa server answered ({'; '.join(failures.values()) or 'none is ready'}); "
                    "start it or set nlu.engine = embedded"
                )

    async def _ask(self, request: Request, text: str) -> tuple[IntentScore, ...]:
        answered, reason = None, ""
        try:
            answer = await post_json(
                request.server.url, f"/model/parse{self._query}", {"text": text}, headers=self._headers
            )
            scores = ranking(answer)
            answered = True
        except HttpError as error:
            answered, reason = False, str(error)
            raise
        except asyncio.CancelledError:
            if self._clock() - request.at >= WHOLE_WAIT * self._timeout_ms / 1000:
                answered, reason = False, f"no answer within {self._timeout_ms} ms"
            raise
        finally:
            if self.servers.ended(request, self._clock(), answered=answered):
                _tell(request.server, reason)
        return scores


def _tell(server: Server, reason: str) -> None:
    if server.circuit.is_closed:
        log.info("a Rasa server answers again", server=server.name)
    else:
        log.warning("a Rasa server is left alone for a while", server=server.name, reason=reason)


def ranking(answer: Any) -> tuple[IntentScore, ...]:
    """The intents of an answer of /model/parse, best first. Raises HttpError when it is none."""
    if not isinstance(answer, Mapping):
        raise HttpError("its answer is not an interpretation")
    listed = answer.get("intent_ranking") or [answer.get("intent")]
    try:
        scores = [IntentScore(str(item["name"]), float(item["confidence"])) for item in listed if item["name"]]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise HttpError("its answer is not an interpretation") from error
    if not all(math.isfinite(score.confidence) and 0 <= score.confidence <= 1.001 for score in scores):
        raise HttpError("its answer is not an interpretation")
    return tuple(sorted((s for s in scores if s.name != FALLBACK), key=lambda score: -score.confidence))
