"""How videos grow: what counts as growth, on which day, and that the sums come out."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

import pytest
from attrs import astuple
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sync.archive import Archive, Seen, day, midnight, noon
from tiktok_display.sync.growth import Aside, Counts, Growth, Report, report

LAW = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def archive(database: str) -> Iterator[Archive]:
    archive = Archive(database)
    yield archive
    archive.database.close()


def told(archive: Archive, days: int = 30, creators: int = 20, now: float = 0) -> Report:
    found = report(archive.database, now, days=days, creators=creators)
    assert found is not None
    return found


def views(growth: Growth) -> list[int]:
    """At the beginning, and gained on each day."""
    return [growth.start.views, *(day.gained.views for day in growth.days)]


def test_without_a_snapshot_there_is_nothing_to_tell(archive: Archive) -> None:
    archive.creator("anna")
    assert report(archive.database, 0) is None


def test_a_video_grows_on_the_day_on_which_that_is_seen(archive: Archive) -> None:
    archive.video("anna", "1", {0: 100, 3: 160, 4: 170})
    assert views(told(archive).overall) == [100, 0, 0, 0, 60, 10]
    assert [day.total.views for day in told(archive).overall.days] == [100, 100, 100, 160, 170]


def test_what_was_there_before_its_creator_was_known_begins_with_its_first_count(
    archive: Archive,
) -> None:
    archive.video("anna", "1", {0: 100, 1: 110}, posted=midnight(0) - 1)
    archive.video("anna", "2", {1: 70, 2: 75}, posted=midnight(0) - 1)  # private until then, say
    archive.video("anna", "3", {1: 30})  # nobody knows when it was posted
    assert views(told(archive).overall) == [200, 0, 10, 5]


def test_what_was_posted_since_grows_from_nothing(archive: Archive) -> None:
    archive.video("anna", "1", {0: (100, 10, 5, 1), 1: (110, 12, 5, 1)}, posted=midnight(0))
    archive.video("anna", "2", {1: (70, 7, 4, 2)}, posted=noon(1))
    found = told(archive).overall
    assert found.start == Counts()
    assert found.days[0].gained == Counts(1, 100, 10, 5, 1)
    assert found.days[1].gained == Counts(1, 80, 9, 4, 2)
    assert found.end == found.gained == Counts(2, 180, 19, 9, 3)


def test_each_creator_has_a_beginning_of_their_own(archive: Archive) -> None:
    archive.video("anna", "1", {0: 100})
    archive.video("ben", "2", {2: 50, 3: 51}, posted=noon(1))
    archive.video("ben", "3", {3: 7}, posted=noon(2))
    assert views(told(archive).overall) == [150, 0, 0, 0, 8]


def test_a_count_that_shrinks_is_a_loss(archive: Archive) -> None:
    archive.video("anna", "1", {0: 100, 1: 90, 2: 95})
    assert views(told(archive).overall) == [100, 0, -10, 5]


def test_a_count_that_is_left_out_stays_as_it_was(archive: Archive) -> None:
    archive.video("anna", "1", {0: (100, None, 1, 1), 1: (None, 8, 2, 1), 2: (130, 9, 2, 1)})
    found = told(archive).overall
    assert views(found) == [100, 0, 0, 30]
    assert [found.start.likes, *(day.gained.likes for day in found.days)] == [8, 0, 0, 1]


def test_a_period_begins_with_what_was_gained_before(archive: Archive) -> None:
    archive.video("anna", "1", {0: 100, 1: 120, 2: 150, 5: 200})
    assert views(told(archive, days=2).overall) == [150, 0, 50]
    assert views(told(archive, days=1).overall) == [150, 50]


def test_a_period_is_as_long_as_there_are_snapshots(archive: Archive) -> None:
    archive.video("anna", "1", {2: 100, 9: 120})
    assert (told(archive, days=100).first, told(archive, days=100).last) == (day(2), day(9))
    assert (told(archive, days=3).first, told(archive, days=3).last) == (day(7), day(9))


def test_those_who_gained_most_come_first_and_no_others(archive: Archive) -> None:
    for number, open_id in enumerate("abcde"):
        archive.video(open_id, open_id, {0: 1_000 - number, 1: 1_000 + 10 * number})
    archive.video("f", "f", {0: 5})  # not seen again
    found = told(archive, creators=3)
    assert [growth.open_id for growth in found.creators] == ["e", "d", "c"]
    assert [views(growth) for growth in found.creators] == [
        [996, 0, 44],
        [997, 0, 33],
        [998, 0, 22],
    ]
    assert views(found.overall) == [4_995, 0, 110]
    assert [growth.open_id for growth in told(archive).creators] == ["e", "d", "c", "b", "a", "f"]


def test_the_ten_videos_that_gained_most_views_are_named(archive: Archive) -> None:
    for number in range(12):
        archive.video(
            "anna", f"v{number:02}", {0: 5, 1: 5 + number, 2: 6 + number}, title="A title"
        )
    archive.video("anna", "loses", {0: 5, 2: 1})
    archive.video("ben", "new", {2: 8}, posted=noon(2), share_url="https://www.tiktok.com/@ben/1")
    archive.video("ben", "silent", {0: 9, 2: 9})
    found = told(archive).videos
    assert [video.gained for video in found] == [12, 11, 10, 9, 8, 8, 7, 6, 5, 4]
    assert [video.views for video in found[:2]] == [17, 16]
    assert {video.title for video in found if video.open_id == "anna"} == {"A title"}
    (new,) = [video for video in found if video.open_id == "ben"]
    assert (new.video_id, new.title, new.views) == ("new", None, 8)
    assert new.share_url == "https://www.tiktok.com/@ben/1"
    gained = [video.gained for video in told(archive, days=1).videos]
    assert gained == [8, 1, 1, 1, 1, 1, 1, 1, 1, 1]


def test_whoever_is_set_aside_or_late_is_counted(archive: Archive) -> None:
    archive.video("anna", "1", {0: 1, 4: 2})
    archive.creator("anna", synced=4)
    archive.creator("ben", synced=2)
    archive.creator("carla")
    for number in range(25):
        archive.creator(f"gone {number:02}", synced=0, aside=f"reason {number}")
    found = told(archive, now=noon(4) + 1)
    assert (found.known, found.set_aside, found.late) == (28, 25, 2)
    assert len(found.aside) == 20
    assert found.aside[3] == Aside("gone 03", "reason 3")
    assert found.synced_at == datetime(2026, 11, 5, 12, tzinfo=UTC)


class Video(NamedTuple):
    """Of any creator, with any snapshots."""

    open_id: str
    posted: int | None
    snapshots: dict[int, Seen]


COUNT = st.none() | st.integers(0, 1_000)
VIDEOS = st.lists(
    st.builds(
        Video,
        st.sampled_from(["anna", "ben", "carla"]),
        st.none() | st.integers(midnight(-3), midnight(12)),
        st.dictionaries(st.integers(0, 9), st.tuples(COUNT, COUNT, COUNT, COUNT), min_size=1),
    ),
    min_size=1,
    max_size=8,
)
DAYS = st.integers(1, 11)


def put(archive: Archive, videos: list[Video]) -> None:
    archive.clear()
    for number, video in enumerate(videos):
        archive.video(video.open_id, f"{number}", video.snapshots, posted=video.posted)


@LAW
@given(VIDEOS, DAYS)
def test_what_creators_have_and_gain_is_what_all_have_and_gain(
    archive: Archive, videos: list[Video], days: int
) -> None:
    put(archive, videos)
    found = told(archive, days)
    everybody = (found.overall, *found.creators)
    assert {growth.open_id for growth in found.creators} == {video.open_id for video in videos}
    assert sum((growth.start for growth in found.creators), Counts()) == found.overall.start
    assert sum((growth.gained for growth in found.creators), Counts()) == found.overall.gained
    for number, each in enumerate(found.overall.days):
        assert (
            sum((growth.days[number].gained for growth in found.creators), Counts()) == each.gained
        )
    for growth in everybody:
        gained = sum((each.gained for each in growth.days), Counts())
        assert growth.start + gained == growth.start + growth.gained == growth.end


@LAW
@given(VIDEOS, DAYS)
def test_it_is_what_one_finds_by_going_through_all_snapshots(
    archive: Archive, videos: list[Video], days: int
) -> None:
    put(archive, videos)
    found = told(archive, days)
    for growth in found.creators:
        own = [video for video in videos if video.open_id == growth.open_id]
        assert list(astuple(growth.end)) == at_the_end(own)
        gains = gained_from(own, found.first)
        assert {each.day: astuple(each.gained)[1:] for each in growth.days} == {
            each.day: tuple(gains[each.day, counter] for counter in range(4))
            for each in growth.days
        }


def at_the_end(videos: list[Video]) -> list[int]:
    """How many there are, and the last known counts of all of them."""
    known = [len(videos), 0, 0, 0, 0]
    for video in videos:
        for counter in range(4):
            counts = [video.snapshots[at][counter] for at in sorted(video.snapshots)]
            known[counter + 1] += ([count for count in counts if count is not None] or [0])[-1]
    return known


def gained_from(videos: list[Video], first: date) -> Counter[tuple[date, int]]:
    """What one creator's videos gained, by day and counter."""
    gains = Counter[tuple[date, int]]()
    began = min(min(video.snapshots) for video in videos)
    for video in videos:
        is_new = video.posted is not None and video.posted >= midnight(began)
        before: list[int | None] = [0 if is_new else None] * 4
        for at in sorted(video.snapshots):
            for counter, count in enumerate(video.snapshots[at]):
                if count is not None:
                    old = before[counter]
                    gains[day(at), counter] += 0 if old is None else count - old
                    before[counter] = count
    return Counter({key: count for key, count in gains.items() if key[0] >= first})
