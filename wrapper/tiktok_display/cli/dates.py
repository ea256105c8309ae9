"""Dates as people type them."""

import re
import warnings
from datetime import datetime, timedelta
from typing import Any

from dateutil.parser import UnknownTimezoneWarning, parse, parserinfo

# To dateutil "UTC+3" is POSIX's, three hours behind; to everybody else it is three ahead, as +3 is.
_UTC = re.compile(r"(?<![a-z])(?:utc|gmt|z)\s*(?=[-+]\s*\d)", re.IGNORECASE)
_OFFSET = re.compile(r"[-+]\s*\d\d?:\d\d|\s[-+]\s*\d{4}\b")


class _Named(parserinfo):
    """The words of a date, and which parts of one the text read last names itself."""

    parts: Any = None

    def validate(self, res: Any) -> bool:
        self.parts = res
        return super().validate(res)


def moment(text: str, now: datetime) -> datetime:
    """The moment that ``text`` names, aware; without a time zone in it, in the local one.

    What the text leaves out is what is most likely meant: "2026" is its first day, "10:30" is
    today, "march" and "monday" are the latest ones, for no video is from next week.

    Args:
        text: what python-dateutil reads; or now, today, yesterday.
        now: an aware datetime.

    Raises:
        ValueError: it is no date, in words for whoever typed it.
    """
    word = text.strip().lower()
    if word == "now":
        return now
    midnight = now.astimezone().replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    if word in ("today", "yesterday"):
        return (midnight - timedelta(days=word == "yesterday")).astimezone()
    named = _Named()
    _read(text, midnight, named)
    parts = named.parts
    if parts.tzoffset is None and _OFFSET.search(text):
        raise ValueError(f"{text!r} has an offset without a time: write 2026-03-01T18:30-08:00")
    if parts.tzname and parts.tzoffset and "(" not in text:  # "+0100 (CET)" is an e-mail's
        raise ValueError(f"{text!r} names a time zone and an offset: write the offset, +01:00")
    likely, earlier = _defaults(parts, midnight)
    meant = _read(text, likely, named)
    return meant if meant <= now else _read(text, earlier, named)


def _defaults(parts: Any, midnight: datetime) -> tuple[datetime, datetime]:
    """What fills in the parts that are not named: at first, and where that leads beyond now."""
    new_year = midnight.replace(month=1, day=1)
    if parts.year is not None:
        return new_year, new_year
    if parts.month is not None:
        return new_year, new_year.replace(year=new_year.year - 1)
    if parts.weekday is not None and parts.day is None:
        # It is looked for from there on, so it is found in the seven days up to today.
        return midnight - timedelta(days=6), midnight - timedelta(days=13)
    return midnight, midnight


def _read(text: str, default: datetime, named: _Named) -> datetime:
    try:
        with warnings.catch_warnings():
            # It would go on as if the zone were the local one.
            warnings.simplefilter("error", UnknownTimezoneWarning)
            read = parse(_UTC.sub(" ", text), parserinfo=named, default=default)
        is_aware = read.utcoffset() is not None
    except UnknownTimezoneWarning:
        raise ValueError(f"{text!r} names an unknown time zone: write an offset, +01:00") from None
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is no date: write 2026-03-01, '1 March 2026 18:30' or yesterday"
        ) from None
    try:
        return read if is_aware else read.astimezone()
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is too far off: name a year from 2 to 9998") from None
