"""Dates as people type them."""

import warnings
from datetime import datetime, timedelta

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_TWO_DAYS = (datetime(2000, 1, 1), datetime(2004, 3, 2))  # noqa: DTZ001 - what was typed has none


def moment(text: str, now: datetime) -> datetime:
    """The moment that ``text`` names, aware; without a time zone in it, in the local one.

    What the text leaves out is what is most likely meant: "2026" is its first day, "march" this
    year's, "10:30" is today, and "monday" the latest one, for no video is from next week.

    Args:
        text: what python-dateutil reads; or now, today, yesterday, a day of the week.
        now: an aware datetime.

    Raises:
        ValueError: it is no date, in words for whoever typed it.
    """
    word = text.strip().lower()
    if word == "now":
        return now
    midnight = now.astimezone().replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    if (days := _days_ago(word, midnight)) is not None:
        return (midnight - timedelta(days)).astimezone()
    parsed = _parsed(text, midnight)
    return parsed if parsed.tzinfo else parsed.astimezone()


def _days_ago(word: str, today: datetime) -> int | None:
    if word in _DAYS:
        return (today.weekday() - _DAYS.index(word)) % 7
    return {"today": 0, "yesterday": 1}.get(word)


def _parsed(text: str, midnight: datetime) -> datetime:
    from dateutil.parser import UnknownTimezoneWarning, parse  # noqa: PLC0415 - few commands name a date

    try:
        with warnings.catch_warnings():
            # It would go on as if the zone were the local one.
            warnings.simplefilter("error", UnknownTimezoneWarning)
            # Read against two different days, the text shows which parts it names itself.
            one, other = (parse(text, default=day) for day in _TWO_DAYS)
            names_a_month = one.year == other.year or one.month == other.month
            new_year = midnight.replace(month=1, day=1)
            return parse(text, default=new_year if names_a_month else midnight)
    except UnknownTimezoneWarning:
        raise ValueError(f"{text!r} names an unknown time zone: write an offset, +01:00") from None
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is no date: write 2026-03-01, '1 March 2026 18:30' or yesterday"
        ) from None
