"""One Rasa process of ours: started, asked whether it is ready, and ended by its own pid."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final, Protocol

from voicebot.nlu.http import HttpError, get_json, post_json
from voicebot.nlu.interpreter import InterpreterError
from voicebot.nlu.rasa import Auth

CHILD: Final = Path(__file__).with_name("rasa_child.py")
STATUS_S: Final = 2.0
WARM_S: Final = 20.0
END_S: Final = 3.0


class Process(Protocol):
    """A server with a model."""

    model: Path
    url: str

    @property
    def died(self) -> bool:
        """Whether it has ended."""
        ...

    def ready(self) -> bool:
        """Whether it serves its model; may take a few seconds."""
        ...

    def end(self) -> None:
        """End it, now."""
        ...


class RasaProcess:
    """A Rasa server on loopback. It ends with this process, also when this one is killed."""

    def __init__(
        self, python: Sequence[str], model: Path, auth: Auth, log_file: Path, *, port: int | None = None
    ) -> None:
        """`python`: the interpreter of Rasa's environment, with options. Raises InterpreterError."""
        self.model = model
        self._port = port or free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._auth = auth
        self._warm = False
        secret = {"RASA_TOKEN": auth.token} if auth.token else {}
        with log_file.open("ab") as log:
            command = [*python, "-I", "-W", "ignore", str(CHILD), "serve", str(self._port), str(model)]
            self._child = spawn(command, model.parent, log, secret)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    @property
    def died(self) -> bool:
        """Whether it has ended."""
        return self._child.poll() is not None

    def ready(self) -> bool:
        """Whether `GET /status` names our model file, and a first text, which takes longest, has been parsed."""
        try:
            return asyncio.run(self._ready())
        except (HttpError, TimeoutError):
            return False

    async def _ready(self) -> bool:
        query, headers = self._auth.query, self._auth.headers
        async with asyncio.timeout(STATUS_S):
            status = await get_json(self.url, f"/status{query}", headers=headers)
            if not isinstance(status, dict) or Path(str(status.get("model_file"))).name != self.model.name:
                return False
        if not self._warm:
            async with asyncio.timeout(WARM_S):
                await post_json(self.url, f"/model/parse{query}", {"text": "hello"}, headers=headers)
            self._warm = True
        return True

    def wait(self) -> int:
        """Until it ends; its exit code."""
        return self._child.wait()

    def end(self) -> None:
        """End it: it leaves when its standard input is closed, else it is killed."""
        end(self._child)


def spawn(
    command: Sequence[str], folder: Path, log: IO[bytes], extra: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a command of Rasa's environment, in a session of its own: Ctrl-C is for us. Raises InterpreterError."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VOICEBOT_", "PYTHON"))}
    kept.update(RASA_TELEMETRY_ENABLED="false", CUDA_VISIBLE_DEVICES="", **(extra or {}))
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and script
            command, cwd=folder, env=kept, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
        )
    except OSError as error:
        raise InterpreterError(f"{command[0]} cannot be started: {error.strerror}; run `make rasa-model`") from error


def end(child: subprocess.Popen[bytes]) -> None:
    """Close its standard input, and kill it when it does not leave."""
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(END_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_until_ready(process: Process, seconds: float) -> bool:
    """Wait for a process to serve; False when it ends, or not within `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not process.died:
        if process.ready():
            return True
        time.sleep(0.2)
    return False
