"""A token store that lives as long as its process."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from attrs import evolve

from ..forks import renewed_in_children
from .base import Key, TokenRecord
from .guard import Closing


class _Lease(NamedTuple):
    owner: str
    until: float


class MemoryTokenStore(Closing):
    """For tests and scripts. A refresh kills the stored login's refresh token, so what must
    outlive the process, or be shared with the child of a fork, belongs in a durable store.

    ``clock`` counts seconds from any moment on, and never back.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._records: dict[Key, TokenRecord] = {}
        self._leases: dict[Key, _Lease] = {}
        self.after_fork()
        renewed_in_children(self)

    def read(self, key: Key) -> TokenRecord | None:
        """The record, or None."""
        with self._lock:
            return self._records.get(key)

    def put(self, key: Key, record: TokenRecord) -> None:
        """Store what a login gave."""
        with self._lock:
            self._records[key] = record
            self._leases.pop(key, None)

    def begin(
        self, key: Key, *, replaces: TokenRecord, owner: str, lease: float
    ) -> TokenRecord | None:
        """Take the lease and note the intent; None where that cannot be."""
        with self._lock:
            stored, held, now = self._records.get(key), self._leases.get(key), self._clock()
            if stored is None or stored.refresh_token != replaces.refresh_token:
                return None
            if held is not None and now < held.until:
                return None
            self._leases[key] = _Lease(owner, now + lease)
            self._records[key] = evolve(stored, intent=True)
            return stored

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        """Store what a refresh gave, if its predecessor is still the stored one."""
        with self._lock:
            stored = self._records.get(key)
            if stored is None or stored.refresh_token != replaces.refresh_token:
                return False
            self._records[key] = record
            self._leases.pop(key, None)
            return True

    def fail(self, key: Key, owner: str, *, intent: bool, retry_at: float | None = None) -> None:
        """End the owner's lease without a new pair."""
        with self._lock:
            held = self._leases.get(key)
            if held is not None and held.owner == owner:
                del self._leases[key]
                self._records[key] = evolve(self._records[key], intent=intent, retry_at=retry_at)

    def delete(self, key: Key) -> None:
        """Forget the record."""
        with self._lock:
            self._records.pop(key, None)
            self._leases.pop(key, None)

    def keys(self) -> Iterator[Key]:
        """Whose records there are."""
        with self._lock:
            return iter(list(self._records))

    def close(self) -> None:
        """Nothing to let go of."""

    def after_fork(self) -> None:
        """The parent's lock may be held by a thread that this process does not have."""
        self._lock = threading.Lock()
