"""Downloads a file: streamed, resumed after a drop, never more than it should be, and checked before it counts."""

from __future__ import annotations

import hashlib
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

import structlog

from voicebot.models.catalogue import ModelError, ModelFile

log = structlog.get_logger()

BLOCK: Final = 1 << 16
HARD_LIMIT: Final = 8 << 30
"""Bytes; no speech model is larger."""

Progress = Callable[[int, int], None]
"""Told bytes so far and bytes in all (0: not known)."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server is waited for: `stall_s` without a byte, `attempts` in all, `pause_s` between them."""

    stall_s: float = 30
    attempts: int = 5
    pause_s: float = 2


class _BrokenOffError(Exception):
    """The connection ended early; what has arrived is kept, and the rest may be asked for."""


def fetch(file: ModelFile, part: Path, progress: Progress, patience: Patience | None = None) -> str:
    """Download `file` into `part` and give its SHA-256. Raises ModelError.

    After a network failure `part` stays, and a later call goes on where this one ended; a file that is not what it
    should be is deleted.
    """
    patience = patience or Patience()
    for attempt in range(1, patience.attempts + 1):
        try:
            _go_on(file, part, progress, patience)
            return _checked(file, part)
        except _BrokenOffError as reason:
            if attempt == patience.attempts:
                raise ModelError(
                    f"{file.url}: the download broke off {attempt} times ({reason}); repeat the command to go on"
                ) from None
            log.debug("a download is resumed", url=file.url, reason=str(reason))
            time.sleep(patience.pause_s)
    raise AssertionError("unreachable")


def digest(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def forget(part: Path) -> None:
    """Delete what a download left."""
    for path in (part, _tag_file(part)):
        path.unlink(missing_ok=True)


def _checked(file: ModelFile, part: Path) -> str:
    got = digest(part)
    if file.sha256 is not None and got != file.sha256:
        forget(part)
        raise ModelError(
            f"{file.url}: the file is not the one that the catalogue means (SHA-256 {got[:12]}..., expected "
            f"{file.sha256[:12]}...); it was deleted. Try another mirror, or ask whoever runs it"
        )
    return got


def _go_on(file: ModelFile, part: Path, progress: Progress, patience: Patience) -> None:
    """Fetch what is missing of `part`. Raises _BrokenOffError and ModelError."""
    have = _resumable(file, part)
    if file.size is not None and have == file.size:
        return
    try:
        with _open(file, part, have, patience.stall_s) as answer:
            have = have if answer.status == http.HTTPStatus.PARTIAL_CONTENT else 0
            total = have + _length(answer.headers)
            _check_size(file, part, total if answer.headers.get("Content-Length") else 0)
            _remember(part, answer.headers)
            with part.open("ab" if have else "wb") as target:
                have = _copy(answer, target, have, file, progress, total)
    except urllib.error.HTTPError as error:
        _refused(file, part, error)
    except (http.client.HTTPException, OSError) as error:
        raise _BrokenOffError(_short(error)) from None
    if have < (file.size or total):
        raise _BrokenOffError(f"{have} of {file.size or total} bytes came")
    if file.size is not None and have != file.size:
        _check_size(file, part, have)


def _refused(file: ModelFile, part: Path, error: urllib.error.HTTPError) -> None:
    """What a status other than success means. Raises always."""
    if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        forget(part)
        raise _BrokenOffError("the file has changed on the server") from None
    if error.code >= http.HTTPStatus.INTERNAL_SERVER_ERROR or error.code == http.HTTPStatus.TOO_MANY_REQUESTS:
        raise _BrokenOffError(f"the server says {error.code}") from None
    raise ModelError(
        f"{file.url}: the server says {error.code} {error.reason}; check the address in the catalogue or models.mirror"
    ) from None


def _open(file: ModelFile, part: Path, have: int, stall_s: float) -> http.client.HTTPResponse:
    headers = {"User-Agent": "voicebot", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        if tag := _tag(part):
            headers["If-Range"] = tag
    request = urllib.request.Request(file.url, headers=headers)  # noqa: S310 - the catalogue allows http(s) only
    opener = urllib.request.build_opener(_Redirects())
    answer: http.client.HTTPResponse = opener.open(request, timeout=stall_s)
    if have and answer.status == http.HTTPStatus.PARTIAL_CONTENT:
        begins = answer.headers.get("Content-Range", "")
        if not begins.startswith(f"bytes {have}-"):
            answer.close()
            forget(part)
            raise _BrokenOffError("the server sent another part than it was asked for")
    return answer


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect to http(s), but never from https to http."""

    max_redirections = 5

    def redirect_request(  # noqa: PLR0917 - urllib's interface
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        was, now = urlsplit(req.full_url).scheme, urlsplit(newurl).scheme
        if now not in ("http", "https") or (was == "https" and now == "http"):
            raise ModelError(f"{req.full_url}: the server redirects to {newurl}, which is not safe to follow")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _copy(  # noqa: PLR0917
    answer: http.client.HTTPResponse, target: IO[bytes], have: int, file: ModelFile, progress: Progress, total: int
) -> int:
    """Write what comes, and no more than there may be; the bytes there are now."""
    limit = file.size or HARD_LIMIT
    while block := answer.read(BLOCK):
        have += len(block)
        if have > limit:
            target.close()
            _check_size(file, Path(target.name), have)
        target.write(block)
        progress(have, file.size or total)
    return have


def _check_size(file: ModelFile, part: Path, total: int) -> None:
    """Refuse a file of another size. `total`: 0 when not known."""
    expected = file.size
    if total > HARD_LIMIT or (total and expected is not None and total != expected):
        forget(part)
        wanted = f"{expected} bytes" if expected is not None else f"at most {HARD_LIMIT} bytes"
        raise ModelError(f"{file.url}: the file has {total} bytes or more, expected are {wanted}; it was not kept")


def _length(headers: Message) -> int:
    text = headers.get("Content-Length", "")
    return int(text) if text.isdecimal() else 0


def _resumable(file: ModelFile, part: Path) -> int:
    """How much of `part` can be gone on from: nothing unless checksum or server tell whether it is the same file."""
    if not part.exists():
        return 0
    if file.sha256 is None and not _tag(part):
        forget(part)
        return 0
    return part.stat().st_size


def _tag_file(part: Path) -> Path:
    return part.with_name(part.name + ".tag")


def _tag(part: Path) -> str | None:
    """The server's name for the version of the file that `part` belongs to."""
    with suppress(OSError, ValueError):
        tag = json.loads(_tag_file(part).read_text("utf-8"))
        return tag if isinstance(tag, str) else None
    return None


def _remember(part: Path, headers: Message) -> None:
    tag = headers.get("ETag") or headers.get("Last-Modified")
    if tag and not tag.startswith("W/"):  # a weak tag cannot be resumed by (RFC 9110, 13.1.5)
        _tag_file(part).write_text(json.dumps(tag), "utf-8")
    else:
        _tag_file(part).unlink(missing_ok=True)


def _short(error: BaseException) -> str:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    return str(reason) or type(error).__name__
