"""What a video's raw fields mean. Each answers None where the field was not asked for or not sent.

https://developers.tiktok.com/doc/tiktok-api-v2-video-object
"""

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from tiktok_display_api.models import Video


def posted_at(video: Video) -> datetime | None:
    """When the video was posted: ``create_time`` (s) as an aware datetime in UTC."""
    return _moment(video.create_time)


def cover_expires_at(video: Video) -> datetime | None:
    """When the signed cover URL stops working: its ``x-expires``, for the documented six hours are
    not what it says. Ask for the video again then; do not store the URL.
    """
    query = _url_part(video.cover_image_url, "query")
    stamp = parse_qs(query).get("x-expires", [""])[-1]
    return _moment(int(stamp)) if re.fullmatch("[0-9]{1,12}", stamp) else None


def is_photo(video: Video) -> bool | None:
    """Whether the post is photos: they come with a ``duration`` of 0 s."""
    return video.duration == 0 if isinstance(video.duration, int) else None


def canonical_url(video: Video) -> str | None:
    """``share_url`` without its query, which names the app that asked."""
    path = _url_part(video.share_url, "path")
    return f"https://{_url_part(video.share_url, 'netloc')}{path}" if path else None


def _url_part(url: object, part: str) -> str:
    try:
        return str(getattr(urlsplit(url), part)) if isinstance(url, str) else ""
    except ValueError:  # brackets that are no IPv6 address
        return ""


def _moment(seconds: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
    except (ValueError, OverflowError, OSError):  # beyond the years a datetime can name
        return None
