"""Intents from a Rasa server (`POST /model/parse`, Rasa 3.x HTTP API).

Rasa ranks the intents; lexicon, out-of-scope gate and entities are those of the embedded model, so that a project
behaves alike with either engine. Rasa's own fallback intent is left out of the ranking: the gate decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from voicebot.nlu.http import HttpError, post_json, split_url
from voicebot.nlu.interpreter import IntentScore, Interpretation, InterpreterError
from voicebot.nlu.model import Model
from voicebot.nlu.text import normalise

FALLBACK = "nlu_fallback"


class RasaInterpreter:
    """Understands texts with the first of several Rasa servers that answers."""

    def __init__(self, urls: Sequence[str], model: Model, *, token: str | None = None, timeout_ms: int = 1500) -> None:
        """`urls`: such as http://127.0.0.1:5005, in order of preference. Raises InterpreterError for no URL."""
        try:
            self._urls = [split_url(url).geturl().rstrip("/") for url in urls]
        except ValueError as error:
            raise InterpreterError(f"the Rasa address {error}; set nlu.url") from error
        if not self._urls:
            raise InterpreterError("no address of a Rasa server is set; set nlu.url")
        self._model = model
        self._query = f"?token={quote(token, safe='')}" if token else ""
        self._timeout_ms = timeout_ms

    @property
    def name(self) -> str:
        """The engine and its first address."""
        return f"rasa {self._urls[0]}"

    async def interpret(self, text: str, *, deadline_ms: int) -> Interpretation:
        """Understand one utterance. Raises InterpreterError, or TimeoutError after the shorter of both limits."""
        said = normalise(text)
        async with asyncio.timeout(min(deadline_ms, self._timeout_ms) / 1000):
            scores = await self._rank(said) if said else ()
        return self._model.interpret(text, self.name, scores)

    async def _rank(self, text: str) -> tuple[IntentScore, ...]:
        failures = []
        for url in self._urls:
            try:
                return ranking(await post_json(url, f"/model/parse{self._query}", {"text": text}))
            except HttpError as error:
                failures.append(f"{url}: {error}")
        raise InterpreterError(
            f"no Rasa server answered ({'; '.join(failures)}); start it or set nlu.engine = embedded"
        )


def ranking(answer: Any) -> tuple[IntentScore, ...]:
    """The intents of an answer of /model/parse, best first. Raises HttpError when it is none."""
    if not isinstance(answer, dict):
        raise HttpError("its answer is not an interpretation")
    listed = answer.get("intent_ranking") or [answer.get("intent")]
    try:
        scores = [IntentScore(str(item["name"]), float(item["confidence"])) for item in listed if item["name"]]
    except (KeyError, TypeError, ValueError) as error:
        raise HttpError("its answer is not an interpretation") from error
    return tuple(sorted((s for s in scores if s.name != FALLBACK), key=lambda score: -score.confidence))
