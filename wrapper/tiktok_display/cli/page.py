"""A report on growth as one HTML page, which asks no other computer for anything.

Titles, ids and reasons are texts of strangers. They stand in the page as text and nowhere else, and
its Content-Security-Policy lets nothing run but the page's own scripts, named by their hashes.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from html import escape

from ..sync.growth import Growth, Report
from .page_plots import Figure, compared, figures
from .page_style import DRAW, STYLE
from .page_tables import aside_table, change, creators_table, days_table, rank, said, videos_table
from .report_words import COUNTED, SMALL_PRINT, exact, gain, named, notes, number, period
from .table import compact

_Plots = Mapping[str, Figure]


def page(report: Report, plotly_js: str, now: float, note: str | None = None) -> Iterator[str]:
    """The page in pieces; ``now`` in Unix seconds. A ``note`` stands above everything else."""
    plots = figures(report)
    scripts = [plotly_js, DRAW] if plots else []
    yield _head(f"Growth, {period(report)}", scripts)
    if note is not None:
        yield f'<p class="note">{escape(note)}</p>\n'
    of = number(report.known, "creator")
    yield f'<header><h1>Growth</h1><p class="quiet">{of}, {period(report)}</p></header>\n'
    yield from _section("All creators", _overall(report.overall, plots))
    yield from _section("Creator by creator", _creators(report, plots))
    yield from _section("Videos that grew most", [_card(videos_table(report.videos))])
    told = "".join(f"<p>{escape(text)}</p>" for text in notes(report, now))
    yield from _section("To look after", [_card(told + aside_table(report))])
    yield "<footer><h2>How this is counted</h2>\n"
    yield from (f'<p class="quiet">{escape(text)}</p>\n' for text in SMALL_PRINT)
    yield "</footer>\n</main>\n"
    if plots:
        yield f'<script type="application/json" id="figures">{_json(plots)}</script>\n'
    yield from (f"<script>{script}</script>\n" for script in scripts)
    yield "</body>\n</html>\n"


def _head(title: str, scripts: Iterable[str]) -> str:
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in scripts) or "'none'"
    # Plotly writes its style where it draws.
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; base-uri 'none';"
        " form-action 'none'"
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
"""


def _hash(script: str) -> str:
    return b64encode(sha256(script.encode()).digest()).decode()


def _json(plots: _Plots) -> str:
    """As it may stand in a script: nothing in it ends one."""
    return json.dumps(plots, separators=(",", ":")).replace("<", "\\u003c")


def _section(heading: str, pieces: Iterable[str]) -> Iterator[str]:
    yield f"<section><h2>{heading}</h2>\n"
    yield from pieces
    yield "</section>\n"


def _card(content: str) -> str:
    return f'<div class="card">{content}</div>\n'


def _overall(growth: Growth, plots: _Plots) -> Iterator[str]:
    totals = (
        f'<div class="card"><dt>{what.capitalize()}</dt>'
        f'<dd class="total">{compact(getattr(growth.end, what))}</dd>'
        f"<dd>{change(getattr(growth.gained, what), compact)}</dd></div>\n"
        for what in COUNTED
    )
    yield f'<dl class="totals">\n{"".join(totals)}</dl>\n'
    if len(growth.days) == 1:
        yield _card("<p>This is one day. From two days on, plots show how things grow.</p>")
        return
    yield f'<div class="pair">\n{_total(growth, plots)}{_gained(growth, plots)}</div>\n'
    yield _card(days_table(growth.days))


def _total(growth: Growth, plots: _Plots) -> str:
    told = f"{exact(growth.end.views)} on {named(growth.days[-1].day)}"
    return _figure(plots, "total", "Views in total", told)


def _gained(growth: Growth, plots: _Plots) -> str:
    most = max(growth.days, key=lambda day: day.gained.views)
    told = (
        f"{gain(growth.gained.views, exact)} in all,"
        f" most on {named(most.day)}: {gain(most.gained.views, exact)}"
    )
    return _figure(plots, "gained", "Views gained each day", told)


def _creators(report: Report, plots: _Plots) -> Iterator[str]:
    if "creators" in plots:
        shown = compared(report)
        items = (
            f"<li>{rank(place, len(shown))}{said(each.open_id)}"
            f"{change(each.gained.views, compact)}</li>"
            for place, each in enumerate(shown)
        )
        told = f"Since the beginning, by the {len(shown)} creators who gained most"
        legend = f'<ol class="legend">{"".join(items)}</ol>'
        yield _figure(plots, "creators", "Views gained", told, legend)
    yield _card(creators_table(report))


def _figure(plots: _Plots, name: str, heading: str, told: str, legend: str = "") -> str:
    """A plot and its text; the text alone where there is nothing to see."""
    if name not in plots:
        return _card(f'<h3>{heading}</h3><p class="quiet">No views were gained.</p>')
    caption = f'<figcaption><h3>{heading}</h3><p class="quiet">{told}</p></figcaption>'
    plot = f'<div class="plot" id="plot-{name}" role="img" aria-label="{heading}: {told}"></div>'
    return f'<figure class="card">{caption}{plot}{legend}</figure>\n'
