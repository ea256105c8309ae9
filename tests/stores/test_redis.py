"""What holds for tokens in Redis, beyond what holds for every store."""

import logging
import os
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from attrs import evolve
from redis import Redis

from tests.stores.proxy import Proxy
from tests.stores.replica import FIRST, KEY, NEXT, THIRD, replica, run, within
from tests.stores.servers import Server, private_redis, stopped
from tiktok_display import ConfigurationError, TokenRecord, TokenStoreError
from tiktok_display.stores import Key
from tiktok_display.stores.redis import RedisTokenStore, _Address

Told = Callable[[BaseException], str]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A Redis that may be stopped, frozen and robbed of connections."""
    if os.environ.get("TIKTOK_DISPLAY_TEST_REDIS"):
        pytest.skip("the server that is named is not ours to stop")
    with private_redis() as server:
        yield server


@pytest.fixture
def prefix() -> str:
    return f"tokens:{uuid.uuid4().hex}:"


@pytest.fixture
def store(server: Server, prefix: str) -> Iterator[RedisTokenStore]:
    """A store that holds the first pair."""
    with RedisTokenStore(server.address, prefix=prefix, _seconds=0.5) as store:
        store.put(KEY, FIRST)
        yield store


@pytest.fixture
def other(server: Server, prefix: str) -> Iterator[RedisTokenStore]:
    """Another store under the same prefix."""
    with RedisTokenStore(server.address, prefix=prefix) as other:
        yield other


@pytest.fixture
def client(server: Server) -> Iterator[Redis]:
    """A way to the server that knows nothing of stores."""
    with Redis.from_url(server.address, decode_responses=True) as client:
        yield client


def begin(
    store: RedisTokenStore, replaces: TokenRecord = FIRST, owner: str = "a", lease: float = 30.0
) -> TokenRecord | None:
    return store.begin(KEY, replaces=replaces, owner=owner, lease=lease)


def cut(client: Redis) -> None:
    """End every connection but this one; nobody is told."""
    client.client_kill_filter(_type="normal", skipme=True)


def through(proxy: Proxy, server: Server) -> str:
    return re.sub(r"unix://(:\w+@).*", rf"redis://\g<1>127.0.0.1:{proxy.port}", server.address)


def socket_of(server: Server) -> str:
    return server.address.partition("@")[2]


def test_a_dead_owner_delays_until_its_lease_is_over(
    server: Server, store: RedisTokenStore, prefix: str
) -> None:
    with replica("redis", server.address, prefix, lease=1.0) as owner:
        owner.kill()
        assert begin(store) is None
        assert within(5, lambda: begin(store) == evolve(FIRST, intent=True))


def test_a_frozen_owner_delays_until_its_lease_is_over_and_its_late_commit_is_refused(
    server: Server, store: RedisTokenStore, prefix: str
) -> None:
    with replica("redis", server.address, prefix, lease=1.0) as owner:
        with stopped(owner.id):
            owner.tell_to_commit()
            assert begin(store) is None
            assert within(5, lambda: begin(store))
            assert store.commit(KEY, THIRD, replaces=FIRST)
        assert owner.says() == "False"
    assert store.read(KEY) == THIRD


def test_a_late_commit_is_taken_while_nobody_has_bought_another_pair(
    server: Server, store: RedisTokenStore, prefix: str
) -> None:
    with replica("redis", server.address, prefix, lease=1.0) as owner:
        with stopped(owner.id):
            owner.tell_to_commit()
            assert within(5, lambda: begin(store))
        assert owner.says() == "True"
    assert not store.commit(KEY, THIRD, replaces=FIRST)
    assert store.read(KEY) == NEXT


def test_a_commit_survives_a_cut_connection_and_counts_once(
    store: RedisTokenStore, client: Redis
) -> None:
    assert begin(store)
    cut(client)
    assert store.commit(KEY, NEXT, replaces=FIRST)
    assert not store.commit(KEY, NEXT, replaces=FIRST)
    assert store.read(KEY) == NEXT


def test_a_restarted_server_has_kept_pair_and_lease(
    server: Server, store: RedisTokenStore, other: RedisTokenStore
) -> None:
    assert begin(store)
    server.stop()
    with pytest.raises(TokenStoreError, match="is it up"):
        other.read(KEY)
    server.start()
    assert begin(other) is None
    assert store.commit(KEY, NEXT, replaces=FIRST)
    assert other.read(KEY) == NEXT


def test_a_server_that_has_forgotten_its_scripts_is_told_them_again(
    store: RedisTokenStore, client: Redis
) -> None:
    client.script_flush()
    assert begin(store) == FIRST


@pytest.mark.parametrize("superseded", [False, True])
def test_a_commit_whose_answer_was_lost_is_true_where_its_pair_is_stored(
    server: Server, store: RedisTokenStore, prefix: str, superseded: bool
) -> None:
    def another_login() -> None:
        if superseded:
            store.put(KEY, THIRD)

    assert store.commit(KEY, FIRST, replaces=FIRST)  # and the server knows the script
    with (
        Proxy(socket_of(server)) as proxy,
        RedisTokenStore(through(proxy, server), prefix=prefix) as far,
    ):
        assert begin(far)
        proxy.lose_next_answer(another_login)
        assert far.commit(KEY, NEXT, replaces=FIRST) is not superseded
    assert store.read(KEY) == (THIRD if superseded else NEXT)


def test_a_begin_whose_answer_was_lost_has_begun_and_says_what_was_before(
    server: Server, store: RedisTokenStore, prefix: str
) -> None:
    assert begin(store)
    store.fail(KEY, "a", intent=False)  # and the server knows the scripts
    with (
        Proxy(socket_of(server)) as proxy,
        RedisTokenStore(through(proxy, server), prefix=prefix) as far,
    ):
        far.read(KEY)
        proxy.lose_next_answer()
        assert begin(far) == FIRST
        assert begin(store) is None
        proxy.lose_next_answer()
        far.fail(KEY, "a", intent=False)
    assert begin(store) == FIRST


def test_a_lease_from_the_future_does_not_hold(
    store: RedisTokenStore, other: RedisTokenStore, client: Redis, prefix: str
) -> None:
    assert begin(store)
    for name in ("lease_from", "lease_until"):
        client.hincrbyfloat(f"{prefix}app:creator", name, 86_400)
    assert begin(other)


def test_of_sixteen_replicas_one_begins(
    server: Server, store: RedisTokenStore, prefix: str
) -> None:
    start = threading.Barrier(16)

    def race(number: int) -> TokenRecord | None:
        with RedisTokenStore(server.address, prefix=prefix) as replica:
            start.wait()
            return begin(replica, owner=str(number))

    with ThreadPoolExecutor(16) as threads:
        begun = [record for record in threads.map(race, range(16)) if record]
    assert begun == [FIRST]


def test_names_that_hold_a_separator_stay_apart(store: RedisTokenStore) -> None:
    one, two = Key("a:b", "c"), Key("a", "b:c")
    store.put(one, NEXT)
    assert store.read(two) is None
    assert set(store.keys()) == {KEY, one}


def test_what_else_lies_under_a_prefix_is_nobodys_record(
    server: Server, client: Redis, prefix: str
) -> None:
    client.set(f"{prefix}a*b", "x")
    client.set(f"{prefix}a*:b:c:d", "x")
    client.set(f"{prefix}aXX:b:c", "x")
    with RedisTokenStore(server.address, prefix=f"{prefix}a*:") as store:
        store.put(KEY, FIRST)
        assert list(store.keys()) == [KEY]


def test_a_key_of_another_kind_is_an_error_that_names_no_data(
    store: RedisTokenStore, client: Redis, prefix: str, told: Told
) -> None:
    client.set(f"{prefix}app:text", "act.secret")
    with pytest.raises(TokenStoreError, match="WRONGTYPE") as caught:
        store.put(Key("app", "text"), FIRST)
    assert "act." not in told(caught.value)


@pytest.mark.parametrize("spoiled", [{"access_token": "act.secret"}, {"scope": "7"}])
def test_a_hash_that_is_no_record_is_an_error_that_names_no_data(
    store: RedisTokenStore, client: Redis, prefix: str, told: Told, spoiled: dict[str, str]
) -> None:
    client.hset(f"{prefix}app:creator", mapping=spoiled)
    for attempt in (store.read, lambda key: store.begin(key, replaces=FIRST, owner="a", lease=9.0)):
        with pytest.raises(TokenStoreError) as caught:
            attempt(KEY)
        report = told(caught.value)
        assert "act." not in report
        assert "rft." not in report


def test_a_frozen_server_is_an_error_in_time_and_the_store_recovers(
    server: Server, store: RedisTokenStore, told: Told
) -> None:
    with server.frozen():
        start = time.monotonic()
        with pytest.raises(TokenStoreError, match=r"no answer within 0\.5 s: Tim") as caught:
            store.commit(KEY, NEXT, replaces=FIRST)
        with pytest.raises(TokenStoreError, match=r"no answer within 0\.5 s: Tim"):
            store.read(KEY)
        assert time.monotonic() - start < 5
    assert "rft." not in told(caught.value)
    store.commit(KEY, NEXT, replaces=FIRST)  # refused, where the server did the first after all
    assert store.read(KEY) == NEXT


def test_a_server_that_is_down_is_an_error_at_once_that_names_it(told: Told) -> None:
    store = RedisTokenStore("redis://:hunter2@127.0.0.1:1")
    with store, pytest.raises(TokenStoreError, match=r"at 127\.0\.0\.1:1,") as caught:
        store.put(KEY, FIRST)
    report = told(caught.value)
    assert "hunter2" not in report
    assert "act." not in report


def test_a_wrong_password_is_an_error_without_it(
    server: Server, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    store = RedisTokenStore(re.sub(r":\w+@", ":hunter2@", server.address))
    with store, pytest.raises(TokenStoreError, match="are user and password right") as caught:
        store.read(KEY)
    assert "hunter2" not in told(caught.value) + caplog.text + repr(store)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://:hunter2@db",
        "redis://:hunter2/@db:6379",
        "redis://:hunter2@db?nonsense=1",
        "redis://:hunter2@db?socket_timeout=soon",
        "hunter2",
        None,
    ],
)
def test_what_is_no_url_is_refused_without_a_word_of_it(url: str, told: Told) -> None:
    with pytest.raises(ConfigurationError, match="not a URL of Redis") as caught:
        RedisTokenStore(url)
    assert "hunter2" not in told(caught.value)


def test_a_store_tells_where_it_looks_but_no_password() -> None:
    store = RedisTokenStore("rediss://me:hunter2@db.example/3", prefix="p:")
    assert repr(store) == "<RedisTokenStore at db.example:6379, prefix 'p:'>"
    with pytest.raises(TypeError):
        store.__reduce_ex__(2)


def test_a_closed_store_keeps_no_connection(
    store: RedisTokenStore, client: Redis, server: Server, prefix: str
) -> None:
    before = len(client.client_list())
    with RedisTokenStore(server.address, prefix=prefix) as other:
        assert other.read(KEY) == FIRST
        assert len(client.client_list()) == before + 1
    assert other.read(KEY) == FIRST
    assert within(5, lambda: len(client.client_list()) == before)


def test_without_redis_it_says_what_to_install() -> None:
    missing = _Address("redis://db", 1.0).client("a_module_that_nobody_has")
    assert "pip install tiktok-display[redis]" in str(missing)
    script = """
import sys
sys.modules["redis"] = None
from tiktok_display.stores.redis import RedisTokenStore
try:
    RedisTokenStore("redis://:hunter2@db")
except Exception as error:
    print(type(error).__name__, error)
"""
    assert run(script) == f"ConfigurationError {missing}"


def test_a_store_that_is_left_open_ends_quietly(server: Server, prefix: str) -> None:
    script = """
import sys
from tiktok_display.stores import Key
from tiktok_display.stores.redis import RedisTokenStore
RedisTokenStore(sys.argv[1], prefix=sys.argv[2]).read(Key("app", "creator"))
store = RedisTokenStore(sys.argv[1], prefix=sys.argv[2])
print(store.read(Key("app", "creator")))
"""
    assert run(script, server.address, prefix) == "None"


def test_a_child_makes_connections_of_its_own(store: RedisTokenStore) -> None:
    parents = store._client.client_id()
    store.after_fork()
    assert store._client.client_id() != parents
    assert store.read(KEY) == FIRST


def test_parent_and_child_of_a_fork_go_their_own_ways(
    server: Server, store: RedisTokenStore, prefix: str
) -> None:
    script = """
import os, sys, threading, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # of forks among threads
from tests.stores.replica import FIRST, KEY, NEXT
from tiktok_display.stores.redis import RedisTokenStore
store = RedisTokenStore(sys.argv[1], prefix=sys.argv[2])
assert store.begin(KEY, replaces=FIRST, owner="parent", lease=30.0)

def fork_amid_an_operation_of_a_thread():
    taken, over = threading.Event(), threading.Event()
    def operation():
        with store._client.connection_pool._lock:
            taken.set()
            over.wait()
    thread = threading.Thread(target=operation)
    thread.start()
    taken.wait()
    child = os.fork()
    if child:
        over.set()
        thread.join()
    return child

child = fork_amid_an_operation_of_a_thread()
if not child:
    assert store.begin(KEY, replaces=FIRST, owner="child", lease=30.0) is None
    sys.exit()
assert os.waitpid(child, 0)[1] == 0
assert store.commit(KEY, NEXT, replaces=FIRST)
"""
    assert run(script, server.address, prefix) == ""
    assert store.read(KEY) == NEXT
