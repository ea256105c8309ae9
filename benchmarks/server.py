"""A TikTok that costs next to nothing, in a process of its own: what is measured is the client.

Histories are moments alone; a page is put together from a video made beforehand. The address says
what is answered: ``/LATENCY/SHAPE/COUNT`` before the API's own path, latency in ms.
"""

import asyncio
import json
import random
import re
import selectors
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import httpx

sys.path.append(str(Path(__file__).parents[1]))  # for the shapes, which the tests have too

from tests import shapes
from tiktok_display import ALL
from tiktok_display.sandbox import Sandbox, SandboxTransport

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
PAGE = (
    b'{"data":{"videos":[%b],"cursor":%d,"has_more":%b},'
    b'"error":{"code":"ok","message":"","log_id":"1"}}'
)


@cache
def video() -> bytes:
    """A video with all fields but its id and moment, as the sandbox makes them."""
    box = Sandbox(seed=7, creators=1, videos=1)
    signed = {"Authorization": f"Bearer {box.creators[0].access_token}"}
    with httpx.Client(transport=SandboxTransport(box), headers=signed) as client:
        address = "https://tiktok.example/v2/video/list/"
        answer = client.post(address, params={"fields": ",".join(ALL)}, json={}).json()
    (one,) = answer["data"]["videos"]
    del one["id"], one["create_time"]
    return json.dumps(one, ensure_ascii=False).encode().replace(b"%", b"%%")


@cache
def history(shape: str, count: int) -> list[int]:
    """Minus the moments of the videos, newest first."""
    draw = getattr(shapes, shape)
    return sorted(-at for at in shapes.seconds(draw(random.Random(7), count)))


def written(ages: list[int], numbers: Iterable[int], head: bytes) -> bytes:
    """Videos, with all fields or, where not all were asked for, with three."""
    rest = video()[1:] if b"cover_image_url" in head else b'"view_count":1}'
    template = b'{"id":"%d","create_time":%d,' + rest
    return b",".join([template % (7 * 10**18 + number, -ages[number]) for number in numbers])


def listed(shape: str, count: int, body: dict[str, int], head: bytes) -> bytes:
    """A page, newest first."""
    ages = history(shape, count)
    cursor = body.get("cursor")  # null, says the first version's client
    first = 0 if cursor is None else bisect_left(ages, -((cursor - 1) // 1000))
    last = min(first + body["max_count"], len(ages))
    end = -ages[last - 1] * 1000 if last > first else 0
    page = written(ages, range(first, last), head)
    return PAGE % (page, end, b"true" if last < len(ages) else b"false")


def found(shape: str, count: int, ids: list[str], head: bytes) -> bytes:
    """The videos of these ids."""
    ages = history(shape, count)
    numbers = (int(id) - 7 * 10**18 for id in ids)
    return PAGE % (written(ages, (n for n in numbers if n < len(ages)), head), 0, b"false")


class Connection(asyncio.Protocol):
    """HTTP/1.1, just as much of it as the clients speak."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, is_whole, rest = self.buffer.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if not is_whole or (length and len(rest) < int(length[1])):
            return
        self.buffer = b""
        _, latency, shape, count, *path = head.split(b"?", 1)[0].split(b"/")
        place = shape.decode(), int(count)
        body = json.loads(rest or b"{}")
        is_list = path[2] == b"list"
        asked = body if is_list else body["filters"]["video_ids"]
        content = (listed if is_list else found)(*place, asked, head)
        if path[0] == b"v1":  # whose success is a number
            content = content.replace(b'"code":"ok"', b'"code":0')
        answer = HEAD % (len(content), content)
        if delay := float(latency) / 1000:
            asyncio.get_running_loop().call_later(delay, self.transport.write, answer)  # type: ignore[attr-defined]
        else:
            self.transport.write(answer)  # type: ignore[attr-defined]


async def serve() -> None:
    """Answer until the process ends; the port is the only line printed."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def running() -> Iterator[str]:
    """The address of a server in a process of its own."""
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def loop() -> asyncio.AbstractEventLoop:
    """One that keeps time: epoll counts in whole ms, rounded up, so that of many answers each would
    be late by half of one, and by another each time, but not those to somebody who asks alone.
    """
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(serve())
