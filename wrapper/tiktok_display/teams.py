"""Threads that do a crew's jobs: loaded for the first crew that has more than one at once."""

import threading
import weakref
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


class Team(Generic[Job, Result]):
    """They end with the team, or by ``dismiss()``, and are daemonic: a program that ends does not
    wait for an answer that nobody wants.
    """

    def __init__(self, work: Callable[[Job], Result], end: Callable[[], None]) -> None:
        self._work, self._threads = work, 0
        self._inbox: SimpleQueue[tuple[Job, Future[Result]] | None] = SimpleQueue()
        self.dismiss = weakref.finalize(self, _dismiss, self._inbox, end)
        self.dismiss.atexit = False

    def give(self, job: Job, at_once: int) -> "Future[Result]":
        """Have it done by one of so many."""
        future: Future[Result] = Future()
        if at_once > self._threads:
            labour = (self._work, self._inbox)
            threading.Thread(target=_labour, args=labour, name="tiktok-crew", daemon=True).start()
            self._threads += 1
        self._inbox.put((job, future))
        return future


def first_done(futures: "list[Future[Any]]") -> None:
    """Wait until there is one."""
    wait(futures, return_when=FIRST_COMPLETED)


def _labour(
    work: Callable[[Job], Result], inbox: "SimpleQueue[tuple[Job, Future[Result]] | None]"
) -> None:
    while task := inbox.get():
        job, future = task
        future.set_result(work(job))
        del task, job, future  # while it waits for the next one, it holds none
    inbox.put(None)  # for the others


def _dismiss(inbox: "SimpleQueue[Any]", end: Callable[[], None]) -> None:
    end()
    inbox.put(None)
