"""A report on growth as lines for a terminal. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from textwrap import wrap

from attrs import frozen

from ..sync.growth import GrownVideo, Growth, Report
from .formats import plain
from .report_words import COUNTED, gain, link, notes, number, period
from .table import compact, cut, line_of

_BLOCKS = "▁▂▃▄▅▆▇█"
_GAP = 2  # columns between two others
_LABEL, _COUNT, _FEW, _NAME, _TITLE = 8, 8, 6, 16, 8  # columns; the last two at least
_DAY_BY_DAY = "day by day"
_FEWEST, _MOST = 5, 30  # columns of a trend

_Cell = Callable[[Growth], str]


@frozen
class _Column:
    heading: str
    width: int
    is_number: bool = True


@frozen
class _Paper:
    """What is written on: a terminal of so many columns."""

    width: int
    encoding: str

    def table(self, columns: Sequence[_Column], rows: Iterable[Sequence[str]]) -> Iterator[str]:
        for row in ([column.heading for column in columns], *rows):
            cells = zip(columns, row, strict=True)
            yield self._line([self._cut(text, each.width, each.is_number) for each, text in cells])

    def prose(self, *texts: str) -> Iterator[str]:
        for text in texts:
            for line in wrap(self.text(text), self.width):
                yield self._line([self._cut(line, self.width)])

    def text(self, text: str) -> str:
        """In nothing but what the terminal has, before its width counts."""
        return plain(text).encode(self.encoding, "replace").decode(self.encoding)

    def trend(self, room: int, growth: Growth) -> int:
        """How many columns a trend takes of those that are left; none where they are too few."""
        columns = min(room, _MOST, len(growth.days))
        try:
            _BLOCKS.encode(self.encoding)
        except UnicodeEncodeError:
            return 0
        return columns if columns >= _FEWEST else 0

    def _cut(self, text: str, width: int, is_number: bool = False) -> str:
        return cut(self.text(text), width, self.encoding, right=is_number)

    def _line(self, cells: Sequence[str]) -> str:
        return line_of(cells, self.width)


def as_lines(report: Report, now: float, width: int, encoding: str = "utf-8") -> Iterator[str]:
    """The report for a terminal of ``width`` columns; ``now`` in Unix seconds."""
    paper = _Paper(width, encoding)
    yield from paper.prose(f"Growth of {number(report.known, 'creator')}, {period(report)}")
    yield "\n"
    yield from _overall(report.overall, paper)
    yield "\n"
    yield from _creators(report, paper)
    yield "\n"
    yield from _videos(report.videos, paper)
    yield "\n"
    for aside in report.aside:
        yield from paper.prose(f"set aside: {aside.open_id}: {aside.reason}")
    yield from paper.prose(*notes(report, now))
    yield from paper.prose("Growth counts on the day on which it was seen; days are in UTC.")


def _overall(growth: Growth, paper: _Paper) -> Iterator[str]:
    """A line for whatever is counted."""
    columns = [_Column("", _LABEL, is_number=False)]
    columns += [_Column("total", _COUNT), _Column("gained", _COUNT)]
    room = paper.trend(paper.width - _LABEL - 2 * _COUNT - 3 * _GAP, growth)
    if room:
        columns.append(_Column(_DAY_BY_DAY, max(room, len(_DAY_BY_DAY)), is_number=False))
    yield from paper.table(columns, (_counted(growth, what, room) for what in COUNTED))


def _counted(growth: Growth, what: str, room: int) -> list[str]:
    of = attrgetter(what)
    cells = [what, compact(of(growth.end)), gain(of(growth.gained))]
    return [*cells, trend(growth, what, room)] if room else cells


def trend(growth: Growth, what: str, room: int) -> str:
    """What was gained day by day, as blocks on so many columns; several days share one where there
    are more of them.
    """
    of, count = attrgetter(f"gained.{what}"), len(growth.days)
    values = [max(0, of(day)) for day in growth.days]
    parts = [values[i * count // room : (i + 1) * count // room] for i in range(room)]
    means = [sum(part) / len(part) for part in parts]
    step = (max(means) or 1) / (len(_BLOCKS) - 1)
    return "".join(_BLOCKS[round(mean / step)] for mean in means)


# What is shown of a creator, in this order, as far as there is room for it.
_OF_CREATORS: tuple[tuple[_Column, _Cell], ...] = (
    (_Column("gained", _COUNT), lambda growth: gain(growth.gained.views)),
    (_Column("views", _COUNT), lambda growth: compact(growth.end.views)),
    (_Column("videos", _FEW), lambda growth: compact(growth.end.videos)),
    (_Column("likes", _COUNT), lambda growth: compact(growth.end.likes)),
    (_Column("comments", _COUNT), lambda growth: compact(growth.end.comments)),
    (_Column("shares", _COUNT), lambda growth: compact(growth.end.shares)),
)


def _creators(report: Report, paper: _Paper) -> Iterator[str]:
    shown, left = list[tuple[_Column, _Cell]](), paper.width - _NAME
    for column, cell in _OF_CREATORS:
        if left < _GAP + column.width:
            break
        shown.append((column, cell))
        left -= _GAP + column.width
    room = paper.trend(left - _GAP, report.overall)
    if room >= len(_DAY_BY_DAY):
        column = _Column(_DAY_BY_DAY, room, is_number=False)
        shown.append((column, partial(trend, what="views", room=room)))
        left -= _GAP + room
    name = _Column("creator", _NAME + max(0, left), is_number=False)
    rows = ([str(each.open_id), *(cell(each) for _, cell in shown)] for each in report.creators)
    yield from paper.table([name, *(column for column, _ in shown)], rows)
    if more := report.known - len(report.creators):
        yield from paper.prose(f"and {number(more, 'more creator')}")


def _videos(videos: Sequence[GrownVideo], paper: _Paper) -> Iterator[str]:
    if not videos:
        yield from paper.prose("No video has gained views.")
        return
    room = max(_TITLE, paper.width - 2 * (_COUNT + _GAP))
    columns = [_Column("gained", _COUNT), _Column("views", _COUNT)]
    columns.append(_Column("videos that grew most", room, is_number=False))
    rows = list[list[str]]()
    for video in videos:
        place = paper.text(link(video) or "")
        rows.append([gain(video.gained), compact(video.views), video.title or "(no title)"])
        # A link that is cut leads nowhere; an id can be looked up.
        rows.append(["", "", place if 0 < len(place) <= room else video.video_id])
    yield from paper.table(columns, rows)
