"""What is to happen when time is up, whoever is being waited for."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from .forks import renewed_in_children


class Alarm:
    """Rings once, unless it is cancelled before; never after."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring: Callable[[], None] | None = ring
        self._lock = threading.Lock()

    def cancel(self) -> None:
        """Keep it from ringing; where it is just at it, wait for the end of that."""
        with self._lock:
            self._ring = None

    @property
    def is_over(self) -> bool:
        """Whether it has rung or was cancelled."""
        return self._ring is None

    def ring(self) -> None:
        """Do what it was set for."""
        with self._lock:
            ring, self._ring = self._ring, None
            if ring is not None:
                ring()


class Alarms:
    """One thread for all that are set: one for each request would cost more than what it guards.

    It is daemonic and stays, for when the interpreter ends no thread can be started any more.
    """

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Alarm]] = []
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None
        renewed_in_children(self)

    def set(self, seconds: float, ring: Callable[[], None]) -> Alarm:
        """Have ``ring`` called in so many seconds. Where no thread is to be had it never is."""
        alarm, due = Alarm(ring), time.monotonic() + seconds
        with self._changed:
            while self._due and self._due[0][2].is_over:
                heapq.heappop(self._due)
            is_next = not self._due or due < self._due[0][0]
            heapq.heappush(self._due, (due, next(self._numbers), alarm))
            if self._thread is None:
                with suppress(RuntimeError):
                    self._thread = self._started()
            elif is_next:
                self._changed.notify()
        return alarm

    def after_fork(self) -> None:
        """The parent's alarms are not ours, nor is their thread, nor its lock."""
        self._due, self._changed, self._thread = [], threading.Condition(), None

    def _started(self) -> threading.Thread:
        thread = threading.Thread(target=self._run, name="tiktok-alarms", daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        due, changed = self._due, self._changed
        with changed:
            while True:
                wait = due[0][0] - time.monotonic() if due else None
                if wait is None or (wait > 0 and not due[0][2].is_over):
                    changed.wait(wait)
                else:
                    heapq.heappop(due)[2].ring()


alarms = Alarms()
