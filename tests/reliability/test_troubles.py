"""What befalls callers amid a refresh: on the server's own count it costs no token."""

import asyncio
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.reliability.homes import (
    ONCE,
    SOON,
    Ask,
    Home,
    ask_async,
    ask_sync,
    at_home,
    both,
    until,
)
from tiktok_display import (
    AsyncDisplayClient,
    DeadlineExceeded,
    DisplayClient,
    MemoryTokenStore,
    ReauthorizationRequired,
    TikTokError,
    TokenRecord,
)
from tiktok_display.stores import Key

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A creator whose access token has expired."""
    with at_home(tmp_path) as home:
        yield home


def test_a_cancelled_task_leaves_its_refresh_to_end(home: Home) -> None:
    home.slow_down()

    async def run() -> None:
        async with AsyncDisplayClient(home.credentials(), base_url=home.box.base_url) as client:
            task = asyncio.create_task(client.query_videos(["1"]))
            await asyncio.to_thread(home.wait_for_a_refresh)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await client.query_videos(["1"])

    asyncio.run(run())
    assert home.counts == ONCE
    assert home.is_well()


@both
def test_a_caller_who_cannot_wait_leaves_the_refresh_to_end(home: Home, ask: Ask) -> None:
    home.slow_down()
    with pytest.raises(DeadlineExceeded):
        ask(home.credentials(), home.box.base_url, deadline=0.1)
    ask(home.credentials(), home.box.base_url)
    assert home.counts == ONCE
    assert home.is_well()


def test_a_client_that_is_closed_leaves_the_refresh_to_end(home: Home) -> None:
    home.slow_down()
    client = DisplayClient(home.credentials(), base_url=home.box.base_url)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(client.query_videos, ["1"])
        home.wait_for_a_refresh()
        client.close()
        assert isinstance(call.exception(SOON), TikTokError)
    ask_sync(home.credentials(), home.box.base_url)
    assert home.counts == ONCE
    assert home.is_well()


def test_an_asynchronous_client_that_is_closed_leaves_the_refresh_to_end(home: Home) -> None:
    home.slow_down()

    async def run() -> None:
        client = AsyncDisplayClient(home.credentials(), base_url=home.box.base_url)
        task = asyncio.create_task(client.query_videos(["1"]))
        await asyncio.to_thread(home.wait_for_a_refresh)
        await client.close()
        with pytest.raises(TikTokError):
            await task

    asyncio.run(run())
    ask_async(home.credentials(), home.box.base_url)
    assert home.counts == ONCE
    assert home.is_well()


def test_an_event_loop_that_ends_leaves_the_refresh_to_end(home: Home) -> None:
    home.slow_down()

    async def run() -> None:
        client = AsyncDisplayClient(home.credentials(), base_url=home.box.base_url)
        task = asyncio.create_task(client.query_videos(["1"]))
        await asyncio.to_thread(home.wait_for_a_refresh)
        task.cancel()
        await client.close()

    asyncio.run(run())
    until(home.is_well)
    assert home.counts == ONCE


@both
def test_a_store_that_hangs_keeps_nobody_beyond_the_deadline(home: Home, ask: Ask) -> None:
    gate = threading.Event()

    class Stuck(MemoryTokenStore):
        def read(self, key: Key) -> TokenRecord | None:
            gate.wait(30)
            return super().read(key)

    credentials = home.credentials(Stuck())
    with pytest.raises(DeadlineExceeded):
        ask(credentials, home.box.base_url, deadline=0.1)
    gate.set()


@pytest.fixture
def visit(home: Home) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Begins a process that makes one query."""
    begun: list[subprocess.Popen[str]] = []

    def visit(*, is_async: bool, refusals: int = 0) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.visitor"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        begun.append(process)
        settings = {
            "url": home.box.base_url,
            "path": str(home.path),
            "now": home.clock(),
            "client_key": home.app.client_key,
            "client_secret": home.app.client_secret,
            "open_id": home.box.creators[0].open_id,
            "is_async": is_async,
            "refusals": refusals,
        }
        assert process.stdin is not None
        json.dump(settings, process.stdin)
        process.stdin.close()
        process.stdin = None
        return process

    yield visit
    for process in begun:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_ctrl_c_ends_the_program_after_its_refresh(
    home: Home, visit: Callable[..., subprocess.Popen[str]], is_async: bool
) -> None:
    home.slow_down()
    process = visit(is_async=is_async)
    home.wait_for_a_refresh()
    process.send_signal(signal.SIGINT)
    said, complaint = process.communicate(timeout=SOON)
    assert "served" not in said
    assert "KeyboardInterrupt" in complaint
    assert home.counts == ONCE
    assert home.is_well()
    assert home.record.refresh_token not in complaint


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_a_pair_that_the_store_did_not_take_is_saved_when_the_program_ends(
    home: Home, visit: Callable[..., subprocess.Popen[str]], is_async: bool
) -> None:
    said, _ = visit(is_async=is_async, refusals=3).communicate(timeout=SOON)
    assert sorted(said.split()) == ["TokenStoreError", "saved", "served", "unsaved"]
    assert home.counts == ONCE
    assert home.is_well()


def test_a_pair_that_the_store_never_takes_is_told_when_the_program_ends(
    home: Home, visit: Callable[..., subprocess.Popen[str]]
) -> None:
    said, _ = visit(is_async=False, refusals=99).communicate(timeout=SOON)
    told = "served", "unsaved TokenStoreError", "unsaved lost with the end of the program"
    assert sorted(said.split()) == sorted(" ".join(told).split())  # of two threads, on any lines
    assert home.counts == ONCE
    with pytest.raises(ReauthorizationRequired) as caught:
        ask_sync(home.credentials(), home.box.base_url)
    assert caught.value.reason == "rotation_lost"
