"""The sandbox's time: it starts at a fixed moment and is moved by hand, so that nobody sleeps."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
"""When every sandbox begins unless told otherwise."""


class VirtualClock:
    """Virtual time = ``start`` + what was advanced + the real time that passed while it ran.

    A sandbox lets its clock run while its server is up and stops it again; in process the clock
    stands still. With ``ticks=None`` it never runs. Not thread-safe by itself: the sandbox holds
    its lock.

    Args:
        start: the first moment; an aware datetime, of 1970 (UTC) at the earliest.
        ticks: a monotonic source of seconds.
    """

    def __init__(
        self, start: datetime = START, *, ticks: Callable[[], float] | None = time.monotonic
    ) -> None:
        if start.tzinfo is None:
            raise ValueError("a sandbox starts at an aware datetime: give it a time zone")
        if start.timestamp() < 0:
            raise ValueError("a sandbox starts in 1970 (UTC) at the earliest")
        self._moment = start.timestamp()
        self._ticks = ticks
        self._running_since: float | None = None

    def now(self) -> float:
        """The virtual moment in seconds since 1970-01-01T00:00:00Z."""
        if self._ticks is None or self._running_since is None:
            return self._moment
        return self._moment + self._ticks() - self._running_since

    def advance(self, step: timedelta) -> None:
        """Moves the time on; ``ValueError`` for a negative step, or one beyond the year 9999."""
        if step < timedelta(0):
            raise ValueError("the sandbox's time does not run backwards")
        utc(self._moment + step.total_seconds())
        self._moment += step.total_seconds()

    def run(self) -> None:
        """From now on real time counts too."""
        if self._ticks is not None and self._running_since is None:
            self._running_since = self._ticks()

    def halt(self) -> None:
        """From now on only ``advance`` moves it."""
        self._moment = self.now()
        self._running_since = None


def utc(moment: float) -> datetime:
    """An aware datetime for seconds since 1970-01-01T00:00:00Z."""
    return datetime.fromtimestamp(moment, UTC)
