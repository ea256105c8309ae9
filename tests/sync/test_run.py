"""All creators, on an executor."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from tiktok_display.sync import Plan, Requests, Synced, SyncError
from tiktok_display.sync.plan import Due
from tiktok_display.sync.run import all_of


def test_everybody_comes_once_and_so_many_at_a_time() -> None:
    under_way, most, lock = 0, 0, threading.Lock()

    def work(open_id: str) -> Synced:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        with lock:
            under_way -= 1
        return Synced(open_id, 1, "active")

    asked = list[int]()

    def names() -> Iterator[str]:
        for number in range(500):
            asked.append(number)
            yield str(number)

    with ThreadPoolExecutor(4) as pool:
        done = all_of(names(), work, pool, at_once=7)
        assert next(done).videos == 1
        assert len(asked) <= 14
        found = {each.open_id for each in done}
    assert len(found) == 499
    assert most <= 7


def test_whoever_stops_looking_stops_what_was_not_begun() -> None:
    class Later(Executor):
        """Which begins nothing but the first."""

        def __init__(self) -> None:
            self.given = list[Future[Any]]()

        def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
            future = Future[Any]()
            if not self.given:
                future.set_result(fn(*args))
            self.given.append(future)
            return future

    pool = Later()
    done = all_of(map(str, range(9)), lambda name: Synced(name, 0, "active"), pool, at_once=5)
    next(done)
    done.close()
    assert [future.cancelled() for future in pool.given[1:]] == [True] * 4


def test_a_database_that_is_gone_ends_it() -> None:
    def work(open_id: str) -> Synced:
        raise SyncError("gone")

    with ThreadPoolExecutor(2) as pool, pytest.raises(SyncError):
        list(all_of(map(str, range(100)), work, pool, at_once=4))


def test_workers_that_are_lost_end_it() -> None:
    class Lost(Executor):
        """Whose workers are gone."""

        def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
            future = Future[Any]()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    with pytest.raises(SyncError, match="lost its workers"):
        list(all_of(["a"], lambda name: Synced(name, 0, "active"), Lost(), at_once=4))


def test_a_plan_learns_what_a_creator_took() -> None:
    plan = Plan((Due(str(n), 0, Requests(1, 0)) for n in range(9)), Requests(10, 0))
    with ThreadPoolExecutor(1) as pool:
        done = all_of(plan, lambda name: Synced(name, 0, "active", lists=5), pool, at_once=1)
        assert len([*done]) == 2
    assert plan.left.creators == 7
