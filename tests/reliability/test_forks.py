"""The child of a fork: no lock, no half-done refresh, no socket of its parent's."""

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
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
    in_a_child,
    until,
)
from tests.transport.test_exchange import read_request, server
from tiktok_display import AsyncDisplayClient, DisplayClient, SqliteTokenStore, TokenRecord
from tiktok_display.stores import Key

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A creator whose access token has expired."""
    with at_home(tmp_path) as home:
        yield home


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


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_parent_and_child_of_a_fork_speak_over_connections_of_their_own(is_async: bool) -> None:
    peers: list[tuple[str, int]] = []

    def serve(peer: socket.socket, over: threading.Event) -> None:
        body = b'{"data": {"videos": []}, "error": {"code": "ok"}}'
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        while True:
            peers.append(peer.getpeername())
            peer.sendall(head % len(body) + body)
            read_request(peer)

    with server(serve) as url, asyncio.Runner() as runner:
        if is_async:
            client = AsyncDisplayClient("act.x", base_url=url)

            def query() -> object:
                return runner.run(client.query_videos(["1"]))

            def query_in_child() -> object:
                return asyncio.run(client.query_videos(["1"]))
        else:
            plain = DisplayClient("act.x", base_url=url)

            def query() -> object:
                return plain.query_videos(["1"])

            query_in_child = query
        query()
        assert in_a_child(query_in_child) == "ok"
        query()
        if is_async:
            runner.run(client.close())
        else:
            plain.close()
    before, of_child, after = peers
    assert before == after  # the parent's connection has outlived its child
    assert of_child != before
