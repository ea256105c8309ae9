"""Do four processes keep to one quota, and use it? `python -m tests.scale.quota`

Each has a client with a limiter of its own, and its part of three times as many calls as the quota
allows. What they come to is counted by the sandbox, which answers 429 to what is too much.
"""

import argparse
import json
import subprocess
import sys
import time
import uuid
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from tests.reliability.places import KINDS, Place, place
from tests.reliability.table import Table, say
from tiktok_display import DisplayClient, RateLimit
from tiktok_display.sandbox import RecordedRequest, Sandbox, VirtualClock

ROOT = Path(__file__).parents[2]
READY = "ready"
_PROCESSES = 4
_SHARE = 0.95  # of the quota, which a limiter uses unless it is told otherwise


@frozen
class Load:
    """So many requests are admitted in any window (s). With ``threads`` in each process, that many
    requests of each are under way at once, and may arrive closer together than they went out.
    """

    quota: int = 600
    window: float = 60.0
    windows: int = 3
    threads: int = 4

    @property
    def most(self) -> int:
        """What the limiters admit in all windows."""
        return int(self.quota * _SHARE) * self.windows

    @property
    def calls(self) -> int:
        """What is wanted, by all processes."""
        return 3 * self.quota * self.windows


@frozen
class Found:
    """What has arrived."""

    processes: int  # that were heard of
    peak: int  # the most requests in any window
    used: int  # in all windows, the first of which begins with the first request
    refused: int  # by a 429, of...
    requests: int  # ...all that there were

    def is_good(self, load: Load) -> bool:
        """Whether the promise is kept: never above, 97 % used, 1 % refused at most."""
        return (
            self.processes == _PROCESSES
            and self.peak <= load.quota
            and self.used >= 0.97 * load.most
            and self.refused <= 0.01 * self.requests
        )


def found(requests: Sequence[RecordedRequest], load: Load) -> Found:
    """What the sandbox's record of a load comes to."""
    pace = load.window / 60.0
    moments = [request.time.timestamp() * pace for request in requests]
    end = moments[0] + load.windows * load.window
    return Found(
        processes=len({request.open_id for request in requests}),
        peak=max(
            bisect_right(moments, at) - bisect_right(moments, at - load.window) for at in moments
        ),
        used=sum(at < end for at in moments),
        refused=sum(request.status == 429 for request in requests),
        requests=len(requests),
    )


def rush(where: Place, load: Load) -> Found:
    """Have four processes make their calls, for as long as the windows last."""
    # The sandbox's minute is a window: its clock goes faster where that is shorter.
    clock = VirtualClock(ticks=lambda: time.monotonic() * 60.0 / load.window)
    with Sandbox(creators=_PROCESSES, rate_limit=load.quota, clock=clock) as box:
        shared = {
            "place": f"sqlite:///{where.address}" if where.kind == "sqlite" else where.address,
            "key": uuid.uuid4().hex,
            "quota": load.quota,
            "window": load.window,
            "threads": load.threads,
            "calls": load.calls // _PROCESSES,
            "base_url": box.base_url,
        }
        orders = [{**shared, "token": creator.access_token} for creator in box.creators]
        with callers(orders):
            time.sleep((load.windows + 0.1) * load.window)
        return found(box.requests, load)


@contextmanager
def callers(orders: Sequence[dict[str, object]]) -> Iterator[None]:
    """Processes that begin together, and are killed at the end, whatever they are waiting for."""
    command = [sys.executable, "-m", "tests.scale.quota", "--call"]
    processes = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=ROOT
        )
        for _ in orders
    ]
    try:
        for process, order in zip(processes, orders, strict=True):
            _tell(process, json.dumps(order))
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == f"{READY}\n"
        for process in processes:
            _tell(process, "go")
        yield
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def _tell(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")


def call() -> None:
    """One process: its order comes on standard input, and so does the word to begin."""
    order = json.loads(sys.stdin.readline())
    limit = RateLimit(
        order["place"], key=order["key"], quota=order["quota"], window=order["window"]
    )
    with (
        DisplayClient(
            order["token"], base_url=order["base_url"], deadline=None, limiter=limit
        ) as client,
        ThreadPoolExecutor(order["threads"]) as pool,
    ):
        say(READY)
        sys.stdin.readline()
        for _ in pool.map(lambda _: client.query_videos(["1"]), range(order["calls"])):
            pass


def row(kind: str, load: Load, told: Found) -> list[str]:
    """The figures of one place."""
    whole = load.quota * load.windows
    return [
        kind, str(load.calls), str(told.requests), f"{told.peak} of {load.quota}",
        f"{told.used / load.most:.1%}", f"{told.used / whole:.1%}", str(told.refused),
    ]  # fmt: skip


def main() -> int:
    """Print the table; 1 where anything is not as promised."""
    parser = argparse.ArgumentParser(prog="tests.scale.quota", description=__doc__)
    parser.add_argument("--places", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--windows", type=int, default=3)
    parser.add_argument("--call", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.call:
        call()
        return 0
    load, is_good = Load(windows=given.windows), True
    say(f"{_PROCESSES} processes of {load.threads} threads, {load.windows} windows")
    table = Table(
        "place   ", "wanted", "requests", "most in a window", "of what is admitted",
        "of the quota", "429s",
    )  # fmt: skip
    for kind in given.places:
        with place(kind) as where:
            told = rush(where, load)
        is_good = is_good and told.is_good(load)
        table.row(*row(kind, load, told))
    return int(not is_good)


if __name__ == "__main__":
    sys.exit(main())
