"""What is counted in memory: never more than the quota in any window, and no less than that."""

from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok_display.limits.windows import Windows

waits = st.lists(st.integers(0, 4_000), max_size=200)  # ms from one caller to the next


def test_there_is_room_until_the_window_is_full() -> None:
    windows = Windows(2, 60.0)
    assert [windows.take("list", at) for at in (0.0, 10.0)] == [0.0, 0.0]
    assert windows.take("list", 20.0) == 40.0
    assert windows.take("list", 60.0) == 0.0
    assert windows.take("list", 60.0) == 10.0


def test_each_name_has_a_window_of_its_own() -> None:
    windows = Windows(1, 60.0)
    assert [windows.take(name, 0.0) for name in ("list", "query")] == [0.0, 0.0]


def test_what_somebody_else_admitted_counts() -> None:
    windows = Windows(2, 60.0)
    for at in (0.0, 1.0, 2.0):
        windows.note("list", at)
    assert windows.take("list", 3.0) == pytest.approx(58.0)  # till the second one is gone


@given(st.integers(1, 9), waits)
def test_no_window_ever_has_more_than_the_quota(most: int, waits: list[int]) -> None:
    windows, now, admitted = Windows(most, 10.0), 0.0, list[float]()
    for wait in waits:
        now += wait / 1000
        if windows.take("list", now) == 0.0:
            admitted.append(now)
    for at in admitted:
        lately = bisect_right(admitted, at) - bisect_right(admitted, at - 10.0)
        assert lately <= most


@given(st.integers(1, 9), waits)
def test_whoever_waits_as_long_as_told_is_admitted(most: int, waits: list[int]) -> None:
    windows, now = Windows(most, 10.0), 0.0
    for wait in waits:
        now += wait / 1000
        if left := windows.take("list", now):
            assert left <= 10.000001
            now += left + 1e-6
            assert windows.take("list", now) == 0.0


def test_names_that_are_quiet_are_forgotten() -> None:
    windows = Windows(1, 60.0)
    for number in range(1_500):
        windows.take(f"creator {number}", number)
    assert len(windows._taken) <= 1_001
    assert windows.take("creator 1499", 1_500) == pytest.approx(59.0)
