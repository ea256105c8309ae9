"""A day of many creators keeps within the quota, in short."""

import tracemalloc
from pathlib import Path

from tests.scale.day import simulated
from tests.scale.million import fill, planned
from tiktok_display.sync import Database


def test_a_day_that_fits_leaves_nobody_out(tmp_path: Path) -> None:
    day = simulated(1_000, 0.1, tmp_path)
    assert (day.over_budget, max(day.left)) == (0, 0)
    assert day.most_a_minute <= 570
    assert day.visits >= 24 * 100
    assert day.late[len(day.late) // 2] <= 3_600


def test_planning_takes_no_more_memory_for_more_creators(tmp_path: Path) -> None:
    peaks = list[int]()
    for count in (4_000, 16_000):
        database = Database(str(tmp_path / f"{count}.db"))
        fill(database, count)
        tracemalloc.start()
        fitting, left = planned(database, quota=3_000)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert (fitting, left) == (3_000, count - 3_000)
    assert peaks[1] < peaks[0] * 1.2
