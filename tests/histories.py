"""A creator's history, and how TikTok would page through it: a model for the tests of paging."""

from attrs import frozen
from hypothesis import strategies as st

from tiktok_display_api.models import Video, VideoPage


@frozen
class History:
    """Videos, newest first, and what TikTok never said about listing them."""

    videos: tuple[Video, ...]
    inclusive: bool = False  # whether "before the cursor" includes it
    hidden: frozenset[str] = frozenset()  # left out of pages by policy, which makes them short

    def page(self, body: dict[str, int]) -> VideoPage:
        """The answer to a request."""
        start = body.get("cursor")
        older = [video for video in self.videos if start is None or self._is_before(video, start)]
        count = body["max_count"]
        page = older[:count]
        cursor = page[-1].create_time * 1000 if page else 0  # type: ignore[operator]
        shown = [video for video in page if video.id not in self.hidden]
        return VideoPage(videos=shown, cursor=cursor, has_more=len(older) > count)

    def _is_before(self, video: Video, cursor: int) -> bool:
        at = video.create_time * 1000  # type: ignore[operator]
        return at <= cursor if self.inclusive else at < cursor

    @property
    def shown(self) -> list[Video]:
        """What a complete walk gives."""
        return [video for video in self.videos if video.id not in self.hidden]


def history(*moments: int, inclusive: bool = False) -> History:
    """A history of videos posted at these moments (s), in any order."""
    times = sorted(moments, reverse=True)
    return History(tuple(Video(id=str(n), create_time=at) for n, at in enumerate(times)), inclusive)


@st.composite
def histories(draw: st.DrawFn, since: int = 0) -> History:
    """Histories with bursts: up to 19 videos in a second, which is what a cursor can divide. They
    are of the 400 s after ``since``.
    """
    seconds = draw(st.lists(st.tuples(st.integers(1, 400), st.integers(1, 19)), max_size=12))
    crowded = dict(seconds)
    moments = [since + at for at, many in crowded.items() for _ in range(many)]
    videos = history(*moments).videos
    ids = [video.id for video in videos]
    hidden = draw(st.sets(st.sampled_from(ids))) if ids else set()
    return History(videos, draw(st.booleans()), frozenset(hidden))  # type: ignore[arg-type]
