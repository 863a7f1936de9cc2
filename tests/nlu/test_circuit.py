"""The circuit breaker, as a state machine in virtual time."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from voicebot.nlu.circuit import FAILURES, FIRST_S, LONGEST_S, PROBE_S, Circuit


def test_it_opens_after_failures_in_a_row_only() -> None:
    circuit = Circuit()
    for _ in range(FAILURES - 1):
        circuit = circuit.failed(0, probe=False)
    circuit = circuit.succeeded()
    for _ in range(FAILURES - 1):
        circuit = circuit.failed(0, probe=False)
    assert circuit.allows(0)
    circuit = circuit.failed(0, probe=False)
    assert not circuit.allows(0)


def test_a_probe_closes_it_or_opens_it_for_longer() -> None:
    circuit = Circuit(FAILURES - 1).failed(10, probe=False)
    assert not circuit.allows(10 + FIRST_S - 0.01)
    assert circuit.allows(10 + FIRST_S)
    probed = circuit.asked(11)
    assert not probed.allows(11), "one probe at a time"
    assert probed.allows(11 + PROBE_S), "a probe of which nothing is heard is given up"
    assert probed.succeeded() == Circuit()
    failed = probed.failed(11.3, probe=True)
    assert not failed.allows(11.3 + 2 * FIRST_S - 0.01)
    assert failed.allows(11.3 + 2 * FIRST_S)


def test_requests_that_went_out_before_it_opened_do_not_open_it_for_longer() -> None:
    circuit = Circuit(FAILURES - 1).failed(0, probe=False)
    assert circuit.failed(0.3, probe=False) == circuit


@dataclass
class World:
    """A server that works or not, and its client."""

    circuit: Circuit = field(default_factory=Circuit)
    now: float = 0.0
    under_way: list[bool] = field(default_factory=list)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    def ask(self) -> None:
        if self.circuit.allows(self.now):
            self.under_way.append(not self.circuit.is_closed)
            self.circuit = self.circuit.asked(self.now)

    def answer(self, *, works: bool) -> None:
        if not self.under_way:
            return
        probe = self.under_way.pop(0)
        self.circuit = self.circuit.succeeded() if works else self.circuit.failed(self.now, probe=probe)


@given(
    st.lists(st.tuples(st.floats(0, 20), st.sampled_from(["ask", "answer", "fail", "lose"])), max_size=120),
)
def test_whatever_happens_it_protects_and_comes_back(events: list[tuple[float, str]]) -> None:
    world = World()
    probed_at = -PROBE_S
    for seconds, event in events:
        world.pass_time(seconds)
        was_open, under_way = not world.circuit.is_closed, len(world.under_way)
        if event == "ask":
            allowed = world.circuit.allows(world.now)
            world.ask()
            assert len(world.under_way) == under_way + allowed
            if was_open and allowed:
                assert not world.circuit.allows(world.now), "a probe goes alone"
                probed_at = world.now
        elif event == "lose":
            world.under_way = world.under_way[1:]
        else:
            world.answer(works=event == "answer")
        assert world.circuit.is_closed or world.circuit.until - world.now <= max(LONGEST_S, PROBE_S)
        if not world.circuit.is_closed and probed_at == world.now:
            assert world.circuit.until > world.now
    world.under_way = []
    world.pass_time(LONGEST_S)
    world.ask()
    world.answer(works=True)
    assert world.circuit == Circuit(), "a server that works again is used again"
