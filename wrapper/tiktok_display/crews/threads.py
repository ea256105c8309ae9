"""A crew of threads."""

import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from ..forks import renewed_in_children
from ..policies import Shift
from . import Done, Jobs, is_worth_a_look

if TYPE_CHECKING:
    from .teams import Team

Job = TypeVar("Job")
Answer = TypeVar("Answer")


class Crew(Jobs[Job, Answer]):
    """Threads, as many as there are jobs at once. They end with the crew or by ``end()``.

    Whoever waits would have to be woken for each answer before the next request went out. So each
    thread that has done something meanwhile calls ``see`` itself, one at a time.
    """

    def __init__(self, work: Callable[[Job, Shift], Answer]) -> None:
        super().__init__()
        self._work = work
        self.after_fork()
        renewed_in_children(self)

    def after_fork(self) -> None:
        """The threads are the parent's, and what they were at is begun anew."""
        self._running, self._done, self._waiting = [], [], None
        self._shift, self._telling = Shift(), threading.Lock()
        self.turn = threading.Lock()  # for those who share the crew
        self._team: Team[Job] | None = None

    def finished(
        self, see: Callable[[Done[Job, Answer]], bool] | None = None
    ) -> list[Done[Job, Answer]]:
        """What is done, once ``see`` has said that there is reason to look; without what it forgot
        meanwhile.
        """
        if self._alone is not None:
            return [_do(self._work, self._alone, self._shift)]
        news = threading.Lock()  # and no `Event`, which Ctrl-C can leave locked for ever
        news.acquire()
        try:
            with self._telling:
                if self._done:
                    return self.done
                self._waiting = see or is_worth_a_look, news
            news.acquire()
        finally:
            self._waiting = None
            with self._telling:
                pass  # whoever is at it has ended
        return self.done

    def answers(self, jobs: Iterable[Job], at_once: int) -> Iterator[Answer]:
        """What becomes of the jobs, in the order in which they are done."""
        left, had = deque(jobs), deque[Done[Job, Answer]]()
        see = self._seeing(left, had, at_once)
        try:
            while left or self.jobs:
                self.start_next(left, at_once)
                for done in self.finished(see):
                    see(done)
                while had:
                    yield had.popleft().answer
        finally:
            self.end()

    def end(self) -> None:
        """Nobody waits any more: no request is to begin."""
        if self._team is not None:
            self._team.dismiss()

    def tell(self, done: Done[Job, Answer]) -> None:
        """What one of the threads has done."""
        with self._telling:
            self._done.append(done)
            if self._waiting is None:
                return
            see, news = self._waiting
            try:
                is_news = see(done)
            except BaseException:  # noqa: BLE001 - whoever waits will meet the same
                is_news = True
            if is_news and news.locked():
                news.release()

    def _hand_over(self, job: Job) -> None:
        if self._team is None:
            from .teams import Team  # noqa: PLC0415 - most walks have one worker, and no threads

            work, shift, crew = self._work, self._shift, weakref.ref(self)
            self._team = Team(lambda job: _do_in_thread(work, job, shift, crew), shift.end)
        self._running.append((job, None))
        self._shift.workers = max(self._shift.workers, len(self._running))
        self._team.give(job, len(self._running))


def _do(work: Callable[[Job, Shift], Answer], job: Job, shift: Shift) -> Done[Job, Answer]:
    try:
        return Done(job, work(job, shift))
    except Exception as error:  # noqa: BLE001 - told to whoever asks for the answer
        return Done(job, None, error)


def _do_in_thread(
    work: Callable[[Job, Shift], Answer],
    job: Job,
    shift: Shift,
    crew: Callable[[], Crew[Job, Answer] | None],
) -> None:
    try:
        done = _do(work, job, shift)
    except BaseException as error:  # noqa: BLE001 - a thread that ends without a word is waited for
        done = Done(job, None, error)
    if there := crew():
        there.tell(done)
