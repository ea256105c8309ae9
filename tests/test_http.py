"""The door: signing, repeating, waiting, raising; the same for its two halves."""

import traceback
from collections.abc import Callable

import httpx
import pytest

from tests.doors import TOKEN, AsyncCaller, Caller, Script, SyncCaller, envelope, success
from tiktok_display import (
    AccessTokenInvalid,
    ApiError,
    DeadlineExceeded,
    InvalidParams,
    RateLimited,
    RetryPolicy,
    ScopeNotAuthorized,
    ServerError,
    TikTokError,
    TransportError,
    UnexpectedResponse,
)
from tiktok_display.bearer import BearerToken
from tiktok_display.http import AccessToken, Rules


@pytest.fixture(params=[SyncCaller, AsyncCaller], ids=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Caller:
    """Either door."""
    caller: Caller = request.param()
    return caller


def patient(**policy: float) -> Rules:
    return Rules(jitter=lambda: 1.0, retry=RetryPolicy(**policy))  # type: ignore[arg-type]


class Renewing:
    """Credentials with one token after another."""

    renews = True

    def __init__(self, *, buys: bool = True) -> None:
        self.tokens, self.refusals = [BearerToken(f"act.{n}") for n in range(4)], list[object]()
        self.buys = buys

    def has_bought(self, token: AccessToken) -> bool:
        return self.buys

    def token(self, refused: AccessToken | None, timeout: float | None) -> BearerToken:
        self.refusals.append(refused)
        return self.tokens[0 if refused is None else self.tokens.index(refused) + 1]  # type: ignore[arg-type]

    async def token_async(self, refused: AccessToken | None, timeout: float | None) -> BearerToken:
        return self.token(refused, timeout)


def test_a_request_is_signed_and_says_what_it_wants_in_the_query(call: Caller) -> None:
    assert call([success(videos=[])]) == {"videos": []}
    (request,) = call.sent
    assert request.method == "POST"
    assert str(request.url) == "https://tiktok.example/v2/video/list/?fields=id%2Ctitle"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["content-type"] == "application/json"
    assert "cookie" not in request.headers


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("silence"),
        httpx.RemoteProtocolError("cut"),
        httpx.Response(502, html="<html>"),
        httpx.Response(520),
        httpx.Response(200, content=b'{"data": {"videos": ['),
        httpx.Response(200, content=b"x", headers={"content-encoding": "gzip"}),
        envelope("internal_error", 200),
        envelope("novel", 503),
    ],
)
def test_what_may_pass_is_repeated_with_growing_waits(
    call: Caller, failure: httpx.Response | Exception
) -> None:
    assert call([failure, failure, success(n=1)]) == {"n": 1}
    assert call.waits == [0.5, 1.0]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (envelope("invalid_params", 400), InvalidParams),
        (envelope("invalid_params", 500), InvalidParams),
        (envelope("scope_not_authorized", 401), ScopeNotAuthorized),
        (envelope("scope_permission_missed", 400), ScopeNotAuthorized),
        (envelope("novel", 418), ApiError),
        (httpx.Response(404, text="Unsupported path(Janus)"), UnexpectedResponse),
        (
            httpx.Response(302, headers={"location": "https://elsewhere.example"}),
            UnexpectedResponse,
        ),
        (httpx.Response(200, html="<html>"), UnexpectedResponse),
    ],
)
def test_what_stays_wrong_is_sent_once(
    call: Caller, answer: httpx.Response, expected: type[TikTokError]
) -> None:
    with pytest.raises(expected) as caught:
        call([answer], Renewing())
    assert type(caught.value) is expected
    assert len(call.sent) == 1


def test_attempts_are_counted_and_the_last_error_is_raised(call: Caller) -> None:
    with pytest.raises(ServerError):
        call([envelope("internal_error", 500)] * 5)
    assert (len(call.sent), call.waits) == (5, [0.5, 1.0, 2.0, 4.0])


def test_a_429_is_waited_out_up_to_a_minute_in_all(call: Caller) -> None:
    with pytest.raises(RateLimited):
        call([envelope("rate_limit_exceeded", 429)] * 20)
    assert sum(call.waits) == 60.0
    assert call.waits[:3] == [2.0, 4.0, 8.0]


def test_a_429_that_passes_is_never_seen(call: Caller) -> None:
    assert call([envelope("rate_limit_exceeded", 429)] * 3 + [success(n=1)]) == {"n": 1}


def test_retry_after_is_obeyed(call: Caller) -> None:
    call([envelope("rate_limit_exceeded", 429, retry_after=7), success()])
    assert call.waits == [7.0]


def test_a_refused_token_is_replaced_once_at_no_cost_in_retries(call: Caller) -> None:
    script: Script = [envelope("access_token_invalid", 401), success(n=1)]
    signer = Renewing()
    assert call(script, signer, patient(attempts=1)) == {"n": 1}
    assert [r.headers["authorization"] for r in call.sent] == ["Bearer act.0", "Bearer act.1"]
    assert call.waits == [0.0]


def test_a_refusal_inside_a_200_is_a_refusal(call: Caller) -> None:
    assert call([envelope("access_token_invalid", 200), success(n=1)], Renewing()) == {"n": 1}


def test_every_attempt_is_signed_afresh_and_never_again_with_a_refused_token(call: Caller) -> None:
    script: Script = [
        envelope("internal_error", 500),
        envelope("access_token_invalid", 401),
        envelope("internal_error", 500),
        success(),
    ]
    call(script, Renewing())
    tokens = [request.headers["authorization"][-1] for request in call.sent]
    assert tokens == ["0", "0", "1", "1"]


def test_a_second_refusal_is_final(call: Caller) -> None:
    with pytest.raises(AccessTokenInvalid):
        call([envelope("access_token_invalid", 401)] * 2, Renewing())
    assert len(call.sent) == 2


def test_a_token_that_was_found_and_not_bought_gives_way_once_more(call: Caller) -> None:
    found = Renewing(buys=False)
    refusals = [envelope("access_token_invalid", 401)] * 2
    assert call([*refusals, success(videos=[])], found) == {"videos": []}
    assert found.refusals == [None, *found.tokens[:2]]
    with pytest.raises(AccessTokenInvalid):
        call([envelope("access_token_invalid", 401)] * 3, Renewing(buys=False))
    assert len(call.sent) == 3


def test_a_bare_token_that_is_refused_is_not_sent_again(call: Caller) -> None:
    with pytest.raises(AccessTokenInvalid) as caught:
        call([envelope("access_token_invalid", 401)])
    assert (caught.value.status, caught.value.log_id, len(call.sent)) == (401, "L1", 1)


def test_a_wait_beyond_the_deadline_ends_the_call_at_once_with_its_cause(call: Caller) -> None:
    with pytest.raises(DeadlineExceeded) as caught:
        call([envelope("rate_limit_exceeded", 429, retry_after=30)], None, Rules(deadline=20.0))
    assert isinstance(caught.value.__cause__, RateLimited)
    assert (caught.value.status, caught.value.log_id) == (429, "L1")
    assert call.waits == []


def test_without_a_deadline_only_the_policy_ends_a_call(call: Caller) -> None:
    rules = Rules(deadline=None, retry=RetryPolicy(patience=5000.0))
    script: Script = [envelope("rate_limit_exceeded", 429, retry_after=3000), success(n=1)]
    assert call(script, None, rules) == {"n": 1}


def test_the_retry_budget_is_shared_and_a_storm_ends_it(call: Caller) -> None:
    rules = patient(budget=3, attempts=3)
    for _ in range(2):
        with pytest.raises(ServerError):
            call([envelope("internal_error", 500)] * 5, None, rules)
    assert len(call.sent) == 2
    with pytest.raises(ServerError):
        call([envelope("internal_error", 500)] * 5, None, rules)
    assert len(call.sent) == 1


def test_the_limiter_is_asked_before_every_request_until_it_gives_a_turn(call: Caller) -> None:
    class Turns:
        def __init__(self) -> None:
            self.waits, self.asked = [3.0, 1.0, 0.0, 0.0], list[str]()

        def reserve(self, endpoint: str) -> float:
            self.asked.append(endpoint)
            return self.waits.pop(0)

    turns = Turns()
    rules = Rules(jitter=lambda: 0.0, limiter=turns)
    call([envelope("internal_error", 500), success()], None, rules)
    assert call.waits == [3.0, 1.0, 0.0]
    assert turns.asked == ["/v2/video/list/"] * 4


def test_a_turn_beyond_the_deadline_is_not_waited_for(call: Caller) -> None:
    class Never:
        def reserve(self, endpoint: str) -> float:
            return 1e9

    with pytest.raises(DeadlineExceeded):
        call([], None, Rules(limiter=Never()))


@pytest.mark.parametrize(
    "script",
    [
        [httpx.ConnectError("refused")],
        [httpx.LocalProtocolError(f"Illegal header value b'Bearer {TOKEN}'")],
        [httpx.Response(200, content=b'{"data')],
        [httpx.Response(502, html=f"<html>{TOKEN}")],
        [envelope("access_token_invalid", 401)],
        [envelope("internal_error", 500)],
    ],
)
def test_no_error_shows_the_token_in_its_text_its_context_or_the_locals_of_its_traceback(
    call: Caller, script: Script
) -> None:
    with pytest.raises(TikTokError) as caught:
        call(script, None, patient(attempts=1))
    error = caught.value
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    # The scripted answers themselves stand in frames of the tests.
    frames = [frame for frame in report.stack if "tests" not in frame.filename]
    shown = [str(error), repr(error), repr(vars(error)), *(str(frame.locals) for frame in frames)]
    assert not [text for text in shown if TOKEN in text]
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("failure", "sent"),
    [
        (httpx.ConnectError("refused"), False),
        (httpx.ConnectTimeout("slow"), False),
        (httpx.PoolTimeout("full"), False),
        (httpx.ProxyError("no"), False),
        (httpx.ReadError("reset"), True),
        (httpx.ReadTimeout("silence"), True),
    ],
)
def test_a_transport_error_knows_whether_the_request_may_have_left(
    call: Caller, failure: Exception, sent: bool
) -> None:
    with pytest.raises(TransportError) as caught:
        call([failure], None, patient(attempts=1))
    assert caught.value.sent is sent
    assert str(caught.value).startswith(type(failure).__name__)


def test_both_doors_are_alike() -> None:
    from tests.twins import assert_twins
    from tiktok_display.http import AsyncDoor, Door
    from tiktok_display.transport import exchange

    assert_twins(Door, AsyncDoor)
    pair: tuple[Callable[..., object], Callable[..., object]] = (
        exchange.exchange,
        exchange.exchange_async,
    )
    assert_twins(*pair)


def test_a_turn_beyond_the_deadline_names_the_error_before_it(call: Caller) -> None:
    class Once:
        def __init__(self) -> None:
            self.waits = [0.0, 1e9]

        def reserve(self, endpoint: str) -> float:
            return self.waits.pop(0)

    with pytest.raises(DeadlineExceeded) as caught:
        call([envelope("internal_error", 500)], None, Rules(jitter=lambda: 0.0, limiter=Once()))
    assert isinstance(caught.value.__cause__, ServerError)
    assert caught.value.log_id == "L1"
