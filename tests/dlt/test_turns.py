"""The lock: for one at a time, and never longer than its holder lives."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tiktok_display.dlt.turns import turn
from tiktok_display.sync import SyncError


@pytest.fixture(params=["a path", "sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_dsn"))
    return f"{'sqlite:///' if request.param == 'sqlite' else ''}{tmp_path / 'videos.db'}"


def test_one_thing_is_done_by_one_at_a_time(place: str) -> None:
    with turn(place, "tables", 0.0):
        with pytest.raises(SyncError), turn(place, "tables", 0.0):
            pass
        with turn(place, "something else", 0.0):
            pass
    with turn(place, "tables", 0.0):
        pass


def test_it_is_let_go_where_the_work_fails(place: str) -> None:
    with pytest.raises(OSError, match="of the work"), turn(place, "tables", 0.0):
        raise OSError("of the work")
    with turn(place, "tables", 0.0):
        pass


def test_whoever_waits_gets_it_in_the_end(tmp_path: Path) -> None:
    place, held = str(tmp_path / "videos.db"), ExitStack()
    held.enter_context(turn(place, "tables", 0.0))

    def moments() -> Iterator[float]:
        yield from (0.0, 1.0)
        held.close()  # while the other one is waiting
        yield 2.0

    clock = moments()
    with turn(place, "tables", 60.0, lambda: next(clock)):
        assert next(clock, None) is None


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(SyncError, match="unable to open"),
        turn(str(tmp_path / "missing" / "videos.db"), "tables", 60.0),
    ):
        pass
