"""What befalls callers amid a refresh: on the server's own count it costs no token."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.reliability.homes import SOON, Ask, Home, ask_async, ask_sync, in_a_child, until
from tiktok_display import (
    AsyncDisplayClient,
    DeadlineExceeded,
    DisplayClient,
    MemoryTokenStore,
    ReauthorizationRequired,
    SqliteTokenStore,
    TikTokError,
    TokenRecord,
)
from tiktok_display.sandbox import Sandbox
from tiktok_display.stores import Key

ROOT = Path(__file__).parents[2]
ONCE = (1, 1, 0)  # one token request, one token replaced, none that came again


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A creator whose access token has expired."""
    with Sandbox(seed=7, creators=1, videos=3, rate_limit=None) as box:
        home = Home(box, tmp_path / "tokens.db")
        box.advance(hours=3)
        yield home


@pytest.fixture(params=[ask_sync, ask_async], ids=["sync", "async"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Either client."""
    way: Ask = request.param
    return way


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
    assert said.split() == ["unsaved", "TokenStoreError", "served", "saved"]
    assert home.counts == ONCE
    assert home.is_well()


def test_a_pair_that_the_store_never_takes_is_told_when_the_program_ends(
    home: Home, visit: Callable[..., subprocess.Popen[str]]
) -> None:
    said, _ = visit(is_async=False, refusals=99).communicate(timeout=SOON)
    last = "unsaved lost with the end of the program"
    assert said.splitlines() == ["unsaved TokenStoreError", "served", last]
    assert home.counts == ONCE
    with pytest.raises(ReauthorizationRequired) as caught:
        ask_sync(home.credentials(), home.box.base_url)
    assert caught.value.reason == "rotation_lost"


@pytest.mark.parametrize("day", [86_400.0, -86_400.0])
def test_a_clock_that_jumps_a_day_costs_one_refresh_at_most(
    home: Home, ask: Ask, day: float
) -> None:
    credentials, url = home.credentials(), home.box.base_url
    ask(credentials, url)
    home.box.clear_requests()
    for ahead in (day, 0.0):
        home.ahead = ahead
        for _ in range(3):
            ask(credentials, url)
        ask(home.credentials(), url)
    assert home.box.token_requests <= 1
    assert home.box.reuses == 0
    assert home.is_well()


def test_a_clock_that_was_wrong_for_one_refresh_does_not_end_a_login_early(home: Home) -> None:
    home.ahead = -home.clock()  # as a machine without a battery starts
    ask_sync(home.credentials(), home.box.base_url)
    home.ahead = 0.0
    ask_sync(home.credentials(), home.box.base_url)
    assert home.is_well()


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")


@needs_fork
@pytest.mark.parametrize("of_child", [ask_sync, ask_async], ids=["sync", "async"])
def test_the_child_of_a_fork_amid_a_refresh_adopts_its_parents_pair(
    home: Home, of_child: Ask
) -> None:
    home.slow_down(0.5)
    credentials, url = home.credentials(), home.box.base_url
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(ask_sync, credentials, url)
        home.wait_for_a_refresh()
        assert in_a_child(lambda: of_child(credentials, url)) == "ok"
        assert call.exception(SOON) is None
    assert home.counts == ONCE
    assert home.is_well()


@needs_fork
def test_the_child_of_a_fork_does_not_keep_the_pair_of_its_parent(home: Home) -> None:
    class Full(SqliteTokenStore):
        is_full = True

        def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
            if self.is_full:
                raise OSError(28, "the disk is full")
            return super().commit(key, record, replaces=replaces)

    full = Full(home.path)
    ask_sync(home.credentials(full), home.box.base_url)
    assert home.told == ["unsaved"]

    def end() -> None:
        from tiktok_display.auth.unsaved import keeper

        assert not keeper._pairs

    assert in_a_child(end) == "ok"
    full.is_full = False
    until(home.is_well)
    until(lambda: home.told == ["unsaved", "saved"])


@pytest.mark.parametrize("mode", ["threads", "tasks", "both"])
def test_two_hundred_refused_calls_make_one_token_request(home: Home, mode: str) -> None:
    home.ahead = -3 * 3_600.0  # so the token looks good, and is refused to each of them
    threads = 0 if mode == "tasks" else 100
    tasks = 0 if mode == "threads" else 100
    at_once, url = threading.Barrier(threads + bool(tasks)), home.box.base_url

    def one(client: DisplayClient) -> None:
        at_once.wait(SOON)
        client.query_videos(["1"])

    async def many() -> None:
        async with AsyncDisplayClient(home.credentials(), base_url=url) as client:
            await asyncio.to_thread(at_once.wait, SOON)
            await asyncio.gather(*[client.query_videos(["1"]) for _ in range(tasks)])

    with (
        DisplayClient(home.credentials(), base_url=url) as client,
        ThreadPoolExecutor(threads + 1) as pool,
    ):
        calls = [pool.submit(one, client) for _ in range(threads)]
        if tasks:
            asyncio.run(many())
        assert [call.exception(30) for call in calls] == [None] * threads
    assert home.counts == ONCE
    assert home.is_well()


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


def test_a_revoked_creator_is_told_so_also_where_another_replica_has_refreshed(
    home: Home, ask: Ask
) -> None:
    here, there, url = home.credentials(), home.credentials(), home.box.base_url
    ask(here, url)
    home.box.advance(minutes=115)
    with SqliteTokenStore(home.path) as store:
        other = home.credentials(store)
        ask(other, url)
        ask(other, url)  # from here on it refreshes what it has, in the background
        until(lambda: other._record is not None and other._record != here._record)
    home.box.revoke(home.box.creators[0])
    del there
    with pytest.raises(ReauthorizationRequired):
        ask(here, url)
