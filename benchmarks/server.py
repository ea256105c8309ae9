"""A server that costs next to nothing, in a process of its own: what is measured is the client.

Its pages are made beforehand and answered by cursor.
"""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tiktok_display import ALL
from tiktok_display.sandbox import Sandbox, SandboxTransport

PAGES, NEWEST, STEP = 100, 1_790_000_000, 10_000  # s between two pages


def bodies() -> list[bytes]:
    """Pages of 20 videos with all fields, as the sandbox makes them."""
    box = Sandbox(seed=7, creators=1, videos=20)
    signed = {"Authorization": f"Bearer {box.creators[0].access_token}"}
    with httpx.Client(transport=SandboxTransport(box), headers=signed) as client:
        address = "https://tiktok.example/v2/video/list/"
        fields = {"fields": ",".join(ALL)}
        answer = client.post(address, params=fields, json={"max_count": 20}).json()
    videos, made = answer["data"]["videos"], []
    for number in range(PAGES):
        newest = NEWEST - number * STEP
        page = [
            {**video, "id": str(7 * 10**18 + newest * 100 - n), "create_time": newest - n}
            for n, video in enumerate(videos)
        ]
        data = {"videos": page, "cursor": (newest - 19) * 1000, "has_more": number + 1 < PAGES}
        error = {"code": "ok", "message": "", "log_id": "20261101120000"}
        made.append(json.dumps({"data": data, "error": error}, ensure_ascii=False).encode())
    return made


class Pages(asyncio.Protocol):
    """HTTP/1.1, just as much of it as the clients speak."""

    answers: list[bytes]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if not found or (length and len(rest) < int(length[1])):
            return
        self.buffer = b""
        cursor = re.search(rb'"cursor":\s*(\d+)', rest)
        number = 0 if cursor is None else (NEWEST - int(cursor[1]) // 1000) // STEP + 1
        self.transport.write(self.answers[number])  # type: ignore[attr-defined]


async def serve() -> None:
    """Answer until the process ends; the port is the only line printed."""
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
    Pages.answers = [head.format(len(body)).encode() + body for body in bodies()]
    server = await asyncio.get_running_loop().create_server(Pages, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def running() -> Iterator[str]:
    """The base URL of a server in a process of its own."""
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


if __name__ == "__main__":
    asyncio.run(serve())
