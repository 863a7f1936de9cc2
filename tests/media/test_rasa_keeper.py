"""The supervision of a Rasa server: in virtual time with processes made up, and with real ones that are killed."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.media import rasa_process
from voicebot.media.rasa_keeper import CHECK_S, LEAVE_S, MOST_UNWELL, START_S, BackOff, RasaKeeper
from voicebot.media.rasa_process import RasaProcess, wait_until_ready
from voicebot.nlu.interpreter import InterpreterError
from voicebot.nlu.rasa import Auth
from voicebot.nlu.rasa_servers import Servers

DOUBLE = Path(__file__).with_name("rasa_double_child.py")


@dataclass
class MadeUp:
    """A process that does as it is told."""

    model: Path
    url: str
    died: bool = False
    serves: bool = False
    ended: bool = False

    def ready(self) -> bool:
        return self.serves and not self.died

    def end(self) -> None:
        self.ended = True


@dataclass
class World:
    """A keeper, and all processes it ever started."""

    newest: Path | None = Path("nlu-one.tar.gz")
    servers: Servers = field(default_factory=Servers)
    started: list[MadeUp] = field(default_factory=list)
    cannot: bool = False
    keeper: RasaKeeper = field(init=False)

    def __post_init__(self) -> None:
        self.keeper = RasaKeeper(self.servers, lambda: self.newest, self.start)

    def start(self, model: Path) -> MadeUp:
        if self.cannot:
            raise InterpreterError("there is no Rasa")
        self.started.append(MadeUp(model, f"http://127.0.0.1:{5000 + len(self.started)}"))
        return self.started[-1]

    def serving_from(self, now: float) -> MadeUp:
        """Bring it to service."""
        self.keeper.step(now)
        self.started[-1].serves = True
        self.keeper.step(now)
        return self.started[-1]


def test_a_server_is_used_when_it_is_ready_and_not_before() -> None:
    world = World()
    world.keeper.step(0)
    world.keeper.step(20)
    assert (len(world.started), world.servers.urls) == (1, ())
    world.started[0].serves = True
    world.keeper.step(30)
    assert (world.servers.urls, world.servers.names) == ((world.started[0].url,), ("nlu-one",))


def test_nothing_starts_without_a_model() -> None:
    world = World(newest=None)
    world.keeper.step(0)
    assert not world.started
    world.newest = Path("nlu-one.tar.gz")
    world.keeper.step(1)
    assert len(world.started) == 1


def test_one_that_dies_is_replaced_at_once_and_then_ever_more_slowly() -> None:
    world = World()
    first = world.serving_from(0)
    first.died = True
    world.keeper.step(10)
    assert world.servers.urls == ()
    assert len(world.started) == 2, "the first time at once"
    begun = []
    for tenth in range(100, 4000):
        now, before = tenth / 10, len(world.started)
        world.keeper.step(now)
        if len(world.started) > before:
            begun.append(now)
        world.started[-1].died = True
    gaps = [round(later - earlier) for earlier, later in itertools.pairwise(begun)]
    assert gaps[:6] == [2, 4, 8, 16, 32, 60]
    assert set(gaps[5:]) == {60}
    assert all(process.ended for process in world.started[:-1])


def test_a_new_model_is_a_new_process_and_the_old_one_serves_until_it_is_ready() -> None:
    world = World()
    old = world.serving_from(0)
    world.newest = Path("nlu-two.tar.gz")
    world.keeper.step(100)
    new = world.started[-1]
    assert new is not old
    assert world.servers.urls == (old.url,)
    new.serves = True
    world.keeper.step(130)
    assert (world.servers.urls, old.ended) == ((new.url,), False)
    world.keeper.step(130 + LEAVE_S)
    assert (old.ended, new.ended, len(world.started)) == (True, False, 2)


def test_a_new_model_that_does_not_start_leaves_the_old_one_in_service() -> None:
    world = World()
    old = world.serving_from(0)
    world.newest = Path("nlu-broken.tar.gz")
    for now in range(10, 400):
        world.keeper.step(now)
        world.started[-1].died = world.started[-1] is not old
    assert world.servers.urls == (old.url,)
    assert not old.ended
    assert len(world.started) < 15


def test_one_that_is_never_ready_or_hangs_is_ended() -> None:
    world = World()
    world.keeper.step(0)
    world.keeper.step(START_S)
    assert world.started[0].ended
    world.keeper.step(START_S + 1)
    world.started[-1].serves = True
    world.keeper.step(START_S + 2)
    assert world.servers.urls
    world.started[-1].serves = False
    for check in range(1, MOST_UNWELL + 1):
        assert world.servers.urls
        world.keeper.step(START_S + 3 + check * CHECK_S)
    assert world.servers.urls == ()
    assert world.started[1].ended


def test_rasa_that_cannot_be_started_is_tried_again() -> None:
    world = World(cannot=True)
    world.keeper.step(0)
    world.cannot = False
    world.keeper.step(0.1)
    assert len(world.started) == 1


def test_at_the_end_every_process_is_ended() -> None:
    world = World()
    world.serving_from(0)
    world.newest = Path("nlu-two.tar.gz")
    world.keeper.step(10)
    world.keeper.close()
    assert [process.ended for process in world.started] == [True, True]
    assert world.servers.urls == ()


@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 1000)), max_size=50))
def test_the_back_off_is_bounded_and_forgives(events: list[tuple[float, float]]) -> None:
    back_off, now = BackOff(), 0.0
    for passed, ran in events:
        now += passed
        before, back_off = back_off, back_off.failed(now, ran)
        assert now <= back_off.not_before <= now + BackOff.LONGEST_S
        if ran >= BackOff.FORGIVEN_S or not before.failures:
            assert back_off.not_before == now


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], RasaProcess]]:
    """Starts real processes, which are ended afterwards."""
    monkeypatch.setattr(rasa_process, "CHILD", DOUBLE)
    started: list[RasaProcess] = []

    def begin(model: Path) -> RasaProcess:
        started.append(RasaProcess([sys.executable], tmp_path / model, Auth(token="t"), tmp_path / "log"))  # noqa: S106
        return started[-1]

    yield begin
    for process in started:
        process.end()


def waited(until: Callable[[], bool], seconds: float = 20) -> bool:
    limit = time.monotonic() + seconds
    while not until() and time.monotonic() < limit:
        time.sleep(0.02)
    return until()


def test_a_process_is_ready_when_its_status_names_the_model(start: Callable[[Path], RasaProcess]) -> None:
    process = start(Path("nlu-one.tar.gz"))
    assert wait_until_ready(process, 20)
    process.model = Path("nlu-other.tar.gz")
    assert not process.ready()
    process.end()
    assert process.died
    assert not process.ready()
    assert not wait_until_ready(start(Path("broken")), 20)


def test_a_killed_process_is_started_again_by_itself(start: Callable[[Path], RasaProcess], tmp_path: Path) -> None:
    servers = Servers()
    processes: list[RasaProcess] = []

    def begin(model: Path) -> RasaProcess:
        processes.append(start(model))
        return processes[-1]

    keeper = RasaKeeper(servers, lambda: tmp_path / "nlu-one.tar.gz", begin)
    keeper.open()
    try:
        assert keeper.wait(20)
        first = servers.urls
        os.kill(processes[0].pid, signal.SIGKILL)
        assert waited(lambda: servers.urls not in ((), first))
        assert len(processes) == 2
    finally:
        keeper.close()
    assert all(process.died for process in processes)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_rasa_ends_when_voicebot_is_killed(tmp_path: Path) -> None:
    program = f"""
import sys, time
from pathlib import Path
from voicebot.media import rasa_process
from voicebot.nlu.rasa import Auth
rasa_process.CHILD = Path({str(DOUBLE)!r})
folder = Path({str(tmp_path)!r})
process = rasa_process.RasaProcess([sys.executable], folder / "model", Auth(), folder / "log")
assert rasa_process.wait_until_ready(process, 20)
print(process.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.communicate()
    assert waited(lambda: not alive(child))
