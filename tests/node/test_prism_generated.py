"""The generated package by itself, judged by Prism: the fixture `relay` fails on any complaint."""

import asyncio
from types import ModuleType
from typing import Any

import pytest
from attrs import frozen

from tests.node.relay import Order, Relay, targets
from tiktok_display_api import AuthenticatedClient
from tiktok_display_api.api.videos import list_videos, query_videos
from tiktok_display_api.models import (
    ErrorEnvelope,
    ListVideosRequest,
    QueryVideosRequest,
    VideoField,
    VideoFilters,
    VideoPageEnvelope,
)

pytest_plugins = ["tests.node.prism"]

FEW, MANY = [VideoField.ID, VideoField.TITLE], list(VideoField)
PATHS: dict[ModuleType, str] = {list_videos: "/v2/video/list/", query_videos: "/v2/video/query/"}
BODIES: dict[ModuleType, ListVideosRequest | QueryVideosRequest] = {
    list_videos: ListVideosRequest(cursor=1_643_332_803_000, max_count=20),
    query_videos: QueryVideosRequest(VideoFilters([str(number) for number in range(20)])),
}


@frozen
class Call:
    """One of the eight functions; Prism's answer to it, as the function gives it."""

    endpoint: ModuleType
    way: str

    def __call__(self, url: str, fields: list[VideoField]) -> Any:
        function = getattr(self.endpoint, self.way)
        client = AuthenticatedClient(url, "act.any", httpx_args={"trust_env": False})
        arguments = {"client": client, "body": BODIES[self.endpoint], "fields": fields}

        async def run() -> Any:
            async with client:
                return await function(**arguments)

        if self.way.startswith("asyncio"):
            return asyncio.run(run())
        with client:
            return function(**arguments)


@pytest.fixture(params=[list_videos, query_videos], ids=["list", "query"])
def endpoint(request: pytest.FixtureRequest) -> ModuleType:
    chosen: ModuleType = request.param
    return chosen


@pytest.fixture(params=["sync", "asyncio"])
def plain(request: pytest.FixtureRequest, endpoint: ModuleType) -> Call:
    """A function that gives what the body says."""
    return Call(endpoint, request.param)


@pytest.fixture(params=["sync_detailed", "asyncio_detailed"])
def detailed(request: pytest.FixtureRequest, endpoint: ModuleType) -> Call:
    """A function that gives the status as well."""
    return Call(endpoint, request.param)


@pytest.mark.parametrize("fields", [FEW, MANY])
def test_a_page_is_asked_for_as_openapi_defines(
    relay: Relay, plain: Call, fields: list[VideoField]
) -> None:
    page = plain(relay.url, fields)
    assert isinstance(page, VideoPageEnvelope)
    assert page.error.code == "ok"
    (heard,) = relay.heard
    assert heard.target in targets(PATHS[plain.endpoint], [field.value for field in fields])
    assert heard.body == BODIES[plain.endpoint].to_dict()


@frozen
class Answer:
    """An answer to order, and what is made of it."""

    prefer: str
    status: int
    type: type
    code: str | None = None


ANSWERS = [
    Answer("code=200", 200, VideoPageEnvelope, "ok"),
    Answer("code=400", 400, ErrorEnvelope, "invalid_params"),
    Answer("code=401", 401, ErrorEnvelope, "access_token_invalid"),
    Answer("code=401, example=scopeNotAuthorized", 401, ErrorEnvelope, "scope_not_authorized"),
    Answer("code=404", 404, str),
    Answer("code=429", 429, ErrorEnvelope, "rate_limit_exceeded"),
    Answer("code=500", 500, ErrorEnvelope, "internal_error"),
    Answer("code=520", 520, ErrorEnvelope, "internal_error"),
]


@pytest.fixture(params=ANSWERS, ids=[answer.prefer for answer in ANSWERS])
def answer(request: pytest.FixtureRequest, relay: Relay) -> Answer:
    """What Prism will answer."""
    chosen: Answer = request.param
    relay.orders.append(Order({"prefer": chosen.prefer}))
    return chosen


def test_every_answer_arrives_as_what_the_document_says(
    relay: Relay, detailed: Call, answer: Answer
) -> None:
    got = detailed(relay.url, FEW)
    assert (got.status_code, type(got.parsed)) == (answer.status, answer.type)
    if isinstance(got.parsed, str):
        assert got.parsed == "Unsupported path(Janus)"
    else:
        assert got.parsed.error.code == answer.code


def test_the_plain_functions_give_the_same_without_the_status(
    relay: Relay, plain: Call, answer: Answer
) -> None:
    assert type(plain(relay.url, FEW)) is answer.type
