"""What the token endpoint says: pure, on recorded answers."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tiktok_display import ApiError, TikTokError, TokenRecord, UnexpectedResponse
from tiktok_display.auth.tokens import (
    TokenAnswer,
    first_record,
    is_token,
    next_record,
    refresh_due_at,
    serves_until,
    token_answer,
)
from tiktok_display.secret import SecretForm

Sample = Callable[[str], Any]
RECORD = TokenRecord(
    access_token="act.1",
    refresh_token="rft.1",
    expires_at=8_200.0,
    lifetime=7_200.0,
    refresh_expires_at=50_000.0,
    scope=("video.list",),
)


def answer(**changes: object) -> dict[str, object]:
    """A success of the token endpoint, changed; None leaves a key out."""
    whole = {
        "access_token": "act.2",
        "expires_in": 7200,
        "open_id": "creator",
        "refresh_token": "rft.2",
        "refresh_expires_in": 15_552_000,
        "scope": "user.info.basic, video.list",
        "token_type": "Bearer",
    }
    return {key: value for key, value in {**whole, **changes}.items() if value is not None}


def checked(**changes: object) -> TokenAnswer:
    result = token_answer(answer(**changes))
    assert isinstance(result, TokenAnswer)
    return result


def test_a_documented_answer_is_read(sample: Sample) -> None:
    result = token_answer(sample("doc_oauth_token"))
    assert isinstance(result, TokenAnswer)
    assert (result.expires_in, result.scope) == (86400.0, ("user.info.basic", "video.list"))


def test_a_failure_with_http_200_is_never_taken_for_a_token(sample: Sample) -> None:
    for name in ("doc_oauth_error_malformed", "real_oauth_error_pkce"):
        result = token_answer(sample(name), 200)
        assert type(result) is ApiError
        assert (result.code, result.status) == ("invalid_request", 200)


def test_a_failure_in_the_data_endpoints_envelope_is_read_too() -> None:
    error = {"code": "rate_limit_exceeded", "message": "slow down", "log_id": "L"}
    result = token_answer({"error": error})
    assert isinstance(result, ApiError)
    assert (result.code, result.message, result.log_id) == ("rate_limit_exceeded", "slow down", "L")


MALFORMED = {
    "access_token": "a token answer without an access token",
    "refresh_token": "a token answer with an unusable refresh token",
    "expires_in": "a token answer with an impossible lifetime",
    "refresh_expires_in": "a token answer with an impossible lifetime",
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": "act.\nX"},
        {"access_token": "äct"},
        {"access_token": 7},
        {"refresh_token": 7},
        {"expires_in": None},
        {"expires_in": -1},
        {"expires_in": 0},
        {"expires_in": float("nan")},
        {"expires_in": 1e300},
        {"expires_in": 10**400},
        {"expires_in": "7200"},
        {"expires_in": True},
        {"refresh_expires_in": -1},
    ],
)
def test_a_malformed_answer_is_a_typed_error(wrong: dict[str, object]) -> None:
    error = token_answer(answer(**wrong), 200)
    assert type(error) is UnexpectedResponse
    assert (error.status, error.detail) == (200, MALFORMED[next(iter(wrong))])


@pytest.mark.parametrize("body", [None, [], "act.1", 7])
def test_an_answer_that_is_not_an_object_is_a_typed_error(body: object) -> None:
    error = token_answer(body, 200)
    assert type(error) is UnexpectedResponse
    assert (error.status, error.detail) == (200, "a token answer that is not an object")


@pytest.mark.parametrize("error", ["", "ok", None, {"code": "ok"}, {"code": ""}])
def test_an_error_that_is_none_hides_no_token(error: object) -> None:
    assert isinstance(token_answer({**answer(), "error": error}), TokenAnswer)


@pytest.mark.parametrize("seconds", [0.5, 10 * 365 * 86_400])
def test_a_token_may_live_shortly_or_long(seconds: float) -> None:
    assert checked(expires_in=seconds).expires_in == seconds


@given(st.dictionaries(st.sampled_from([*answer(), "error"]), st.none() | st.text() | st.floats()))
def test_nothing_escapes_the_tree(body: dict[str, object]) -> None:
    assert isinstance(token_answer(body), TokenAnswer | TikTokError)


def test_expiry_counts_from_the_sending_of_the_request() -> None:
    record = first_record(checked(), sent_at=1_000.0)
    assert (record.expires_at, record.lifetime) == (8_200.0, 7_200.0)
    assert record.refresh_expires_at == 15_553_000.0
    assert record.scope == ("user.info.basic", "video.list")


def test_the_day_of_the_next_login_never_moves_later_on_a_refresh() -> None:
    assert next_record(checked(), 9_000.0, RECORD).refresh_expires_at == 50_000.0
    assert (
        next_record(checked(refresh_expires_in=1_000), 9_000.0, RECORD).refresh_expires_at
        == 10_000.0
    )
    before = next_record(checked(refresh_expires_in=1_000), -50_000.0, RECORD)
    assert before.refresh_expires_at == 50_000.0  # the clock was wrong: the pair before is younger
    unknown = evolve(RECORD, refresh_expires_at=None)
    assert (
        next_record(checked(refresh_expires_in=None), 9_000.0, unknown).refresh_expires_at is None
    )


def test_what_a_refresh_leaves_out_stays() -> None:
    record = next_record(checked(refresh_token=None, scope=None), 9_000.0, RECORD)
    assert (record.refresh_token, record.scope) == ("rft.1", ("video.list",))
    assert record.access_token == "act.2"
    narrowed = next_record(checked(scope="user.info.basic"), 9_000.0, RECORD)
    assert narrowed.scope == ("user.info.basic",)


@given(st.floats(1.0, 1e8), st.floats(0.0, 1.0))
def test_a_refresh_is_due_a_tenth_early_within_bounds(lifetime: float, jitter: float) -> None:
    record = evolve(RECORD, lifetime=lifetime, expires_at=lifetime)
    early = lifetime - refresh_due_at(record, jitter)
    assert early <= lifetime / 2 + 1e-6
    assert early >= min(60.0, lifetime / 2) - 1e-6
    assert early == pytest.approx(
        min(max(60.0, min(1800.0, lifetime * (1 + jitter / 4) / 10)), lifetime / 2)
    )
    assert early <= 1800.0 + 1e-6


def test_of_two_hours_twelve_to_fifteen_minutes_are_left_at_a_refresh() -> None:
    assert [8_200.0 - refresh_due_at(RECORD, jitter) for jitter in (0.0, 1.0)] == [720.0, 900.0]


@given(st.floats(1.0, 1e8), st.floats(0.0, 1.0))
def test_a_token_serves_on_after_its_refresh_is_due_and_ends_before_it_expires(
    lifetime: float, jitter: float
) -> None:
    record = evolve(RECORD, lifetime=lifetime, expires_at=lifetime)
    assert refresh_due_at(record, jitter) <= serves_until(record) < lifetime


def test_in_its_last_minute_a_token_is_not_sent_any_more() -> None:
    assert serves_until(RECORD) == 8_200.0 - 60.0
    assert serves_until(evolve(RECORD, lifetime=100.0)) == 8_200.0 - 25.0


def test_what_no_store_can_hold_is_no_scope() -> None:
    assert checked(scope="video.list, \x00bad,\ud800,,user.info.basic").scope == (
        "video.list",
        "user.info.basic",
    )


@pytest.mark.parametrize("secret", [RECORD, SecretForm(a="act.1"), checked()])
def test_nothing_pickles_a_token(secret: object) -> None:
    with pytest.raises(TypeError, match="holds a secret"):
        pickle.dumps(secret)


@pytest.mark.parametrize("secret", [RECORD, SecretForm(a="act.1", b="rft.1"), checked()])
def test_no_repr_shows_a_token(secret: object) -> None:
    assert "act." not in repr(secret)
    assert "rft." not in repr(secret)


@given(st.text())
def test_a_token_can_stand_in_a_header(text: str) -> None:
    if is_token(text):
        assert text.encode("ascii") == text.strip().encode()
