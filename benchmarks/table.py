"""Measure everything, print the table, and say which rows are met.

``--peers`` is a Python that has the extra `[fast]` and the other libraries; this one has not.
"""

import argparse
import json
import operator
import platform
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from importlib.metadata import version

from attrs import frozen
from latency import SHAPES, TWINS, gains
from measure import HERE, Figure, compare, figure
from server import running
from siblings import siblings
from start import ROUNDS, starts

PAGE = HERE.parent / "docs" / "performance.md"
PEERS = {  # what can be measured beside a page, and how
    "the generated package alone": "generated",
    "openapi-generator's Python client": "openapi_generator",
    "python-tiktok": "python_tiktok",
}


@frozen
class Row:
    """What is to be reached."""

    figure: str
    what: str
    against: str
    limit: float
    at_least: bool = False
    form: str = "{:.2f}"

    def line(self, found: Figure) -> str:
        """Of the table."""
        value, limit = self.form.format(found.value), self.form.format(self.limit)
        holds = (operator.ge if self.at_least else operator.le)(found.value, self.limit)
        verdict = "met" if holds else "**missed**"
        beyond = "" if not self.limit else f", by {abs(found.value / self.limit - 1):.0%}"
        sign = "≥" if self.at_least else "≤"
        return f"| {self.what} | {self.against} | {value} | {sign} {limit} | {verdict}{beyond} |"


def rows(count: int, long: int) -> Iterator[Row]:
    """The table, in its order."""
    bare = "`httpx.Client.post().json()`"
    yield Row("page sync", "CPU of a page, sync", bare, 0.90)
    yield Row("page sync fast", "the same with `[fast]`", bare, 0.72)
    bare = bare.replace("Client", "AsyncClient")
    yield Row("page async", "CPU of a page, async, one at a time", bare, 0.90)
    yield Row("page async fast", "the same with `[fast]`", bare, 0.60)
    hand = "aiohttp and `json.loads`"
    yield Row("crowd", "CPU of a page, 50 creators at once", hand, 2.6)
    yield Row("crowd fast", "the same with `[fast]`", hand, 1.4)
    for creators in (50, 200):
        for suffix, form in (("", ""), (" fast", " with `[fast]`")):
            what = f"CPU of a page, {creators} creators at once{form}"
            yield Row(f"{creators} beside 5{suffix}", what, "5 at once", 1.15)
    for name in PEERS:
        yield Row(f"page {name}", "CPU of a page, sync", name, 1.0)
    yield Row("crowd generated", "CPU of a page, 50 creators at once", "the generated package", 1.0)
    yield from walked(count, long)
    yield Row("import", "`import tiktok_display`", "`import httpx`", 1.35)
    yield Row("import fast", "the same with `[fast]`", "`import httpx`", 1.35)
    yield Row("first page", "a process up to its first page", "a script with bare httpx", 1.10)
    yield Row("sibling us", "`with_credentials`, µs", "", 30, form="{:.1f}")
    yield Row("sibling bytes", "`with_credentials`, bytes", "", 2_000, form="{:,.0f}")
    yield Row("sibling files", "sockets and files that 10,000 of them open", "", 0, form="{:.0f}")
    for workers in (1, 8):
        what = f"memory of a long stream, `workers={workers}`, MB more"
        yield Row(f"stream {workers}", what, "after 10,000 videos", 8, form="{:.1f}")


def walked(count: int, long: int) -> Iterator[Row]:
    """The rows of workers."""
    for shape in SHAPES:
        for twin in TWINS:
            name, title = f"list {shape} {count} x8 {twin}", shape.replace("_", " ")
            what = f"{count:,} videos, {title}, `workers=8`, {twin}"
            least = 7.0 if shape == "uniform" else 6.5
            yield Row(name, what, "`workers=1`", least, at_least=True, form="{:.1f}")
            extra = 0.11 if shape == "bursty" else 0.08
            yield Row(f"{name} requests", "more requests", "`workers=1`", extra, form="{:.1%}")
    for twin in TWINS:
        what = f"{count:,} videos, uniform, `workers=16`, {twin}"
        name = f"list uniform {count} x16 {twin}"
        yield Row(name, what, "`workers=1`", 12.5, at_least=True, form="{:.1f}")
    name, what = f"list uniform {long} x8 sync", f"{long:,} videos, uniform, `workers=8`, sync"
    yield Row(name, what, "`workers=1`", 7.8, at_least=True, form="{:.1f}")
    yield Row(f"{name} requests", "more requests", "`workers=1`", 0.02, form="{:.1%}")
    for twin in TWINS:
        what = f"a creator of one page, `workers=8`, {twin}: more requests"
        yield Row(f"one page {twin}", what, "`workers=1`", 0, form="{:.0f}")
        what = f"first video, `workers=8`, {twin}"
        yield Row(f"first video {twin}", what, "`workers=1`", 1.5)
        what = f"{count:,} ids by `query_videos(workers=8)`, {twin}"
        name = f"query uniform {count} x8 {twin}"
        yield Row(name, what, "`workers=1`", 7.5, at_least=True, form="{:.1f}")


def pages(url: str, peers: str, *, short: bool) -> Iterator[Figure]:
    """The rows of CPU."""
    place, half, here = f"{url}/0/spaced/400", f"{url}/0/spaced/210", sys.executable
    compared = partial(compare, times=1 if short else 3)
    many_rounds, rounds = (3, 1) if short else (8, 3)
    for suffix, python in (("", here), (" fast", peers)):
        ours, bare = (python, "ours.py", "page", place), (here, "theirs.py", "httpx", place)
        yield compared(f"page sync{suffix}", ours, bare, rounds=many_rounds)
        ours, bare = (python, "ours.py", "crowd", place), (here, "theirs.py", "httpx_async", place)
        yield compared(f"page async{suffix}", ours, bare, rounds=many_rounds)
        ours = (python, "ours.py", "crowd", half, "50")
        by_hand = (peers, "theirs.py", "aiohttp", half, "50")
        yield compared(f"crowd{suffix}", ours, by_hand, rounds=rounds)
        few = (python, "ours.py", "crowd", half, "5")
        for creators in ("50", "200")[: 1 if short else 2]:
            many = (python, "ours.py", "crowd", half, creators)
            yield compared(f"{creators} beside 5{suffix}", many, few, rounds=rounds)
    ours = (here, "ours.py", "page", place)
    for name, kind in list(PEERS.items())[: 1 if short else None]:
        theirs = (peers, "theirs.py", kind, place)
        yield compared(f"page {name}", ours, theirs, rounds=rounds)
    ours = (here, "ours.py", "crowd", half, "50")
    theirs = (here, "theirs.py", "generated_crowd", half, "50")
    yield compared("crowd generated", ours, theirs, rounds=1)


def streams(url: str, count: int) -> Iterator[Figure]:
    """The rows of memory."""
    for workers in (1, 8):
        command = [sys.executable, str(HERE / "stream.py"), str(workers), str(count), url]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        early, most = map(float, told.split())
        yield figure(f"stream {workers}", most - early, note=f"{early:.0f} MB, {most:.0f} MB")


def main() -> None:
    """Everything, into the page; or with ``--short`` a little of each, into nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", required=True)
    parser.add_argument("--short", action="store_true")
    asked = parser.parse_args()
    count, long, stream = (1_000, 2_000, 30_000) if asked.short else (10_000, 50_000, 1_000_000)
    processes, found = 5 if asked.short else ROUNDS, dict[str, Figure]()
    with running() as url:
        fast = [asked.peers, str(HERE / "start.py"), url, str(processes)]
        for each in (
            pages(url, asked.peers, short=asked.short),
            *(starts(url, processes), imported(fast), siblings()),
            *(streams(url, stream), gains(url, short=asked.short)),
        ):
            for one in each:
                found[one.row] = one
                print(json.dumps({one.row: [round(one.value, 4), one.note]}), flush=True)
    if not asked.short:  # what is too short for its limits says nothing about them
        write([row.line(found[row.figure]) for row in rows(count, long)])


def imported(command: list[str]) -> Iterator[Figure]:
    """The row of an import, by the other Python."""
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    yield figure("import fast", float(told))


def write(table: list[str]) -> None:
    """Put the table into the page, between its marks."""
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition("<!-- the table -->\n")
    _, _, tail = rest.partition("<!-- its end -->\n")
    used = [f"{name} {version(name)}" for name in ("httpx", "attrs")]
    made = f"Python {platform.python_version()}, {', '.join(used)}."
    title = "| what | against | measured | to reach | |\n|---|---|---|---|---|"
    lines = "\n".join([made, "", title, *table])
    page = f"{head}<!-- the table -->\n{lines}\n<!-- its end -->\n{tail}"
    PAGE.write_text(page, encoding="utf-8")
    print("\n".join(table))


if __name__ == "__main__":
    main()
