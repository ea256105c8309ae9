"""When to try again, and how long to wait first. Decisions only: nothing here sleeps or sends."""

import math
import threading
from collections.abc import Callable
from typing import NamedTuple, Protocol, Self

from .errors import (
    ApiError,
    ConfigurationError,
    DeadlineExceeded,
    RateLimited,
    ServerError,
    TikTokError,
    TransportError,
    UnexpectedResponse,
)


class Limiter(Protocol):
    """Says how long a request must wait for its turn; the client does the waiting."""

    def reserve(self, endpoint: str) -> float:
        """Seconds until ``endpoint`` (its path) may be asked again; 0.0 takes the turn."""
        ...


class Tries:
    """What a call has been through so far: connection failures, 5xx and cut bodies; 429s; and the
    seconds it has waited for 429s and for what Retry-After asked.
    """

    def __init__(self, failures: int = 0, limited: int = 0, waited: float = 0.0) -> None:
        self.failures, self.limited, self.waited = failures, limited, waited


class _Patience(NamedTuple):
    attempts: int
    base: float
    cap: float
    patience: float
    budget: int


class RetryPolicy(_Patience):
    """How often and how patiently a call is repeated; both endpoints only read, so each may be.

    Attributes:
        attempts: requests in all for one page, 429s apart; 1 repeats nothing, at least 1.
        base: s; before repetition n the wait is drawn from 0 .. base * 2^(n-1) (full jitter)...
        cap: s; ...but never from beyond this.
        patience: s in all that one page waits for 429s, or because ``Retry-After`` asked; TikTok's
            limit is a sliding minute and it does not say how much of it is left. 0 waits for none.
        budget: repetitions that all calls of a client may have in hand at once; each success
            earns a tenth of one back. It keeps many callers from hammering a server that is down.

    Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """

    __slots__ = ()

    def __new__(
        cls,
        *,
        attempts: int = 5,
        base: float = 0.5,
        cap: float = 20.0,
        patience: float = 60.0,
        budget: int = 50,
    ) -> Self:
        if attempts < 1 or not all(0 <= wait < math.inf for wait in (base, cap, patience, budget)):
            raise ConfigurationError("a RetryPolicy has at least 1 attempt, and no wait below 0 s")
        return super().__new__(cls, attempts, base, cap, patience, budget)

    def wait(self, error: TikTokError, tries: Tries, jitter: float) -> float | None:
        """Seconds to wait before the next try, or None to give up; ``jitter`` in 0 .. 1."""
        if is_limit(error):
            return self._wait_for_quota(error, tries, jitter)
        if not is_passing(error) or tries.failures + 1 >= self.attempts:
            return None
        backoff = jitter * min(self.cap, self.base * 2.0 ** min(tries.failures, 60))
        if error.retry_after is None:
            return backoff
        wait = max(backoff, error.retry_after)
        return wait if tries.waited + wait <= self.patience else None

    def _wait_for_quota(self, error: TikTokError, tries: Tries, jitter: float) -> float | None:
        left = self.patience - tries.waited
        if error.retry_after is not None:  # 0 is heard too, but not forever
            wait = max(error.retry_after, min(15.0, 0.1 * 2.0 ** min(tries.limited, 8)))
            return wait if wait <= left else None
        if left <= 0:
            return None
        # Between half and all of 2, 4, 8, 15, 15 ... s; the last wait uses up the minute, after
        # which a sliding window is certain to have moved on.
        return min(left, min(15.0, 2.0 ** min(tries.limited + 1, 4)) * (1 + jitter) / 2)


def is_limit(error: TikTokError) -> bool:
    """Whether the answer means "too many requests", by its code, else by its status."""
    return isinstance(error, RateLimited) or (error.status == 429 and not _is_known(error))


def is_passing(error: TikTokError) -> bool:
    """Whether the same request may well succeed a moment later."""
    if isinstance(error, TransportError | ServerError):
        return True
    if isinstance(error, UnexpectedResponse):
        return error.cut or (error.status or 0) >= 500
    return isinstance(error, ApiError) and not _is_known(error) and (error.status or 0) >= 500


def _is_known(error: TikTokError) -> bool:
    """Whether the code has a class of its own: then it says more than the status it came with."""
    return isinstance(error, ApiError) and type(error) is not ApiError


def counted(tries: Tries, error: TikTokError, wait: float) -> Tries:
    """``tries`` after ``error`` and the wait that follows it."""
    if is_limit(error):
        return Tries(tries.failures, tries.limited + 1, tries.waited + wait)
    asked = wait if error.retry_after is not None else 0.0
    return Tries(tries.failures + 1, tries.limited, tries.waited + asked)


class Deadline:
    """The moment by which a call must have ended, on the clock it is given."""

    def __init__(self, seconds: float | None, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._end = math.inf if seconds is None else clock() + seconds

    def left(self) -> float:
        """Seconds, perhaps fewer than none; infinite where there is no deadline."""
        return self._end - self._clock()

    def timeout(self) -> float | None:
        """The same as a timeout is written: from 0.0 s, None for no limit."""
        return None if math.isinf(self._end) else max(0.0, self.left())

    def require(self, seconds: float = 0.0, cause: TikTokError | None = None) -> None:
        """Raise `DeadlineExceeded`, from ``cause`` if there is one, unless ``seconds`` fit."""
        if self.left() > seconds:
            return
        error = DeadlineExceeded("the deadline would pass before the next answer")
        raise error if cause is None else error.like(cause) from cause


class Shift:
    """What the workers of one caller share: whether anybody waits for them still, the pauses that
    TikTok wants, and their pace. One 429 quiets them all: eight workers do not make eight storms.

    Answers that come together hold up one another, and so the next requests, which then come
    together again. So requests go out one by one, spread over a part of what an answer takes.
    """

    def __init__(self) -> None:
        self.workers = 1
        self._is_over, self._quiet_until = False, -math.inf
        self._sent_at, self._answered_in = -math.inf, math.inf  # s

    def end(self) -> None:
        """Nobody waits any more: no request is to begin."""
        self._is_over = True

    def pause(self, error: TikTokError, until: float) -> None:
        """What one of them met, and when it will try again."""
        if is_limit(error):
            self._quiet_until = max(self._quiet_until, until)

    def pace(self, seconds: float) -> None:
        """How long an answer took. The quickest count: others had something else to wait for."""
        self._answered_in = min(seconds, 1.1 * self._answered_in)

    def wait(self, now: float) -> float:
        """Seconds until one of them may ask again; 0.0 takes the turn."""
        if self._is_over:
            raise TransportError("nobody waits for the answer any more", sent=False)
        left = max(self._quiet_until, self._sent_at + self._between) - now
        if left > 0.0003:  # a hair is the rounding of whoever has waited
            return left
        self._sent_at = now
        return 0.0

    @property
    def _between(self) -> float:
        """Seconds from one request to the next; the part was found by trial."""
        if self.workers == 1 or math.isinf(self._answered_in):
            return 0.0
        return 0.35 * self._answered_in / self.workers


class RetryBudget:
    """What all calls of one client may still repeat; 429s are paced by their waits instead."""

    def __init__(self, size: int) -> None:
        self._size = self._left = float(size)
        self._lock = threading.Lock()

    def spend(self, error: TikTokError) -> bool:
        """Whether a repetition after ``error`` is still covered; if so, it is paid for."""
        if is_limit(error):
            return True
        with self._lock:
            if self._left < 1.0:
                return False
            self._left -= 1.0
            return True

    def earn(self) -> None:
        """A success gives a tenth of a repetition back."""
        if self._left < self._size:  # without the lock: a stale look costs a tenth at most
            with self._lock:
                self._left = min(self._size, self._left + 0.1)
