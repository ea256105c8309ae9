"""One quota for whoever asks, wherever it is counted, and what happens when that place is lost."""

import asyncio
import json
import logging
import subprocess
import sys
import time
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.limits import crowd
from tests.stores.servers import private
from tiktok_display import AsyncDisplayClient, ConfigurationError, DisplayClient, RateLimit
from tiktok_display.limits.shared import Counts
from tiktok_display.limits.sites import Address, Site
from tiktok_display.sandbox import Sandbox

LIST, QUERY = "/v2/video/list/", "/v2/video/query/"


class Clock:
    """Seconds, which pass when somebody says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_95_of_100_are_used_by_default() -> None:
    limit = RateLimit(clock=Clock())
    assert [limit.reserve(LIST) for _ in range(570)] == [0.0] * 570
    assert limit.reserve(LIST) == 60.0
    assert limit.reserve(QUERY) == 0.0


def test_everybody_who_names_the_key_shares_it(shared: str, key: str) -> None:
    limits = [RateLimit(shared, key=key, quota=3, share=1.0) for _ in range(2)]
    assert [limit.reserve(LIST) for limit in (*limits, *limits)][:3] == [0.0] * 3
    assert 59.0 < limits[0].reserve(LIST) <= 60.1
    assert limits[1].reserve(QUERY) == 0.0
    assert RateLimit(shared, key=f"{key} other", quota=3, share=1.0).reserve(LIST) == 0.0


def test_room_comes_back(shared: str, key: str) -> None:
    limit = RateLimit(shared, key=key, quota=2, window=1.0, share=1.0)
    admitted, end = list[float](), time.monotonic() + 20
    while len(admitted) < 5:
        assert time.monotonic() < end
        if wait := limit.reserve(LIST):
            assert wait <= 1.001
        else:
            admitted.append(time.monotonic())
    assert within(admitted, 0.95) <= 2


def test_each_creator_may_have_a_quota(shared: str, key: str) -> None:
    limit = RateLimit(shared, key=key, quota=1, share=1.0)
    assert [limit.for_user(name).reserve(LIST) for name in ("anna", "ben")] == [0.0, 0.0]
    assert limit.for_user("anna").reserve(LIST) > 0.0
    assert limit.reserve(LIST) == 0.0


@pytest.mark.parametrize(
    "arguments",
    [
        {"quota": 0},
        {"quota": True},
        {"quota": 1.5},
        {"window": 0},
        {"share": 0},
        {"share": 1.01},
        {"alone": 0},
        {"shared": "mysql://there"},
        {"shared": "sqlite://"},
        {"shared": ""},
        {"shared": 7},
    ],
)
def test_arguments_that_are_none_are_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        RateLimit(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "extras"),
    [
        ("sqlite:///quota.db", "quota"),
        ("postgresql://there", "quota,postgres"),
        ("redis://there", "quota,redis"),
    ],
)
def test_what_is_not_installed_is_named(url: str, extras: str) -> None:
    error = Address(url, driver="no_such_driver").error
    assert f"`pip install 'tiktok-display[{extras}]'`" in str(error)


@pytest.mark.parametrize("kind", ["postgres_dsn", "redis_url"])
def test_a_place_that_is_lost_stops_no_call_and_is_asked_again(
    kind: str, key: str, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    url, clock = str(request.getfixturevalue(kind)), Clock()
    server = private(url)
    limit = RateLimit(url, key=key, quota=8, share=1.0, alone=0.5, clock=clock)
    with caplog.at_level(logging.WARNING, "tiktok_display.limits"):
        assert limit.reserve(LIST) == 0.0
        with server.down():
            assert [limit.reserve(LIST) for _ in range(3)] == [0.0] * 3
            assert limit.reserve(LIST) == 60.0  # half of the quota, with what it had before
            clock.now += 10.0
            assert limit.reserve(LIST) == 50.0  # it is still lost, and that was said
            clock.now -= 10.0
        assert limit.reserve(LIST) == 60.0
        clock.now += 20.0
        assert limit.reserve(LIST) == 0.0
    ours = [each.message for each in caplog.records if each.name == "tiktok_display.limits"]
    assert [message.partition(" (")[0] for message in ours] == [
        "the shared quota is lost",
        "the shared quota is back",
    ]
    assert "tests:" not in caplog.text
    assert url not in caplog.text


@pytest.mark.parametrize("kind", ["postgres_dsn", "redis_url"])
def test_a_place_that_hangs_costs_one_second(
    kind: str, key: str, request: pytest.FixtureRequest
) -> None:
    url = str(request.getfixturevalue(kind))
    server, limit = private(url), RateLimit(url, key=key)
    assert limit.reserve(LIST) == 0.0
    with server.frozen():
        begun = time.monotonic()
        assert [limit.reserve(LIST) for _ in range(20)] == [0.0] * 20
        assert time.monotonic() - begun < 5


def test_a_redis_that_forgot_everything_goes_on_counting(redis_url: str, key: str) -> None:
    from redis import Redis

    private(redis_url)  # what is forgotten is ours
    limit = RateLimit(redis_url, key=key, clock=(clock := Clock()))
    assert limit.reserve(LIST) == 0.0
    with Redis.from_url(redis_url) as client:
        client.flushall()
        client.script_flush()
    assert limit.reserve(LIST) == 0.0  # by itself: the script is gone
    clock.now += 10.0
    assert limit.reserve(LIST) == 0.0
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 1


def test_a_creators_quota_that_is_used_no_more_leaves_nothing_in_redis(
    redis_url: str, key: str
) -> None:
    from redis import Redis

    private(redis_url)  # what is found is ours
    with Redis.from_url(redis_url) as client:
        client.flushall()
        assert RateLimit(redis_url, key=key).for_user("anna").reserve(LIST) == 0.0
        (name,) = client.keys()
        assert 60_000 < client.pttl(name) <= 120_000


class Late:
    """A place whose clock is so many ms ahead."""

    def __init__(self, site: Site, ahead: int) -> None:
        self._site, self._ahead = site, ahead
        self.bucket, self.close = site.bucket, site.close

    def now(self) -> int:
        return self._site.now() + self._ahead


@pytest.fixture
def counts(tmp_path: Path) -> Iterator[Counts]:
    """One request in a minute, counted in a file, by a clock that may be set."""
    counts = Counts(Address(f"sqlite:///{tmp_path / 'quota.db'}"), 1, 60.0)
    assert counts.take(LIST) == 0.0
    yield counts
    counts.close()


def set_clock(counts: Counts, ahead: int) -> None:
    assert counts._site is not None
    counts._site = Late(counts._site, ahead)


def test_whoever_asks_for_the_time_and_dawdles_sees_what_others_had_meanwhile(
    shared: str, key: str
) -> None:
    quick, slow = (Counts(Address(shared), 1, 60.0) for _ in range(2))
    assert quick.take(key) == 0.0
    slow._site = Late(Address(shared).open(), -500)
    assert 59.0 < slow.take(key) <= 60.0
    for counts in (quick, slow):
        counts.close()


def test_a_clock_that_was_set_back_blocks_nobody(counts: Counts) -> None:
    set_clock(counts, -3_600_000)
    assert 0.0 < counts.take(LIST) <= 60.0
    assert counts.take(LIST) == 0.0


def test_what_is_too_old_to_count_is_forgotten(counts: Counts) -> None:
    set_clock(counts, 61_000)
    assert counts.take(LIST) == 0.0
    assert counts._buckets[LIST].count() == 1


def test_buckets_of_many_names_are_not_all_kept_open(counts: Counts) -> None:
    counts._buckets.update({str(number): counts._buckets[LIST] for number in range(1_000)})
    assert counts.take(QUERY) == 0.0
    assert list(counts._buckets) == [QUERY]


def within(moments: list[float], window: float) -> int:
    """The most that there are in any window."""
    return max(bisect_right(moments, at) - bisect_right(moments, at - window) for at in moments)


def surely_within(spans: list[list[float]], window: float) -> int:
    """The most that lie in any window for certain, where each was somewhere in its span."""
    return max(
        sum(begun >= first and ended <= first + window for begun, ended in spans)
        for first, _ in spans
    )


def test_four_processes_keep_to_one_quota_and_use_it(shared: str, key: str) -> None:
    quota, window, windows = 60, 2.0, 3
    asked = [shared, key, str(quota), str(window), str(windows * window)]
    command = [sys.executable, str(crowd.__file__), *asked]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    spans = [span for process in processes for span in json.loads(process.communicate()[0])]
    assert surely_within(spans, window - 0.01) <= quota
    assert len(spans) >= 0.97 * quota * windows


def test_a_client_waits_for_its_turn(tmp_path: Path) -> None:
    with Sandbox(seed=7, creators=1, videos=90, rate_limit=None) as box:
        limit = RateLimit(quota=3, window=0.2, share=1.0)
        token = box.creators[0].access_token
        with DisplayClient(token, base_url=box.base_url, limiter=limit) as client:
            begun = time.monotonic()
            assert len(list(client.list_videos())) == 90
            assert time.monotonic() - begun > 0.2


class Named:
    """A limiter that says who asked."""

    def __init__(self, name: str, asked: list[str]) -> None:
        self._name, self._asked = name, asked

    def reserve(self, endpoint: str) -> float:
        self._asked.append(f"{self._name} {endpoint}")
        return 0.0


def test_siblings_share_the_limiter_unless_they_are_given_another(
    tiktok_sandbox: Sandbox,
) -> None:
    asked, url = list[str](), tiktok_sandbox.base_url
    anna, ben = (creator.access_token for creator in tiktok_sandbox.creators[:2])
    with DisplayClient(anna, base_url=url, limiter=Named("app", asked)) as client:
        one = client.with_credentials(ben)
        other = client.with_credentials(ben, limiter=Named("ben", asked))
        for each in (one, other, client):
            next(each.list_videos())
    assert asked == [f"{name} {LIST}" for name in ("app", "ben", "app")]


def test_asynchronous_siblings_do_so_too(tiktok_sandbox: Sandbox) -> None:
    asked, url = list[str](), tiktok_sandbox.base_url
    anna, ben = (creator.access_token for creator in tiktok_sandbox.creators[:2])

    async def ask() -> None:
        async with AsyncDisplayClient(anna, base_url=url, limiter=Named("app", asked)) as client:
            one = client.with_credentials(ben)
            other = client.with_credentials(ben, limiter=Named("ben", asked))
            for each in (one, other, client):
                await anext(each.list_videos())

    asyncio.run(ask())
    assert asked == [f"{name} {LIST}" for name in ("app", "ben", "app")]
