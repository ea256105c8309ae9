"""The plots of a report's page, as Plotly reads them: https://plotly.com/javascript/reference/

What is plotted is numbers and days, and no text of TikTok's: Plotly takes some texts for markup.
"""

from collections.abc import Sequence
from datetime import date
from importlib import import_module
from itertools import accumulate
from math import ceil, floor, inf, log10

from attrs import frozen

from .. import ConfigurationError
from ..sync.growth import Growth, Report

Figure = dict[str, object]

# Each stands out from white and from the page's dark by three to one, and has a number besides:
# https://www.w3.org/TR/WCAG22/#non-text-contrast
COLOURS = ("#2f80ed", "#d9730d", "#2f9e5b", "#9b5de5", "#e0457b", "#1899a8")
_LESS = "#e0457b"
_DARK, _CLEAR = "#1b1f24", "rgba(0,0,0,0)"
_STEPS, _NAMES = 5, 4  # of numbers on an axis, about; of days, at most
_DAYS_WITH_DOTS, _DAYS_WITH_NAMES = 31, 120  # at most; beyond, an axis names months
_LABEL_HEIGHT = 0.07  # of a plot
_DECIMALS = 2  # of a number on an axis, at most


def plotly_js(package: str = "plotly.offline") -> str:
    """The whole of Plotly as one script.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        return str(import_module(package).get_plotlyjs())
    except ImportError:
        raise ConfigurationError(
            "a page with plots needs `pip install 'tiktok-display[report]'`"
        ) from None


def figures(report: Report) -> dict[str, Figure]:
    """The plots that show something, by their names on the page."""
    found = dict[str, Figure]()
    if len(report.overall.days) > 1:
        found["total"] = _total(report.overall)
        if any(day.gained.views for day in report.overall.days):
            found["gained"] = _gained(report.overall)
        if compared(report):
            found["creators"] = _creators(compared(report))
    return found


def compared(report: Report) -> list[Growth]:
    """The creators whose lines are drawn, if there are several: as many as there are colours."""
    found = [each for each in report.creators if each.gained.views > 0][: len(COLOURS)]
    return found if len(found) > 1 else []


def _total(growth: Growth) -> Figure:
    totals = [day.total.views for day in growth.days]
    line = _line(growth, totals, COLOURS[0], "%{x|%-d %B %Y}<br>%{y:,}")
    return _figure([line], growth, Axis.over(totals))


def _gained(growth: Growth) -> Figure:
    gains = [day.gained.views for day in growth.days]
    bars: Figure = {
        "type": "bar",
        "x": [day.day.isoformat() for day in growth.days],
        "y": gains,
        "marker": {"color": [_LESS if gain < 0 else COLOURS[0] for gain in gains]},
        "hovertemplate": "%{x|%-d %B %Y}<br>%{y:+,}<extra></extra>",
    }
    return _figure([bars], growth, Axis.over([0, *gains], "+"))


def _creators(growths: Sequence[Growth]) -> Figure:
    """What each has gained since the beginning of the period, with a number at each line's end."""
    sums = [list(accumulate(day.gained.views for day in each.days)) for each in growths]
    axis = Axis.over([0, *(value for line in sums for value in line)], "+")
    lines, labels = list[Figure](), list[Figure]()
    height = _LABEL_HEIGHT * (axis.high - axis.low)
    places = apart([line[-1] for line in sums], height, axis.low)
    for number, (growth, line, place) in enumerate(zip(growths, sums, places, strict=True)):
        hover = f"{number + 1}: %{{y:+,}}<br>%{{x|%-d %B %Y}}"
        lines.append(_line(growth, line, COLOURS[number], hover))
        labels.append(_label(number + 1, growth.days[-1].day, place, COLOURS[number]))
    return _figure(lines, growths[0], axis, labels)


def _line(growth: Growth, values: Sequence[int], colour: str, hover: str) -> Figure:
    few = len(values) <= _DAYS_WITH_DOTS
    return {
        "type": "scatter",
        "mode": "lines+markers" if few else "lines",
        "x": [day.day.isoformat() for day in growth.days],
        "y": values,
        "line": {"color": colour, "width": 2.5},
        "marker": {"color": colour, "size": 5},
        "hovertemplate": f"{hover}<extra></extra>",
    }


def _label(number: int, day: date, place: float, colour: str) -> Figure:
    where: Figure = {"x": day.isoformat(), "y": place, "xanchor": "left", "xshift": 8}
    font = {"size": 14, "color": colour}
    return {**where, "text": f"<b>{number}</b>", "font": font, "showarrow": False}


def _figure(
    data: list[Figure], growth: Growth, axis: "Axis", labels: Sequence[Figure] = ()
) -> Figure:
    """As wide and as high as its place; the page's style has the colours of texts and lines."""
    still = {"fixedrange": True, "automargin": True, "zeroline": False}
    layout: Figure = {
        "autosize": True,
        "dragmode": False,  # a finger scrolls the page
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": _DARK, "bordercolor": _DARK, "font": {"color": "#fff"}},
        "margin": {"l": 4, "r": 28, "t": 12, "b": 4},
        "paper_bgcolor": _CLEAR,
        "plot_bgcolor": _CLEAR,
        "font": {"family": "system-ui, sans-serif", "size": 13},
        "xaxis": {**still, **_days(growth), "showgrid": False, "ticklabeloverflow": "allow"},
        "yaxis": {**still, **axis.drawn()},
        "annotations": [*labels],
    }
    return {"data": data, "layout": layout}


def _days(growth: Growth) -> Figure:
    """Up to four days by name, the last one among them: so many fit on a phone."""
    days = [day.day for day in growth.days]
    named = days[:: -ceil(len(days) / _NAMES)]
    form = "{0.day} {0:%b}" if len(days) <= _DAYS_WITH_NAMES else "{0:%b}<br>{0:%Y}"
    texts = [form.format(day) for day in named]
    return {"type": "date", "tickvals": [*map(str, named)], "ticktext": texts, "tickangle": 0}


@frozen
class Axis:
    """Round numbers around all values."""

    low: int
    high: int
    step: int
    sign: str  # of what is above 0

    @classmethod
    def over(cls, values: Sequence[int], sign: str = "") -> "Axis":
        """The one for these values; from 0 where all are the same."""
        low, high = min(values), max(values)
        if low == high:
            low, high = min(0, low), max(1, high)
        rough = max(1.0, (high - low) / _STEPS)
        size = 10 ** floor(log10(rough))
        step = next(size * times for times in (1, 2, 5, 10) if size * times >= rough)
        return cls(low // step * step, -(-high // step) * step, step, sign)

    def drawn(self) -> Figure:
        """As Plotly takes it."""
        marks = range(self.low, self.high + 1, self.step)
        texts = [self.text(mark) for mark in marks]
        air = (self.high - self.low) * 0.02  # for dots and lines at the edge
        place = [self.low - air, self.high + air]
        return {"range": place, "tickvals": [*marks], "ticktext": texts}

    def text(self, mark: int) -> str:
        """A number as short as its neighbours allow: 4.15M."""
        sign = self.sign if mark > 0 else "\N{MINUS SIGN}" if mark < 0 else ""
        for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
            if abs(mark) >= size:
                decimals = max(0, ceil(log10(size / self.step)))
                if decimals > _DECIMALS:
                    break
                return f"{sign}{abs(mark) / size:.{decimals}f}{letter}"
        return f"{sign}{abs(mark):,}"


def apart(values: Sequence[float], gap: float, lowest: float) -> list[float]:
    """Where labels stand beside these values without covering each other: as near as may be, not
    below the ``lowest``, and of equals the first above.
    """
    order = sorted(range(len(values)), key=lambda index: (values[index], -index))
    rising = [values[index] for index in order]
    up = _pushed_up(rising, gap)
    down = [-place for place in reversed(_pushed_up([-value for value in rising[::-1]], gap))]
    # Both keep the distance, and so does what is half-way between them.
    middle = [(high + low) / 2 for high, low in zip(up, down, strict=True)]
    places = dict(zip(order, _pushed_up(middle, gap, lowest), strict=True))
    return [places[index] for index in range(len(values))]


def _pushed_up(rising: Sequence[float], gap: float, lowest: float = -inf) -> list[float]:
    places = list[float]()
    for value in rising:
        places.append(max(value, lowest))
        lowest = places[-1] + gap
    return places
