"""What a round of a sync came to, in words and as an exit code. Pure."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from attrs import define, field

from ..sync import Left, Synced
from .exits import FAILURE, LIMITED, LOGIN

_WORDS = {
    "active": "synced",
    "login": "to log in anew",
    "limited": "put off by TikTok's rate limit",
    "failed": "failed",
}
_SOME = 20  # creators whose trouble is told one by one


@define
class Tally:
    """A round, as far as it has come."""

    states: Counter[str] = field(factory=Counter[str])
    videos: int = 0
    requests: int = 0

    def add(self, synced: Synced) -> str | None:
        """Count a creator; what is to be said about it, if it was no success."""
        self.states[synced.state] += 1
        self.videos += synced.videos
        self.requests += synced.lists + synced.lookups
        troubles = self.states.total() - self.states["active"]
        if synced.state == "active" or troubles > _SOME:
            return None
        more = "; more of this kind is only counted" if troubles == _SOME else ""
        return f"{synced.open_id}: {synced.reason}{more}"

    @property
    def exit_code(self) -> int:
        """0 where everybody was synced; what is not the creators' own comes first."""
        codes = (("failed", FAILURE), ("limited", LIMITED), ("login", LOGIN))
        return next((code for state, code in codes if self.states[state]), 0)


def nobody(next_due: int) -> str:
    """Nothing was to be done."""
    return f"nobody is due before {_moment(next_due)}"


def summary(tally: Tally, left: Left) -> Iterator[str]:
    """A round in a line or two; none where nothing was to be done."""
    if tally.states:
        states = ", ".join(f"{tally.states[s]} {_WORDS[s]}" for s in _WORDS if tally.states[s])
        yield (
            f"{_count(tally.states.total(), 'creator')}: {states};"
            f" {_count(tally.videos, 'video')} written, {_count(tally.requests, 'request')}"
        )
    if left.creators:
        since = f", due since {_moment(left.since)}" if left.since else ""
        yield (
            f"left for the next time, for the quota has no room: {_count(left.creators, 'creator')}"
            f" ({_count(left.needs.lists, 'list')}, {_count(left.needs.lookups, 'look-up')}{since})"
        )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
