"""A process that has imported everything and started no thread, and forks replicas off itself:
in milliseconds, where a fresh interpreter takes the better part of a second.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import traceback
from contextlib import suppress
from importlib import import_module
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path
from typing import NoReturn, Self

from tests.reliability.places import KINDS
from tests.reliability.replica import READY, Answer, Halted, Line, Settings, serve
from tiktok_display import DisplayClient

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0  # s for which a replica may be silent; longer than any refresh waits


class Child:
    """A replica as its parent sees it."""

    def __init__(self, zygote: "Zygote", settings: Settings) -> None:
        self._zygote = zygote
        self._line: Line
        self._line, theirs = Pipe()
        with theirs:
            self.pid = zygote.fork(settings, theirs)
        assert self.hear() == READY

    def tell(self, order: object) -> None:
        """Give an order; say how it went with `hear`."""
        self._line.send(order)

    def hear(self) -> object:
        """What it says next; EOFError where it has died, TimeoutError where it says nothing."""
        if not self._line.poll(PATIENCE):
            raise TimeoutError(f"replica {self.pid} says nothing")
        return self._line.recv()

    def outcome(self) -> tuple[str, float]:
        """That of the call under way, and when it was there (monotonic s)."""
        said = self.hear()
        assert isinstance(said, Answer), said
        return said.outcomes[0], said.at

    def halted(self) -> None:
        """Wait until it is at the step where it is to halt."""
        said = self.hear()
        assert isinstance(said, Halted), said

    @property
    def has_answered(self) -> bool:
        """Whether there is something to hear of it."""
        return self._line.poll()

    def freeze(self) -> None:
        """Stop it where it is, and wait until it stands still."""
        os.kill(self.pid, signal.SIGSTOP)
        self._zygote.wait(self.pid, os.WUNTRACED)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """``kill -9``, and wait until nothing is left of it."""
        os.kill(self.pid, signal.SIGKILL)
        self.end()

    def end(self) -> None:
        """Hang up, which ends it, and wait until it is gone."""
        self._line.close()
        self._zygote.wait(self.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._line.closed:
            self.end()


class Zygote:
    """The process, and the way to ask it for replicas, from any thread."""

    def __init__(self) -> None:
        self._asking = threading.Lock()
        self._control: Line
        self._control, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.reliability.zygote"], stdin=theirs.fileno(), cwd=ROOT
            )

    def fork(self, settings: Settings, line: Line) -> int:
        """The process id of a new replica, which hears and speaks by ``line``."""
        with self._asking:
            self._control.send(settings)
            send_handle(self._control, line.fileno(), self._process.pid)
            return int(self._control.recv())

    def wait(self, pid: int, options: int = 0) -> None:
        """Wait for the end of a replica, until which nobody else gets its process id; or, with
        WUNTRACED, until it is stopped.
        """
        with self._asking:
            self._control.send((pid, options))
            self._control.recv()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._control.close()
        self._process.wait()


def main() -> None:
    """Fork and wait as asked, until nobody is left to ask."""
    control: Line = Connection(os.dup(sys.stdin.fileno()))
    _warm_up()
    while True:
        try:
            order = control.recv()
        except EOFError:
            return
        if isinstance(order, Settings):
            with Connection(recv_handle(control)) as line:
                pid = os.fork()
                if pid == 0:
                    control.close()
                    _live(line, order)
                control.send(pid)
        else:
            control.send(os.waitpid(*order))


def _live(line: Line, settings: Settings) -> NoReturn:
    """The child's whole life: it never gets back to where it was forked."""
    try:
        serve(line, settings)
    except BaseException:  # noqa: BLE001 - else nobody would hear of it
        traceback.print_exc()
    os._exit(0)


def _warm_up() -> None:
    """Import whatever a replica would, each time anew; and nobody reads what all of them log."""
    logging.getLogger("tiktok_display").addHandler(logging.NullHandler())
    DisplayClient("act.none", base_url="http://127.0.0.1").close()
    for name in ("psycopg", "redis", *(f"tiktok_display.stores.{kind}" for kind in KINDS)):
        with suppress(ImportError):
            import_module(name)


if __name__ == "__main__":
    main()
