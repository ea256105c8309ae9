"""All creators, on any executor."""

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from functools import partial
from itertools import islice

from .creator import sync_creator
from .database import SyncError
from .plan import Plan
from .settings import SyncSettings
from .synced import Synced


def sync_all(
    open_ids: Iterable[str], settings: SyncSettings, executor: Executor, *, at_once: int = 32
) -> Generator[Synced, None, None]:
    """`sync_creator` for each of them, as they are done, with so many under way at a time: any
    number of creators takes no more memory than that. A `Plan` learns what each of them took.

    Raises:
        SyncError: the database cannot be read or written, or the executor has lost its workers;
            what was not begun is given up.
        ConfigurationError: the app's credentials are not in the environment.
    """
    return all_of(open_ids, partial(sync_creator, settings=settings), executor, at_once)


def all_of(
    open_ids: Iterable[str], work: Callable[[str], Synced], executor: Executor, at_once: int
) -> Generator[Synced, None, None]:
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
                synced = _result(future)
                if isinstance(open_ids, Plan):
                    open_ids.charge(synced)
                yield synced
    finally:
        for future in running:
            future.cancel()


def _result(future: Future[Synced]) -> Synced:
    try:
        return future.result()
    except CancelledError:  # not by us, who look at none that we cancel
        error = SyncError("the executor has lost its workers; what they were at comes again")
    raise error from None
