"""What was asked for lately, counted in memory."""

import threading
from collections import deque

from ..forks import renewed_in_children

_MANY = 1_000  # names, of which those that are quiet are forgotten


class Windows:
    """At most ``most`` for each name in any ``seconds``."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self.after_fork()
        renewed_in_children(self)

    def after_fork(self) -> None:
        """Another thread of the parent may have had the lock; what was asked is the parent's."""
        self._lock, self._taken = threading.Lock(), dict[str, deque[float]]()

    def take(self, name: str, now: float) -> float:
        """Seconds until there is room for one more at ``now`` (s); 0.0 has taken it."""
        with self._lock:
            taken = self._lately(name, now)
            if len(taken) < self._most:
                taken.append(now)
                return 0.0
            return max(0.001, taken[-self._most] + self._seconds - now)

    def note(self, name: str, now: float) -> None:
        """One more, which somebody else has admitted."""
        with self._lock:
            self._lately(name, now).append(now)

    def _lately(self, name: str, now: float) -> deque[float]:
        if name not in self._taken and len(self._taken) >= _MANY:
            since = now - self._seconds
            self._taken = {name: taken for name, taken in self._taken.items() if taken[-1] > since}
        taken = self._taken.setdefault(name, deque())
        while taken and taken[0] <= now - self._seconds:
            taken.popleft()
        return taken
