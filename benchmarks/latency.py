"""What workers gain where each request takes 80 ms.

While one worker does a job, several do the same over and over: the gain is how much of it the one
gets through meanwhile. So both have the same machine, whose speed drifts within minutes, and within
seconds where it is a virtual one. Of the runs the half counts from which the host took least.
"""

import json
import subprocess
import sys
import time
from bisect import bisect
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from attrs import field, frozen
from measure import HERE, Figure, figure, stolen

SHAPES = ("uniform", "bursty", "zipf", "growing", "one_day")
TWINS = ("sync", "async")
Job = tuple[str, str, str, int]  # list or query, sync or async, shape, count


@frozen
class Taken:
    """What one run took."""

    begun: float  # s on the clock of the machine, as the other moments
    ended: float
    first: float  # s until the first video
    videos: int
    sent: list[float]  # when each request was
    stolen: int  # ticks, by the host

    def done_by(self, moment: float) -> float:
        """Which part of it, 0 .. 1."""
        index = bisect(self.sent, moment)
        low, high = [self.begun, *self.sent][index], [*self.sent, self.ended][index]
        return max(0.0, index - 1 + (moment - low) / (high - low)) / len(self.sent)


@frozen
class Measured:
    """Jobs for the server at ``url``."""

    url: str
    times: int  # that each is run by several, at least
    pool: ThreadPoolExecutor = field(factory=lambda: ThreadPoolExecutor(2))

    def run(self, job: Job, workers: int) -> Taken:
        """Once."""
        kind, twin, shape, count = job
        script, before = str(HERE / "histories.py"), stolen()
        place = [kind, twin, self.url, shape, str(count), str(workers)]
        command = [sys.executable, script, *place]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return Taken(**json.loads(done.stdout), stolen=stolen() - before)

    def gains(self, *cases: tuple[Job, int]) -> Iterator[Figure]:
        """How much sooner each job is done by so many workers, and at how many more requests."""
        runs: dict[tuple[Job, int], list[tuple[Taken, Taken]]] = {case: [] for case in cases}
        while min(map(len, runs.values())) < self.times:
            alone = {job: self.pool.submit(self.run, job, 1) for job, _ in cases}
            meanwhile = list(self._meanwhile(cases, alone))
            for case, many in meanwhile:
                one = alone[case[0]].result()
                if one.begun <= many.begun and many.ended <= one.ended:
                    runs[case].append((one, many))
        for (job, workers), pairs in runs.items():
            yield from gained(job, workers, pairs)

    def _meanwhile(
        self, cases: tuple[tuple[Job, int], ...], alone: dict[Job, "Future[Taken]"]
    ) -> Iterator[tuple[tuple[Job, int], Taken]]:
        time.sleep(1)  # until those that work alone are at it
        while not all(one.done() for one in alone.values()):
            for case in cases:
                yield case, self.run(*case)


def gains(url: str, *, short: bool) -> Iterator[Figure]:
    """Every row; ``short`` for a few of them, of a tenth of the length."""
    measured = Measured(url, times=1 if short else 2)
    count, shapes = (1_000, SHAPES[:1]) if short else (10_000, SHAPES)
    for shape in shapes:
        yield from measured.gains(*((("list", twin, shape, count), 8) for twin in TWINS))
    yield from measured.gains(*((("list", twin, SHAPES[0], count), 16) for twin in TWINS))
    yield from measured.gains(*((("query", twin, SHAPES[0], count), 8) for twin in TWINS))
    yield from measured.gains((("list", "sync", SHAPES[0], (2 if short else 5) * count), 8))
    yield from first(measured)


def gained(job: Job, workers: int, pairs: list[tuple[Taken, Taken]]) -> Iterator[Figure]:
    """The rows of one job."""
    kind, twin, shape, count = job
    quiet = sorted(pairs, key=lambda pair: pair[1].stolen)[: (len(pairs) + 1) // 2]
    ratios = [1 / (one.done_by(many.ended) - one.done_by(many.begun)) for one, many in quiet]
    assert all(many.videos == one.videos for one, many in pairs)
    name = f"{kind} {shape} {count} x{workers} {twin}"
    took = ", ".join(f"{many.ended - many.begun:.1f} s" for _, many in quiet)
    yield figure(name, *ratios, note=f"{took}; {len(pairs)} runs")
    extra = [len(many.sent) / len(one.sent) - 1 for one, many in quiet]
    yield figure(f"{name} requests", *extra, note=f"{len(quiet[0][0].sent)} alone")


def first(measured: Measured) -> Iterator[Figure]:
    """A creator of one page, and how soon the first video of many comes."""
    for twin in TWINS:
        job = ("list", twin, "uniform", 15)
        one, many = measured.run(job, 1), measured.run(job, 8)
        yield figure(f"one page {twin}", len(many.sent) - len(one.sent))
        job = ("list", twin, "uniform", 300)
        ratios = [measured.run(job, 8).first / measured.run(job, 1).first for _ in range(7)]
        yield figure(f"first video {twin}", *ratios)
