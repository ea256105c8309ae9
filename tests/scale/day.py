"""A day of many creators, simulated: does the plan keep within TikTok's quota, and what is late?

    python -m tests.scale.day [--creators 100000] [--daily 0.1]

The plan, the cadence, the table of creators and the limiter are the real ones, hour after hour, on
the sandbox's clock; only the requests are not sent. Each creator has posted for a year and goes on:
some every day, some every week, the rest rarely.
"""

import argparse
import random
import tempfile
import time
from array import array
from bisect import bisect_right
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from attrs import define, field, frozen

from tests.reliability.table import say
from tiktok_display import RateLimit
from tiktok_display.sandbox import VirtualClock
from tiktok_display.sync import Database, Plan, Synced
from tiktok_display.sync import statements as sql
from tiktok_display.sync.cadence import DAY, HOUR, Seen, interval, lookups, next_visit
from tiktok_display.sync.plan import quota
from tiktok_display.sync.roster import dues

START = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
RATE = 600  # requests a minute, TikTok's quota
ONE_VISIT = 20  # requests by which a plan may be missed: what was begun is not cut off


@define
class Creator:
    """When the videos were posted, also those to come, and when each was last asked about."""

    posted: "array[int]"
    asked: "array[int]" = field(factory=lambda: array("q"))

    def as_visited(self, part: float) -> Self:
        """After the last visit before the day: a part of the time between two has gone by. The
        newest videos were listed then, the others looked up when their ages wanted it.
        """
        newest = max((at for at in self.posted if at < START - DAY), default=START - 40 * DAY)
        last = START - int(part * min(DAY, interval(START - newest)))
        for place in range(bisect_right(self.posted, last)):
            every = interval(last - self.posted[place])
            self.asked.append(last - int(part * every * (place * 0.37 % 1)))
        self.asked[-20:] = array("q", [last] * len(self.asked[-20:]))
        return self

    def visit(self, now: int) -> tuple[int, int, int]:
        """Take a visit's requests; how many lists and look-ups, and what was the longest that a
        video of its day had to wait since it was posted or read (s).
        """
        count = bisect_right(self.posted, now)
        new = count - len(self.asked)
        late = self._late(now, count)
        self.asked.extend([now] * new)
        for place in range(max(0, count - 20 * (1 + new // 20)), count):
            self.asked[place] = now
        due = lookups(self.seen(), now)
        for id in due:
            self.asked[int(id)] = now
        return 1 + new // 20, -(-len(due) // 20), late

    def seen(self) -> list[Seen]:
        """Those that are known."""
        return [Seen(str(n), self.posted[n], asked) for n, asked in enumerate(self.asked)]

    def _late(self, now: int, count: int) -> int:
        """For videos that were less than a day old."""
        last = self.asked[-1] if self.asked else 0
        young = [at for at in self.posted[max(0, count - 3) : count] if now - at < DAY]
        return max((now - max(at, last) for at in young), default=0)


def creators(count: int, daily: float, rng: random.Random) -> list[Creator]:
    """Who posts every day, every week, or rarely; all visited until now as they should be."""
    found = list[Creator]()
    for number in range(count):
        every = (
            DAY if number < count * daily else 7 * DAY if number < count * 3 * daily else 40 * DAY
        )
        times, at = array("q"), START - 60 * every * rng.random()
        while (at := at + rng.expovariate(1 / every)) < START + DAY:
            times.append(int(at))
        found.append(Creator(times).as_visited(rng.random()))
    return found


@frozen
class Figures:
    """What the day came to."""

    visits: int
    lists: int
    lookups: int
    most_a_minute: int
    over_budget: int  # requests that a round took more than it may, at most
    left: tuple[int, ...]  # creators whom each round had no room for
    late: tuple[int, ...]  # s, sorted: how long young videos waited, of each visit


@define
class _Minute:
    """How many requests an endpoint has seen in any minute, at most."""

    most: int = 0
    _times: deque[float] = field(factory=deque)

    def note(self, now: float) -> None:
        self._times.append(now)
        while self._times[0] <= now - 60:
            self._times.popleft()
        self.most = max(self.most, len(self._times))


class Day:
    """The simulation, hour after hour."""

    def __init__(self, database: Database, everybody: list[Creator]) -> None:
        self._database, self._everybody = database, everybody
        self._clock = VirtualClock(datetime.fromtimestamp(START, UTC), ticks=None)
        self._limit = RateLimit(quota=RATE, clock=self._clock.now)
        self._minutes = {"list": _Minute(), "query": _Minute()}
        self._expected = dict[str, int]()

    def pass_by(self) -> Figures:
        """All of its 24 rounds."""
        self._enrol()
        visits, over, left, late = 0, 0, list[int](), list[int]()
        lists = looked_up = 0
        for hour in range(24):
            self._advance_to(START + hour * HOUR)
            plan = Plan(dues(self._database, self._now() + HOUR // 2), quota(HOUR, RATE))
            taken, count, waits = self._round(plan)
            visits, lists, looked_up = visits + count, lists + taken[0], looked_up + taken[1]
            late += waits
            over = max(over, taken[0] - plan.budget.lists, taken[1] - plan.budget.lookups)
            left.append(plan.left.creators)
        most = max(minute.most for minute in self._minutes.values())
        return Figures(visits, lists, looked_up, most, over, tuple(left), tuple(sorted(late)))

    def _round(self, plan: Plan) -> tuple[list[int], int, list[int]]:
        taken, waits, written = [0, 0], list[int](), list[dict[str, object]]()
        visits = 0
        for open_id in plan:
            creator = self._everybody[int(open_id)]
            lists, looked_up, late = creator.visit(self._now())
            self._send("list", lists)
            self._send("query", looked_up)
            taken = [taken[0] + lists, taken[1] + looked_up]
            waits += [late] if late else []
            visits += 1
            plan.charge(
                Synced(open_id, 0, "active", None, lists, looked_up, self._expected[open_id])
            )
            visit = next_visit(creator.seen(), self._now())
            written.append({"open_id": open_id, **visit._asdict()})
            self._expected[open_id] = visit.lookups
            if len(written) == 1_000:
                self._write(written)
        self._write(written)
        return taken, visits, waits

    def _send(self, endpoint: str, times: int) -> None:
        for _ in range(times):
            while wait := self._limit.reserve(endpoint):
                self._clock.advance(timedelta(seconds=wait))
            self._minutes[endpoint].note(self._clock.now())

    def _write(self, rows: list[dict[str, object]]) -> None:
        with self._database.transaction() as session:
            session.run_all(sql.PLAN_VISIT, rows)
        rows.clear()

    def _enrol(self) -> None:
        names = [{"open_id": f"{number:07}"} for number in range(len(self._everybody))]
        visits = [
            {**name, **next_visit(creator.seen(), max(creator.asked, default=0))._asdict()}
            for name, creator in zip(names, self._everybody, strict=True)
        ]
        self._expected = {str(visit["open_id"]): int(str(visit["lookups"])) for visit in visits}
        with self._database.transaction() as session:
            session.run_all(sql.ADD_CREATOR, names)
            session.run_all(sql.PLAN_VISIT, visits)

    def _advance_to(self, moment: int) -> None:
        self._clock.advance(timedelta(seconds=max(0.0, moment - self._clock.now())))

    def _now(self) -> int:
        return int(self._clock.now())


def simulated(count: int, daily: float, folder: Path, seed: int = 7) -> Figures:
    """A day of so many creators, of whom a part posts daily, and twice as many weekly."""
    everybody = creators(count, daily, random.Random(seed))
    return Day(Database(str(folder / "videos.db")), everybody).pass_by()


def main() -> None:
    """Print the figures of a day."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--creators", type=int, default=100_000)
    asked.add_argument("--daily", type=float, default=0.1)
    given = asked.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        day = simulated(given.creators, given.daily, Path(folder))
    middle, end = (day.late[int(len(day.late) * part)] // 60 for part in (0.5, 0.99))
    say(
        f"{given.creators:,} creators, {given.daily:.0%} post daily: {day.visits:,} visits,"
        f" {day.lists:,} lists and {day.lookups:,} look-ups of {quota(DAY, RATE).lists:,} each;"
        f" {day.most_a_minute} in the fullest minute;"
        f" {day.over_budget} requests over a round's plan at most;"
        f" left for the next round: {max(day.left):,} at most, {day.left[-1]:,} at the end;"
        f" videos of the day are read after {middle} min (median), {end} min (99 %);"
        f" {time.monotonic() - begun:.0f} s"
    )
    assert day.most_a_minute <= RATE
    assert day.over_budget <= ONE_VISIT


if __name__ == "__main__":
    main()
