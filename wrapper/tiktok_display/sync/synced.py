"""What became of a creator."""

from typing import NamedTuple

from ..errors import LOGIN_HELPS, TikTokError


class Synced(NamedTuple):
    """What became of one creator in one visit.

    Attributes:
        open_id: whose.
        videos: how many were written.
        state: "active"; "login", where only a new login helps; "limited", where TikTok's quota is
            used up, or "failed": both for another time.
        reason: why it is not "active".
        lists, lookups: the requests that it took, also those that had to be repeated.
        expected: how many look-ups were expected when it was planned.
    """

    open_id: str
    videos: int
    state: str
    reason: str | None = None
    lists: int = 0
    lookups: int = 0
    expected: int = 0


def state_after(error: TikTokError) -> str:
    """The state of a creator whose visit ended by an error."""
    if isinstance(error, LOGIN_HELPS):
        return "login"
    # A deadline that passed while a 429 was waited out carries the status of that 429.
    return "limited" if error.status == 429 else "failed"
