"""How videos are written: JSON, lines of JSON, CSV. Pure: rows go in, pieces of text come out.

A piece is what one row adds, so that everything can be written while the next page is fetched.
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from .. import ALL, Video

Row = Mapping[str, object]

# Every field, in the order in which the documentation tells about a video.
FIELDS = tuple(sorted(ALL, key=[field.name for field in attrs.fields(Video)].index))

# What a spreadsheet takes for the beginning of a formula:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# What json.dumps lets through: terminals obey U+009B, and no encoding knows half a surrogate pair.
_UNSAFE_IN_JSON = re.compile(r"[\x7f-\x9f\ud800-\udfff]")
_JOINERS = "\u200c\u200d"  # families of emoji, and several scripts, are written with them


def row_of(video: Video, fields: Iterable[str] = ()) -> Row:
    """All that came of a video: the ``fields`` in their order, then whatever came beside them."""
    came = video.to_dict()
    asked = {name: came.pop(name) for name in fields if name in came}
    return asked | came


def json_text(row: Row, *, ascii_only: bool = False) -> str:
    """A row as one line of JSON, without its end."""
    text = json.dumps(row, ensure_ascii=ascii_only, separators=(",", ":"))
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def as_jsonl(rows: Iterable[Row], *, ascii_only: bool = False) -> Iterator[str]:
    """One object a line."""
    for row in rows:
        yield json_text(row, ascii_only=ascii_only) + "\n"


def as_json(rows: Iterable[Row], *, ascii_only: bool = False) -> Iterator[str]:
    """One array, an object a line. Where ``rows`` fail it stays open: half an array is no JSON,
    so nobody takes it for the whole.
    """
    before, end = "[\n", "[]\n"
    for row in rows:
        yield before + json_text(row, ascii_only=ascii_only)
        before, end = ",\n", "\n]\n"
    yield end


def as_csv(rows: Iterable[Row], fields: Sequence[str]) -> Iterator[str]:
    """A header of the ``fields``, then a line for each row; never a header without an answer."""
    header = _csv_line(fields)
    for row in rows:
        yield header + _csv_line([_cell(row.get(name)) for name in fields])
        header = ""
    if header:
        yield header


def _csv_line(cells: Iterable[str]) -> str:
    # With the module's own line end, for it quotes nothing but the line end it knows.
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().removesuffix("\r\n") + "\n"


def _cell(value: object) -> str:
    """A value as a cell. Text that a spreadsheet would run as a formula gets an apostrophe: CSV is
    read by spreadsheets, titles are written by strangers, and JSON has the untouched text.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return json_text({"": value})[4:-1]
    text = _CONTROLS.sub("\ufffd", value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def plain(text: str) -> str:
    """The text as one line that steers no terminal: no control characters, no change of the
    direction of writing.
    """
    return "".join(map(_harmless, " ".join(text.split())))


def _harmless(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in ("Cc", "Cs"):
        return "\ufffd"
    return "" if kind == "Cf" and character not in _JOINERS else character
