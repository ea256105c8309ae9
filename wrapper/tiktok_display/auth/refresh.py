"""One refresh: from the stored pair to the next, or to the reason why there is none.

TikTok kills a refresh token as it answers, with no grace, so a second request with the same token
costs the creator's login. Hence: read the store; adopt what another has bought; else take the lease
and note the intent, in one step; ask once; store the new pair before anyone uses it.
https://developers.tiktok.com/doc/oauth-user-access-token-management
"""

import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from attrs import evolve, field, frozen

from ..errors import (
    ConfigurationError,
    ReauthorizationRequired,
    RefreshUnavailable,
    TikTokError,
    TokenStoreError,
    TransportError,
)
from ..secret import SecretForm
from ..stores import Key, TokenRecord, TokenStore
from .asking import SECONDS, Post, ask, is_outage
from .events import Teller, TokenEventKind, consent_days
from .flights import Outcome
from .tokens import TokenAnswer, next_record
from .unsaved import Keeper, Unsaved, committed, keeper

LEASE = 30.0  # s; outlives the 20 s that the token request has
REST = 30.0  # s between two questions to a token endpoint that is down
_PATIENCE = 60.0  # s to wait for another replica's refresh: its lease, and a successor's
_POLLS = (0.02, 0.05, 0.1, 0.2, 0.5)  # s; the last one again and again
_SAVE_PAUSES = (0.0, 0.1, 0.3)  # s before each try to store what has become of a request
_SAVE_SECONDS = 5.0  # after which there is no further one; then a pair serves from memory

IsGood = Callable[[TokenRecord], bool]


@frozen(kw_only=True)
class Refresh:
    """Everything one refresh needs."""

    key: Key
    client_secret: str = field(repr=False)
    store: TokenStore
    post: Post = field(repr=False)
    is_good: IsGood  # whether a stored token will do
    at_hand: TokenRecord | None = None  # what the caller has; another one was adopted
    teller: Teller
    bought: Callable[[TokenRecord], None] = lambda _: None  # told before anybody has the pair
    clock: Callable[[], float] = time.time  # Unix seconds
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    keeper: Keeper = keeper
    news: list[Callable[[], None]] = field(factory=list, init=False, repr=False)

    def run(self) -> Outcome:
        """A good token from the store, else the next one, stored; or why neither can be."""
        end, polls, waited = self.monotonic() + _PATIENCE, iter(_POLLS), False
        while True:
            kept = self.keeper.pair(self.store, self.key)
            if kept is not None and self.is_good(kept):
                return kept
            if kept is not None and not self.keeper.offer(self.store, self.key):
                return _unsaved(kept)
            stored = self.store.read(self.key)
            verdict = judge(self.key, stored, self.clock(), self.is_good)
            if verdict is not None:
                return self._adopted(verdict, waited)
            outcome = None if stored is None else self._begun(stored)
            if outcome is not None:
                return outcome
            if waited and self.monotonic() >= end:
                return RefreshUnavailable("another replica refreshes, and does not come to an end")
            self.sleep(next(polls, _POLLS[-1]))
            waited = True

    def tell(self) -> None:
        """Tell what has happened, when nobody waits for the outcome any longer: the operator's
        callback may take its time, or ask for a token itself.
        """
        for news in self.news:
            news()

    def _news(
        self,
        kind: TokenEventKind,
        detail: str = "",
        *,
        days: int | None = None,
        record: TokenRecord | None = None,
    ) -> None:
        self.news.append(partial(self.teller.tell, kind, detail, days=days, record=record))

    def _adopted(self, verdict: Outcome, waited: bool) -> Outcome:
        if isinstance(verdict, TokenRecord):
            other = self.at_hand is not None and not is_same(self.at_hand, verdict)
            if waited or other:
                self._news(TokenEventKind.ADOPTED)
        return verdict

    def _begun(self, stored: TokenRecord) -> Outcome | None:
        """The outcome under a lease of our own; None where another has it, or was faster."""
        owner, began = uuid.uuid4().hex, self.monotonic()
        before = self.store.begin(self.key, replaces=stored, owner=owner, lease=LEASE)
        if before is None:
            return None
        # Read again under the lease: in between another may have refreshed, or failed.
        verdict = judge(self.key, before, self.clock(), self.is_good)
        # Whoever was frozen in here for long must not spend a token that another may have by now.
        is_late = self.monotonic() - began > LEASE - SECONDS
        if verdict is not None or is_late:
            self._give_back(owner, before.intent, before.retry_at)
            return verdict
        sent_at = self.clock()
        answer, unclear = self._ask(before)
        if isinstance(answer, TikTokError):
            return self._refused(answer, before, owner, before.intent or unclear)
        return self._saved(next_record(answer, sent_at, before), before, began)

    def _ask(self, before: TokenRecord) -> tuple[TokenAnswer | TikTokError, bool]:
        form = SecretForm(
            client_key=self.key.client_key,
            client_secret=self.client_secret,
            grant_type="refresh_token",
            refresh_token=before.refresh_token,
        )
        try:
            answer, unclear = ask(self.post, form, monotonic=self.monotonic, sleep=self.sleep)
        except ConfigurationError as error:  # no connection could even be tried
            return error, False
        except Exception as error:  # noqa: BLE001 - the lease must be given back whatever happens
            return TransportError(type(error).__name__), True
        if isinstance(answer, TokenAnswer) and answer.open_id not in (None, self.key.open_id):
            return RefreshUnavailable("the token endpoint answered for another creator"), True
        return answer, unclear

    def _refused(
        self, error: TikTokError, before: TokenRecord, owner: str, intent: bool
    ) -> Outcome | None:
        """``invalid_grant`` is final only while the store still holds the refused token; then the
        record says so, and nobody asks again before the next login.
        """
        if error.code == "invalid_grant":
            reason = "rotation_lost" if intent else "refresh_rejected"
            final = evolve(before, needs_login=reason, intent=intent)
            stored, _ = self._insisted(partial(committed, self.store, self.key, final, before))
            if stored is None:
                return TokenStoreError(
                    "the store does not say whether the refused token is its own"
                )
            if not stored:
                return None
            self._news(TokenEventKind(reason), f"log_id {error.log_id}")
            return ReauthorizationRequired(self.key.open_id, reason).like(error)
        down = is_outage(error)
        retry_at = self.clock() + REST if down else None
        self._give_back(owner, intent, retry_at)
        if isinstance(error, RefreshUnavailable) or not down:
            return error  # where not down, the app's own credentials or settings are wrong
        return RefreshUnavailable(f"the token endpoint: {error}").like(error)

    def _saved(self, record: TokenRecord, before: TokenRecord, began: float) -> Outcome | None:
        """Store the pair before anyone uses it: from here on there is no other. Where the store
        fails, it serves from memory, and is offered to the store until that takes it.
        """
        self.bought(record)
        save = partial(committed, self.store, self.key, record, before)
        stored, failure = self._insisted(save)
        if stored is None:
            self.keeper.keep(Unsaved(self.store, record, before, self.teller))
            self._news(TokenEventKind.UNSAVED, failure, record=record)
            return record
        if not stored:
            self._news(TokenEventKind.LATE_COMMIT, "refused: another pair is stored by now")
            return None
        if self.monotonic() - began > LEASE:
            record = self._doubted(record)
        self._tell_refreshed(record, before)
        return record

    def _insisted(self, step: Callable[[], bool]) -> tuple[bool | None, str]:
        """What a step of the store comes to, tried a few times; None and why, where it fails."""
        end, failure = self.monotonic() + _SAVE_SECONDS, ""
        for pause in _SAVE_PAUSES:
            self.sleep(pause)
            try:
                return step(), ""
            except Exception as error:  # noqa: BLE001 - a store of somebody's own raises anything
                failure = type(error).__name__
            if self.monotonic() > end:  # it does not refuse, it stands still
                break
        return None, failure

    def _give_back(self, owner: str, intent: bool, retry_at: float | None) -> None:
        def fail() -> bool:
            self.store.fail(self.key, owner, intent=intent, retry_at=retry_at)
            return True

        self._insisted(fail)

    def _doubted(self, record: TokenRecord) -> TokenRecord:
        """A pair that was stored after its lease: another may have asked with its predecessor
        meanwhile, and where TikTok minds that, a refusal of this pair is a lost rotation, too.
        """
        self._news(TokenEventKind.LATE_COMMIT, "stored")
        owner = uuid.uuid4().hex
        with suppress(Exception):  # the pair is safe; this is about a name
            if self.store.begin(self.key, replaces=record, owner=owner, lease=LEASE):
                self.store.fail(self.key, owner, intent=True)
        return evolve(record, intent=True)

    def _tell_refreshed(self, record: TokenRecord, before: TokenRecord) -> None:
        self._news(TokenEventKind.REFRESHED)
        since = before.expires_at - before.lifetime
        days = consent_days(record.refresh_expires_at, since, self.clock())
        if days is not None:
            detail = f"within {days} days, only a new login can extend it"
            self._news(TokenEventKind.CONSENT_ENDS_SOON, detail, days=days)


def judge(key: Key, stored: TokenRecord | None, now: float, is_good: IsGood) -> Outcome | None:
    """What a stored record comes to without a request; None where one has to be made. Pure."""
    if stored is None:
        return ReauthorizationRequired(key.open_id, "never_authorized")
    if stored.needs_login:
        return ReauthorizationRequired(key.open_id, stored.needs_login)
    if is_good(stored):
        return stored
    ends = stored.refresh_expires_at
    if not stored.refresh_token or (ends is not None and ends <= now):
        return ReauthorizationRequired(key.open_id, "refresh_expired")
    # A clock that was set back must not lengthen the rest.
    if stored.retry_at is not None and 0 < stored.retry_at - now <= REST:
        return RefreshUnavailable("the token endpoint was down a moment ago")
    return None


def is_same(one: object, other: object) -> bool:
    """Whether both are records with the same access token."""
    if not (isinstance(one, TokenRecord) and isinstance(other, TokenRecord)):
        return False
    return one.access_token == other.access_token


def _unsaved(record: TokenRecord) -> TokenStoreError:
    failure = TokenStoreError("the store does not take the new pair, which has expired by now")
    failure.unsaved = record
    return failure
