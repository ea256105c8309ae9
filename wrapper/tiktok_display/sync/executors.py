"""Where creators are synced: threads of this process, or a Dask cluster."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from threading import Thread
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from ..errors import ConfigurationError

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")
_ANYWHERE = "127.0.0.1:0"  # on a free port, for this machine

_Job = tuple[Future[Any], Callable[[], Any]]


class Threads(Executor):
    """Threads that nobody waits for where ``with`` ends by an exception, nor at the program's end.

    A `ThreadPoolExecutor` would have Ctrl-C wait for the slowest answer, or for a minute of
    TikTok's quota. A sync can be broken off anywhere; a refresh of tokens has a thread of its own,
    for which the program's end does wait.
    """

    def __init__(self, count: int) -> None:
        self._jobs = SimpleQueue[_Job | None]()
        self._threads = [
            Thread(target=_work, args=(self._jobs,), name=f"tiktok-sync-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self, fn: Callable[_Given, _Result], /, *args: _Given.args, **kwargs: _Given.kwargs
    ) -> Future[_Result]:
        """Have it done when a thread is free."""
        future = Future[_Result]()
        self._jobs.put((future, partial(fn, *args, **kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """What is waiting is done first, unless it is cancelled."""
        with suppress(Empty):
            while cancel_futures:
                if (job := self._jobs.get_nowait()) is not None:
                    job[0].cancel()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads if wait else ():
            thread.join()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown(wait=kind is None, cancel_futures=kind is not None)


def _work(jobs: "SimpleQueue[_Job | None]") -> None:
    while (job := jobs.get()) is not None:
        future, work = job
        if not future.set_running_or_notify_cancel():
            continue
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - whoever asked is told
            future.set_exception(error)


@contextmanager
def threads(count: int) -> Iterator[Executor]:
    """So many threads of this process."""
    with Threads(count) as executor:
        yield executor


@contextmanager
def dask(where: str, package: str = "distributed", patience: float = 30.0) -> Iterator[Executor]:
    """A Dask cluster: ``local`` for one on this machine, with a process for each core, or the
    address of a scheduler, ``tcp://host:8786``.

    A scheduler has ``patience`` (s) to answer. Workers need the app's credentials in their
    environment, and reach the database and the logins under the same names as this process.

    Raises:
        ConfigurationError: there is no such place, or the extra ``[dask]`` is missing.
    """
    try:
        distributed = import_module(package)
    except ImportError:
        raise ConfigurationError(
            "a sync on Dask needs `pip install 'tiktok-display[dask]'`"
        ) from None
    if where != "local" and not where.startswith(("tcp://", "tls://")):
        raise ConfigurationError("Dask is `local`, or a scheduler as tcp://host:8786")
    with _client(distributed, where, patience) as client:
        # Not pure: what was done an hour ago is to be done again.
        yield client.get_executor(pure=False)


@contextmanager
def _client(distributed: Any, where: str, patience: float) -> Iterator[Any]:
    if where == "local":
        with (
            TemporaryDirectory(prefix="tiktok-dask-", ignore_cleanup_errors=True) as folder,
            distributed.LocalCluster(
                dashboard_address=_ANYWHERE, local_directory=folder
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = distributed.Client(where, timeout=patience)
    except OSError as trouble:
        raise ConfigurationError(
            f"no Dask scheduler answers there: {type(trouble).__name__}"
        ) from None
    with client:
        yield client
