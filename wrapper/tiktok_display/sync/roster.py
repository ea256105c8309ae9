"""The creators whose logins are stored, and which of them are due."""

import time
from collections.abc import Iterator
from itertools import islice

from . import statements as sql
from .cadence import DAY
from .database import Database
from .plan import Due, Plan, Requests, quota
from .settings import SyncSettings
from .shards import Shard, checked, holds
from .workshop import Workshop, workshops

_SOME = 1_000  # rows at a time: no transaction is long, no list is


def due_creators(
    settings: SyncSettings, *, seconds: float = DAY, ahead: float = 0.0, shard: Shard = (0, 1)
) -> Plan:
    """The creators who are due now, the longest overdue first, as far as the quota of so many
    seconds reaches. All whose logins are in the token store are considered.

    Args:
        settings: where the creators and their logins are.
        seconds: the time until it is asked again: a day, an hour.
        ahead: also those who will be due within so many seconds. For rounds it is half the time
            between two, so that nobody who becomes due a minute after one has to wait for another.
        shard: ``(i, n)``: only every n-th creator, beginning with i of 0 to n - 1, and that part of
            the quota. Which is whose follows from the open_id.

    Raises:
        SyncError: the database cannot be read or written; also from the iteration.
        ConfigurationError: the app's credentials are not in the environment, or there is no such
            shard.
    """
    return planned(workshops.opened(settings), time.time() + ahead, seconds, shard)


def planned(shop: Workshop, now: float, seconds: float = DAY, shard: Shard = (0, 1)) -> Plan:
    """The same with what is at hand: whoever is due at ``now`` (Unix seconds)."""
    _, count = checked(shard)
    _enrol(shop)
    own = (due for due in dues(shop.database, int(now)) if holds(shard, due.open_id))
    return Plan(own, quota(seconds / count, shop.settings.rate))


def next_due(settings: SyncSettings) -> int | None:
    """When the next creator is due (s); None where there are no creators."""
    with workshops.opened(settings).database.reading() as session:
        ((first,),) = session.rows("SELECT min(due_at) FROM creators")
    return None if first is None else int(first)


def _enrol(shop: Workshop) -> None:
    """Whoever has logged in since the last time is a creator from now on."""
    keys = shop.tokens.keys()
    own = (key for key in keys if key.client_key == shop.app.client_key)
    while some := [{"open_id": key.open_id} for key in islice(own, _SOME)]:
        with shop.database.transaction() as session:
            session.run_all(sql.ADD_CREATOR, some)


def dues(database: Database, now: int) -> Iterator[Due]:
    """Who is due, from the database as it is when it comes to them."""
    after = {"now": now, "due_at": -1, "open_id": "", "some": _SOME}
    while True:
        with database.reading() as session:
            found = list(session.rows(sql.READ_DUE, after))
        for open_id, due_at, lookups, state in found:
            needs = Requests(1, lookups) if state == "active" else Requests(0, 0)
            yield Due(open_id, due_at, needs)
        if len(found) < _SOME:
            return
        after |= {"due_at": found[-1][1], "open_id": found[-1][0]}
