"""Whose tokens: the app's credentials, and a creator's login, which refreshes by itself."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import Self

from attrs import field, frozen

from ..bearer import is_token
from ..errors import (
    ApiError,
    ConfigurationError,
    DeadlineExceeded,
    ReauthorizationRequired,
    TikTokError,
    UnexpectedResponse,
)
from ..secret import Secret
from ..stores import Key, TokenRecord, TokenStore
from .asking import Post
from .events import OnEvent, Teller
from .flights import Outcome, fly, landed
from .refresh import REST, IsGood, Refresh, is_same
from .tokens import (
    TokenAnswer,
    first_record,
    refresh_due_at,
    serves_until,
    token_answer,
)


@frozen(init=False)
class AppCredentials(Secret):
    """An app as registered with TikTok; the secret shows in no repr and no pickle."""

    client_key: str
    client_secret: str = field(repr=False)

    def __init__(self, client_key: str, client_secret: str) -> None:
        is_good = is_token(client_key) and is_token(client_secret)
        object.__setattr__(self, "client_key", client_key)
        object.__setattr__(self, "client_secret", client_secret)
        del client_secret  # so that no traceback's locals show it
        if not is_good:
            raise ConfigurationError("client_key and client_secret are non-empty, visible ASCII")


class UserCredentials(Secret):
    """One creator's login, kept in a token store and refreshed before it expires.

    Any number of these for one creator and store, in sync and async clients alike, share one
    refresh in a process; replicas that share the store share it, too.

    Args:
        app: the app that the creator has authorized.
        store: where the creator's tokens are, and where the next ones go.
        open_id: the creator, as TikTok named them at the login.
        on_event: told what happens to the tokens (`TokenEvent`), from the thread of a refresh.
        clock: Unix seconds.
        jitter: 0 .. 1; sets the refreshes of several replicas apart.
    """

    def __init__(
        self,
        app: AppCredentials,
        store: TokenStore,
        open_id: str,
        *,
        on_event: OnEvent | None = None,
        clock: Callable[[], float] = time.time,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.app, self.store, self.open_id = app, store, open_id
        if not isinstance(open_id, str) or not open_id or not open_id.isprintable():
            raise ConfigurationError("open_id is a non-empty, printable string")
        self._teller = Teller(self.key, on_event)
        self._clock, self._jitter = clock, jitter()
        self._record: TokenRecord | None = None
        self._failed: tuple[float, TikTokError] | None = None
        self._background: Future[Outcome] | None = None
        self._bought: TokenRecord | None = None

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
            store: where the login is kept; asked here and now, so not for an event loop where it
                is on a network: `from_token_answer_async`.
            answer: the JSON of the token endpoint as a mapping.
            sent_at: when its request was sent (Unix seconds); now, if not given.

        Raises:
            ApiError: the answer is a failure (they come with HTTP 200), e.g. ``invalid_grant``.
            UnexpectedResponse: it is no token answer at all.
            TokenStoreError: the store does not take it.
        """
        checked = token_answer(answer)
        del answer  # so that no traceback's locals show it
        credentials, record = cls._login(app, store, checked, sent_at)
        store.put(credentials.key, record)
        return credentials

    @classmethod
    async def from_token_answer_async(
        cls,
        app: AppCredentials,
        store: TokenStore,
        answer: Mapping[str, object],
        *,
        sent_at: float | None = None,
    ) -> Self:
        """The same for an event loop, which it does not block."""
        checked = token_answer(answer)
        del answer
        credentials, record = cls._login(app, store, checked, sent_at)
        await asyncio.to_thread(store.put, credentials.key, record)
        return credentials

    @classmethod
    def _login(
        cls,
        app: AppCredentials,
        store: TokenStore,
        answer: TokenAnswer | TikTokError,
        sent_at: float | None,
    ) -> tuple[Self, TokenRecord]:
        if isinstance(answer, TikTokError):
            raise answer
        if answer.open_id is None or answer.refresh_token is None:
            raise UnexpectedResponse(None, "a login's answer without open_id or refresh_token")
        credentials = cls(app, store, answer.open_id)
        sent_at = credentials._clock() if sent_at is None else sent_at
        return credentials, first_record(answer, sent_at)

    @property
    def key(self) -> Key:
        """Under which the store keeps the record."""
        return Key(self.app.client_key, self.open_id)

    def consent_ends_at(self) -> datetime | None:
        """By when the creator must log in again, however often the tokens are refreshed (UTC).

        None where TikTok did not say, or the store knows no such creator. Where no token is at
        hand yet it asks the store, which may block, and raise `TokenStoreError`.
        """
        record = self._record or self.store.read(self.key)
        ends = None if record is None else record.refresh_expires_at
        return None if ends is None else datetime.fromtimestamp(ends, UTC)

    def _at_hand(self, refused: object) -> TokenRecord | None:
        """The token at hand, where it serves."""
        record = self._record
        return record if record is not None and self._serves(refused, record) else None

    def _refresh_in_background(self, record: TokenRecord, post: Post) -> None:
        """Begin to refresh a token that still serves, where that is due."""
        if self._is_fresh(record) or self._rest(background=True) is not None:
            return
        flight = self._fly(None, self._is_fresh, post)
        if flight is not self._background:
            self._background = flight
            flight.add_done_callback(lambda done: self._note(done.result()))

    def _renew(self, refused: object, post: Post) -> Future[Outcome]:
        """The refresh under way or a new one; where one has just failed, its error again."""
        if (error := self._rest(background=False)) is not None:
            return landed(error)
        return self._fly(refused, partial(self._serves, refused), post)

    def _fly(self, refused: object, is_good: IsGood, post: Post) -> Future[Outcome]:
        refresh = Refresh(
            key=self.key,
            client_secret=self.app.client_secret,
            store=self.store,
            post=post,
            is_good=is_good,
            at_hand=self._record,
            teller=self._teller,
            bought=self._note_bought,
            clock=self._clock,
        )
        return fly(self.store, self.key, refused, refresh.run, refresh.tell)

    def _rest(self, *, background: bool) -> TikTokError | None:
        """The error of a refresh that has failed just now, where that is reason not to ask again.

        A caller who has no token asks the store again: somebody may have logged in meanwhile, or
        another replica have had more luck; and it knows itself when TikTok may be asked again. Only
        of wrong app credentials it knows nothing. A clock that is set back ends the rest.
        """
        failed = self._failed
        if failed is None or not 0 <= self._clock() - failed[0] < REST:
            return None
        return failed[1] if background or isinstance(failed[1], ApiError) else None

    def _note_bought(self, record: TokenRecord) -> None:
        self._bought = record

    def _note(self, outcome: Outcome) -> None:
        """What a refresh has come to."""
        if isinstance(outcome, TokenRecord):
            self._record, self._failed = outcome, None
        elif not isinstance(outcome, DeadlineExceeded) and self._rest(background=True) is None:
            self._failed = (self._clock(), outcome)

    def _settle(self, outcome: Outcome, refused: object) -> TokenRecord:
        """The token to sign with after a refresh, or its error."""
        at_hand = self._record
        self._note(outcome)
        if isinstance(outcome, TokenRecord):
            return outcome
        # An outage of the token endpoint or of the store does not stop a token that is still good.
        is_final = isinstance(outcome, ReauthorizationRequired | DeadlineExceeded)
        is_good = at_hand is not None and self._clock() < at_hand.expires_at
        if at_hand is not None and is_good and not is_final and not is_same(at_hand, refused):
            return at_hand
        raise _copied(outcome) from outcome.__cause__

    def _is_fresh(self, record: TokenRecord) -> bool:
        """Whether a token need not be refreshed yet."""
        return self._clock() < refresh_due_at(record, self._jitter)

    def _serves(self, refused: object, record: TokenRecord) -> bool:
        """Whether a token will do for a call, with a refresh in the background where it is due."""
        return self._clock() < serves_until(record) and not is_same(record, refused)


def _copied(error: TikTokError) -> TikTokError:
    """A twin, for many callers may await one refresh, and each marks its own error. Not by
    `copy.copy`, which calls a constructor that a store's own class may have changed.
    """
    twin = type(error).__new__(type(error))
    twin.args = error.args
    vars(twin).update(vars(error))
    return twin
