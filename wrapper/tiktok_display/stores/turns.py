"""Work that no fork may cut in two."""

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import TokenStoreError


class Turns:
    """One piece of work at a time, and a fork only between two.

    SQLite's locks and mutexes belong to the process. A child that is forked amid an operation
    waits for a thread that it does not have, or writes past locks that only its parent holds:
    https://www.sqlite.org/howtocorrupt.html#_carrying_an_open_database_connection_across_a_fork_

    ``patience`` is in s: who waits longer for a turn gets a `TokenStoreError`; a fork goes ahead.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._is_forking = False
        _everyone[id(self)] = self

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold everyone else back, forks too."""
        lock = self._lock  # a child has another
        if not lock.acquire(timeout=self._patience):
            raise TokenStoreError(f"other threads kept the token store busy for {self._patience} s")
        try:
            yield
        finally:
            lock.release()

    def before_fork(self) -> None:
        """Wait for the end of the work under way, and let none begin."""
        if self._lock.acquire(timeout=self._patience):
            self._is_forking = True

    def after_fork(self) -> None:
        """Go on as before."""
        if self._is_forking:
            self._is_forking = False
            self._lock.release()

    def after_fork_in_child(self) -> None:
        """The parent's lock may be held by a thread that this process does not have."""
        self._is_forking, self._lock = False, threading.Lock()


_everyone: "weakref.WeakValueDictionary[int, Turns]" = weakref.WeakValueDictionary()


def _all() -> list[Turns]:
    """In one order, so that two threads that fork at once do not block each other; as a list that
    is made in one step, for other threads make stores meanwhile.
    """
    return [turns for known in _everyone.valuerefs() if (turns := known()) is not None]


def _before() -> None:
    for turns in _all():
        turns.before_fork()


def _after() -> None:
    for turns in _all():
        turns.after_fork()


def _after_in_child() -> None:
    for turns in _all():
        turns.after_fork_in_child()


getattr(os, "register_at_fork", lambda **_: None)(
    before=_before, after_in_parent=_after, after_in_child=_after_in_child
)
