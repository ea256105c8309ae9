"""A token store in PostgreSQL: for any number of machines.

Every step is one statement, committed by itself: a replica that freezes between two of them holds
no row lock.
"""

import functools
import re
from collections.abc import Iterator
from typing import Any, Final, LiteralString

from attrs import asdict, fields

from ..errors import ConfigurationError
from ..secret import Secret
from .base import Key, TokenRecord
from .guard import Closing
from .postgres_session import Session, Values, address_of

_TABLE = re.compile(r"([a-z_]\w{0,62}\.)?[a-z_]\w{0,62}", re.ASCII | re.IGNORECASE)
_FIELDS = [field.name for field in fields(TokenRecord)]

_CREATE: Final = """
create table if not exists {table} (
    client_key         text not null,
    open_id            text not null,
    access_token       text not null,
    refresh_token      text not null,
    expires_at         double precision not null,  -- Unix seconds, UTC, as all that ends in _at
    lifetime           double precision not null,  -- s
    refresh_expires_at double precision,
    scope              text[] not null,
    needs_login        text,
    intent             boolean not null,  -- of attempts before the one that has the lease
    retry_at           double precision,
    lease_owner        text,              -- that attempt, itself an intent
    lease_holder       bigint,            -- the advisory lock of its store, while that lives
    lease_server       timestamptz,       -- the run of the server that has this lock
    lease_from         timestamptz,
    lease_until        timestamptz,
    primary key (client_key, open_id)
)"""
_READ: Final = """
select {fields}, lease_owner is not null as is_leased
from {table} where client_key = %(client_key)s and open_id = %(open_id)s"""
_PUT: Final = """
insert into {table} (client_key, open_id, {fields})
values (%(client_key)s, %(open_id)s, {values})
on conflict (client_key, open_id) do update set ({fields}, lease_owner) = row({values}, null)
returning true"""
# A lease ends with its time, or with the connection of whoever has it: then the advisory lock that
# shows its presence is gone. It is looked up, never tried: through a pooler we might share the
# owner's session, and get it. Where the server itself was started anew, crashed (which begins its
# statistics anew) or was replaced, every connection broke, and that says nothing of any owner. Nor
# does a lease hold that begins in the future: the server's clock was set back.
_BEGIN: Final = """
update {table} set
    intent = intent or (lease_owner is not null and not (%(again)s and lease_owner = %(owner)s)),
    lease_owner = %(owner)s, lease_holder = %(holder)s, lease_server = {server},
    lease_from = clock_timestamp(),
    lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
where client_key = %(client_key)s and open_id = %(open_id)s and refresh_token = %(replaces)s and (
    lease_owner is null
    or (%(again)s and lease_owner = %(owner)s)
    or clock_timestamp() not between lease_from - interval '1 minute' and lease_until
    or (lease_holder is not null and lease_server = {server} and not exists (
        select from pg_locks where locktype = 'advisory' and objsubid = 1
            and database = (select oid from pg_database where datname = current_database())
            and (classid::bigint << 32 | objid::bigint) = lease_holder)))
returning {fields}, false as is_leased"""
_SERVER: Final = """
greatest(pg_postmaster_start_time(), (select stats_reset from pg_stat_archiver))"""
_COMMIT: Final = """
update {table} set ({fields}, lease_owner) = row({values}, null)
where client_key = %(client_key)s and open_id = %(open_id)s and refresh_token = %(replaces)s
returning true"""
_FAIL: Final = """
update {table} set intent = %(intent)s, retry_at = %(retry_at)s, lease_owner = null
where client_key = %(client_key)s and open_id = %(open_id)s and lease_owner = %(owner)s
returning true"""
_DELETE: Final = """
delete from {table} where client_key = %(client_key)s and open_id = %(open_id)s returning true"""
_KEYS: Final = "select client_key, open_id from {table}"
_UNDER_WAY: Final = """
select true from {table}
where lease_holder = %(holder)s and lease_owner is not null and clock_timestamp() < lease_until"""


class PostgresTokenStore(Secret, Closing):
    """Durable, and shared by whatever reaches the server; needs ``tiktok-display[postgres]``.

    It makes its table where that is missing. A replica that dies delays nobody: its lease ends with
    its connection. One that freezes, or is behind a transaction pooler, delays the others until its
    lease is over. Its clock is the server's.

    One connection serves all threads; ``_patience`` (s) is how long an operation may take, after as
    long a wait for other threads', also where the server stands still.

    Args:
        dsn: of libpq, ``postgresql://...`` or ``host=... dbname=...``; what it does not say comes
            from the environment: https://www.postgresql.org/docs/current/libpq-envars.html
        table: its name, with or without a schema.

    Raises:
        ConfigurationError: ``dsn`` or ``table`` is none, or psycopg is not installed.
    """

    _place = _table = "?"  # for the repr of one that is not made yet

    def __init__(
        self, dsn: str, *, table: str = "tiktok_display_tokens", _patience: float = 15.0
    ) -> None:
        address = address_of(dsn)
        del dsn  # it may hold a password, and a traceback shows locals
        if isinstance(address, ConfigurationError):
            raise address
        if not _TABLE.fullmatch(table):
            raise ConfigurationError(f"not the name of a table: {table!r}")
        self._place, self._table = address.place, table
        create, under_way = self._query(_CREATE), self._query(_UNDER_WAY)
        self._session = Session(address, _patience, create=create, under_way=under_way)

    def __repr__(self) -> str:
        return f"<PostgresTokenStore at {self._place}, table {self._table}>"

    def read(self, key: Key) -> TokenRecord | None:
        """The record, or None."""
        rows, _ = self._session.run(self._query(_READ), _values(key), _record)
        return rows[0] if rows else None

    def put(self, key: Key, record: TokenRecord) -> None:
        """Store what a login gave."""
        self._session.run(self._query(_PUT), _values(key, record), bool)

    def begin(
        self, key: Key, *, replaces: TokenRecord, owner: str, lease: float
    ) -> TokenRecord | None:
        """Take the lease and note the intent; None where that cannot be."""
        values = _values(key, replaces=replaces.refresh_token, owner=owner, lease=lease)
        rows, _ = self._session.run(self._query(_BEGIN), values, _record)
        return rows[0] if rows else None

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        """Store what a refresh gave, if its predecessor is still the stored one."""
        values = _values(key, record, replaces=replaces.refresh_token)
        rows, again = self._session.run(self._query(_COMMIT), values, bool)
        # Refused the second time: the first may have been done, unheard.
        return bool(rows) or (again and self._holds(key, record))

    def fail(self, key: Key, owner: str, *, intent: bool, retry_at: float | None = None) -> None:
        """End the owner's lease without a new pair."""
        self._session.run(
            self._query(_FAIL), _values(key, owner=owner, intent=intent, retry_at=retry_at), bool
        )

    def delete(self, key: Key) -> None:
        """Forget the record."""
        self._session.run(self._query(_DELETE), _values(key), bool)

    def keys(self) -> Iterator[Key]:
        """Whose records there are."""
        rows, _ = self._session.run(self._query(_KEYS), Values(), Key)
        return iter(rows)

    def close(self) -> None:
        """Disconnect, now or with the end of the last lease that counts on the connection."""
        self._session.close()

    def _holds(self, key: Key, record: TokenRecord) -> bool:
        stored = self.read(key)
        return stored is not None and _pair(stored) == _pair(record)

    def _query(self, statement: LiteralString) -> bytes:
        return _for_table(self._table, statement)


@functools.cache
def _for_table(table: str, statement: LiteralString) -> bytes:
    from psycopg import sql  # noqa: PLC0415 - an extra, and slow to import

    query = sql.SQL(statement).format(
        table=sql.Identifier(*table.split(".")),
        fields=sql.SQL(", ").join(map(sql.Identifier, _FIELDS)),
        values=sql.SQL(", ").join(map(sql.Placeholder, _FIELDS)),
        server=sql.SQL(_SERVER),
    )
    return query.as_bytes(None)


def _values(key: Key, record: TokenRecord | None = None, **others: object) -> Values:
    values = Values(key._asdict(), **others)
    if record is not None:
        values.update(asdict(record), scope=list(record.scope))
    return values


def _record(*row: Any) -> TokenRecord:
    *columns, is_leased = row
    read: dict[str, Any] = dict(zip(_FIELDS, columns, strict=True))
    read["scope"] = tuple(read["scope"])
    read["intent"] |= is_leased
    return TokenRecord(**read)


def _pair(record: TokenRecord) -> tuple[str, str]:
    return record.access_token, record.refresh_token
