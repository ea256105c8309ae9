"""Pairs that a store did not take: kept, offered again, and never in the way of another."""

import subprocess
import sys
import threading

from attrs import evolve

from tests.auth.test_refresh import KEY, NEWER, Failing
from tests.auth.test_tokens import RECORD
from tiktok_display import TokenRecord
from tiktok_display.auth.events import Teller, TokenEvent
from tiktok_display.auth.unsaved import Keeper, Unsaved
from tiktok_display.stores import Key

NEXT = evolve(RECORD, access_token="act.2", refresh_token="rft.2")


class Scene:
    """A store that refuses so many times, and a keeper whose pauses only count."""

    def __init__(self, failures: int) -> None:
        self.store, self.events = Failing(), list[TokenEvent]()
        self.store.failures = failures
        self.store.put(KEY, RECORD)
        self.pauses, self.gate, self.is_over = list[float](), threading.Event(), threading.Event()
        self.has_ended, self.now = False, 0.0
        self.keeper = Keeper(self.sleep, lambda: self.has_ended, lambda: self.now)
        self.keeper.keep(Unsaved(self.store, NEXT, RECORD, Teller(KEY, self.tell)))

    def sleep(self, seconds: float) -> None:
        self.gate.wait(5)
        self.pauses.append(seconds)

    def tell(self, event: TokenEvent) -> None:
        self.events.append(event)
        self.is_over.set()

    @property
    def told(self) -> list[str]:
        return [str(event.kind) for event in self.events]


def test_it_is_offered_with_growing_pauses_until_the_store_takes_it() -> None:
    scene = Scene(failures=7)
    scene.gate.set()
    assert scene.is_over.wait(5)
    assert scene.store.read(KEY) == NEXT
    assert scene.pauses[:8] == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]
    assert scene.told == ["saved"]
    assert scene.keeper.pair(scene.store, KEY) is None


def test_its_thread_ends_with_the_last_pair_and_begins_anew_with_the_next() -> None:
    scene = Scene(failures=0)
    first = scene.keeper._thread
    assert first is not None
    assert (first.daemon, first.name) == (False, "tiktok-unsaved")
    scene.gate.set()
    first.join(5)
    assert not first.is_alive()
    scene.is_over.clear()
    again = evolve(NEXT, access_token="act.3", refresh_token="rft.3")
    scene.keeper.keep(Unsaved(scene.store, again, NEXT, Teller(KEY, scene.tell)))
    assert scene.is_over.wait(5)
    assert scene.store.read(KEY) == again


def test_it_does_not_overwrite_a_pair_that_was_stored_meanwhile() -> None:
    scene = Scene(failures=0)
    scene.store.put(KEY, NEWER)
    scene.gate.set()
    assert scene.is_over.wait(5)
    assert scene.store.read(KEY) == NEWER
    assert scene.told == ["late_commit"]
    assert scene.events[0].detail == "refused: another pair is stored by now"


def test_whoever_needs_more_than_the_pair_offers_it_at_once() -> None:
    scene = Scene(failures=1)
    assert scene.keeper.pair(scene.store, KEY) == NEXT
    assert not scene.keeper.offer(scene.store, KEY)
    assert scene.keeper.offer(scene.store, KEY)
    assert scene.keeper.pair(scene.store, KEY) is None
    assert scene.keeper.offer(scene.store, KEY)
    assert scene.store.read(KEY) == NEXT
    scene.gate.set()


def ended(scene: Scene) -> None:
    """Let the program end, and wait for the keeper's thread."""
    thread = scene.keeper._thread
    assert thread is not None
    scene.has_ended = True
    scene.gate.set()
    thread.join(5)
    assert not thread.is_alive()
    assert scene.pauses == [1.0]


def test_when_the_program_ends_it_is_offered_one_last_time() -> None:
    scene = Scene(failures=0)
    ended(scene)
    assert scene.store.read(KEY) == NEXT
    assert scene.told == ["saved"]


def test_a_pair_that_is_lost_with_the_program_is_told_and_handed_to_the_operator() -> None:
    scene = Scene(failures=1)
    ended(scene)
    (event,) = scene.events
    assert (event.kind, event.record) == ("unsaved", NEXT)
    assert event.detail == "lost with the end of the program"
    assert "rft." not in repr(event)


def test_the_last_offers_end_in_time_however_many_there_are() -> None:
    class Slow(Failing):
        def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
            scene.now += 20.0
            return super().commit(key, record, replaces=replaces)

    scene = Scene(failures=9)
    slow, told = Slow(), list[TokenEvent]()
    for number in range(4):
        key = Key("app", str(number))
        slow.put(key, RECORD)
        scene.keeper.keep(Unsaved(slow, NEXT, RECORD, Teller(key, told.append)))
    ended(scene)
    assert [str(event.kind) for event in told] == ["saved", "saved", "unsaved", "unsaved"]


def test_a_keeper_that_gets_no_thread_has_one_with_the_next_pair() -> None:
    class Poor(Keeper):
        def _started(self) -> threading.Thread:
            if not self._pairs.keys() - {(id(scene.store), KEY)}:
                raise RuntimeError("can't start new thread")
            return super()._started()

    scene = Scene(failures=0)
    scene.gate.set()
    poor = Poor(scene.sleep, lambda: False)
    poor.keep(Unsaved(scene.store, NEXT, RECORD, Teller(KEY)))
    assert poor._thread is None
    other = Failing()
    other.put(KEY, RECORD)
    poor.keep(Unsaved(other, NEXT, RECORD, Teller(KEY, scene.tell)))
    scene.is_over.clear()
    assert scene.is_over.wait(5)
    assert other.read(KEY) == NEXT


def test_in_a_program_it_wakes_when_that_ends() -> None:
    program = """
import threading
from attrs import evolve
from tests.auth.test_refresh import KEY, RECORD, Failing
from tests.auth.test_unsaved import NEXT
from tiktok_display.auth.events import Teller
from tiktok_display.auth.unsaved import Unsaved, keeper
store = Failing()
store.put(KEY, RECORD)
keeper.keep(Unsaved(store, NEXT, RECORD, Teller(KEY, lambda event: print(event.kind))))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stdout == "saved\n"


def test_the_child_of_a_fork_leaves_it_to_its_parent() -> None:
    scene = Scene(failures=9)
    scene.keeper.after_fork()
    assert scene.keeper.pair(scene.store, KEY) is None
    assert scene.store.failures == 9
    scene.gate.set()
    scene.keeper.keep(Unsaved(scene.store, NEXT, RECORD, Teller(KEY, scene.tell)))
    assert scene.is_over.wait(5)
    assert len(scene.pauses) > 9


def test_a_pair_that_is_kept_while_its_predecessor_is_offered_stays() -> None:
    class Chained(Failing):
        def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
            if record == NEXT:
                scene.keeper.keep(Unsaved(self, NEWER, NEXT, Teller(KEY)))
            return super().commit(key, record, replaces=replaces)

    scene, chained = Scene(failures=9), Chained()
    chained.put(KEY, RECORD)
    scene.keeper.keep(Unsaved(chained, NEXT, RECORD, Teller(KEY)))
    assert scene.keeper.offer(chained, KEY)
    assert scene.keeper.pair(chained, KEY) == NEWER
    scene.gate.set()
