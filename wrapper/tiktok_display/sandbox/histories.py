"""A creator's history: a million videos in sixteen bytes each, composed when looked at."""

import random
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from operator import neg
from typing import overload

from .clock import START
from .seeds import stream
from .videos import SandboxVideo, compose

_SPAN = 6 * 365 * 86_400
_DAY = 86_400


class History(Sequence[SandboxVideo]):
    """The truth about a creator's videos, newest first; it changes as videos come and go.

    Videos of one second stay in the order in which they were given. Looking at a place takes
    logarithmic time at most, whatever the length.

    Args:
        videos: in any order.
        composer: makes up the video with a given id, for ids added without one.
    """

    def __init__(
        self,
        videos: Iterable[SandboxVideo] = (),
        *,
        composer: Callable[[int], SandboxVideo] | None = None,
    ) -> None:
        given = sorted(videos, key=lambda video: -video.create_time)
        self._given = {int(video.id): video for video in given}
        if len(self._given) != len(given):
            raise ValueError("two videos of one history have the same id")
        self._ids = array("Q", (int(video.id) for video in given))
        self._times = array("q", (video.create_time for video in given))
        self._composer = composer
        self._made = 0

    @classmethod
    def of_ids(
        cls, ids: Iterable[int], composer: Callable[[int], SandboxVideo], salt: int = 0
    ) -> "History":
        """A history of ids alone, newest first, whose upper bits are the time (see ``new_id``).
        Those made up later have salts from this one on.
        """
        made = cls(composer=composer)
        made._made = salt
        made._ids = array("Q", ids)
        made._times = array("q", (video_id >> 32 for video_id in made._ids))
        return made

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, index: int) -> SandboxVideo: ...
    @overload
    def __getitem__(self, index: slice) -> list[SandboxVideo]: ...
    def __getitem__(self, index: int | slice) -> SandboxVideo | list[SandboxVideo]:
        if isinstance(index, slice):
            return [self._video(video_id) for video_id in self._ids[index]]
        return self._video(self._ids[index])

    def _video(self, video_id: int) -> SandboxVideo:
        if self._composer is None or video_id in self._given:
            return self._given[video_id]
        return self._composer(video_id)

    def since(self, second: int) -> int:
        """How many videos are newer than ``second`` (s, UTC): where the others begin."""
        return bisect_left(self._times, -second, key=neg)

    def find(self, video_id: str) -> SandboxVideo | None:
        """The video with this id, if it is there."""
        if not (video_id.isascii() and video_id.isdigit()) or len(video_id) > 20:
            return None
        number = int(video_id)
        place = self._place(number)
        found = None if place is None else self[place]
        return found if found is not None and found.id == video_id else None

    def _place(self, number: int) -> int | None:
        second = self._given[number].create_time if number in self._given else number >> 32
        start, end = self.since(second), bisect_right(self._times, -second, key=neg)
        return next((i for i in range(start, end) if self._ids[i] == number), None)

    def add(self, video: SandboxVideo) -> None:
        """Puts a video in its place, before the others of its second."""
        number = int(video.id)
        if self._place(number) is not None:
            raise ValueError("this history has a video with that id already")
        place = self.since(video.create_time)
        self._given[number] = video
        self._ids.insert(place, number)
        self._times.insert(place, video.create_time)

    def remove(self, video_id: str) -> None:
        """Takes a video out; ``KeyError`` if it is not there."""
        number = int(video_id)
        place = self._place(number)
        if place is None:
            raise KeyError(video_id)
        del self._ids[place], self._times[place]
        self._given.pop(number, None)

    def new(self, second: int) -> SandboxVideo:
        """Makes up a video posted at that second (s, UTC) and puts it in its place.

        ``ValueError`` where the history was given video by video, and so cannot make one up.
        """
        if self._composer is None:
            raise ValueError("this history was given video by video: say which video to add")
        self._made += 1
        video = self._composer(new_id(second, rank=0, salt=self._made))
        self.add(video)
        return video


def new_id(second: int, *, rank: int, salt: int) -> int:
    """An id like TikTok's: the time in the upper bits, so it grows with the time; 19 digits.

    ``rank`` (0 to 31) orders the videos of one second, ``salt`` tells apart those of one rank.
    """
    return second << 32 | (rank & 31) << 27 | salt % (1 << 27)


def history(
    seed: int = 7,
    count: int = 57,
    *,
    now: datetime = START,
    handle: str = "sandbox_creator",
    client_key: str = "sandbox",
) -> History:
    """A history that looks real: pauses of days, bursts within minutes, several videos in one
    second, at the edges of pages too. The same arguments always give the same history.

    ``count`` videos reach back from ``now`` over at most six years, so a large history is dense.
    """
    if count < 0:
        raise ValueError("the number of videos must be at least 0")
    rng = stream("history", seed)
    signed = int(now.timestamp())
    mean = min(1.2 * _DAY, _SPAN / (count + 1))

    def ids() -> Iterable[int]:
        second, rank = signed - 1 - rng.randrange(_DAY), 31
        for index in range(count):
            # Every other edge of the usual page sizes, 10 and 20, falls into a second.
            if index % 40 == 20 or (index and rank > 29 and rng.random() < 0.08):
                rank -= 1
            elif index:
                second -= 1 + _pause(rng, mean)
                rank = 31
            yield new_id(second, rank=rank, salt=rng.getrandbits(27))

    # A cache for those who read the same page again and again.
    @lru_cache(maxsize=4_096)
    def composer(video_id: int) -> SandboxVideo:
        return compose(seed, video_id, handle=handle, client_key=client_key, now=signed)

    # Another history has another salt: two creators may post in the same second.
    return History.of_ids(ids(), composer, stream("posted", seed).getrandbits(26))


def _pause(rng: random.Random, mean: float) -> int:
    """How long a creator waits before the next video (s): often long, in bursts short."""
    burst = rng.random() < 0.4
    return int(rng.expovariate(1.0) * (mean / 100 if burst else mean * 1.6))
