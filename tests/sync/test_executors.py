"""Where creators are synced."""

import os
import socket
import threading
import time
from concurrent.futures import CancelledError

import pytest

from tiktok_display import ConfigurationError
from tiktok_display.sync.executors import Threads, dask, threads


def test_threads_do_what_they_are_given_and_tell_what_went_wrong() -> None:
    with threads(3) as pool:
        assert sorted(pool.map(abs, range(-50, 0))) == list(range(1, 51))
        failed = pool.submit(int, "no number")
        assert isinstance(failed.exception(), ValueError)
    assert pool.submit(abs, -1).done() is False  # its threads have ended


def test_an_exception_waits_for_no_thread_and_begins_nothing_more() -> None:
    begun, going_on = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        going_on.wait()

    pool = Threads(1)
    with pytest.raises(KeyboardInterrupt), pool:
        first, second = pool.submit(work), pool.submit(work)
        begun.wait()
        raise KeyboardInterrupt
    assert not first.done()
    assert second.cancelled()
    going_on.set()
    first.result()
    with pytest.raises(CancelledError):
        second.result()


def test_what_was_cancelled_is_not_begun() -> None:
    going_on, done = threading.Event(), list[int]()
    with threads(1) as pool:
        pool.submit(going_on.wait)
        given = [pool.submit(done.append, number) for number in range(3)]
        given[1].cancel()
        going_on.set()
    assert done == [0, 2]


def test_threads_that_have_been_told_to_end_may_be_told_again() -> None:
    with threads(2) as pool:
        for _ in range(3):
            pool.shutdown(cancel_futures=True)
    assert all(not thread.is_alive() for thread in pool._threads)  # type: ignore[attr-defined]


def test_dask_needs_its_extra() -> None:
    with (
        pytest.raises(ConfigurationError, match=r"tiktok-display\[dask\]"),
        dask("local", "no_dask"),
    ):
        pass


@pytest.mark.parametrize("where", ["", "scheduler:8786", "http://scheduler"])
def test_dask_is_local_or_a_scheduler(where: str) -> None:
    with pytest.raises(ConfigurationError, match="tcp://"), dask(where):
        pass


def test_a_scheduler_that_is_not_there_is_an_error_of_ours() -> None:
    with socket.socket() as silent:  # which does not listen
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        with (
            pytest.raises(ConfigurationError, match="no Dask scheduler"),
            dask(f"tcp://127.0.0.1:{port}", patience=0.1),
        ):
            pass


def test_a_scheduler_anywhere_has_its_workers_do_it() -> None:
    from distributed import LocalCluster

    with (
        LocalCluster(
            n_workers=1, processes=False, protocol="tcp", dashboard_address=":0"
        ) as cluster,
        dask(cluster.scheduler_address) as pool,
    ):
        assert pool.submit(abs, -3).result() == 3


def test_a_cluster_of_this_machine_does_again_what_it_is_asked_again() -> None:
    with dask("local") as pool:
        assert len({pool.submit(_moment).result() for _ in range(3)}) == 3


def _moment() -> tuple[int, int]:
    return os.getpid(), time.perf_counter_ns()
