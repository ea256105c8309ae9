"""What holds for tokens in PostgreSQL, beyond what holds for every store."""

import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress

import psycopg
import pytest
from attrs import evolve

from tests.stores.proxy import Proxy
from tests.stores.replica import FIRST, KEY, NEXT, THIRD, replica, run, within
from tests.stores.servers import Server, private_postgres, stopped
from tiktok_display import ConfigurationError, TokenRecord, TokenStoreError
from tiktok_display.stores.postgres import PostgresTokenStore
from tiktok_display.stores.postgres_session import address_of

Told = Callable[[BaseException], str]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL that may be stopped, frozen and robbed of connections."""
    if os.environ.get("TIKTOK_DISPLAY_TEST_POSTGRES"):
        pytest.skip("the server that is named is not ours to stop")
    with private_postgres() as server:
        yield server


@pytest.fixture
def table() -> str:
    return f"tokens_{uuid.uuid4().hex}"


@pytest.fixture
def store(server: Server, table: str) -> Iterator[PostgresTokenStore]:
    """A store that holds the first pair."""
    with PostgresTokenStore(server.address, table=table, _patience=2.0) as store:
        store.put(KEY, FIRST)
        yield store


@pytest.fixture
def other(server: Server, table: str) -> Iterator[PostgresTokenStore]:
    """Another store on the same table."""
    with PostgresTokenStore(server.address, table=table) as other:
        yield other


def begin(
    store: PostgresTokenStore,
    replaces: TokenRecord = FIRST,
    owner: str = "a",
    lease: float = 30.0,
) -> TokenRecord | None:
    return store.begin(KEY, replaces=replaces, owner=owner, lease=lease)


def backend(store: PostgresTokenStore) -> int:
    """The process of the server that serves a store, which is connected thereafter."""
    store.read(KEY)
    assert store._session._connection
    return store._session._connection.info.backend_pid


def cut(server: Server, store: PostgresTokenStore) -> None:
    """End a store's connection; it is not told."""
    process = backend(store)
    with psycopg.connect(server.address, autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(%s, 5000)", [process])


def through(proxy: Proxy, server: Server) -> str:
    return re.sub(r"@/(\w+)\?host=.*", rf"@127.0.0.1:{proxy.port}/\1", server.address)


def socket_of(server: Server) -> str:
    return server.address.partition("host=")[2] + "/.s.PGSQL.5432"


def test_a_dead_owner_delays_nobody(server: Server, store: PostgresTokenStore, table: str) -> None:
    with replica("postgres", server.address, table) as owner:
        assert begin(store) is None
        owner.kill()
        assert within(5, lambda: begin(store) == evolve(FIRST, intent=True))


def test_a_frozen_owner_delays_until_its_lease_is_over_and_its_late_commit_is_refused(
    server: Server, store: PostgresTokenStore, table: str
) -> None:
    with replica("postgres", server.address, table, lease=1.0) as owner:
        with stopped(owner.id):
            owner.tell_to_commit()
            assert begin(store) is None
            assert within(5, lambda: begin(store))
            assert store.commit(KEY, THIRD, replaces=FIRST)
        assert owner.says() == "False"
    assert store.read(KEY) == THIRD


def test_a_late_commit_is_taken_while_nobody_has_bought_another_pair(
    server: Server, store: PostgresTokenStore, table: str
) -> None:
    with replica("postgres", server.address, table, lease=1.0) as owner:
        with stopped(owner.id):
            owner.tell_to_commit()
            assert within(5, lambda: begin(store))
        assert owner.says() == "True"
    assert not store.commit(KEY, THIRD, replaces=FIRST)
    assert store.read(KEY) == NEXT


def test_a_commit_survives_a_cut_connection_and_counts_once(
    server: Server, store: PostgresTokenStore
) -> None:
    assert begin(store)
    cut(server, store)
    assert store.commit(KEY, NEXT, replaces=FIRST)
    assert not store.commit(KEY, NEXT, replaces=FIRST)
    assert store.read(KEY) == NEXT


def test_who_comes_back_by_another_connection_still_has_its_lease(
    server: Server, store: PostgresTokenStore, other: PostgresTokenStore
) -> None:
    assert begin(store)
    cut(server, store)
    assert store.read(KEY) == evolve(FIRST, intent=True)
    assert begin(other) is None


def test_a_restarted_server_is_no_sign_that_owners_are_dead(
    server: Server, store: PostgresTokenStore, other: PostgresTokenStore
) -> None:
    assert begin(store)
    server.stop(signal.SIGINT)  # in peace, unlike a crash
    with pytest.raises(TokenStoreError):
        other.read(KEY)
    server.start()
    assert begin(other) is None
    assert store.commit(KEY, NEXT, replaces=FIRST)


def test_a_crashed_server_is_no_sign_that_owners_are_dead(
    server: Server, store: PostgresTokenStore, other: PostgresTokenStore
) -> None:
    assert begin(store)
    os.kill(backend(other), 9)  # whereupon PostgreSQL ends every connection, and recovers

    answers: list[TokenRecord | None] = []

    def is_answered() -> bool:
        with suppress(TokenStoreError):  # "the database system is in recovery mode"
            answers.append(begin(other))
        return bool(answers)

    assert within(10, is_answered)
    assert answers == [None]
    assert store.commit(KEY, NEXT, replaces=FIRST)


def test_a_lease_from_the_future_does_not_hold(
    server: Server, store: PostgresTokenStore, other: PostgresTokenStore, table: str
) -> None:
    assert begin(store)
    with psycopg.connect(server.address, autocommit=True) as connection:
        connection.execute(
            f"update {table} set lease_from = lease_from + interval '1 day',"
            " lease_until = lease_until + interval '1 day'"
        )
    assert begin(other)


@pytest.mark.parametrize("superseded", [False, True])
def test_a_commit_whose_answer_was_lost_is_true_where_its_pair_is_stored(
    server: Server, store: PostgresTokenStore, table: str, superseded: bool
) -> None:
    def another_login() -> None:
        if superseded:
            store.put(KEY, THIRD)

    with (
        Proxy(socket_of(server)) as proxy,
        PostgresTokenStore(through(proxy, server), table=table) as far,
    ):
        assert begin(far)
        proxy.lose_next_answer(another_login)
        assert far.commit(KEY, NEXT, replaces=FIRST) is not superseded
    assert store.read(KEY) == (THIRD if superseded else NEXT)


def test_a_begin_whose_answer_was_lost_has_begun_and_says_what_was_before(
    server: Server, store: PostgresTokenStore, table: str
) -> None:
    with (
        Proxy(socket_of(server)) as proxy,
        PostgresTokenStore(through(proxy, server), table=table) as far,
    ):
        far.read(KEY)
        proxy.lose_next_answer()
        assert begin(far) == FIRST
        assert begin(store) is None
        proxy.lose_next_answer()
        far.fail(KEY, "a", intent=False)
    assert begin(store) == FIRST


def test_behind_a_pooler_a_lease_ends_with_its_time(
    server: Server, store: PostgresTokenStore, table: str
) -> None:
    def like_a_pooler(said: bytes) -> bytes:
        """It makes up a process id for its clients."""
        return re.sub(rb"K\0\0\0\x0c.{4}", b"K\0\0\0\x0c\0\0\0\x07", said, flags=re.DOTALL)

    with Proxy(socket_of(server), like_a_pooler) as proxy:
        pooled = PostgresTokenStore(through(proxy, server), table=table)
        assert pooled.read(KEY) == FIRST
        with psycopg.connect(server.address) as watcher:
            locks = watcher.execute(
                "select classid::bigint << 32 | objid::bigint from pg_locks"
                " where locktype = 'advisory'"
            ).fetchall()
        assert (store._session._number,) in locks
        assert (pooled._session._number,) not in locks
        assert begin(pooled, lease=1.0)
        pooled.close()
        assert begin(store) is None
        assert within(5, lambda: begin(store))


def test_sixteen_replicas_make_one_table_and_one_begins(server: Server, table: str) -> None:
    start = threading.Barrier(16)

    def race(store: PostgresTokenStore) -> TokenRecord | None:
        start.wait()
        store.put(KEY, FIRST)
        start.wait()
        return begin(store, owner=str(id(store)))

    stores = [PostgresTokenStore(server.address, table=table) for _ in range(16)]
    with ThreadPoolExecutor(16) as threads:
        begun = [record for record in threads.map(race, stores) if record]
    assert begun == [FIRST]


def test_a_table_made_by_hand_needs_no_right_to_make_one(
    server: Server, store: PostgresTokenStore, table: str
) -> None:
    with psycopg.connect(server.address, autocommit=True) as connection:
        connection.execute(f"create role {table} login password 'pw'")
        connection.execute(f"grant select, insert, update, delete on {table} to {table}")
    address = server.address.replace("//tests:", f"//{table}:")
    mine = re.sub(r":[^:@/]+@", ":pw@", address)
    with PostgresTokenStore(mine, table=f"public.{table}") as guest:
        assert begin(guest) == FIRST


def test_a_table_of_another_kind_is_an_error_that_names_no_data(
    server: Server, table: str, told: Told
) -> None:
    with psycopg.connect(server.address, autocommit=True) as connection:
        connection.execute(f"create table {table} (client_key text, open_id text)")
    store = PostgresTokenStore(server.address, table=table)
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
    assert store._session._connection
    limits = store._session._connection.execute(
        "select current_setting('statement_timeout'), current_setting('lock_timeout')"
    )
    assert limits.fetchone() == ("10s", "10s")


def test_a_frozen_backend_is_an_error_in_time_and_the_store_recovers(
    store: PostgresTokenStore, told: Told
) -> None:
    with stopped(backend(store)):
        start = time.monotonic()
        with pytest.raises(TokenStoreError, match="no answer within 2 s") as caught:
            store.commit(KEY, NEXT, replaces=FIRST)
        assert time.monotonic() - start < 5
    assert "rft." not in told(caught.value)
    store.commit(KEY, NEXT, replaces=FIRST)  # refused, where the server did the first after all
    assert store.read(KEY) == NEXT


def test_a_frozen_server_is_an_error_in_time_for_every_thread(
    server: Server, store: PostgresTokenStore
) -> None:
    def attempt(_: int) -> str:
        try:
            return str(store.read(KEY))
        except TokenStoreError as error:
            return str(error)

    with ExitStack() as frozen, ThreadPoolExecutor(4) as threads:
        frozen.enter_context(stopped(backend(store)))
        frozen.enter_context(server.frozen())
        start = time.monotonic()
        said = list(threads.map(attempt, range(4)))
        assert time.monotonic() - start < 15
    assert all("no answer" in text or "kept the token store busy" in text for text in said)
    assert store.read(KEY) == FIRST


def test_somebody_elses_lock_is_an_error_in_time(
    server: Server, store: PostgresTokenStore, table: str
) -> None:
    with psycopg.connect(server.address) as connection:
        connection.execute(f"lock table {table}")
        with pytest.raises(TokenStoreError):
            store.read(KEY)
    assert store.read(KEY) == FIRST


def test_a_statement_that_the_server_gives_up_leaves_the_connection(
    server: Server, store: PostgresTokenStore, table: str
) -> None:
    process = backend(store)
    assert store._session._connection
    store._session._connection.execute("set lock_timeout = '50ms'")
    with psycopg.connect(server.address) as connection:
        connection.execute(f"lock table {table}")
        with pytest.raises(TokenStoreError, match="LockNotAvailable, SQLSTATE 55P03"):
            store.read(KEY)
    assert backend(store) == process


def test_a_server_that_is_down_is_an_error_at_once_that_names_it(told: Told) -> None:
    dsn = "postgresql://creators:hunter2@127.0.0.1:1/tokens"
    store = PostgresTokenStore(dsn)
    with store, pytest.raises(TokenStoreError, match=r"at 127\.0\.0\.1:1,") as caught:
        store.put(KEY, FIRST)
    report = told(caught.value)
    assert "hunter2" not in report
    assert "act." not in report


def test_a_wrong_password_is_an_error_without_it(
    server: Server, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    dsn = re.sub(r":[^:@/]+@", ":hunter2@", server.address)
    caplog.set_level(logging.DEBUG)
    store = PostgresTokenStore(dsn)
    with store, pytest.raises(TokenStoreError, match="user, password and database") as caught:
        store.read(KEY)
    assert "hunter2" not in told(caught.value) + caplog.text + repr(store)


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


def test_without_psycopg_it_says_what_to_install() -> None:
    missing = address_of("postgresql://db/tokens", "a_module_that_nobody_has")
    assert "pip install tiktok-display[postgres]" in str(missing)
    script = """
import sys
sys.modules["psycopg"] = None
from tiktok_display.stores.postgres import PostgresTokenStore
try:
    PostgresTokenStore("postgresql://me:hunter2@db/tokens")
except Exception as error:
    print(type(error).__name__, error)
"""
    assert run(script) == f"ConfigurationError {missing}"


def test_a_store_that_is_left_open_ends_quietly(server: Server, table: str) -> None:
    script = """
import sys
from tiktok_display.stores import Key
from tiktok_display.stores.postgres import PostgresTokenStore
PostgresTokenStore(sys.argv[1], table=sys.argv[2]).read(Key("app", "creator"))
store = PostgresTokenStore(sys.argv[1], table=sys.argv[2])
print(store.read(Key("app", "creator")))
"""
    assert run(script, server.address, table) == "None"


def test_a_store_works_in_the_last_moments_of_a_program(server: Server, table: str) -> None:
    script = """
import atexit, sys
from tiktok_display.stores import Key
from tiktok_display.stores.postgres import PostgresTokenStore
store = PostgresTokenStore(sys.argv[1], table=sys.argv[2])
atexit.register(lambda: print(store.read(Key("app", "creator"))))
"""
    assert run(script, server.address, table) == "None"


def test_parent_and_child_of_a_fork_go_their_own_ways(
    server: Server, store: PostgresTokenStore, table: str
) -> None:
    script = """
import os, sys, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # of forks among threads
from tests.stores.replica import FIRST, KEY, NEXT
from tiktok_display.stores.postgres import PostgresTokenStore
store = PostgresTokenStore(sys.argv[1], table=sys.argv[2])
assert store.begin(KEY, replaces=FIRST, owner="parent", lease=30.0)
child = os.fork()
if not child:
    assert store.begin(KEY, replaces=FIRST, owner="child", lease=30.0) is None
    sys.exit()
assert os.waitpid(child, 0)[1] == 0
with PostgresTokenStore(sys.argv[1], table=sys.argv[2]) as other:
    assert other.begin(KEY, replaces=FIRST, owner="other", lease=30.0) is None
assert store.commit(KEY, NEXT, replaces=FIRST)
if not os.fork():
    store.close()
"""
    assert run(script, server.address, table) == ""
    assert store.read(KEY) == NEXT


def test_a_child_lets_go_of_its_parents_connection_without_a_goodbye(
    server: Server, store: PostgresTokenStore
) -> None:
    parents = backend(store)
    connection = store._session._connection
    assert connection
    line = os.dup(connection.fileno())  # the parent's
    store._session.after_fork()
    assert connection.closed
    assert backend(store) != parents
    with psycopg.connect(server.address) as watcher:
        served = watcher.execute("select count(*) from pg_stat_activity where pid = %s", [parents])
        assert served.fetchone() == (1,)
    os.close(line)
    PostgresTokenStore(server.address)._session.after_fork()  # which never was connected


def test_a_child_does_not_keep_its_dead_parents_lease(
    server: Server, store: PostgresTokenStore, table: str
) -> None:
    script = """
import os, signal, sys, time
from tests.stores.replica import FIRST, KEY
from tiktok_display.stores.postgres import PostgresTokenStore
store = PostgresTokenStore(sys.argv[1], table=sys.argv[2])
assert store.begin(KEY, replaces=FIRST, owner="parent", lease=30.0)
if not os.fork():
    sys.stdin.readline()
    os._exit(0)
print("begun", flush=True)
sys.stdin.readline()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script, server.address, table],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as parent:  # fmt: skip
        assert parent.stdout
        assert parent.stdin
        parent.stdout.readline()
        assert begin(store) is None
        parent.kill()
        assert within(5, lambda: begin(store))
        parent.stdin.close()  # and so the child ends


def test_a_closed_store_disconnects(store: PostgresTokenStore) -> None:
    backend(store)
    connection = store._session._connection
    assert connection
    with closing(store):
        assert not connection.closed
    assert connection.closed
    assert store.read(KEY) == FIRST
    assert store._session._connection is not None
    assert store._session._connection.closed
