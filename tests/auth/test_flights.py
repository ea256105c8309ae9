"""Refreshes under way: shared, never cut off, forgotten in the child of a fork."""

import asyncio
import threading

import pytest

from tests.auth.test_refresh import KEY
from tests.auth.test_tokens import RECORD
from tiktok_display import MemoryTokenStore, RefreshUnavailable, TokenStoreError, forks
from tiktok_display.auth.flights import Flights, Outcome, fly, landed
from tiktok_display.stores import Key


def test_callers_at_once_share_one_flight_and_the_next_takes_off_anew() -> None:
    gate, store, flown = threading.Event(), MemoryTokenStore(), list[int]()

    def work() -> Outcome:
        gate.wait()
        flown.append(1)
        return RECORD

    flights = [fly(store, KEY, None, work) for _ in range(5)]
    other = fly(store, Key("app", "another"), None, lambda: RECORD)
    assert other.result(5) == RECORD
    elsewhere = fly(MemoryTokenStore(), KEY, None, lambda: RECORD)
    assert elsewhere.result(5) == RECORD
    assert not flights[0].cancel()
    gate.set()
    assert [flight.result(5) for flight in flights] == [RECORD] * 5
    assert flown == [1]
    assert fly(store, KEY, None, work).result(5) == RECORD
    assert landed(RECORD).result(0) == RECORD


@pytest.mark.parametrize(
    "trouble", [TokenStoreError("locked"), OSError("disk full: act.1"), asyncio.CancelledError()]
)
def test_whatever_a_store_raises_arrives_as_a_store_error_that_quotes_nothing(
    trouble: BaseException,
) -> None:
    def work() -> Outcome:
        raise trouble

    outcome = fly(MemoryTokenStore(), KEY, None, work).result(5)
    assert isinstance(outcome, TokenStoreError)
    said = f"the token store failed: {type(trouble).__name__}"
    assert str(outcome) == ("locked" if isinstance(trouble, TokenStoreError) else said)


def test_the_child_of_a_fork_begins_anew() -> None:
    gate, store = threading.Event(), MemoryTokenStore()

    def work() -> Outcome:
        gate.wait()
        return RECORD

    parents = fly(store, KEY, None, work)
    forks._renew()  # what runs in the child
    assert fly(store, KEY, None, lambda: RECORD).result(5) == RECORD
    gate.set()
    assert parents.result(5) == RECORD


def test_where_no_thread_can_be_started_a_refresh_is_unavailable() -> None:
    ended, store = Flights(), MemoryTokenStore()
    ended._pool.shutdown()  # as at the end of the interpreter
    for _ in range(2):
        outcome = ended.fly(store, KEY, None, lambda: RECORD).result(0)
        assert isinstance(outcome, RefreshUnavailable)
        assert str(outcome) == "no thread can be started for a token refresh"


def test_beyond_its_bound_flights_wait_for_a_thread_and_all_of_them_land() -> None:
    few, store, gate = Flights(at_once=2), MemoryTokenStore(), threading.Event()
    names = set[str]()

    def work() -> Outcome:
        names.add(threading.current_thread().name)
        gate.wait()
        return RECORD

    waiting = [few.fly(store, Key("app", str(number)), None, work) for number in range(9)]
    assert not any(flight.cancel() for flight in waiting)
    gate.set()
    assert [flight.result(5) for flight in waiting] == [RECORD] * 9
    assert names <= {"tiktok-refresh_0", "tiktok-refresh_1"}
