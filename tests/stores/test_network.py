"""What holds for tokens on every server, whatever happens to it, to its lines and its clients."""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TypeAlias

import pytest
from attrs import evolve

from tests.stores.replica import FIRST, KEY, NEXT, THIRD, answered, begin, replica, run
from tests.stores.servers import private, stopped
from tests.stores.sites import PostgresSite, RedisSite, Site
from tiktok_display import TokenRecord, TokenStore, TokenStoreError
from tiktok_display.stores.postgres import PostgresTokenStore
from tiktok_display.stores.postgres_session import address_of
from tiktok_display.stores.redis import RedisTokenStore, _Address

AnySite: TypeAlias = Site[TokenStore]
Told = Callable[[BaseException], str]


@pytest.fixture(
    params=[("postgres_dsn", PostgresSite), ("redis_url", RedisSite)], ids=["postgres", "redis"]
)
def site(request: pytest.FixtureRequest) -> AnySite:
    """One on a server of each kind."""
    address, kind = request.param
    found: AnySite = kind(private(request.getfixturevalue(address)))
    return found


@pytest.fixture
def store(site: AnySite) -> Iterator[TokenStore]:
    """A store that holds the first pair."""
    with site.open() as store:
        store.put(KEY, FIRST)
        yield store


@pytest.fixture
def other(site: AnySite) -> Iterator[TokenStore]:
    """Another store in the same place."""
    with site.open() as other:
        yield other


def test_a_frozen_owner_delays_until_its_lease_is_over_and_its_late_commit_is_refused(
    site: AnySite, store: TokenStore
) -> None:
    with replica(site.opener()) as owner:
        with stopped(owner.id):
            owner.tell_to_commit()
            assert begin(store) is None
            site.lapse()
            assert begin(store)
            assert store.commit(KEY, THIRD, replaces=FIRST)
        assert owner.says() is False
    assert store.read(KEY) == THIRD


def test_a_late_commit_is_taken_while_nobody_has_bought_another_pair(
    site: AnySite, store: TokenStore
) -> None:
    with replica(site.opener()) as owner:
        with stopped(owner.id):
            owner.tell_to_commit()
            site.lapse()
            assert begin(store)
        assert owner.says() is True
    assert not store.commit(KEY, THIRD, replaces=FIRST)
    assert store.read(KEY) == NEXT


def test_a_lease_from_the_future_does_not_hold(
    site: AnySite, store: TokenStore, other: TokenStore
) -> None:
    assert begin(store)
    site.move_lease(86_400)
    assert begin(other)


def test_a_commit_survives_a_cut_connection_and_counts_once(
    site: AnySite, store: TokenStore
) -> None:
    assert begin(store)
    site.cut()
    assert store.commit(KEY, NEXT, replaces=FIRST)
    assert not store.commit(KEY, NEXT, replaces=FIRST)
    assert store.read(KEY) == NEXT


def test_who_comes_back_by_another_connection_still_has_its_lease(
    site: AnySite, store: TokenStore, other: TokenStore
) -> None:
    assert begin(store)
    site.cut()
    assert store.read(KEY) == evolve(FIRST, intent=True)
    assert begin(other) is None


def test_a_restarted_server_has_kept_pair_and_lease(
    site: AnySite, store: TokenStore, other: TokenStore
) -> None:
    assert begin(store)
    with site.server.down(), pytest.raises(TokenStoreError, match="is it up"):
        other.read(KEY)
    assert begin(other) is None
    assert store.commit(KEY, NEXT, replaces=FIRST)
    assert other.read(KEY) == NEXT


@pytest.mark.parametrize("superseded", [False, True])
def test_a_commit_whose_answer_was_lost_is_true_where_its_pair_is_stored(
    site: AnySite, store: TokenStore, superseded: bool
) -> None:
    def another_login() -> None:
        if superseded:
            store.put(KEY, THIRD)

    assert store.commit(KEY, FIRST, replaces=FIRST)  # and Redis knows the script
    with site.proxy() as proxy, site.open(site.through(proxy)) as far:
        assert begin(far)
        proxy.lose_next_answer(another_login)
        assert far.commit(KEY, NEXT, replaces=FIRST) is not superseded
    assert store.read(KEY) == (THIRD if superseded else NEXT)


def test_a_begin_whose_answer_was_lost_has_begun_and_says_what_was_before(
    site: AnySite, store: TokenStore
) -> None:
    assert begin(store)
    store.fail(KEY, "a", intent=False)  # and Redis knows the scripts
    with site.proxy() as proxy, site.open(site.through(proxy)) as far:
        far.read(KEY)
        proxy.lose_next_answer()
        assert begin(far) == FIRST
        assert begin(store) is None
        proxy.lose_next_answer()
        far.fail(KEY, "a", intent=False)
    assert begin(store) == FIRST


def test_of_sixteen_replicas_in_a_new_place_one_begins(site: AnySite) -> None:
    start = threading.Barrier(16)

    def race(store: TokenStore) -> TokenRecord | None:
        start.wait()
        store.put(KEY, FIRST)
        start.wait()
        return begin(store, owner=str(id(store)))

    with ExitStack() as opened, ThreadPoolExecutor(16) as threads:
        stores = [opened.enter_context(site.open()) for _ in range(16)]
        begun = [record for record in threads.map(race, stores) if record]
    assert begun == [FIRST]


def test_a_frozen_server_is_an_error_in_time_for_every_thread_and_the_store_recovers(
    site: AnySite, told: Told
) -> None:
    silence = r"no answer within 0\.3 s: (TimeoutError|OperationalError|ConnectionTimeout);"
    store = site.open(patience=0.3)

    def attempt(_: int) -> str:
        with pytest.raises(TokenStoreError) as caught:
            store.read(KEY)
        return str(caught.value)

    answered(lambda: store.put(KEY, FIRST))
    with site.frozen(), ThreadPoolExecutor(4) as threads:
        start = time.monotonic()
        with pytest.raises(TokenStoreError, match=silence) as caught:
            store.commit(KEY, NEXT, replaces=FIRST)
        said = list(threads.map(attempt, range(4)))
        assert time.monotonic() - start < 5
    assert all(re.search(f"{silence}|kept the token store busy", text) for text in said)
    assert "rft." not in told(caught.value)
    with store:  # it is refused, where the server did the first after all
        answered(lambda: store.commit(KEY, NEXT, replaces=FIRST))
        assert answered(lambda: store.read(KEY)) == NEXT


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        (PostgresTokenStore, "postgresql://creators:hunter2@127.0.0.1:1/tokens"),
        (RedisTokenStore, "redis://:hunter2@127.0.0.1:1"),
    ],
)
def test_a_server_that_is_down_is_an_error_at_once_that_names_it(
    kind: Callable[[str], TokenStore], address: str, told: Told
) -> None:
    store = kind(address)
    with store, pytest.raises(TokenStoreError, match=r"at 127\.0\.0\.1:1,") as caught:
        store.put(KEY, FIRST)
    report = told(caught.value)
    assert "hunter2" not in report
    assert "act." not in report


def test_a_wrong_password_is_an_error_without_it(
    site: AnySite, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    doubt = r"are (user, password and database|user and password) right\?"
    caplog.set_level(logging.DEBUG)
    store = site.open(re.sub(r":\w+@", ":hunter2@", site.server.address))
    with store, pytest.raises(TokenStoreError, match=doubt) as caught:
        store.read(KEY)
    assert "hunter2" not in told(caught.value) + caplog.text + repr(store)


def test_without_its_driver_a_store_says_what_to_install() -> None:
    driver = "a_module_that_nobody_has"
    postgres = address_of("postgresql://db/tokens", driver)
    redis = _Address("redis://db", 1.0).client(driver)
    assert "pip install tiktok-display[postgres]" in str(postgres)
    assert "pip install tiktok-display[redis]" in str(redis)
    script = """
import sys
sys.modules["psycopg"] = sys.modules["redis"] = None
from tiktok_display.stores.postgres import PostgresTokenStore
from tiktok_display.stores.redis import RedisTokenStore
for kind, address in (
    (PostgresTokenStore, "postgresql://me:hunter2@db/tokens"),
    (RedisTokenStore, "redis://:hunter2@db"),
):
    try:
        kind(address)
    except Exception as error:
        print(type(error).__name__, error)
"""
    assert run(script) == f"ConfigurationError {postgres}\nConfigurationError {redis}"


def test_a_store_that_is_left_open_works_to_the_last_moment_and_ends_quietly(
    site: AnySite,
) -> None:
    script = """
import atexit
from tiktok_display.stores import Key
key = Key("app", "creator")
open_store().read(key)
store, late = open_store(), open_store()
print(store.read(key))
atexit.register(lambda: print(late.read(key)))
"""
    assert site.run(script) == "None\nNone"
