"""The program of a service: everybody who is due, once. `python -m tests.scale.driver ORDER`

The order is a JSON file; whoever is done is an object, a line each, on standard output.
"""

import json
import sys
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from pathlib import Path

from tests.reliability.table import say
from tiktok_display.sync import SyncSettings, due_creators, sync_all
from tiktok_display.sync.executors import dask, threads


def executor(where: int | str) -> AbstractContextManager[Executor]:
    """So many threads, or the Dask cluster with this address."""
    return threads(where) if isinstance(where, int) else dask(where)


def main() -> None:
    """Sync them."""
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    settings = SyncSettings(**order["settings"])
    with executor(order["where"]) as pool:
        for done in sync_all(due_creators(settings), settings, pool):
            say(json.dumps(done._asdict()))


if __name__ == "__main__":
    main()
