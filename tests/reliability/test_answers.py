"""Whatever becomes of the token endpoint's answer, on the server's own count."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tiktok_display import (
    AppCredentials,
    AsyncDisplayClient,
    DeadlineExceeded,
    DisplayClient,
    ReauthorizationRequired,
    RefreshUnavailable,
    SqliteTokenStore,
    TikTokError,
    TokenEvent,
    TokenRecord,
    UserCredentials,
)
from tiktok_display.auth.unsaved import keeper
from tiktok_display.sandbox import Sandbox
from tiktok_display.stores import Key

TOKEN = "/v2/oauth/token/"
EXPIRED = 8_000.0  # s ago


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A server with rotation, no grace, and reuse detection."""
    with Sandbox(creators=1, videos=1, reuse_detection=True, refresh_kills_access=True) as box:
        yield box


@pytest.fixture
def store(tmp_path: Path) -> SqliteTokenStore:
    """Where the creator's tokens are."""
    return SqliteTokenStore(tmp_path / "tokens.db")


def login(box: Sandbox, store: SqliteTokenStore, **options: object) -> UserCredentials:
    """A creator whose access token has expired."""
    app = AppCredentials(box.app.client_key, box.app.client_secret)
    answer = box.creators[0].token_answer
    logged = UserCredentials.from_token_answer(app, store, answer, sent_at=time.time() - EXPIRED)
    return UserCredentials(app, store, logged.open_id, **options)  # type: ignore[arg-type]


def videos(box: Sandbox, creator: UserCredentials, deadline: float = 60.0) -> int:
    with DisplayClient(creator, base_url=box.base_url, deadline=deadline) as client:
        return len(list(client.list_videos()))


def videos_async(box: Sandbox, creator: UserCredentials, deadline: float = 60.0) -> int:
    async def run() -> int:
        client = AsyncDisplayClient(creator, base_url=box.base_url, deadline=deadline)
        async with client:
            return len([video async for video in client.list_videos()])

    return asyncio.run(run())


Ask = Callable[..., int]
both = pytest.mark.parametrize("ask", [videos, videos_async], ids=["sync", "async"])


class Failing(SqliteTokenStore):
    """A store that is down between the answer and the commit, so many times."""

    failures = 0

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        if self.failures:
            self.failures -= 1
            raise OSError("down")
        return super().commit(key, record, replaces=replaces)


@both
def test_a_store_that_is_down_at_the_commit_costs_no_call_and_has_the_pair_later(
    box: Sandbox, tmp_path: Path, ask: Ask
) -> None:
    failing, events = Failing(tmp_path / "tokens.db"), list[TokenEvent]()
    creator = login(box, failing, on_event=events.append)
    failing.failures = 3
    assert ask(box, creator) == 1
    assert keeper.offer(failing, creator.key)
    assert [event.kind for event in events] == ["unsaved", "saved"]
    assert ask(box, UserCredentials(creator.app, failing, creator.open_id)) == 1
    assert (box.token_requests, box.reuses) == (1, 0)


@both
@pytest.mark.parametrize("grace", [0.0, 60.0])
def test_a_lost_answer_is_asked_for_once_more_and_named_where_it_is_lost(
    store: SqliteTokenStore, ask: Ask, grace: float
) -> None:
    with Sandbox(creators=1, videos=1, refresh_grace=grace) as box:
        creator = login(box, store)
        box.fault(path=TOKEN, drop=True, times=1)
        if grace:
            assert ask(box, creator) == 1
        else:
            for _ in range(3):
                with pytest.raises(ReauthorizationRequired) as caught:
                    ask(box, creator)
                assert caught.value.reason == "rotation_lost"
        assert box.token_requests == 2


MALFORMED = [
    "",
    "{",
    "[]",
    '{"expires_in": 7200}',
    *[f'{{"access_token": "a", "expires_in": {n}}}' for n in ("NaN", "-1", "1e300", '"7200"')],
    '{"access_token": "a", "expires_in": 7200, "open_id": "somebody else"}',
]


@both
@pytest.mark.parametrize("body", MALFORMED)
def test_a_malformed_answer_is_a_typed_error_and_the_pair_stays(
    box: Sandbox, store: SqliteTokenStore, ask: Ask, body: str
) -> None:
    now = time.time()
    creator = login(box, store, clock=lambda: now)
    before = store.read(creator.key)
    rule = box.fault(path=TOKEN, body=body, processed=False)
    with pytest.raises(RefreshUnavailable):
        ask(box, creator)
    after = store.read(creator.key)
    assert before is not None
    assert after is not None
    assert after.access_token == before.access_token
    assert after.refresh_token == before.refresh_token
    assert rule.applied in (1, 2)
    box.clear_faults()
    now += 30.0
    assert ask(box, creator) == 1


@both
def test_a_redirect_to_another_host_is_not_followed(
    box: Sandbox, store: SqliteTokenStore, ask: Ask
) -> None:
    creator = login(box, store)
    with Sandbox(seed=8) as stranger:
        box.fault(path=TOKEN, status=307, headers={"location": f"{stranger.base_url}{TOKEN}"})
        with pytest.raises(TikTokError):
            ask(box, creator)
        assert stranger.requests == []
        assert stranger.token_requests == 0


@both
def test_an_answer_that_drips_in_does_not_hold_a_caller(
    box: Sandbox, store: SqliteTokenStore, ask: Ask
) -> None:
    creator = login(box, store)
    box.fault(path=TOKEN, drip=0.005, times=1)  # some 2 s in all
    begun = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        ask(box, creator, deadline=0.3)
    assert time.monotonic() - begun < 5.0
    assert ask(box, creator) == 1
    assert (box.token_requests, box.reuses) == (1, 0)


@both
def test_an_outage_is_asked_about_once_in_thirty_seconds_by_all_replicas_together(
    box: Sandbox, tmp_path: Path, ask: Ask
) -> None:
    now, path = time.time(), tmp_path / "tokens.db"
    first = login(box, SqliteTokenStore(path), clock=lambda: now)
    other = UserCredentials(first.app, SqliteTokenStore(path), first.open_id, clock=lambda: now)
    box.fault(path=TOKEN, code="temporarily_unavailable")
    for asked in (1, 2):
        for creator in (first, other, first, other):
            with pytest.raises(RefreshUnavailable):
                ask(box, creator)
        assert box.token_requests == asked
        now += 30.0
