"""How often a video's counters are read, by its age, and when its creator is due. Pure.

Each list brings the counters of the creator's 20 newest videos; the older ones are looked up, 20 a
request. So a creator is visited as often as the newest video wants it, at least once a day for what
is new, and each visit looks up what has become due among the rest.
"""

from collections.abc import Sequence
from typing import NamedTuple

HOUR, DAY = 3_600, 86_400

# s; up to which age, how often.
_INTERVALS = ((DAY, HOUR), (7 * DAY, 6 * HOUR), (30 * DAY, DAY), (90 * DAY, 7 * DAY))
_RARELY = 30 * DAY
_BATCH = 20  # videos that one request gives, list or look-up
_EARLY = 0.9  # of an interval: whoever comes every hour does not come a few seconds too soon


class Seen(NamedTuple):
    """A video, and when TikTok was last asked about it."""

    video_id: str
    create_time: int | None  # s
    asked_at: int  # s


class Visit(NamedTuple):
    """When a creator is due next, and how many look-ups that will take."""

    due_at: int  # s
    lookups: int


def interval(age: float) -> int:
    """Seconds between two readings of a video that is so many seconds old."""
    return next((every for limit, every in _INTERVALS if age < limit), _RARELY)


def lookups(seen: Sequence[Seen], began: int) -> list[str]:
    """The ids to look up in a visit that ``began`` (s) with a list: what is due, the longest
    overdue first, in full twenties. What is due next fills the last one, for it costs nothing.
    """
    others = sorted((each for each in seen if each.asked_at < began), key=_due)
    count = sum(_due(each) <= began for each in others)
    return [each.video_id for each in others[: _batches(count) * _BATCH]]


def next_visit(seen: Sequence[Seen], now: int) -> Visit:
    """When to come again after a visit at ``now`` (s)."""
    newest_first = sorted(seen, key=lambda each: each.create_time or 0, reverse=True)
    newest = newest_first[0].create_time if newest_first else None
    every = DAY if newest is None else min(DAY, interval(now - newest))
    due_at = now + int(every * _EARLY)
    # The list of that visit will bring the first of them.
    return Visit(due_at, _batches(sum(_due(each) <= due_at for each in newest_first[_BATCH:])))


def _due(seen: Seen) -> int:
    """When a video's counters are to be read again (s)."""
    age = _RARELY * 12 if seen.create_time is None else seen.asked_at - seen.create_time
    return seen.asked_at + int(interval(age) * _EARLY)


def _batches(videos: int) -> int:
    return -(-videos // _BATCH)
