"""Several jobs at once, in threads or in tasks. Whoever has a crew starts jobs and asks for what is
done; a job that is alone is done by whoever waits for it, and costs no thread and no task.

What is done stays known until it is forgotten: an interrupt anywhere costs a repetition at most.
"""

from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

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


class Jobs(Generic[Job, Answer]):
    """What both crews remember."""

    def __init__(self) -> None:
        self._alone: Job | None = None
        self._running: list[tuple[Job, Any]] = []  # with the task, where there are tasks
        self._done: list[Done[Job, Answer]] = []
        self._waiting: tuple[Callable[[Done[Job, Answer]], bool], Any] | None = None

    @property
    def jobs(self) -> list[Job]:
        """What was started, and is not forgotten yet."""
        running = [job for job, _ in self._running]
        return running if self._alone is None else [self._alone, *running]

    @property
    def done(self) -> list[Done[Job, Answer]]:
        """What of it is done."""
        return list(self._done)

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
        self._running = [pair for pair in self._running if pair[0] is not job]
        for done in self.done:
            if done.job is job:
                self._done.remove(done)  # from the same list: a thread may be adding to it

    def _hand_over(self, job: Job) -> None:
        """Have somebody do it."""

    def _seeing(
        self, left: deque[Job], had: deque[Done[Job, Answer]], at_once: int
    ) -> Callable[[Done[Job, Answer]], bool]:
        """Who keeps what is done, and starts what is left; they who wait want all, or an error."""

        def see(done: Done[Job, Answer]) -> bool:
            had.append(done)
            self.forget(done.job)
            self.start_next(left, at_once)
            return done.error is not None or not self._running

        return see


def is_worth_a_look(_: object) -> bool:
    """Who sees to nothing, and has whoever waits do it."""
    return True
