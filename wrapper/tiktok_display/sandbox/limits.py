"""The limit of requests in a sliding minute."""

from collections import deque
from collections.abc import Hashable

MINUTE = 60.0


class SlidingMinute:
    """At most ``limit`` requests for each key in any 60 s; ``None`` switches it off.

    Whether TikTok counts the requests it refuses is not known; they are not counted here, so that
    a client which waits a minute is always served.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._served: dict[Hashable, deque[float]] = {}

    def admits(self, key: Hashable, now: float) -> bool:
        """Whether a request at ``now`` (s) is within the limit; if so, it is counted."""
        if self._limit is None:
            return True
        served = self._served.setdefault(key, deque())
        while served and served[0] <= now - MINUTE:
            served.popleft()
        if len(served) >= self._limit:
            return False
        served.append(now)
        return True
