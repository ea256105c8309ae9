"""Several jobs at once, in threads or in tasks. Whoever has a crew starts jobs and asks for what is
done; a job that is alone is done by whoever waits for it, and costs no thread and no task.

What is done stays known until it is forgotten: an interrupt anywhere costs a repetition at most.
"""

import threading
import weakref
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .forks import renewed_in_children
from .policies import Shift

if TYPE_CHECKING:
    from .teams import Team

Job = TypeVar("Job")
Answer = TypeVar("Answer")


class Done(Generic[Job, Answer]):
    """A job, and what became of it."""

    def __init__(self, job: Job, answer: Answer | None, error: BaseException | None = None) -> None:
        self.job, self._answer, self.error = job, answer, error

    @property
    def answer(self) -> Answer:
        """The answer; what there is instead is raised."""
        if self.error is not None:
            raise self.error
        return self._answer  # type: ignore[return-value]


class _Jobs(Generic[Job, Answer]):
    """What both crews remember."""

    def __init__(self) -> None:
        self._alone: Job | None = None
        self._running: list[tuple[Job, Any]] = []  # each with the future of its `Done`

    @property
    def jobs(self) -> list[Job]:
        """What was started, and is not forgotten yet."""
        running = [job for job, _ in self._running]
        return running if self._alone is None else [self._alone, *running]

    def start(self, job: Job) -> None:
        """Have it done: by somebody else, if there is more to do at once."""
        if self._alone is None and not self._running:
            self._alone = job
            return
        if self._alone is not None:
            self._hand_over(self._alone)
            self._alone = None
        self._hand_over(job)

    def start_next(self, jobs: deque[Job], at_once: int) -> None:
        """Start so many of the jobs that ``at_once`` are under way."""
        while jobs and len(self.jobs) < at_once:
            self.start(jobs.popleft())

    def forget(self, job: Job) -> None:
        """It has been seen to."""
        if job is self._alone:
            self._alone = None
        else:
            self._running = [pair for pair in self._running if pair[0] is not job]

    @property
    def _done(self) -> list[Done[Job, Answer]]:
        return [future.result() for _, future in self._running if future.done()]

    def _hand_over(self, job: Job) -> None:
        """Have somebody do it."""


class Crew(_Jobs[Job, Answer]):
    """Threads, as many as there are jobs at once. They end with the crew or by ``end()``."""

    def __init__(self, work: Callable[[Job, Shift], Answer]) -> None:
        super().__init__()
        self._work = work
        self.after_fork()
        renewed_in_children(self)

    def after_fork(self) -> None:
        """The threads are the parent's, and what they were at is begun anew."""
        self._running, self._shift = [], Shift()
        self.turn = threading.Lock()  # for those who share the crew
        self._team: Team[Job, Done[Job, Answer]] | None = None

    def finished(self) -> list[Done[Job, Answer]]:
        """What is done, once anything is."""
        if self._alone is not None:
            return [_do(self._work, self._alone, self._shift)]
        if not self._done:
            from .teams import first_done  # noqa: PLC0415 - loaded by now

            first_done([future for _, future in self._running])
        return self._done

    def answers(self, jobs: Iterable[Job], at_once: int) -> Iterator[Answer]:
        """What becomes of the jobs, in the order in which they are done."""
        left = deque(jobs)
        while left or self.jobs:
            self.start_next(left, at_once)
            for done in self.finished():
                self.forget(done.job)
                yield done.answer

    def end(self) -> None:
        """Nobody waits any more: no request is to begin."""
        if self._team is not None:
            self._team.dismiss()

    def _hand_over(self, job: Job) -> None:
        if self._team is None:
            from .teams import Team  # noqa: PLC0415 - most walks have one worker, and no threads

            work, shift = self._work, self._shift
            self._team = Team(lambda job: _do_in_thread(work, job, shift), shift.end)
        self._running.append((job, self._team.give(job, len(self._running) + 1)))


class AsyncCrew(_Jobs[Job, Answer]):
    """The same for an event loop: tasks, which are cancelled with the crew or by its ``end()``.

    Answers come together, and whoever waits for them has its turn behind them all: eight would be
    read before the next request went out. So each task that ends meanwhile calls ``see`` itself.
    """

    def __init__(self, work: Callable[[Job, Shift], Awaitable[Answer]]) -> None:
        super().__init__()
        self._see: Callable[[Done[Job, Answer]], None] | None = None
        from asyncio import Lock  # noqa: PLC0415 - nothing that a synchronous program has to load

        self._work, self._shift, self._tasks = work, Shift(), set[Any]()
        self.turn = Lock()
        self.end = weakref.finalize(self, _cancel, self._tasks)
        self.end.atexit = False

    async def finished(
        self, see: Callable[[Done[Job, Answer]], None] | None = None
    ) -> list[Done[Job, Answer]]:
        """What is done, once anything is; but for what ``see`` has forgotten meanwhile."""
        if self._alone is not None:
            return [await _do_async(self._work, self._alone, self._shift)]
        for job in [job for job, task in self._running if task.cancelled()]:
            self.forget(job)  # by somebody who cancels every task there is, or ends their loop
            self._hand_over(job)
        if not self._done:
            import asyncio  # noqa: PLC0415 - as above

            self._see = see
            try:
                tasks = [task for _, task in self._running]
                await asyncio.wait(tasks, return_when="FIRST_COMPLETED")
            finally:
                self._see = None
        return self._done

    def tell(self, done: Done[Job, Answer]) -> None:
        """What one of the tasks has done."""
        if self._see is not None:
            self._see(done)

    async def answers(self, jobs: Iterable[Job], at_once: int) -> AsyncIterator[Answer]:
        """What becomes of the jobs, in the order in which they are done."""
        left, had = deque(jobs), deque[Done[Job, Answer]]()

        def see(done: Done[Job, Answer]) -> None:
            had.append(done)
            self.forget(done.job)
            self.start_next(left, at_once)

        try:
            while left or self.jobs:
                self.start_next(left, at_once)
                for done in await self.finished(see):
                    see(done)
                while had:
                    yield had.popleft().answer
        finally:
            self.end()

    def _hand_over(self, job: Job) -> None:
        import asyncio  # noqa: PLC0415 - as above

        crew = weakref.ref(self)  # for tasks end with their crew
        task = asyncio.ensure_future(_do_and_tell(self._work, job, self._shift, crew))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._running.append((job, task))


def _do(work: Callable[[Job, Shift], Answer], job: Job, shift: Shift) -> Done[Job, Answer]:
    try:
        return Done(job, work(job, shift))
    except Exception as error:  # noqa: BLE001 - told to whoever asks for the answer
        return Done(job, None, error)


def _do_in_thread(
    work: Callable[[Job, Shift], Answer], job: Job, shift: Shift
) -> Done[Job, Answer]:
    try:
        return _do(work, job, shift)
    except BaseException as error:  # noqa: BLE001 - a thread that ends without a word is waited for
        return Done(job, None, error)


async def _do_async(
    work: Callable[[Job, Shift], Awaitable[Answer]], job: Job, shift: Shift
) -> Done[Job, Answer]:
    try:
        return Done(job, await work(job, shift))
    except Exception as error:  # noqa: BLE001 - as above
        return Done(job, None, error)


async def _do_and_tell(
    work: Callable[[Job, Shift], Awaitable[Answer]],
    job: Job,
    shift: Shift,
    crew: Callable[[], AsyncCrew[Job, Answer] | None],
) -> Done[Job, Answer]:
    done = await _do_async(work, job, shift)
    if there := crew():
        there.tell(done)
    return done


def _cancel(tasks: set[Any]) -> None:
    for task in list(tasks):
        if not task.get_loop().is_closed():
            task.get_loop().call_soon_threadsafe(task.cancel)  # whatever thread collects garbage
