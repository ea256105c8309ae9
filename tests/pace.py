"""Many readers of one history on a virtual clock: every request takes the same time."""

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import count

from attrs import frozen

from tiktok_display.history import History, Reading
from tiktok_display.walks import Walk
from tiktok_display_api.models import Video, VideoPage


class Archive:
    """A history that answers at once, however long it is."""

    def __init__(self, moments: list[int], *, inclusive: bool = False) -> None:
        ordered = sorted(moments, reverse=True)
        self.videos = [Video(id=str(n), create_time=at) for n, at in enumerate(ordered)]
        self._ages = [-at * 1000 for at in ordered]
        self._inclusive = inclusive

    def page(self, body: dict[str, int]) -> VideoPage:
        """The answer to a request."""
        first = 0
        if "cursor" in body:
            before = body["cursor"] + self._inclusive
            first = bisect_left(self._ages, 1 - before)
        most = body["max_count"]
        videos = self.videos[first : first + most]
        cursor = videos[-1].create_time * 1000 if videos else 0  # type: ignore[operator]
        return VideoPage(videos, cursor, has_more=first + most < len(self.videos))


@frozen
class Report:
    """What a walk took."""

    videos: list[Video]
    requests: int
    rounds: float  # how long it took, where one request takes 1
    first: float  # when the first video was handed out
    held: int  # the most videos that waited


def walked(answer: Callable[[dict[str, int]], VideoPage], walk: Walk, workers: int = 1) -> Report:
    """A whole walk of a caller who takes no time."""
    history, handed = History(walk, workers), list[Video]()
    clock, first, held, numbers = 0.0, 0.0, 0, count()
    under_way: list[tuple[float, int, Reading]] = []
    while not history.is_over:
        while reading := history.next_reading([entry[2] for entry in under_way]):
            heapq.heappush(under_way, (clock + 1, next(numbers), reading))
        clock, _, reading = heapq.heappop(under_way)
        history.take(reading, answer(reading.walk.request()))
        held = max(held, sum(len(had.videos) for w in history._windows for had in w.at.pages))
        for videos in _handed_out(history):
            first = first or clock
            handed += videos
    return Report(handed, next(numbers), clock, first, held)


def _handed_out(history: History) -> Iterator[list[Video]]:
    while had := history.front():
        yield had.videos
        history.drop(had)
