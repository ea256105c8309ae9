"""A token store in a file: for one machine, with any number of processes and containers on it."""

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import ConfigurationError, TokenStoreError
from .base import Key, TokenRecord
from .database import PATIENCE, transaction
from .guard import Closing, raising_store_errors
from .presence import Presence
from .turns import Turns

_READ = "SELECT * FROM records WHERE client_key = ? AND open_id = ?"
_KEYS = "SELECT client_key, open_id FROM records"
_PUT = """
INSERT OR REPLACE INTO records
    (access_token, refresh_token, expires_at, lifetime, refresh_expires_at, scope, needs_login,
     intent, retry_at, client_key, open_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_BEGIN = """
UPDATE records
SET intent = 1, lease_owner = ?, lease_holder = ?, lease_from = ?, lease_until = ?
WHERE client_key = ? AND open_id = ?
"""
_COMMIT = """
UPDATE records
SET access_token = ?, refresh_token = ?, expires_at = ?, lifetime = ?, refresh_expires_at = ?,
    scope = ?, needs_login = ?, intent = ?, retry_at = ?,
    lease_owner = NULL, lease_holder = NULL, lease_from = NULL, lease_until = NULL
WHERE client_key = ? AND open_id = ? AND refresh_token = ?
"""
_FAIL = """
UPDATE records
SET intent = ?, retry_at = ?,
    lease_owner = NULL, lease_holder = NULL, lease_from = NULL, lease_until = NULL
WHERE client_key = ? AND open_id = ? AND lease_owner = ?
"""
_DELETE = "DELETE FROM records WHERE client_key = ? AND open_id = ?"
_UNDER_WAY = "SELECT 1 FROM records WHERE lease_holder = ? AND lease_until > ?"

# A value that SQLite cannot hold, or that is none of ours, ends as one of the last three.
_TROUBLE = (sqlite3.Error, OSError, ValueError, TypeError, OverflowError)


def _describe(error: Exception) -> str:
    """What went wrong, without a word of the record: SQLite's own texts quote none, but those of
    the module around it do, for example where a text is not UTF-8.
    """
    if isinstance(error, sqlite3.Error) and hasattr(error, "sqlite_errorcode"):
        return f"the SQLite token store: {error}"
    if isinstance(error, OSError):
        return f"the SQLite token store: {error.strerror}"
    return f"the SQLite token store cannot hold or read this record: {type(error).__name__}"


_guarded = raising_store_errors(_TROUBLE, _describe)


class SqliteTokenStore(Closing):
    """Durable, and shared by whatever runs on this machine; needs nothing but the standard library.

    Each operation opens the database and closes it again, in a few ms: nothing is shared between
    threads or carried over a fork, and a store that was closed still works. SQLite's locks do not
    hold on network file systems: https://www.sqlite.org/wal.html

    Args:
        path: the database. Where it is missing it is made with mode 0600, and folders on the way
            with 0700; what exists is left as it is. Containers share the folder, not only the
            file: SQLite keeps its log beside it, and this store the signs of who is alive.
        clock: s, the same for every process of the machine; goes back with a reboot only.

    Raises:
        ConfigurationError: no file has such a name, for example ``:memory:``.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        name = os.fspath(path)
        if not isinstance(name, str) or name in ("", ":memory:") or "\0" in name:
            raise ConfigurationError("a SqliteTokenStore needs the path of a file")
        # Resolved: whoever comes by another link must find the same signs of life.
        self._path = Path(os.path.realpath(name))
        self._clock = clock
        self._turns = Turns(PATIENCE)
        self._presence = Presence(self._path)
        self._is_closed = False

    @_guarded
    def read(self, key: Key) -> TokenRecord | None:
        """The record, or None."""
        with self._transaction("BEGIN") as connection:
            row = connection.execute(_READ, key).fetchone()
            return None if row is None else _record(row)

    @_guarded
    def put(self, key: Key, record: TokenRecord) -> None:
        """Store what a login gave."""
        with self._transaction() as connection:
            connection.execute(_PUT, (*_values(record), *key))
        self._retire()

    @_guarded
    def begin(
        self, key: Key, *, replaces: TokenRecord, owner: str, lease: float
    ) -> TokenRecord | None:
        """Take the lease and note the intent; None where that cannot be."""
        with self._transaction() as connection:
            row = connection.execute(_READ, key).fetchone()
            if row is None or row["refresh_token"] != replaces.refresh_token:
                return None
            now = self._clock()
            if self._is_held(row, now):
                return None
            connection.execute(_BEGIN, (owner, self._presence.show(), now, now + lease, *key))
            return _record(row)

    @_guarded
    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        """Store what a refresh gave, if its predecessor is still the stored one."""
        with self._transaction() as connection:
            done = connection.execute(_COMMIT, (*_values(record), *key, replaces.refresh_token))
            is_stored = done.rowcount == 1
        self._retire()
        return is_stored

    @_guarded
    def fail(self, key: Key, owner: str, *, intent: bool, retry_at: float | None = None) -> None:
        """End the owner's lease without a new pair."""
        with self._transaction() as connection:
            connection.execute(_FAIL, (intent, retry_at, *key, owner))
        self._retire()

    @_guarded
    def delete(self, key: Key) -> None:
        """Forget the record; SQLite overwrites its bytes."""
        with self._transaction() as connection:
            connection.execute(_DELETE, key)
        self._retire()

    @_guarded
    def keys(self) -> Iterator[Key]:
        """Whose records there are."""
        with self._transaction("BEGIN") as connection:
            return iter([Key(*row) for row in connection.execute(_KEYS)])

    def close(self) -> None:
        """Take down the sign of life, now or with the end of the last lease that counts on it."""
        self._is_closed = True
        self._retire()

    def _is_held(self, row: sqlite3.Row, now: float) -> bool:
        """Whether somebody's lease holds: begun since the last reboot, which sets the clock back,
        and not by an owner who is dead.
        """
        begun, until, holder = row["lease_from"], row["lease_until"], row["lease_holder"]
        if until is None or not begun <= now < until:
            return False
        return holder is None or not self._presence.is_gone(holder)

    def _retire(self) -> None:
        """Whoever missed our sign would take over a lease of ours, and spend the token that is
        being spent: so a store that is closed keeps it while any such lease is under way.
        """
        if not self._is_closed or self._presence.name is None:
            return
        with suppress(TokenStoreError, *_TROUBLE), self._transaction("BEGIN") as connection:
            leases = connection.execute(_UNDER_WAY, (self._presence.name, self._clock()))
            if leases.fetchone() is None:
                self._presence.end()

    @contextmanager
    def _transaction(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[sqlite3.Connection]:
        with self._turns.turn(), transaction(self._path, begin) as connection:
            yield connection


def _values(record: TokenRecord) -> tuple[object, ...]:
    """The columns of a record, in the order of _PUT and _COMMIT."""
    return (
        record.access_token,
        record.refresh_token,
        record.expires_at,
        record.lifetime,
        record.refresh_expires_at,
        json.dumps(record.scope),
        record.needs_login,
        record.intent,
        record.retry_at,
    )


def _record(row: sqlite3.Row) -> TokenRecord:
    return TokenRecord(
        access_token=row["access_token"],
        refresh_token=row["refresh_token"],
        expires_at=row["expires_at"],
        lifetime=row["lifetime"],
        refresh_expires_at=row["refresh_expires_at"],
        scope=tuple(json.loads(row["scope"])),
        needs_login=row["needs_login"],
        intent=bool(row["intent"]),
        retry_at=row["retry_at"],
    )
