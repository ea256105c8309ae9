"""One creator: what is in the database is what TikTok has, whatever happens on the way."""

import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.sync.office import Office, truth
from tiktok_display import (
    AccessTokenInvalid,
    ConfigurationError,
    RateLimit,
    RateLimited,
    ReauthorizationRequired,
    ScopeNotAuthorized,
    TikTokError,
    TransportError,
    forks,
)
from tiktok_display.auth.environment import KEY_VARIABLE, SECRET_VARIABLE
from tiktok_display.sync import Synced, SyncError, SyncSettings
from tiktok_display.sync.cadence import DAY, HOUR
from tiktok_display.sync.synced import state_after
from tiktok_display.sync.workshop import Asked, workshops

LIST = "/v2/video/list/"


def test_everything_is_listed_at_first(office: Office) -> None:
    for creator in office.box.creators:
        done = office.sync(creator)
        assert done[:4] == Synced(creator.open_id, len(creator.videos), "active")[:4]
        lists = [request for request in office.box.requests if request.path == LIST]
        assert (done.lists, done.lookups) == (len(lists), 0)
        office.box.clear_requests()
        assert office.videos(creator) == truth(creator)


def test_to_repeat_it_doubles_nothing_and_asks_for_one_page(office: Office) -> None:
    creator = office.box.creators[0]
    office.sync(creator)
    office.box.clear_requests()
    assert office.sync(creator).state == "active"
    assert office.videos(creator) == truth(creator)
    assert len(office.box.requests) == 1


def test_what_is_new_is_one_page_with_the_counters_of_what_is_older(office: Office) -> None:
    creator = office.box.creators[0]
    office.sync(creator)
    for _ in range(3):
        office.box.advance(minutes=20)
        office.box.add_video(creator)
    office.box.clear_requests()
    done = office.sync(creator)
    assert (done.videos, done.lists, done.lookups) == (20, 1, 0)
    assert office.videos(creator) == truth(creator)
    assert len(office.box.requests) == 1


def test_more_that_is_new_than_a_page_holds_is_listed_too(office: Office) -> None:
    creator = office.box.creators[0]
    office.sync(creator)
    for _ in range(50):
        office.box.advance(minutes=2)
        office.box.add_video(creator)
    done = office.sync(creator)
    assert done.lists == 3
    assert office.videos(creator) == truth(creator)


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


def test_older_videos_that_are_due_are_looked_up_in_full_twenties(office: Office) -> None:
    creator = office.box.creators[0]
    office.sync(creator)
    ids = [id for id, _ in office.videos(creator)]
    office.box.delete_video(creator, ids[50])
    office.box.advance(days=31)
    done = office.sync(creator)
    assert (done.videos, done.lookups) == (129, 6)
    assert done.lists == 2  # one with a token that had expired
    missing = office.rows("SELECT video_id FROM videos WHERE missing_since IS NOT NULL")
    assert missing == [(ids[50],)]
    days = office.rows("SELECT day, count(*) FROM video_snapshots GROUP BY day ORDER BY day")
    assert [(str(day), count) for day, count in days] == [("2026-11-01", 130), ("2026-12-02", 129)]


def test_a_visit_says_when_the_next_is_due(office: Office) -> None:
    creator = office.box.creators[0]
    office.sync(creator)
    ((due_at, lookups),) = office.rows("SELECT due_at, lookups FROM creators")
    assert HOUR // 2 < due_at - office.now() <= DAY
    assert 0 <= lookups <= 6


def test_a_day_has_one_snapshot_of_a_video(office: Office) -> None:
    creator = office.box.creators[0]
    office.sync(creator)
    office.box.advance(hours=2)
    office.sync(creator)
    ((count, videos, moments),) = office.rows(
        "SELECT count(*), count(DISTINCT video_id), count(DISTINCT synced_at) FROM video_snapshots"
    )
    assert (count, videos, moments) == (130, 130, 2)


@pytest.mark.parametrize("place", [0, 50])
def test_a_video_that_comes_back_is_not_missing(office: Office, place: int) -> None:
    missing = "SELECT video_id FROM videos WHERE missing_since IS NOT NULL"
    creator = office.box.creators[0]
    office.sync(creator)
    video = list(creator.videos)[place]
    office.box.delete_video(creator, video.id)
    office.box.advance(days=31)
    office.sync(creator)
    assert office.rows(missing) == [(video.id,)]
    office.box.add_video(creator, video)
    office.box.advance(days=31)
    office.sync(creator)
    assert office.rows(missing) == []


def test_a_creator_whose_login_is_gone_is_set_aside_until_the_next(office: Office) -> None:
    creator = office.box.creators[0]
    office.box.revoke(creator)
    aside = office.sync(creator)
    assert (aside.state, aside.videos) == ("login", 0)
    assert aside.reason
    office.box.clear_requests()
    assert office.sync(creator) == aside._replace(lists=0)
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
        session.run("UPDATE videos SET asked_at = asked_at + 9999, view_count = -1")
    office.sync(creator)
    assert {count for _, count in office.videos(creator)} == {-1}


def test_a_database_that_fails_is_no_matter_of_the_creator(office: Office) -> None:
    with office.shop.database.transaction() as session:
        session.run("DROP TABLE video_snapshots")
    with pytest.raises(SyncError):
        office.sync(office.box.creators[0])


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (AccessTokenInvalid("access_token_invalid"), "login"),
        (ScopeNotAuthorized("scope_not_authorized"), "login"),
        (ReauthorizationRequired("a", "revoked"), "login"),
        (RateLimited("rate_limit_exceeded", status=429), "limited"),
        (TransportError("no route"), "failed"),
    ],
)
def test_an_error_decides_the_state(error: TikTokError, state: str) -> None:
    assert state_after(error) == state


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


@pytest.mark.parametrize(
    "wrong", [{"pages": 0}, {"rate": 0}, {"rate": "600"}, {"database": ""}, {"tokens": None}]
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        SyncSettings(**{"database": "videos.db", "tokens": "tokens.db", **wrong})


def test_a_file_means_the_same_from_every_folder() -> None:
    settings = SyncSettings(database="sqlite:///a.db", tokens="b.db", quota="redis://host")
    assert settings.database == f"sqlite:///{Path.cwd() / 'a.db'}"
    assert settings.tokens == str(Path.cwd() / "b.db")
    assert settings.quota == "redis://host"


def test_settings_travel_without_a_secret(office: Office) -> None:
    box, told = office.box, pickle.dumps(office.settings)
    assert pickle.loads(told) == office.settings
    assert len(told) < 600
    secrets = [box.app.client_secret, *(creator.access_token for creator in box.creators)]
    assert not any(secret.encode() in told for secret in secrets)


def test_only_what_a_limiter_lets_through_is_counted() -> None:
    asked = Asked(RateLimit(quota=1))
    assert [asked.reserve(path) > 0 for path in (LIST, LIST, "/v2/video/query/")] == [
        False,
        True,
        False,
    ]
    assert (asked.lists, asked.lookups) == (1, 1)
