"""A million creators, planned: how long that takes, and how much memory.

python -m tests.scale.million [--creators 1000000]
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

from tests.reliability.table import say
from tiktok_display.sync import Database, Plan, Requests
from tiktok_display.sync.cadence import DAY
from tiktok_display.sync.plan import quota as of_time
from tiktok_display.sync.roster import dues

NOW = 1_800_000_000
_SOME = 10_000


def fill(database: Database, count: int) -> None:
    """So many creators, all due, in no particular order."""
    row = "INSERT INTO creators (open_id, due_at, lookups) VALUES (:open_id, :due_at, :lookups)"
    for start in range(0, count, _SOME):
        some = [
            {"open_id": f"-000{n:032}", "due_at": NOW - (n * 7_919) % DAY, "lookups": n % 2}
            for n in range(start, min(count, start + _SOME))
        ]
        with database.transaction() as session:
            session.run_all(row, some)


def planned(database: Database, quota: int) -> tuple[int, int]:
    """How many creators fit, and how many do not."""
    plan = Plan(dues(database, NOW), Requests(quota, quota))
    return sum(1 for _ in plan), plan.left.creators


def main() -> None:
    """Print the figures."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--creators", type=int, default=1_000_000)
    count = asked.parse_args().creators
    with tempfile.TemporaryDirectory() as folder:
        database = Database(str(Path(folder) / "videos.db"))
        fill(database, count)
        before, begun = _peak(), time.monotonic()
        fitting, left = planned(database, of_time(DAY, 600).lists)
        seconds, more = time.monotonic() - begun, _peak() - before
    say(
        f"{count:,} creators planned in {seconds:.1f} s with {more:.1f} MB more than before:"
        f" {fitting:,} fit into a day, {left:,} are left"
    )


def _peak() -> float:
    """The most memory that this process has had (MB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
