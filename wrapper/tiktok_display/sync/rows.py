"""What the tables hold of a video. Pure."""

from datetime import UTC, datetime
from typing import NamedTuple

from tiktok_display_api.models import Video
from tiktok_display_api.types import UNSET

COUNTERS = ("view_count", "like_count", "comment_count", "share_count")
# All but `embed_html`, which is 1 kB of markup around `embed_link`.
DETAILS = (
    "create_time",
    "title",
    "video_description",
    "duration",
    "width",
    "height",
    "share_url",
    "cover_image_url",
    "embed_link",
    "is_aigc",
)
FIELDS = ("id", *DETAILS, *COUNTERS)

Row = dict[str, object]


class Rows(NamedTuple):
    """The same videos, for both tables."""

    videos: list[Row]
    snapshots: list[Row]

    @property
    def newest(self) -> int | None:
        """The second in which the newest of them was posted."""
        times = [row["create_time"] for row in self.videos]
        return max((at for at in times if isinstance(at, int)), default=None)


def rows(open_id: str, videos: list[Video], now: float) -> Rows:
    """What is to be written of videos that were seen at ``now`` (Unix seconds). One without an id
    has no place in a table.
    """
    known = [video for video in videos if isinstance(video.id, str)]
    at = int(now)
    seen: Row = {"open_id": open_id, "synced_at": at, "asked_at": at, "day": day(now)}
    found = [{"video_id": video.id, **seen, **_values(video)} for video in known]
    return Rows(found, [row for row in found if any(row[name] is not None for name in COUNTERS)])


def day(now: float) -> str:
    """The day in UTC, as the table of snapshots names it."""
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def _values(video: Video) -> Row:
    values = {name: getattr(video, name) for name in (*DETAILS, *COUNTERS)}
    return {name: None if value is UNSET else value for name, value in values.items()}
