"""How CPU is measured: two programs, each a process with a Python of its own, do the same at once
on one core. They take turns every few ms: the speed of a virtual core changes as often, to the
half, with what its host does besides. A figure is the median of the ratios.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attrs import frozen

HERE = Path(__file__).parent
WALKS = 200  # of a crowd, so that a large one and a small one have as much to do
Work = Callable[[], int]  # does something, and says how many times


@frozen
class Figure:
    """One figure, of the row that it belongs to."""

    row: str
    value: float
    note: str = ""


def figure(row: str, *values: float, note: str = "") -> Figure:
    """The median of several rounds."""
    return Figure(row, statistics.median(values), note)


class Requests:
    """A limiter that only counts what is sent, and when, on the clock of the machine."""

    def __init__(self) -> None:
        self.at = list[float]()

    @property
    def sent(self) -> int:
        """How many so far."""
        return len(self.at)

    def reserve(self, endpoint: str) -> float:  # noqa: ARG002 - the protocol's
        """No wait."""
        self.at.append(time.monotonic())
        return 0.0


def stolen() -> int:
    """How long the host of this machine has served others meanwhile, in ticks since it started; 0
    where nobody says: https://man7.org/linux/man-pages/man5/proc_stat.5.html
    """
    counters = Path("/proc/stat")
    return int(counters.read_text().split()[8]) if counters.exists() else 0


def serve(work: Work) -> None:
    """Do it once, and once for every line on stdin; print the CPU seconds of one time."""
    work()  # what happens once is nobody's
    print(flush=True)
    for _ in sys.stdin:
        begun = time.process_time()
        times = work()
        print((time.process_time() - begun) / times, flush=True)


class Program:
    """A process that serves."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._line()

    def begin(self) -> None:
        """Let it do it."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def cpu(self) -> float:
        """Wait until it is done: CPU seconds of one time."""
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        if not (line := self._process.stdout.readline()):
            raise RuntimeError(f"a program to be measured has ended: {self._process.args}")
        return line


@contextmanager
def one_core() -> Iterator[None]:
    """Whatever is started meanwhile shares one core, where that can be had."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


@contextmanager
def program(python: str, script: str, *arguments: str) -> Iterator[Program]:
    """``script`` of this folder, run by ``python``."""
    command = [python, str(HERE / script), *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield Program(process)
        finally:
            process.terminate()


def compare(
    row: str, ours: Sequence[str], theirs: Sequence[str], *, rounds: int, times: int
) -> Figure:
    """The CPU of a program in parts of another's, both given as `program` takes them. They are
    started anew several times: where a process has its memory costs, or saves, up to a tenth.
    """
    ratios = list[float]()
    for _ in range(times):
        with one_core(), ExitStack() as stack:
            both = [stack.enter_context(program(*each)) for each in (ours, theirs)]
            for _ in range(rounds):
                for each in both:
                    each.begin()
                of_ours, of_theirs = [each.cpu() for each in both]
                ratios.append(of_ours / of_theirs)
    return figure(row, *ratios)
