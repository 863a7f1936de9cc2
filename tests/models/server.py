"""A web server on 127.0.0.1 that serves files in the ways in which downloads go wrong."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Host:
    """What is served, and how. `faults` are taken one a request, then all goes well; `asked` are the Range headers."""

    files: dict[str, bytes]
    faults: list[str] = field(default_factory=list)
    tags: bool = True
    ranges: bool = True
    asked: list[str | None] = field(default_factory=list)
    url: str = ""

    def next_fault(self) -> str:
        return self.faults.pop(0) if self.faults else ""


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Host]:
    """Serve `files` (by name) under `host.url`."""
    host = Host(files)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(host))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    host.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(host: Host) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - a fault a line
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            self.close_connection = True
            name = self.path.rpartition("/")[2]
            fault = host.next_fault()
            host.asked.append(self.headers.get("Range"))
            if fault.isdecimal():
                self.answer(int(fault), b"")
            elif fault.startswith("redirect "):
                self.send_response(302)
                self.send_header("Location", fault.removeprefix("redirect "))
                self.end_headers()
            elif name not in host.files:
                self.answer(404, b"")
            else:
                self.give(host.files[name], fault)

        def give(self, content: bytes, fault: str) -> None:
            tag = '"' + hashlib.sha256(content).hexdigest()[:8] + '"'
            asked, status, begin = self.headers.get("Range"), 200, 0
            if asked and host.ranges and self.headers.get("If-Range", tag) == tag:
                status, begin = 206, int(asked.removeprefix("bytes=").rstrip("-"))
            body = content[begin:]
            if fault == "corrupt":
                body = bytes([body[0] ^ 1]) + body[1:]
            self.send_response(status)
            if status == 206:
                shown = begin + 1 if fault == "other part" else begin
                self.send_header("Content-Range", f"bytes {shown}-{len(content) - 1}/{len(content)}")
            if host.tags:
                self.send_header("ETag", tag)
            if fault == "truncate":
                body = body[: len(body) // 2]
            if fault == "endless":
                body = body * 3
            if fault != "no length":
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            half = len(body) // 2
            self.send_body(body, half, fault)

        def send_body(self, body: bytes, half: int, fault: str) -> None:
            self.wfile.write(body[:half])
            self.wfile.flush()
            if fault == "drop":
                return
            if fault == "stall":
                time.sleep(1.5)
                return
            with suppress(ConnectionError):  # a client that has seen enough
                self.wfile.write(body[half:])

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
