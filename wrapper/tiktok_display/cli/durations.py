"""Durations as people type them."""

import re

import rich_click as click

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LEAST, _MOST = 60, 7 * 86_400


def duration(_: object, __: object, value: str | None) -> int | None:
    """Seconds, from ``15m``, ``1h``, ``1d``: a minute to a week."""
    if value is None:
        return None
    found = re.fullmatch(r"([0-9]{1,6})\s*([smhd])", value.strip().lower(), re.ASCII)
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not _LEAST <= seconds <= _MOST:
        raise click.BadParameter("give a duration from 1m to 7d: 15m, 1h, 1d")
    return seconds
