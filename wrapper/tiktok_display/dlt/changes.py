"""What the warehouse lacks, read bit by bit from the sync's database, and how far it has come."""

from collections.abc import Iterator, Mapping

from ..sync import Database
from ..sync.shards import Shard, holds
from .tables import Row, Table

_SOME = 1_000  # creators at a time: no transaction is long, no list is
# s; a row may be written later than the moment it carries. What comes twice is merged.
_OVERLAP = 3_600

_CREATORS = """
SELECT open_id, loaded_at FROM creators WHERE open_id > :after ORDER BY open_id LIMIT :some
"""
_LOADED = """
UPDATE creators SET loaded_at = :at
WHERE open_id = :open_id AND (loaded_at IS NULL OR loaded_at < :at)
"""


def changes(
    database: Database, table: Table, shard: Shard, *, full: bool = False, some: int | None = None
) -> Iterator[list[Row]]:
    """The rows of a table that the warehouse may lack, creator by creator; with ``full`` all of
    them. ``some``: of so many creators and videos at a time.
    """
    for creators in _creators(database, shard, some or _SOME):
        for open_id, loaded_at in creators:
            since = 0 if full or loaded_at is None else loaded_at - _OVERLAP
            asked = {"open_id": open_id, "since": since}
            yield from _rows(database, table, asked, some or table.some)


def mark(database: Database, shard: Shard, at: int, some: int = _SOME) -> None:
    """Remember that what was in the database at that moment (Unix s) is in the warehouse too."""
    for creators in _creators(database, shard, some):
        moved = [{"open_id": open_id, "at": at} for open_id, _ in creators]
        with database.transaction() as session:
            session.run_all(_LOADED, moved)


def _creators(
    database: Database, shard: Shard, some: int
) -> Iterator[list[tuple[str, int | None]]]:
    """Those of the shard, by their ids, each with the moment it is loaded up to."""
    after = ""
    while True:
        with database.reading() as session:
            found = list(session.rows(_CREATORS, {"after": after, "some": some}))
        yield [row for row in found if holds(shard, row[0])]
        if len(found) < some:
            return
        after = found[-1][0]


def _rows(
    database: Database, table: Table, asked: Mapping[str, object], some: int
) -> Iterator[list[Row]]:
    """Those of one creator, by their videos' ids."""
    after = ""
    while True:
        with database.transaction() as session:
            values = {**asked, "video_id": after, "some": some}
            found = list(session.rows(table.changed, values))
        rows = [table.row(each) for each in found]
        if whole := [row for row in rows if all(row[name] is not None for name in table.key)]:
            yield whole
        if len({each[0] for each in found}) < some:
            return
        after = found[-1][0]
