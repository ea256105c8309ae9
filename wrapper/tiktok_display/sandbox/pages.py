"""What the two video endpoints answer: pure functions of a request and a history."""

from collections.abc import Mapping
from typing import Any, Literal

from .answers import EnvelopeError
from .histories import History
from .messages import Request
from .videos import FIELDS

CursorMeaning = Literal["exclusive", "inclusive"]

DEFAULT_COUNT = 10
LIMIT = 20
_INT64 = (1 << 63) - 1


def requested_fields(request: Request) -> list[str]:
    """The fields asked for in the query string. What TikTok says to a missing or unknown one, or
    to a repeated parameter, was never observed; refusing is the safer example.
    """
    values = request.parameters().get("fields", [])
    if len(values) != 1:
        raise EnvelopeError(
            "invalid_params", "Send fields once, comma-separated, in the query string."
        )
    fields = values[0].split(",")
    if not set(fields) <= set(FIELDS):
        raise EnvelopeError("invalid_params", "A requested field is unknown.")
    return fields


def json_object(request: Request) -> Mapping[str, Any]:
    """The request's body. Keys nobody knows are ignored."""
    if request.media_type() != "application/json":
        raise EnvelopeError("invalid_params", "The body must be application/json.")
    body = request.json()
    if not isinstance(body, dict):
        raise EnvelopeError("invalid_params", "The body must be a JSON object.")
    return body


def listed(
    request: Request,
    history: History,
    now: float,
    *,
    meaning: CursorMeaning = "exclusive",
    sparse: bool = False,
) -> dict[str, Any]:
    """The data of ``/v2/video/list/`` at the moment ``now`` (s, UTC)."""
    fields, body = requested_fields(request), json_object(request)
    count = _integer(body, "max_count", DEFAULT_COUNT, LIMIT)
    # A cursor of 0 is disputed: some hold it for the beginning. Refused, so that nobody relies
    # on either reading.
    cursor = _integer(body, "cursor", _INT64, _INT64)
    # "Before" in whole seconds: the newest second this page may hold.
    newest = (cursor - 1 if meaning == "exclusive" else cursor) // 1000
    start = history.since(newest)
    if sparse:
        count, gap = _thinned(history, start, count, cursor, now)
        if count == 0:
            return {"cursor": gap, "has_more": True, "videos": []}
    videos = history[start : start + count]
    return {
        # The last video's moment, on the last page too; of an empty page only 0 was recorded.
        "cursor": videos[-1].create_time * 1000 if videos else 0,
        "has_more": start + count < len(history),
        "videos": [video.shown(fields, now) for video in videos],
    }


def _thinned(history: History, start: int, count: int, cursor: int, now: float) -> tuple[int, int]:
    """How many videos a sparse page holds, and where an empty one ends (a cursor, ms).

    A sparse page has half of its videos, as if others between them had been left out by policy; of
    one video none is left. No video is lost by it, and the cursor falls all the same, by a second
    at least, for clients go on from the end of the second they were told; where it could not, the
    page comes whole.
    """
    full = min(count, len(history) - start)
    half = full // 2
    if half and history[start + half - 1].create_time < cursor // 1000:
        return half, 0
    if full == 1:
        second = history[start].create_time
        latest = (min(cursor, int(now) * 1000) - 1) // 1000
        if latest > second + 1:
            return 0, (second + latest + 1) // 2 * 1000
    return count, 0


def queried(request: Request, history: History, now: float) -> dict[str, Any]:
    """The data of ``/v2/video/query/``: ids that are not this creator's are left out silently."""
    fields, body = requested_fields(request), json_object(request)
    filters = body.get("filters")
    ids = filters.get("video_ids") if isinstance(filters, dict) else None
    if not isinstance(ids, list) or not all(isinstance(video_id, str) for video_id in ids):
        raise EnvelopeError("invalid_params", "filters.video_ids must be a list of strings.")
    if not 1 <= len(ids) <= LIMIT:
        raise EnvelopeError("invalid_params", f"filters.video_ids must hold 1 to {LIMIT} ids.")
    # TikTok's order is not known: never the one asked.
    found = [history.find(video_id) for video_id in reversed(dict.fromkeys(ids))]
    return {
        "cursor": 0,
        "has_more": False,
        "videos": [video.shown(fields, now) for video in found if video is not None],
    }


def _integer(body: Mapping[str, Any], name: str, default: int, largest: int) -> int:
    value = body.get(name, default)
    # JSON Schema holds 16.0 for an integer; whether TikTok does was never observed.
    whole = isinstance(value, float) and value.is_integer()
    if isinstance(value, bool) or not (isinstance(value, int) or whole):
        raise EnvelopeError("invalid_params", f"{name} must be an integer.")
    if not 1 <= value <= largest:
        raise EnvelopeError("invalid_params", f"{name} must be 1 to {largest}.")
    return int(value)
