"""How videos grow: what is asked of the snapshots, and what the answers mean.

A video has grown on the day on which that was seen: by its count less that of its last snapshot
before, however long ago. Nothing is spread over the days between, for nobody knows what happened on
which. Three rules make the sums come out: the total at the beginning and all gains are the total at
the end, for each creator and for all of them.

- A video that was posted on or after the day of its creator's first snapshot grows from 0. One that
  was there before begins with its first count, also where that is of a later day: it belongs to the
  total at the beginning.
- A count that TikTok leaves out stays as it was. TikTok also corrects counts: a gain may be
  negative.
- A video that TikTok no longer shows keeps its last counts.

Days are days in UTC. The database does the sums; only what is shown comes out of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from operator import add, sub

from attrs import astuple, frozen

from .cadence import DAY
from .database import Database
from .dialects import Session
from .growth_statements import ASIDE, CREATORS, GROWN, LEDGER, SEEN

_VIDEOS, _ASIDE = 10, 20  # how many are shown
_LATE = 2 * DAY  # s; whoever is visited at all is visited once a day


@frozen
class Counts:
    """What is counted, of one video or of any number of them."""

    videos: int = 0
    views: int = 0
    likes: int = 0
    comments: int = 0
    shares: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*map(add, astuple(self), astuple(other)))

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(*map(sub, astuple(self), astuple(other)))


NOTHING = Counts()


@frozen
class Day:
    """What was gained on a day, and the total at its end."""

    day: date
    gained: Counts
    total: Counts


@frozen
class Growth:
    """How the videos of one creator have grown, or all videos.

    Attributes:
        open_id: whose; None for all creators.
        start: the total at the beginning of the period.
        days: every day of the period, also those of which nothing is known.
    """

    open_id: str | None
    start: Counts
    days: tuple[Day, ...]

    @property
    def end(self) -> Counts:
        """The total at the end of the period."""
        return self.days[-1].total

    @property
    def gained(self) -> Counts:
        """What the period has brought."""
        return self.end - self.start


@frozen
class GrownVideo:
    """A video, its views, and how many of them it has gained in the period."""

    video_id: str
    open_id: str
    title: str | None
    share_url: str | None
    views: int
    gained: int


@frozen
class Aside:
    """A creator whom only a new login brings back, and why."""

    open_id: str
    reason: str


@frozen
class Report:
    """Everything for a period.

    Attributes:
        overall: all creators.
        creators: those who gained most views, the most first.
        videos: the ten that gained most views, the most first; none that gained nothing.
        known: how many creators there are.
        aside: some of those who are set aside, by their open_id.
        set_aside: how many are.
        late: how many others have not been synced for two days.
        synced_at: when the newest count was read (UTC).
    """

    overall: Growth
    creators: tuple[Growth, ...]
    videos: tuple[GrownVideo, ...]
    known: int
    aside: tuple[Aside, ...]
    set_aside: int
    late: int
    synced_at: datetime

    @property
    def first(self) -> date:
        """The first day of the period."""
        return self.overall.days[0].day

    @property
    def last(self) -> date:
        """Its last day."""
        return self.overall.days[-1].day


def report(database: Database, now: float, *, days: int = 30, creators: int = 20) -> Report | None:
    """How everything has grown within so many days, up to the day of the newest snapshot; from the
    first snapshot on, where that is later. None where there is no snapshot yet.

    Args:
        database: that of a sync.
        now: Unix seconds; what is late is late then.
        days: 1 or more.
        creators: of how many to tell one by one.

    Raises:
        SyncError: the database cannot be read.
    """
    with database.reading() as session:
        ((oldest, newest, synced_at),) = session.rows(SEEN)
        if newest is None:
            return None
        last = _date(newest)
        first = max(_date(oldest), last - timedelta(days=days - 1))
        period = {"first": first.isoformat(), "last": last.isoformat()}
        growths = _growths(session.rows(LEDGER, {**period, "creators": creators}), first, last)
        ((known, set_aside, late),) = session.rows(CREATORS, {"late": int(now) - _LATE})
        return Report(
            overall=growths.pop(None),
            creators=tuple(sorted(growths.values(), key=_most_first)),
            videos=tuple(_grown(session, period)),
            known=int(known),
            aside=tuple(Aside(*found) for found in session.rows(ASIDE, {"most": _ASIDE})),
            set_aside=int(set_aside),
            late=int(late),
            synced_at=datetime.fromtimestamp(synced_at, UTC),
        )


def _date(day: object) -> date:
    """A day as SQLite gives it, or PostgreSQL."""
    return date.fromisoformat(str(day))


def _most_first(growth: Growth) -> tuple[int, str]:
    return -growth.gained.views, growth.open_id or ""


def _growths(
    rows: Iterable[tuple[object, ...]], first: date, last: date
) -> dict[str | None, Growth]:
    """One for each creator in these rows of the ledger, and one for all."""
    totals = defaultdict[str | None, Counts](Counts)
    gains = defaultdict[str | None, dict[date, Counts]](dict)
    for open_id, day, *numbers in rows:
        whose = None if open_id is None else str(open_id)
        # PostgreSQL sums in decimals.
        counts = [int(str(number)) for number in numbers]
        changed, gained = Counts(*counts[:5]), Counts(*counts[5:])
        totals[whose] += changed
        if day is not None:
            gains[whose][_date(day)] = gained
    return {whose: _growth(whose, totals[whose], gains[whose], first, last) for whose in totals}


def _growth(
    open_id: str | None, end: Counts, gains: Mapping[date, Counts], first: date, last: date
) -> Growth:
    start = total = end - sum(gains.values(), NOTHING)
    days = list[Day]()
    for day in _days(first, last):
        gained = gains.get(day, NOTHING)
        total += gained
        days.append(Day(day, gained, total))
    return Growth(open_id, start, tuple(days))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _grown(session: Session, period: Mapping[str, object]) -> Iterator[GrownVideo]:
    for video_id, open_id, title, share_url, views, gained in session.rows(
        GROWN, {**period, "videos": _VIDEOS}
    ):
        yield GrownVideo(video_id, open_id, title, share_url, int(views), int(gained))
