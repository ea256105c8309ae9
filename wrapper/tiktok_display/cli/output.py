"""Where videos are written: to stdout as they come, or to a file that is there whole or not at all.

A download is kept beside its file, in ``FILE.part``, as lines of JSON whatever the format: a whole
line is a whole video, so it can be cut and continued anywhere. It becomes the file at the end.
"""

import codecs
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, TextIO

import rich_click as click
from attrs import frozen

from .. import ConfigurationError
from .formats import Row, as_csv, as_json, as_jsonl, json_text
from .table import as_table


class Format(StrEnum):
    """How videos may be written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


def format_for(asked: str | None, path: Path | None, *, on_terminal: bool) -> Format:
    """The format asked for; else what the file's name says; else what suits whoever reads it."""
    if asked == Format.TABLE and (path or not on_terminal):
        raise ConfigurationError("a table is for a terminal: ask for jsonl, json or csv")
    if asked:
        return Format(asked)
    if path:
        endings = {f".{kind}": kind for kind in (Format.JSON, Format.CSV)}
        return endings.get(path.suffix.lower(), Format.JSONL)
    return Format.TABLE if on_terminal else Format.JSONL


@frozen
class Style:
    """How rows become text."""

    format: Format
    fields: tuple[str, ...]
    encoding: str = "utf-8"
    width: int = 80  # columns of the terminal

    def pieces(self, rows: Iterable[Row]) -> Iterator[str]:
        """The text, a piece as each row comes, in nothing but what the encoding has."""
        for piece in self._pieces(rows):
            yield piece.encode(self.encoding, "backslashreplace").decode(self.encoding)

    def _pieces(self, rows: Iterable[Row]) -> Iterator[str]:
        ascii_only = codecs.lookup(self.encoding).name != "utf-8"
        match self.format:
            case Format.TABLE:
                return as_table(rows, self.fields, self.width, self.encoding)
            case Format.CSV:
                return as_csv(rows, self.fields)
            case Format.JSON:
                return as_json(rows, ascii_only=ascii_only)
            case _:
                return as_jsonl(rows, ascii_only=ascii_only)


def print_rows(rows: Iterable[Row], format: Format, fields: tuple[str, ...]) -> None:
    """Write to stdout, each row at once: a slow download is worth watching, also in a pipe."""
    stream = stdout()
    style = Style(format, fields, stream.encoding or "utf-8", columns())
    for piece in style.pieces(rows):
        stream.write(piece)
        stream.flush()


def stdout() -> TextIO:
    """Where data go. Closed, it is an error, for they would be lost; help alone is quiet then."""
    if sys.stdout is None:
        raise click.ClickException("stdout is closed")
    return sys.stdout


def columns() -> int:
    """Columns of the terminal on stdout; 80 where there is none, or it does not say."""
    stream = stdout()
    with suppress(OSError, ValueError):
        said = os.environ.get("COLUMNS") or os.get_terminal_size(stream.fileno()).columns
        return int(said) or 80
    return 80


def target(name: str, option: str = "--output") -> Path:
    """The file to write, checked: one that exists is replaced, a device or a folder never."""
    if not name:
        raise ConfigurationError(f"{option} needs a file name")
    path = Path(name)
    if path.is_symlink():
        path = path.resolve()  # the link stays, and what it leads to is replaced
    if path.exists() and not path.is_file():
        raise ConfigurationError(f"{name} is no regular file; without {option} it goes to stdout")
    return path


def write_whole(path: Path, pieces: Iterable[str]) -> None:
    """Write a file under another name, and give it its own when it is whole and on the disk."""
    draft = path.with_name(f"{path.name}.new")
    with _alone(draft, path):
        try:
            with draft.open("w", encoding="utf-8", newline="") as file:
                file.writelines(pieces)
                _to_disk(file)
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


@contextmanager
def _alone(draft: Path, path: Path) -> Iterator[None]:
    """Lock what becomes the file ``path``; it is made where it is not there.

    The lock has a stream of its own, held until the draft has its new name. Systems without fcntl,
    which rename no open file, and disks without locks do without.
    """
    with ExitStack() as held:
        with suppress(ImportError, OSError):
            from fcntl import LOCK_EX, LOCK_NB, flock  # noqa: PLC0415 - not everywhere

            stream = held.enter_context(draft.open("ab"))
            try:
                flock(stream, LOCK_EX | LOCK_NB)
                # Whoever had the lock may have renamed it before letting it go.
                ours = os.path.samestat(os.fstat(stream.fileno()), draft.stat())
            except (BlockingIOError, FileNotFoundError):
                ours = False
            if not ours:
                raise click.ClickException(f"another download writes {path}")
        yield


class PartFile:
    """What was fetched so far. In ``with``; however that ends, only whole videos stay in it.

    Args:
        path: the file that it becomes.
        goes_on: whether to continue what an interrupted download left; its ids are remembered, for
            a walk that goes on may repeat a page. Otherwise there must be no such thing.
    """

    def __init__(self, path: Path, *, goes_on: bool) -> None:
        self.file, self.part = path, path.with_name(f"{path.name}.part")
        self.goes_on = goes_on
        self.ids = set[object]()
        self.count = self._end = 0
        with ExitStack() as held:
            held.enter_context(_alone(self.part, path))
            self._stream = held.enter_context(self.part.open("ab"))
            self._recall()
            if self.count and not goes_on:
                raise ConfigurationError(
                    f"{self.part} is left of a download: go on with --cursor, or remove it"
                )
            self._stream.truncate(self._end)
            self._held = held.pop_all()

    def add(self, row: Row) -> None:
        """Keep a video."""
        line = f"{json_text(row)}\n".encode()
        self._stream.write(line)
        self._stream.flush()  # what was fetched also outlives a kill
        self._end += len(line)
        self.count += 1

    def finish(self, format: Format, fields: tuple[str, ...]) -> None:
        """Make it the file."""
        _to_disk(self._stream)
        self._stream.close()
        if format is Format.JSONL:
            self.part.replace(self.file)
        else:
            write_whole(self.file, Style(format, fields).pieces(self.rows()))
            self.part.unlink()

    def rows(self) -> Iterator[Row]:
        """The videos in it, in the order in which they came; a line without its end is none."""
        return map(self._row, self._lines())

    def _lines(self) -> Iterator[bytes]:
        with self.part.open("rb") as lines:
            yield from (line for line in lines if line.endswith(b"\n"))

    def _row(self, line: bytes) -> Row:
        with suppress(ValueError):
            row = json.loads(line)
            if isinstance(row, dict):
                return row
        raise ConfigurationError(f"{self.part} was not left by a download: move it out of the way")

    def _recall(self) -> None:
        for line in self._lines():
            row = self._row(line)
            self.ids |= {row["id"]} if "id" in row else set()
            self.count += 1
            self._end += len(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._held:
            with suppress(OSError):  # a full disk refuses the rest of a line once more
                self._stream.close()
            if error is not None and self.part.exists():
                os.truncate(self.part, self._end)
                if not self.count:
                    self.part.unlink()


def _to_disk(stream: IO[Any]) -> None:
    stream.flush()
    os.fsync(stream.fileno())
