"""What was asked for lately, counted for several processes or machines, by `pyrate-limiter`:
https://pyratelimiter.readthedocs.io
"""

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from ..secret import Secret
from .sites import Address, Site

if TYPE_CHECKING:
    from pyrate_limiter import AbstractBucket, RateItem
    from pyrate_limiter.abstracts.algorithm import Decision

_BUSY = 0.02  # s until whoever is counting just now has done so
_MANY = 1_000  # names, after which their buckets are opened anew


class Counts(Secret):
    """One bucket for each name, opened when it is first asked for; for one thread."""

    def __init__(self, address: Address, most: int, seconds: float) -> None:
        self._address = address
        self._most, self._milliseconds = most, int(seconds * 1000)
        self.close()

    def close(self) -> None:
        """Let go of what is open; the next call begins anew."""
        if site := vars(self).get("_site"):
            with suppress(Exception):
                site.close()
        self._site: Site | None = None
        self._buckets: dict[str, AbstractBucket] = {}
        self._cleaned: dict[str, int] = {}  # ms, when

    def take(self, name: str) -> float:
        """Seconds until there is room for one more; 0.0 has taken it.

        Whatever goes wrong is raised as the driver raises it; the next call begins anew.
        """
        try:
            return self._taken(name)
        except Exception:
            self.close()
            raise

    def _taken(self, name: str) -> float:
        from pyrate_limiter import RateItem  # noqa: PLC0415 - an extra

        site = self._site = self._site or self._address.open()
        bucket, now = self._bucket(site, name), site.now()
        decision = cast("Decision", bucket.put_decision(RateItem("request", now)))
        if decision.allowed:
            self._clean(name, bucket, now)
            return 0.0
        newest = cast("RateItem | None", bucket.peek(0))
        if newest is not None and newest.timestamp > now + 1000:  # the clock was set back
            bucket.flush()
        wait = decision.retry_after_ms
        return _BUSY if wait is None else min(max(wait, 1), self._milliseconds) / 1000

    def _bucket(self, site: Site, name: str) -> "AbstractBucket":
        from pyrate_limiter import Rate  # noqa: PLC0415 - as above

        if name not in self._buckets:
            if len(self._buckets) >= _MANY:
                self._buckets.clear()
            table = f"tiktok_{hashlib.sha256(name.encode()).hexdigest()[:16]}"
            self._buckets[name] = site.bucket(table, [Rate(self._most, self._milliseconds)])
        return self._buckets[name]

    def _clean(self, name: str, bucket: "AbstractBucket", now: int) -> None:
        """Forget what is too old to count, about once in its time."""
        if now - self._cleaned.get(name, 0) > self._milliseconds:
            self._cleaned[name] = now
            bucket.leak(now)
