"""What is promised of every play, whatever has happened in it."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from tests.reliability.model.diary import LEASE, REST, SECONDS, Attempt, Stored
from tests.reliability.model.worlds import World
from tiktok_display import (
    AccessTokenInvalid,
    ApiError,
    DeadlineExceeded,
    ReauthorizationRequired,
    RefreshUnavailable,
    ScopeNotAuthorized,
    TokenRecord,
    TokenStoreError,
)

Promise = Callable[[World], None]
PROMISES: list[Promise] = []


def promised(promise: Promise) -> Promise:
    """Looked at after every step."""
    PROMISES.append(promise)
    return promise


def successors(world: World) -> Iterator[tuple[Attempt, Attempt]]:
    """Each two attempts in a row to replace the same pair, where both have asked. Answers that
    leave the refresh token as it was are alike to a store, and not looked at.
    """
    last: dict[tuple[str, ...], Attempt] = {}
    for attempt in world.diary.attempts:
        if attempt.questions and attempt.before.refresh_token not in world.tiktok.kept:
            name = (attempt.open_id, *attempt.pair)
            if name in last:
                yield last[name], attempt
            last[name] = attempt


@promised
def a_pair_is_asked_for_once_while_nothing_fails(world: World) -> None:
    """The second attempt to replace a pair comes after the first one has told all replicas that it
    failed, or when its lease is over.
    """
    for first, second in successors(world):
        is_told = first.end == "noted" and first.ended_at <= second.begun_at
        assert is_told or second.begun_at >= first.begun_at + LEASE


@promised
def a_token_is_refreshed_when_it_is_due_or_was_refused_and_never_for_a_scope(world: World) -> None:
    """Every attempt that asks has a reason."""
    for attempt in world.diary.attempts:
        assert attempt.is_due or attempt.is_refused or not attempt.questions


@promised
def an_outage_is_asked_about_once_in_thirty_seconds(world: World) -> None:
    """By all replicas together; a clock that is wrong may shorten the rest."""
    for first, second in successors(world):
        is_outage = first.end == "noted" and first.questions[-1].end != "invalid_client"
        if is_outage and first.offset == second.offset and not world.jumps:
            assert second.begun_at >= first.questions[-1].ended_at + REST


@promised
def after_an_unclear_end_it_is_asked_once_more_and_at_once(world: World) -> None:
    """And freely only where the request certainly never left."""
    for attempt in world.diary.attempts:
        ends = [question.end for question in attempt.questions]
        assert sum(question.is_sent for question in attempt.questions) <= 2
        assert ends.count("unsent") <= 4
        for first, second in pairwise(attempt.questions):
            assert first.end in ("unsent", "unclear")
            assert first.end == "unsent" or second.at == first.ended_at
        if attempt.end == "noted" and ends[-1:] == ["unclear"]:
            is_late = attempt.questions[-1].ended_at >= attempt.begun_at + SECONDS
            assert is_late or ends.count("unclear") == 2


@promised
def a_request_goes_out_under_a_lease_that_holds(world: World) -> None:
    """So nobody else asks with the same refresh token; and never where its successor is at hand."""
    assert not world.diary.unleased
    for attempt in world.diary.attempts:
        assert not attempt.has_unsaved
        for question in attempt.questions:
            assert question.at < attempt.begun_at + LEASE


@promised
def a_pair_is_stored_before_its_access_token_signs(world: World) -> None:
    """Or where the store fails, kept, and the operator has it."""
    for signed in world.diary.signed:
        assert signed.was_stored or signed.was_told


@promised
def the_stored_record_is_the_pair_of_one_answer(world: World) -> None:
    """Whole, and expiring by the moment at which it was asked for; so an answer that is malformed
    or another creator's has changed nothing. A removed consent leaves no tokens at all.
    """
    for fact in world.diary.stored:
        after, before = fact.after, fact.before
        assert after is not None
        if before and tokens(before) == tokens(after) and before.expires_at == after.expires_at:
            continue
        if after.needs_login == "revoked":
            assert tokens(after) == ("", "")
            assert fact.open_id in world.diary.removed
            continue
        assert any(answer.is_origin_of(after) for answer in world.diary.answers)


@promised
def a_newer_pair_is_never_replaced_by_an_older_one(world: World) -> None:
    """And the living pair is never thrown away, however late it comes."""
    for fact in world.diary.stored:
        assert fact.after is not None
        if fact.act == "commit":
            assert fact.before is not None
            assert fact.replaces is not None
            was_replaced = fact.before.refresh_token == fact.replaces.refresh_token
            assert (fact.after == fact.wanted) if was_replaced else (fact.after == fact.before)
        if fact.before and fact.before.refresh_token and fact.after.refresh_token:
            age = world.tiktok.age
            assert age(fact.before.refresh_token) <= age(fact.after.refresh_token)


@promised
def a_login_ends_by_a_removal_only_where_it_was_removed(world: World) -> None:
    """A removal that is told late does not end the login that came after it."""
    for fact in world.diary.stored:
        is_removal = fact.wanted is not None and fact.wanted.needs_login == "revoked"
        if is_removal and fact.after == fact.wanted and not world.jumps:
            assert fact.before is not None
            assert fact.before.access_token == "" or fact.is_ended


@promised
def a_refusal_is_final_only_where_the_refused_token_is_still_stored(world: World) -> None:
    """And was refused indeed, to the one who says so."""
    for fact in ends(world):
        assert fact.attempt is not None
        assert fact.replaces is not None
        assert fact.before is not None
        assert fact.before.refresh_token == fact.replaces.refresh_token
        assert fact.attempt.questions[-1].end == "invalid_grant"
        assert fact.attempt.questions[-1].token == fact.replaces.refresh_token


@promised
def every_loss_is_named_as_what_it_is(world: World) -> None:
    """A rotation is lost only where TikTok has replaced the token, or nobody knows whether it has;
    a refresh is rejected only where the login has ended. After an answer that has left the refresh
    token as it was, two answers look as if they replaced the same one, and nobody can say.
    """
    for fact in ends(world):
        assert fact.wanted is not None
        if fact.wanted.refresh_token in world.tiktok.kept:
            continue
        if fact.wanted.needs_login == "refresh_rejected":
            assert fact.is_ended
            assert not fact.is_rotated
        else:
            assert fact.is_rotated or fact.is_doubtful


@promised
def the_day_of_the_next_login_never_moves_later(world: World) -> None:
    """By a refresh, whose answer may say what it will."""
    for fact in world.diary.stored:
        if fact.act == "commit" and fact.after and fact.after.refresh_token:
            assert fact.after.refresh_expires_at is not None
            login = world.tiktok.by_refresh[fact.after.refresh_token].grant
            assert fact.after.refresh_expires_at <= login.deadline


@promised
def every_call_ends_with_its_videos_or_an_error_that_is_true(world: World) -> None:
    """Never with a bare refusal of a token, where nothing has happened to it meanwhile."""
    for call in world.diary.calls:
        error = call.error
        if isinstance(error, DeadlineExceeded):
            assert call.was_hurried
        elif isinstance(error, ScopeNotAuthorized):
            assert call.was_scoped
        elif isinstance(error, AccessTokenInvalid):
            assert call.is_excused or world.jumps
        elif isinstance(error, ReauthorizationRequired):
            assert is_named(world, call.open_id, error.reason)
        elif isinstance(error, TokenStoreError):
            assert world.store_failed
        elif isinstance(error, RefreshUnavailable):
            is_down = any(a.questions and a.end != "stored" for a in world.diary.attempts)
            assert is_down or world.was_frozen
        else:
            assert error is None or (type(error), error.code) == (ApiError, "invalid_client")


def is_named(world: World, open_id: str, reason: str) -> bool:
    """Whether a creator's record gives this reason to log in again, or has given it."""
    if reason == "refresh_expired":
        return bool(world.jumps) or any(
            fact.open_id == open_id
            and fact.after is not None
            and fact.after.refresh_expires_at is not None
            and fact.after.refresh_expires_at <= world.now + 1.0
            for fact in world.diary.stored
        )
    return any(
        fact.open_id == open_id and fact.after is not None and fact.after.needs_login == reason
        for fact in world.diary.stored
    )


def is_lost(world: World, record: TokenRecord) -> bool:
    """Whether a record's login has really ended, or its next pair went astray: in an answer that
    did not arrive, or with a process that died.
    """
    token = record.refresh_token
    if not token or world.tiktok.is_ended(token):
        return True
    return world.tiktok.is_rotated(token) and world.diary.is_doubtful(
        world.tiktok.by_refresh[token].grant.open_id, token, None
    )


def ends(world: World) -> Iterator[Stored]:
    """The refusals that became final."""
    for fact in world.diary.stored:
        said = None if fact.wanted is None else fact.wanted.needs_login
        if said in ("refresh_rejected", "rotation_lost") and fact.after == fact.wanted:
            yield fact


def tokens(record: TokenRecord) -> tuple[str, str]:
    """Both of them."""
    return record.access_token, record.refresh_token
