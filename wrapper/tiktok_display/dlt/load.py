"""A shard's creators, synced and shipped."""

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import AbstractContextManager, ExitStack
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from ..sync import SyncSettings, due_creators, sync_all
from ..sync.executors import threads
from ..sync.shards import Shard, checked
from .destinations import for_shard, takes_one_writer
from .library import needed, no_pipeline_active
from .source import mark_loaded, videos_source
from .tables import TABLES
from .turns import turn

if TYPE_CHECKING:
    from dlt.common.destination import Destination
    from dlt.common.pipeline import LoadInfo
    from dlt.pipeline.pipeline import Pipeline

# In a folder of its own for each shard. dlt's configuration may name it, and a DuckDB that has no
# other name gets this one, for all shards.
_NAME = "tiktok_display"
_THREADS = 4


class Loaded(NamedTuple):
    """What came of a load.

    Attributes:
        synced: how many creators were synced, by the state that `Synced` has.
        rows: how many rows were shipped, by their table; those of the last hour come again.
        info: what dlt says of it.
    """

    synced: Mapping[str, int]
    rows: Mapping[str, int]
    info: "LoadInfo"


def load(
    settings: SyncSettings,
    *,
    destination: "str | Destination[Any, Any]" = "duckdb",
    dataset_name: str = "tiktok",
    shard: Shard = (0, 1),
    sync: bool = True,
    executor: Executor | None = None,
    pipelines_dir: str | None = None,
    full: bool = False,
    patience: float = 3_600.0,
    clock: Callable[[], float] = time.time,
) -> Loaded:
    """Sync the creators who are due, and load what is new in the database into a destination of
    dlt, into the tables ``videos`` and ``video_snapshots``.

    It can be repeated, and killed, at any point: nothing is lost, nothing doubled. Any number of
    shards may be loaded at once, by as many processes; into DuckDB, which takes one writer, they
    load one after the other.

    Args:
        settings: those of the sync.
        destination: as dlt takes it: a name, or `dlt.destinations.postgres(...)` and the like.
        dataset_name: where the tables are in the destination.
        shard: ``(i, n)``: only every n-th creator. Change n while no load is under way.
        sync: False where something else syncs: then neither the app nor its logins are needed.
        executor: for the sync; four threads by default.
        pipelines_dir: where dlt works, on a disk with room for what is shipped; a temporary folder
            by default.
        full: ship everything, into a destination that is new, or another one; the database goes on
            to know what was shipped without.
        patience: s to wait for another load of this shard, or into one DuckDB.
        clock: Unix seconds.

    Raises:
        ConfigurationError: the extra ``[dlt]`` is missing, there is no such shard, or the sync
            lacks the app's credentials.
        SyncError: the database of the sync cannot be read or written, or another load has taken
            longer than ``patience``.
        Exception: dlt's own errors, where the destination fails.
    """
    needed()
    checked(shard)
    synced = _sync(settings, shard, executor) if sync else Counter[str]()
    name = f"{dataset_name}_{shard[0]}_of_{shard[1]}"
    with ExitStack() as held:
        held.enter_context(turn(settings.database, f"load {name}", patience))
        began = clock()
        folder = pipelines_dir or held.enter_context(TemporaryDirectory(prefix="tiktok-dlt-"))
        held.enter_context(no_pipeline_active())
        own = for_shard(destination, shard)
        pipeline = _pipeline(os.path.join(folder, name), own, dataset_name)  # noqa: PTH118
        pipeline.extract(videos_source(settings, shard=shard, full=full))
        counts = pipeline.normalize().row_counts
        info = _ship(pipeline, lambda: turn(settings.database, "load tables", patience))
        if not full:  # which may be for another destination
            mark_loaded(settings, began, shard=shard)
    return Loaded(synced, {table.name: counts.get(table.name, 0) for table in TABLES}, info)


def _sync(settings: SyncSettings, shard: Shard, executor: Executor | None) -> Counter[str]:
    with ExitStack() as stack:
        pool = executor or stack.enter_context(threads(_THREADS))
        creators = due_creators(settings, shard=shard)
        return Counter(done.state for done in sync_all(creators, settings, pool))


def _pipeline(folder: str, destination: "Destination[Any, Any]", dataset_name: str) -> "Pipeline":
    """One without a past: what a killed load has left is in our database still."""
    import dlt  # noqa: PLC0415 - an extra

    pipeline = dlt.pipeline(
        _NAME, pipelines_dir=folder, destination=destination, dataset_name=dataset_name
    ).drop()
    pipeline.config.restore_from_destination = False
    # Telemetry tells what is traced. To switch it off by dlt's settings would do so for all
    # pipelines of the process.
    pipeline.config.enable_runtime_trace = False
    return pipeline


def _ship(pipeline: "Pipeline", alone: Callable[[], AbstractContextManager[None]]) -> "LoadInfo":
    """Load what is normalized. What all shards share is made by one at a time, before it loads."""
    with ExitStack() as held:
        held.enter_context(alone())
        pipeline.sync_schema()
        if not takes_one_writer(pipeline.destination):
            held.close()
        info = pipeline.load()
    info.raise_on_failed_jobs()
    return info
