"""The tables of a report's page."""

from collections.abc import Callable, Iterable, Sequence
from html import escape

from ..sync.growth import Day, GrownVideo, Growth, Report
from .formats import plain
from .page_plots import COLOURS, compared
from .report_words import COUNTED, exact, gain, link, named, number

_LONGEST = 200  # characters of a text that is not ours
_HIGH = 28  # of a trend, whose width is 100
_MINUS = "\N{MINUS SIGN}"
_NAMES = tuple(what.capitalize() for what in COUNTED)


def said(text: str | None) -> str:
    """A text of somebody else's: cut where it is endless, and kept from turning ours around."""
    whole = plain(text or "")
    part = whole if len(whole) <= _LONGEST else whole[:_LONGEST] + "…"
    return f"<bdi>{escape(part)}</bdi>"


def change(count: int, form: Callable[[int], str] = exact) -> str:
    """A gain, told apart by its sign and by its colour."""
    kind = "more" if count > 0 else "less" if count < 0 else "quiet"
    return f'<span class="{kind}">{gain(count, form, _MINUS)}</span>'


def rank(place: int, coloured: int) -> str:
    """The number of a creator, with the colour of its line, which so many of them have."""
    colour = COLOURS[place] if place < coloured else "transparent"
    style = f' style="--of: {colour}"' if coloured else ""
    return f'<span class="rank"{style}>{place + 1}</span>'


def days_table(days: Iterable[Day]) -> str:
    """What each day has brought, the newest first; closed until somebody asks for it."""
    rows = (
        (
            named(day.day),
            *(change(getattr(day.gained, what)) for what in COUNTED),
            exact(day.total.views),
        )
        for day in reversed([*days])
    )
    heads = ("Day", *_NAMES, "Views in total")
    return (
        "<details><summary>Day by day in numbers</summary>"
        '<div class="sideways" role="region" aria-label="Day by day in numbers" tabindex="0">'
        f"{_table('days', 'What was gained each day', heads, rows)}</div></details>"
    )


def creators_table(report: Report) -> str:
    """A row for each creator; with its days, where there are several."""
    coloured, has_days = len(compared(report)), len(report.overall.days) > 1
    rows = (
        (
            f"{rank(place, coloured)} {said(each.open_id)}",
            *(
                f"{exact(getattr(each.end, what))}"
                f"<small>{change(getattr(each.gained, what))}</small>"
                for what in COUNTED
            ),
            *([_trend(each)] if has_days else []),
        )
        for place, each in enumerate(report.creators)
    )
    heads = ("Creator", *_NAMES, *(["Day by day"] if has_days else []))
    table = _table("stacked", "Totals, and what was gained; views day by day", heads, rows)
    return table + _more(report.known - len(report.creators))


def _trend(growth: Growth) -> str:
    """A bar for each day."""
    gains = [max(0, day.gained.views) for day in growth.days]
    step, most = 100 / len(gains), max(gains) or 1
    bars = "".join(
        f"M{place * step:.2f} {_HIGH}h{step * 0.8:.2f}V{_HIGH - max(1, _HIGH * each / most):.2f}"
        f"h-{step * 0.8:.2f}z"
        for place, each in enumerate(gains)
    )
    best = max(growth.days, key=lambda day: day.gained.views)
    told = f"Most on {named(best.day)}: {gain(best.gained.views, exact)}"
    return (
        f'<svg class="trend" viewBox="0 0 100 {_HIGH}" preserveAspectRatio="none" role="img"'
        f' aria-label="{told}"><title>{told}</title><path d="{bars}"/></svg>'
    )


def videos_table(videos: Sequence[GrownVideo]) -> str:
    """A row for each video, with a link to it."""
    if not videos:
        return "<p>No video has gained views.</p>"
    rows = (
        (
            f'{_title(video)}<span class="whose">{said(video.open_id)}</span>',
            exact(video.views),
            change(video.gained),
        )
        for video in videos
    )
    return _table("stacked", "Views in total, and gained", ("Video", "Views", "Gained"), rows)


def _title(video: GrownVideo) -> str:
    title = f'<span class="title">{said(video.title or f"Video {video.video_id}")}</span>'
    place = link(video)
    return f'<a href="{escape(place)}" rel="noreferrer">{title}</a>' if place else title


def aside_table(report: Report) -> str:
    """A row for each creator who is set aside, if there are any."""
    if not report.aside:
        return ""
    rows = ((said(aside.open_id), said(aside.reason)) for aside in report.aside)
    table = _table("aside", "Set aside until they log in anew", ("Creator", "Why"), rows)
    return table + _more(report.set_aside - len(report.aside))


def _more(count: int) -> str:
    return f'<p class="quiet">And {number(count, "more creator")}.</p>' if count else ""


def _table(kind: str, caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, of which each row begins with what it is about. Everything says by its role what it
    is: on a phone, stacked rows are laid out otherwise, and a browser may take them for no table.
    """
    above = "".join(f'<th scope="col" role="columnheader">{head}</th>' for head in heads)
    body = "".join(_row(heads, row) for row in rows)
    return (
        f'<table class="{kind}" role="table"><caption>{caption}</caption>'
        f'<thead role="rowgroup"><tr role="row">{above}</tr></thead>\n'
        f'<tbody role="rowgroup">{body}</tbody></table>'
    )


def _row(heads: Sequence[str], row: Sequence[str]) -> str:
    first, *others = row
    cells = "".join(
        f'<td role="cell" data-of="{head}">{cell}</td>'
        for head, cell in zip(heads[1:], others, strict=True)
    )
    return f'<tr role="row"><th scope="row" role="rowheader">{first}</th>{cells}</tr>\n'
