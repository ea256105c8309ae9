"""What holds for tokens in PostgreSQL, beyond what holds for every store and on every server."""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TypeAlias

import psycopg
import pytest
from attrs import evolve

from tests.stores.replica import FIRST, KEY, NEXT, answered, begin, replica, within
from tests.stores.servers import private, stopped
from tests.stores.sites import PostgresSite
from tiktok_display import ConfigurationError, TokenStoreError
from tiktok_display.stores.postgres import PostgresTokenStore

Connection: TypeAlias = psycopg.Connection[tuple[object, ...]]
Told = Callable[[BaseException], str]


@pytest.fixture
def site(postgres_dsn: str) -> PostgresSite:
    """A table, on a server that may be stopped, frozen and robbed of connections."""
    return PostgresSite(private(postgres_dsn))


@pytest.fixture
def store(site: PostgresSite) -> Iterator[PostgresTokenStore]:
    """A store that holds the first pair."""
    with site.open() as store:
        store.put(KEY, FIRST)
        yield store


def connection_of(store: PostgresTokenStore) -> Connection:
    connection = store._session._connection
    assert connection is not None
    return connection


def backend(store: PostgresTokenStore) -> int:
    """The process of the server that serves a store, which is connected thereafter."""
    store.read(KEY)
    return connection_of(store).info.backend_pid


def test_a_dead_owner_delays_nobody(site: PostgresSite, store: PostgresTokenStore) -> None:
    with replica(site.opener()) as owner:
        assert begin(store) is None
        owner.kill()
        assert within(5, lambda: begin(store) == evolve(FIRST, intent=True))


def test_a_crashed_server_is_no_sign_that_owners_are_dead(
    site: PostgresSite, store: PostgresTokenStore
) -> None:
    assert begin(store)
    with site.open() as other:
        os.kill(backend(other), 9)  # whereupon PostgreSQL ends every connection, and recovers
        assert answered(lambda: begin(other)) is None
    assert store.commit(KEY, NEXT, replaces=FIRST)


def test_behind_a_pooler_a_lease_ends_with_its_time(
    site: PostgresSite, store: PostgresTokenStore
) -> None:
    def like_a_pooler(said: bytes) -> bytes:
        """It makes up a process id for its clients."""
        return re.sub(rb"K\0\0\0\x0c.{4}", b"K\0\0\0\x0c\0\0\0\x07", said, flags=re.DOTALL)

    with site.proxy(like_a_pooler) as proxy:
        pooled = site.open(site.through(proxy))
        assert pooled.read(KEY) == FIRST
        with site.connect() as watcher:
            locks = watcher.execute(
                "select classid::bigint << 32 | objid::bigint from pg_locks"
                " where locktype = 'advisory'"
            ).fetchall()
        assert (store._session._number,) in locks
        assert (pooled._session._number,) not in locks
        assert begin(pooled)
        pooled.close()
        assert begin(store) is None
        site.lapse()
        assert begin(store)


def test_a_table_made_by_hand_needs_no_right_to_make_one(
    site: PostgresSite, store: PostgresTokenStore
) -> None:
    with site.connect() as connection:
        connection.execute(f"create role {site.name} login password 'pw'")
        connection.execute(f"grant select, insert, update, delete on {site.name} to {site.name}")
    mine = re.sub(r"//tests:\w+@", f"//{site.name}:pw@", site.server.address)
    with PostgresTokenStore(mine, table=f"public.{site.name}") as guest:
        assert begin(guest) == FIRST


def test_a_table_of_another_kind_is_an_error_that_names_no_data(
    site: PostgresSite, told: Told
) -> None:
    with site.connect() as connection:
        connection.execute(f"create table {site.name} (client_key text, open_id text)")
    store = site.open()
    with store, pytest.raises(TokenStoreError, match="UndefinedColumn, SQLSTATE 42703") as caught:
        store.put(KEY, FIRST)
    assert "act." not in told(caught.value)


def test_what_postgres_cannot_hold_is_an_error_that_names_no_data(
    store: PostgresTokenStore, told: Told
) -> None:
    with pytest.raises(TokenStoreError) as caught:
        store.put(KEY, evolve(NEXT, access_token="act.\0"))
    assert "act." not in told(caught.value)
    assert store.read(KEY) == FIRST


def test_the_server_bounds_what_it_does_by_itself(store: PostgresTokenStore) -> None:
    backend(store)
    limits = connection_of(store).execute(
        "select current_setting('statement_timeout'), current_setting('lock_timeout')"
    )
    assert limits.fetchone() == ("10s", "10s")


def test_a_frozen_backend_is_an_error_in_time_and_the_store_recovers(
    site: PostgresSite, told: Told
) -> None:
    with site.open(patience=0.3) as store:
        answered(lambda: store.put(KEY, FIRST))
        with stopped(answered(lambda: backend(store))):
            start = time.monotonic()
            with pytest.raises(TokenStoreError, match=r"no answer within 0\.3 s") as caught:
                store.commit(KEY, NEXT, replaces=FIRST)
            assert time.monotonic() - start < 5
        assert "rft." not in told(caught.value)
        # Refused, where the server did the first after all.
        answered(lambda: store.commit(KEY, NEXT, replaces=FIRST))
        assert answered(lambda: store.read(KEY)) == NEXT


def test_somebody_elses_lock_is_an_error_in_time(
    site: PostgresSite, store: PostgresTokenStore
) -> None:
    with site.open(patience=0.3) as impatient:
        with site.connect() as connection, connection.transaction():
            connection.execute(f"lock table {site.name}")
            with pytest.raises(TokenStoreError):
                impatient.read(KEY)
        assert answered(lambda: impatient.read(KEY)) == FIRST


def test_a_statement_that_the_server_gives_up_leaves_the_connection(
    site: PostgresSite, store: PostgresTokenStore
) -> None:
    process = backend(store)
    connection_of(store).execute("set lock_timeout = '50ms'")
    with site.connect() as connection, connection.transaction():
        connection.execute(f"lock table {site.name}")
        with pytest.raises(TokenStoreError, match="LockNotAvailable, SQLSTATE 55P03"):
            store.read(KEY)
    assert backend(store) == process


@pytest.mark.parametrize(
    "dsn", ["mysql://me:hunter2@db/tokens", "postgresql://me:hunter2@[db/x", "hunter2", None]
)
def test_what_is_no_connection_string_is_refused_without_a_word_of_it(dsn: str, told: Told) -> None:
    with pytest.raises(ConfigurationError) as caught:
        PostgresTokenStore(dsn)
    assert "hunter2" not in told(caught.value)


@pytest.mark.parametrize("table", ["", "1st", "a.b.c", 'a"b', "a b", "täbel", "a" * 64, "a\n"])
def test_what_is_no_name_of_a_table_is_refused(table: str, told: Told) -> None:
    with pytest.raises(ConfigurationError, match="not the name of a table") as caught:
        PostgresTokenStore("postgresql://me:hunter2@db/tokens", table=table)
    assert "hunter2" not in told(caught.value)


def test_a_store_tells_where_it_looks_but_no_password() -> None:
    store = PostgresTokenStore("host=db.example port=6432 password=hunter2", table="app.tokens")
    assert repr(store) == "<PostgresTokenStore at db.example:6432, table app.tokens>"
    with pytest.raises(TypeError):
        store.__reduce_ex__(2)


def test_parent_and_child_of_a_fork_go_their_own_ways(
    site: PostgresSite, store: PostgresTokenStore
) -> None:
    script = """
import os, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # of forks among threads
from tests.stores.replica import FIRST, KEY, NEXT, begin
store = open_store()
assert begin(store, "parent")
child = os.fork()
if not child:
    assert begin(store, "child") is None
    sys.exit()
assert os.waitpid(child, 0)[1] == 0
with open_store() as other:
    assert begin(other, "other") is None
assert store.commit(KEY, NEXT, replaces=FIRST)
if not os.fork():
    store.close()
"""
    assert site.run(script) == ""
    assert store.read(KEY) == NEXT


def test_a_child_lets_go_of_its_parents_connection_without_a_goodbye(
    site: PostgresSite, store: PostgresTokenStore
) -> None:
    parents = backend(store)
    connection = connection_of(store)
    line = os.dup(connection.fileno())  # the parent's
    store._session.after_fork()
    assert connection.closed
    assert backend(store) != parents
    with site.connect() as watcher:
        served = watcher.execute("select count(*) from pg_stat_activity where pid = %s", [parents])
        assert served.fetchone() == (1,)
    os.close(line)
    site.open()._session.after_fork()  # which never was connected


def test_a_child_does_not_keep_its_dead_parents_lease(
    site: PostgresSite, store: PostgresTokenStore
) -> None:
    with replica(site.opener()) as parent:
        parent.fork()
        assert begin(store) is None
        parent.kill()
        assert within(5, lambda: begin(store))


def test_a_closed_store_disconnects(store: PostgresTokenStore) -> None:
    backend(store)
    connection = connection_of(store)
    with closing(store):
        assert not connection.closed
    assert connection_of(store) is connection
    assert connection_of(store).closed
    assert store.read(KEY) == FIRST
    assert connection_of(store).closed
