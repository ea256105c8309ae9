"""When to try again: pure, without a clock of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok_display import RetryPolicy
from tiktok_display.errors import (
    AccessTokenInvalid,
    ApiError,
    ConfigurationError,
    DeadlineExceeded,
    InvalidParams,
    RateLimited,
    ScopeNotAuthorized,
    ServerError,
    TikTokError,
    TransportError,
    UnexpectedResponse,
)
from tiktok_display.policies import Deadline, RetryBudget, Shift, Tries, counted

POLICY = RetryPolicy()
UNKNOWN_AT_503 = ApiError("novel", status=503)


@pytest.mark.parametrize(
    "error",
    [
        TransportError("refused"),
        ServerError("internal_error", status=200),
        UnexpectedResponse(502, "HTML"),
        UnexpectedResponse(200, "cut", cut=True),
        UNKNOWN_AT_503,
    ],
)
def test_what_may_pass_is_tried_again_after_a_jittered_wait(error: TikTokError) -> None:
    waits = [POLICY.wait(error, Tries(failures=n), jitter=1.0) for n in range(5)]
    assert waits == [0.5, 1.0, 2.0, 4.0, None]
    assert POLICY.wait(error, Tries(), jitter=0.0) == 0.0


@pytest.mark.parametrize(
    "error",
    [
        InvalidParams("invalid_params", status=500),
        ScopeNotAuthorized("scope_not_authorized", status=503),
        AccessTokenInvalid("access_token_invalid", status=429),
        ApiError("novel", status=400),
        UnexpectedResponse(404, "no such path"),
        UnexpectedResponse(None, "never came"),
        DeadlineExceeded("late"),
    ],
)
def test_what_stays_wrong_is_never_repeated(error: TikTokError) -> None:
    assert POLICY.wait(error, Tries(), jitter=1.0) is None


@given(st.lists(st.floats(0, 1), min_size=100, max_size=100))
def test_a_429_is_waited_out_for_a_minute_in_all(jitters: list[float]) -> None:
    tries, error = Tries(), RateLimited()
    for jitter in jitters:
        wait = POLICY.wait(error, tries, jitter)
        if wait is None:
            break
        assert wait > 0
        tries = counted(tries, error, wait)
    assert tries.waited == pytest.approx(60.0)
    assert 5 <= tries.limited <= 13


def test_a_429_without_a_known_code_is_waited_out_too() -> None:
    assert POLICY.wait(UnexpectedResponse(429, "HTML"), Tries(), jitter=1.0) == 2.0
    assert POLICY.wait(ApiError("novel", status=429), Tries(), jitter=0.0) == 1.0


def test_retry_after_is_obeyed_to_the_second() -> None:
    assert POLICY.wait(RateLimited(retry_after=7.0), Tries(), jitter=0.3) == 7.0


def test_retry_after_of_nothing_does_not_become_a_busy_loop() -> None:
    tries, error = Tries(), RateLimited(retry_after=0.0)
    while (wait := POLICY.wait(error, tries, 0.0)) is not None:
        tries = counted(tries, error, wait)
    assert tries.limited < 16


def test_retry_after_beyond_the_patience_is_left_to_the_caller() -> None:
    assert POLICY.wait(RateLimited(retry_after=61.0), Tries(), jitter=0.0) is None


def test_retry_after_of_a_server_error_lengthens_the_back_off_within_the_patience() -> None:
    error = ServerError("internal_error", status=503)
    error.retry_after = 30.0
    assert POLICY.wait(error, Tries(), jitter=1.0) == 30.0
    tries = counted(Tries(), error, 31.0)
    assert (tries.failures, tries.waited) == (1, 31.0)
    assert POLICY.wait(error, tries, jitter=1.0) is None


def test_failures_and_429s_are_counted_apart() -> None:
    tries = counted(counted(Tries(), RateLimited(), 2.0), TransportError("x"), 0.5)
    assert (tries.failures, tries.limited, tries.waited) == (1, 1, 2.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"attempts": 0},
        {"base": -1.0},
        {"cap": float("nan")},
        {"patience": float("inf")},
        {"budget": -1},
    ],
)
def test_an_impossible_policy_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError):
        RetryPolicy(**wrong)  # type: ignore[arg-type]


def test_the_budget_stops_a_storm_and_successes_refill_it() -> None:
    budget, failure = RetryBudget(2), TransportError("down")
    assert [budget.spend(failure) for _ in range(3)] == [True, True, False]
    for _ in range(11):
        budget.earn()
    assert [budget.spend(failure) for _ in range(2)] == [True, False]


def test_the_budget_is_never_overfull_and_429s_cost_nothing() -> None:
    budget = RetryBudget(1)
    budget.earn()
    assert all(budget.spend(RateLimited()) for _ in range(5))
    assert [budget.spend(TransportError("down")) for _ in range(2)] == [True, False]


def test_a_deadline_counts_down_on_the_clock_it_is_given() -> None:
    now = [100.0]
    deadline = Deadline(10.0, lambda: now[0])
    assert (deadline.left(), deadline.timeout()) == (10.0, 10.0)
    now[0] = 111.0
    assert (deadline.left(), deadline.timeout()) == (-1.0, 0.0)


def test_no_deadline_never_passes() -> None:
    deadline = Deadline(None, lambda: 0.0)
    assert deadline.timeout() is None
    deadline.require(1e9)


def test_a_deadline_names_the_error_before_it_as_its_cause() -> None:
    cause = RateLimited("rate_limit_exceeded", "slow down", "L1", 429, retry_after=5.0)
    with pytest.raises(DeadlineExceeded) as caught:
        Deadline(1.0, lambda: 0.0).require(1.0, cause)
    assert caught.value.__cause__ is cause
    assert (caught.value.code, caught.value.log_id) == ("rate_limit_exceeded", "L1")
    assert caught.value.retry_after == 5.0


def test_requests_of_several_workers_go_out_one_by_one() -> None:
    shift = Shift()
    shift.workers = 7
    assert [shift.wait(0.0), shift.wait(0.0)] == [0.0, 0.0]  # before anything is known
    shift.pace(0.1)
    assert shift.wait(0.001) == pytest.approx(0.004)
    assert shift.wait(0.0049) == 0.0
    assert shift.wait(0.0050) == pytest.approx(0.0049)


def test_a_slow_answer_hardly_changes_the_pace() -> None:
    shift = Shift()
    shift.workers = 7
    shift.pace(0.1)
    shift.pace(30.0)
    assert [shift.wait(0.0), shift.wait(0.0)] == [0.0, pytest.approx(0.0055)]


def test_whoever_works_alone_keeps_no_pace() -> None:
    shift = Shift()
    shift.pace(30.0)
    assert [shift.wait(0.0), shift.wait(0.0)] == [0.0, 0.0]
