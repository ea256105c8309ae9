"""What the tables hold of a video."""

from tiktok_display.sync.rows import COUNTERS, DETAILS, day, rows
from tiktok_display_api.models import Video

NOON = 1_793_620_800.9  # 2026-11-02T12:00:00Z


def test_a_video_is_a_row_and_its_counters_are_a_snapshot() -> None:
    video = Video(id="7", create_time=5, title="a", view_count=3, is_aigc=False)
    found = rows("anna", [video], NOON)
    (row,) = found.videos
    assert found.snapshots == [row]
    assert {name for name in row if row[name] is not None} == {
        "video_id", "open_id", "synced_at", "asked_at", "day", "create_time", "title",
        "view_count", "is_aigc",
    }  # fmt: skip
    seen = {"video_id", "open_id", "synced_at", "asked_at", "day"}
    assert set(row) == {*seen, *DETAILS, *COUNTERS}
    assert (row["synced_at"], row["day"]) == (1_793_620_800, "2026-11-02")


def test_without_counters_there_is_no_snapshot() -> None:
    assert rows("anna", [Video(id="7")], NOON).snapshots == []


def test_a_video_without_an_id_has_no_place() -> None:
    assert rows("anna", [Video(title="a")], NOON).videos == []


def test_the_newest_is_the_latest_that_says_when_it_was_posted() -> None:
    videos = [Video(id="1", create_time=5), Video(id="2"), Video(id="3", create_time=9)]
    assert rows("anna", videos, NOON).newest == 9
    assert rows("anna", videos[1:2], NOON).newest is None


def test_days_are_days_in_utc() -> None:
    assert [day(at) for at in (0.0, 86_399.0, 86_400.0)] == ["1970-01-01"] * 2 + ["1970-01-02"]
