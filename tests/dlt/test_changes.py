"""What is read for the warehouse: everything once, and then what has changed."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.dlt.warehouses import cursors, truth
from tests.sync.conftest import KINDS
from tests.sync.office import Office
from tiktok_display import ConfigurationError
from tiktok_display.dlt import mark_loaded, videos_source
from tiktok_display.dlt.changes import Shard, changes, mark
from tiktok_display.dlt.tables import SNAPSHOTS, TABLES, VIDEOS, Table
from tiktok_display.sync import Database
from tiktok_display.sync.roster import planned

HOUR = 3_600
ALL = (0, 1)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of each kind."""
    yield from KINDS[request.param](request)


@pytest.fixture
def database(synced: Office) -> Iterator[Database]:
    with closing(Database(synced.settings.database)) as database:
        yield database


def read(database: Database, table: Table, shard: Shard = ALL, **how: Any) -> list[Any]:
    """The keys of what is read."""
    pages = changes(database, table, shard, **how)
    return [tuple(row[name] for name in table.key) for page in pages for row in page]


def test_everything_is_read_at_first(synced: Office, database: Database) -> None:
    ids = [(id,) for id, _, _ in truth(synced.box)]
    assert sorted(read(database, VIDEOS)) == ids
    assert sorted(key[:1] for key in read(database, SNAPSHOTS)) == ids


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
@pytest.mark.parametrize("some", [1, 2, 7, 19, 1_000])
def test_pages_of_any_size_give_each_row_once(database: Database, table: Table, some: int) -> None:
    assert sorted(read(database, table, some=some)) == sorted(read(database, table))


def test_a_snapshot_is_read_for_each_day(synced: Office, database: Database) -> None:
    synced.box.advance(days=1)
    for creator in synced.box.creators:
        synced.sync(creator)
    days = read(database, SNAPSHOTS, some=2)
    assert len({day for _, day in days}) == 2
    assert len(days) == len(set(days)) > len(truth(synced.box))


def test_after_a_load_only_the_last_hour_comes_again(synced: Office, database: Database) -> None:
    now = int(synced.now())
    for at, expected in ((now + HOUR - 60, len(truth(synced.box))), (now + HOUR + 60, 0)):
        mark(database, ALL, at, some=2)
        assert [len(read(database, table)) for table in TABLES] == [expected] * 2
    assert len(read(database, VIDEOS, full=True)) == len(truth(synced.box))


def test_a_mark_never_goes_back(synced: Office) -> None:
    for at in (5_000.0, 3_000.0):
        mark_loaded(synced.settings, at)
    assert cursors(synced.settings) == {5_000}


def test_what_changes_later_is_read_again(synced: Office, database: Database) -> None:
    creator = synced.box.creators[0]
    first, second = list(creator.videos)[-2:]
    mark(database, ALL, int(synced.now()) + 2 * HOUR)
    with database.transaction() as session:
        later = {"at": synced.now() + 3 * HOUR, "first": first.id, "second": second.id}
        session.run("UPDATE video_snapshots SET synced_at = :at WHERE video_id = :first", later)
        # As a sync does it where TikTok no longer shows a video.
        session.run(
            "UPDATE videos SET asked_at = :at, missing_since = :at WHERE video_id = :second", later
        )
    assert read(database, VIDEOS) == [(second.id,)]
    assert [id for id, _ in read(database, SNAPSHOTS)] == [first.id]


@pytest.mark.parametrize("count", [2, 5])
def test_shards_part_the_creators_as_the_sync_does(
    synced: Office, database: Database, count: int
) -> None:
    everything = list[Any]()
    for number in range(count):
        rows = [row for page in changes(database, VIDEOS, (number, count)) for row in page]
        owners = {row["open_id"] for row in rows}
        in_a_week = synced.now() + 7 * 24 * HOUR
        assert owners <= set(planned(synced.shop, in_a_week, shard=(number, count)))
        everything += rows
    assert len(everything) == len({row["video_id"] for row in everything}) == len(truth(synced.box))


@pytest.mark.parametrize("shard", [(3, 3), (-1, 3), (0, 0)])
def test_a_shard_that_is_none_is_refused(synced: Office, shard: Shard) -> None:
    with pytest.raises(ConfigurationError, match="shard"):
        videos_source(synced.settings, shard=shard)
    with pytest.raises(ConfigurationError, match="shard"):
        mark_loaded(synced.settings, 0.0, shard=shard)
