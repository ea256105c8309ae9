"""The front doors, from a caller's line to the bytes of a request and back."""

import asyncio
import json
import time
import traceback
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import respx

import tiktok_display
from tests.answering import answering
from tests.doors import success
from tests.twins import assert_twins
from tiktok_display import (
    ALL,
    AppCredentials,
    AsyncDisplayClient,
    AsyncVideoPager,
    ConfigurationError,
    DisplayClient,
    MemoryTokenStore,
    RetryPolicy,
    TransportError,
    UnknownFieldWarning,
    UserCredentials,
    VideoField,
    VideoPager,
)

LIST = "https://open.tiktokapis.com/v2/video/list/"
QUERY = "https://open.tiktokapis.com/v2/video/query/"


def body(call: Any) -> dict[str, Any]:
    """What a recorded call asked for."""
    content: dict[str, Any] = json.loads(call.request.content)
    return content


def page(*ids: str, cursor: int = 0, has_more: bool = False) -> httpx.Response:
    videos = [{"id": id, "create_time": int(id)} for id in ids]
    return success(videos=videos, cursor=cursor, has_more=has_more)


def answer_query(request: httpx.Request) -> httpx.Response:
    """Every id but those that begin with 9, in an order of its own."""
    ids = json.loads(request.content)["filters"]["video_ids"]
    return page(*[id for id in reversed(ids) if not id.startswith("9")])


@respx.mock
def test_a_recorded_answer_becomes_videos(sample: Callable[[str], Any]) -> None:
    respx.post(LIST).respond(json=sample("doc_video_list"))
    with DisplayClient("act.x") as client:
        (video,) = client.list_videos()
    assert (video.id, video.title) == ("12345123451234512345", "Video Title")


@respx.mock
def test_a_listing_asks_for_all_fields_in_twenties_and_goes_on_by_cursor() -> None:
    route = respx.post(LIST)
    route.side_effect = [page("9", "8", cursor=8_000, has_more=True), page("8", "7", cursor=7_000)]
    with DisplayClient("act.x") as client:
        assert [video.id for video in client.list_videos()] == ["9", "8", "7"]
    first, second = route.calls
    assert len(first.request.url.params["fields"].split(",")) == len(ALL)
    assert [body(call) for call in (first, second)] == [
        {"max_count": 20},
        {"cursor": 8_999, "max_count": 20},
    ]
    assert first.request.headers["authorization"] == "Bearer act.x"
    assert first.request.headers["user-agent"] == f"tiktok-display/{tiktok_display.__version__}"


@respx.mock
def test_what_a_bounded_walk_needs_is_asked_for_in_addition() -> None:
    route = respx.post(LIST).mock(return_value=page())
    with DisplayClient("act.x") as client:
        list(client.list_videos(fields=["title"], since=datetime(2026, 1, 1, tzinfo=UTC)))
        list(client.list_videos(fields=[VideoField.TITLE]))
    fields = [call.request.url.params["fields"] for call in route.calls]
    assert fields == ["title,id,create_time", "title,id"]


@respx.mock
def test_a_query_is_cut_into_twenties_and_put_back_in_order() -> None:
    route = respx.post(QUERY).mock(side_effect=answer_query)
    ids = [str(n) for n in range(1, 46)]
    with DisplayClient("act.x") as client:
        found = client.query_videos([*ids, "1"], fields=["title"])
    assert [video.id for video in found.videos] == [id for id in ids if id != "9"]
    assert found.missing == ["9"]
    assert [len(body(call)["filters"]["video_ids"]) for call in route.calls] == [20, 20, 5]
    assert route.calls[0].request.url.params["fields"] == "title,id"


def test_the_asynchronous_client_does_the_same() -> None:
    pages = iter([page("9", "8", cursor=8_000, has_more=True), page("7", cursor=7_000)])

    def answer(request: httpx.Request) -> httpx.Response:
        return next(pages) if "list" in request.url.path else answer_query(request)

    async def run(url: str) -> None:
        async with AsyncDisplayClient("act.x", base_url=url) as client:
            pager = client.list_videos(until=datetime(2026, 1, 1, tzinfo=UTC))
            assert [video.id async for video in pager] == ["9", "8", "7"]
            found = await client.query_videos(["1", "9"])
            assert ([video.id for video in found.videos], found.missing) == (["1"], ["9"])

    with answering(answer) as box:
        asyncio.run(run(box.url))
    assert json.loads(box.asked[0].content)["cursor"] == 1_767_225_599_999
    assert len(box.asked[0].url.params["fields"].split(",")) == len(ALL)
    assert box.asked[0].headers["user-agent"] == f"tiktok-display/{tiktok_display.__version__}"


@respx.mock
def test_no_ids_make_no_request() -> None:
    async def run() -> object:
        async with AsyncDisplayClient("act.x") as client:
            return await client.query_videos([])

    with DisplayClient("act.x") as client:
        assert client.query_videos([]) == asyncio.run(run())
    assert not respx.calls


@respx.mock
def test_bad_input_is_refused_before_anything_is_sent() -> None:
    with DisplayClient("act.x") as client:
        for refused in (
            lambda: client.list_videos(page_size=21),
            lambda: client.list_videos(workers=0),
            lambda: client.list_videos(fields="id"),
            lambda: client.query_videos("7077642457847991554"),
            lambda: client.with_credentials(""),
        ):
            with pytest.raises(ConfigurationError):
                refused()
    assert not respx.calls


@pytest.mark.parametrize("token", ["", "act.\nsecret", "äct.secret", None, 7])
def test_what_is_no_token_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        DisplayClient(token)
    assert not shown_by(caught.value, "secret")


def test_a_token_shows_in_no_traceback_of_a_client_that_could_not_be_made() -> None:
    with pytest.raises(ConfigurationError) as caught:
        DisplayClient("act.secret", base_url="http://elsewhere.example")
    assert not shown_by(caught.value, "act.secret")


def shown_by(error: BaseException, secret: str) -> list[object]:
    """The frames of the library that show a secret among their locals."""
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [frame for frame in report.stack if "tests" not in frame.filename]
    assert ours
    return [frame for frame in ours if secret in str(frame.locals)]


def test_an_unknown_field_warns_where_the_caller_stands() -> None:
    async def run() -> None:
        async with AsyncDisplayClient("act.x") as client:
            client.list_videos(fields=["novel"])

    with DisplayClient("act.x") as client, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        client.list_videos(fields=["novel"])
        asyncio.run(run())
    assert [(w.category, w.filename) for w in caught] == [(UnknownFieldWarning, __file__)] * 2


@respx.mock
def test_siblings_share_the_pool_and_only_its_owner_closes_it() -> None:
    route = respx.post(QUERY).mock(side_effect=answer_query)
    with DisplayClient("act.x") as client:
        with client.with_credentials("act.y") as sibling:
            sibling.query_videos(["1"])
        client.query_videos(["1"])
        sibling.query_videos(["1"])
    with pytest.raises(ConfigurationError):
        sibling.query_videos(["1"])
    signed = [call.request.headers["authorization"] for call in route.calls]
    assert signed == ["Bearer act.y", "Bearer act.x", "Bearer act.y"]


def test_asynchronous_siblings_do_the_same() -> None:
    async def run(url: str) -> None:
        async with AsyncDisplayClient("act.x", base_url=url) as client:
            async with client.with_credentials("act.y") as sibling:
                await sibling.query_videos(["1"])
            await client.query_videos(["1"])

    with answering(answer_query) as box:
        asyncio.run(run(box.url))
    signed = [request.headers["authorization"] for request in box.asked]
    assert signed == ["Bearer act.y", "Bearer act.x"]


def test_a_cookie_set_for_one_creator_never_goes_out_for_another() -> None:
    with respx.mock:
        cookie = {"set-cookie": "session=of-x; Path=/"}
        answer = success(videos=[])
        route = respx.post(QUERY).respond(json=answer.json(), headers=cookie)
        with DisplayClient("act.x") as client:
            client.query_videos(["1"])
            client.with_credentials("act.y").query_videos(["1"])
        assert [call.request.headers.get("cookie") for call in route.calls] == [None, None]


def test_a_login_refreshes_by_itself_against_the_clients_origin() -> None:
    login = {
        "access_token": "act.1",
        "refresh_token": "rft.1",
        "expires_in": 7200,
        "refresh_expires_in": 86_400 * 180,
        "open_id": "creator",
        "scope": "video.list",
    }
    expired = time.time() - 7200
    app = AppCredentials("app", "secret")
    creator = UserCredentials.from_token_answer(app, MemoryTokenStore(), login, sent_at=expired)

    def answer(request: httpx.Request) -> httpx.Response:
        if "video" in request.url.path:
            return answer_query(request)
        return httpx.Response(200, json={**login, "access_token": "act.2"})

    async def run(url: str) -> None:
        async with AsyncDisplayClient("act.x", base_url=url) as client:
            await client.with_credentials(creator).query_videos(["1"])

    with answering(answer) as box:
        with DisplayClient(creator, base_url=box.url) as client:
            client.query_videos(["1"])
        asyncio.run(run(box.url))
    refresh, *queries = box.asked
    assert refresh.headers["content-type"] == "application/x-www-form-urlencoded"
    signed = [request.headers["authorization"] for request in queries]
    assert signed == ["Bearer act.2"] * 2


@respx.mock
def test_an_error_in_the_middle_says_where_to_go_on() -> None:
    route = respx.post(LIST)
    route.side_effect = [page("9", cursor=9_000, has_more=True), httpx.ConnectError("refused")]
    with DisplayClient("act.x", retry=RetryPolicy(attempts=1), deadline=None) as client:
        pager = client.list_videos()
        assert next(pager).id == "9"
        with pytest.raises(TransportError) as caught:
            next(pager)
    assert caught.value.checkpoint == pager.checkpoint == 9_999


def test_the_twins_have_the_same_face() -> None:
    assert_twins(DisplayClient, AsyncDisplayClient)
    assert_twins(VideoPager, AsyncVideoPager)


def test_everything_promised_can_be_imported_from_one_place() -> None:
    assert all(hasattr(tiktok_display, name) for name in tiktok_display.__all__)
