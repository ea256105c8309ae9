"""The journeys of both clients, judged by Prism: the fixture `relay` fails on any complaint."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import frozen

from tests.node.relay import Order, Relay, targets
from tiktok_display import (
    ALL,
    AccessTokenInvalid,
    AsyncDisplayClient,
    DisplayClient,
    InvalidParams,
    QueryResult,
    RateLimited,
    RetryPolicy,
    ScopeNotAuthorized,
    ServerError,
    TikTokError,
    UnexpectedResponse,
    VideoField,
    VideoPage,
)

pytest_plugins = ["tests.node.prism"]

LIST, QUERY = "/v2/video/list/", "/v2/video/query/"
NEWEST, OLDER, DOCUMENTED = "7558181865178352910", "7556278981167713591", "12345123451234512345"
FOUND = ["7077642457847991554", "7080217258529737986"]
AT_ONCE = RetryPolicy(attempts=2, base=0.0, patience=0.0)
# A page with another after it: the one from the documentation, which ends the walk.
FIRST = Order({"prefer": "example=more"})


class Sync:
    """The synchronous client."""

    def pages(self, url: str, **asked: Any) -> list[VideoPage]:
        with DisplayClient("act.any", base_url=url, retry=AT_ONCE) as client:
            return list(client.list_videos(**asked).by_page())

    def ids(self, url: str, **asked: Any) -> list[object]:
        with DisplayClient("act.any", base_url=url, retry=AT_ONCE) as client:
            return [video.id for video in client.list_videos(**asked)]

    def query(self, url: str, ids: Iterable[str], **asked: Any) -> QueryResult:
        with DisplayClient("act.any", base_url=url, retry=AT_ONCE) as client:
            return client.query_videos(ids, **asked)


class Async:
    """The asynchronous one, behind the same face."""

    def pages(self, url: str, **asked: Any) -> list[VideoPage]:
        async def run() -> list[VideoPage]:
            async with AsyncDisplayClient("act.any", base_url=url, retry=AT_ONCE) as client:
                return [page async for page in client.list_videos(**asked).by_page()]

        return asyncio.run(run())

    def ids(self, url: str, **asked: Any) -> list[object]:
        async def run() -> list[object]:
            async with AsyncDisplayClient("act.any", base_url=url, retry=AT_ONCE) as client:
                return [video.id async for video in client.list_videos(**asked)]

        return asyncio.run(run())

    def query(self, url: str, ids: Iterable[str], **asked: Any) -> QueryResult:
        async def run() -> QueryResult:
            async with AsyncDisplayClient("act.any", base_url=url, retry=AT_ONCE) as client:
                return await client.query_videos(ids, **asked)

        return asyncio.run(run())


Client = Sync | Async


@pytest.fixture(params=[Sync, Async])
def client(request: pytest.FixtureRequest) -> Client:
    chosen: Client = request.param()
    return chosen


def bodies(relay: Relay) -> list[Any]:
    return [heard.body for heard in relay.heard]


def test_a_history_is_walked_from_page_to_page(relay: Relay, client: Client) -> None:
    relay.orders.append(FIRST)
    pages = client.pages(relay.url)
    assert [[video.id for video in page.videos] for page in pages] == [
        [NEWEST, OLDER],
        [DOCUMENTED],
    ]
    assert bodies(relay) == [{"max_count": 20}, {"cursor": 1_759_333_357_999, "max_count": 20}]
    assert {heard.target for heard in relay.heard} <= targets(LIST, ALL)


def test_a_creator_without_videos_has_no_pages(relay: Relay, client: Client) -> None:
    relay.orders.append(Order({"prefer": "example=empty"}))
    assert client.pages(relay.url) == []


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        (["id"], ["id"]),
        (["title", "view_count"], ["title", "view_count", "id"]),
        ([VideoField.IS_AIGC, "id", VideoField.IS_AIGC], ["is_aigc", "id"]),
        (ALL[::-1], [field.value for field in ALL[::-1]]),
    ],
)
def test_the_fields_travel_as_openapi_defines(
    relay: Relay, client: Client, fields: Iterable[VideoField | str], sent: list[str]
) -> None:
    assert client.ids(relay.url, fields=fields) == [DOCUMENTED]
    assert relay.heard[0].target in targets(LIST, sent)


def test_a_walk_begins_at_a_cursor_in_pages_of_a_size(relay: Relay, client: Client) -> None:
    client.ids(relay.url, cursor=1_643_332_803_000, page_size=1)
    assert bodies(relay) == [{"cursor": 1_643_332_803_000, "max_count": 1}]


def test_a_walk_ends_with_the_items_that_were_wanted(relay: Relay, client: Client) -> None:
    relay.orders.append(FIRST)
    assert client.ids(relay.url, max_items=1) == [NEWEST]
    assert bodies(relay) == [{"max_count": 20}]


def test_a_walk_keeps_to_its_dates(relay: Relay, client: Client) -> None:
    relay.orders.append(FIRST)
    since, until = datetime(2025, 10, 6, tzinfo=UTC), datetime(2025, 10, 7, tzinfo=UTC)
    assert client.ids(relay.url, fields=["id"], since=since, until=until) == [NEWEST]
    (heard,) = relay.heard
    assert heard.body == {"cursor": 1_759_795_199_999, "max_count": 20}
    assert heard.target in targets(LIST, ["id", "create_time"])


def test_any_number_of_ids_is_looked_up_in_batches(relay: Relay, client: Client) -> None:
    ids = [*(str(number) for number in range(43)), *reversed(FOUND)]
    result = client.query(relay.url, ids)
    assert [video.id for video in result.videos] == [*reversed(FOUND)]
    assert result.missing == ids[:43]
    batches = [ids[:20], ids[20:40], ids[40:]]
    assert bodies(relay) == [{"filters": {"video_ids": batch}} for batch in batches]
    assert {heard.target for heard in relay.heard} <= targets(QUERY, ALL)


def test_some_fields_of_a_few_ids_are_looked_up(relay: Relay, client: Client) -> None:
    result = client.query(relay.url, FOUND, fields=["title"])
    assert [video.title for video in result.videos] == ["Video 1", "Video 2"]
    assert relay.heard[0].target in targets(QUERY, ["title", "id"])


def test_a_failure_that_passes_is_asked_again_in_the_same_words(
    relay: Relay, client: Client
) -> None:
    relay.orders.append(Order({"prefer": "code=500"}))
    assert client.ids(relay.url) == [DOCUMENTED]
    first, second = relay.heard
    assert (first.target, first.body) == (second.target, second.body)


@frozen
class Failure:
    """An answer to order, and what is made of it."""

    prefer: str
    status: int
    error: type[TikTokError]
    code: str | None = None
    requests: int = 1


FAILURES = [
    Failure("code=400", 400, InvalidParams, "invalid_params"),
    Failure("code=401", 401, AccessTokenInvalid, "access_token_invalid"),
    Failure(
        "code=401, example=scopeNotAuthorized", 401, ScopeNotAuthorized, "scope_not_authorized"
    ),
    Failure("code=404", 404, UnexpectedResponse),
    Failure("code=429", 429, RateLimited, "rate_limit_exceeded"),
    Failure("code=500", 500, ServerError, "internal_error", requests=2),
    Failure("code=520", 520, ServerError, "internal_error", requests=2),
]


@pytest.mark.parametrize("failure", FAILURES, ids=[failure.prefer for failure in FAILURES])
@pytest.mark.parametrize("endpoint", [LIST, QUERY])
def test_a_failure_arrives_as_the_right_error(
    relay: Relay, client: Client, endpoint: str, failure: Failure
) -> None:
    # `*/*`: a 404 is plain text, in place of which Prism sends a 200 to who accepts JSON alone.
    order = Order({"prefer": failure.prefer, "accept": "*/*"})
    relay.orders.extend([order] * failure.requests)
    with pytest.raises(TikTokError) as caught:
        client.ids(relay.url) if endpoint == LIST else client.query(relay.url, FOUND)
    error = caught.value
    assert (type(error), error.status, error.code) == (failure.error, failure.status, failure.code)
    assert len(relay.heard) == failure.requests
