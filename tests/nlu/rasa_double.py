"""A small HTTP server on loopback that speaks Rasa's format, well or badly, as the test says at any moment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

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
class Double:
    """How it answers, what it was asked, and how much of that at once."""

    answer: bytes = field(default_factory=lambda: plain(ANSWER))
    delay: float = 0.0
    url: str = ""
    requests: list[tuple[str, object]] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(head.lower().split("content-length: ")[1].split("\r\n")[0])
        self.requests.append((head.split("\r\n")[0], json.loads(await reader.readexactly(length) or b"null")))
        self.heads.append(head)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.delay)
        finally:
            self.at_once -= 1
        writer.write(self.answer)
        writer.close()


@asynccontextmanager
async def serving(answer: bytes | None = None, delay: float = 0.0) -> AsyncIterator[Double]:
    """A server that is there as long as the block runs."""
    double = Double(delay=delay)
    if answer is not None:
        double.answer = answer
    listener = await asyncio.start_server(double.handle, "127.0.0.1", 0)
    double.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield double
    finally:
        listener.close()
