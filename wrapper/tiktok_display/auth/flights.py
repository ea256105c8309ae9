"""Refreshes under way in this process: one for each creator, whoever waits for it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from ..errors import RefreshUnavailable, TikTokError, TokenStoreError
from ..forks import renewed_in_children
from ..stores import Key, TokenRecord, TokenStore

Outcome = TokenRecord | TikTokError
_Name = tuple[int, Key, str | None]  # a store, whose tokens in it, and what was refused

# A refresh takes a fraction of a second, so these are hundreds a second before one waits for
# another creator's; threads without a bound would be thousands where as many tokens expire at once.
_AT_ONCE = 256


class Flights:
    """Runs each creator's refresh in a thread, for all who want it.

    The threads are neither daemonic nor anybody's to cancel: a caller who cannot wait leaves, the
    end of the program waits, and nothing cuts a refresh off between TikTok's answer and the store.
    """

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        self._at_once = at_once
        self._begin_anew()
        renewed_in_children(self)

    def _begin_anew(self) -> None:
        self._under_way: dict[_Name, Future[Outcome]] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(self._at_once, thread_name_prefix="tiktok-refresh")

    def after_fork(self) -> None:
        """No thread of the child will ever land what its parent has begun."""
        self._begin_anew()

    def fly(
        self,
        store: TokenStore,
        key: Key,
        refused: object,
        work: Callable[[], Outcome],
        afterwards: Callable[[], None] = lambda: None,
    ) -> Future[Outcome]:
        """The flight under way for this creator, else a new one that does ``work``, and when all
        who wait for it have its outcome, what is left to do ``afterwards``.

        Whoever was refused a token flies apart from those who were not, for whom it may do; which
        of them asks TikTok is the store's to decide, as between processes.
        """
        token = refused.access_token if isinstance(refused, TokenRecord) else None
        name = (id(store), key, token)
        with self._lock:
            if name in self._under_way:
                return self._under_way[name]
            flight: Future[Outcome] = Future()
            flight.set_running_or_notify_cancel()  # from here on its cancel() does nothing
            self._under_way[name] = flight
            try:
                self._pool.submit(self._fly, name, flight, work, afterwards)
            except RuntimeError:  # no more threads, or the interpreter is on its way out
                del self._under_way[name]
                error = RefreshUnavailable("no thread can be started for a token refresh")
                return landed(error)
        return flight

    def _fly(
        self,
        name: _Name,
        flight: Future[Outcome],
        work: Callable[[], Outcome],
        afterwards: Callable[[], None],
    ) -> None:
        outcome: Outcome
        try:
            outcome = work()
        except TikTokError as error:
            outcome = error
        except BaseException as error:  # noqa: BLE001 - a store of somebody's own raises anything
            outcome = TokenStoreError(f"the token store failed: {type(error).__name__}")
        with self._lock:
            self._under_way.pop(name, None)
        flight.set_result(outcome)
        afterwards()


def landed(outcome: Outcome) -> Future[Outcome]:
    """A flight that is already over."""
    flight: Future[Outcome] = Future()
    flight.set_result(outcome)
    return flight


fly = Flights().fly  # for the whole process
