"""One connection to PostgreSQL, renewed when it breaks; no statement on it lasts for ever."""

import functools
import math
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final, TypeVar

from attrs import field, frozen

from ..errors import ConfigurationError, TokenStoreError
from ..forks import renewed_in_children
from ..secret import Secret
from ..transport.alarms import alarms
from .guard import raising_store_errors
from .turns import Turns

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[object, ...]]

_T = TypeVar("_T")

# Only where the server that answers is the one we are connected to: a pooler makes up process ids
# of its own, and what is set or locked in its sessions would meet its other clients.
_SHOW_PRESENCE: Final = b"""
select pg_advisory_lock_shared(%(number)s), set_config('statement_timeout', '10s', false),
    set_config('lock_timeout', '10s', false),
    set_config('default_transaction_isolation', 'read committed', false),
    (select set_config(name, '0', false) from pg_settings where name = 'idle_session_timeout')
where pg_backend_pid() = %(process)s"""

# A server that is gone is noticed between two statements, or soon after the next one is sent.
_LINE = {
    "keepalives_idle": "10",  # s
    "keepalives_interval": "3",
    "keepalives_count": "3",
    "tcp_user_timeout": "5000",  # ms
    "fallback_application_name": "tiktok-display",
}


class Values(Secret, dict[str, object]):
    """What a statement is filled in with, by the server: errors and views quote the text alone."""

    def __repr__(self) -> str:
        return f"<values of {', '.join(self)}>"


@frozen
class Address(Secret):
    """Where the server is, and how it lets us in."""

    conninfo: str = field(repr=False)
    place: str


def address_of(dsn: str, driver: str = "psycopg") -> Address | ConfigurationError:
    """The address that a DSN says, with what keeps the line alive; its own words win."""
    try:
        import_module(driver)
    except ImportError:
        return ConfigurationError(
            "a PostgresTokenStore needs `pip install tiktok-display[postgres]`"
        )
    from psycopg import Error  # noqa: PLC0415 - an extra, and slow to import
    from psycopg.conninfo import conninfo_to_dict, make_conninfo  # noqa: PLC0415

    with suppress(Error, AttributeError, TypeError, ValueError):  # whose texts quote the DSN
        said = Values(conninfo_to_dict(dsn))
        host = said.get("host") or said.get("hostaddr") or "the default host"
        line = {name: value for name, value in _LINE.items() if name not in said}
        return Address(make_conninfo(dsn, **line), f"{host}:{said.get('port', 5432)}")
    return ConfigurationError("not a connection string of PostgreSQL")


class Session:
    """Safe to share between threads; a fork waits for the end of a statement.

    While it is connected, an advisory lock shows its presence to others: on a number that stays the
    same whatever connection it comes by, and that no other process has.
    """

    def __init__(
        self, address: Address, patience: float, *, create: bytes, under_way: bytes
    ) -> None:
        self._address, self._patience = address, patience
        self._create, self._under_way = create, under_way
        self._turns = Turns(patience)
        self._connection: Connection | None = None
        self._number = _random_number()
        self._holder: int | None = None  # the number, where others see it
        self._is_closed = False
        renewed_in_children(self)

    def run(self, query: bytes, values: Values, make: Callable[..., _T]) -> tuple[list[_T], bool]:
        """The rows of one statement, and whether it was said twice: the connection broke under the
        first, and nobody knows whether the server had carried it out. The second says ``again``.

        Raises:
            TokenStoreError: the server is not there, does not answer in time, or refuses.
        """
        import psycopg  # noqa: PLC0415 - see above

        guarded = raising_store_errors((psycopg.Error, UnicodeError), self._describe)
        with self._turns.turn():
            try:
                return guarded(self._perform)(query, values, make)
            finally:
                self._retire()

    def close(self) -> None:
        """Disconnect, now or with the end of the last lease that counts on our presence."""
        self._is_closed = True
        with suppress(TokenStoreError), self._turns.turn():  # else whoever has the turn does it
            self._retire()

    def after_fork(self) -> None:
        """The child's copy of the socket is swapped for the null device before it is closed, lest
        the server be told goodbye in the parent's name. Kept open, it would outlive the parent.
        """
        connection, self._connection = self._connection, None
        self._number = _random_number()
        if connection is not None and not connection.closed:
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, connection.fileno())
            os.close(null)
            connection.close()

    def _perform(
        self, query: bytes, values: Values, make: Callable[..., _T]
    ) -> tuple[list[_T], bool]:
        from psycopg import OperationalError  # noqa: PLC0415 - see above

        end = time.monotonic() + self._patience
        connection = self._connected(end)  # where this fails, nothing was said
        values["again"] = False
        try:
            return self._say(connection, query, values, make, end), False
        except OperationalError:
            if not connection.closed or time.monotonic() >= end:
                raise
        values["again"] = True
        return self._say(self._connected(end), query, values, make, end), True

    def _connected(self, end: float) -> "Connection":
        if self._connection is None or self._connection.closed:
            connection = _quiet().connect(
                self._address.conninfo,
                autocommit=True,
                prepare_threshold=None,  # a pooler would look for it in another session
                client_encoding="utf8",
                connect_timeout=max(2, math.ceil(end - time.monotonic())),  # s
            )
            values = Values(number=self._number, process=connection.info.backend_pid)
            shown = self._say(connection, _SHOW_PRESENCE, values, lambda *_: True, end)
            self._connection, self._holder = connection, self._number if shown else None
        return self._connection

    def _say(
        self,
        connection: "Connection",
        query: bytes,
        values: Values,
        make: Callable[..., _T],
        end: float,
    ) -> list[_T]:
        from psycopg.errors import UndefinedTable  # noqa: PLC0415 - see above
        from psycopg.pq import TransactionStatus  # noqa: PLC0415 - see above
        from psycopg.rows import args_row  # noqa: PLC0415 - see above

        values["holder"] = self._holder
        try:
            with _cut_off_at(end, connection), connection.cursor(row_factory=args_row(make)) as it:
                try:
                    it.execute(query, values)
                except UndefinedTable:
                    self._create_table(connection)
                    it.execute(query, values)
                return it.fetchall()
        finally:
            if connection.info.transaction_status != TransactionStatus.IDLE:
                connection.close()

    def _create_table(self, connection: "Connection") -> None:
        """``if not exists`` does not keep two replicas from doing it at once; then one fails."""
        from psycopg.errors import DuplicateObject, DuplicateTable, UniqueViolation  # noqa: PLC0415 - see above

        with suppress(DuplicateObject, DuplicateTable, UniqueViolation):
            connection.execute(self._create)

    def _retire(self) -> None:
        import psycopg  # noqa: PLC0415 - see above

        connection = self._connection
        if not self._is_closed or connection is None or connection.closed:
            return
        end = time.monotonic() + self._patience
        with suppress(psycopg.Error):
            if not self._say(connection, self._under_way, Values(), bool, end):
                connection.close()

    def _describe(self, error: Exception) -> str:
        """What went wrong, in none of the server's words: they may quote a record."""
        name, state = type(error).__name__, getattr(error, "sqlstate", None)
        if state is not None or not (self._connection is None or self._connection.closed):
            return f"the PostgreSQL token store: {name}" + (f", SQLSTATE {state}" if state else "")
        return (
            f"no connection to PostgreSQL at {self._address.place}, or no answer within "
            f"{self._patience:g} s: {name}; is it up, and are user, password and database right?"
        )


def _random_number() -> int:
    return secrets.randbits(64) - 2**63  # a bigint


@functools.cache
def _quiet() -> "type[Connection]":
    import psycopg  # noqa: PLC0415 - see above

    class Quiet(psycopg.Connection[tuple[object, ...]]):
        """One that may be left open: psycopg ends it with its last reference, but would warn."""

        def __del__(self, *_: object) -> None: ...

    return Quiet


@contextmanager
def _cut_off_at(end: float, connection: "Connection") -> Iterator[None]:
    """Shut the line when time is up: a server that stands still keeps no time limit of its own."""
    line = socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM)
    alarm = alarms.set(max(0.0, end - time.monotonic()), partial(_shut, line))
    with line:
        try:
            yield
        finally:
            alarm.cancel()


def _shut(line: socket.socket) -> None:
    with suppress(OSError):  # it was in time after all
        line.shutdown(socket.SHUT_RDWR)
