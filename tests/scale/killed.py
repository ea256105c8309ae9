"""Does a sync survive `kill -9`? `python -m tests.scale.killed`

Each round a Dask worker, the scheduler, the program, or all of them at once are killed amid a run;
what has died is started again, and the run goes to its end. In between videos are posted, and every
access token ends: before a run, or in the middle of it. The rows go into SQLite and into PostgreSQL
in turns, and are compared with the truth after each round.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice
from pathlib import Path

from attrs import evolve, frozen

from tests.reliability.stage import FORGIVING, LOST, STRICT, Server
from tests.reliability.table import Table, say
from tests.scale.cluster import Cluster
from tests.scale.service import Run, Service
from tests.scale.tables import compared, in_postgres, in_sqlite, make_due, make_due_again, set_aside
from tests.scale.tally import Tally
from tests.scale.tied import Process
from tests.scale.tiktok import TikTok
from tests.stores.servers import postgres

KINDS = ("worker", "scheduler", "program", "all")
# What is started again must find the grace still open: how long that takes is the machine's affair.
WITH_GRACE = evolve(FORGIVING, grace=3_600.0)
WITHOUT = STRICT
PATIENCE = 120.0  # s for a run; also for one whose scheduler is gone
ATTEMPTS = 8  # at a run, of which one is killed
BURST = 45  # videos of one creator since the last time: several pages, and two transactions
PAGES = 2  # in a transaction


@frozen
class Plan:
    """When something happens in a run: with which of its requests."""

    kind: str
    is_expired: bool  # from the beginning
    expiry: int  # else with this one; 0 for never
    moment: int  # of the kill
    delay: float  # s, and so much later


def plans(kinds: Sequence[str], creators: int, chance: random.Random) -> Iterator[Plan]:
    """One for each of them, so that the kill comes amid the run: with an expired token, a creator
    takes three requests at least, else one.

    Tokens end in the middle of a run only where all are fresh at its beginning: else a refresh may
    be under way then, and what it brings is three hours old.
    """
    is_fresh = False
    for kind in kinds:
        is_expired = not is_fresh or chance.random() < 0.5
        expiry = 0 if is_expired else 1 + chance.randrange(creators)
        after = 1 + chance.randrange(2 * (creators - expiry) + 1)
        yield Plan(kind, is_expired, expiry, expiry + after, chance.uniform(0.0, 0.03))
        is_fresh = is_expired


class Scene:
    """A town, a service, its cluster, and its databases in turns."""

    def __init__(
        self,
        tiktok: TikTok,
        service: Service,
        cluster: Cluster,
        databases: Sequence[str],
        seed: int,
    ) -> None:
        self.tally = Tally(len(tiktok.pairs()))
        self._tiktok, self._service, self._cluster = tiktok, service, cluster
        self._databases, self._chance = cycle(databases), random.Random(seed)

    def round(self, plan: Plan) -> None:
        """One kill, and what comes of it."""
        database = next(self._databases)
        self._let_time_pass(database, is_expired=plan.is_expired)
        self._tiktok.count_anew(plan.expiry, plan.moment)
        with self._service.run(database, self._cluster.address) as run:
            self.tally.runs += 1
            while not self._tiktok.has_come(0.2) and run.is_alive:
                pass
            time.sleep(plan.delay)
            self._kill(plan.kind, run)
            self._cluster.mend()
            is_over = self._ends(run)
        self._finish(database, is_over=is_over)
        self._conclude(database)

    def last(self) -> None:
        """A run for each database without a kill."""
        for database in islice(self._databases, 2):
            self._let_time_pass(database, is_expired=True)
            self._tiktok.count_anew()
            self._finish(database, is_over=False)
            self._conclude(database)
        self.tally.strangers += len(self._service.strangers())

    def _let_time_pass(self, database: str, *, is_expired: bool) -> None:
        self._tiktok.post(BURST)
        if is_expired:
            self._tiktok.expire()
        make_due(database)

    def _kill(self, kind: str, run: Run) -> None:
        cluster = self._cluster
        victims: dict[str, list[Process]] = {
            "worker": [self._chance.choice(cluster.workers)],
            "scheduler": [cluster.scheduler],
            "program": [run],
            "all": [run, cluster.scheduler, *cluster.workers],
        }
        self.tally.kills[kind] += 1
        self.tally.amid += run.is_alive
        for victim in victims[kind]:
            victim.kill()

    def _ends(self, run: Run) -> bool:
        """Whether it comes to its end, with nobody left for another time."""
        is_whole = run.wait(PATIENCE)
        return is_whole and {one["state"] for one in run.visits} <= {"active", "login"}

    def _finish(self, database: str, *, is_over: bool) -> None:
        """Run until a run comes to its end; whoever has lost their login by then logs in anew."""
        for _ in range(ATTEMPTS):
            if is_over and not self._has_logged_in_anew(database):
                return
            with self._service.run(database, self._cluster.address) as run:
                self.tally.runs += 1
                is_over, said = self._ends(run), run.said()
        raise RuntimeError(said)

    def _has_logged_in_anew(self, database: str) -> bool:
        aside = set_aside(database)
        for creator in aside:
            self.tally.lost += 1
            self.tally.misnamed += LOST not in creator.reason
            self._service.log_in_again(creator.open_id)
        make_due_again(database)
        return bool(aside)

    def _conclude(self, database: str) -> None:
        self.tally.count(self._tiktok.counted(), compared(database, self._tiktok.truth()))


@contextmanager
def scene(server: Server, creators: int, seed: int, dsn: str) -> Iterator[Scene]:
    """A new one, for TikTok as such a server."""
    chance = random.Random(seed)
    sizes = [10 * creators, *(chance.randrange(91) for _ in range(creators - 1))]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        rules = {"grace": server.grace, "detection": server.detection}
        tiktok = stack.enter_context(TikTok(sizes=sizes, seed=seed, **rules))
        service = Service(tiktok, folder, PAGES)
        cluster = stack.enter_context(Cluster(folder, service.environment, threads=4))
        databases = (in_sqlite(folder), stack.enter_context(in_postgres(dsn)))
        yield Scene(tiktok, service, cluster, databases, seed)


def play(server: Server, kinds: Sequence[str], creators: int, seed: int, dsn: str) -> Tally:
    """All rounds of a scene, and the last run."""
    began = time.monotonic()
    with scene(server, creators, seed, dsn) as played:
        for plan in plans(kinds, creators, random.Random(seed)):
            played.round(plan)
        played.last()
    played.tally.seconds = time.monotonic() - began
    return played.tally


def main() -> int:
    """Print the figures; 1 where anything was lost that need not be."""
    parser = argparse.ArgumentParser(prog="tests.scale.killed", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="half of them without a grace")
    parser.add_argument("--creators", type=int, default=40)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    given = parser.parse_args()
    say(f"seed {given.seed}, {given.creators} creators")
    say("kills: " + ", ".join(sorted(KINDS)))
    table, is_good = Table("server                  ", *Tally.TITLES), True
    with postgres() as dsn:
        for server, kills in ((WITH_GRACE, -(-given.kills // 2)), (WITHOUT, given.kills // 2)):
            kinds = list(islice(cycle(KINDS), kills))
            random.Random(given.seed).shuffle(kinds)
            tally = play(server, kinds, given.creators, given.seed, dsn)
            table.row(server.name, *tally.cells)
            is_good = is_good and tally.is_good and not (server.grace and tally.lost)
    return int(not is_good)


if __name__ == "__main__":
    sys.exit(main())
