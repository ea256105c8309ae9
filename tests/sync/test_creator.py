"""One creator: what is in the database is what TikTok has, whatever happens on the way."""

import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.sync.office import Office, truth
from tiktok_display import (
    ConfigurationError,
    PostgresTokenStore,
    RedisTokenStore,
    SqliteTokenStore,
    forks,
)
from tiktok_display.auth.environment import KEY_VARIABLE, SECRET_VARIABLE
from tiktok_display.sandbox import SandboxCreator
from tiktok_display.stores import Key
from tiktok_display.sync import Synced, SyncError, SyncSettings
from tiktok_display.sync.workshop import token_store, workshops

LIST = "/v2/video/list/"


def in_newest_second(creator: SandboxCreator) -> int:
    """How many of a creator's videos were posted in the second of the newest: they are listed each
    time.
    """
    times = [video.create_time for video in creator.videos]
    return times.count(max(times))


def test_everything_is_listed_at_first(office: Office) -> None:
    for creator in office.box.creators:
        assert office.sync(creator) == Synced(creator.open_id, len(creator.videos), "active")
        assert office.videos(creator) == truth(creator)


def test_to_repeat_it_doubles_nothing_and_asks_for_one_page(office: Office) -> None:
    creator = office.box.creators[0]
    office.sync(creator)
    office.box.clear_requests()
    assert office.sync(creator).state == "active"
    assert office.videos(creator) == truth(creator)
    assert len(office.box.requests) == 1


def test_what_is_new_is_listed_and_nothing_else(office: Office) -> None:
    creator = office.box.creators[0]
    at_the_top = in_newest_second(creator)
    office.sync(creator)
    for _ in range(3):
        office.box.advance(minutes=20)
        office.box.add_video(creator)
    office.box.clear_requests()
    assert office.sync(creator).videos == 3 + at_the_top
    assert office.videos(creator) == truth(creator)
    assert len(office.box.requests) == 1


@pytest.mark.parametrize("good", range(7))
def test_an_interrupted_walk_goes_on(office: Office, good: int) -> None:
    creator = office.box.creators[0]
    office.box.fault(path=LIST, code="invalid_params", nth=good + 1, times=99)
    first = office.sync(creator)
    # A page has the last videos of the one before again.
    assert (first.state, 18 * good <= first.videos <= 20 * good) == ("failed", True)
    office.box.clear_faults()
    office.box.advance(hours=1)
    office.box.add_video(creator)
    office.box.clear_requests()
    assert office.sync(creator).state == "active"
    assert office.videos(creator) == truth(creator)
    assert len(office.box.requests) <= 7 - good + 2


def test_counters_that_are_due_are_looked_up(office: Office) -> None:
    creator = office.box.creators[0]
    office.sync(creator)
    ids = [id for id, _ in office.videos(creator)]
    office.box.delete_video(creator, ids[50])
    office.box.advance(days=1)
    assert office.sync(creator, ids).videos == in_newest_second(creator) + 129
    missing = office.rows("SELECT video_id FROM videos WHERE missing_since IS NOT NULL")
    assert missing == [(ids[50],)]
    days = office.rows("SELECT day, count(*) FROM video_snapshots GROUP BY day ORDER BY day")
    assert [(str(day), count) for day, count in days] == [("2026-11-01", 130), ("2026-11-02", 129)]


def test_a_day_has_one_snapshot(office: Office) -> None:
    creator = office.box.creators[0]
    office.sync(creator)
    office.box.advance(hours=2)
    office.sync(creator, [id for id, _ in office.videos(creator)])
    times = office.rows("SELECT DISTINCT day, synced_at FROM video_snapshots")
    assert len(times) == 1


def test_a_video_that_comes_back_is_not_missing(office: Office) -> None:
    creator = office.box.creators[0]
    office.sync(creator)
    video = next(iter(creator.videos))
    office.box.delete_video(creator, video.id)
    office.box.advance(hours=1)
    office.sync(creator, [video.id])
    office.box.add_video(creator, video)
    office.box.advance(hours=1)
    office.sync(creator, [video.id])
    assert office.rows("SELECT count(*) FROM videos WHERE missing_since IS NOT NULL") == [(0,)]


def test_a_creator_whose_login_is_gone_is_set_aside_until_the_next(office: Office) -> None:
    creator = office.box.creators[0]
    office.box.revoke(creator)
    aside = office.sync(creator)
    assert (aside.state, aside.videos) == ("login", 0)
    assert aside.reason
    office.box.clear_requests()
    assert office.sync(creator) == aside  # without a request
    assert office.box.requests == []
    office.box.advance(days=1)
    office.log_in(creator)
    assert office.sync(creator).state == "active"
    assert office.videos(creator) == truth(creator)


def test_two_runs_at_once_double_nothing(office: Office) -> None:
    creator = office.box.creators[0]
    with ThreadPoolExecutor(2) as pool:
        states = {done.state for done in pool.map(office.sync, [creator] * 2)}
    assert states == {"active"}
    office.sync(creator)
    assert office.videos(creator) == truth(creator)


def test_what_was_seen_later_is_kept(office: Office) -> None:
    creator = office.box.creators[0]
    office.box.advance(hours=1)
    office.sync(creator)
    with office.shop.database.transaction() as session:
        session.run("UPDATE videos SET synced_at = synced_at + 9999, view_count = -1")
    office.sync(creator, [id for id, _ in office.videos(creator)])
    assert {count for _, count in office.videos(creator)} == {-1}


def test_a_database_that_fails_is_no_matter_of_the_creator(office: Office) -> None:
    with office.shop.database.transaction() as session:
        session.run("DROP TABLE video_snapshots")
    with pytest.raises(SyncError):
        office.sync(office.box.creators[0])


def test_logins_may_be_in_any_store(tmp_path: Path, postgres_dsn: str, redis_url: str) -> None:
    path = str(tmp_path / "tokens.db")
    for url, kind in (
        (path, SqliteTokenStore),
        (f"sqlite:///{path}", SqliteTokenStore),
        (postgres_dsn, PostgresTokenStore),
        (redis_url, RedisTokenStore),
    ):
        with token_store(url) as store:
            assert isinstance(store, kind)
            assert store.read(Key("app", "nobody")) is None


def test_a_process_opens_one_workshop_for_all_its_threads(office: Office) -> None:
    names = {
        KEY_VARIABLE: office.box.app.client_key,
        SECRET_VARIABLE: office.box.app.client_secret,
    }
    os.environ.update(names)
    try:
        with ThreadPoolExecutor(4) as pool:
            opened = {*pool.map(workshops.opened, [office.settings] * 8)}
    finally:
        for name in names:
            del os.environ[name]
    forks._renew()  # what runs in the child
    assert opened == {workshops.opened(office.settings)}
    workshops.close()


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ConfigurationError):
        SyncSettings(database="videos.db", tokens="tokens.db", pages=0)


def test_settings_travel_without_a_secret(office: Office) -> None:
    box, told = office.box, pickle.dumps(office.settings)
    assert pickle.loads(told) == office.settings
    assert len(told) < 500
    secrets = [box.app.client_secret, *(creator.access_token for creator in box.creators)]
    assert not any(secret.encode() in told for secret in secrets)
