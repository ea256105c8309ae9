"""Histories, and the videos in them."""

import json
import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from tiktok_display import ALL
from tiktok_display.sandbox import History, Sandbox, SandboxVideo, history
from tiktok_display.sandbox.videos import FIELDS, VIDEO_LIFE, signed_afresh

NOON = 1_790_000_000


def test_the_same_seed_gives_the_same_history_and_another_seed_another() -> None:
    assert list(history(1, 30)) == list(history(1, 30))
    assert list(history(1, 30)) != list(history(2, 30))


def test_a_history_runs_from_the_newest_to_the_oldest_with_ids_that_grow_with_time() -> None:
    videos = history(5, 500)
    ids = [int(video.id) for video in videos]
    assert ids == sorted(set(ids), reverse=True)
    assert all(
        number > 1 << 53 and number >> 32 == video.create_time
        for number, video in zip(ids, videos, strict=True)
    )


def test_several_videos_share_a_second_at_the_edges_of_pages_too() -> None:
    videos = history(7, 137)
    assert max(Counter(video.create_time for video in videos).values()) > 1
    assert videos[19].create_time == videos[20].create_time


def test_a_history_shows_all_that_was_seen_at_tiktok() -> None:
    videos = history(7, 200)
    photos = [video for video in videos if video.duration == 0]
    assert photos
    assert all("photomode" in video.cover_image_url for video in photos)
    assert all("/video/" in video.share_url for video in videos)
    assert any(len(video.video_description) > 1_000 for video in videos)
    assert any(not video.title.isascii() for video in videos)
    assert any("🍱" in video.title for video in videos)
    assert any(video.is_aigc for video in videos)
    assert all("<script" in video.embed_html for video in videos)
    assert all("#sandbox" in video.title for video in videos)


def test_a_very_long_history_is_a_sequence_like_any_other() -> None:
    videos = history(7, 200_000)
    assert len(videos) == 200_000
    oldest = datetime.fromtimestamp(videos[-1].create_time, UTC)
    assert oldest.year > 2015
    assert videos.find(videos[100_000].id) == videos[100_000]


def test_a_history_of_given_videos_is_put_in_order_and_keeps_the_order_within_a_second() -> None:
    given = [SandboxVideo("1", 5), SandboxVideo("3", 9), SandboxVideo("2", 9)]
    assert [video.id for video in History(given)] == ["3", "2", "1"]


def test_a_history_does_not_hold_one_id_twice() -> None:
    with pytest.raises(ValueError, match="same id"):
        History([SandboxVideo("1", 5), SandboxVideo("1", 9)])
    videos = History([SandboxVideo("1", 5)])
    with pytest.raises(ValueError, match="already"):
        videos.add(SandboxVideo("1", 5))


@pytest.mark.parametrize("video_id", ["", "x", "²", "-1", str(1 << 64)])
def test_an_id_is_decimal_digits(video_id: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        SandboxVideo(video_id, 5)


def test_an_id_is_found_only_as_it_is_written() -> None:
    videos = History([SandboxVideo("7", 5)])
    assert videos.find("7") is videos[0]
    assert videos.find("007") is None


def test_a_bare_video_is_made_from_its_second() -> None:
    assert SandboxVideo.at(NOON).id == str(NOON << 32)


def test_a_new_video_comes_first_and_a_deleted_one_is_gone(talk: Any, box: Sandbox) -> None:
    before = [video.id for video in talk.creator.videos]
    first, second = box.add_video(talk.creator), box.add_video(talk.creator)
    assert first.create_time == second.create_time == int(box.now.timestamp())
    assert talk.ids(talk.list(max_count=3)) == [second.id, first.id, before[0]]
    box.delete_video(talk.creator, first.id)
    assert [video.id for video in talk.creator.videos] == [second.id, *before]
    with pytest.raises(KeyError):
        box.delete_video(talk.creator, first.id)


def test_a_given_video_is_put_where_its_second_says(talk: Any, box: Sandbox) -> None:
    before = list(talk.creator.videos)
    video = SandboxVideo("12345123451234512345", before[0].create_time - 1)
    assert box.add_video(talk.creator, video) is video
    newer = [found for found in before if found.create_time > video.create_time]
    assert list(talk.creator.videos) == [*newer, video, *before[len(newer) :]]
    assert talk.ids(talk.query([video.id])) == [video.id]


def test_a_history_given_video_by_video_makes_none_up() -> None:
    box = Sandbox(histories=[[]])
    with pytest.raises(ValueError, match="video by video"):
        box.add_video(box.creators[0])


def test_every_field_of_the_api_is_there() -> None:
    assert set(FIELDS) == set(ALL)
    assert set(history(7, 1)[0].shown(list(FIELDS), NOON)) == set(FIELDS)


def test_the_link_of_a_cover_is_the_truth_at_first_and_good_at_any_time(
    talk: Any, box: Sandbox
) -> None:
    def cover() -> str:
        answer = json.loads(talk.list(fields="cover_image_url", max_count=1).body)
        return str(answer["data"]["videos"][0]["cover_image_url"])

    stored = cover()
    assert stored == talk.creator.videos[0].cover_image_url
    box.advance(hours=47)
    box.login(talk.creator)
    expires = [int(re.findall(r"x-expires=(\d+)", url)[0]) for url in (stored, cover())]
    assert expires[0] < box.now.timestamp() < expires[1] <= box.now.timestamp() + VIDEO_LIFE


def test_a_link_without_an_expiry_stays_as_it_is() -> None:
    assert signed_afresh("https://example.test/cover.jpg", VIDEO_LIFE, NOON).endswith("cover.jpg")


def test_creators_who_post_in_the_same_second_post_different_videos() -> None:
    box = Sandbox(seed=7, creators=50)
    posted = [box.add_video(creator) for creator in box.creators]
    assert len({video.create_time for video in posted}) == 1
    assert len({video.id for video in posted}) == 50
