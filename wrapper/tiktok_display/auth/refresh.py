"""One refresh: from the stored pair to the next, or to the reason why there is none.

TikTok kills a refresh token as it answers, with no grace, so a second request with the same token
costs the creator's login. Hence: read the store first, ask once, store the new pair before anyone
uses it. https://developers.tiktok.com/doc/oauth-user-access-token-management
"""

import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future

import httpx
from attrs import evolve, field, frozen

from ..errors import (
    ApiError,
    ReauthorizationRequired,
    RefreshUnavailable,
    TikTokError,
    TokenStoreError,
    TransportError,
    UnexpectedResponse,
    decode,
)
from ..stores import Key, TokenRecord, TokenStore
from .tokens import TOKEN_PATH, SecretForm, TokenAnswer, next_record, token_answer

# Path, form and seconds to an answer; the client lends it, with its origin and its proxies.
Post = Callable[[str, Mapping[str, str], float], httpx.Response | TransportError]
Outcome = TokenRecord | TikTokError

_UNSENT_REPEATS, _UNCLEAR_REPEATS = 3, 1
_SAVE_PAUSES = (0.0, 0.1, 0.3, 1.0, 3.0)  # s before each try to store a pair
_DEADLINE = 20.0  # s for all of one refresh's requests
_PASSING = ("server_error", "temporarily_unavailable", "rate_limit_exceeded")


@frozen(kw_only=True)
class Refresh:
    """Everything one refresh needs."""

    key: Key
    client_secret: str = field(repr=False)
    store: TokenStore
    post: Post
    clock: Callable[[], float]  # Unix seconds
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def run(self, is_fresh: Callable[[TokenRecord], bool]) -> Outcome:
        """The stored record where ``is_fresh`` finds it good, else the next one, stored."""
        stored = self.store.read(self.key)
        if stored is None:
            return ReauthorizationRequired(self.key.open_id, "never_authorized")
        if stored.needs_login:
            return ReauthorizationRequired(self.key.open_id, stored.needs_login)
        if is_fresh(stored):
            return stored
        sent_at = self.clock()
        ends = stored.refresh_expires_at
        if not stored.refresh_token or (ends is not None and ends <= sent_at):
            return ReauthorizationRequired(self.key.open_id, "refresh_expired")
        answer, unclear = self._ask(stored)
        if isinstance(answer, TikTokError):
            return self._refused(answer, stored, unclear)
        if answer.open_id not in (None, self.key.open_id):
            return RefreshUnavailable("the token endpoint answered for another creator")
        return self._save(next_record(answer, sent_at, stored), stored)

    def _ask(self, stored: TokenRecord) -> tuple[TokenAnswer | TikTokError, bool]:
        """The answer, and whether an earlier request may have been processed unheard: one that
        certainly never left is repeated freely, one with an unclear end once, at once.
        """
        form = SecretForm(
            client_key=self.key.client_key,
            client_secret=self.client_secret,
            grant_type="refresh_token",
            refresh_token=stored.refresh_token,
        )
        end = self.monotonic() + _DEADLINE
        unsent = unclear = 0
        while True:
            answer = _judged(self.post(TOKEN_PATH, form, max(1.0, end - self.monotonic())))
            was_unsent = isinstance(answer, TransportError) and not answer.sent
            unsent, unclear = unsent + was_unsent, unclear + _is_unclear(answer)
            over = unsent > _UNSENT_REPEATS or unclear > _UNCLEAR_REPEATS
            if over or self.monotonic() >= end or not (was_unsent or _is_unclear(answer)):
                return answer, unclear > 0
            self.sleep(0.25 * unsent if was_unsent else 0.0)

    def _save(self, record: TokenRecord, stored: TokenRecord) -> Outcome:
        """Store the pair before anyone uses it: from here on there is no other. Where the store
        fails for good, the error carries the pair, for whoever can still save it.
        """
        failure = TokenStoreError("the store does not take the new pair")
        failure.unsaved = record
        for pause in _SAVE_PAUSES:
            self.sleep(pause)
            try:
                saved = self.store.commit(self.key, record, replaces=stored)
            except Exception as error:  # noqa: BLE001 - a store of somebody's own may raise anything
                failure.args = (f"the store does not take the new pair: {type(error).__name__}",)
            else:
                return record if saved else self._successor()
        return failure

    def _refused(self, error: TikTokError, stored: TokenRecord, unclear: bool) -> Outcome:
        """``invalid_grant`` is final only while the store still holds the refused token; then the
        record says so, and nobody asks again before the next login.
        """
        if error.code == "invalid_grant":
            reason = "rotation_lost" if unclear else "refresh_rejected"
            if not self.store.commit(self.key, evolve(stored, needs_login=reason), replaces=stored):
                return self._successor()
            return ReauthorizationRequired(self.key.open_id, reason).like(error)
        if isinstance(error, ApiError) and error.code not in _PASSING and not _is_unclear(error):
            return error  # the app's own credentials or request are wrong
        return RefreshUnavailable(f"the token endpoint: {error}").like(error)

    def _successor(self) -> Outcome:
        """What another actor has stored in the meantime."""
        return self.store.read(self.key) or ReauthorizationRequired(self.key.open_id, "revoked")


def _judged(response: httpx.Response | TransportError) -> TokenAnswer | TikTokError:
    if isinstance(response, TransportError):
        return response
    body = decode(response)
    status = response.status_code
    return body if isinstance(body, TikTokError) else token_answer(body, status)


def _is_unclear(answer: object) -> bool:
    """Whether the request may have been processed although no clear answer came."""
    if isinstance(answer, UnexpectedResponse):
        return answer.cut or answer.status != 200
    if isinstance(answer, TransportError):
        return answer.sent
    return isinstance(answer, ApiError) and (answer.status or 0) >= 500


_flights: dict[tuple[int, Key], Future[Outcome]] = {}
_lock = threading.Lock()


def fly(
    store: TokenStore,
    key: Key,
    work: Callable[[], Outcome],
    thread: Callable[..., threading.Thread] = threading.Thread,
) -> Future[Outcome]:
    """Run ``work`` in a thread of its own, or join the one under way for this creator.

    Not daemonic, and nobody's to cancel: a caller that cannot wait leaves it, the end of the
    program waits for it, and nothing cuts it off between TikTok's answer and the store.
    """
    name = (id(store), key)
    with _lock:
        if name in _flights:
            return _flights[name]
        flight: Future[Outcome] = Future()
        flight.set_running_or_notify_cancel()  # from here on its cancel() does nothing
        _flights[name] = flight
        try:
            thread(target=_fly, args=(name, flight, work), name="tiktok-refresh").start()
        except RuntimeError:  # no more threads, or the interpreter is on its way out
            del _flights[name]
            return landed(RefreshUnavailable("no thread can be started for a token refresh"))
    return flight


def landed(outcome: Outcome) -> Future[Outcome]:
    """A flight that is already over."""
    flight: Future[Outcome] = Future()
    flight.set_result(outcome)
    return flight


def _fly(name: tuple[int, Key], flight: Future[Outcome], work: Callable[[], Outcome]) -> None:
    outcome: Outcome
    try:
        outcome = work()
    except TikTokError as error:
        outcome = error
    except BaseException as error:  # noqa: BLE001 - a store of somebody's own may raise anything
        outcome = TokenStoreError(f"the token store failed: {type(error).__name__}")
    with _lock:
        _flights.pop(name, None)
    flight.set_result(outcome)


def _forget_flights() -> None:
    """In the child of a fork: no thread of its own will ever land what its parent has begun."""
    global _lock  # noqa: PLW0603 - the parent's may be held
    _lock = threading.Lock()
    _flights.clear()


getattr(os, "register_at_fork", lambda **_: None)(after_in_child=_forget_flights)
