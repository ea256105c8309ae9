"""Two refreshes of one creator at once: what one of them must not undo for the other."""

from collections.abc import Mapping

import httpx
from attrs import evolve

from tests.auth.test_refresh import KEY, NEWER, Endpoint, failed, ok
from tests.auth.test_tokens import RECORD
from tiktok_display import (
    MemoryTokenStore,
    ReauthorizationRequired,
    TokenRecord,
    TokenStoreError,
    TransportError,
)
from tiktok_display.auth.events import Teller
from tiktok_display.auth.unsaved import Unsaved
from tiktok_display.stores import Key


class Full(MemoryTokenStore):
    """A store that takes no new pair while it is full."""

    is_full = True

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        if self.is_full:
            raise TokenStoreError("the disk is full")
        return super().commit(key, record, replaces=replaces)


class Waiting(Endpoint):
    """While this refresh waits for another one's lease, that one gets a pair which the store does
    not take: both are of one process.
    """

    def __init__(self, *script: httpx.Response) -> None:
        super().__init__(*script)
        self.store = Full(clock=self.monotonic)
        self.store.put(KEY, RECORD)
        self.store.begin(KEY, replaces=RECORD, owner="another", lease=30.0)
        self.is_kept = False

    def monotonic(self) -> float:
        if len(self.waits) == 3 and not self.is_kept:
            self.is_kept = True
            self.keeper.keep(Unsaved(self.store, NEWER, RECORD, Teller(KEY)))
        return super().monotonic()


def test_a_pair_that_is_kept_meanwhile_is_used_and_its_dead_predecessor_is_not_asked_with() -> None:
    endpoint = Waiting(failed("invalid_grant"))
    try:
        assert endpoint.refresh() == NEWER
        assert endpoint.forms == []
    finally:
        vars(endpoint.store)["is_full"] = False
        assert endpoint.keeper.offer(endpoint.store, KEY)


class Late(Endpoint):
    """An answer comes after the lease; and as soon as the pair is stored, something happens."""

    def __init__(self) -> None:
        super().__init__(ok())
        self.store = self.Watched(clock=self.monotonic)
        self.store.put(KEY, RECORD)

    class Watched(MemoryTokenStore):
        is_stored = False

        def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
            done = super().commit(key, record, replaces=replaces)
            if done and not self.is_stored:
                self.is_stored = True
                self.react(key, record)
            return done

        def react(self, key: Key, record: TokenRecord) -> None:
            self.begin(key, replaces=record, owner="another", lease=30.0)

    def post(
        self, path: str, form: Mapping[str, str], seconds: float
    ) -> httpx.Response | TransportError:
        self.waits.append(31.0)
        return super().post(path, form, seconds)


def test_a_late_pair_does_not_end_the_lease_of_whoever_replaces_it_already() -> None:
    endpoint = Late()
    endpoint.refresh()
    again = endpoint.store.begin(KEY, replaces=endpoint.stored, owner="a third", lease=30.0)
    assert again is None, "two may ask with the same refresh token now"


def test_a_late_pair_does_not_undo_that_it_was_refused_already() -> None:
    class Refused(Late.Watched):
        def react(self, key: Key, record: TokenRecord) -> None:
            lost = evolve(record, needs_login="rotation_lost")
            assert MemoryTokenStore.commit(self, key, lost, replaces=record)

    endpoint = Late()
    endpoint.store = Refused(clock=endpoint.monotonic)
    endpoint.store.put(KEY, RECORD)
    endpoint.refresh()
    assert endpoint.stored.needs_login == "rotation_lost"


class Overtaken(Endpoint):
    """It was frozen before it asked, and another has bought the next pair; the store is down."""

    def __init__(self) -> None:
        super().__init__(failed("invalid_grant"))
        self.store = self.full = Full(clock=self.monotonic)
        self.full.is_full = False
        self.store.put(KEY, RECORD)

    def post(
        self, path: str, form: Mapping[str, str], seconds: float
    ) -> httpx.Response | TransportError:
        self.waits.append(31.0)
        assert self.store.commit(KEY, NEWER, replaces=RECORD)
        self.full.is_full = True
        return super().post(path, form, 20.0)


def test_a_refusal_is_not_final_where_nobody_knows_what_the_store_holds() -> None:
    endpoint = Overtaken()
    outcome = endpoint.refresh()
    assert not isinstance(outcome, ReauthorizationRequired)
    assert "refresh_rejected" not in endpoint.told
