"""Whoever asks for us at a place that may hang."""

import threading
import weakref
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Protocol

from ..forks import renewed_in_children


class Place(Protocol):
    """Where things are counted; opened and closed by the thread that asks there."""

    def take(self, name: str) -> float:
        """Seconds until there is room."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class _Question:
    """A name, and where the answer goes, if anybody waits for it still."""

    def __init__(self, name: str) -> None:
        self.name, self.is_over = name, False
        self.answer: SimpleQueue[float | Exception] = SimpleQueue()


class Clerk:
    """One thread, which ends with the clerk, and is daemonic: what hangs stops neither a call nor
    the end of a program.
    """

    def __init__(self, make: Callable[[], Place], patience: float) -> None:
        self._make, self._patience = make, patience
        self.after_fork()
        renewed_in_children(self)

    def after_fork(self) -> None:
        """The thread is the parent's, and so is what it has open."""
        self._inbox: SimpleQueue[_Question | None] | None = None
        self._lock = threading.Lock()

    def ask(self, name: str) -> float:
        """What it is told there; `TimeoutError` where nothing is, else what went wrong."""
        question = _Question(name)
        with self._lock:
            if self._inbox is None:
                self._inbox = self._begin()
        self._inbox.put(question)
        try:
            answer = question.answer.get(timeout=self._patience)
        except Empty:
            question.is_over = True
            raise TimeoutError("no answer") from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _begin(self) -> "SimpleQueue[_Question | None]":
        inbox: SimpleQueue[_Question | None] = SimpleQueue()
        labour = (self._make, inbox)
        threading.Thread(target=_answer, args=labour, name="tiktok-quota", daemon=True).start()
        weakref.finalize(self, inbox.put, None).atexit = False
        return inbox


def _answer(make: Callable[[], Place], inbox: "SimpleQueue[_Question | None]") -> None:
    place = make()
    while (question := inbox.get()) is not None:
        if question.is_over:
            continue
        try:
            question.answer.put(place.take(question.name))
        except Exception as error:  # noqa: BLE001 - told to whoever asked
            question.answer.put(error)
    place.close()
