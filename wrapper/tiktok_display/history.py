"""One creator's history, read by one or several workers: who reads what next, and what is handed
out. Pure: nothing here sends, waits or looks at a clock.

A cursor may be any moment, so a history can be cut into windows of time, each read from its newest
end by a `Walk` of its own. It begins as one window. Whoever is idle takes over the older half of
the one that promises most, judged by how densely its videos lay lately. Windows begin and
end with whole seconds, so that each video lies in one of them; what a page has from beyond its
window is not taken. Pages are handed out from the newest window on, as a single reader would.
"""

from collections.abc import Collection

from tiktok_display_api.models import Video, VideoPage

from .arguments import MOST
from .walks import Walk

_AHEAD = 2_500  # videos that each worker may be ahead of the caller: what is had waits in memory
_WORTH = 2 * MOST  # videos that a window must promise to be shared: fewer are had as fast alone
_DAWN = (
    1_388_534_400  # 2014, where a history that is open below is taken to begin, and only for that
)


class Had:
    """A page as it was had: what of it is new, and the cursor (ms) that gives it again."""

    def __init__(self, asked_from: int | None, page: VideoPage, videos: list[Video]) -> None:
        self.asked_from, self.page, self.videos = asked_from, page, videos


class _Standing:
    """Where a window stands; replaced as a whole, so that no interrupt finds half of it."""

    def __init__(self, walk: Walk, pages: tuple[Had, ...] = ()) -> None:
        self.walk, self.pages = walk, pages  # those that were not handed out yet
        self.held = sum(len(had.videos) for had in pages)  # asked for more often than it changes


class Window:
    """A stretch of a history, down to where the next one begins."""

    def __init__(self, walk: Walk, start: int | None) -> None:
        self.at = _Standing(walk)
        self.start = start  # s; its videos are from before
        self.density = 0.0  # videos a second, lately
        self.error: BaseException | None = None  # what its reader met, until it is told

    @property
    def top(self) -> int | None:
        """The second (exclusive) that its reader has come down to, once that is known."""
        cursor = self.at.walk.cursor
        return None if cursor is None else cursor // 1000 + 1


class Reading:
    """A page of a window that is being asked for."""

    def __init__(self, window: Window, walk: Walk) -> None:
        self.window, self.walk = window, walk


class History:
    """What is known of a history, and what to ask for."""

    def __init__(self, walk: Walk, workers: int = 1) -> None:
        self._windows = [Window(walk, None)]
        self._base, self._workers = walk, workers
        self._nothing_below = walk.since  # s, exclusive
        self._lost = set[object]()  # ids of videos that do not say when they were posted
        self._videos, self._seconds = 0, 0  # had so far, and how long it took to post them

    def next_reading(
        self, readings: Collection[Reading], wanted: int | None = None
    ) -> Reading | None:
        """What to ask for now, beside what is being asked for; None for nothing.

        ``wanted`` is how many videos are to be handed out yet: beyond them nothing is read.
        """
        if len(readings) >= self._workers:
            return None
        reach = self._workers * _AHEAD if wanted is None else min(wanted, self._workers * _AHEAD)
        busy = [reading.window for reading in readings]
        ahead, most, best, part = 0.0, float(_WORTH), None, 1.0
        for index, window in enumerate(self._windows):
            ahead += window.at.held
            if window.error is not None or ahead >= reach:
                break
            if self._is_over(window):
                continue
            if window not in busy:
                return Reading(window, window.at.walk)
            promised = self._density(window) * self._length(index)
            share = min(promised, reach - ahead)
            if share >= most:
                most, best, part = share, index, share / promised
            ahead += self._mean * self._length(index)
        return None if best is None else self._split(best, part)

    def take(self, reading: Reading, page: VideoPage) -> None:
        """A page that was asked for. One that is no news any more changes nothing."""
        window, asked = reading.window, reading.walk
        front = self._front_window()
        while self._windows[0] is not front:
            del self._windows[0]
        if not self._is_news(reading):
            return
        bottom, walk = self._bottom(self._windows.index(window)), window.at.walk
        videos, walk = (walk if walk.since == bottom else walk._replace(since=bottom)).take(page)
        had = Had(asked.cursor, page, self._without_doubles(videos))
        self._learn(window, asked, page)
        window.at = _Standing(walk, (*window.at.pages, had))
        if not page.has_more:
            self._nothing_below = max(self._nothing_below or 0, _oldest(page, asked) or 0)

    def _without_doubles(self, videos: list[Video]) -> list[Video]:
        """Of videos without a moment, which two windows may take to be theirs, each once."""
        if self._workers == 1 or all(isinstance(video.create_time, int) for video in videos):
            return videos
        lost = [video for video in videos if not isinstance(video.create_time, int)]
        doubles = [video for video in lost if video.id in self._lost]
        self._lost.update(video.id for video in lost if isinstance(video.id, str))
        return [video for video in videos if video not in doubles]

    def fail(self, reading: Reading, error: BaseException) -> None:
        """Why a page could not be had. It is told in its turn; nothing older is read till then."""
        if self._is_news(reading):
            reading.window.error = error

    def front(self) -> Had | None:
        """The page that is next to be handed out; the error that stands in its place is raised."""
        window = self._front_window()
        if window.at.pages:
            return window.at.pages[0]
        if window.error is not None:
            error, window.error = window.error, None
            raise error
        return None

    def drop(self, had: Had) -> None:
        """Forget a page that was handed out."""
        window = self._front_window()
        if window.at.pages and window.at.pages[0] is had:
            window.at = _Standing(window.at.walk, window.at.pages[1:])

    @property
    def cursor(self) -> int | None:
        """The cursor (ms) that gives all that was not handed out."""
        window = self._front_window()
        return window.at.pages[0].asked_from if window.at.pages else window.at.walk.cursor

    @property
    def is_ready(self) -> bool:
        """Whether there is a page to be handed out, an error to be told, or nothing left."""
        window = self._front_window()
        return bool(window.at.pages) or window.error is not None or self._is_over(window)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to hand out."""
        window = self._front_window()
        return not window.at.pages and self._is_over(window)

    def _front_window(self) -> Window:
        """The newest window that is not done with; the last one, if all are."""
        first = self._windows[0]
        if first.at.pages or not self._is_over(first):
            return first  # as nearly always
        for window in tuple(self._windows):  # another thread may be at it
            if window.at.pages or not self._is_over(window):
                return window
        return self._windows[-1]

    def _is_over(self, window: Window) -> bool:
        """Whether nothing of it is left to read."""
        if window.at.walk.done:
            return True
        if window.start is None or self._nothing_below is None:
            return False
        return window.start <= self._nothing_below

    def _is_news(self, reading: Reading) -> bool:
        window, asked, now = reading.window, reading.walk, reading.window.at.walk
        stands = (now.cursor, now.amount) == (asked.cursor, asked.amount)
        return stands and window in self._windows and not self._is_over(window)

    def _bottom(self, index: int) -> int | None:
        """The second (inclusive) that a window ends with."""
        below = self._windows[index + 1 : index + 2]
        return below[0].start if below else self._base.since

    def _length(self, index: int) -> int:
        """The seconds of a window that were not read yet; 0 before its first page."""
        top, bottom = self._windows[index].top, self._bottom(index)
        return 0 if top is None else max(0, top - max(bottom or 0, _DAWN))

    def _density(self, window: Window) -> float:
        """Videos a second that the rest of a window promises: nearly as many as its reader saw
        lately, but what is crowded seldom is so all the way down. The power was found by trial, on
        the shapes of the tests.
        """
        return float((window.density or self._mean) ** 0.9 * self._mean**0.1)

    @property
    def _mean(self) -> float:
        return self._videos / self._seconds if self._seconds else 0.0

    def _learn(self, window: Window, asked: Walk, page: VideoPage) -> None:
        """How densely videos lie: from where the page was asked for to where it ended."""
        newest = page.videos[0].create_time if page.videos else None
        top = newest if asked.cursor is None else asked.cursor // 1000
        low = page.cursor // 1000 if page.has_more else _oldest(page, asked)
        if not isinstance(top, int) or low is None:
            return
        seconds = max(1, top - low)
        density = len(page.videos) / seconds
        window.density = (window.density + density) / 2 if window.density else density
        self._videos += len(page.videos)
        self._seconds += seconds

    def _split(self, index: int, part: float) -> Reading:
        """Of a new window: the older half of the newest ``part`` of one, and all that is below. It
        promises 40 videos, of which a page shows 20 a second at most, so it lasts two seconds.
        """
        top = self._windows[index].top or 0
        middle = top - max(1, int(self._length(index) * part / 2))
        walk = self._base._replace(cursor=middle * 1000 - 1, until=middle)
        lower = Window(walk, middle)
        self._windows.insert(index + 1, lower)
        return Reading(lower, walk)


def _oldest(page: VideoPage, asked: Walk) -> int | None:
    """The second of the oldest video, as far as known, or where an empty page was asked from."""
    times = [video.create_time for video in page.videos if isinstance(video.create_time, int)]
    if times or page.videos:
        return min(times, default=None)
    return None if asked.cursor is None else asked.cursor // 1000
