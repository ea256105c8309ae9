"""What the token endpoint says, and what follows from it. Pure.

https://developers.tiktok.com/doc/oauth-user-access-token-management
"""

from collections.abc import Mapping
from typing import TypeGuard

from attrs import evolve, field, frozen

from ..answers import said, text
from ..bearer import is_token
from ..errors import TikTokError, UnexpectedResponse, api_error
from ..secret import Secret
from ..stores import TokenRecord

TOKEN_PATH = "/v2/oauth/token/"  # noqa: S105 - a path, no password

_LONGEST = 10 * 365 * 86_400.0  # s; a token said to live longer is no token of TikTok's


@frozen(kw_only=True)
class TokenAnswer(Secret):
    """A success of the token endpoint, checked; ``*_in`` in s."""

    access_token: str = field(repr=False)
    expires_in: float
    open_id: str | None
    refresh_token: str | None = field(repr=False)
    refresh_expires_in: float | None
    scope: tuple[str, ...] | None


def token_answer(body: object, status: int | None = None) -> TokenAnswer | TikTokError:
    """A decoded answer of the token endpoint, or what is wrong with it.

    A failure often comes with HTTP 200 and differs from a success only by its flat ``error``.
    """
    if not isinstance(body, Mapping):
        return UnexpectedResponse(status, "a token answer that is not an object")
    code, message, log_id = said(body)
    if code not in ("", "ok"):
        return api_error(code, message, log_id, status)
    access, refresh = body.get("access_token"), body.get("refresh_token") or None
    lives, ends = body.get("expires_in"), body.get("refresh_expires_in")
    if not is_token(access):
        return UnexpectedResponse(status, "a token answer without an access token")
    if refresh is not None and not is_token(refresh):
        return UnexpectedResponse(status, "a token answer with an unusable refresh token")
    if not _is_lifetime(lives) or not (ends is None or _is_lifetime(ends)):
        return UnexpectedResponse(status, "a token answer with an impossible lifetime")
    scope = body.get("scope")
    return TokenAnswer(
        access_token=access,
        expires_in=float(lives),
        open_id=text(body.get("open_id")) or None,
        refresh_token=refresh,
        refresh_expires_in=None if ends is None else float(ends),
        scope=scopes(scope) if isinstance(scope, str) else None,
    )


def scopes(listed: str) -> tuple[str, ...]:
    """The scopes of a comma-separated list, as far as any store can hold them."""
    names = (name.strip() for name in listed.split(","))
    return tuple(name for name in names if name and name.isprintable())


def _is_lifetime(value: object) -> TypeGuard[int | float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 < value <= _LONGEST


def first_record(answer: TokenAnswer, sent_at: float) -> TokenRecord:
    """The record of a login whose request was sent at ``sent_at`` (Unix seconds)."""
    ends = answer.refresh_expires_in
    return TokenRecord(
        access_token=answer.access_token,
        refresh_token=answer.refresh_token or "",
        expires_at=sent_at + answer.expires_in,
        lifetime=answer.expires_in,
        refresh_expires_at=None if ends is None else sent_at + ends,
        scope=answer.scope or (),
    )


def next_record(answer: TokenAnswer, sent_at: float, previous: TokenRecord) -> TokenRecord:
    """The record of a refresh. What the answer leaves out stays, and the day by which the creator
    must log in again never moves later: TikTok counts it from the login.
    """
    record = first_record(answer, sent_at)
    ends = [at for at in (previous.refresh_expires_at, record.refresh_expires_at) if at is not None]
    if sent_at < previous.expires_at - previous.lifetime:  # before the previous pair: a wrong clock
        ends = ends[:1]
    return evolve(
        record,
        refresh_token=record.refresh_token or previous.refresh_token,
        refresh_expires_at=min(ends, default=None),
        scope=previous.scope if answer.scope is None else record.scope,
    )


def refresh_due_at(record: TokenRecord, jitter: float) -> float:
    """When to refresh (Unix seconds): a tenth of the life early, within 60 s and 30 min but never
    more than half the life; ``jitter`` (0 .. 1) sets replicas apart.
    """
    early = min(1800.0, max(60.0, 0.1 * record.lifetime * (1 + 0.25 * jitter)))
    return record.expires_at - min(early, record.lifetime / 2)


def serves_until(record: TokenRecord) -> float:
    """Until when it signs requests (Unix seconds): up to a minute early, so that it has not
    expired when they arrive.
    """
    return record.expires_at - min(60.0, record.lifetime / 4)
