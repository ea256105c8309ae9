"""Whole journeys against the sandbox: what a service would do in a day."""

import asyncio
import logging
import threading
from collections.abc import Iterator

import pytest

from tiktok_display import (
    AccessTokenInvalid,
    AppCredentials,
    AsyncDisplayClient,
    DisplayClient,
    MemoryTokenStore,
    RateLimited,
    ReauthorizationRequired,
    RetryPolicy,
    ScopeNotAuthorized,
    ServerError,
    UserCredentials,
)
from tiktok_display.sandbox import Sandbox

QUICK = RetryPolicy(base=0.001, patience=0.0)


@pytest.fixture(params=["exclusive", "inclusive"])
def box(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox, under either meaning of "before the cursor"."""
    with Sandbox(seed=7, creators=3, cursor_meaning=request.param) as box:
        yield box


def login(box: Sandbox, number: int = 0) -> UserCredentials:
    """The credentials of a creator who has just logged in."""
    app = AppCredentials(box.app.client_key, box.app.client_secret)
    answer = box.creators[number].token_answer
    return UserCredentials.from_token_answer(app, MemoryTokenStore(), answer)


def truth(box: Sandbox, number: int = 0) -> list[str]:
    return [video.id for video in box.creators[number].videos]


def test_every_video_of_every_creator_is_listed_once(box: Sandbox) -> None:
    for number, creator in enumerate(box.creators):
        with DisplayClient(creator.access_token, base_url=box.base_url) as client:
            assert [video.id for video in client.list_videos()] == truth(box, number)


def test_a_token_that_expires_on_the_way_is_refreshed_on_the_way(box: Sandbox) -> None:
    async def rest() -> list[object]:
        box.advance(hours=3)
        async with AsyncDisplayClient(creator, base_url=box.base_url) as client:
            return [video.id async for video in client.list_videos(page_size=5)]

    creator = login(box)
    with DisplayClient(creator, base_url=box.base_url) as client:
        pager = client.list_videos(page_size=5)
        seen = [next(pager).id for _ in range(7)]
        box.advance(hours=3)
        seen += [video.id for video in pager]
    assert seen == truth(box)
    assert asyncio.run(rest()) == truth(box)
    assert (box.token_requests, box.reuses) == (2, 0)


def test_threads_that_meet_an_expired_token_together_refresh_it_once(box: Sandbox) -> None:
    creator, got = login(box), list[list[object]]()
    box.advance(hours=3)

    def work(client: DisplayClient) -> None:
        got.append([video.id for video in client.list_videos(max_items=3)])

    with DisplayClient(creator, base_url=box.base_url) as client:
        threads = [threading.Thread(target=work, args=(client,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert got == [truth(box)[:3]] * 8
    assert (box.token_requests, box.reuses) == (1, 0)


def test_tasks_that_meet_an_expired_token_together_refresh_it_once(box: Sandbox) -> None:
    creator = login(box)
    box.advance(hours=3)

    async def run() -> list[object]:
        async with AsyncDisplayClient(creator, base_url=box.base_url) as client:
            found = await asyncio.gather(*[client.query_videos(truth(box)[:2]) for _ in range(20)])
        return [len(result.videos) for result in found]

    assert asyncio.run(run()) == [2] * 20
    assert (box.token_requests, box.reuses) == (1, 0)


def test_faults_on_the_way_are_not_noticed(box: Sandbox) -> None:
    path = "/v2/video/list/"
    box.fault(path=path, nth=1, status=500)
    box.fault(path=path, nth=3, html=True, status=502)
    box.fault(path=path, nth=5, cut=40)
    box.fault(path=path, nth=7, drop=True)
    box.fault(path=path, nth=9, status=520)
    box.fault(path=path, nth=11, sparse=True)
    with DisplayClient(box.creators[0].access_token, base_url=box.base_url, retry=QUICK) as client:
        seen = [video.id for video in client.list_videos(page_size=6)]
    hidden = set(truth(box)) - set(seen)
    assert [id for id in truth(box) if id not in hidden] == seen
    assert len(hidden) <= 6


def test_a_walk_through_nothing_but_sparse_pages_ends_and_loses_nothing(box: Sandbox) -> None:
    box.fault(sparse=True)
    for size in (3, 5, 20, 57):
        creator = box.add_creator(size)
        with DisplayClient(creator.access_token, base_url=box.base_url) as client:
            seen = [video.id for video in client.list_videos()]
        assert seen == [video.id for video in creator.videos]


def test_what_cannot_be_mended_is_raised_with_its_log_id(box: Sandbox) -> None:
    creator = box.creators[0]
    with DisplayClient(creator.access_token, base_url=box.base_url, retry=QUICK) as client:
        for code, status, expected in (
            ("internal_error", 500, ServerError),
            ("rate_limit_exceeded", 429, RateLimited),
            ("scope_not_authorized", 401, ScopeNotAuthorized),
        ):
            box.fault(code=code, status=status)
            with pytest.raises(expected) as caught:
                list(client.list_videos())
            assert (caught.value.code, caught.value.status) == (code, status)
            assert caught.value.log_id
            box.clear_faults()


def test_a_revoked_creator_is_told_apart_from_an_expired_token(box: Sandbox) -> None:
    creator = login(box)
    box.advance(days=181)
    with DisplayClient(creator, base_url=box.base_url) as client:
        with pytest.raises(ReauthorizationRequired) as caught:
            client.query_videos(["1"])
        assert caught.value.reason == "refresh_rejected"
    with (
        DisplayClient(box.creators[1].access_token, base_url=box.base_url) as client,
        pytest.raises(AccessTokenInvalid),
    ):
        client.query_videos(["1"])


def test_a_scope_that_was_not_granted_is_never_refreshed(box: Sandbox) -> None:
    creator = box.add_creator(videos=3, scope="user.info.basic")
    app = AppCredentials(box.app.client_key, box.app.client_secret)
    silent = {name: said for name, said in creator.token_answer.items() if name != "scope"}
    login = UserCredentials.from_token_answer(app, MemoryTokenStore(), silent)
    with DisplayClient(login, base_url=box.base_url) as client, pytest.raises(ScopeNotAuthorized):
        client.query_videos(["1"])
    assert box.token_requests == 0


def test_a_scope_that_is_known_not_to_be_granted_costs_no_request(box: Sandbox) -> None:
    creator = box.add_creator(videos=3, scope="user.info.basic")
    app = AppCredentials(box.app.client_key, box.app.client_secret)
    login = UserCredentials.from_token_answer(app, MemoryTokenStore(), creator.token_answer)
    client = DisplayClient(login, base_url=box.base_url)
    with client, pytest.raises(ReauthorizationRequired) as caught:
        client.query_videos(["1"])
    assert (caught.value.open_id, caught.value.reason) == (creator.open_id, "scope")
    assert box.requests == []


def test_no_log_at_any_level_shows_a_secret(box: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    creator, secrets = box.creators[0], {box.app.client_secret}
    secrets |= {str(creator.token_answer[name]) for name in ("access_token", "refresh_token")}
    with caplog.at_level(logging.DEBUG):
        session = login(box)
        box.advance(hours=3)
        with DisplayClient(session, base_url=box.base_url) as client:
            assert len(list(client.list_videos(max_items=3))) == 3
    secrets |= {str(creator.token_answer[name]) for name in ("access_token", "refresh_token")}
    assert len(secrets) == 5
    assert [record.name for record in caplog.records if record.name.startswith("http")]
    assert not [secret for secret in secrets if secret in caplog.text]
