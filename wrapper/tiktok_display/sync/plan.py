"""Which creators' turn it is, the longest overdue first, as far as the quota reaches. Pure."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .synced import Synced

_SHARE = 0.95  # of the quota, as `RateLimit` uses it


class Requests(NamedTuple):
    """So many to each of the two endpoints."""

    lists: int
    lookups: int

    def plus(self, other: "Requests") -> "Requests":
        """Both together."""
        return Requests(self.lists + other.lists, self.lookups + other.lookups)

    def hold(self, other: "Requests") -> bool:
        """Whether the other ones are no more than these, for either endpoint."""
        return other.lists <= self.lists and other.lookups <= self.lookups


class Due(NamedTuple):
    """A creator who is due."""

    open_id: str
    since: int  # s; 0 for one who was never visited
    needs: Requests


class Left(NamedTuple):
    """What the quota has no room for: it comes first the next time."""

    creators: int = 0
    needs: Requests = Requests(0, 0)
    since: int | None = None  # s; when the first of them became due


def quota(seconds: float, rate: int) -> Requests:
    """What may be asked in so many seconds, at ``rate`` requests a minute to each endpoint."""
    most = int(seconds * rate * _SHARE / 60)
    return Requests(most, most)


class Plan:
    """The open_ids of those whose turn it is: an iterator, once through, lazily.

    It takes them as they come, oldest first, and leaves out whom the quota has no room for. That is
    decided one by one, so any number of creators takes no memory.

    Attributes:
        budget: what may be asked.
        taken: what those who were given out need, as far as is known.
        left: who was left out; all of them once the iteration is over.
    """

    def __init__(self, dues: Iterable[Due], budget: Requests) -> None:
        self._dues = iter(dues)
        self.budget, self.taken, self.left = budget, Requests(0, 0), Left()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        for due in self._dues:
            taken = self.taken.plus(due.needs)
            if self.budget.hold(taken):
                self.taken = taken
                return due.open_id
            since = due.since if self.left.since is None else self.left.since
            self.left = Left(self.left.creators + 1, self.left.needs.plus(due.needs), since)
        raise StopIteration

    def charge(self, synced: Synced) -> None:
        """Count what a creator took beyond what was expected: a whole history, say."""
        more = Requests(max(0, synced.lists - 1), max(0, synced.lookups - synced.expected))
        self.taken = self.taken.plus(more)
