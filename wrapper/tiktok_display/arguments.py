"""What a caller may ask for: checked and put in order before anything is sent. Pure."""

import re
import warnings
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice

from tiktok_display_api.models import VideoField

from .errors import ConfigurationError, UnknownFieldWarning

ALL = tuple(VideoField)
LATEST = 2**63 - 1  # the largest cursor, an int64
MOST = 20  # videos in a page, and ids in a query

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KNOWN = frozenset(name.value for name in VideoField)


def names_of(fields: Iterable[VideoField | str], *needed: VideoField) -> str:
    """The ``fields`` parameter: each name once, in the order given, and what the walk needs."""
    if isinstance(fields, str):
        raise ConfigurationError("fields is a list of names, not one string")
    names = list(dict.fromkeys(str(getattr(name, "value", name)) for name in (*fields, *needed)))
    for name in names:
        if not re.fullmatch(r"\w+", name, re.ASCII):
            raise ConfigurationError(f"{name!r} is no field name")
        if name not in _KNOWN:
            message = f"TikTok may know a field {name!r}; this version does not, and sends it on"
            warnings.warn(message, UnknownFieldWarning, stacklevel=3)
    return ",".join(names)


def batches(ids: Iterable[str]) -> list[list[str]]:
    """The ids, each once, in the order first asked, cut into as many as a query may name."""
    if isinstance(ids, str):
        raise ConfigurationError("ids is a list of ids, not one string")
    unique = iter(dict.fromkeys(ids))
    cut = list(iter(lambda: list(islice(unique, MOST)), []))
    if not all(isinstance(id, str) and id for batch in cut for id in batch):
        raise ConfigurationError("an id is a non-empty string")
    return cut


def whole_number(name: str, value: object, least: int, most: int) -> None:
    """Refuse anything but a whole number from ``least`` to ``most``."""
    if type(value) is not int or not least <= value <= most:
        raise ConfigurationError(f"{name} is a whole number from {least} to {most}")


def unix_seconds(name: str, moment: datetime | None) -> int | None:
    """Unix seconds, rounded up: ``create_time`` knows no fractions."""
    if moment is None:
        return None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ConfigurationError(f"{name} is a datetime with a time zone")
    return -((_EPOCH - moment) // timedelta(seconds=1))


def check_amounts(max_items: int | None, workers: int) -> None:
    """Refuse what is no number of videos, or of workers."""
    if max_items is not None:
        whole_number("max_items", max_items, 0, LATEST)
    whole_number("workers", workers, 1, 64)
