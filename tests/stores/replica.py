"""Other processes: one on the same store, to be killed or frozen; and whole programs."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from tiktok_display import TokenRecord, TokenStore, TokenStoreError
from tiktok_display.stores import Key

T = TypeVar("T")
Line: TypeAlias = "Connection[Any, Any]"

_ROOT = Path(__file__).parents[2]

# Replicas are forked off a process that has imported all that they need: in milliseconds, where a
# fresh interpreter takes the better part of a second.
_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload(
    [__name__, "psycopg", "redis", "tiktok_display.stores.postgres", "tiktok_display.stores.redis"]
)

KEY = Key("app", "creator")
FIRST, NEXT, THIRD = (
    TokenRecord(
        access_token=f"act.{number}",
        refresh_token=f"rft.{number}",
        expires_at=8_200.0,
        lifetime=7_200.0,
        refresh_expires_at=50_000.0,
        scope=("video.list",),
    )
    for number in (1, 2, 3)
)
LEASE = 30.0  # s; no test lasts so long


def begin(store: TokenStore, owner: str = "a") -> TokenRecord | None:
    """Begin to replace FIRST."""
    return store.begin(KEY, replaces=FIRST, owner=owner, lease=LEASE)


class Replica:
    """It has begun, with a lease of its own."""

    def __init__(self, process: BaseProcess, line: Line) -> None:
        assert process.pid
        self._process, self._line, self.id = process, line, process.pid

    def tell_to_commit(self) -> None:
        """It says whether NEXT was taken."""
        self._line.send("commit")

    def fork(self) -> None:
        """It has a child from now on, which lives to the end of the test."""
        self._line.send("fork")
        assert self.says() == "forked"

    def says(self) -> object:
        assert self._line.poll(60), "the replica says nothing"
        return self._line.recv()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


@contextmanager
def replica(opener: Callable[[], TokenStore]) -> Iterator[Replica]:
    """One that has begun, on a store that ``opener`` opens; that is pickled."""
    line, theirs = Pipe()
    process = _PROCESSES.Process(target=_live, args=(theirs, opener))
    process.start()
    theirs.close()
    with line:
        it = Replica(process, line)
        try:
            assert it.says() == "begun"
            yield it
        finally:
            it.kill()
            process.close()


def _live(line: Line, opener: Callable[[], TokenStore]) -> None:
    store = opener()
    line.send("begun" if begin(store, "replica") else "not begun")
    if line.recv() == "commit":
        line.send(store.commit(KEY, NEXT, replaces=FIRST))
        return
    if os.fork() == 0:
        store.read(KEY)  # by a connection of its own
        line.send("forked")
    with suppress(EOFError):
        line.recv()
    os._exit(0)


def run(script: str, *arguments: str) -> str:
    """What a program says, which warnings end."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", script, *arguments], cwd=_ROOT,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout.strip() + done.stderr.strip()


def within(seconds: float, attempt: Callable[[], object]) -> bool:
    """Whether ``attempt`` succeeds some time."""
    end = time.monotonic() + seconds
    while not attempt():
        if time.monotonic() > end:
            return False
        threading.Event().wait(0.02)
    return True


def answered(attempt: Callable[[], T]) -> T:
    """What ``attempt`` brings, as soon as the store has a server again."""
    answers: list[T] = []

    def is_answered() -> bool:
        with suppress(TokenStoreError):
            answers.append(attempt())
        return bool(answers)

    assert within(10, is_answered)
    return answers[0]
