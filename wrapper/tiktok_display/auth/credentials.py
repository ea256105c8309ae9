"""What a client signs with: a bare token, or a creator whose tokens refresh by themselves."""

import asyncio
import copy
import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Self

from attrs import field, frozen

from ..errors import (
    ConfigurationError,
    DeadlineExceeded,
    RefreshUnavailable,
    TikTokError,
    UnexpectedResponse,
)
from ..stores import Key, TokenRecord, TokenStore
from .refresh import Outcome, Post, Refresh, fly, landed
from .tokens import first_record, is_token, refresh_due_at, token_answer

_PAUSE = 30.0  # s between two tries at a token endpoint that is down
_STILL_FLYING = "the deadline passed during a token refresh, which goes on by itself"


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

    def signer(self, post: Post) -> "UserSigner":
        """Signs for a client, which lends ``post`` to the refresh."""
        return UserSigner(self, post)

    def current(self, refused: object) -> TokenRecord | None:
        """The token at hand, where it is neither refused nor due for a refresh."""
        record = self._record
        if record is None or not self._serves(record, refused):
            return None
        paused = self._failed is not None and self._clock() < self._failed[0]
        return record if paused or self._clock() < refresh_due_at(record, self._jitter) else None

    def renew(self, refused: object, post: Post) -> "Future[Outcome]":
        """The refresh under way or a new one; where one has just failed, its error again."""
        if self._failed is not None and self._clock() < self._failed[0]:
            return landed(self._failed[1])
        refresh = Refresh(
            key=self.key,
            client_secret=self.app.client_secret,
            store=self.store,
            post=post,
            clock=self._clock,
        )
        return fly(self.store, self.key, partial(refresh.run, partial(self._is_fresh, refused)))

    def settle(self, outcome: Outcome, refused: object) -> TokenRecord:
        """The token to sign with after a refresh, or its error."""
        record = self._record
        if isinstance(outcome, TokenRecord):
            self._record, self._failed = outcome, None
            return outcome
        if isinstance(outcome, RefreshUnavailable):
            self._failed = (self._clock() + _PAUSE, outcome)
            if record is not None and self._serves(record, refused):
                return record  # an outage does not stop a token that is still good
        # A copy: many callers may await one refresh, and each marks its own error.
        raise copy.copy(outcome) from outcome.__cause__

    def _is_fresh(self, refused: object, record: TokenRecord) -> bool:
        due = refresh_due_at(record, self._jitter)
        return self._clock() < due and self._serves(record, refused)

    def _serves(self, record: TokenRecord, refused: object) -> bool:
        same = isinstance(refused, TokenRecord) and refused.access_token == record.access_token
        return not same and self._clock() < record.expires_at


@frozen
class UserSigner:
    """Signs one client's requests for one creator."""

    credentials: UserCredentials
    post: Post = field(repr=False)

    renews = True

    def token(self, refused: object, timeout: float | None) -> TokenRecord:
        """The token at hand, or after a refresh the next one, awaited for ``timeout`` s."""
        if record := self.credentials.current(refused):
            return record
        flight = self.credentials.renew(refused, self.post)
        try:
            outcome = flight.result(timeout)
        except TimeoutError:
            outcome = DeadlineExceeded(_STILL_FLYING)
        return self.credentials.settle(outcome, refused)

    async def token_async(self, refused: object, timeout: float | None) -> TokenRecord:
        """The same for an event loop."""
        if record := self.credentials.current(refused):
            return record
        flight = self.credentials.renew(refused, self.post)
        try:
            async with asyncio.timeout(timeout):
                outcome = await asyncio.wrap_future(flight)
        except TimeoutError:
            outcome = DeadlineExceeded(_STILL_FLYING)
        return self.credentials.settle(outcome, refused)
