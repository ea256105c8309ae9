"""The file behind `SqliteTokenStore`: private from its first instant, open for one transaction."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from ..errors import TokenStoreError

PATIENCE = 10.0  # s for which others may keep the database busy

_VERSION = 1  # of the table; `PRAGMA user_version` tells
_TABLE = """
CREATE TABLE records (
    client_key         TEXT NOT NULL,
    open_id            TEXT NOT NULL,
    access_token       TEXT NOT NULL,
    refresh_token      TEXT NOT NULL,
    expires_at         REAL NOT NULL,    -- Unix seconds, UTC, as all that ends in _at
    lifetime           REAL NOT NULL,    -- s
    refresh_expires_at REAL,
    scope              TEXT NOT NULL,    -- a JSON list
    needs_login        TEXT,
    intent             INTEGER NOT NULL, -- 0 or 1
    retry_at           REAL,
    lease_owner        TEXT,             -- one attempt to refresh
    lease_holder       TEXT,             -- whose sign of life it counts on
    lease_from         REAL,             -- s on the machine's monotonic clock, as lease_until
    lease_until        REAL,
    PRIMARY KEY (client_key, open_id)
) WITHOUT ROWID
"""
_FOREIGN = "SELECT 1 FROM pragma_user_version, sqlite_master WHERE user_version = 0"

_creating = threading.Lock()


@contextmanager
def transaction(path: Path, begin: str) -> Iterator[sqlite3.Connection]:
    """A connection to the database, made where it is missing, for one transaction.

    Raises `TokenStoreError` where the file is of something else, or of a newer version of this
    package; besides, whatever the system and SQLite raise.
    """
    _make_file(path)
    with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row  # its repr shows no token
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        if _version(connection) == 0:
            _make_table(connection)
        with connection:
            connection.execute(begin)
            if _version(connection) > _VERSION:
                raise TokenStoreError("the token database is of a newer version of tiktok-display")
            yield connection


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _make_file(path: Path) -> None:
    """An empty database that nobody else can read for an instant; SQLite gives its log and index
    the same mode.

    To close a file ends every lock that this process has on it, those of other threads'
    connections too; hence one at a time, and only what certainly nobody has open:
    https://www.sqlite.org/howtocorrupt.html
    """
    with suppress(FileExistsError), _creating:
        _make_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _make_table(connection: sqlite3.Connection) -> None:
    if connection.execute(_FOREIGN).fetchone() is not None:
        raise TokenStoreError("the file is a database of something else than tokens")
    # With it readers and a writer do not wait for each other. Refused where another process is
    # just at it; then that one does it, for good.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        if _version(connection) == 0:
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA user_version = {_VERSION}")
