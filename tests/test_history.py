"""Several readers of one history: pure, in any order of events, on a virtual clock."""

import random
from collections.abc import Callable

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.histories import History as Source
from tests.histories import histories, history
from tests.pace import Archive, walked
from tests.shapes import NOW, SHAPES, one_day, seconds
from tiktok_display import TransportError
from tiktok_display.history import History, Reading
from tiktok_display.walks import Walk, walk
from tiktok_display_api.models import Video, VideoPage

NOON = 1_600_000_000
sizes, crews, seeds = st.integers(1, 20), st.integers(2, 8), st.integers(0, 2**32)


def a_walk(page_size: int = 20, **bounds: int | None) -> Walk:
    return walk(since=None, until=None, cursor=None, page_size=page_size)._replace(**bounds)


def ids(videos: list[Video]) -> list[object]:
    return [video.id for video in videos]


class Readers:
    """Readers who take turns at random, meet faults, and see new videos come meanwhile."""

    def __init__(
        self, source: Source, history: History, seed: int, *, is_lively: bool = True
    ) -> None:
        self.source, self.history, self.random = source, history, random.Random(seed)
        self.under_way, self.handed = list[Reading](), list[Video]()
        self.is_lively = is_lively  # with faults, and with videos that are posted meanwhile

    def draw(self, most: int) -> int:
        return self.random.randint(0, most)

    def run(self) -> None:
        """To the end."""
        while not self.history.is_over:
            reading = self.history.next_reading(self.under_way)
            if reading is not None and (not self.under_way or self.draw(2)):
                self.under_way.append(reading)
            else:
                self.answer(self.under_way.pop(self.draw(len(self.under_way) - 1)))
            self.hand_out()

    def answer(self, reading: Reading) -> None:
        if self.is_lively and self.draw(9) == 0:
            self.history.fail(reading, TransportError("a fault"))
            return
        self.history.take(reading, self.source.page(reading.walk.request()))
        if self.is_lively and self.draw(9) == 0:  # posted now, above everything that was
            new = Video(id=f"new {len(self.source.videos)}", create_time=NOON + 10_000)
            self.source = evolve(self.source, videos=(new, *self.source.videos))

    def hand_out(self) -> None:
        try:
            while had := self.history.front():
                self.handed += had.videos
                self.history.drop(had)
        except TransportError:
            assert self.history.cursor is None or self.history.cursor > 0


@given(histories(NOON), sizes, crews, seeds)
def test_several_readers_give_what_one_gives_in_the_same_order(
    source: Source, size: int, workers: int, seed: int
) -> None:
    readers = Readers(source, History(a_walk(size), workers), seed)
    readers.run()
    assert ids(readers.handed) == ids(source.shown)


@given(histories(NOON), sizes, crews, st.integers(0, 400), st.integers(0, 400), seeds)
def test_bounds_hold_for_several_readers_too(  # noqa: PLR0917 - each is drawn
    source: Source, size: int, workers: int, since: int, until: int, seed: int
) -> None:
    since, until = NOON + since, NOON + until
    bounded = a_walk(size, since=since, until=until, cursor=until * 1000 - 1)
    readers = Readers(source, History(bounded._replace(done=since > until), workers), seed)
    readers.run()
    within = [v for v in source.shown if since <= v.create_time < until]  # type: ignore[operator]
    assert ids(readers.handed) == ids(within)


@given(histories(NOON), sizes, crews, st.integers(0, 30), seeds)
def test_the_cursor_gives_all_that_was_not_handed_out_to_one_reader_or_many(
    source: Source, size: int, workers: int, turns: int, seed: int
) -> None:
    first = Readers(source, History(a_walk(size), workers), seed)
    for _ in range(turns):
        if reading := first.history.next_reading(first.under_way):
            first.under_way.append(reading)
        elif first.under_way:
            first.answer(first.under_way.pop(first.draw(len(first.under_way) - 1)))
        first.hand_out()
    cursor = first.history.cursor
    for crew in (1, workers):
        rest = Readers(source, History(a_walk(size, cursor=cursor), crew), seed)
        rest.run()
        assert set(ids(first.handed)) | set(ids(rest.handed)) == set(ids(source.shown))
        assert len(set(ids(first.handed)) & set(ids(rest.handed))) <= 20


def least(shape: Callable[..., list[float]], workers: int) -> float:
    return {8: 7.0 if shape.__name__ == "uniform" else 6.5, 16: 12.5}[workers]


@pytest.mark.parametrize("workers", [8, 16])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("inclusive", [False, True])
def test_eight_readers_are_seven_times_as_fast_for_a_few_requests_more(
    shape: Callable[..., list[float]], workers: int, inclusive: bool
) -> None:
    moments = seconds(shape(random.Random(7), 10_000))
    archive = Archive(moments, inclusive=inclusive)
    one, many = walked(archive.page, a_walk()), walked(archive.page, a_walk(), workers)
    assert ids(many.videos) == ids(one.videos) == ids(archive.videos)
    assert one.rounds / many.rounds >= least(shape, workers)
    more = {8: 0.11 if shape.__name__ == "bursty" else 0.08, 16: 0.2}[workers]
    assert many.requests / one.requests <= 1 + more
    assert many.first == one.first
    assert many.held <= workers * 1_600


def test_fifty_thousand_videos_gain_nearly_eight_times() -> None:
    moments = seconds([NOW - n * 3_700.5 for n in range(50_000)])
    archive = Archive(moments)
    one, many = walked(archive.page, a_walk()), walked(archive.page, a_walk(), 8)
    assert one.rounds / many.rounds >= 7.8
    assert many.requests / one.requests <= 1.02


def test_a_creator_of_one_page_costs_one_request() -> None:
    archive = Archive([NOW - n for n in range(20)])
    assert walked(archive.page, a_walk(), 8).requests == 1


def test_a_busy_day_long_ago_is_found() -> None:
    archive = Archive([at - 3 * 365 * 86_400 for at in seconds(one_day(random.Random(1), 3_000))])
    many = walked(archive.page, a_walk(), 8)
    assert ids(many.videos) == ids(archive.videos)


def test_nothing_is_read_beyond_what_is_wanted() -> None:
    reads, under_way = History(a_walk(), 8), list[Reading]()
    archive = Archive([NOW - n * 60 for n in range(10_000)])
    while reading := reads.next_reading(under_way, 100):
        under_way.append(reading)
    (first,) = under_way
    reads.take(first, archive.page(first.walk.request()))
    under_way.clear()
    while reading := reads.next_reading(under_way, 100):
        under_way.append(reading)
    assert 1 < len(under_way) <= 5
    earliest = min(reading.walk.cursor or 0 for reading in under_way)
    assert earliest > (NOW - 100 * 60) * 1000


def test_an_error_is_told_in_its_turn_and_then_tried_again() -> None:
    reads = History(a_walk(2), 2)
    source = history(*[NOON - n for n in range(100)])
    first = reads.next_reading([])
    assert first is not None
    reads.take(first, source.page(first.walk.request()))
    one = reads.next_reading([])
    assert one is not None
    two = reads.next_reading([one])
    assert two is not None
    reads.fail(two, TransportError("a fault"))
    had = reads.front()
    assert had is not None
    reads.drop(had)
    assert reads.front() is None
    reads.take(one, VideoPage([], (two.window.start or 0) * 1000 - 1_000, has_more=True))
    empty = reads.front()
    assert empty is not None
    reads.drop(empty)
    with pytest.raises(TransportError):
        reads.front()
    again = reads.next_reading([])
    assert again is not None
    assert again.window is two.window


def test_what_is_no_news_any_more_changes_nothing() -> None:
    reads = History(a_walk(), 1)
    reading = reads.next_reading([])
    assert reading is not None
    source = history(*[NOON - n for n in range(100)])
    page = source.page(reading.walk.request())
    reads.take(reading, page)
    reads.take(reading, page)
    reads.fail(reading, TransportError("late"))
    had = reads.front()
    assert had is not None
    reads.drop(had)
    assert reads.front() is None


@given(histories(NOON), sizes, crews, st.sets(st.integers(0, 230), max_size=9), seeds)
def test_a_video_that_does_not_say_when_it_was_posted_comes_once_and_in_its_place(
    source: Source, size: int, workers: int, silent: set[int], seed: int
) -> None:
    class Silent(Source):
        def page(self, body: dict[str, int]) -> VideoPage:
            page = super().page(body)
            shown = [
                Video(id=video.id) if int(str(video.id)) in silent else video
                for video in page.videos
            ]
            return VideoPage(shown, page.cursor, page.has_more)

    silenced = Silent(source.videos, source.inclusive)
    readers = Readers(silenced, History(a_walk(size), workers), seed, is_lively=False)
    readers.run()
    assert ids(readers.handed) == ids(list(source.videos))


def test_a_bound_long_before_there_was_anything_asks_for_no_moment_before_it() -> None:
    archive = Archive([NOON - 86_400 * day for day in range(300)])
    reads, under_way, asked = History(a_walk(since=-(10**11)), 64), list[Reading](), list[int]()
    while not reads.is_over:
        while reading := reads.next_reading(under_way):
            under_way.append(reading)
            asked.append(reading.walk.request().get("cursor", NOON))
        reading = under_way.pop(0)
        reads.take(reading, archive.page(reading.walk.request()))
        while had := reads.front():
            reads.drop(had)
    assert min(asked) > 0
