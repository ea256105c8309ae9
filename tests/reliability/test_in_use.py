"""Tokens in use: when another one is asked for, how often, and whom it is shown to."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.reliability.homes import ONCE, SOON, TOKEN, Ask, Home, ask_sync, at_home, both, until
from tests.transport.test_exchange import server
from tiktok_display import (
    AsyncDisplayClient,
    DisplayClient,
    ReauthorizationRequired,
    ScopeNotAuthorized,
    SqliteTokenStore,
    TikTokError,
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A creator whose access token has expired."""
    with at_home(tmp_path) as home:
        yield home


@both
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


@both
def test_a_revoked_creator_is_told_so_also_where_another_replica_has_refreshed(
    home: Home, ask: Ask
) -> None:
    here, url = home.credentials(), home.box.base_url
    ask(here, url)
    home.box.advance(minutes=115)
    with SqliteTokenStore(home.path) as store:
        other = home.credentials(store)
        ask(other, url)
        ask(other, url)  # from here on it refreshes what it has, in the background
        until(lambda: other._record is not None and other._record != here._record)
    home.box.revoke(home.box.creators[0])
    with pytest.raises(ReauthorizationRequired):
        ask(here, url)


@both
@pytest.mark.parametrize("code", ["scope_not_authorized", "scope_permission_missed"])
def test_a_missing_scope_is_never_a_reason_to_refresh(home: Home, ask: Ask, code: str) -> None:
    ask(home.credentials(), home.box.base_url)
    home.box.clear_requests()
    home.box.fault(path="/v2/video/query/", code=code, status=401)
    credentials = home.credentials()
    for _ in range(3):
        with pytest.raises(ScopeNotAuthorized):
            ask(credentials, home.box.base_url)
    assert home.box.token_requests == 0


@both
def test_an_answer_without_a_refresh_token_leaves_the_old_one_in_place(
    home: Home, ask: Ask
) -> None:
    creator = home.box.creators[0]
    before = home.record
    body = {**home.box.login(creator)}  # whose access token is as good as a refreshed one
    del body["refresh_token"]
    home.box.fault(path=TOKEN, times=1, body=json.dumps(body))
    ask(home.credentials(), home.box.base_url)
    assert home.record.access_token == body["access_token"]
    assert home.record.refresh_token == before.refresh_token
    home.box.advance(hours=3)
    ask(home.credentials(), home.box.base_url)
    assert home.counts == (2, 1, 0)


@both
def test_while_tokens_are_good_an_outage_is_asked_about_once_in_thirty_seconds(
    home: Home, ask: Ask
) -> None:
    url = home.box.base_url
    ask(home.credentials(), url)
    home.box.clear_requests()
    home.box.advance(minutes=110)  # due, and still good for some minutes
    home.box.fault(path=TOKEN, code="temporarily_unavailable")
    with SqliteTokenStore(home.path) as store:
        replicas = [home.credentials(), home.credentials(store), home.credentials(store)]
        for asked in (1, 2):
            for _ in range(3):
                for replica in replicas:
                    ask(replica, url)
                    if replica._background is not None:
                        replica._background.exception(SOON)
            assert home.box.token_requests == asked
            home.box.advance(seconds=31)


@both
def test_tokens_and_secrets_go_nowhere_else(home: Home, ask: Ask) -> None:
    visitors: list[bytes] = []

    def receive(peer: socket.socket, over: threading.Event) -> None:
        visitors.append(b"somebody")

    with server(receive) as elsewhere:
        for path, status in [(TOKEN, 307), (TOKEN, 302), ("/v2/video/query/", 308)]:
            rule = home.box.fault(
                path=path, status=status, headers={"location": f"{elsewhere}{path}"}
            )
            home.box.advance(minutes=1)  # beyond the rest after an outage
            with pytest.raises(TikTokError):
                ask(home.credentials(), home.box.base_url)
            assert rule.applied
            home.box.clear_faults()
    assert visitors == []
