"""Pairs that a store did not take: kept in memory, and offered to it again and again.

Each is the only living pair of its creator: TikTok has killed the one that is stored.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from attrs import field, frozen

from ..forks import renewed_in_children
from ..secret import Secret
from ..stores import Key, TokenRecord, TokenStore
from .events import Teller, TokenEventKind

_Name = tuple[int, Key]  # a store, and whose tokens in it

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # s between two offers
_LAST_SECONDS = 30.0  # for the last offers of all, when the program ends


@frozen
class Unsaved(Secret):
    """A pair, and where it belongs."""

    store: TokenStore = field(repr=False)
    record: TokenRecord
    replaces: TokenRecord  # what the store still holds
    teller: Teller

    @property
    def name(self) -> _Name:
        """Whose it is, and in which store."""
        return id(self.store), self.teller.key

    def offer(self) -> None:
        """Settle the matter: either this pair is stored now, or another one was meanwhile."""
        if committed(self.store, self.teller.key, self.record, self.replaces):
            self.teller.tell(TokenEventKind.SAVED)
        else:
            self.teller.tell(TokenEventKind.LATE_COMMIT, "refused: another pair is stored by now")


def committed(store: TokenStore, key: Key, record: TokenRecord, replaces: TokenRecord) -> bool:
    """Commit, and where that is refused see whether an earlier try has done it unheard."""
    if store.commit(key, record, replaces=replaces):
        return True
    stored = store.read(key)
    return stored is not None and stored.access_token == record.access_token


class Keeper:
    """Keeps them, and offers them from a thread of its own while there are any.

    When the program ends, each pair is offered one last time, for some seconds in all: a store may
    be down for days. That is why the thread is not daemonic, and sleeps only while the main thread
    lives; a process of `multiprocessing` has no other end that one could wait for.
    """

    def __init__(
        self,
        sleep: Callable[[float], None] = lambda seconds: threading.main_thread().join(seconds),
        is_over: Callable[[], bool] = lambda: not threading.main_thread().is_alive(),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sleep, self._is_over, self._monotonic = sleep, is_over, monotonic
        self._begin_anew()
        renewed_in_children(self)

    def _begin_anew(self) -> None:
        self._lock = threading.Lock()
        self._pairs: dict[_Name, Unsaved] = {}
        self._thread: threading.Thread | None = None

    def after_fork(self) -> None:
        """The pairs are the parent's to save."""
        self._begin_anew()

    def keep(self, pair: Unsaved) -> None:
        """Keep a pair until its store has taken it."""
        with self._lock:
            self._pairs[pair.name] = pair
            if self._thread is None:
                with suppress(RuntimeError):  # no thread is to be had; the next pair tries again
                    self._thread = self._started()

    def pair(self, store: TokenStore, key: Key) -> TokenRecord | None:
        """The pair that is kept for this creator."""
        with self._lock:
            kept = self._pairs.get((id(store), key))
        return None if kept is None else kept.record

    def offer(self, store: TokenStore, key: Key) -> bool:
        """Offer this creator's pair now; whether there is none any longer."""
        with self._lock:
            kept = self._pairs.get((id(store), key))
        return kept is None or self._offered(kept)

    def _offered(self, pair: Unsaved) -> bool:
        try:
            pair.offer()
        except Exception:  # noqa: BLE001 - a store of somebody's own may raise anything
            return False
        with self._lock:
            if self._pairs.get(pair.name) is pair:
                del self._pairs[pair.name]
        return True

    def _started(self) -> threading.Thread:
        thread = threading.Thread(target=self._offer_again, name="tiktok-unsaved", daemon=False)
        thread.start()
        return thread

    def _offer_again(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            self._sleep(pause)
            is_over, pause = self._is_over(), min(2 * pause, _LONGEST_PAUSE)
            end = self._monotonic() + _LAST_SECONDS
            with self._lock:
                pairs = list(self._pairs.values())
            for pair in pairs:
                if not (is_over and self._monotonic() > end) and self._offered(pair):
                    continue
                if is_over:
                    lost = "lost with the end of the program"
                    pair.teller.tell(TokenEventKind.UNSAVED, lost, record=pair.record)
            with self._lock:
                if not self._pairs or is_over:
                    self._thread = None
                    return


keeper = Keeper()
