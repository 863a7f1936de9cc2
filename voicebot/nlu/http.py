"""One JSON request over HTTP/1.1 (RFC 9112), on asyncio streams: what a request to a model server needs, no more."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import SplitResult, urlsplit

LARGEST_BODY = 4_000_000
"""Bytes; a longer answer is an error."""


class HttpError(Exception):
    """The server cannot be reached or its answer is no JSON document with status 200."""


def split_url(url: str) -> SplitResult:
    """The parts of an http or https URL. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError(f"{url!r} is not an http:// or https:// address")
    return parts


async def post_json(
    url: str, path_and_query: str, document: object, *, headers: Mapping[str, str] | None = None
) -> Any:
    """POST `document` and return the decoded answer. Raises HttpError; the caller sets the time limit."""
    return await _request("POST", url, path_and_query, json.dumps(document).encode(), headers or {})


async def get_json(url: str, path_and_query: str, *, headers: Mapping[str, str] | None = None) -> Any:
    """GET a document. Raises HttpError; the caller sets the time limit."""
    return await _request("GET", url, path_and_query, b"", headers or {})


async def _request(method: str, url: str, path_and_query: str, body: bytes, headers: Mapping[str, str]) -> Any:
    parts = split_url(url)
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = (
        f"{method} {parts.path.rstrip('/')}{path_and_query} HTTP/1.1\r\nHost: {parts.netloc.rpartition('@')[2]}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n"
    )
    try:
        async with _connection(parts) as (reader, writer):
            writer.write(head.encode() + body)
            await writer.drain()
            status, answer = await _answer(reader)
    except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
        raise HttpError(_reason(error)) from error
    if status != 200:
        raise HttpError(f"it answered with status {status}")
    try:
        return json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise HttpError("its answer is not JSON") from error


def _reason(error: Exception) -> str:
    strerror = getattr(error, "strerror", None)
    if isinstance(error, EOFError):
        return "it closed the connection before its answer was complete"
    return str(strerror or error) or type(error).__name__


@asynccontextmanager
async def _connection(parts: SplitResult) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    context = ssl.create_default_context() if secure else None
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=context)
    try:
        yield reader, writer
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The status and the body, by length, in chunks or up to the end of the connection."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    version, _, rest = lines[0].partition(" ")
    if not version.startswith("HTTP/1.") or not rest[:3].isdigit():
        raise ValueError("it does not speak HTTP")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return int(rest[:3]), await _chunks(reader)
    length = headers.get("content-length")
    if length is None:
        return int(rest[:3]), await reader.read(LARGEST_BODY)
    if not length.isdigit() or int(length) > LARGEST_BODY:
        raise ValueError("its answer is too long")
    return int(rest[:3]), await reader.readexactly(int(length))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        if size < 0 or len(body) + size > LARGEST_BODY:
            raise ValueError("its answer is too long")
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    return body
