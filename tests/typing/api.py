"""What a caller may write, and what a type checker must make of it: checked, never run."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import assert_type

from tiktok_display import (
    AppCredentials,
    AsyncDisplayClient,
    AsyncVideoPager,
    DisplayClient,
    EncryptedTokenStore,
    MemoryTokenStore,
    PostgresTokenStore,
    QueryResult,
    RateLimited,
    RedisTokenStore,
    RetryPolicy,
    SqliteTokenStore,
    TikTokError,
    TokenEvent,
    TokenRecord,
    TokenStore,
    UserCredentials,
    Video,
    VideoField,
    VideoPage,
    VideoPager,
    cover_expires_at,
    is_photo,
    posted_at,
)
from tiktok_display.auth import (
    Login,
    WebhookEvent,
    authorization_url,
    exchange_code,
    exchange_code_async,
    read_callback,
    revoke_async,
    verify_webhook,
)
from tiktok_display.sync import (
    Plan,
    Synced,
    SyncSettings,
    due_creators,
    sync_all,
    sync_creator,
)
from tiktok_display_api import AuthenticatedClient
from tiktok_display_api.api.videos import list_videos
from tiktok_display_api.models import ListVideosRequest, VideoPageEnvelope
from tiktok_display_api.types import Unset

store: TokenStore = MemoryTokenStore()
app = AppCredentials("key", "secret")
creator = UserCredentials(app, store, "open_id")
moment = dt.datetime.now(dt.UTC)


def every_store_is_one() -> list[TokenStore]:
    plain: list[TokenStore] = [
        SqliteTokenStore("t.db"),
        PostgresTokenStore(""),
        RedisTokenStore(""),
    ]
    return [*plain, EncryptedTokenStore(store, EncryptedTokenStore.new_key())]


def told(event: TokenEvent) -> None:
    assert_type(event.days, int | None)
    assert_type(event.record, TokenRecord | None)


def logged_in() -> Login:
    request = authorization_url(app, "https://example.org/callback", pkce="off")
    assert_type(request.code_verifier, str | None)
    code = read_callback("https://example.org/callback?code=c", state=request.state).code
    login = exchange_code(app, store, code=code, redirect_uri=request.redirect_uri)
    assert_type(login.credentials.consent_ends_at(), dt.datetime | None)
    UserCredentials(app, store, login.credentials.open_id, on_event=told)
    return login


async def logged_out() -> None:
    login = await exchange_code_async(app, store, code="c", redirect_uri="https://example.org/")
    assert_type(login, Login)
    await revoke_async(login.credentials)
    assert_type(verify_webhook(app, b"{}", None, store=store), WebhookEvent)


def synchronous() -> None:
    with DisplayClient(creator, timeout=5, deadline=None, retry=RetryPolicy(attempts=2)) as client:
        assert_type(client, DisplayClient)
        assert_type(client.with_credentials("act.x"), DisplayClient)
        pager = client.list_videos(fields=["id", VideoField.TITLE], since=moment, max_items=5)
        assert_type(pager, VideoPager)
        assert_type(pager.checkpoint, int | None)
        for video in pager:
            assert_type(video, Video)
            assert_type(video.title, str | Unset)
            assert_type(posted_at(video), dt.datetime | None)
            assert_type(cover_expires_at(video), dt.datetime | None)
            assert_type(is_photo(video), bool | None)
        for page in client.list_videos(fields=("id",)).by_page():
            assert_type(page, VideoPage)
        found = client.query_videos(id for id in ("1", "2"))
        assert_type(found, QueryResult)
        assert_type(found.videos, list[Video])
        assert_type(found.missing, list[str])


async def asynchronous() -> None:
    async with AsyncDisplayClient("act.x", base_url="https://tiktok.example") as client:
        assert_type(client.with_credentials(creator), AsyncDisplayClient)
        pager = client.list_videos(until=moment, page_size=5)
        assert_type(pager, AsyncVideoPager)
        async for video in pager:
            assert_type(video, Video)
        async for page in client.list_videos().by_page():
            assert_type(page, VideoPage)
        assert_type(await client.query_videos(["1"]), QueryResult)


def many(settings: SyncSettings) -> None:
    plan = due_creators(settings, seconds=3_600, shard=(0, 2))
    assert_type(plan, Plan)
    with ThreadPoolExecutor() as pool:
        for done in sync_all(plan, settings, pool):
            assert_type(done, Synced)
            assert_type(done.reason, str | None)
    assert_type(plan.left.since, int | None)
    assert_type(sync_creator("o", settings), Synced)


def low_level() -> None:
    with AuthenticatedClient(base_url="https://tiktok.example", token="act.x") as low:
        body = ListVideosRequest(max_count=20)
        answer = list_videos.sync(client=low, body=body, fields=[VideoField.ID, VideoField.TITLE])
        if isinstance(answer, VideoPageEnvelope) and answer.data:
            assert_type(answer.data, VideoPage)
            assert_type(answer.error.code, str)


def failing(error: TikTokError) -> None:
    assert_type(error.code, str | None)
    assert_type(error.checkpoint, int | None)
    if isinstance(error, RateLimited):
        assert_type(error.retry_after, float | None)
