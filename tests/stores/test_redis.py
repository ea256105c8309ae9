"""What holds for tokens in Redis, beyond what holds for every store and on every server."""

from collections.abc import Callable, Iterator

import pytest
from attrs import evolve
from redis import Redis

from tests.stores.replica import FIRST, KEY, NEXT, begin, replica, within
from tests.stores.servers import private
from tests.stores.sites import RedisSite
from tiktok_display import ConfigurationError, TokenStoreError
from tiktok_display.stores import Key
from tiktok_display.stores.redis import RedisTokenStore, _texts

Told = Callable[[BaseException], str]


@pytest.fixture
def site(redis_url: str) -> RedisSite:
    """A prefix, on a server that may be stopped, frozen and robbed of connections."""
    return RedisSite(private(redis_url))


@pytest.fixture
def store(site: RedisSite) -> Iterator[RedisTokenStore]:
    """A store that holds the first pair."""
    with site.open() as store:
        store.put(KEY, FIRST)
        yield store


@pytest.fixture
def client(site: RedisSite) -> Iterator[Redis]:
    """A way to the server that knows nothing of stores."""
    with site.connect() as client:
        yield client


def test_a_dead_owner_delays_until_its_lease_is_over(
    site: RedisSite, store: RedisTokenStore
) -> None:
    with replica(site.opener()) as owner:
        owner.kill()
        assert begin(store) is None
        site.lapse()
        assert begin(store) == evolve(FIRST, intent=True)


def test_a_server_that_has_forgotten_its_scripts_is_told_them_again(
    store: RedisTokenStore, client: Redis
) -> None:
    client.script_flush()
    assert begin(store) == FIRST


def test_names_that_hold_a_separator_stay_apart(store: RedisTokenStore) -> None:
    one, two = Key("a:b", "c"), Key("a", "b:c")
    store.put(one, NEXT)
    assert store.read(two) is None
    assert set(store.keys()) == {KEY, one}


def test_what_else_lies_under_a_prefix_is_nobodys_record(site: RedisSite, client: Redis) -> None:
    for name in ("a*b", "a*:b:c:d", "aXX:b:c"):
        client.set(site.name + name, "x")
    with evolve(site, name=f"{site.name}a*:").open() as store:
        store.put(KEY, FIRST)
        assert list(store.keys()) == [KEY]


def test_a_key_of_another_kind_is_an_error_that_names_no_data(
    site: RedisSite, store: RedisTokenStore, client: Redis, told: Told
) -> None:
    client.set(f"{site.name}app:text", "act.secret")
    with pytest.raises(TokenStoreError, match="WRONGTYPE") as caught:
        store.put(Key("app", "text"), FIRST)
    assert "act." not in told(caught.value)


@pytest.mark.parametrize("spoiled", [("access_token", "act.secret"), ("scope", "7")])
def test_a_hash_that_is_no_record_is_an_error_that_names_no_data(
    site: RedisSite, store: RedisTokenStore, client: Redis, told: Told, spoiled: tuple[str, str]
) -> None:
    client.hset(f"{site.name}app:creator", *spoiled)
    attempts: list[Callable[[], object]] = [lambda: store.read(KEY), lambda: begin(store)]
    for attempt in attempts:
        with pytest.raises(TokenStoreError) as caught:
            attempt()
        report = told(caught.value)
        assert "act." not in report
        assert "rft." not in report


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


def test_what_a_script_is_told_is_not_shown() -> None:
    assert repr(_texts(FIRST)) == "<18 words>"


def test_a_closed_store_keeps_no_connection(
    site: RedisSite, store: RedisTokenStore, client: Redis
) -> None:
    def connections() -> set[str]:
        return {connection["id"] for connection in client.client_list()}

    before = connections()
    with site.open() as other:
        assert other.read(KEY) == FIRST
        assert len(connections() - before) == 1
    assert other.read(KEY) == FIRST
    assert within(5, lambda: connections() <= before)


def test_a_child_makes_connections_of_its_own(store: RedisTokenStore) -> None:
    parents = store._client.client_id()
    store.after_fork()
    assert store._client.client_id() != parents
    assert store.read(KEY) == FIRST


def test_parent_and_child_of_a_fork_go_their_own_ways(
    site: RedisSite, store: RedisTokenStore
) -> None:
    script = """
import os, threading, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # of forks among threads
from tests.stores.replica import FIRST, KEY, NEXT, begin
store = open_store()
assert begin(store, "parent")

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
    assert begin(store, "child") is None
    sys.exit()
assert os.waitpid(child, 0)[1] == 0
assert store.commit(KEY, NEXT, replaces=FIRST)
"""
    assert site.run(script) == ""
    assert store.read(KEY) == NEXT


def test_its_connections_are_set_up_to_end_in_time_and_to_be_counted(site: RedisSite) -> None:
    with site.open() as store:
        pool = store._client.connection_pool
        said, retry = pool.connection_kwargs, pool.connection_kwargs["retry"]
        assert said["decode_responses"] is True
        assert said["socket_timeout"] == said["socket_connect_timeout"] == store._address.seconds
        assert (said["health_check_interval"], said["protocol"]) == (30, 2)
        assert retry._retries == 0
        assert pool.max_connections == 2**31


def test_a_closed_store_leaves_no_connection_behind(site: RedisSite) -> None:
    store = site.open()
    store.read(KEY)
    store.close()
    store.read(KEY)
    pool = store._client.connection_pool
    assert [line for line in pool._available_connections if line._sock is not None] == []


def test_its_keys_are_its_prefixs_whatever_that_is_made_of(redis_url: str) -> None:
    strange = Key("a:b%c", "d[e]*?")
    with RedisTokenStore(redis_url, prefix="x[y]*?\\:") as store:
        store.put(strange, FIRST)
        store._client.set("x[y]*?\\:not-one-of-ours", "1")
        store._client.set("xy:a:b", "1")
        assert list(store.keys()) == [strange]
        assert store._name(strange) == "x[y]*?\\:a%3Ab%25c:d%5Be%5D%2A%3F"
        store.delete(strange)
        assert list(store.keys()) == []
