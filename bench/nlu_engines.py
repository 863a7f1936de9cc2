"""The embedded classifier and Rasa side by side: accuracy, delay, CPU and memory.

    make rasa-model && python -m bench.nlu_engines [--texts 200]

Accuracy: the held-out utterances of nlu_data/tests, by the intent that a call would act on (lexicon and out-of-scope
gate included, the same for both) and by the classifier's own first. Delay: from asking to the answer, with so many
turns asking at the same instant, over and over. "rasa, bare" asks the server without our limits; "rasa, as in calls"
has four requests in flight at most, and after 300 ms the embedded classifier answers; "own answers" says how often
Rasa did.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.answer_delay import share
from bench.machine import describe, quiet
from voicebot.media.rasa import keep
from voicebot.media.rasa_models import RasaHome
from voicebot.media.rasa_process import RasaProcess
from voicebot.nlu.data import Example, read_training_data
from voicebot.nlu.embedded import EmbeddedInterpreter, open_embedded
from voicebot.nlu.fallback import WithFallback
from voicebot.nlu.http import post_json
from voicebot.nlu.interpreter import Interpretation, Interpreter
from voicebot.nlu.rasa import Auth, RasaInterpreter
from voicebot.nlu.rasa_servers import Servers
from voicebot.settings import Settings

ROOT = Path(__file__).parent.parent
AT_ONCE = (1, 8, 32)
PATIENCE_MS = 30_000
CLOCK_HZ = os.sysconf("SC_CLK_TCK")

Ask = Callable[[str], Awaitable[bool]]
"""Asks about a text; whether the engine in question answered."""


@dataclass(frozen=True, slots=True)
class Delays:
    """What turns waited, in ms, and how many the engine answered itself."""

    at_once: int
    waited: list[float]
    own: int

    def row(self) -> str:
        """As a line of the table."""
        p50, p95 = share(self.waited, 0.5), share(self.waited, 0.95)
        return f"{self.at_once:7d} | {p50:6.1f} ms | {p95:6.1f} ms | {self.own / len(self.waited):5.0%}"


async def measure(ask: Ask, texts: Sequence[str], at_once: int) -> Delays:
    """`at_once` turns ask at the same instant; when all have their answers, the next so many."""
    waited: list[float] = []
    own = 0

    async def turn(text: str, since: float) -> None:
        nonlocal own
        answered = await ask(text)
        own += answered
        waited.append((time.perf_counter() - since) * 1000)

    for first in range(0, len(texts), at_once):
        since = time.perf_counter()
        await asyncio.gather(*(turn(text, since) for text in texts[first : first + at_once]))
    return Delays(at_once, waited, own)


async def meanings(interpreter: Interpreter, examples: Sequence[Example]) -> list[Interpretation]:
    """What each is taken for."""
    return [await interpreter.interpret(example.text, deadline_ms=PATIENCE_MS) for example in examples]


def accuracy(name: str, examples: Sequence[Example], found: Sequence[Interpretation]) -> str:
    """A line of the first table."""
    decided = sum(m.intent.name == e.intent for e, m in zip(examples, found, strict=True))
    first = sum(m.ranking[0].name == e.intent for e, m in zip(examples, found, strict=True) if m.ranking)
    return f"{name:9} | {decided / len(found):6.1%} | {first / len(found):6.1%} | {len(found)}"


def cpu_s(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_HZ


def memory_mb(pid: int) -> float:
    """Memory that a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=200)
    options = parser.parse_args()
    quiet()
    with tempfile.TemporaryDirectory() as data:
        settings = Settings(project=ROOT, data=Path(data))
        before = memory_mb(os.getpid())
        embedded = open_embedded(ROOT / "nlu_data", Path(data) / "nlu", lambda _: None)
        held = memory_mb(os.getpid()) - before
        home, ready = RasaHome.of(settings), RasaHome.of(Settings(project=ROOT, data=ROOT / "var")).present()
        home.present().symlink_to(ready.resolve(strict=True))
        servers, auth = Servers(), Auth(token=secrets.token_urlsafe())
        started = time.perf_counter()
        keeper = keep(settings, servers, auth)
        try:
            if not keeper.wait(300) or keeper.serving is None:
                raise SystemExit(home.log.read_text(encoding="utf-8"))
            print(f"The two intent models; {describe()}")
            print(f"Rasa was ready after {time.perf_counter() - started:.0f} s\n")
            process = keeper.serving.process
            assert isinstance(process, RasaProcess)  # noqa: S101 - for mypy
            asyncio.run(compare(embedded, held, servers, auth, process.pid, options.texts))
        finally:
            keeper.close()


async def compare(  # noqa: PLR0917
    embedded: EmbeddedInterpreter, held: float, servers: Servers, auth: Auth, pid: int, number: int
) -> None:
    """Print the tables."""
    examples = read_training_data(ROOT / "nlu_data" / "tests").examples
    patient = RasaInterpreter(servers, embedded.model, auth=auth, timeout_ms=PATIENCE_MS)
    print("engine    | decided | first | texts")
    print(accuracy("embedded", examples, await meanings(embedded, examples)))
    print(accuracy("rasa", examples, await meanings(patient, examples)))

    in_calls = WithFallback(RasaInterpreter(servers, embedded.model, auth=auth), embedded)

    async def ask_embedded(text: str) -> bool:
        return bool((await embedded.interpret(text, deadline_ms=PATIENCE_MS)).engine)

    async def ask_bare(text: str) -> bool:
        await post_json(servers.urls[0], f"/model/parse{auth.query}", {"text": text})
        return True

    async def ask_in_calls(text: str) -> bool:
        return (await in_calls.interpret(text, deadline_ms=PATIENCE_MS)).engine.startswith("rasa")

    texts = [examples[index % len(examples)].text for index in range(number)]
    print("\nengine            | at once |    p50    |    p95    | own answers | CPU a text")
    for name, ask, who in (
        ("embedded", ask_embedded, os.getpid()),
        ("rasa, bare", ask_bare, pid),
        ("rasa, as in calls", ask_in_calls, pid),
    ):
        for at_once in AT_ONCE:
            used = cpu_s(who)
            delays = await measure(ask, texts, at_once)
            print(f"{name:17} | {delays.row()} | {(cpu_s(who) - used) / number * 1000:.1f} ms")
    print(f"\nmemory: embedded {held:.0f} MB (training included), rasa {memory_mb(pid):.0f} MB")


if __name__ == "__main__":
    main()
