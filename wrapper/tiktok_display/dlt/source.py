"""The source, for dlt's own pipelines and ours."""

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from ..sync import Database, SyncSettings
from ..sync.shards import Shard, checked
from .changes import changes, mark
from .library import needed
from .tables import TABLES, Table

if TYPE_CHECKING:
    from dlt.extract import DltResource, DltSource

NAME = "tiktok"


def videos_source(
    settings: SyncSettings, *, shard: Shard = (0, 1), full: bool = False
) -> "DltSource":
    """The resources ``videos`` and ``video_snapshots``: what a sync has written since the moment
    that `mark_loaded` was told last, and an hour before it. Both merge by their keys, so what comes
    twice is there once. dlt's state is not used.

    Args:
        settings: where the database of the sync is; nothing else of it is needed.
        shard: ``(i, n)``: only every n-th creator, as `due_creators` parts them.
        full: everything, for a destination that is new.

    Raises:
        ConfigurationError: the extra ``[dlt]`` is missing, or there is no such shard.
        SyncError: from the pipeline, as the cause of its error: the database cannot be read.
    """
    needed()
    import dlt  # noqa: PLC0415 - an extra

    checked(shard)

    @dlt.source(name=NAME, max_table_nesting=0)
    def tiktok() -> "Iterator[DltResource]":
        for table in TABLES:
            yield _resource(settings, table, shard, full=full)

    return tiktok()


def mark_loaded(settings: SyncSettings, at: float, *, shard: Shard = (0, 1)) -> None:
    """Have `videos_source` begin there the next time. `load` does it by itself.

    Args:
        settings: where the database of the sync is.
        at: the moment (Unix s) before the pipeline began to run; it has succeeded meanwhile.
        shard: that of the source.

    Raises:
        SyncError: the database cannot be written.
        ConfigurationError: there is no such shard.
    """
    with closing(Database(settings.database)) as database:
        mark(database, checked(shard), int(at))


def _resource(settings: SyncSettings, table: Table, shard: Shard, *, full: bool) -> "DltResource":
    import dlt  # noqa: PLC0415 - an extra

    @dlt.resource(
        name=table.name,
        write_disposition="merge",
        primary_key=table.key,
        columns=table.columns,
    )
    def rows() -> Iterator[object]:
        yield dlt.mark.materialize_table_schema()  # so that there is a table, if an empty one
        with closing(Database(settings.database)) as database:
            yield from changes(database, table, shard, full=full)

    return rows
