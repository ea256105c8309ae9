"""What SQLite and PostgreSQL say differently."""

import os
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Protocol

from ..addresses import Address, address
from ..errors import ConfigurationError
from ..secret import Secret

_PATIENCE = 30.0  # s for which others may keep the database busy
_NOTHING: Mapping[str, object] = {}

Values = Mapping[str, object]


class Session(Protocol):
    """A transaction. Statements name their values as ``:name``."""

    def run(self, statement: str, values: Values = _NOTHING) -> int:
        """Carry it out; how many rows it touched."""
        ...

    def run_all(self, statement: str, values: Sequence[Values]) -> None:
        """The same with each of these."""
        ...

    def rows(self, statement: str, values: Values = _NOTHING) -> Iterator[tuple[Any, ...]]:
        """What it finds."""
        ...


class Dialect(Protocol):
    """One kind of database, at one place."""

    troubles: tuple[type[Exception], ...]
    types: Mapping[str, str]
    lock: str  # until the transaction ends, nobody else makes tables
    made: str  # finds a row if there are tables

    def connect(self) -> Any:
        """A connection that begins no transaction by itself."""
        ...

    @contextmanager
    def transaction(self, connection: Any) -> Iterator[Session]:
        """Written at the end, unless there is an exception."""
        ...

    @contextmanager
    def reading(self, connection: Any) -> Iterator[Session]:
        """All of one moment, and in nobody's way."""
        ...

    def said(self, trouble: Exception) -> str:
        """What is wrong, without a word of what was to be written."""
        ...


def dialect_of(url: str, driver: str = "psycopg") -> Dialect | ConfigurationError:
    """The dialect that is spoken there, or what is wrong with the URL."""
    kind, path = address(url) if isinstance(url, str) else Address(None, "")
    if kind == "postgresql":
        try:
            import_module(driver)
        except ImportError:
            return ConfigurationError(
                "a sync into PostgreSQL needs `pip install 'tiktok-display[postgres]'`"
            )
        return Postgres(url)
    if not path or "\0" in path:
        return ConfigurationError("a sync needs sqlite:///path, a path, or postgresql://...")
    return Sqlite(path)


class Sqlite:
    """A file."""

    troubles: tuple[type[Exception], ...] = (sqlite3.Error, OSError)
    types: Mapping[str, str] = {"integer": "INTEGER", "day": "TEXT"}
    lock = "SELECT 1"  # `BEGIN IMMEDIATE` is one
    made = "SELECT 1 FROM sqlite_master WHERE name = 'tiktok_schema'"

    def __init__(self, path: str) -> None:
        # Absolute: threads that come later open it too, wherever the program has gone since.
        self._path = os.path.abspath(path)  # noqa: PTH100

    def connect(self) -> sqlite3.Connection:
        """One that waits for whoever is writing."""
        connection = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")  # https://www.sqlite.org/wal.html
            connection.execute("PRAGMA foreign_keys = ON")
        except sqlite3.Error:  # a file of something else
            connection.close()
            raise
        return connection

    @contextmanager
    def transaction(self, connection: sqlite3.Connection) -> Iterator[Session]:
        """Begun as a writer: one that becomes a writer later may have to begin anew."""
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            yield _SqliteSession(connection)

    @contextmanager
    def reading(self, connection: sqlite3.Connection) -> Iterator[Session]:
        """With a write-ahead log nobody waits for a reader."""
        connection.execute("BEGIN")
        with connection:
            yield _SqliteSession(connection)

    def said(self, trouble: Exception) -> str:
        """SQLite's own texts quote no values."""
        return str(trouble)


class _SqliteSession:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, statement: str, values: Values = _NOTHING) -> int:
        return self._connection.execute(statement, dict(values)).rowcount

    def run_all(self, statement: str, values: Sequence[Values]) -> None:
        self._connection.executemany(statement, [dict(each) for each in values])

    def rows(self, statement: str, values: Values = _NOTHING) -> Iterator[tuple[Any, ...]]:
        return iter(self._connection.execute(statement, dict(values)))


class Postgres(Secret):
    """A server."""

    types: Mapping[str, str] = {"integer": "BIGINT", "day": "DATE"}
    lock = "SELECT pg_advisory_xact_lock(1953066095)"
    made = "SELECT 1 WHERE to_regclass('tiktok_schema') IS NOT NULL"

    def __init__(self, url: str) -> None:
        from psycopg import Error  # noqa: PLC0415 - an extra

        self._url = url
        self.troubles: tuple[type[Exception], ...] = (Error, OSError)

    def connect(self) -> Any:
        """One that notices within seconds that the server is gone."""
        import psycopg  # noqa: PLC0415 - an extra

        return psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=10,
            keepalives_idle=10,
            tcp_user_timeout=30_000,
            fallback_application_name="tiktok-display",
        )

    @contextmanager
    def transaction(self, connection: Any) -> Iterator[Session]:
        """Written at the end, unless there is an exception."""
        with connection.transaction():
            yield _PostgresSession(connection)

    @contextmanager
    def reading(self, connection: Any) -> Iterator[Session]:
        """By default each statement would see a moment of its own."""
        with self.transaction(connection) as session:
            session.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield session

    def said(self, trouble: Exception) -> str:
        """The kind alone: texts may quote the URL, or a value."""
        state = getattr(trouble, "sqlstate", None)
        return type(trouble).__name__ + (f" ({state})" if state else "")


class _PostgresSession:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def run(self, statement: str, values: Values = _NOTHING) -> int:
        return int(self._connection.execute(_percent(statement), values).rowcount)

    def run_all(self, statement: str, values: Sequence[Values]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(_percent(statement), values)

    def rows(self, statement: str, values: Values = _NOTHING) -> Iterator[tuple[Any, ...]]:
        return iter(self._connection.execute(_percent(statement), values))


def _percent(statement: str) -> str:
    """With the names of values as PostgreSQL's driver writes them."""
    return re.sub(r"(?<!:):(\w+)", r"%(\1)s", statement)
