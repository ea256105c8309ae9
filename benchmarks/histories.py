"""A long history, or many ids, as a program: ``KIND TWIN URL SHAPE COUNT WORKERS``. It prints what
it took as JSON. Each request takes 80 ms.

It does a little of the same first: what is loaded once in a process is measured by `start.py`.
"""

import asyncio
import json
import sys
import time

from measure import Requests

from tiktok_display import AsyncDisplayClient, DisplayClient


def listed(url: str, workers: int, requests: Requests) -> tuple[int, float]:
    """How many videos there are, and when the first one came."""
    count, first = 0, 0.0
    with DisplayClient("act.benchmark", base_url=url, limiter=requests) as client:
        for _ in client.list_videos(workers=workers):
            first = first or time.monotonic()
            count += 1
    return count, first


async def listed_async(url: str, workers: int, requests: Requests) -> tuple[int, float]:
    """The same for an event loop."""
    count, first = 0, 0.0
    async with AsyncDisplayClient("act.benchmark", base_url=url, limiter=requests) as client:
        async for _ in client.list_videos(workers=workers):
            first = first or time.monotonic()
            count += 1
    return count, first


def queried(url: str, ids: list[str], workers: int, requests: Requests) -> int:
    """How many videos were found."""
    with DisplayClient("act.benchmark", base_url=url, limiter=requests) as client:
        return len(client.query_videos(ids, workers=workers).videos)


async def queried_async(url: str, ids: list[str], workers: int, requests: Requests) -> int:
    """The same for an event loop."""
    async with AsyncDisplayClient("act.benchmark", base_url=url, limiter=requests) as client:
        return len((await client.query_videos(ids, workers=workers)).videos)


def taken(kind: str, twin: str, place: str, ids: list[str], workers: int) -> dict[str, object]:
    """Do it, and say what it took; moments in s, on the clock of the machine."""
    requests = Requests()
    begun = first = time.monotonic()
    if kind == "list" and twin == "sync":
        had, first = listed(place, workers, requests)
    elif kind == "list":
        had, first = asyncio.run(listed_async(place, workers, requests))
    elif twin == "sync":
        had = queried(place, ids, workers, requests)
    else:
        had = asyncio.run(queried_async(place, ids, workers, requests))
    ended, soon = time.monotonic(), first - begun
    return {"begun": begun, "ended": ended, "first": soon, "videos": had, "sent": requests.at}


if __name__ == "__main__":
    kind, twin, url, shape, count, workers = sys.argv[1:]
    ids = [str(7 * 10**18 + number) for number in range(int(count))]
    taken(kind, twin, f"{url}/0/uniform/400", ids[:400], int(workers))
    long = taken(kind, twin, f"{url}/80/{shape}/{count}", ids, int(workers))
    print(json.dumps(long), flush=True)
