"""How often a video is looked at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok_display.sync.cadence import DAY, HOUR, Seen, interval, lookups, next_visit

NOW = 1_800_000_000

moments = st.integers(NOW - 200 * DAY, NOW)


@st.composite
def histories(draw: st.DrawFn) -> list[Seen]:
    """A creator's videos, each last asked about after it was posted."""
    posted = draw(st.lists(st.none() | moments, max_size=120))
    return [
        Seen(str(n), at, draw(st.integers(NOW - 200 * DAY if at is None else at, NOW)))
        for n, at in enumerate(posted)
    ]


@pytest.mark.parametrize(
    ("age", "every"),
    [
        (-5, HOUR),
        (0, HOUR),
        (DAY - 1, HOUR),
        (DAY, 6 * HOUR),
        (7 * DAY - 1, 6 * HOUR),
        (7 * DAY, DAY),
        (30 * DAY, 7 * DAY),
        (90 * DAY, 30 * DAY),
        (4_000 * DAY, 30 * DAY),
    ],
)
def test_the_older_the_rarer(age: int, every: int) -> None:
    assert interval(age) == every


def test_a_creator_without_videos_is_visited_daily() -> None:
    visit = next_visit([], NOW)
    assert (visit.due_at - NOW, visit.lookups) == (int(DAY * 0.9), 0)


@pytest.mark.parametrize(
    ("age", "every"), [(HOUR, HOUR), (2 * DAY, 6 * HOUR), (8 * DAY, DAY), (400 * DAY, DAY)]
)
def test_the_newest_video_says_when_to_come_again(age: int, every: int) -> None:
    seen = [Seen("old", NOW - 500 * DAY, NOW), Seen("new", NOW - age, NOW)]
    assert next_visit(seen, NOW).due_at == NOW + int(every * 0.9)


def test_who_comes_by_a_clock_does_not_come_too_soon() -> None:
    seen = [Seen("1", NOW - DAY // 2, NOW)]
    assert next_visit(seen, NOW).due_at < NOW + HOUR - 300


@given(histories())
def test_look_ups_are_full_twenties_with_all_that_is_due_and_nothing_just_seen(
    seen: list[Seen],
) -> None:
    ids = lookups(seen, NOW)
    others = [each for each in seen if each.asked_at < NOW]
    assert len(ids) == len({*ids})
    assert len(ids) % 20 == 0 or len(ids) == len(others)
    assert {*ids} <= {each.video_id for each in others}
    # Never asked about since twice the longest interval: certainly due.
    assert {each.video_id for each in others if each.asked_at < NOW - 60 * DAY} <= {*ids}


@given(histories())
def test_nothing_is_due_twice_in_one_visit(seen: list[Seen]) -> None:
    asked = {*lookups(seen, NOW)}
    again = [each._replace(asked_at=NOW) if each.video_id in asked else each for each in seen]
    assert lookups(again, NOW) == [] or len(asked) == 0
    assert lookups(again, NOW) == lookups([s for s in again if s.video_id not in asked], NOW)


@given(histories())
def test_the_next_visit_takes_as_many_look_ups_as_were_expected_or_fewer(seen: list[Seen]) -> None:
    visit = next_visit(seen, NOW)
    newest_first = sorted(seen, key=lambda each: each.create_time or 0, reverse=True)
    then = visit.due_at
    listed = {each.video_id for each in newest_first[:20]}
    at_the_visit = [
        each._replace(asked_at=then) if each.video_id in listed else each for each in seen
    ]
    assert len(lookups(at_the_visit, then)) <= 20 * visit.lookups


def test_the_longest_overdue_comes_first() -> None:
    seen = [Seen(str(days), NOW - 400 * DAY, NOW - days * DAY) for days in range(30, 100)]
    assert lookups(seen, NOW)[:2] == ["99", "98"]
