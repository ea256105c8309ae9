"""A Dask cluster of processes that can be killed one by one: a scheduler, and workers.

No nanny: it would start a worker again by itself, and here that is the operator's part.
"""

import json
import threading
import time
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Self

from tests.scale.tied import Process

PATIENCE = 60.0  # s for a scheduler to begin, on a busy machine
_HERE = ("--host", "127.0.0.1", "--no-dashboard")


class Cluster:
    """It begins at once; its workers come when there is a scheduler to come to."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], *, workers: int = 2, threads: int = 8
    ) -> None:
        self._folder, self._threads, self._numbers = folder, threads, count()
        self._environment = {**environment, "DASK_TEMPORARY_DIRECTORY": str(folder)}
        self._meeting_point = folder / "scheduler.json"
        self._left: list[Process] = []
        self.scheduler = self._new_scheduler()
        self.workers = [self._new_worker() for _ in range(workers)]

    @property
    def address(self) -> str:
        """Where the scheduler is, once it says so."""
        end, pause = time.monotonic() + PATIENCE, threading.Event()
        while True:
            try:
                return str(json.loads(self._meeting_point.read_text())["address"])
            except (OSError, ValueError):  # not there, or not whole
                if time.monotonic() > end or not self.scheduler.is_alive:
                    raise RuntimeError(self.scheduler.said()) from None
            pause.wait(0.02)

    def mend(self) -> None:
        """Start again what has died. Workers end by themselves when they have lost their scheduler;
        how soon is their business, others are started at once.
        """
        if not self.scheduler.is_alive:
            self._meeting_point.unlink(missing_ok=True)
            self.scheduler = self._replaced(self.scheduler, self._new_scheduler())
            self.workers = [self._replaced(one, self._new_worker()) for one in self.workers]
        self.workers = [
            one if one.is_alive else self._replaced(one, self._new_worker()) for one in self.workers
        ]

    def _replaced(self, old: Process, new: Process) -> Process:
        self._left.append(old)
        return new

    def _new_scheduler(self) -> Process:
        return self._process(
            "scheduler", "--port", "0", "--scheduler-file", str(self._meeting_point)
        )

    def _new_worker(self) -> Process:
        return self._process(
            *("worker", "--scheduler-file", str(self._meeting_point), "--no-nanny"),
            *("--nthreads", str(self._threads), "--memory-limit", "0"),
            *("--local-directory", str(self._folder)),
        )

    def _process(self, kind: str, *options: str) -> Process:
        module, name = f"distributed.cli.dask_{kind}", f"{kind} {next(self._numbers)}"
        command = (module, *_HERE, *options)
        return Process(self._folder, name, *command, environment=self._environment)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self._left, *self.workers, self.scheduler):
            process.kill()
