"""What a caller holds: the pages and videos of a walk, and what a query found.

`VideoPager` and `AsyncVideoPager` are twins that obey a `History`, which decides.
"""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from operator import itemgetter
from typing import Any, NamedTuple, Self

from attrs import fields

from tiktok_display_api.models import Video, VideoPage
from tiktok_display_api.types import UNSET

from .crews import Done, Jobs
from .crews.threads import Crew
from .errors import Data, TikTokError, UnexpectedResponse
from .history import Had, History, Reading
from .policies import Shift

_FIELDS = tuple(each.name for each in fields(Video) if each.init)
_NAMES, _values = frozenset(_FIELDS), itemgetter(*_FIELDS)


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
    if not isinstance(videos, list) or {*map(type, videos)} - {dict}:
        raise _unexpected(data, "data whose videos are not a list of objects")
    found = [_video(video) for video in videos]
    for video in found:
        if not isinstance(video.id, str) and video.id is not UNSET:  # never seen
            video.id = UNSET if video.id is None else str(video.id)
    return found


def _video(item: dict[str, Any]) -> Video:
    """What `Video.from_dict` makes of it, sooner where the generated package knows each field."""
    if len(item) == len(_FIELDS):
        try:  # to suppress it takes as long as the rest
            return Video(*_values(item))
        except KeyError:
            pass
    return Video(**item) if _NAMES.issuperset(item) else Video.from_dict(item)


def _unexpected(data: Data, detail: str) -> UnexpectedResponse:
    error = UnexpectedResponse(data.status, detail)
    error.log_id = data.log_id
    return error


class QueryResult(NamedTuple):
    """What ``query_videos`` found: each id once, in the order first asked for.

    ``missing`` are the ids that TikTok left out: unknown, deleted, private or another creator's.
    """

    videos: list[Video]
    missing: list[str]


def query_result(asked: list[list[str]], found: Iterable[list[Video]]) -> QueryResult:
    """The answers in the order asked; TikTok promises none."""
    by_id = {video.id: video for videos in found for video in videos if isinstance(video.id, str)}
    ids = [id for batch in asked for id in batch]
    return QueryResult(
        [by_id[id] for id in ids if id in by_id], [id for id in ids if id not in by_id]
    )


_NOTHING = Had(None, VideoPage([], 0, has_more=True), [])


class _Standing:
    """The page in hand; replaced as a whole, so that no interrupt finds half of it."""

    def __init__(self, left: int | None, had: Had, videos: list[Video]) -> None:
        self.left, self.had = left, had  # left: videos still wanted after it
        self.waiting = deque(videos)  # what of it was not handed out yet
        self.is_cut = len(videos) < len(had.videos)  # whether it holds more than was wanted


class _Position:
    """What both pagers remember, and what they tell their crews."""

    def __init__(self, jobs: Jobs[Reading, VideoPage], history: History, left: int | None) -> None:
        self._jobs, self._history, self._at = jobs, history, _Standing(left, _NOTHING, [])

    @property
    def checkpoint(self) -> int | None:
        """The ``cursor`` (ms) from which a new walk gives all that was not handed out, repeating
        at most the videos of one page; None before the first page of a walk from the newest video
        on. Also on the error that ended a walk. It stays good: what is posted later lies above it.
        """
        at = self._at
        return at.had.asked_from if at.waiting or at.is_cut else self._history.cursor

    @property
    def _is_over(self) -> bool:
        return not self._at.waiting and self._is_read

    @property
    def _is_read(self) -> bool:
        """Whether nothing more is to be asked for."""
        return self._at.left == 0 or self._history.is_over

    @contextmanager
    def _marked(self) -> Iterator[None]:
        """Around a page: an error that ends the walk says where to go on."""
        try:
            yield
        except TikTokError as error:
            error.checkpoint = self.checkpoint
            raise

    def _has_turned(self) -> bool:
        """Whether there is a video in hand, or none any more; an error in its place is raised."""
        history = self._history
        while not self._at.waiting and not self._is_over:
            history.drop(self._at.had)  # where an interrupt kept it from being dropped
            had = history.front()
            if had is None:  # nor does whoever waits keep the videos of the page before
                self._at = _Standing(self._at.left, _NOTHING, [])
                return False
            wanted = had.videos[: self._at.left]
            left = None if self._at.left is None else self._at.left - len(wanted)
            self._at = _Standing(left, had, wanted)
            history.drop(had)
        return True

    def _see_all(self, found: list[Done[Reading, VideoPage]]) -> None:
        for done in found:
            self._see(done)

    def _see(self, done: Done[Reading, VideoPage]) -> bool:
        """Keep a page, and have the next one asked for; whether whoever waits should look."""
        if done.error is None:
            self._history.take(done.job, done.answer)
        else:
            self._history.fail(done.job, done.error)
        self._jobs.forget(done.job)
        self._send()
        return self._history.is_ready

    def _send(self) -> None:
        while reading := self._history.next_reading(self._jobs.jobs, self._at.left):
            self._jobs.start(reading)

    def _handed_out(self) -> Iterator[VideoPage]:
        """The page in hand with what of it was not handed out yet; none if nothing is left."""
        at, videos = self._at, list[Video]()
        with suppress(IndexError):  # one by one, for another thread may be at it
            while True:
                videos.append(at.waiting.popleft())
        if videos:
            yield with_videos(at.had.page, videos)


class VideoPager(_Position):
    """A creator's videos, newest first: an iterator, once through, a page at a time as needed.

    Threads may share it: each video goes to one of them.
    """

    def __init__(
        self,
        fetch: Callable[[dict[str, int], Shift], VideoPage],
        history: History,
        most: int | None = None,
    ) -> None:
        self._crew: Crew[Reading, VideoPage] = Crew(
            lambda reading, shift: fetch(reading.walk.request(), shift)
        )
        super().__init__(self._crew, history, most)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Video:
        while True:
            try:
                return self._at.waiting.popleft()
            except IndexError:
                if self._is_over:
                    raise StopIteration from None
            self._next_page()

    def by_page(self) -> Iterator[VideoPage]:
        """The same walk in pages of 1 to 20 videos, without what an earlier page had."""
        while not self._is_over:
            if not self._at.waiting:
                self._next_page()
            yield from self._handed_out()

    def _next_page(self) -> None:
        with self._crew.turn, self._marked():
            self._see_all(self._crew.done)
            self._send()
            while not self._has_turned():
                self._see_all(self._crew.finished(self._see))
            if self._is_read:
                self._crew.end()


class AsyncVideoPager(_Position):
    """The same for an event loop: ``async for``."""

    def __init__(
        self,
        fetch: Callable[[dict[str, int], Shift], Awaitable[VideoPage]],
        history: History,
        most: int | None = None,
    ) -> None:
        from .crews.tasks import AsyncCrew  # noqa: PLC0415 - nothing that threads need

        self._crew: AsyncCrew[Reading, VideoPage] = AsyncCrew(
            lambda reading, shift: fetch(reading.walk.request(), shift)
        )
        super().__init__(self._crew, history, most)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Video:
        while True:
            try:
                return self._at.waiting.popleft()
            except IndexError:
                if self._is_over:
                    raise StopAsyncIteration from None
            await self._next_page()

    async def by_page(self) -> AsyncIterator[VideoPage]:
        """The same walk in pages of 1 to 20 videos, without what an earlier page had."""
        while not self._is_over:
            if not self._at.waiting:
                await self._next_page()
            for page in self._handed_out():
                yield page

    async def _next_page(self) -> None:
        async with self._crew.turn:
            with self._marked():
                self._see_all(self._crew.done)
                self._send()
                while not self._has_turned():
                    self._see_all(await self._crew.finished(self._see))
                if self._is_read:
                    self._crew.end()
