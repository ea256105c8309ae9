"""Are a thousand creators synced right, while two requests of a hundred go wrong?

`python -m tests.scale.thousand`: by threads and by two Dask workers, into SQLite and into
PostgreSQL; then once more, after videos were posted and counters have grown. What is needed is what
a run takes in which nothing goes wrong.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from attrs import define, field, frozen

from tests.reliability.table import Table
from tests.scale.cluster import Cluster
from tests.scale.service import Service
from tests.scale.tables import (
    Differences,
    compared,
    creators,
    in_postgres,
    in_sqlite,
    make_due,
    set_aside,
)
from tests.scale.tiktok import TikTok
from tests.scale.town import Counted
from tests.stores.servers import postgres

THREADS = 16  # by themselves, or in two workers
PATIENCE = 600.0  # s for a run
MOST = 1.05  # times what is needed
FIRST, AGAIN = "first", "again"


@frozen
class Outcome:
    """One run: what it has brought, and what it took: requests that are ``needed``, lists of which
    the program tells, what TikTok has ``counted``, and ``seconds`` with the program's beginning.
    """

    executor: str
    database: str
    visit: str
    states: Counter[str]
    creators: int
    videos: int
    differences: Differences
    needed: int
    told: int
    counted: Counted
    seconds: float

    @property
    def ratio(self) -> float:
        """All requests, over those that are needed."""
        return self.counted.requests / self.needed

    @property
    def is_good(self) -> bool:
        """Whether all was had for hardly more than what is needed."""
        is_whole = self.states == {"active": self.creators} and self.differences == Differences()
        return is_whole and self.ratio <= MOST


@frozen
class Case:
    """By whom, into what."""

    executor: str
    database: str
    where: int | str
    url: str = field(repr=False)


@define
class Trial:
    """The runs on one town."""

    tiktok: TikTok
    service: Service
    needed: int = 0  # by the visit under way

    def calm(self, case: Case, visit: str) -> Outcome:
        """A run in which nothing goes wrong."""
        self.tiktok.behave()
        outcome = self._outcome(case, visit, None)
        self.needed = outcome.needed
        return outcome

    def troubled(self, case: Case, visit: str) -> Outcome:
        """One in which things do."""
        self.tiktok.misbehave(self.needed)
        return self._outcome(case, visit, self.needed)

    def _outcome(self, case: Case, visit: str, needed: int | None) -> Outcome:
        make_due(case.url)
        self.tiktok.count_anew()
        began = time.monotonic()
        with self.service.run(case.url, case.where) as run:
            if not run.wait(PATIENCE):
                raise RuntimeError(run.said())
            seconds, visits = time.monotonic() - began, run.visits
        counted, truth = self.tiktok.counted(), self.tiktok.truth()
        return Outcome(
            executor=case.executor,
            database=case.database,
            visit=visit,
            states=Counter(done["state"] for done in visits),
            creators=creators(case.url) - len(set_aside(case.url)),
            videos=len(truth),
            differences=compared(case.url, truth),
            needed=counted.requests if needed is None else needed,
            told=sum(done["lists"] for done in visits),
            counted=counted,
            seconds=seconds,
        )


def sizes(creators: int, seed: int) -> list[int]:
    """How many videos each has: a few pages, or none; some 300, and one a long history."""
    chance = random.Random(seed)
    some = max(1, creators // 50)
    few = [chance.randrange(61) for _ in range(creators - some - 1)]
    return [3 * creators, *[300] * some, *few]


def outcomes(creators: int, seed: int, dsn: str) -> Iterator[Outcome]:
    """All runs, as they are done: of each visit the calm one first."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        tiktok = stack.enter_context(TikTok(sizes=sizes(creators, seed), seed=seed))
        service = Service(tiktok, folder)
        cluster = stack.enter_context(Cluster(folder, service.environment, threads=THREADS // 2))
        places: dict[str, int | str] = {"threads": THREADS, "Dask": cluster.address}
        calm = Case("threads", "SQLite", THREADS, in_sqlite(folder))
        cases = [
            Case(executor, database, where, url)
            for executor, where in places.items()
            for database, url in (
                ("SQLite", in_sqlite(folder)),
                ("PostgreSQL", stack.enter_context(in_postgres(dsn))),
            )
        ]
        trial = Trial(tiktok, service)
        yield trial.calm(calm, FIRST)
        yield from (trial.troubled(case, FIRST) for case in cases)
        tiktok.post()
        tiktok.grow()
        yield trial.calm(calm, AGAIN)
        yield from (trial.troubled(case, AGAIN) for case in cases)


def main() -> int:
    """Print the table; 1 where a run was not good."""
    parser = argparse.ArgumentParser(prog="tests.scale.thousand", description=__doc__)
    parser.add_argument("--creators", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    table = Table(
        "visit", "by     ", "into      ", "creators", "videos ", "went wrong", "needed", "requests",
        "ratio", "missing", "doubled", "wrong", "time  ",
    )  # fmt: skip
    bad = 0
    with postgres() as dsn:
        for one in outcomes(given.creators, given.seed, dsn):
            bad += not one.is_good
            missing, strange, doubled, wrong = one.differences
            table.row(
                one.visit, one.executor, one.database, one.states["active"], one.videos,
                one.counted.faults, one.needed, one.counted.requests, f"{one.ratio:.3f}", missing,
                strange + doubled, wrong, f"{one.seconds:.1f} s",
            )  # fmt: skip
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
