"""An office's database, loaded into a DuckDB of its own."""

from contextlib import closing
from pathlib import Path
from typing import Any

import dlt
import duckdb

from tests.sync.office import Office
from tiktok_display.dlt import Loaded, load
from tiktok_display.sandbox import Sandbox
from tiktok_display.sync import Database, SyncSettings


class Warehouse:
    """Nothing is synced by a load, and its clock is the sandbox's."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office, self.folder = office, folder
        self.file = folder / "warehouse.duckdb"
        self.pipelines = folder / "pipelines"

    @property
    def destination(self) -> Any:
        return dlt.destinations.duckdb(str(self.file))

    def load(self, **options: Any) -> Loaded:
        given: dict[str, Any] = {
            "destination": self.destination,
            "sync": False,
            "pipelines_dir": str(self.pipelines),
            "clock": self.office.now,
            **options,
        }
        return load(self.office.settings, **given)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What is there."""
        with duckdb.connect(str(self.file), read_only=True) as duck:
            return duck.execute(statement).fetchall()

    def videos(self) -> list[tuple[Any, ...]]:
        """Each video with its creator and a counter, by their ids."""
        return self.rows("SELECT video_id, open_id, view_count FROM tiktok.videos ORDER BY 1")

    def days(self) -> list[tuple[Any, ...]]:
        """The same of the snapshots, with the day."""
        return self.rows(
            "SELECT video_id, open_id, day::text, view_count FROM tiktok.video_snapshots ORDER BY 1"
        )


def truth(box: Sandbox) -> list[tuple[str, str, int]]:
    """What a warehouse must have."""
    return sorted(
        (video.id, creator.open_id, video.view_count)
        for creator in box.creators
        for video in creator.videos
    )


def cursors(settings: SyncSettings) -> set[int | None]:
    """Up to when the creators are loaded."""
    with closing(Database(settings.database)) as database, database.transaction() as session:
        return {at for (at,) in session.rows("SELECT loaded_at FROM creators")}
