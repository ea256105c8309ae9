"""A load: everything arrives once, whatever happened to the loads before it."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dlt
import duckdb
import psycopg
import pytest
from dlt.destinations.exceptions import DestinationConnectionError

from tests.dlt.warehouses import Warehouse, cursors, truth
from tests.scale.shards import with_a_host
from tests.sync.office import Office
from tiktok_display import ConfigurationError
from tiktok_display.auth.environment import KEY_VARIABLE, SECRET_VARIABLE
from tiktok_display.dlt import load, videos_source
from tiktok_display.dlt.destinations import for_shard, takes_one_writer
from tiktok_display.dlt.library import needed
from tiktok_display.dlt.load import _pipeline
from tiktok_display.dlt.turns import turn
from tiktok_display.sync import SyncError

MOMENTS = "SELECT epoch(create_time), epoch(synced_at), missing_since FROM tiktok.videos ORDER BY 1"
KINDS = """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'tiktok' AND column_name IN ('create_time', 'day', 'view_count', 'is_aigc')
"""


@contextmanager
def app_of(office: Office) -> Iterator[None]:
    """The app's credentials in the environment."""
    app = office.box.app
    os.environ.update({KEY_VARIABLE: app.client_key, SECRET_VARIABLE: app.client_secret})
    try:
        yield
    finally:
        del os.environ[KEY_VARIABLE], os.environ[SECRET_VARIABLE]


def test_everything_arrives_once_however_often_it_is_loaded(warehouse: Warehouse) -> None:
    expected = truth(warehouse.office.box)
    for _ in range(3):
        loaded = warehouse.load()
        assert loaded.rows == {"videos": len(expected), "video_snapshots": len(expected)}
        assert warehouse.videos() == expected
        assert [(id, whose, views) for id, whose, _, views in warehouse.days()] == expected
    assert loaded.synced == {}
    assert not loaded.info.has_failed_jobs


def test_moments_are_timestamps_and_not_seconds(warehouse: Warehouse) -> None:
    warehouse.load()
    kinds = {(table, column): kind for table, column, kind in warehouse.rows(KINDS)}
    assert kinds == {
        ("videos", "create_time"): "TIMESTAMP WITH TIME ZONE",
        ("videos", "is_aigc"): "BOOLEAN",
        ("videos", "view_count"): "BIGINT",
        ("video_snapshots", "day"): "DATE",
        ("video_snapshots", "view_count"): "BIGINT",
    }
    posted = [at for at, _, _ in warehouse.rows(MOMENTS)]
    box = warehouse.office.box
    assert posted == sorted(video.create_time for each in box.creators for video in each.videos)


def test_texts_and_gaps_arrive_as_they_are(warehouse: Warehouse) -> None:
    odd = {"title": "\x01 \\N \"'\n\t,; \u2028 \U0001f600 {}", "video_description": ""}
    set_ = "UPDATE videos SET title = :title, video_description = :video_description, width = NULL"
    with warehouse.office.shop.database.transaction() as session:
        session.run(set_, odd)
    warehouse.load()
    asked = "SELECT DISTINCT title, video_description, width FROM tiktok.videos"
    assert warehouse.rows(asked) == [(*odd.values(), None)]


def test_only_what_has_changed_is_shipped(warehouse: Warehouse) -> None:
    box, office = warehouse.office.box, warehouse.office
    box.advance(hours=2)
    warehouse.load()
    assert warehouse.load().rows == {"videos": 0, "video_snapshots": 0}
    creator = box.creators[0]
    box.add_video(creator)
    office.sync(creator)
    assert 1 <= warehouse.load().rows["videos"] <= 20  # the first page comes again
    assert warehouse.videos() == truth(box)


def test_a_video_that_goes_missing_is_told(warehouse: Warehouse) -> None:
    warehouse.load()
    box, office = warehouse.office.box, warehouse.office
    box.advance(days=40)
    creator = box.creators[0]
    gone = list(creator.videos)[-1]
    box.delete_video(creator, gone.id)
    office.log_in(creator)
    office.sync(creator)
    warehouse.load()
    missing = "SELECT video_id FROM tiktok.videos WHERE missing_since IS NOT NULL"
    assert warehouse.rows(missing) == [(gone.id,)]


def test_a_load_of_nothing_makes_the_tables(office: Office, tmp_path: Path) -> None:
    empty = Warehouse(office, tmp_path)
    assert empty.load().rows == {"videos": 0, "video_snapshots": 0}
    assert (empty.videos(), empty.days()) == ([], [])


def test_a_load_that_fails_can_be_repeated(warehouse: Warehouse) -> None:
    nowhere = dlt.destinations.duckdb(str(warehouse.folder / "missing" / "a.duckdb"))
    with pytest.raises(DestinationConnectionError):
        warehouse.load(destination=nowhere)
    assert cursors(warehouse.office.settings) == {None}
    warehouse.load()
    assert warehouse.videos() == truth(warehouse.office.box)
    (at,) = cursors(warehouse.office.settings)
    assert at is not None


def test_what_a_killed_load_has_left_is_not_loaded(warehouse: Warehouse) -> None:
    folder = str(warehouse.pipelines / "tiktok_0_of_1")
    left = _pipeline(folder, warehouse.destination, "tiktok")
    left.extract([{"video_id": "of another time"}], table_name="videos")
    left.normalize()
    left.extract(videos_source(warehouse.office.settings))
    warehouse.load()
    assert warehouse.videos() == truth(warehouse.office.box)


def test_a_new_destination_can_have_everything(warehouse: Warehouse) -> None:
    warehouse.office.box.advance(hours=2)
    warehouse.load()
    warehouse.file.unlink()
    assert warehouse.load().rows["videos"] == 0
    before = cursors(warehouse.office.settings)
    warehouse.load(full=True)
    assert cursors(warehouse.office.settings) == before  # it may have been another destination
    assert warehouse.videos() == truth(warehouse.office.box)


def test_shards_make_a_whole(warehouse: Warehouse) -> None:
    for number in range(3):
        warehouse.load(shard=(number, 3))
    assert warehouse.videos() == truth(warehouse.office.box)
    given = "SELECT DISTINCT schema_name FROM information_schema.schemata ORDER BY 1"
    names = [name for (name,) in warehouse.rows(given) if name.startswith("tiktok")]
    assert names == ["tiktok", *(f"tiktok_staging_{number}_of_3" for number in range(3))]


@pytest.mark.parametrize("busy", ["load tiktok_0_of_1", "load tables"])
def test_a_load_waits_for_another_but_not_for_ever(warehouse: Warehouse, busy: str) -> None:
    with (
        turn(warehouse.office.settings.database, busy, 0.0),
        pytest.raises(SyncError, match="locked"),
    ):
        warehouse.load(patience=0.0)
    assert cursors(warehouse.office.settings) == {None}


@pytest.mark.parametrize("threads", [None, 2])
def test_whoever_is_due_is_synced_first(
    office: Office, tmp_path: Path, threads: int | None
) -> None:
    warehouse = Warehouse(office, tmp_path)
    with app_of(office), ThreadPoolExecutor(threads) as pool:
        loaded = warehouse.load(sync=True, executor=pool if threads else None)
    assert loaded.synced == {"active": 3}
    assert warehouse.videos() == truth(office.box)


def test_by_its_name_alone_a_duckdb_is_one_file_for_all_shards(warehouse: Warehouse) -> None:
    with chdir(warehouse.folder):
        for number in range(2):
            warehouse.load(destination="duckdb", shard=(number, 2))
        with duckdb.connect("tiktok_display.duckdb", read_only=True) as duck:
            found = duck.execute("SELECT video_id FROM tiktok.videos ORDER BY 1").fetchall()
    assert found == [(id,) for id, _, _ in truth(warehouse.office.box)]


def test_the_callers_dlt_stays_as_it_was(warehouse: Warehouse) -> None:
    mine = dlt.pipeline(
        "mine", pipelines_dir=str(warehouse.pipelines), destination=warehouse.destination
    )
    destination = warehouse.destination
    before = dict(destination.config_params)
    warehouse.load(destination=destination)
    assert destination.config_params == before
    assert dlt.pipeline() is mine


def test_a_pipeline_of_ones_own_can_take_the_source(warehouse: Warehouse) -> None:
    mine = dlt.pipeline(
        "mine",
        pipelines_dir=str(warehouse.pipelines),
        destination=warehouse.destination,
        dataset_name="tiktok",
    )
    mine.config.enable_runtime_trace = False  # or it would tell dlt's makers of this test
    for _ in range(2):
        mine.run(videos_source(warehouse.office.settings))
        assert warehouse.videos() == truth(warehouse.office.box)
    source = videos_source(warehouse.office.settings).with_resources("videos")
    assert {row["video_id"] for row in source} == {id for id, _, _ in truth(warehouse.office.box)}


def test_postgres_takes_several_writers(
    warehouse: Warehouse, postgres_database: str, tmp_path: Path
) -> None:
    address = with_a_host(postgres_database)
    with turn(warehouse.office.settings.database, "load tiktok_1_of_2", 0.0):
        warehouse.load(destination=dlt.destinations.postgres(address), shard=(0, 2))
    warehouse.load(destination=dlt.destinations.postgres(address), shard=(1, 2))
    with psycopg.connect(address) as connection:
        found = connection.execute("SELECT video_id, open_id, view_count FROM tiktok.videos")
        assert sorted(found) == truth(warehouse.office.box)
    secret = urlsplit(address).password
    assert secret
    files = [path.read_bytes() for path in warehouse.pipelines.rglob("*") if path.is_file()]
    assert not any(secret.encode() in file for file in files)


def test_a_destination_without_a_staging_dataset_is_taken_as_it_is() -> None:
    given = dlt.destinations.dummy()
    own = for_shard(given, (0, 2))
    assert own.config_params == given.config_params
    assert not takes_one_writer(own)


def test_what_is_not_installed_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"tiktok-display\[dlt\]"):
        needed("no_such_library")


def test_a_shard_that_is_none_is_refused(office: Office) -> None:
    with pytest.raises(ConfigurationError, match="shard"):
        load(office.settings, shard=(1, 1))


def test_a_destination_that_is_none_is_refused(office: Office) -> None:
    nowhere: Any = None
    with pytest.raises(ConfigurationError, match="destination"):
        load(office.settings, destination=nowhere, sync=False)
