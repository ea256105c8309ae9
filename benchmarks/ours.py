"""What the client does, as a program to be measured: ``KIND URL [CREATORS]``."""

import asyncio
import sys

from measure import WALKS, Requests, Work, serve

from tiktok_display import AsyncDisplayClient, DisplayClient


def page(url: str) -> Work:
    """A walk, one page after the other."""
    requests = Requests()
    client = DisplayClient("act.benchmark", base_url=url, limiter=requests)

    def work() -> int:
        before = requests.sent
        for _ in client.list_videos():
            pass
        return requests.sent - before

    return work


def crowd(url: str, creators: str = "1") -> Work:
    """So many walks at once in one event loop, with one client, and again; or a single one."""
    loop, requests = asyncio.new_event_loop(), Requests()
    many = int(creators)
    times = WALKS // many if many > 1 else 1
    client = AsyncDisplayClient("act.benchmark", base_url=url, limiter=requests)

    async def walk() -> None:
        async for _ in client.list_videos():
            pass

    async def walks() -> int:
        before = requests.sent
        for _ in range(times):
            await asyncio.gather(*[walk() for _ in range(many)])
        return requests.sent - before

    return lambda: loop.run_until_complete(walks())


if __name__ == "__main__":
    kind, *arguments = sys.argv[1:]
    serve({"page": page, "crowd": crowd}[kind](*arguments))
