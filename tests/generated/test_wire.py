"""The generated package by itself: what it sends, and what it makes of answers."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import uritemplate
from hypothesis import given, settings
from hypothesis import strategies as st

from tiktok_display_api import AuthenticatedClient
from tiktok_display_api.api.videos import list_videos, query_videos
from tiktok_display_api.errors import UnexpectedBody, UnexpectedStatus
from tiktok_display_api.models import (
    ErrorEnvelope,
    ListVideosRequest,
    QueryVideosRequest,
    Video,
    VideoField,
    VideoFilters,
    VideoPageEnvelope,
)
from tiktok_display_api.types import UNSET, Response

SAMPLES = Path(__file__).parents[1] / "samples"
OK = {"code": "ok", "message": "", "log_id": "20260828021553B9B16EDC3EA4D6951794"}
EMPTY: dict[str, Any] = {"data": {"cursor": 0, "has_more": False, "videos": []}, "error": OK}
HTML = b"<html><body>502 Bad Gateway</body></html>"

Handler = Callable[[httpx.Request], httpx.Response]
Fields = list[VideoField]
Call = Callable[[Handler, Fields], Response[Any]]


def client_for(handler: Handler) -> AuthenticatedClient:
    return AuthenticatedClient(
        "https://open.tiktokapis.com",
        "act.secret",
        httpx_args={"transport": httpx.MockTransport(handler)},
    )


def list_sync(handler: Handler, fields: Fields) -> Response[Any]:
    with client_for(handler) as client:
        return list_videos.sync_detailed(client=client, body=ListVideosRequest(), fields=fields)


def list_async(handler: Handler, fields: Fields) -> Response[Any]:
    async def run() -> Response[Any]:
        async with client_for(handler) as client:
            body = ListVideosRequest()
            return await list_videos.asyncio_detailed(client=client, body=body, fields=fields)

    return asyncio.run(run())


def query_sync(handler: Handler, fields: Fields) -> Response[Any]:
    with client_for(handler) as client:
        body = QueryVideosRequest(VideoFilters(["7077642457847991554"]))
        return query_videos.sync_detailed(client=client, body=body, fields=fields)


def query_async(handler: Handler, fields: Fields) -> Response[Any]:
    async def run() -> Response[Any]:
        async with client_for(handler) as client:
            body = QueryVideosRequest(VideoFilters(["7077642457847991554"]))
            return await query_videos.asyncio_detailed(client=client, body=body, fields=fields)

    return asyncio.run(run())


@pytest.fixture(params=[list_sync, list_async, query_sync, query_async])
def call(request: pytest.FixtureRequest) -> Call:
    """Each of the four ways to call an endpoint; the tests below hold for all of them."""
    chosen: Call = request.param
    return chosen


def sent_by(call: Call, fields: Fields) -> httpx.Request:
    requests: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json=EMPTY)

    call(handler, fields)
    (request,) = requests
    return request


def answer_to(call: Call, status: int, content: bytes) -> Response[Any]:
    return call(lambda _: httpx.Response(status, content=content), [VideoField.ID])


def parsed_from(call: Call, status: int, content: bytes) -> Any:
    return answer_to(call, status, content).parsed


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def test_fields_travel_in_one_parameter(call: Call) -> None:
    request = sent_by(call, [VideoField.ID, VideoField.TITLE])
    assert request.url.query == b"fields=id%2Ctitle"


@pytest.mark.parametrize("fields", [[VideoField.ID], list(VideoField)])
def test_the_query_string_is_the_one_that_openapi_defines(call: Call, fields: Fields) -> None:
    url = sent_by(call, fields).url
    names = [field.value for field in fields]
    expected = uritemplate.expand(f"https://open.tiktokapis.com{url.path}{{?fields}}", fields=names)
    assert url.params.multi_items() == httpx.URL(expected).params.multi_items()


def test_the_request_is_a_signed_post_of_json_to_a_path_with_its_slash(call: Call) -> None:
    request = sent_by(call, [VideoField.ID])
    assert request.method == "POST"
    assert request.headers["Authorization"] == "Bearer act.secret"
    assert request.headers["Content-Type"] == "application/json"
    assert (request.url.path, json.loads(request.content)) in [
        ("/v2/video/list/", {"max_count": 10}),
        ("/v2/video/query/", {"filters": {"video_ids": ["7077642457847991554"]}}),
    ]


def test_a_recorded_page_of_nothing_is_a_page(call: Call) -> None:
    body = sample("real_video_list_empty")
    page = parsed_from(call, 200, json.dumps(body).encode())
    assert isinstance(page, VideoPageEnvelope)
    assert page.to_dict() == body


def test_a_recorded_failure_is_an_error_envelope(call: Call) -> None:
    body = sample("real_api_error_scope_not_authorized_401")
    failure = parsed_from(call, 401, json.dumps(body).encode())
    assert isinstance(failure, ErrorEnvelope)
    assert failure.to_dict() == body


def test_a_status_outside_the_standard_is_a_plain_number(call: Call) -> None:
    answer = answer_to(call, 520, b'{"error": {"code": "internal_error"}}')
    assert answer.status_code == 520
    assert isinstance(answer.parsed, ErrorEnvelope)


def test_a_code_that_nobody_knows_stays_the_string_it_is(call: Call) -> None:
    failure = parsed_from(call, 403, b'{"error": {"code": "brand_new_code"}}')
    assert failure.error.code == "brand_new_code"


def test_a_failure_at_status_200_still_tells_its_code(call: Call) -> None:
    failure = parsed_from(call, 200, b'{"error": {"code": "internal_error"}}')
    assert failure.error.code == "internal_error"
    assert failure.data is UNSET


def test_the_answer_to_a_wrong_path_is_its_text(call: Call) -> None:
    assert parsed_from(call, 404, b"Unsupported path(Janus)") == "Unsupported path(Janus)"


@pytest.mark.parametrize("status", [200, 401, 502, 520])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(HTML, id="html"),
        pytest.param(b'{"data": {"videos": [{"id": "70', id="cut"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe\xfd", id="undecodable"),
        pytest.param(b"[" * 100_000, id="bottomless"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="array"),
        pytest.param(b'{"data": {}}', id="no error"),
        pytest.param(b'{"error": null}', id="null error"),
        pytest.param(b'{"error": {}}', id="no code"),
    ],
)
def test_a_body_that_is_no_envelope_is_an_unexpected_body(
    call: Call, status: int, content: bytes
) -> None:
    with pytest.raises(UnexpectedBody) as failure:
        answer_to(call, status, content)
    assert failure.value.status_code == status
    assert failure.value.content == content


@pytest.mark.parametrize("data", [None, {}, [], "", 1, {"videos": None}, {"videos": [None]}])
def test_data_that_is_no_page_is_an_unexpected_body(call: Call, data: object) -> None:
    with pytest.raises(UnexpectedBody):
        answer_to(call, 200, json.dumps({"data": data, "error": OK}).encode())


@settings(deadline=None, max_examples=50)
@given(status=st.integers(200, 599), content=st.binary() | st.text().map(str.encode))
def test_no_answer_whatever_raises_anything_undocumented(status: int, content: bytes) -> None:
    try:
        answer = answer_to(list_sync, status, content)
    except UnexpectedStatus as error:
        assert (error.status_code, error.content) == (status, content)
    else:
        assert (answer.status_code, answer.content) == (status, content)


@pytest.mark.parametrize("function", [list_videos.sync, query_videos.asyncio_detailed])
def test_the_error_is_documented_where_it_is_raised(function: Callable[..., object]) -> None:
    assert "errors.UnexpectedBody" in (function.__doc__ or "")


def test_an_unexpected_body_quotes_only_the_beginning_of_a_large_one() -> None:
    error = UnexpectedBody(502, HTML + b"x" * 1_000_000)
    assert "502" in str(error)
    assert "Bad Gateway" in str(error)
    assert len(repr(error)) < 400
    assert len(error.content) > 1_000_000


@pytest.mark.parametrize("row", sample("real_video_objects_2025-10_from_db_dump"))
def test_a_recorded_video_comes_out_as_it_went_in(row: dict[str, Any]) -> None:
    video = Video.from_dict(row)
    assert video.to_dict() == row
    assert video.additional_properties == {}


@pytest.mark.parametrize("field", list(VideoField))
def test_a_null_in_any_field_is_tolerated(field: VideoField) -> None:
    video = Video.from_dict({field.value: None})
    assert getattr(video, field.value) is None
    assert video.to_dict() == {field.value: None}


def test_a_field_that_was_not_requested_is_unset() -> None:
    assert Video.from_dict({"id": "7077642457847991554"}).title is UNSET


def test_a_field_that_tiktok_adds_is_kept() -> None:
    video = Video.from_dict({"id": "7077642457847991554", "is_new": True})
    assert video.additional_properties == {"is_new": True}
    assert video["is_new"] is True


def test_a_client_never_shows_its_token() -> None:
    client = client_for(lambda _: httpx.Response(200, json=EMPTY))
    with client:
        assert "act.secret" not in repr(client)


def test_a_client_does_not_wait_for_ever_by_default() -> None:
    with AuthenticatedClient("https://open.tiktokapis.com", "act.secret") as client:
        assert client.get_httpx_client().timeout == httpx.Timeout(5.0)
