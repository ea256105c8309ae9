"""What is to happen when time is up, whoever is being waited for."""

import bisect
import itertools
import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from ..forks import renewed_in_children


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

    It is daemonic and stays, for when the interpreter ends no thread can be started any more. Its
    locks are plain ones: Ctrl-C within a `threading.Condition` can leave it locked for ever.
    """

    _due: list[tuple[float, int, Alarm]]
    _wakes: float  # when the thread looks again
    _thread: threading.Thread | None
    _lock: threading.Lock
    _sleep: threading.Lock  # released to wake the thread

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self.after_fork()
        renewed_in_children(self)

    def set(self, seconds: float, ring: Callable[[], None]) -> Alarm:
        """Have ``ring`` called in so many seconds. Where no thread is to be had it never is."""
        alarm, due = Alarm(ring), time.monotonic() + seconds
        with self._lock:
            while self._due and self._due[0][2].is_over:
                del self._due[0]
            bisect.insort(self._due, (due, next(self._numbers), alarm))
            if self._thread is None:
                with suppress(RuntimeError):
                    self._thread = self._started()
            elif due < self._wakes:  # else it comes by in time: to wake it costs a request a tenth
                with suppress(RuntimeError):  # it is awake
                    self._sleep.release()
        return alarm

    def after_fork(self) -> None:
        """The parent's alarms are not ours, nor is their thread, nor are its locks."""
        self._due, self._wakes, self._thread = [], math.inf, None
        self._lock, self._sleep = threading.Lock(), threading.Lock()
        self._sleep.acquire()

    def _started(self) -> threading.Thread:
        thread = threading.Thread(target=self._run, name="tiktok-alarms", daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        while True:
            with self._lock:
                self._wakes = self._due[0][0] if self._due else math.inf
                wait = self._wakes - time.monotonic()
                is_time = self._due and (wait <= 0 or self._due[0][2].is_over)
                alarm = self._due.pop(0)[2] if is_time else None
            if alarm is not None:
                alarm.ring()
            else:
                self._sleep.acquire(timeout=min(wait, threading.TIMEOUT_MAX))


alarms = Alarms()
