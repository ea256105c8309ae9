"""What is asked of the database. What comes later in time wins, in whatever order it is written."""

from .rows import COUNTERS, DETAILS

_COLUMNS = ("video_id", "open_id", *DETAILS, *COUNTERS, "synced_at", "asked_at")
_SNAPSHOT = ("video_id", "day", *COUNTERS, "synced_at")


def _upsert(
    table: str, columns: tuple[str, ...], key: tuple[str, ...], latest: str, also: str = ""
) -> str:
    names, values = ", ".join(columns), ", ".join(f":{name}" for name in columns)
    # What was not asked for this time is not forgotten.
    kept = ", ".join(
        f"{name} = COALESCE(excluded.{name}, {table}.{name})" for name in columns if name not in key
    )
    return (
        f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608 - names of our own
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {kept}{also}"
        f" WHERE excluded.{latest} >= {table}.{latest}"
    )


PUT_VIDEO = _upsert("videos", _COLUMNS, ("video_id",), "asked_at", ", missing_since = NULL")
PUT_SNAPSHOT = _upsert("video_snapshots", _SNAPSHOT, ("video_id", "day"), "synced_at")
MISS_VIDEO = """
UPDATE videos SET missing_since = COALESCE(missing_since, :now), asked_at = :now
WHERE video_id = :video_id AND asked_at <= :now
"""
READ_SEEN = "SELECT video_id, create_time, asked_at FROM videos WHERE open_id = :open_id"

ADD_CREATOR = "INSERT INTO creators (open_id) VALUES (:open_id) ON CONFLICT (open_id) DO NOTHING"
READ_STATE = "SELECT state, reason, login, lookups FROM creators WHERE open_id = :open_id"
READ_STANDING = "SELECT newest, top, cursor FROM creators WHERE open_id = :open_id"
# One writer of a creator's rows at a time: two that go through them in another order each would
# come to wait for each other.
HOLD_CREATOR = "UPDATE creators SET open_id = open_id WHERE open_id = :open_id"
# Not where another run has gone on meanwhile: its rows and these are all there.
MOVE_CREATOR = """
UPDATE creators SET newest = :newest, top = :top, cursor = :cursor,
    synced_at = COALESCE(:synced_at, synced_at)
WHERE open_id = :open_id AND COALESCE(newest, -1) = COALESCE(:old_newest, -1)
    AND COALESCE(cursor, -1) = COALESCE(:old_cursor, -1)
"""
SET_ASIDE = """
UPDATE creators SET state = 'login', reason = :reason, login = :login, due_at = :due_at
WHERE open_id = :open_id
"""
TAKE_BACK = "UPDATE creators SET state = 'active', reason = NULL WHERE open_id = :open_id"
COME_AGAIN = "UPDATE creators SET due_at = :due_at WHERE open_id = :open_id"
PLAN_VISIT = """
UPDATE creators SET due_at = :due_at, lookups = :lookups WHERE open_id = :open_id
"""
READ_DUE = """
SELECT open_id, due_at, lookups, state FROM creators
WHERE due_at <= :now AND (due_at, open_id) > (:due_at, :open_id)
ORDER BY due_at, open_id LIMIT :some
"""
