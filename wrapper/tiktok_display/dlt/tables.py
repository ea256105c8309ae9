"""The tables of the warehouse: those of the sync, with moments as timestamps. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from ..sync.rows import COUNTERS

if TYPE_CHECKING:
    from dlt.common.schema.typing import TColumnSchema

Kind = Literal["text", "bigint", "bool", "date", "timestamp"]
Row = dict[str, object]

_ALWAYS = {"video_id", "open_id", "day", "synced_at"}  # there in each row
# The two kinds of database give a day and a truth value in different ways.
_VALUES: Mapping[Kind, Callable[[Any], object]] = {
    "text": str,
    "bigint": int,
    "bool": bool,
    "date": lambda value: date.fromisoformat(str(value)),
    "timestamp": lambda seconds: datetime.fromtimestamp(seconds, UTC),
}


@frozen
class Table:
    """One of them.

    Attributes:
        name: as in the sync's database.
        key: the columns that tell its rows apart.
        kinds: its columns, and what dlt calls their types.
        changed: asks the sync's database for these columns, for the next ``:some`` videos after
            ``:video_id`` of the creator ``:open_id``, where they were seen from ``:since`` (s) on.
            A video without such a row may come with NULL in the key.
        some: of so many videos at a time.
    """

    name: str
    key: tuple[str, ...]
    kinds: Mapping[str, Kind]
    changed: str
    some: int

    @property
    def columns(self) -> "dict[str, TColumnSchema]":
        """All of them, for dlt: they are the same in an empty load, and in every shard."""
        return {
            name: {"name": name, "data_type": kind, "nullable": name not in _ALWAYS}
            for name, kind in self.kinds.items()
        }

    def row(self, values: Sequence[object]) -> Row:
        """What the warehouse gets of a row of the sync's database."""
        pairs = zip(self.kinds.items(), values, strict=True)
        return {name: _value(kind, value) for (name, kind), value in pairs}


def _value(kind: Kind, value: object) -> object:
    """A value that makes no sense is NULL: it must not keep all others from the warehouse."""
    if value is None:
        return None
    try:
        return _VALUES[kind](value)
    except (ValueError, TypeError, OverflowError, OSError):
        return None


_COUNTERS: Mapping[str, Kind] = dict.fromkeys(COUNTERS, "bigint")
_VIDEO: Mapping[str, Kind] = {
    "video_id": "text",
    "open_id": "text",
    "create_time": "timestamp",
    "title": "text",
    "video_description": "text",
    "duration": "bigint",
    "width": "bigint",
    "height": "bigint",
    "share_url": "text",
    "cover_image_url": "text",
    "embed_link": "text",
    "is_aigc": "bool",
    **_COUNTERS,
    "synced_at": "timestamp",
    "missing_since": "timestamp",
}
_SNAPSHOT: Mapping[str, Kind] = {
    "video_id": "text",
    "open_id": "text",
    "day": "date",
    **_COUNTERS,
    "synced_at": "timestamp",
}

VIDEOS = Table(
    name="videos",
    key=("video_id",),
    kinds=_VIDEO,
    # By when it was asked about, for that also tells when one went missing.
    changed=f"""
SELECT {", ".join(_VIDEO)} FROM videos
WHERE open_id = :open_id AND video_id > :video_id AND asked_at >= :since
ORDER BY video_id LIMIT :some
""",  # noqa: S608 - names of our own
    some=1_000,
)
SNAPSHOTS = Table(
    name="video_snapshots",
    key=("video_id", "day"),
    kinds=_SNAPSHOT,
    changed=f"""
SELECT own.video_id, CAST(:open_id AS TEXT), day, {", ".join(COUNTERS)}, synced_at
FROM (
    SELECT video_id FROM videos WHERE open_id = :open_id AND video_id > :video_id
    ORDER BY video_id LIMIT :some
) AS own LEFT JOIN video_snapshots
    ON video_snapshots.video_id = own.video_id AND synced_at >= :since
ORDER BY own.video_id
""",  # noqa: S608 - names of our own
    some=100,  # each with a row a day, for years
)
TABLES = (VIDEOS, SNAPSHOTS)
