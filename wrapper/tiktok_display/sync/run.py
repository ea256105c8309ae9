"""All creators, on any executor."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from functools import partial
from itertools import islice

from .creator import Synced, sync_creator
from .settings import SyncSettings


def sync_all(
    open_ids: Iterable[str], settings: SyncSettings, executor: Executor, *, at_once: int = 32
) -> Iterator[Synced]:
    """`sync_creator` for each of them, as they are done, with so many under way at a time: any
    number of creators takes no more memory than that.

    Raises:
        SyncError: the database cannot be read or written; what was not begun is given up.
        ConfigurationError: the app's credentials are not in the environment.
    """
    return all_of(open_ids, partial(sync_creator, settings=settings), executor, at_once)


def all_of(
    open_ids: Iterable[str], work: Callable[[str], Synced], executor: Executor, at_once: int
) -> Iterator[Synced]:
    """The same with any work."""
    left, running = iter(open_ids), set[Future[Synced]]()
    try:
        while True:
            for open_id in islice(left, at_once - len(running)):
                running.add(executor.submit(work, open_id))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    finally:
        for future in running:
            future.cancel()
