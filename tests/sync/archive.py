"""A database with videos and snapshots, as syncs of some days would have left it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from tiktok_display.sync import Database
from tiktok_display.sync import statements as sql
from tiktok_display.sync.rows import COUNTERS, DETAILS

FIRST = date(2026, 11, 1)

Seen = tuple[int | None, ...]  # views, likes, comments, shares


def day(number: int) -> date:
    """The day so many days after the first."""
    return FIRST + timedelta(days=number)


def midnight(number: int) -> int:
    """When it begins (s)."""
    begins = day(number)
    return int(datetime(begins.year, begins.month, begins.day, tzinfo=UTC).timestamp())


def noon(number: int) -> int:
    """When everything is seen on it (s)."""
    return midnight(number) + 43_200


class Archive:
    """What is put into it."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)

    def video(
        self,
        open_id: str,
        video_id: str,
        snapshots: Mapping[int, int | Seen],
        *,
        posted: int | None = None,
        title: str | None = None,
        share_url: str | None = None,
    ) -> None:
        """A video posted at a second, and what was seen of it each day; views alone will do."""
        seen = {at: _whole(counts) for at, counts in snapshots.items()}
        last = max(seen)
        video: dict[str, object] = dict.fromkeys(DETAILS)
        video |= {"create_time": posted, "title": title, "share_url": share_url}
        video |= dict(zip(COUNTERS, seen[last], strict=True))
        video |= {"video_id": video_id, "open_id": open_id}
        video |= {"synced_at": noon(last), "asked_at": noon(last)}
        with self.database.transaction() as session:
            session.run(sql.ADD_CREATOR, {"open_id": open_id})
            session.run(sql.PUT_VIDEO, video)
            session.run_all(
                sql.PUT_SNAPSHOT, [_snapshot(video_id, at, counts) for at, counts in seen.items()]
            )

    def creator(self, open_id: str, *, synced: int | None = None, aside: str | None = None) -> None:
        """A creator, synced on that day, or set aside for a reason."""
        values = {"open_id": open_id, "synced_at": None if synced is None else noon(synced)}
        with self.database.transaction() as session:
            session.run(sql.ADD_CREATOR, values)
            session.run(
                "UPDATE creators SET synced_at = :synced_at WHERE open_id = :open_id", values
            )
            if aside is not None:
                why = {"reason": aside, "login": None, "due_at": 0}
                session.run(sql.SET_ASIDE, {**values, **why})

    def clear(self) -> None:
        """Everything out."""
        with self.database.transaction() as session:
            for table in ("video_snapshots", "videos", "creators"):
                session.run(f"DELETE FROM {table}")


def _whole(counts: int | Seen) -> Seen:
    return (counts, None, None, None) if isinstance(counts, int) else counts


def _snapshot(video_id: str, at: int, counts: Seen) -> dict[str, object]:
    seen = {"video_id": video_id, "day": day(at).isoformat(), "synced_at": noon(at)}
    return {**seen, **dict(zip(COUNTERS, counts, strict=True))}
