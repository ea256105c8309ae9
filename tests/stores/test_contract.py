"""What every token store must do, whatever it is made of."""

from collections.abc import Iterator

import pytest
from attrs import evolve

from tests.auth.test_tokens import RECORD
from tiktok_display import MemoryTokenStore, TokenStore
from tiktok_display.stores import Key

KEY = Key("app", "creator")
NEXT = evolve(RECORD, access_token="act.2", refresh_token="rft.2")
THIRD = evolve(RECORD, access_token="act.3", refresh_token="rft.3")


@pytest.fixture(params=[MemoryTokenStore])
def store(request: pytest.FixtureRequest) -> Iterator[TokenStore]:
    """Each kind of store, empty."""
    with request.param() as store:
        yield store


def test_what_was_put_is_read_whole(store: TokenStore) -> None:
    assert store.read(KEY) is None
    store.put(KEY, RECORD)
    assert store.read(KEY) == RECORD


def test_records_of_other_creators_and_apps_stay_apart(store: TokenStore) -> None:
    store.put(KEY, RECORD)
    assert store.read(Key("app", "other")) is None
    assert store.read(Key("other", "creator")) is None


def test_a_commit_replaces_the_record_that_bought_it(store: TokenStore) -> None:
    store.put(KEY, RECORD)
    assert store.commit(KEY, NEXT, replaces=RECORD)
    assert store.read(KEY) == NEXT


def test_a_late_commit_does_not_downgrade_a_newer_pair(store: TokenStore) -> None:
    store.put(KEY, NEXT)
    assert not store.commit(KEY, THIRD, replaces=RECORD)
    assert store.read(KEY) == NEXT


def test_a_commit_brings_nothing_back_that_was_deleted(store: TokenStore) -> None:
    store.put(KEY, RECORD)
    store.delete(KEY)
    store.delete(KEY)
    assert not store.commit(KEY, NEXT, replaces=RECORD)
    assert store.read(KEY) is None


def test_a_login_replaces_whatever_was_there(store: TokenStore) -> None:
    store.put(KEY, evolve(RECORD, needs_login="refresh_rejected"))
    store.put(KEY, NEXT)
    assert store.read(KEY) == NEXT
