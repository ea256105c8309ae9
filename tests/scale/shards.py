"""Is anything lost or doubled where twelve processes load their shards by dlt into one dataset?

`python -m tests.scale.shards`

A first load from nothing, all at once; then videos are added, and of the processes that load them
two are killed at random moments and run again. In the end the destination must have what the
sandbox has, once.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from attrs import field, frozen

from tests.reliability.table import say
from tests.stores.servers import postgres
from tiktok_display import AppCredentials, SqliteTokenStore, UserCredentials
from tiktok_display.auth.environment import KEY_VARIABLE, SECRET_VARIABLE
from tiktok_display.sandbox import Sandbox
from tiktok_display.sync import Database, SyncSettings

DATASET = "tiktok"
HUNG = 600.0  # s after which a process is told to be stuck
PRELOADED = ["duckdb", "psycopg", "psycopg2", "dlt.destinations", "tiktok_display.dlt.load"]
VIDEOS = f"SELECT video_id, view_count FROM {DATASET}.videos"
SNAPSHOTS = f"SELECT video_id, day, view_count FROM {DATASET}.video_snapshots"


@frozen
class Place:
    """Where everything is, in words that another process can be given."""

    settings: SyncSettings
    kind: str  # of destination
    address: str = field(repr=False)
    folder: str  # where dlt works
    app: Mapping[str, str] = field(repr=False)  # as the environment has it

    def rows(self, statement: str) -> Counter[tuple[str, ...]]:
        """What the destination says, and how often."""
        if self.kind == "duckdb":
            import duckdb

            with duckdb.connect(self.address, read_only=True) as duck:
                return _texts(duck.execute(statement).fetchall())
        import psycopg

        with psycopg.connect(self.address) as connection:
            return _texts(connection.execute(statement.encode()).fetchall())

    def synced(self, statement: str) -> Counter[tuple[str, ...]]:
        """The same of the database of the sync."""
        asked = statement.replace(f"{DATASET}.", "")
        with closing(Database(self.settings.database)) as database, database.transaction() as own:
            return _texts(list(own.rows(asked)))


@frozen
class Outcome:
    """What a comparison came to."""

    rows: int
    doubled: int
    missing: int

    @property
    def is_good(self) -> bool:
        """Whether everything is there, once."""
        return (self.doubled, self.missing) == (0, 0)


def compared(box: Sandbox, place: Place) -> Outcome:
    """The destination against the sandbox, and row by row against the database of the sync."""
    videos, snapshots = place.rows(VIDEOS), place.rows(SNAPSHOTS)
    ids = Counter(row[:1] for row in videos.elements())
    days = Counter(row[:2] for row in snapshots.elements())
    truth = {(video.id,) for creator in box.creators for video in creator.videos}
    missing = truth - ids.keys()
    stale = (place.synced(VIDEOS) - videos) + (place.synced(SNAPSHOTS) - snapshots)
    doubled = sum(count - 1 for count in (*ids.values(), *days.values()))
    return Outcome(videos.total() + snapshots.total(), doubled, len(missing) + stale.total())


def _texts(rows: Sequence[tuple[Any, ...]]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(map(str, row)) for row in rows)


def load_shard(place: Place, shard: tuple[int, int]) -> None:
    """What each of the processes does."""
    import dlt

    from tiktok_display.dlt import load

    os.environ.update(place.app)
    makers = {"duckdb": dlt.destinations.duckdb, "postgres": dlt.destinations.postgres}
    load(
        place.settings,
        destination=makers[place.kind](place.address),
        dataset_name=DATASET,
        shard=shard,
        pipelines_dir=place.folder,
    )


def run(place: Place, count: int, kills: Mapping[int, float]) -> int:
    """All shards at once. Those to be killed are, after so many seconds, and run again; how many
    were alive until then.
    """
    processes = [_started(place, (number, count)) for number in range(count)]
    began, killed = time.monotonic(), 0
    for number, moment in sorted(kills.items(), key=lambda kill: kill[1]):
        victim = processes[number]
        victim.join(max(0.0, began + moment - time.monotonic()))
        killed += victim.is_alive()
        victim.kill()
        victim.join()
        processes[number] = _started(place, (number, count))
    for process in processes:
        process.join(HUNG)
    ends = [process.exitcode for process in processes]
    if any(ends):
        raise RuntimeError(f"the shards ended with {ends}")
    return killed


def _started(place: Place, shard: tuple[int, int]) -> ForkServerProcess:
    """A process that has imported everything already: that is not what is measured."""
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    process = context.Process(target=load_shard, args=(place, shard), daemon=True)
    process.start()
    return process


@contextmanager
def staged(kind: str, creators: int, folder: Path) -> Iterator[tuple[Sandbox, Place]]:
    """A sandbox with so many creators, their logins, and an empty destination of that kind. Beside
    DuckDB the sync has a file too.
    """
    with ExitStack() as stack:
        if kind == "postgres":
            database = stack.enter_context(postgres())
            address = with_a_host(database)
        else:
            database, address = str(folder / "videos.db"), str(folder / "warehouse.duckdb")
        box = stack.enter_context(Sandbox(seed=7, creators=creators, videos=300, rate_limit=None))
        tokens = str(folder / "tokens.db")
        app = AppCredentials(box.app.client_key, box.app.client_secret)
        with SqliteTokenStore(tokens) as store:
            for creator in box.creators:
                UserCredentials.from_token_answer(app, store, creator.token_answer)
        yield (
            box,
            Place(
                settings=SyncSettings(
                    database=database, tokens=tokens, base_url=box.base_url, rate=1_000_000
                ),
                kind=kind,
                address=address,
                folder=str(folder / "pipelines"),
                app={KEY_VARIABLE: app.client_key, SECRET_VARIABLE: app.client_secret},
            ),
        )


def with_a_host(dsn: str) -> str:
    """Dlt wants a host in the URL; the one that follows it, a folder, is the one that counts."""
    parts = urlsplit(dsn)
    if parts.hostname:
        return dsn
    return urlunsplit(parts._replace(netloc=f"{parts.netloc}localhost"))


def add_videos(box: Sandbox, place: Place) -> None:
    """Every other creator posts something, and everybody is due."""
    box.advance(minutes=20)
    for creator in box.creators[::2]:
        box.add_video(creator)
    with closing(Database(place.settings.database)) as database, database.transaction() as session:
        session.run("UPDATE creators SET due_at = 0")


def proved(kind: str, creators: int, processes: int, kills: int, seed: int) -> Outcome:
    """Both rounds, and a line of figures."""
    chance, began = random.Random(seed), time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        staged(kind, creators, Path(folder)) as (box, place),
    ):
        run(place, processes, {})
        lasted = time.monotonic() - began
        first = compared(box, place)
        add_videos(box, place)
        victims = chance.sample(range(processes), kills)
        killed = run(place, processes, {v: chance.uniform(0, 0.7 * lasted) for v in victims})
        last = compared(box, place)
        videos = sum(len(creator.videos) for creator in box.creators)
    outcome = Outcome(last.rows, first.doubled + last.doubled, first.missing + last.missing)
    say(
        f"{kind}: {processes} processes, {killed} killed, creators {creators}, videos {videos},"
        f" rows {outcome.rows}, doubled {outcome.doubled}, missing {outcome.missing},"
        f" {time.monotonic() - began:.0f} s"
    )
    return outcome


def main() -> int:
    """Print the figures; 1 where anything is lost or doubled."""
    parser = argparse.ArgumentParser(prog="tests.scale.shards", description=__doc__)
    parser.add_argument("--creators", type=int, default=600, help="a tenth of them for DuckDB")
    parser.add_argument("--processes", type=int, default=12)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    few = max(given.creators // 10, given.processes)
    outcomes = [
        proved(kind, creators, given.processes, given.kills, given.seed)
        for kind, creators in (("postgres", given.creators), ("duckdb", few))
    ]
    return int(not all(outcome.is_good for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
