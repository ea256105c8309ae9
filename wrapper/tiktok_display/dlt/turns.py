"""One at a time: a lock that all see who share the database of a sync. It ends with its holder,
however that ends.
"""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

from ..addresses import address
from ..sync import Database, SyncError

_STEP = 0.2  # s; SQLite waits in steps, so that Ctrl-C comes through

# The transaction stands idle as long as a load takes, which is no accident. It looks at nothing,
# so it holds back no vacuum.
_PATIENCE = """
SELECT set_config('lock_timeout', :patience, true),
    set_config('idle_in_transaction_session_timeout', '0', true)
"""
_LOCK = "SELECT pg_advisory_xact_lock(1953066096, hashtext(:name))"


@contextmanager
def turn(
    database: str, name: str, patience: float, clock: Callable[[], float] = time.monotonic
) -> Iterator[None]:
    """Nobody else does this meanwhile.

    Args:
        database: that of the sync, as `SyncSettings` has it.
        name: what is done.
        patience: s to wait for whoever is at it.
        clock: monotonic seconds.

    Raises:
        SyncError: somebody is at it for longer, or the database cannot be reached.
    """
    kind, path = address(database)
    if kind == "postgresql":
        held = _in_postgres(database, name, patience)
    else:
        end = clock() + patience
        file = path + re.sub(r"\W+", "-", f" {name}")
        held = _in_file(file, lambda: clock() >= end)
    # What comes of the work is no matter of the lock: it is let go without a word of it.
    with closing(held):
        yield


def _in_postgres(url: str, name: str, patience: float) -> ExitStack:
    database = Database(url)
    with ExitStack() as held:
        held.callback(database.close)
        session = held.enter_context(database.transaction())
        session.run(_PATIENCE, {"patience": f"{max(1, int(patience * 1_000))}ms"})
        session.run(_LOCK, {"name": name})
        return held.pop_all()


def _in_file(file: str, is_over: Callable[[], bool]) -> ExitStack:
    """An empty SQLite file beside the database, for the sake of its lock."""
    with ExitStack() as held:
        try:
            connection = sqlite3.connect(file, timeout=_STEP, isolation_level=None)
            held.callback(connection.close)
            while not _is_locked(connection, is_over):
                pass
        except sqlite3.Error as trouble:
            error = SyncError(f"the lock beside the database of the sync: {trouble}")
        else:
            return held.pop_all()
    raise error


def _is_locked(connection: sqlite3.Connection, is_over: Callable[[], bool]) -> bool:
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as trouble:
        if trouble.sqlite_errorcode != sqlite3.SQLITE_BUSY or is_over():
            raise
        return False
    return True
