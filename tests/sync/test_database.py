"""The database: made once, written whole or not at all, and clear about what is wrong with it."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tiktok_display import ConfigurationError, forks
from tiktok_display.sync import Database, SyncError
from tiktok_display.sync.dialects import dialect_of

ADD = "INSERT INTO creators (open_id) VALUES (:open_id)"
NAMES = "SELECT open_id FROM creators ORDER BY open_id"


def names(database: Database) -> list[str]:
    with database.transaction() as session:
        return [name for (name,) in session.rows(NAMES)]


def test_tables_are_made_by_whoever_comes_first(database: str) -> None:
    together = threading.Barrier(8)

    def come(number: int) -> None:
        each = Database(database)
        together.wait(10)
        with each.transaction() as session:
            session.run(ADD, {"open_id": f"creator {number}"})
        each.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(come, range(8)))
    assert len(names(Database(database))) == 8


def test_a_transaction_that_fails_writes_nothing(database: str) -> None:
    there = Database(database)
    with pytest.raises(ZeroDivisionError), there.transaction() as session:
        session.run(ADD, {"open_id": "anna"})
        raise ZeroDivisionError
    assert names(there) == []
    with there.transaction() as session:
        session.run_all(ADD, [{"open_id": "anna"}, {"open_id": "ben"}])
    assert names(there) == ["anna", "ben"]


def test_what_the_database_refuses_is_an_error_of_ours_and_no_end(database: str) -> None:
    there = Database(database)
    with pytest.raises(SyncError) as caught, there.transaction() as session:
        session.run_all(ADD, [{"open_id": "a-secret"}, {"open_id": "a-secret"}])
    assert "a-secret" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert names(there) == []


def test_a_database_of_a_newer_version_is_left_alone(database: str) -> None:
    with Database(database).transaction() as session:
        session.run("UPDATE tiktok_schema SET version = 99")
    with pytest.raises(SyncError, match="newer"):
        names(Database(database))


def test_the_child_of_a_fork_opens_its_own(database: str) -> None:
    there = Database(database)
    with there.transaction() as session:
        session.run(ADD, {"open_id": "anna"})
    before = there._local.held
    forks._renew()  # what runs in the child
    assert names(there) == ["anna"]
    assert there._local.held is not before


def test_a_file_of_something_else_is_told(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, whatever else " * 100)
    with pytest.raises(SyncError, match="not a database"):
        names(Database(str(path)))


@pytest.mark.parametrize("url", ["", "mysql://there", "sqlite://", "a\0b", 7])
def test_places_that_are_none_are_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        Database(url)


def test_what_is_not_installed_is_named() -> None:
    error = dialect_of("postgresql://there", driver="no_such_driver")
    assert "tiktok-display[postgres]" in str(error)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SyncError, match="unable to open"):
        names(Database(f"sqlite:///{tmp_path}/missing/videos.db"))


def test_anybody_can_query_the_file(tmp_path: Path) -> None:
    path = tmp_path / "videos.db"
    names(Database(str(path)))
    with sqlite3.connect(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        assert {name for (name,) in tables} == {
            "creators", "tiktok_schema", "video_snapshots", "videos"
        }  # fmt: skip
    connection.close()


def test_whoever_reads_sees_one_moment_and_keeps_nobody_from_writing(database: str) -> None:
    ours, count = Database(database), "SELECT count(*) FROM creators"
    with ours.transaction() as session:
        session.run(ADD, {"open_id": "anna"})
    with ours.reading() as reader:
        assert list(reader.rows(count)) == [(1,)]
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_add_ben, ours).result()
        assert list(reader.rows(count)) == [(1,)]
    with ours.reading() as reader:
        assert list(reader.rows(count)) == [(2,)]
    ours.close()


def _add_ben(ours: Database) -> None:
    with ours.transaction() as session:
        session.run(ADD, {"open_id": "ben"})


def test_whoever_comes_later_waits_for_no_writer_to_find_the_tables(database: str) -> None:
    ours, theirs = Database(database), Database(database)
    assert names(ours) == []
    with ThreadPoolExecutor(1) as pool, ours.reading() as session:
        assert list(session.rows(NAMES)) == []
        pool.submit(names, theirs).result(timeout=60)  # a lock on a table would last for ever
