"""A real Rasa server behind real calls: a whole recorded caller, a kill in mid-call, a change of the model."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from tests.conftest import PROJECT
from voicebot.call.timeline import Meant
from voicebot.media.house import House
from voicebot.media.rasa import keep
from voicebot.media.rasa_keeper import RasaKeeper
from voicebot.media.rasa_models import RasaHome
from voicebot.media.rasa_process import RasaProcess
from voicebot.nlu.embedded import EmbeddedInterpreter
from voicebot.nlu.fallback import WithFallback
from voicebot.nlu.interpreter import Interpretation, InterpreterError
from voicebot.nlu.rasa import Auth, RasaInterpreter
from voicebot.nlu.rasa_servers import Servers
from voicebot.qa.fixture import Fixture, load
from voicebot.qa.replay import Replayed, replay
from voicebot.settings import Settings

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(600)]

START_S = 240
ASKED = "what is my savings account balance"


def trained() -> RasaHome:
    """What `make rasa-model` has made; without it the tests are skipped, or fail where they must run."""
    try:
        home = RasaHome.of(Settings(project=PROJECT, data=PROJECT / "var"))
        if home.present().exists():
            return home
        reason = f"there is no model of the present nlu_data in {home.models}; run `make rasa-model`"
    except InterpreterError as error:
        reason = str(error)
    if os.environ.get("RASA_TESTS") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass
class Kept:
    """A supervised server and a house that asks it."""

    keeper: RasaKeeper
    servers: Servers
    home: RasaHome
    house: House
    interpreter: WithFallback

    @property
    def process(self) -> RasaProcess:
        """The one that serves."""
        assert self.keeper.serving is not None
        assert isinstance(self.keeper.serving.process, RasaProcess)
        return self.keeper.serving.process


@pytest.fixture(scope="module")
def kept(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A Rasa server of ours, as a voicebot starts it, in a data directory of its own."""
    ready, data = trained(), tmp_path_factory.mktemp("rasa")
    settings = Settings(project=PROJECT, data=data)
    home = RasaHome.of(settings)
    shutil.copy(ready.present(), home.present())
    servers, auth = Servers(), Auth(token="for this test")  # noqa: S106
    keeper = keep(settings, servers, auth)
    try:
        assert keeper.wait(START_S), home.log.read_text()
        embedded = house.interpreter
        assert isinstance(embedded, EmbeddedInterpreter)
        both = WithFallback(RasaInterpreter(servers, embedded.model, auth=auth, timeout_ms=3000), embedded)
        yield Kept(keeper, servers, home, replace(house, interpreter=both), both)
    finally:
        keeper.close()


def caller(name: str) -> Fixture:
    return load(PROJECT / "audio_fixtures" / f"{name}.yml")


def engines(result: Replayed) -> list[str]:
    """Who understood each turn that a model was asked about."""
    meant = [entry.event for entry in result.outcome.timeline if isinstance(entry.event, Meant)]
    return [event.engine for event in meant if event.engine.startswith(("rasa", "embedded"))]


def test_a_recorded_caller_is_served_with_rasa(kept: Kept) -> None:
    result = replay(caller("demo/from_greeting_to_human"), kept.house)
    assert not result.failures
    assert set(engines(result)) == {f"rasa {kept.home.present().name.removesuffix('.tar.gz')}"}
    assert len(engines(result)) >= 2


def test_nobody_else_on_the_machine_may_ask_and_no_utterance_is_logged(kept: Kept) -> None:
    stranger = RasaInterpreter(kept.servers, kept.interpreter.embedded.model, auth=Auth(token="x"))  # noqa: S106
    with pytest.raises(InterpreterError, match="status 401"):
        asyncio.run(stranger.interpret(ASKED, deadline_ms=3000))
    asyncio.run(kept.interpreter.interpret(f"{ASKED} quokka", deadline_ms=3000))
    logged = kept.home.log.read_text()
    assert "quokka" not in logged
    assert "savings" not in logged


class KilledBefore:
    """An interpreter whose server is killed right before a turn."""

    def __init__(self, kept: Kept, turn: int) -> None:
        self.kept = kept
        self.turns_left = turn
        self.name = kept.interpreter.name

    async def interpret(self, text: str, *, deadline_ms: int) -> Interpretation:
        if self.turns_left == 0:
            os.kill(self.kept.process.pid, signal.SIGKILL)
        self.turns_left -= 1
        return await self.kept.interpreter.interpret(text, deadline_ms=deadline_ms)


def test_a_server_that_is_killed_in_mid_call_costs_no_turn_and_comes_back(kept: Kept) -> None:
    house, killed = replace(kept.house, interpreter=KilledBefore(kept, 1)), kept.process
    result = replay(caller("demo/from_greeting_to_human"), house)
    assert not result.failures
    first, *others = engines(result)
    assert first.startswith("rasa nlu-")
    assert others
    assert all(engine.startswith("embedded") for engine in others)
    assert all(engine.endswith("instead of rasa") for engine in others)
    limit = time.monotonic() + START_S
    while (kept.keeper.serving is None or kept.process is killed) and time.monotonic() < limit:
        time.sleep(0.1)
    meaning = asyncio.run(kept.interpreter.interpret(ASKED, deadline_ms=3000))
    assert (meaning.intent.name, meaning.engine[:8]) == ("check_balance", "rasa nlu")


def test_a_new_model_is_changed_to_without_losing_a_turn(kept: Kept) -> None:
    old, new = kept.process, kept.home.models / "nlu-new.tar.gz"
    shutil.copy(kept.home.present(), new)

    async def talk() -> list[Interpretation]:
        meanings: list[Interpretation] = []
        while not (meanings and "nlu-new" in meanings[-1].engine) and len(meanings) < START_S / 0.1:
            meanings.append(await kept.interpreter.interpret(ASKED, deadline_ms=3000))
            await asyncio.sleep(0.1)
        return meanings

    meanings = asyncio.run(talk())
    assert {meaning.intent.name for meaning in meanings} == {"check_balance"}
    assert [meaning.engine.split()[0] for meaning in meanings] == ["rasa"] * len(meanings)
    assert meanings[0].engine != meanings[-1].engine == "rasa nlu-new"
    assert kept.process is not old
    old._child.wait(20)
