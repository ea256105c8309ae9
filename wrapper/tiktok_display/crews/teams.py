"""Threads that do a crew's jobs: loaded for the first crew that has more than one at once."""

import threading
import weakref
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

Job = TypeVar("Job")


class Team(Generic[Job]):
    """They end with the team, or by ``dismiss()``, and are daemonic: a program that ends does not
    wait for an answer that nobody wants.
    """

    def __init__(self, work: Callable[[Job], None], end: Callable[[], None]) -> None:
        self._work, self._threads = work, 0
        self._inbox: SimpleQueue[Job | None] = SimpleQueue()
        self.dismiss = weakref.finalize(self, _dismiss, self._inbox, end)
        self.dismiss.atexit = False

    def give(self, job: Job, at_once: int) -> None:
        """Have it done by one of so many."""
        if at_once > self._threads:
            labour = (self._work, self._inbox)
            threading.Thread(target=_labour, args=labour, name="tiktok-crew", daemon=True).start()
            self._threads += 1
        self._inbox.put(job)


def _labour(work: Callable[[Job], None], inbox: "SimpleQueue[Job | None]") -> None:
    while (job := inbox.get()) is not None:
        work(job)
        del job  # while it waits for the next one, it holds none
    inbox.put(None)  # for the others


def _dismiss(inbox: "SimpleQueue[Any]", end: Callable[[], None]) -> None:
    end()
    inbox.put(None)
