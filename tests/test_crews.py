"""Several jobs at once: who does them, what becomes of interrupts, and that nobody stays behind."""

import asyncio
import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from tiktok_display import TransportError, forks
from tiktok_display.crews import Done
from tiktok_display.crews.tasks import AsyncCrew
from tiktok_display.crews.threads import Crew
from tiktok_display.policies import Shift


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "tiktok-crew"]


def no_threads() -> bool:
    for thread in threads():
        thread.join(5)
    return not threads()


def test_what_is_alone_is_done_by_whoever_waits_for_it() -> None:
    crew = Crew[int, threading.Thread](lambda _, __: threading.current_thread())
    crew.start(1)
    assert not threads()
    (done,) = crew.finished()
    assert (done.job, done.answer) == (1, threading.current_thread())
    crew.forget(1)
    assert crew.jobs == []


def test_several_are_done_at_once_by_threads_that_end_with_the_crew() -> None:
    together = threading.Barrier(3, timeout=5)
    crew = Crew[int, int](lambda job, _: together.wait() * 0 + job)
    for job in (1, 2, 3):
        crew.start(job)
    done = set[int]()
    while crew.jobs:
        for each in crew.finished():
            crew.forget(each.job)
            done.add(each.answer)
    assert done == {1, 2, 3}
    assert len(threads()) == 3
    del crew
    gc.collect()
    assert no_threads()


def test_threads_end_with_the_answers_too() -> None:
    crew = Crew[int, int](lambda job, _: job)
    assert sorted(crew.answers([1, 2, 3, 4, 5, 6], 3)) == [1, 2, 3, 4, 5, 6]
    assert no_threads()


def test_what_a_thread_has_done_is_seen_before_anybody_is_woken() -> None:
    seen, left = dict[int, threading.Thread](), [3, 4, 5]

    def work(job: int, _: Shift) -> int:
        while crew._waiting is None and not crew.done:
            pass
        return job

    def see(done: Done[int, int]) -> bool:
        seen[done.answer] = threading.current_thread()
        crew.forget(done.job)
        if left:
            crew.start(left.pop(0))
        return len(seen) == 5

    crew = Crew(work)
    crew.start(1)
    crew.start(2)
    assert crew.finished(see) == []
    assert sorted(seen) == [1, 2, 3, 4, 5]
    assert threading.current_thread() not in seen.values()
    crew.end()
    assert no_threads()


def test_what_a_thread_cannot_see_to_is_told_to_whoever_waits() -> None:
    def work(job: int, _: Shift) -> int:
        while crew._waiting is None and not crew.done:
            pass
        return job

    def see(done: Done[int, int]) -> bool:
        raise MemoryError(done.job)

    crew = Crew(work)
    crew.start(1)
    crew.start(2)
    assert crew.finished(see)[0].answer in {1, 2}
    crew.end()
    assert no_threads()


def test_an_error_is_told_to_whoever_asks_for_the_answer() -> None:
    def work(job: int, _: Shift) -> int:
        raise TransportError(str(job))

    for jobs in ([1], [1, 2]):
        with pytest.raises(TransportError):
            list(Crew(work).answers(jobs, 2))


def test_whatever_ends_a_thread_is_told_too() -> None:
    def work(job: int, _: Shift) -> int:
        raise SystemExit(job)

    with pytest.raises(SystemExit):
        list(Crew(work).answers([1, 2], 2))


def test_an_interrupt_leaves_what_is_alone_to_be_done_again() -> None:
    tries = list[int]()

    def work(job: int, _: Shift) -> int:
        tries.append(job)
        if len(tries) == 1:
            raise KeyboardInterrupt
        return job

    crew = Crew(work)
    crew.start(7)
    with pytest.raises(KeyboardInterrupt):
        crew.finished()
    (done,) = crew.finished()
    assert (done.answer, tries) == (7, [7, 7])


def test_whoever_works_learns_that_nobody_waits_any_more() -> None:
    begun, go_on, shifts = threading.Event(), threading.Event(), list[Shift]()

    def work(job: int, shift: Shift) -> int:
        shifts.append(shift)
        begun.set()
        go_on.wait(5)
        return job

    crew = Crew(work)
    crew.start(1)
    crew.start(2)
    assert begun.wait(5)
    del crew
    gc.collect()
    with pytest.raises(TransportError, match="nobody"):
        shifts[0].wait(0.0)
    go_on.set()
    assert no_threads()


def test_the_child_of_a_fork_begins_anew() -> None:
    parents = threading.Event()
    crew = Crew[int, int](lambda job, _: job if job > 4 else parents.wait(5) * 0)
    crew.start(3)
    crew.start(4)
    forks._renew()  # what runs in the child
    assert crew.jobs == []
    assert sorted(crew.answers([5, 6], 2)) == [5, 6]
    del crew
    gc.collect()
    parents.set()
    assert no_threads()


def run(work: Callable[[int, Shift], Any], jobs: list[int], at_once: int) -> list[int]:
    async def collect() -> list[int]:
        return [answer async for answer in AsyncCrew(work).answers(jobs, at_once)]

    return asyncio.run(collect())


def at_two_jobs(work: Callable[[int, Shift], Any]) -> AsyncCrew[int, int]:
    """A crew that has begun with jobs 1 and 2."""
    crew = AsyncCrew[int, int](work)
    crew.start(1)
    crew.start(2)
    return crew


def test_tasks_do_several_at_once_too() -> None:
    together = asyncio.Barrier(3)

    async def work(job: int, _: Shift) -> int:
        async with asyncio.timeout(5):
            await together.wait()
        return job

    assert sorted(run(work, [1, 2, 3, 4, 5, 6], 3)) == [1, 2, 3, 4, 5, 6]


def test_tasks_tell_errors_too() -> None:
    async def work(job: int, _: Shift) -> int:
        raise TransportError(str(job))

    for jobs in ([1], [1, 2]):
        with pytest.raises(TransportError):
            run(work, jobs, 2)


def test_tasks_are_cancelled_with_their_crew() -> None:
    ended = list[int]()

    async def work(job: int, _: Shift) -> int:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(job)
        return job

    async def leave() -> None:
        crew = at_two_jobs(work)
        await asyncio.sleep(0)
        gone = weakref.ref(crew)
        del crew
        gc.collect()
        assert gone() is None
        while len(ended) < 2:  # noqa: ASYNC110 - two turns of the loop
            await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(leave())
    assert sorted(ended) == [1, 2]


def test_a_task_that_somebody_cancels_is_begun_anew() -> None:
    begun = list[int]()

    async def work(job: int, _: Shift) -> int:
        begun.append(job)
        await asyncio.sleep(0 if begun.count(job) > 1 else 60)
        return job

    async def run() -> None:
        crew = at_two_jobs(work)
        await asyncio.sleep(0)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()  # type: ignore[union-attr]
        await asyncio.sleep(0)
        done = set[int]()
        while crew.jobs:
            for each in await crew.finished():
                crew.forget(each.job)
                done.add(each.answer)
        assert done == {1, 2}

    asyncio.run(run())
    assert sorted(begun) == [1, 1, 2, 2]


def test_a_crew_that_outlives_its_loop_ends_quietly() -> None:
    async def work(job: int, _: Shift) -> int:
        return job

    async def begin() -> AsyncCrew[int, int]:
        return at_two_jobs(work)

    asyncio.run(begin()).end()


def test_what_a_task_has_done_is_seen_before_the_others_go_on() -> None:
    begun, seen = list[int](), list[list[int]]()

    async def work(job: int, _: Shift) -> int:
        begun.append(job)
        await asyncio.sleep(0)
        return job

    async def run() -> None:
        crew, left = AsyncCrew(work), [3, 4]

        def see(done: Done[int, int]) -> bool:
            crew.forget(done.job)
            seen.append(list(begun))
            if left:
                crew.start(left.pop(0))
            return not crew.jobs

        crew.start(1)
        crew.start(2)
        while crew.jobs:
            for done in await crew.finished(see):
                see(done)

    asyncio.run(run())
    assert len(seen) == 4
    assert seen[0] == [1, 2]


def test_what_a_task_cannot_see_to_is_told_to_whoever_waits() -> None:
    async def work(job: int, _: Shift) -> int:
        await asyncio.sleep(0)
        return job

    def see(done: Done[int, int]) -> bool:
        raise MemoryError(done.job)

    async def run() -> None:
        assert (await at_two_jobs(work).finished(see))[0].answer in {1, 2}

    asyncio.run(run())


def test_who_stops_asking_for_answers_stops_what_is_under_way() -> None:
    ended = list[int]()

    async def work(job: int, _: Shift) -> int:
        if job == 1:
            return job
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(job)
        return job

    async def run() -> None:
        answers = AsyncCrew(work).answers([1, 2, 3], 3)
        assert await anext(answers) == 1
        await answers.aclose()  # type: ignore[attr-defined]
        while len(ended) < 2:  # noqa: ASYNC110 - a few turns of the loop
            await asyncio.sleep(0)

    asyncio.run(run())


def test_what_was_done_while_nobody_waited_is_told_at_once() -> None:
    async def work(job: int, _: Shift) -> int:
        return job

    async def run() -> list[int]:
        crew = at_two_jobs(work)
        await asyncio.sleep(0)
        return [done.answer for done in await crew.finished()]

    assert asyncio.run(run()) == [1, 2]


def test_a_task_that_ends_before_it_can_be_cancelled_tells_nobody() -> None:
    ended = list[int]()

    async def work(job: int, _: Shift) -> int:
        await asyncio.sleep(0)
        ended.append(job)
        return job

    async def leave() -> None:
        crew = at_two_jobs(work)
        await asyncio.sleep(0)
        del crew
        gc.collect()
        await asyncio.sleep(0)

    asyncio.run(leave())
    assert ended == [1, 2]


def test_tasks_of_a_loop_that_was_closed_under_them_are_left_alone() -> None:
    async def work(job: int, _: Shift) -> int:
        await asyncio.sleep(60)
        return job

    async def begin() -> AsyncCrew[int, int]:
        return at_two_jobs(work)

    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # it complains of tasks that are pending
    crew = loop.run_until_complete(begin())
    loop.close()
    crew.end()
