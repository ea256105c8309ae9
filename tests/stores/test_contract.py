"""What every token store must do, whatever it is made of."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from attrs import evolve, fields
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.auth.test_tokens import RECORD
from tests.stores.conftest import Place
from tiktok_display import TokenRecord, TokenStore, TokenStoreError
from tiktok_display.stores import Key

KEY = Key("app", "creator")
FIRST = evolve(RECORD, access_token="act.1", refresh_token="rft.1")
NEXT = evolve(RECORD, access_token="act.2", refresh_token="rft.2", expires_at=16_400.0)
THIRD = evolve(RECORD, access_token="act.3", refresh_token="rft.3", expires_at=24_600.0)

# What TikTok may send: tokens are visible ASCII, the rest is printable, scopes have no comma.
ASCII = st.text(st.characters(min_codepoint=33, max_codepoint=126))
PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
RECORDS = st.builds(
    TokenRecord,
    access_token=ASCII,
    refresh_token=ASCII,
    expires_at=NUMBERS,
    lifetime=NUMBERS,
    refresh_expires_at=st.none() | NUMBERS,
    scope=st.lists(PRINTABLE.filter(lambda name: "," not in name)).map(tuple),
    needs_login=st.none() | PRINTABLE,
    intent=st.booleans(),
    retry_at=st.none() | NUMBERS,
)


def begin(
    store: TokenStore, replaces: TokenRecord = FIRST, owner: str = "a", lease: float = 30.0
) -> TokenRecord | None:
    return store.begin(KEY, replaces=replaces, owner=owner, lease=lease)


def test_what_was_put_is_read_whole(store: TokenStore) -> None:
    assert store.read(KEY) is None
    whole = TokenRecord(
        access_token="act.1",
        refresh_token="rft.1",
        expires_at=1_700_000_000.1,
        lifetime=0.1 + 0.2,
        refresh_expires_at=1e300,
        scope=("user.info.basic", "video.list"),
        needs_login="rotation_lost",
        intent=True,
        retry_at=5e-324,
    )
    store.put(KEY, whole)
    read = store.read(KEY)
    assert read == whole
    assert [type(getattr(read, name.name)) for name in fields(TokenRecord)] == [
        str, str, float, float, float, tuple, str, bool, float,
    ]  # fmt: skip


def test_what_is_missing_stays_missing(store: TokenStore) -> None:
    bare = evolve(FIRST, refresh_token="", refresh_expires_at=None, scope=())
    store.put(KEY, bare)
    assert store.read(KEY) == bare


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.builds(Key, PRINTABLE, PRINTABLE), record=RECORDS)
def test_every_record_comes_back_as_it_was(
    store: TokenStore, key: Key, record: TokenRecord
) -> None:
    store.put(key, record)
    assert store.read(key) == record
    assert key in set(store.keys())
    before = store.begin(key, replaces=record, owner="a", lease=30.0)
    assert before == record
    assert store.read(key) == evolve(record, intent=True)
    assert store.commit(key, record, replaces=record)
    assert store.read(key) == record


@pytest.mark.parametrize(
    "other", [Key("app", "other"), Key("other", "creator"), Key("", "appcreator"), Key("app", "")]
)
def test_creators_and_apps_stay_apart(store: TokenStore, other: Key) -> None:
    store.put(KEY, FIRST)
    assert store.read(other) is None
    store.put(other, NEXT)
    assert begin(store) == FIRST
    assert store.begin(other, replaces=NEXT, owner="b", lease=30.0) == NEXT
    store.delete(other)
    assert store.read(KEY) == evolve(FIRST, intent=True)


@pytest.mark.parametrize("open_id", ["ünï-✓-🎬", "a b'c\"d%e\\f{}", "-000Ab_", "x" * 500])
def test_an_open_id_may_be_any_text(store: TokenStore, open_id: str) -> None:
    store.put(Key("app", open_id), FIRST)
    assert store.read(Key("app", open_id)) == FIRST
    assert list(store.keys()) == [Key("app", open_id)]


def test_keys_names_every_record_once(store: TokenStore) -> None:
    assert list(store.keys()) == []
    wanted = {Key("app", f"creator-{number}") for number in range(5)} | {Key("other", "creator-1")}
    for key in wanted:
        store.put(key, FIRST)
    store.delete(KEY)
    found = list(store.keys())
    assert set(found) == wanted
    assert len(found) == len(wanted)
    assert all(isinstance(key, Key) for key in found)


def test_keys_may_be_deleted_while_they_are_listed(store: TokenStore) -> None:
    for number in range(3):
        store.put(Key("app", str(number)), FIRST)
    for key in store.keys():  # noqa: SIM118 - a store is no mapping
        store.delete(key)
    assert list(store.keys()) == []


def test_a_login_replaces_whatever_was_there(store: TokenStore) -> None:
    store.put(KEY, evolve(FIRST, needs_login="refresh_rejected", intent=True, retry_at=9.0))
    store.put(KEY, NEXT)
    assert store.read(KEY) == NEXT


def test_begin_notes_the_intent_and_gives_what_was_there_before(store: TokenStore) -> None:
    store.put(KEY, evolve(FIRST, retry_at=7.0))
    assert begin(store) == evolve(FIRST, retry_at=7.0)
    assert store.read(KEY) == evolve(FIRST, intent=True, retry_at=7.0)


def test_an_intent_that_was_never_cleared_is_told(store: TokenStore) -> None:
    store.put(KEY, evolve(FIRST, intent=True))
    assert begin(store) == evolve(FIRST, intent=True)


def test_nobody_else_begins_while_the_lease_holds(place: Place) -> None:
    with place.open() as store:
        store.put(KEY, FIRST)
        assert begin(store, owner="a")
        assert begin(store, owner="b") is None
        assert begin(store, owner="a") is None
        assert store.read(KEY) == evolve(FIRST, intent=True)


def test_another_begins_when_the_lease_is_over(place: Place) -> None:
    with place.open() as store:
        store.put(KEY, FIRST)
        assert begin(store, owner="a", lease=0.05)
        place.lapse(0.06)
        assert begin(store, owner="b") == evolve(FIRST, intent=True)
        assert begin(store, owner="c") is None


def test_begin_with_an_outdated_record_takes_no_lease(store: TokenStore) -> None:
    store.put(KEY, NEXT)
    assert begin(store, replaces=FIRST) is None
    assert store.read(KEY) == NEXT
    assert begin(store, replaces=NEXT) == NEXT


def test_begin_looks_at_the_refresh_token_alone(store: TokenStore) -> None:
    store.put(KEY, FIRST)
    assert begin(store, replaces=evolve(NEXT, refresh_token="rft.1")) == FIRST


def test_nothing_begins_where_there_is_nothing(store: TokenStore) -> None:
    assert begin(store) is None
    assert store.read(KEY) is None
    assert list(store.keys()) == []


def test_a_commit_replaces_the_record_that_bought_it(store: TokenStore) -> None:
    store.put(KEY, FIRST)
    assert store.commit(KEY, NEXT, replaces=FIRST) is True
    assert store.read(KEY) == NEXT


def test_a_commit_clears_the_intent_and_ends_the_lease(store: TokenStore) -> None:
    store.put(KEY, FIRST)
    assert begin(store)
    assert store.commit(KEY, NEXT, replaces=FIRST)
    assert store.read(KEY) == NEXT
    assert begin(store, replaces=NEXT, owner="b") == NEXT


def test_a_commit_that_keeps_the_refresh_token_ends_the_lease_too(store: TokenStore) -> None:
    store.put(KEY, FIRST)
    kept = evolve(NEXT, refresh_token="rft.1", intent=True)
    assert begin(store)
    assert store.commit(KEY, kept, replaces=FIRST)
    assert begin(store, replaces=kept, owner="b") == kept


def test_a_late_commit_does_not_downgrade_a_newer_pair(store: TokenStore) -> None:
    store.put(KEY, NEXT)
    assert store.commit(KEY, THIRD, replaces=FIRST) is False
    assert store.read(KEY) == NEXT


def test_a_refused_commit_ends_no_lease(store: TokenStore) -> None:
    store.put(KEY, NEXT)
    assert begin(store, replaces=NEXT)
    assert not store.commit(KEY, THIRD, replaces=FIRST)
    assert begin(store, replaces=NEXT, owner="b") is None


def test_a_commit_after_the_lease_was_taken_over_keeps_the_living_pair(place: Place) -> None:
    with place.open() as store:
        store.put(KEY, FIRST)
        assert begin(store, owner="slow", lease=0.05)
        place.lapse(0.06)
        assert begin(store, owner="next")
        assert store.commit(KEY, NEXT, replaces=FIRST)
        assert not store.commit(KEY, THIRD, replaces=FIRST)
        assert store.read(KEY) == NEXT


def test_a_commit_brings_nothing_back_that_was_deleted(store: TokenStore) -> None:
    store.put(KEY, FIRST)
    store.delete(KEY)
    store.delete(KEY)
    assert not store.commit(KEY, NEXT, replaces=FIRST)
    assert store.read(KEY) is None


def test_a_login_ends_the_lease(store: TokenStore) -> None:
    store.put(KEY, FIRST)
    assert begin(store)
    store.put(KEY, FIRST)
    assert begin(store, owner="b") == FIRST


def test_a_deleted_record_leaves_no_lease(store: TokenStore) -> None:
    store.put(KEY, FIRST)
    assert begin(store)
    store.delete(KEY)
    store.fail(KEY, "a", intent=False)
    assert store.read(KEY) is None
    store.put(KEY, FIRST)
    assert begin(store, owner="b") == FIRST


@pytest.mark.parametrize(("intent", "retry_at"), [(False, 1_234.5), (True, None)])
def test_a_failure_frees_the_lease_and_says_when_to_ask_again(
    store: TokenStore, intent: bool, retry_at: float | None
) -> None:
    store.put(KEY, evolve(FIRST, retry_at=7.0))
    assert begin(store)
    store.fail(KEY, "a", intent=intent, retry_at=retry_at)
    after = evolve(FIRST, intent=intent, retry_at=retry_at)
    assert store.read(KEY) == after
    assert begin(store, owner="b") == after


def test_a_strangers_failure_changes_nothing(place: Place) -> None:
    with place.open() as store:
        store.fail(KEY, "a", intent=False)
        store.put(KEY, FIRST)
        assert begin(store, owner="late", lease=0.05)
        place.lapse(0.06)
        assert begin(store, owner="b")
        store.fail(KEY, "late", intent=False, retry_at=9.0)
        assert store.read(KEY) == evolve(FIRST, intent=True)
        assert begin(store, owner="c") is None


def test_a_failure_told_twice_counts_once(store: TokenStore) -> None:
    store.put(KEY, FIRST)
    assert begin(store)
    store.fail(KEY, "a", intent=False)
    store.fail(KEY, "a", intent=True, retry_at=9.0)
    assert store.read(KEY) == FIRST


def test_a_closed_store_still_works(place: Place) -> None:
    with place.open() as store:
        store.put(KEY, FIRST)
        assert begin(store)
    store.close()
    assert store.read(KEY) == evolve(FIRST, intent=True)
    assert begin(store, owner="b") is None
    assert store.commit(KEY, NEXT, replaces=FIRST)
    assert begin(store, replaces=NEXT, owner="b") == NEXT
    store.fail(KEY, "b", intent=False)
    store.put(KEY, THIRD)
    assert (store.read(KEY), list(store.keys())) == (THIRD, [KEY])
    store.delete(KEY)
    store.close()


def test_of_many_threads_one_begins(store: TokenStore) -> None:
    store.put(KEY, FIRST)
    start = threading.Barrier(16)

    def run(number: int) -> TokenRecord | None:
        start.wait()
        return begin(store, owner=str(number))

    with ThreadPoolExecutor(16) as threads:
        begun = list(threads.map(run, range(16)))
    assert [record for record in begun if record] == [FIRST]


def test_of_many_threads_one_commits(store: TokenStore) -> None:
    store.put(KEY, FIRST)
    pairs = [
        evolve(FIRST, access_token=f"act.2{number}", refresh_token=f"rft.2{number}")
        for number in range(16)
    ]
    start = threading.Barrier(16)

    def run(pair: TokenRecord) -> bool:
        start.wait()
        return store.commit(KEY, pair, replaces=FIRST)

    with ThreadPoolExecutor(16) as threads:
        (winner,) = [pair for pair, won in zip(pairs, threads.map(run, pairs), strict=True) if won]
    assert store.read(KEY) == winner


def test_two_stores_in_one_place_see_each_other(shared: Place) -> None:
    with shared.open() as one, shared.open() as other:
        one.put(KEY, FIRST)
        assert other.read(KEY) == FIRST
        assert begin(one, owner="a")
        assert begin(other, owner="b") is None
        other.fail(KEY, "b", intent=False)
        assert begin(other, owner="b") is None
        assert other.commit(KEY, NEXT, replaces=FIRST)
        assert not one.commit(KEY, THIRD, replaces=FIRST)
        assert begin(one, replaces=NEXT, owner="c") == NEXT
        one.fail(KEY, "c", intent=False)
        assert begin(other, replaces=NEXT, owner="d") == NEXT
        other.delete(KEY)
        assert (one.read(KEY), list(one.keys())) == (None, [])


def test_a_lease_outlives_the_closing_of_its_store(shared: Place) -> None:
    with shared.open() as other:
        with shared.open() as store:
            store.put(KEY, FIRST)
            assert begin(store)
        assert begin(other, owner="b") is None
        assert store.commit(KEY, NEXT, replaces=FIRST)
        assert begin(other, replaces=NEXT, owner="b") == NEXT


@pytest.mark.parametrize(
    "broken", [{"access_token": "act.\ud800"}, {"refresh_token": "rft.\ud800"}]
)
def test_what_is_no_unicode_is_kept_or_refused_without_a_word_of_it(
    store: TokenStore, broken: dict[str, str], told: Callable[[BaseException], str]
) -> None:
    store.put(KEY, FIRST)
    record = evolve(NEXT, **broken)
    try:
        assert store.commit(KEY, record, replaces=FIRST)
    except TokenStoreError as error:
        report = told(error)
        assert "act." not in report
        assert "rft." not in report
        assert store.read(KEY) == FIRST
    else:
        assert store.read(KEY) == record


def test_a_store_shows_no_token(store: TokenStore) -> None:
    store.put(KEY, FIRST)
    assert "act." not in repr(store)
    assert "rft." not in repr(store)
