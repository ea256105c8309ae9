"""The database of a sync, one connection a thread, with its tables."""

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

from ..errors import ConfigurationError, TikTokError
from ..forks import renewed_in_children
from ..secret import Secret
from .dialects import Dialect, Session, dialect_of
from .schema import TABLES, VERSION


class SyncError(TikTokError):
    """A sync cannot go on: its database cannot be read or written, or its workers are gone."""


class Database(Secret):
    """Opened when it is first used; safe between threads, and over forks.

    Args:
        url: ``sqlite:///path``, or the path alone; ``postgresql://…`` with the extra
            ``[postgres]``.

    Raises:
        ConfigurationError: there is no such kind, or its extra is missing.
    """

    def __init__(self, url: str) -> None:
        dialect = dialect_of(url)
        del url  # so that no traceback's locals show it
        if isinstance(dialect, ConfigurationError):
            raise dialect
        self._dialect: Dialect = dialect
        self._inherited: object = None
        self._local = threading.local()
        self.after_fork()
        renewed_in_children(self)

    def after_fork(self) -> None:
        """The parent's connections are kept, unused: to close one would end it for the parent."""
        self._inherited, self._local = (self._inherited, self._local), threading.local()
        self._making, self._is_made = threading.Lock(), False

    def transaction(self) -> AbstractContextManager[Session]:
        """All that is done in it is written, or nothing is.

        Raises:
            SyncError: the database cannot be read or written.
        """
        return self._session(self._dialect.transaction)

    def reading(self) -> AbstractContextManager[Session]:
        """What is read in it is of one moment; it keeps nobody from writing meanwhile.

        Raises:
            SyncError: the database cannot be read.
        """
        return self._session(self._dialect.reading)

    @contextmanager
    def _session(
        self, begin: Callable[[Any], AbstractContextManager[Session]]
    ) -> Iterator[Session]:
        try:
            if not self._is_made:
                self._make_tables()
            with begin(self._connection()) as session:
                yield session
        except self._dialect.troubles as trouble:
            self.close()
            error = SyncError(f"the database of the sync: {self._dialect.said(trouble)}")
        else:
            return
        raise error from None

    def close(self) -> None:
        """Let go of this thread's connection; the next transaction opens another."""
        vars(self._local).pop("held", None)

    def _connection(self) -> Any:
        if not hasattr(self._local, "held"):
            self._local.held = _Held(self._dialect.connect())
        return self._local.held.connection

    def _make_tables(self) -> None:
        with self._making, self._dialect.transaction(self._connection()) as session:
            session.run(self._dialect.lock)
            # Only where they are missing: `CREATE INDEX` waits for whoever is writing, also where
            # there is nothing to create, and a writer may come to wait for it.
            is_new = not list(session.rows(self._dialect.made))
            for table in TABLES.split(";\n") if is_new else ():
                session.run(table.format_map(self._dialect.types))
            versions = [version for (version,) in session.rows("SELECT version FROM tiktok_schema")]
            if not versions:
                session.run("INSERT INTO tiktok_schema VALUES (:version)", {"version": VERSION})
            elif max(versions) > VERSION:
                raise SyncError("the database of the sync is of a newer version of tiktok-display")
        self._is_made = True


class _Held:
    """A connection that is closed when nobody holds it any more: its thread has ended, say. Not at
    the end of the process: it may be a child that has inherited it.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        weakref.finalize(self, _close, connection).atexit = False


def _close(connection: Any) -> None:
    with suppress(Exception):
        connection.close()
