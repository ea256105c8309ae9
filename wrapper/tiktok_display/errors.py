"""Every error this library raises, and the one table from TikTok's codes to classes.

::

    TikTokError                     code, status, log_id, retry_after, checkpoint
    ├── ApiError                    TikTok said a code; this class itself if nobody knows it
    │   ├── AccessTokenInvalid      access_token_invalid: expired, revoked or never valid
    │   ├── ScopeNotAuthorized      scope_not_authorized, scope_permission_missed: ask the user
    │   ├── InvalidParams           invalid_params: the caller's mistake
    │   ├── RateLimited             rate_limit_exceeded: over 600 requests a minute
    │   └── ServerError             internal_error
    ├── UnexpectedResponse          not TikTok's envelope: HTML, cut JSON, a wrong path
    ├── TransportError              no answer: connection, TLS, proxy, a read that timed out
    ├── DeadlineExceeded            the next wait or byte would come after the deadline
    ├── PaginationStalled           a page's cursor leads nowhere new
    ├── ReauthorizationRequired     the creator must log in again; ``reason`` says why
    ├── RefreshUnavailable          the token endpoint does not answer; the login is not lost
    ├── TokenStoreError             the token store does not read or write
    └── ConfigurationError          a bad argument or setting, refused before anything is sent

Codes: https://developers.tiktok.com/doc/tiktok-api-v2-error-handling
"""

import time
from collections.abc import Mapping
from typing import Self
from urllib.parse import quote

from .answers import Response, loads, printable, said, seconds_to_wait


class TikTokError(Exception):
    """The root of them all.

    Attributes:
        code: TikTok's word for what went wrong, an open list; None where TikTok gave none.
        status: the HTTP status; None where there was no answer.
        log_id: what TikTok's support asks for; from the body, else from the header ``x-tt-logid``.
        retry_after: seconds that the answer asked to wait, if it did.
        checkpoint: where a walk that this error ended can go on: the ``cursor`` (ms) for a new one.
    """

    code: str | None = None
    status: int | None = None
    log_id: str | None = None
    retry_after: float | None = None
    checkpoint: int | None = None

    def like(self, cause: "TikTokError") -> Self:
        """The same error, with the marks of the one that it follows from."""
        self.code, self.status, self.log_id = cause.code, cause.status, cause.log_id
        self.retry_after = cause.retry_after
        return self

    def _text(self) -> str:
        return str(self.args[0]) if self.args else ""

    def __str__(self) -> str:
        marks = [("status", self.status), ("code", self.code), ("log_id", self.log_id)]
        known = ", ".join(f"{name} {value}" for name, value in marks if value is not None)
        return " ".join(part for part in (self._text(), f"[{known}]" if known else "") if part)


class ApiError(TikTokError):
    """TikTok's envelope with a ``code`` other than ``ok``, at whatever HTTP status it came."""

    def __init__(
        self, code: str, message: str = "", log_id: str | None = None, status: int | None = None
    ) -> None:
        super().__init__(code, message, log_id, status)
        self.code, self.message, self.log_id, self.status = code, message, log_id, status

    def _text(self) -> str:
        return self.message or "TikTok refused the request"


class AccessTokenInvalid(ApiError):
    """The access token has expired, was revoked, or never was one."""


class ScopeNotAuthorized(ApiError):
    """The user has not granted what the request needs; no refresh helps, only a new consent."""


class InvalidParams(ApiError):
    """The request itself is wrong, and stays so however often it is sent."""


class RateLimited(ApiError):
    """More than 600 requests to this endpoint within a sliding minute.

    ``retry_after`` is in seconds, and None where TikTok did not say (it never was seen to).
    """

    def __init__(
        self,
        code: str = "rate_limit_exceeded",
        message: str = "",
        log_id: str | None = None,
        status: int | None = 429,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code, message, log_id, status)
        self.retry_after = retry_after


class ServerError(ApiError):
    """TikTok's own failure; both video endpoints only read, so they may be asked again."""


class UnexpectedResponse(TikTokError):
    """An answer that is not TikTok's envelope. Its text is never quoted: it might hold a token.

    ``cut`` says that it began like JSON, or was empty, and did not reach its end.
    """

    def __init__(self, status: int | None, detail: str = "", *, cut: bool = False) -> None:
        super().__init__(status, detail)
        self.status, self.detail, self.cut = status, detail, cut

    def _text(self) -> str:
        return f"not TikTok's envelope: {self.detail}" if self.detail else "not TikTok's envelope"


class TransportError(TikTokError):
    """No answer arrived. ``sent`` is False only where the request certainly never left."""

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class DeadlineExceeded(TikTokError):
    """The call did not end within its deadline; ``__cause__`` is the last error met, if any."""


class PaginationStalled(TikTokError):
    """TikTok says there is more, but its cursor does not lead to it: an endless loop, prevented."""


class ReauthorizationRequired(TikTokError):
    """Only the creator can help, by logging in again.

    ``reason`` is one of ``never_authorized``, ``revoked``, ``refresh_expired``,
    ``refresh_rejected``, ``rotation_lost``, ``scope``.
    """

    def __init__(self, open_id: str, reason: str) -> None:
        super().__init__(open_id, reason)
        self.open_id, self.reason = open_id, reason

    def _text(self) -> str:
        return f"creator {self.open_id} must log in again: {self.reason}"


LOGIN_HELPS = (AccessTokenInvalid, ReauthorizationRequired, ScopeNotAuthorized)
"""What only another login helps against."""


class RefreshUnavailable(TikTokError):
    """The token endpoint gave no usable answer. Nothing is lost: after 30 s a call tries again."""


class TokenStoreError(TikTokError):
    """The token store could not be read or written.

    ``unsaved`` is the `TokenRecord` that a refresh has bought and the store did not take, if there
    is one: the only living pair, whose predecessor TikTok has killed.
    """

    unsaved: object = None

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...], dict[str, object]]:
        """A report or a queue may pickle an error; the pair stays out of it."""
        public = {name: value for name, value in vars(self).items() if name != "unsaved"}
        return type(self), self.args, public


class ConfigurationError(TikTokError, ValueError):
    """A bad argument or setting, refused before anything is sent."""


class UnknownFieldWarning(UserWarning):
    """A field name this version does not know; it is sent on, for TikTok adds fields."""


_BY_CODE: Mapping[str, type[ApiError]] = {
    "access_token_invalid": AccessTokenInvalid,
    "scope_not_authorized": ScopeNotAuthorized,
    "scope_permission_missed": ScopeNotAuthorized,
    "invalid_params": InvalidParams,
    "rate_limit_exceeded": RateLimited,
    "internal_error": ServerError,
}

WRONG_PATH = "Unsupported path"  # how TikTok's gateway answers, in plain text


class Data(dict[str, object]):
    """The ``data`` of a success, which remembers the ``status`` and ``log_id`` it came with."""

    status: int = 200
    log_id: str | None = None


def api_error(
    code: str, message: str = "", log_id: str | None = None, status: int | None = None
) -> ApiError:
    """The error of a code, of the class that the table gives it."""
    return _BY_CODE.get(code, ApiError)(code, message, log_id, status)


def decode(response: Response) -> object:
    """The JSON of an answer, or the `UnexpectedResponse` that it deserves."""
    try:
        return loads(response.content)
    except (ValueError, RecursionError):  # cut, not UTF-8, HTML; or nested until Python gives up
        return _not_json(response)


def data_or_error(response: Response, now: float | None = None) -> Data | TikTokError:
    """The envelope's ``data``, or the error that it carries: decided on ``error.code`` alone.

    ``now`` (Unix seconds) is what a ``Retry-After`` date is measured from.
    """
    body = decode(response)
    outcome = body if isinstance(body, TikTokError) else _judge(body, response)
    outcome.log_id = outcome.log_id or printable(response.headers.get("x-tt-logid"))
    return marked(outcome, response, now) if isinstance(outcome, TikTokError) else outcome


def marked(error: TikTokError, response: Response, now: float | None = None) -> TikTokError:
    """An error with what the headers say: the log_id, and how long to wait."""
    error.log_id = error.log_id or printable(response.headers.get("x-tt-logid"))
    header = response.headers.get("retry-after")
    error.retry_after = seconds_to_wait(header, time.time() if now is None else now)
    return error


def hushed(error: TikTokError, sent: Mapping[str, str]) -> TikTokError:
    """An error that quotes none of the secrets that were sent: its words go into logs."""

    def hidden(words: str) -> str:
        for secret in sent.values():
            words = words.replace(secret, "***").replace(quote(secret, ""), "***")
        return words

    error.log_id = error.log_id and hidden(error.log_id)
    if isinstance(error, ApiError):
        error.code, error.message = error.code and hidden(error.code), hidden(error.message)
        error.args = (error.code, error.message, error.log_id, error.status)
    return error


def error_from(response: Response, now: float | None = None) -> TikTokError | None:
    """The error that an answer carries; None for a success."""
    outcome = data_or_error(response, now)
    return outcome if isinstance(outcome, TikTokError) else None


def _judge(body: object, response: Response) -> Data | TikTokError:
    status = response.status_code
    if not isinstance(body, dict):
        return UnexpectedResponse(status, f"JSON, but a {type(body).__name__}")
    code, message, log_id = said(body)
    if not code:
        return UnexpectedResponse(status, "JSON without an error code")
    if code != "ok":
        return api_error(code, message, log_id, status)
    found = body.get("data")
    if not isinstance(found, dict):
        return UnexpectedResponse(status, "a success without data")
    data = Data(found)
    data.status, data.log_id = status, log_id
    return data


def _not_json(response: Response) -> UnexpectedResponse:
    body, status = response.content, response.status_code
    if WRONG_PATH.encode() in body[:200]:
        hint = "TikTok knows no such path: is base_url right, and the trailing slash still there?"
        return UnexpectedResponse(status, hint)
    kind = response.headers.get("content-type") or "no content type"
    cut = body.lstrip()[:1] in (b"{", b"[") or (status == 200 and not body.strip())
    detail = f"{len(body)} bytes of {kind}" + (", cut short or undecodable" if cut else "")
    return UnexpectedResponse(status, detail, cut=cut)
