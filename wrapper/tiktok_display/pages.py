"""What to ask for next, and what of an answer is new: pure, but for the two pagers at the end.

TikTok never said whether "before the cursor" includes it, and several videos may share a second,
the resolution of ``create_time``. So the next page is asked for from the *end* of the second that
the last one ended in: under either meaning that second comes again, nothing of it is lost, and what
was had before is dropped by id. https://developers.tiktok.com/doc/tiktok-api-v2-video-list
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Self

from attrs import Factory, evolve, field, frozen

from tiktok_display_api.models import ListVideosRequest, Video, VideoField, VideoPage
from tiktok_display_api.types import UNSET

from .arguments import MOST, unix_seconds, whole_number
from .errors import Data, PaginationStalled, TikTokError, UnexpectedResponse

_LATEST = 2**63 - 1  # the cursor is an int64


@frozen(kw_only=True)
class Walk:
    """Where a walk through a history stands."""

    cursor: int | None  # ms; what the next request sends
    page_size: int
    count: int  # videos to ask for next: page_size, or more where a second has more than that
    since: int | None  # s, inclusive
    until: int | None  # s, exclusive
    left: int | None  # videos still wanted
    edge: frozenset[str] = field(default=frozenset(), repr=False)  # ids that may come again
    done: bool = False
    stalled: bool = False

    @property
    def needs(self) -> tuple[VideoField, ...]:
        """The fields that the walk itself goes by."""
        bounded = self.since is not None or self.until is not None
        return (VideoField.ID, VideoField.CREATE_TIME) if bounded else (VideoField.ID,)

    def request(self) -> ListVideosRequest:
        """What to ask for next."""
        if self.stalled:
            raise PaginationStalled(
                "the cursor does not fall: TikTok repeats itself, or more than 19 videos share one"
                " second, which no cursor can divide"
            )
        cursor = UNSET if self.cursor is None else self.cursor
        return ListVideosRequest(cursor=cursor, max_count=self.count)

    def take(self, page: VideoPage) -> tuple[list[Video], "Walk"]:
        """What of a page is new and wanted, and where the walk stands then."""
        seen = set(self.edge)
        new = [video for video in page.videos if _first_sight(video, seen)]
        wanted = [video for video in new if self._is_within(video)]
        kept = wanted[: self.left]
        left = None if self.left is None else self.left - len(kept)
        nothing_left = not page.has_more or left == 0 or self._is_past(page)
        # A page that was not handed out whole is needed again, by whoever resumes.
        walk = self._turned(page) if len(kept) == len(wanted) else self
        return kept, evolve(walk, left=left, done=nothing_left)

    def _turned(self, page: VideoPage) -> "Walk":
        """The walk with the next page's cursor."""
        second = page.cursor // 1000
        sent = None if self.cursor is None else self.cursor // 1000
        ids = frozenset(video.id for video in page.videos if isinstance(video.id, str))
        onward = evolve(self, cursor=second * 1000 + 999)
        if page.cursor <= 0 or (sent is not None and second > sent):
            return evolve(self, stalled=True)
        if sent is None or second < sent:
            return evolve(onward, edge=ids, count=self.page_size)
        # The same second again: it fills whole pages, so ask for as much of it as can be had.
        return evolve(onward, edge=self.edge | ids, count=MOST, stalled=self.count == MOST)

    def _is_within(self, video: Video) -> bool:
        at = video.create_time
        if not isinstance(at, int):
            return True  # not said: better handed out than lost
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)

    def _is_past(self, page: VideoPage) -> bool:
        """Whether only videos from before ``since`` can follow."""
        return self.since is not None and 0 < page.cursor < self.since * 1000


def walk(
    *,
    since: datetime | None,
    until: datetime | None,
    cursor: int | None,
    page_size: int,
    max_items: int | None,
) -> Walk:
    """The walk that these arguments of ``list_videos`` describe; `ConfigurationError` if none."""
    whole_number("page_size", page_size, 1, MOST)
    if max_items is not None:
        whole_number("max_items", max_items, 0, _LATEST)
    if cursor is not None:
        whole_number("cursor", cursor, 1, _LATEST)
    first, end = unix_seconds("since", since), unix_seconds("until", until)
    before = None if end is None else end * 1000 - 1
    starts = [at for at in (cursor, before) if at is not None]
    start = min(starts, default=None)
    nothing = max_items == 0 or (start is not None and start < 1000 * max(first or 0, 0))
    return Walk(
        cursor=start,
        page_size=page_size,
        count=page_size,
        since=first,
        until=end,
        left=max_items,
        done=nothing,
    )


def _first_sight(video: Video, seen: set[str]) -> bool:
    if not isinstance(video.id, str):
        return True
    known = video.id in seen
    seen.add(video.id)
    return not known


def with_videos(page: VideoPage, videos: list[Video]) -> VideoPage:
    """The page with other videos."""
    if len(videos) == len(page.videos):
        return page
    copy = VideoPage(videos=videos, cursor=page.cursor, has_more=page.has_more)
    copy.additional_properties = page.additional_properties
    return copy


def page_from(data: Data) -> VideoPage:
    """The page of a list's ``data``, or `UnexpectedResponse` where it is none."""
    cursor, has_more = data.get("cursor"), data.get("has_more")
    if not isinstance(has_more, bool) or (has_more and type(cursor) is not int):
        raise _unexpected(data, "a page that does not say how to go on")
    page = VideoPage(
        videos=videos_from(data), cursor=cursor if type(cursor) is int else 0, has_more=has_more
    )
    known = ("videos", "cursor", "has_more")
    page.additional_properties = {name: data[name] for name in data if name not in known}
    return page


def videos_from(data: Data) -> list[Video]:
    """The videos of an answer's ``data``."""
    videos = data.get("videos") or []
    if not isinstance(videos, list) or not all(isinstance(video, dict) for video in videos):
        raise _unexpected(data, "data whose videos are not a list of objects")
    return [_video(video) for video in videos]


def _video(item: dict[str, object]) -> Video:
    if type(item.get("id")) is int:  # never seen; a number would be a stranger to every id known
        item = {**item, "id": str(item["id"])}
    return Video.from_dict(item)


def _unexpected(data: Data, detail: str) -> UnexpectedResponse:
    error = UnexpectedResponse(data.status, detail)
    error.log_id = data.log_id
    return error


@frozen
class QueryResult:
    """What ``query_videos`` found: each id once, in the order first asked for.

    ``missing`` are the ids that TikTok left out: unknown, deleted, private or another creator's.
    """

    videos: list[Video]
    missing: list[str]


def query_result(asked: list[list[str]], found: Iterable[Video]) -> QueryResult:
    """The answers in the order asked; TikTok promises none."""
    by_id = {video.id: video for video in found if isinstance(video.id, str)}
    ids = [id for batch in asked for id in batch]
    return QueryResult(
        [by_id[id] for id in ids if id in by_id], [id for id in ids if id not in by_id]
    )


@frozen
class _Standing:
    """Where a pager stands; replaced as a whole, so that no interrupt finds half of it."""

    walk: Walk
    asked_from: int | None  # the cursor that the page in hand was asked with
    page: VideoPage = Factory(lambda: VideoPage([], 0, has_more=True))
    waiting: deque[Video] = Factory(deque)  # what of the page was not handed out yet


class _Position:
    """What both pagers remember."""

    def __init__(self, walk: Walk) -> None:
        self._at = _Standing(walk, walk.cursor)

    @property
    def checkpoint(self) -> int | None:
        """The ``cursor`` (ms) from which a new walk gives all that was not handed out, repeating
        at most the videos of one page; None before the first page of a walk from the newest video
        on. Also on the error that ended a walk. It stays good: what is posted later lies above it.
        """
        return self._at.asked_from if self._at.waiting else self._at.walk.cursor

    @property
    def _is_over(self) -> bool:
        return self._at.walk.done and not self._at.waiting

    def _pop(self) -> Video | None:
        try:
            return self._at.waiting.popleft()
        except IndexError:
            return None

    @contextmanager
    def _marked(self) -> Iterator[None]:
        """Around a page: an error that ends the walk says where to go on."""
        try:
            yield
        except TikTokError as error:
            error.checkpoint = self.checkpoint
            raise

    def _take(self, page: VideoPage) -> None:
        kept, walk = self._at.walk.take(page)
        self._at = _Standing(walk, self._at.walk.cursor, page, deque(kept))

    def _handed_out(self) -> VideoPage:
        """The page in hand with what of it was not handed out yet."""
        page = with_videos(self._at.page, list(self._at.waiting))
        self._at.waiting.clear()
        return page


class VideoPager(_Position):
    """A creator's videos, newest first: an iterator, once through, a page at a time as needed.

    Threads may share it: each video goes to one of them.
    """

    def __init__(self, fetch: Callable[[ListVideosRequest], VideoPage], walk: Walk) -> None:
        super().__init__(walk)
        self._fetch, self._one_at_a_time = fetch, threading.Lock()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Video:
        while (video := self._pop()) is None:
            if self._is_over:
                raise StopIteration
            self._next_page()
        return video

    def by_page(self) -> Iterator[VideoPage]:
        """The same walk in pages of 1 to 20 videos, without what an earlier page had."""
        while not self._is_over:
            if not self._at.waiting:
                self._next_page()
            if self._at.waiting:
                yield self._handed_out()

    def _next_page(self) -> None:
        with self._one_at_a_time, self._marked():
            if not (self._at.waiting or self._is_over):
                self._take(self._fetch(self._at.walk.request()))


class AsyncVideoPager(_Position):
    """The same for an event loop: ``async for``."""

    def __init__(
        self, fetch: Callable[[ListVideosRequest], Awaitable[VideoPage]], walk: Walk
    ) -> None:
        super().__init__(walk)
        self._fetch, self._one_at_a_time = fetch, asyncio.Lock()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Video:
        while (video := self._pop()) is None:
            if self._is_over:
                raise StopAsyncIteration
            await self._next_page()
        return video

    async def by_page(self) -> AsyncIterator[VideoPage]:
        """The same walk in pages of 1 to 20 videos, without what an earlier page had."""
        while not self._is_over:
            if not self._at.waiting:
                await self._next_page()
            if self._at.waiting:
                yield self._handed_out()

    async def _next_page(self) -> None:
        async with self._one_at_a_time:
            with self._marked():
                if not (self._at.waiting or self._is_over):
                    self._take(await self._fetch(self._at.walk.request()))
