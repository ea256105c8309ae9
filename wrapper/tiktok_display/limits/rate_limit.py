"""The limiter that clients take."""

import logging
import math
import time
from collections.abc import Callable
from typing import Self

from ..errors import ConfigurationError
from ..secret import Secret
from .clerk import Clerk
from .shared import Counts
from .sites import PATIENCE, Address
from .windows import Windows

_log = logging.getLogger("tiktok_display.limits")
_AGAIN = 10.0  # s after which a place that was lost is asked again


class RateLimit(Secret):
    """No more requests than TikTok's quota allows, whoever sends them; safe between threads.

    >>> limit = RateLimit("sqlite:///quota.db")
    >>> client = DisplayClient("act.…", limiter=limit)

    Args:
        shared: where requests are counted for everybody: ``sqlite:///path`` for one machine,
            ``postgresql://…``, ``redis://…`` (or ``rediss://``, ``unix://``) for several, with the
            extra ``[quota]``; None for this process alone, which needs nothing.
        quota: requests that TikTok admits to each endpoint, at least 1...
        window: ...in any so many s.
        share: of the quota is used, above 0 and at most 1. The rest is for the way to TikTok: two
            requests that go out a minute apart may arrive closer together.
        alone: of that, what this process takes while the shared place is lost: 1 / processes.
        key: whose quota it is; all that name the same key at the same place share one.
        clock: s, steady.

    Raises:
        ConfigurationError: an argument is no good, or an extra is missing.

    A place that is lost stops no call: for as long as it is, at most ``alone`` of the share is
    used, a warning in the log ``tiktok_display.limits`` says so, and another when it is back.
    """

    def __init__(
        self,
        shared: str | None = None,
        *,
        quota: int = 600,
        window: float = 60.0,
        share: float = 0.95,
        alone: float = 0.25,
        key: str = "app",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        address = None if shared is None else Address(shared)
        del shared  # so that no traceback's locals show it
        if address is not None and address.error is not None:
            raise address.error
        if isinstance(quota, bool) or not isinstance(quota, int) or quota < 1:
            raise ConfigurationError("a quota is a whole number of requests, at least 1")
        if not (0 < share <= 1 and 0 < alone <= 1 and 0.001 <= window < math.inf):
            raise ConfigurationError("a share is above 0 and at most 1, a window some seconds")
        most = max(1, int(quota * share))
        self._key, self._clock = key, clock
        self._place: _Place | None = None
        if address is None:
            self._own = Windows(most, window)
        else:
            self._place = _Place(Clerk(lambda: Counts(address, most, window), PATIENCE))
            self._own = Windows(max(1, int(most * alone)), window)

    def for_user(self, open_id: str) -> Self:
        """The quota of one creator, at the same place, should TikTok count for each user."""
        other = type(self).__new__(type(self))
        vars(other).update(vars(self), _key=f"{self._key} {open_id}")
        return other

    def reserve(self, endpoint: str) -> float:
        """Seconds until ``endpoint`` may be asked again; 0.0 takes the turn."""
        name, now = f"{self._key} {endpoint}", self._clock()
        wait = None if self._place is None else self._place.ask(name, now)
        if wait is None:
            return self._own.take(name, now)
        if not wait:
            self._own.note(name, now)
        return wait


class _Place:
    """Where requests are counted for everybody, as long as it is there."""

    def __init__(self, clerk: Clerk) -> None:
        self._clerk, self._lost_until = clerk, -math.inf
        self._is_lost = False

    def ask(self, name: str, now: float) -> float | None:
        """Seconds until there is room; None while the place is lost."""
        if now < self._lost_until:
            return None
        try:
            wait = self._clerk.ask(name)
        except Exception as error:  # noqa: BLE001 - drivers raise whatever they like
            self._lost_until = now + _AGAIN
            if not self._is_lost:
                self._is_lost = True
                _log.warning("the shared quota is lost (%s)", type(error).__name__)
            return None
        if self._is_lost:
            self._is_lost = False
            _log.warning("the shared quota is back")
        return wait
