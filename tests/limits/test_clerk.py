"""Whoever asks for us: what is told, what hangs, and what a fork leaves."""

import gc
import threading
from collections.abc import Callable, Iterator

import pytest

from tiktok_display import forks
from tiktok_display.limits.clerk import Clerk


class There:
    """A place, and what is told there."""

    def __init__(self, look: Callable[[str], float]) -> None:
        self.take, self.closed = look, threading.Event()

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Opened at the end at the latest, so that no thread stays behind."""
    gate = threading.Event()
    yield gate
    gate.set()


def test_it_tells_what_it_was_told() -> None:
    clerk = Clerk(lambda: There(lambda name: float(len(name))), patience=5.0)
    assert [clerk.ask("list"), clerk.ask("query")] == [4.0, 5.0]


def test_it_tells_what_went_wrong() -> None:
    def look(name: str) -> float:
        raise OSError(name)

    clerk = Clerk(lambda: There(look), patience=5.0)
    for name in ("list", "query"):
        with pytest.raises(OSError, match=name):
            clerk.ask(name)


def test_nobody_waits_for_what_hangs(gate: threading.Event) -> None:
    asked = list[str]()

    def look(name: str) -> float:
        asked.append(name)
        gate.wait(5)
        return 1.0

    clerk = Clerk(lambda: There(look), patience=0.01)
    for name in ("first", "second"):
        with pytest.raises(TimeoutError):
            clerk.ask(name)
    gate.set()
    patient = Clerk(lambda: There(look), patience=5.0)
    assert patient.ask("third") == 1.0
    while not clerk._inbox.empty():  # type: ignore[union-attr]
        pass
    assert sorted(asked) == ["first", "third"]  # what nobody waits for any more is not asked


def test_the_child_of_a_fork_has_a_thread_of_its_own() -> None:
    made = list[threading.Thread]()

    def make() -> There:
        made.append(threading.current_thread())
        return There(lambda _: 0.0)

    clerk = Clerk(make, patience=5.0)
    clerk.ask("list")
    forks._renew()  # what runs in the child
    clerk.ask("list")
    assert len(set(made)) == 2


def test_the_thread_ends_with_the_clerk() -> None:
    there = There(lambda _: 0.0)
    clerk = Clerk(lambda: there, patience=5.0)
    clerk.ask("list")
    del clerk
    gc.collect()
    assert there.closed.wait(5)
