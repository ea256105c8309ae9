"""The words and numbers of a report on growth, for a terminal and for a page. Pure."""

from collections.abc import Callable, Iterator
from datetime import date
from urllib.parse import urlsplit

from ..sync.growth import GrownVideo, Report
from .table import compact

COUNTED = ("views", "likes", "comments", "shares", "videos")

SMALL_PRINT = (
    (
        "A video grows on the day on which that was seen: by its count less that of its last"
        " snapshot before. The 20 newest of a creator are seen at least once a day, others every"
        " week or month; their growth of that time stands on one day."
    ),
    (
        "A video that was posted since its creator was first synced grows from 0. One that was"
        " there before begins with its first count."
    ),
    (
        "TikTok corrects counts, so a gain may be negative. A video that TikTok no longer shows"
        " keeps its last counts. Days are days in UTC."
    ),
)


def exact(count: int) -> str:
    """All of its digits: 1,234,567."""
    return f"{count:,}"


def gain(count: int, form: Callable[[int], str] = compact, minus: str = "-") -> str:
    """A count with its sign: +12.3K, -5, 0."""
    sign = "+" if count > 0 else minus if count < 0 else ""
    return sign + form(abs(count))


def number(count: int, what: str) -> str:
    """So many of them: 1 creator, 2 creators."""
    return f"{exact(count)} {what}{'s' if count != 1 else ''}"


def named(day: date) -> str:
    """A day: 14 November 2026."""
    return f"{day.day} {day:%B %Y}"


def between(first: date, last: date) -> str:
    """A period, with nothing said twice: 1 to 14 November 2026."""
    if first == last:
        return named(last)
    if first.year != last.year:
        return f"{named(first)} to {named(last)}"
    month = "" if first.month == last.month else f" {first:%B}"
    return f"{first.day}{month} to {named(last)}"


def period(report: Report) -> str:
    """Of which days it tells."""
    days = number(len(report.overall.days), "day")
    return f"{between(report.first, report.last)} ({days})"


def notes(report: Report, now: float) -> Iterator[str]:
    """How fresh the counts are at ``now`` (Unix seconds), and what else somebody should know."""
    newest = report.synced_at
    yield (
        f"The newest counts are of {named(newest.date())}, {newest:%H:%M} UTC:"
        f" {_ago(now - newest.timestamp())}."
    )
    if report.late:
        have = "has" if report.late == 1 else "have"
        yield f"{number(report.late, 'creator')} {have} not been synced for two days or more."
    if report.set_aside:
        needs = "needs" if report.set_aside == 1 else "need"
        yield f"{number(report.set_aside, 'creator')} {needs} a new login: tiktok-display login."


def _ago(seconds: float) -> str:
    for size, what in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{number(int(seconds // size), what)} ago"
    return "just now"


def link(video: GrownVideo) -> str | None:
    """Where a video is to be seen, without the query, which names the app that asked. None for what
    is no address of TikTok's: reports are read by people who click.
    """
    try:
        parts = urlsplit(video.share_url or "")
        host = parts.hostname or ""
    except ValueError:  # brackets that are no IPv6 address
        return None
    if parts.scheme != "https" or not f".{host}".endswith(".tiktok.com"):
        return None
    return f"https://{host}{parts.path}"
