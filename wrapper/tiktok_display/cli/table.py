"""Videos as a table: widths are decided before the first row, so that rows come as they arrive."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.cells import cell_len, set_cell_size

from .formats import Row, plain

DEFAULT_FIELDS = ("id", "create_time", "view_count", "like_count", "title")

_HEADINGS = {"create_time": "posted"}
_WIDTHS = {"id": 19, "create_time": 16, "duration": 8, "height": 6, "width": 6, "is_aigc": 7}
_COUNT_WIDTH, _LEAST_TEXT = 8, 8
_GAP = "  "
_COUNT = re.compile(r"(\w+)_count")


def as_table(
    rows: Iterable[Row], fields: Sequence[str], width: int, encoding: str = "utf-8"
) -> Iterator[str]:
    """The table for a terminal of ``width`` columns, a line for each piece."""
    columns = list(zip(fields, _widths(fields, width), strict=True))
    above = line_of(
        [cut(_heading(name), wide, encoding, right=_is_number(name)) for name, wide in columns],
        width,
    )
    for row in rows:
        cells = ((name, wide, _shown(name, row.get(name), encoding)) for name, wide in columns)
        yield above + line_of(
            [cut(cell, wide, encoding, right=_is_number(name)) for name, wide, cell in cells],
            width,
        )
        above = ""
    if above:
        yield "no videos\n"


def _is_number(name: str) -> bool:
    return bool(_COUNT.fullmatch(name)) or name in ("duration", "height", "width")


def _heading(name: str) -> str:
    count = _COUNT.fullmatch(name)
    return f"{count[1]}s" if count else _HEADINGS.get(name, name)


def _widths(fields: Sequence[str], width: int) -> list[int]:
    """What each column gets: texts share what the others leave."""
    fixed = [_COUNT_WIDTH if _COUNT.fullmatch(name) else _WIDTHS.get(name, 0) for name in fields]
    texts = fixed.count(0)
    left = width - sum(fixed) - len(_GAP) * (len(fields) - 1)
    return [wide or max(_LEAST_TEXT, left // texts) for wide in fixed]


def _shown(name: str, value: object, encoding: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "create_time" and isinstance(value, int):
        return _posted(value)
    if _COUNT.fullmatch(name) and isinstance(value, int):
        return compact(value)
    # What the terminal's encoding lacks is replaced here, before its width counts.
    return plain(str(value)).encode(encoding, "replace").decode(encoding)


def _posted(seconds: int) -> str:
    """Local time, as everything for people."""
    try:
        return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):  # beyond the years a datetime can name
        return str(seconds)


def compact(count: int) -> str:
    """A count as TikTok's own pages show it: 934, 12.3K, 4.1M; other formats are exact."""
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        if count >= size:
            tenths = count * 10 // size
            return f"{tenths // 10}.{tenths % 10}{letter}"
    return str(count)


def cut(text: str, width: int, encoding: str, *, right: bool = False) -> str:
    """The text on exactly ``width`` columns, where emoji and many scripts take two for one."""
    room = width - cell_len(text)
    if room >= 0:
        return " " * room + text if right else text + " " * room
    mark = "\u2026" if encoding.lower().startswith("utf") else ">"
    return set_cell_size(text, width - 1) + mark


def line_of(cells: Sequence[str], width: int) -> str:
    line = _GAP.join(cells).rstrip()
    # A terminal narrower than its columns cuts them: a line that wraps is worse.
    if cell_len(line) > width:
        line = set_cell_size(line, width)
    while cell_len(line) > width:  # rich cuts joiners wrongly, which have no width of their own
        line = line[:-1]
    return line + "\n"
