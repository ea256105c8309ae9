"""A crew of tasks, in one event loop."""

import asyncio
import weakref
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, TypeVar

from ..policies import Shift
from . import Done, Jobs, is_worth_a_look

Job = TypeVar("Job")
Answer = TypeVar("Answer")


class AsyncCrew(Jobs[Job, Answer]):
    """The same for an event loop: tasks, which are cancelled with the crew or by its ``end()``.

    Answers come together. A task that calls ``see`` goes on with a job that is started there: it
    sends the next request before the other answers are read, so the next ones come one by one.
    """

    def __init__(self, work: Callable[[Job, Shift], Awaitable[Answer]]) -> None:
        super().__init__()
        self._work, self._shift, self._tasks = work, Shift(), set[Any]()
        self._free: object = None  # a task that may go on with what `see` starts
        self._onward: Job | None = None
        self.turn = asyncio.Lock()
        self.end = weakref.finalize(self, _cancel, self._tasks)
        self.end.atexit = False

    async def finished(
        self, see: Callable[[Done[Job, Answer]], bool] | None = None
    ) -> list[Done[Job, Answer]]:
        """What is done, once ``see`` has said that there is reason to look; without what it forgot
        meanwhile.
        """
        if self._alone is not None:
            return [await _do_async(self._work, self._alone, self._shift)]
        for job in [job for job, task in self._running if task.cancelled()]:
            self.forget(job)  # by somebody who cancels every task there is, or ends their loop
            self._hand_over(job)
        if not self._done:
            news = asyncio.get_running_loop().create_future()
            self._waiting = see or is_worth_a_look, news
            try:
                await news
            finally:
                self._waiting = None
        return self.done

    async def answers(self, jobs: Iterable[Job], at_once: int) -> AsyncIterator[Answer]:
        """What becomes of the jobs, in the order in which they are done."""
        left, had = deque(jobs), deque[Done[Job, Answer]]()
        see = self._seeing(left, had, at_once)
        try:
            while left or self.jobs:
                self.start_next(left, at_once)
                for done in await self.finished(see):
                    see(done)
                while had:
                    yield had.popleft().answer
        finally:
            self.end()

    def tell(self, done: Done[Job, Answer], task: object) -> Job | None:
        """What one of the tasks has done; what it is to do next."""
        self._done.append(done)
        if self._waiting is None:
            return None
        see, _ = self._waiting
        self._free, self._onward = task, None
        try:
            is_news = see(done)
        except Exception:  # noqa: BLE001 - whoever waits will meet the same
            is_news = True
        if is_news:
            self.wake()
        self._free = None
        return self._onward

    def wake(self) -> None:
        """Have whoever waits look."""
        if self._waiting is not None and not self._waiting[1].done():
            self._waiting[1].set_result(None)

    def _hand_over(self, job: Job) -> None:
        task: Any = self._free
        if task is None:
            task = self._new_task(job)
        else:
            self._free, self._onward = None, job
        self._running.append((job, task))
        self._shift.workers = max(self._shift.workers, len(self._running))

    def _new_task(self, job: Job) -> Any:
        crew, tasks = weakref.ref(self), self._tasks  # for tasks end with their crew
        task = asyncio.ensure_future(_do_all(self._work, job, self._shift, crew))

        def end(task: object) -> None:
            tasks.discard(task)
            if there := crew():
                there.wake()

        tasks.add(task)
        task.add_done_callback(end)
        return task


async def _do_async(
    work: Callable[[Job, Shift], Awaitable[Answer]], job: Job, shift: Shift
) -> Done[Job, Answer]:
    try:
        return Done(job, await work(job, shift))
    except Exception as error:  # noqa: BLE001 - as above
        return Done(job, None, error)


async def _do_all(
    work: Callable[[Job, Shift], Awaitable[Answer]],
    job: Job | None,
    shift: Shift,
    crew: Callable[[], AsyncCrew[Job, Answer] | None],
) -> None:
    task = asyncio.current_task()
    while job is not None:
        done = await _do_async(work, job, shift)
        there = crew()
        job = there.tell(done, task) if there else None
        del there, done  # while it waits for the next one, it holds none


def _cancel(tasks: set[Any]) -> None:
    for task in list(tasks):
        if not task.get_loop().is_closed():
            task.get_loop().call_soon_threadsafe(task.cancel)  # whatever thread collects garbage
