"""What is asked of the database. What comes later in time wins, in whatever order it is written."""

from .rows import COUNTERS, DETAILS

_COLUMNS = ("video_id", "open_id", *DETAILS, *COUNTERS, "synced_at")
_SNAPSHOT = ("video_id", "day", *COUNTERS, "synced_at")


def _upsert(table: str, columns: tuple[str, ...], key: tuple[str, ...], also: str = "") -> str:
    names, values = ", ".join(columns), ", ".join(f":{name}" for name in columns)
    # What was not asked for this time is not forgotten.
    kept = ", ".join(
        f"{name} = COALESCE(excluded.{name}, {table}.{name})" for name in columns if name not in key
    )
    return (
        f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608 - names of our own
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {kept}{also}"
        f" WHERE excluded.synced_at >= {table}.synced_at"
    )


PUT_VIDEO = _upsert("videos", _COLUMNS, ("video_id",), ", missing_since = NULL")
PUT_SNAPSHOT = _upsert("video_snapshots", _SNAPSHOT, ("video_id", "day"))
MISS_VIDEO = """
UPDATE videos SET missing_since = :now
WHERE video_id = :video_id AND missing_since IS NULL AND synced_at <= :now
"""

ADD_CREATOR = "INSERT INTO creators (open_id) VALUES (:open_id) ON CONFLICT (open_id) DO NOTHING"
READ_STATE = "SELECT state, reason, login FROM creators WHERE open_id = :open_id"
READ_STANDING = "SELECT newest, top, cursor FROM creators WHERE open_id = :open_id"
# Not where another run has gone on meanwhile: its rows and these are all there.
MOVE_CREATOR = """
UPDATE creators SET newest = :newest, top = :top, cursor = :cursor,
    synced_at = COALESCE(:synced_at, synced_at)
WHERE open_id = :open_id AND COALESCE(newest, -1) = COALESCE(:old_newest, -1)
    AND COALESCE(cursor, -1) = COALESCE(:old_cursor, -1)
"""
SET_ASIDE = """
UPDATE creators SET state = 'login', reason = :reason, login = :login WHERE open_id = :open_id
"""
TAKE_BACK = "UPDATE creators SET state = 'active', reason = NULL WHERE open_id = :open_id"
