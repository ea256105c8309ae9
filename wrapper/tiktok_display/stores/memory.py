"""A token store that lives as long as its process."""

import threading
from typing import Self

from .base import Key, TokenRecord


class MemoryTokenStore:
    """For tests and scripts. A refresh kills the stored login's refresh token, so what must
    outlive the process belongs in a durable store.
    """

    def __init__(self) -> None:
        self._records: dict[Key, TokenRecord] = {}
        self._lock = threading.Lock()

    def read(self, key: Key) -> TokenRecord | None:
        """The record, or None."""
        with self._lock:
            return self._records.get(key)

    def put(self, key: Key, record: TokenRecord) -> None:
        """Store what a login gave."""
        with self._lock:
            self._records[key] = record

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        """Store what a refresh gave, if its predecessor is still the stored one."""
        with self._lock:
            stored = self._records.get(key)
            if stored is None or stored.refresh_token != replaces.refresh_token:
                return False
            self._records[key] = record
            return True

    def delete(self, key: Key) -> None:
        """Forget the record."""
        with self._lock:
            self._records.pop(key, None)

    def close(self) -> None:
        """Nothing to let go of."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
