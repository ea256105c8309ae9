"""What one reader of a history asks for next, and what of an answer is new. Pure.

TikTok never said whether "before the cursor" includes it, and several videos may share a second,
the resolution of ``create_time``. So the next page is asked for from the *end* of the second that
the last one ended in: under either meaning that second comes again, nothing of it is lost, and what
was had before is dropped by id. https://developers.tiktok.com/doc/tiktok-api-v2-video-list
"""

import math
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, NamedTuple

from tiktok_display_api.models import Video, VideoField, VideoPage
from tiktok_display_api.types import UNSET

from .arguments import LATEST, MOST, unix_seconds, whole_number
from .errors import PaginationStalled


class Walk(NamedTuple):
    """Where a walk through a history stands."""

    cursor: int | None  # ms; what the next request sends
    page_size: int
    amount: int  # videos to ask for next: page_size, or more where a second has more than that
    since: int | None  # s, inclusive
    until: int | None  # s, exclusive
    edge: AbstractSet[object] = frozenset()  # ids that may come again
    done: bool = False
    stalled: bool = False

    def needs(self, workers: int = 1) -> tuple[VideoField, ...]:
        """The fields that the walk itself goes by."""
        bounded = workers > 1 or self.since is not None or self.until is not None
        return (VideoField.ID, VideoField.CREATE_TIME) if bounded else (VideoField.ID,)

    def request(self) -> dict[str, int]:
        """What to ask for next."""
        if self.stalled:
            raise PaginationStalled(
                "the cursor does not fall: TikTok repeats itself, or more than 19 videos share one"
                " second, which no cursor can divide"
            )
        body = {} if self.cursor is None else {"cursor": self.cursor}
        return {**body, "max_count": self.amount}

    def take(self, page: VideoPage) -> tuple[list[Video], "Walk"]:
        """What of a page is new and wanted, and where the walk stands then."""
        wanted = [video for video in page.videos if video.id not in self.edge]
        ids: set[object] = {video.id for video in page.videos}
        if len(ids) < len(page.videos):
            wanted = _first_sights(wanted)
        ids.discard(UNSET)
        if self.since is not None or self.until is not None:
            wanted = self._within(wanted)
        done = not page.has_more or self._is_past(page)
        return wanted, self._replace(done=done, **self._turned(page, ids))

    def _turned(self, page: VideoPage, ids: AbstractSet[object]) -> dict[str, Any]:
        """What the next page's cursor changes."""
        second = page.cursor // 1000
        sent = None if self.cursor is None else self.cursor // 1000
        if page.cursor <= 0 or (sent is not None and second > sent):
            return {"stalled": True}
        onward = {"cursor": second * 1000 + 999}
        if sent is None or second < sent:
            return {**onward, "edge": ids, "amount": self.page_size}
        # The same second again: it fills whole pages, so ask for as much of it as can be had.
        return {**onward, "edge": self.edge | ids, "amount": MOST, "stalled": self.amount == MOST}

    def _within(self, videos: list[Video]) -> list[Video]:
        """Those within the bounds. One that does not say when it was posted is where the one before
        it is; without one, it is better handed out than lost.
        """
        since = -math.inf if self.since is None else self.since
        until = math.inf if self.until is None else self.until
        wanted, is_wanted = [], True
        for video in videos:
            if isinstance(video.create_time, int):
                is_wanted = since <= video.create_time < until
            if is_wanted:
                wanted.append(video)
        return wanted

    def _is_past(self, page: VideoPage) -> bool:
        """Whether only videos from before ``since`` can follow."""
        return self.since is not None and 0 < page.cursor < self.since * 1000


def walk(
    *,
    since: datetime | None,
    until: datetime | None,
    cursor: int | None,
    page_size: int,
) -> Walk:
    """The walk that these arguments of ``list_videos`` describe; `ConfigurationError` if none."""
    whole_number("page_size", page_size, 1, MOST)
    if cursor is not None:
        whole_number("cursor", cursor, 1, LATEST)
    first, end = unix_seconds("since", since), unix_seconds("until", until)
    before = None if end is None else end * 1000 - 1
    starts = [at for at in (cursor, before) if at is not None]
    start = min(starts, default=None)
    nothing = start is not None and start < 1000 * max(first or 0, 0)
    return Walk(
        cursor=start,
        page_size=page_size,
        amount=page_size,
        since=first,
        until=end,
        done=nothing,
    )


def _first_sights(videos: list[Video]) -> list[Video]:
    """Each once; those without an id are all kept."""
    by_id: dict[object, Video] = {}
    for video in videos:
        by_id.setdefault(id(video) if video.id is UNSET else video.id, video)
    return list(by_id.values())
