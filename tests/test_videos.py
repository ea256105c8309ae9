"""What raw fields mean: pure, on recorded videos."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok_display import Video, canonical_url, cover_expires_at, is_photo, posted_at

MEANINGS = [canonical_url, cover_expires_at, is_photo, posted_at]


def recorded(sample: Callable[[str], Any]) -> list[Video]:
    rows = sample("real_video_objects_2025-10_from_db_dump")
    return [Video.from_dict(row) for row in rows]


def test_create_time_is_a_moment_in_utc(sample: Callable[[str], Any]) -> None:
    video = recorded(sample)[0]
    assert posted_at(video) == datetime(2025, 9, 10, 21, 58, 29, tzinfo=UTC)


def test_a_cover_says_itself_when_it_expires(sample: Callable[[str], Any]) -> None:
    video = recorded(sample)[0]
    assert cover_expires_at(video) == datetime.fromtimestamp(1760533200, UTC)


def test_photo_posts_are_told_by_their_duration(sample: Callable[[str], Any]) -> None:
    assert [is_photo(video) for video in recorded(sample)[:2]] == [False, True]


def test_a_canonical_url_does_not_name_the_app_that_asked(sample: Callable[[str], Any]) -> None:
    video = recorded(sample)[0]
    assert canonical_url(video) == (
        "https://www.tiktok.com/@creator_handle/video/7548583132778351886"
    )


@pytest.mark.parametrize("meaning", MEANINGS)
def test_what_was_not_sent_has_no_meaning(meaning: Callable[[Video], object]) -> None:
    assert meaning(Video()) is None
    nothing: Any = None
    empty = Video(create_time=nothing, cover_image_url=nothing, share_url=nothing, duration=nothing)
    assert meaning(empty) is None


@pytest.mark.parametrize("meaning", MEANINGS)
@given(st.text(), st.integers())
def test_no_value_breaks_a_meaning(
    meaning: Callable[[Video], object], text: str, number: int
) -> None:
    for url in (
        text,
        f"https://[{text}",
        f"https://a.b/c?x-expires={text}",
        f"?x-expires={number}",
    ):
        meaning(Video(create_time=number, cover_image_url=url, share_url=url, duration=number))


def test_odd_urls_and_impossible_moments_have_no_meaning() -> None:
    odd = Video(create_time=10**18, cover_image_url="https://[oops", share_url="https://[oops")
    long = Video(cover_image_url=f"https://a.example/?x-expires={'9' * 5000}")
    assert cover_expires_at(long) is None
    assert [meaning(odd) for meaning in (canonical_url, cover_expires_at, posted_at)] == [None] * 3
