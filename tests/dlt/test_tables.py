"""What the warehouse's tables hold of a row."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tiktok_display.dlt.tables import SNAPSHOTS, TABLES, VIDEOS, Table
from tiktok_display.sync import Database

SCHEDULING = {"asked_at"}  # of use to the sync alone


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_has_all_columns_that_the_sync_has(table: Table, tmp_path: Path) -> None:
    asked = f"SELECT name FROM pragma_table_info('{table.name}')"
    with Database(str(tmp_path / "videos.db")).transaction() as session:
        names = {name for (name,) in session.rows(asked)}
    assert table.kinds.keys() - {"open_id"} == names - {"open_id"} - SCHEDULING
    assert "open_id" in table.kinds


def test_moments_are_in_utc_and_days_are_days() -> None:
    row = VIDEOS.row(["7", "anna", 1_800_000_000, *[None] * 13, 1_800_000_001, None])
    assert row["create_time"] == datetime(2027, 1, 15, 8, tzinfo=UTC)
    assert row["missing_since"] is None
    for day in ("2026-11-22", date(2026, 11, 22)):  # as SQLite and PostgreSQL have it
        assert SNAPSHOTS.row(["7", "anna", day, 1, 2, 3, 4, 0])["day"] == date(2026, 11, 22)


def test_a_value_that_makes_no_sense_is_null() -> None:
    row = VIDEOS.row(["7", "anna", 10**20, "a title", None, "long", *[None] * 5, 1, *[4] * 6])
    assert (row["create_time"], row["duration"]) == (None, None)
    assert (row["title"], row["is_aigc"]) == ("a title", True)


def test_what_tells_rows_apart_is_always_there() -> None:
    for table in TABLES:
        columns = table.columns
        assert all(columns[name]["nullable"] is False for name in table.key)
        assert columns["view_count"] == {
            "name": "view_count", "data_type": "bigint", "nullable": True,
        }  # fmt: skip
