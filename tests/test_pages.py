"""Paging: pure, on histories that a page can cut anywhere."""

import asyncio
import sys
import threading
import weakref
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.histories import History, histories, history
from tiktok_display import (
    ALL,
    AsyncVideoPager,
    ConfigurationError,
    PaginationStalled,
    TikTokError,
    TransportError,
    UnexpectedResponse,
    VideoPager,
    pages,
)
from tiktok_display.errors import Data
from tiktok_display.history import History as Reads
from tiktok_display.pages import page_from, query_result, videos_from
from tiktok_display.policies import Shift
from tiktok_display.walks import Walk, walk
from tiktok_display_api.models import Video, VideoField, VideoPage
from tiktok_display_api.types import UNSET

sizes = st.integers(1, 20)


def a_walk(
    *,
    since: int | None = None,
    until: int | None = None,
    cursor: int | None = None,
    page_size: int = 20,
) -> Walk:
    def moment(at: int | None) -> datetime | None:
        return None if at is None else datetime.fromtimestamp(at, UTC)

    return walk(
        since=moment(since),
        until=moment(until),
        cursor=cursor,
        page_size=page_size,
    )


def a_pager(
    fetch: Callable[[dict[str, int]], VideoPage],
    walk: Walk | None = None,
    *,
    workers: int = 1,
    max_items: int | None = None,
) -> VideoPager:
    reads = Reads(walk or a_walk(), workers)
    return VideoPager(lambda request, _: fetch(request), reads, max_items)


def an_async_pager(
    fetch: Callable[[dict[str, int]], VideoPage], walk: Walk | None = None, *, workers: int = 1
) -> AsyncVideoPager:
    async def later(body: dict[str, int], _: Shift) -> VideoPage:
        await asyncio.sleep(0)
        return fetch(body)

    return AsyncVideoPager(later, Reads(walk or a_walk(), workers))


def ids(videos: list[Video]) -> list[object]:
    return [video.id for video in videos]


class Recorder:
    """A history behind a counter, which fails where it is told to."""

    def __init__(self, source: History, failing: frozenset[int] = frozenset()) -> None:
        self.source, self.failing, self.requests = source, failing, list[dict[str, int]]()

    def __call__(self, body: dict[str, int]) -> VideoPage:
        self.requests.append(body)
        assert len(self.requests) < 2000, "an endless loop"
        if len(self.requests) in self.failing:
            raise TransportError("a fault")
        return self.source.page(body)


@given(histories(), sizes)
def test_a_walk_gives_the_whole_history_once_and_in_order(source: History, size: int) -> None:
    fetch = Recorder(source)
    assert ids(list(a_pager(fetch, a_walk(page_size=size)))) == ids(source.shown)
    # One more for each page at most: where a crowded second has to be asked for at full width.
    assert len(fetch.requests) <= 2 + 2 * len(source.videos) // max(1, size - 1)


@given(histories(), sizes)
def test_pages_and_the_asynchronous_pager_give_the_same(source: History, size: int) -> None:
    async def collect() -> tuple[list[Video], list[Video]]:
        one = an_async_pager(Recorder(source), a_walk(page_size=size))
        two = an_async_pager(Recorder(source), a_walk(page_size=size))
        singly = [video async for video in one]
        return singly, [video async for page in two.by_page() for video in page.videos]

    pages = list(a_pager(Recorder(source), a_walk(page_size=size)).by_page())
    assert all(1 <= len(page.videos) <= 20 for page in pages)
    in_pages = [video for page in pages for video in page.videos]
    assert ids(in_pages) == ids(source.shown)
    assert asyncio.run(collect()) == (in_pages, in_pages)


@given(histories(), sizes, st.integers(0, 400), st.integers(0, 400))
def test_bounds_give_what_lies_within_them(
    source: History, size: int, since: int, until: int
) -> None:
    fetch = Recorder(source)
    bounded = a_walk(since=since, until=until, page_size=size)
    within = [v for v in source.shown if since <= v.create_time < until]  # type: ignore[operator]
    assert ids(list(a_pager(fetch, bounded))) == ids(within)
    if since > until or until <= 0:
        assert not fetch.requests


@given(histories(), sizes, st.integers(0, 60))
def test_max_items_is_obeyed_and_nothing_is_asked_for_afterwards(
    source: History, size: int, most: int
) -> None:
    fetch = Recorder(source)
    pager = a_pager(fetch, a_walk(page_size=size), max_items=most)
    assert ids(list(pager)) == ids(source.shown[:most])
    asked = len(fetch.requests)
    assert next(pager, None) is None
    assert len(fetch.requests) == asked
    assert asked > 0 or most == 0


@given(histories(), sizes, st.integers(0, 40), st.frozensets(st.integers(1, 12)))
def test_the_checkpoint_gives_all_the_rest_repeating_at_most_a_page(
    source: History, size: int, stop: int, failing: frozenset[int]
) -> None:
    pager = a_pager(Recorder(source, failing), a_walk(page_size=size))
    handed: list[Video] = []
    try:
        for video in islice(pager, stop):
            handed.append(video)
        checkpoint = pager.checkpoint
    except TransportError as error:
        checkpoint = error.checkpoint
        assert checkpoint == pager.checkpoint
    rest = list(a_pager(Recorder(source), a_walk(cursor=checkpoint, page_size=size)))
    assert set(ids(handed)) | set(ids(rest)) == set(ids(source.shown))
    assert len(set(ids(handed)) & set(ids(rest))) <= 20
    assert len(set(ids(rest))) == len(rest)


@given(histories(), sizes, st.frozensets(st.integers(1, 12)))
def test_a_walk_that_failed_goes_on_where_it_stood(
    source: History, size: int, failing: frozenset[int]
) -> None:
    pager, handed = a_pager(Recorder(source, failing), a_walk(page_size=size)), list[Video]()
    while True:
        try:
            handed.extend([next(pager)])
        except TransportError:
            continue
        except StopIteration:
            break
    assert ids(handed) == ids(source.shown)


def test_nothing_is_asked_for_before_the_first_video() -> None:
    fetch = Recorder(history(5, 4))
    pager = a_pager(fetch, a_walk(page_size=1))
    assert pager.checkpoint is None
    assert not fetch.requests
    assert next(pager).create_time == 5
    assert len(fetch.requests) == 1


def test_the_first_request_has_no_cursor_and_later_ones_reach_to_the_end_of_a_second() -> None:
    fetch = Recorder(history(30, 20, 10))
    assert len(list(a_pager(fetch, a_walk(page_size=2)))) == 3
    assert [body.get("cursor") for body in fetch.requests] == [None, 20_999]
    assert {body["max_count"] for body in fetch.requests} == {2}


def test_an_empty_account_is_an_empty_walk_with_nothing_to_resume() -> None:
    pager = a_pager(Recorder(history()), a_walk())
    assert list(pager) == []
    assert pager.checkpoint is None


def test_pages_that_are_empty_though_there_is_more_are_walked_through() -> None:
    videos = history(*range(100, 0, -1)).videos
    source = History(videos, hidden=frozenset(str(n) for n in range(90)))
    assert ids(list(a_pager(Recorder(source), a_walk(page_size=10)))) == ids(list(videos[90:]))


def test_since_stops_the_walk_as_soon_as_the_order_allows() -> None:
    fetch = Recorder(history(*range(1000, 0, -1)))
    assert len(list(a_pager(fetch, a_walk(since=995, page_size=3)))) == 6
    assert len(fetch.requests) == 3


def test_fractions_of_a_second_are_rounded_up_on_both_bounds() -> None:
    fetch = Recorder(history(12, 11, 10))
    bounded = walk(
        since=datetime.fromtimestamp(10.25, UTC),
        until=datetime.fromtimestamp(11.25, UTC),
        cursor=None,
        page_size=20,
    )
    assert [video.create_time for video in a_pager(fetch, bounded)] == [11]


def test_the_earlier_of_cursor_and_until_wins() -> None:
    assert a_walk(cursor=5000, until=100).cursor == 5000
    assert a_walk(cursor=500_000, until=100).cursor == 99_999


def test_the_walk_asks_for_the_fields_it_goes_by() -> None:
    assert a_walk().needs() == (VideoField.ID,)
    timed = (VideoField.ID, VideoField.CREATE_TIME)
    assert a_walk(since=1).needs() == a_walk(until=1).needs() == a_walk().needs(workers=2) == timed


@pytest.mark.parametrize("cursor", [0, 9_000, 10_000, 10_999])
def test_a_cursor_that_does_not_fall_ends_the_walk_with_an_error(cursor: int) -> None:
    def fetch(body: dict[str, int]) -> VideoPage:
        started = "cursor" in body
        return VideoPage([Video(id="7")], cursor if started else 9_000, has_more=True)

    pager = a_pager(fetch, a_walk())
    assert next(pager).id == "7"
    with pytest.raises(PaginationStalled) as caught:
        next(pager)
    assert caught.value.checkpoint == pager.checkpoint == 9_999


def test_more_videos_in_one_second_than_a_page_holds_are_an_error_not_a_loss() -> None:
    source = history(*[50] * 21, 40)
    for inclusive in (False, True):
        pager = a_pager(Recorder(History(source.videos, inclusive)), a_walk())
        with pytest.raises(PaginationStalled):
            list(pager)


def test_a_raw_cursor_of_the_server_may_be_resumed_from_under_either_meaning() -> None:
    for inclusive in (False, True):
        source = history(50, 50, 50, 40, inclusive=inclusive)
        rest = list(a_pager(Recorder(source), a_walk(cursor=50_000, page_size=1)))
        assert rest[-1].create_time == 40
        assert len(rest) == (4 if inclusive else 1)


def test_a_page_half_handed_out_is_finished_before_the_next() -> None:
    pager = a_pager(Recorder(history(5, 4, 3, 2, 1)), a_walk(page_size=3))
    next(pager)
    pages = pager.by_page()
    assert [video.create_time for video in next(pages).videos] == [4, 3]
    assert pager.checkpoint == 3_999
    assert [[video.create_time for video in page.videos] for page in pages] == [[2, 1]]


def test_an_asynchronous_page_half_handed_out_is_finished_before_the_next() -> None:
    async def collect() -> list[list[object]]:
        pager = an_async_pager(Recorder(history(5, 4, 3, 2, 1)), a_walk(page_size=3))
        await anext(pager)
        return [[video.create_time for video in page.videos] async for page in pager.by_page()]

    assert asyncio.run(collect()) == [[4, 3], [2, 1]]


def test_an_asynchronous_walk_that_fails_says_where_to_go_on() -> None:
    async def collect() -> None:
        source = history(5, 4, 3, 2, 1)
        pager = an_async_pager(Recorder(source, frozenset({2})), a_walk(page_size=2))
        with pytest.raises(TransportError) as caught:
            [video async for video in pager]
        assert caught.value.checkpoint == 4_999

    asyncio.run(collect())


def test_whoever_waits_for_a_page_does_not_keep_the_videos_of_the_one_before() -> None:
    kept, left = list[weakref.ref[Video]](), list[int]()

    def fetch(body: dict[str, int]) -> VideoPage:
        left.append(sum(video() is not None for video in kept))
        top = body["cursor"] // 1000 if "cursor" in body else 100
        page = [Video(id=str(at), create_time=at) for at in range(top, top - 20, -1)]
        kept.extend(map(weakref.ref, page))
        return VideoPage(page, (top - 20) * 1000, has_more=top > 40)

    pager = a_pager(fetch)
    while next(pager, None) is not None:
        pass
    assert left == [0] * 4


def test_a_long_history_is_walked_in_constant_memory() -> None:
    def fetch(body: dict[str, int]) -> VideoPage:
        top = body["cursor"] // 1000 if "cursor" in body else 100_000
        page = [Video(id=str(at), create_time=at) for at in range(top, max(0, top - 20), -1)]
        return VideoPage(page, page[-1].create_time * 1000, has_more=top > 20)  # type: ignore[operator]

    pager, count, kept = a_pager(fetch, a_walk()), 0, 0
    for page in pager.by_page():
        count += len(page.videos)
        (window,) = pager._history._windows
        kept = max(kept, len(window.at.walk.edge) + len(pager._at.waiting))
    assert (count, kept) == (100_000, 20)


@pytest.mark.parametrize(
    "wrong",
    [
        {"page_size": 0},
        {"page_size": 21},
        {"page_size": True},
        {"page_size": "5"},
        {"cursor": 0},
        {"cursor": 1.5},
        {"cursor": 2**63},
        {"since": datetime(2026, 1, 1)},  # noqa: DTZ001 - the point of it
        {"until": "2026-01-01"},
    ],
)
def test_bad_arguments_are_refused_at_once(wrong: dict[str, object]) -> None:
    good = {"since": None, "until": None, "cursor": None, "page_size": 20}
    with pytest.raises(ConfigurationError):
        walk(**{**good, **wrong})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [
        {"videos": [], "cursor": 0},
        {"videos": [], "cursor": 0, "has_more": "no"},
        {"videos": [], "cursor": None, "has_more": True},
        {"videos": [], "cursor": "1", "has_more": True},
        {"videos": {"a": 1}, "cursor": 0, "has_more": False},
        {"videos": ["7"], "cursor": 0, "has_more": False},
    ],
)
def test_data_that_is_no_page_is_an_unexpected_response(data: dict[str, object]) -> None:
    found = Data(data)
    found.status, found.log_id = 503, "L1"
    with pytest.raises(UnexpectedResponse) as caught:
        page_from(found)
    assert (caught.value.status, caught.value.log_id) == (503, "L1")


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
videos = st.dictionaries(st.sampled_from(["id", "create_time", "x"]), values | st.lists(values))
answers = st.fixed_dictionaries(
    {},
    optional={
        "videos": st.lists(videos | values) | values,
        "cursor": values,
        "has_more": values,
    },
)


@given(st.lists(answers, max_size=5), sizes, st.integers(0, 100))
def test_no_answer_whatever_leads_out_of_the_tree(
    said: list[dict[str, object]], size: int, since: int
) -> None:
    script = iter([*said, {"has_more": False}])
    walks = a_walk(page_size=size), a_walk(page_size=size, since=since, until=since + 50)
    for course in walks:
        pager = a_pager(lambda _: page_from(Data(next(script, {}))), course)
        try:
            assert len(list(pager)) <= sum(len(str(answer)) for answer in said)
        except TikTokError as error:
            assert isinstance(error, UnexpectedResponse | PaginationStalled)


def test_a_page_keeps_what_nobody_knows_and_tolerates_null() -> None:
    page = page_from(Data({"videos": None, "cursor": None, "has_more": False, "novel": 1}))
    assert (page.videos, page.cursor, page.additional_properties) == ([], 0, {"novel": 1})
    full = page_from(Data({"videos": [{}, {}], "has_more": False, "novel": 1}))
    (trimmed,) = a_pager(lambda _: full, max_items=1).by_page()
    assert (len(trimmed.videos), trimmed.additional_properties) == (1, {"novel": 1})


def test_a_video_without_id_or_time_is_handed_out_rather_than_lost() -> None:
    page = VideoPage([Video(), Video()], 5_000, has_more=False)
    kept, _ = a_walk(since=1).take(page)
    assert len(kept) == 2


def test_the_answers_of_a_query_come_in_the_order_asked_with_the_missing_named() -> None:
    found = [videos_from(Data({"videos": [{"id": "3"}, {"id": "1"}, {"id": None}, {"id": "9"}]}))]
    result = query_result([["1", "2"], ["3"]], found)
    assert ids(result.videos) == ["1", "3"]
    assert ids(videos_from(Data({"videos": [{"id": 7}]}))) == ["7"]
    assert result.missing == ["2"]


@pytest.mark.parametrize("step", range(1, 60))
def test_an_interrupt_at_any_step_loses_nothing_that_was_not_handed_out(step: int) -> None:
    source, handed, left = history(*range(9, 0, -1)), list[Video](), [step]

    def interrupt(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename == pages.__file__:
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt
        return interrupt

    pager = a_pager(Recorder(source), a_walk(page_size=4))
    before = sys.gettrace()
    sys.settrace(interrupt)
    try:
        handed.extend([next(pager)])
        handed.extend([next(pager)])
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    rest = list(a_pager(Recorder(source), a_walk(cursor=pager.checkpoint)))
    assert set(ids(handed)) | set(ids(rest)) == set(ids(list(source.videos)))


def test_threads_may_share_a_pager_and_each_video_goes_to_one_of_them() -> None:
    source, handed = history(*range(400, 0, -1)), list[Video]()
    pager = a_pager(Recorder(source), a_walk(page_size=7))
    threads = [threading.Thread(target=handed.extend, args=(pager,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ids(handed), key=str) == sorted(ids(source.shown), key=str)


def test_tasks_may_share_a_pager_too() -> None:
    source, handed = history(*range(200, 0, -1)), list[Video]()

    async def run() -> None:
        async def consume() -> None:
            async for video in pager:
                handed.append(video)

        pager = an_async_pager(source.page, a_walk(page_size=7))
        await asyncio.gather(*[consume() for _ in range(4)])

    asyncio.run(run())
    assert sorted(ids(handed), key=str) == sorted(ids(source.shown), key=str)


def test_one_video_out_of_order_does_not_end_a_bounded_walk() -> None:
    pinned = Video(id="pinned", create_time=1)

    def fetch(body: dict[str, int]) -> VideoPage:
        page = history(*range(100, 0, -1)).page(body)
        first = "cursor" not in body
        return VideoPage(
            [pinned, *page.videos] if first else page.videos, page.cursor, page.has_more
        )

    assert len(list(a_pager(fetch, a_walk(since=11)))) == 90


def test_pages_too_go_to_one_of_the_threads_that_share_a_pager() -> None:
    source, taken, interval = history(*range(1, 601)), list[Video](), sys.getswitchinterval()
    pager = a_pager(source.page, workers=8)

    def take() -> None:
        for page in pager.by_page():
            taken.extend(page.videos)

    threads = [threading.Thread(target=take) for _ in range(4)]
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert sorted(ids(taken), key=str) == sorted(ids(list(source.videos)), key=str)


def test_an_id_that_is_null_is_none_and_not_the_same_as_another() -> None:
    data = Data(videos=[{"id": None, "title": "a"}, {"id": None, "title": "b"}, {"id": 7}])
    assert ids(videos_from(data)) == [UNSET, UNSET, "7"]


def test_a_video_is_what_the_generated_package_makes_of_it(sample: Callable[[str], Any]) -> None:
    items = sample("doc_video_list")["data"]["videos"]
    items += [{}, {"id": "1"}, {"id": "2", "novel": {"a": 1}}, {"title": None}]
    items += [dict.fromkeys(ALL, "1"), dict.fromkeys([*ALL[1:], "novel"], "1")]
    assert videos_from(Data(videos=items)) == [Video.from_dict(item) for item in items]
