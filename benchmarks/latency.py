"""What workers gain where each request takes 80 ms. Those that work alone do it all at the same
time, each in a process of its own, for they do nothing but wait; those with workers meanwhile, one
by one, and several times: they are short, and one hiccup of the machine is a tenth of them.

The longest history is for the end, and is read by workers over and over for as long as one reads it
alone: the speed of a machine drifts within minutes, and so both have had the same.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from operator import attrgetter

from attrs import field, frozen
from measure import HERE, Figure, figure

SHAPES = ("uniform", "bursty", "zipf", "growing", "one_day")
TWINS = ("sync", "async")
Job = tuple[str, str, str, int]  # list or query, sync or async, shape, count


@frozen
class Taken:
    """What one run took."""

    seconds: float
    first: float
    videos: int
    requests: int


@frozen
class Measured:
    """One job, with any number of workers."""

    url: str
    times: int  # that those with workers are run
    pool: ThreadPoolExecutor = field(factory=lambda: ThreadPoolExecutor(32))

    def run(self, job: Job, workers: int) -> Taken:
        """Once."""
        kind, twin, shape, count = job
        script = str(HERE / "histories.py")
        place = [kind, twin, self.url, shape, str(count), str(workers)]
        command = [sys.executable, script, *place]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return Taken(**json.loads(done.stdout))

    def alone(self, job: Job) -> "Future[Taken]":
        """By one worker, while others do the same."""
        return self.pool.submit(self.run, job, 1)

    def several(self, job: Job, workers: int) -> list[Taken]:
        """By so many, a few times."""
        return [self.run(job, workers) for _ in range(self.times)]

    def meanwhile(self, job: Job, workers: int, alone: "Future[Taken]") -> list[Taken]:
        """By so many, as often as there is time."""
        runs = self.several(job, workers)
        while not alone.done():
            runs.append(self.run(job, workers))
        return runs


def gains(url: str, *, short: bool) -> Iterator[Figure]:
    """Every row; ``short`` for a few of them, of a tenth of the length."""
    measured = Measured(url, times=1 if short else 3)
    count, shapes = (1_000, SHAPES[:1]) if short else (10_000, SHAPES)
    walks = [("list", twin, shape, count) for shape in shapes for twin in TWINS]
    queries = [("query", twin, "uniform", count) for twin in TWINS]
    alone = {job: measured.alone(job) for job in (*walks, *queries)}
    for job in (*walks, *queries):
        several = measured.several(job, 8)
        yield from gained(job, alone[job].result(), 8, several)
    for job in walks[:2]:
        yield from gained(job, alone[job].result(), 16, measured.several(job, 16))
    yield from first(measured)
    longest = ("list", "sync", "uniform", (2 if short else 5) * count)
    by_one = measured.alone(longest)
    several = measured.meanwhile(longest, 8, by_one)
    yield from gained(longest, by_one.result(), 8, several)


def gained(job: Job, one: Taken, workers: int, several: list[Taken]) -> Iterator[Figure]:
    """How much sooner, and at how many more requests."""
    kind, twin, shape, count = job
    many = sorted(several, key=attrgetter("seconds"))[len(several) // 2]
    assert many.videos == one.videos
    name = f"{kind} {shape} {count} x{workers} {twin}"
    took = f"{one.seconds:.1f} s alone, {many.seconds:.1f} s"
    yield figure(name, one.seconds / many.seconds, note=took)
    extra = many.requests / one.requests - 1
    yield figure(f"{name} requests", extra, note=f"{one.requests} alone, {many.requests}")


def first(measured: Measured) -> Iterator[Figure]:
    """A creator of one page, and how soon the first video of many comes."""
    for twin in TWINS:
        job = ("list", twin, "uniform", 15)
        one, many = measured.run(job, 1), measured.run(job, 8)
        yield figure(f"one page {twin}", many.requests - one.requests)
        job = ("list", twin, "uniform", 300)
        ratios = [measured.run(job, 8).first / measured.run(job, 1).first for _ in range(7)]
        yield figure(f"first video {twin}", *ratios)
