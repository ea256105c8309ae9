"""From an answer to an error: pure, on recorded answers."""

import copy
import pickle
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok_display import errors
from tiktok_display.errors import TikTokError, UnexpectedResponse, data_or_error, error_from

Sample = Callable[[str], object]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text() | st.sampled_from(["error", "code", "data"]), inner)
    ),
    max_leaves=8,
)


def envelope(code: object, status: int = 200, **headers: str) -> httpx.Response:
    error = {"code": code, "message": "why", "log_id": "L1"}
    return httpx.Response(status, json={"error": error}, headers=headers)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("access_token_invalid", errors.AccessTokenInvalid),
        ("scope_not_authorized", errors.ScopeNotAuthorized),
        ("scope_permission_missed", errors.ScopeNotAuthorized),
        ("invalid_params", errors.InvalidParams),
        ("rate_limit_exceeded", errors.RateLimited),
        ("internal_error", errors.ServerError),
        ("a_code_of_tomorrow", errors.ApiError),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 401, 429, 500, 520])
def test_the_code_decides_at_every_status(code: str, expected: type, status: int) -> None:
    error = error_from(envelope(code, status))
    assert type(error) is expected
    assert (error.code, error.status, error.log_id) == (code, status, "L1")


def test_a_recorded_scope_error_is_no_matter_of_tokens(sample: Sample) -> None:
    answer = httpx.Response(401, json=sample("real_api_error_scope_not_authorized_401"))
    error = error_from(answer)
    assert type(error) is errors.ScopeNotAuthorized
    assert error.log_id == "202603100851240EF1C2FF8F739D033636"
    assert str(error).endswith(
        "[status 401, code scope_not_authorized, log_id 202603100851240EF1C2FF8F739D033636]"
    )


def test_the_documented_error_object_is_understood_without_its_envelope(sample: Sample) -> None:
    answer = httpx.Response(401, json=sample("doc_api_error_access_token_invalid"))
    assert type(error_from(answer)) is errors.AccessTokenInvalid


def test_a_flat_failure_of_the_token_endpoint_keeps_its_code(sample: Sample) -> None:
    error = error_from(httpx.Response(200, json=sample("doc_oauth_error_malformed")))
    assert type(error) is errors.ApiError
    assert error.code == "invalid_request"
    assert "malformed" in str(error)


@pytest.mark.parametrize("name", ["real_video_list_empty", "doc_video_list", "doc_video_query"])
def test_the_error_of_a_success_is_none(name: str, sample: Sample) -> None:
    answer = httpx.Response(200, json=sample(name))
    assert error_from(answer) is None
    assert data_or_error(answer) == sample(name)["data"]  # type: ignore[index]


def test_the_header_names_the_log_id_where_the_body_does_not() -> None:
    answer = httpx.Response(502, text="<html>", headers={"x-tt-logid": "H1"})
    error = error_from(answer)
    assert (error.log_id, error.status) == ("H1", 502)


def test_html_from_a_gateway_is_described_but_never_quoted() -> None:
    error = error_from(httpx.Response(502, html="<html>secret</html>"))
    assert type(error) is UnexpectedResponse
    assert not error.cut
    assert "19 bytes of text/html" in str(error)
    assert "secret" not in str(error)


def test_the_plain_404_of_a_wrong_path_comes_with_a_hint() -> None:
    error = error_from(httpx.Response(404, text="Unsupported path(Janus)"))
    assert type(error) is UnexpectedResponse
    assert "trailing slash" in str(error)


@pytest.mark.parametrize(
    "body", [b"", b"  ", b'{"data": {"vid', b"[1,", b'{"a": "\xff"}', b"[" * 200_000]
)
def test_a_body_that_stops_midway_is_cut(body: bytes) -> None:
    error = error_from(httpx.Response(200, content=body))
    assert type(error) is UnexpectedResponse
    assert error.cut


@pytest.mark.parametrize(
    "body",
    [[], 1, None, {}, {"error": None}, {"error": {}}, {"error": {"code": 0}}, {"data": {}}],
)
def test_json_that_is_not_the_envelope_is_unexpected(body: object) -> None:
    assert type(error_from(httpx.Response(200, json=body))) is UnexpectedResponse


@pytest.mark.parametrize("data", [{}, {"data": None}, {"data": []}])
def test_a_success_without_data_is_unexpected(data: dict[str, object]) -> None:
    body = {"error": {"code": "ok", "message": "", "log_id": "L1"}, **data}
    assert type(error_from(httpx.Response(200, json=body))) is UnexpectedResponse


@given(st.binary() | JSON, st.integers(200, 599))
def test_no_answer_at_all_escapes_the_tree(body: object, status: int) -> None:
    answer = (
        httpx.Response(status, content=body)
        if isinstance(body, bytes)
        else httpx.Response(status, json=None).__class__(status, content=_dumps(body))
    )
    outcome = data_or_error(answer)
    assert isinstance(outcome, dict | TikTokError)
    assert str(outcome)


def _dumps(body: object) -> bytes:
    import json

    return json.dumps(body).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("Thu, 01 Jan 1970 00:02:00 GMT", 20.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:02:00 -0000", 20.0),
        ("soon", None),
        ("-1", None),
        ("Thu, 99 Jan 1970 00:02:00 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert errors.seconds_to_wait(header, now=100.0) == seconds


def test_an_error_carries_what_retry_after_asked() -> None:
    error = error_from(envelope("rate_limit_exceeded", 429, **{"retry-after": "3"}))
    assert error.retry_after == 3.0


@pytest.mark.parametrize(
    "error",
    [
        errors.ApiError("c", "m", "L", 400),
        errors.RateLimited(retry_after=2.0),
        errors.UnexpectedResponse(502, "HTML", cut=True),
        errors.TransportError("refused", sent=False),
        errors.DeadlineExceeded("late"),
        errors.ReauthorizationRequired("open", "revoked"),
        errors.ConfigurationError("bad"),
    ],
)
def test_an_error_survives_copying_and_pickling(error: TikTokError) -> None:
    error.checkpoint = 5
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        assert vars(twin) == vars(error)


def test_every_error_says_something_even_without_words() -> None:
    assert str(TikTokError()) == ""
    assert str(errors.ApiError("c")) == "TikTok refused the request [code c]"
    assert str(errors.UnexpectedResponse(502)) == "not TikTok's envelope [status 502]"
    assert (
        str(errors.ReauthorizationRequired("o", "revoked"))
        == "creator o must log in again: revoked"
    )


def test_bad_arguments_are_value_errors_too() -> None:
    assert issubclass(errors.ConfigurationError, ValueError)
