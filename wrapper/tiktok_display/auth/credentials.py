"""What a client signs with: a bare token, or a creator whose tokens refresh by themselves."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Self

from attrs import field, frozen

from ..errors import (
    ConfigurationError,
    DeadlineExceeded,
    RefreshUnavailable,
    TikTokError,
    TokenStoreError,
    UnexpectedResponse,
)
from ..stores import Key, TokenRecord, TokenStore
from .refresh import Outcome, Post, Refresh, fly, landed
from .tokens import first_record, is_token, refresh_due_at, token_answer

_PAUSE = 30.0  # s between two tries at a token endpoint that is down
_LATE: Outcome = DeadlineExceeded("the deadline passed during a token refresh, which goes on")


@frozen
class AppCredentials:
    """An app as registered with TikTok; the secret shows in no repr."""

    client_key: str
    client_secret: str = field(repr=False)

    def __attrs_post_init__(self) -> None:
        if not (is_token(self.client_key) and is_token(self.client_secret)):
            raise ConfigurationError("client_key and client_secret are non-empty, visible ASCII")


class BearerToken:
    """A bare access token: it signs until TikTok refuses it."""

    __slots__ = ("authorization",)

    renews = False

    def __init__(self, access_token: str) -> None:
        self.authorization = f"Bearer {access_token}"

    def token(self, refused: object, timeout: float | None) -> Self:  # noqa: ARG002
        """Itself: there is no other."""
        return self

    async def token_async(self, refused: object, timeout: float | None) -> Self:  # noqa: ARG002
        """Itself."""
        return self


class UserCredentials:
    """One creator's login, kept in a token store and refreshed before it expires.

    Any number of these for one creator and store, in sync and async clients alike, share one
    refresh in a process.

    Args:
        app: the app that the creator has authorized.
        store: where the creator's tokens are, and where the next ones go.
        open_id: the creator, as TikTok named them at the login.
        clock: Unix seconds.
        jitter: 0 .. 1; sets the refreshes of several replicas apart.
    """

    def __init__(
        self,
        app: AppCredentials,
        store: TokenStore,
        open_id: str,
        *,
        clock: Callable[[], float] = time.time,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        if not isinstance(open_id, str) or not open_id:
            raise ConfigurationError("open_id is a non-empty string")
        self.app, self.store, self.open_id = app, store, open_id
        self._clock, self._jitter = clock, jitter()
        self._record: TokenRecord | None = None
        self._failed: tuple[float, TikTokError] | None = None

    def __repr__(self) -> str:
        return f"UserCredentials({self.app!r}, {self.store!r}, {self.open_id!r})"

    @classmethod
    def from_token_answer(
        cls,
        app: AppCredentials,
        store: TokenStore,
        answer: Mapping[str, object],
        *,
        sent_at: float | None = None,
    ) -> Self:
        """Store the answer of a login, and return its credentials.

        Args:
            app: the app that the creator logged in to.
            store: where the login is kept.
            answer: the JSON of the token endpoint as a mapping.
            sent_at: when its request was sent (Unix seconds); now, if not given.

        Raises:
            ApiError: the answer is a failure (they come with HTTP 200), e.g. ``invalid_grant``.
            UnexpectedResponse: it is no token answer at all.
        """
        checked = token_answer(answer)
        del answer  # so that no traceback's locals show it
        if isinstance(checked, TikTokError):
            raise checked
        if checked.open_id is None or checked.refresh_token is None:
            raise UnexpectedResponse(None, "a login's answer without open_id or refresh_token")
        credentials = cls(app, store, checked.open_id)
        sent_at = credentials._clock() if sent_at is None else sent_at
        store.put(credentials.key, first_record(checked, sent_at))
        return credentials

    @property
    def key(self) -> Key:
        """Under which the store keeps the record."""
        return Key(self.app.client_key, self.open_id)

    def _current(self, refused: object) -> TokenRecord | None:
        """The token at hand, where it is not refused; nor due for a refresh, unless one has just
        failed.
        """
        record = self._record
        if record is None or self._is_fresh(refused, record):
            return record
        return record if self._pause() is not None and self._serves(record, refused) else None

    def _pause(self) -> TikTokError | None:
        """The error of a refresh that has failed just now; a clock that is set back ends it too."""
        failed = self._failed
        if failed is None or not 0 <= self._clock() - failed[0] < _PAUSE:
            return None
        return failed[1]

    def _renew(self, refused: object, post: Post) -> "Future[Outcome]":
        """The refresh under way or a new one; where one has just failed, its error again."""
        if (error := self._pause()) is not None:
            return landed(error)
        refresh = Refresh(
            key=self.key,
            client_secret=self.app.client_secret,
            store=self.store,
            post=post,
            clock=self._clock,
        )
        return fly(self.store, self.key, partial(refresh.run, partial(self._is_fresh, refused)))

    def _settle(self, outcome: Outcome, refused: object) -> TokenRecord:
        """The token to sign with after a refresh, or its error."""
        record = self._record
        if isinstance(outcome, TokenRecord):
            self._record, self._failed = outcome, None
            return outcome
        # An outage of the token endpoint or the store does not stop a token that is still good.
        is_outage = isinstance(outcome, RefreshUnavailable | TokenStoreError)
        serves = is_outage and record is not None and self._serves(record, refused)
        if (serves or isinstance(outcome, RefreshUnavailable)) and self._pause() is None:
            self._failed = (self._clock(), outcome)
        if serves and record is not None and getattr(outcome, "unsaved", None) is None:
            return record
        raise _copied(outcome) from outcome.__cause__

    def _is_fresh(self, refused: object, record: TokenRecord) -> bool:
        due = refresh_due_at(record, self._jitter)
        return self._clock() < due and self._serves(record, refused)

    def _serves(self, record: TokenRecord, refused: object) -> bool:
        return not _is_same(record, refused) and self._clock() < record.expires_at


@frozen
class UserSigner:
    """Signs one client's requests for one creator; the client lends ``post`` to the refresh."""

    credentials: UserCredentials
    post: Post = field(repr=False)

    renews = True

    def token(self, refused: object, timeout: float | None) -> TokenRecord:
        """The token at hand, or after a refresh the next one, awaited for ``timeout`` s."""
        if record := self.credentials._current(refused):
            return record
        outcome = _LATE
        for _ in range(2):  # a flight that was joined may bring the refused token itself
            flight, outcome = self.credentials._renew(refused, self.post), _LATE
            with suppress(TimeoutError):
                outcome = flight.result(timeout)
            if not _is_same(outcome, refused):
                break
        return self.credentials._settle(outcome, refused)

    async def token_async(self, refused: object, timeout: float | None) -> TokenRecord:
        """The same for an event loop."""
        if record := self.credentials._current(refused):
            return record
        outcome = _LATE
        for _ in range(2):
            flight, outcome = self.credentials._renew(refused, self.post), _LATE
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    outcome = await asyncio.wrap_future(flight)
            if not _is_same(outcome, refused):
                break
        return self.credentials._settle(outcome, refused)


def _is_same(outcome: object, refused: object) -> bool:
    if not (isinstance(outcome, TokenRecord) and isinstance(refused, TokenRecord)):
        return False
    return outcome.access_token == refused.access_token


def _copied(error: TikTokError) -> TikTokError:
    """A twin, for many callers may await one refresh, and each marks its own error. Not by
    `copy.copy`, which calls a constructor that a store's own class may have changed.
    """
    twin = type(error).__new__(type(error))
    twin.args = error.args
    vars(twin).update(vars(error))
    return twin
