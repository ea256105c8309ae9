"""The page of a report: one file, legible everywhere, and deaf to what strangers write."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.sync.archive import Archive, Seen, noon
from tiktok_display import ConfigurationError
from tiktok_display.cli.page import page
from tiktok_display.cli.page_plots import Axis, apart, compared, figures, plotly_js
from tiktok_display.sync.growth import Report, report

Command = Callable[..., Any]
NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
DESK, PHONE = 1280, 375  # pixels
LAST = 13
PLACE = "https://www.tiktok.com/@anna/video/1"

SPOILERS = (
    "</script><script>window.spoiled = 1</script>",
    "<img src=x onerror='window.spoiled = 1'>",
    '"><svg onload=window.spoiled=1>',
    "\u202egnp.eslaf\u202c</bdi></td></table><h1>Mine</h1>",
    "<!--<script>",
    "x" * 5_000,
    "ع" * 300 + "한국어 🍱" * 40,
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    archive = Archive(str(tmp_path / "videos.db"))
    with closing(archive.database):
        yield archive


def told(archive: Archive, **options: int) -> Report:
    found = report(archive.database, noon(LAST) + 7_200, **options)
    assert found is not None
    return found


def put(archive: Archive, creators: int = 8, days: int = LAST + 1) -> None:
    """Some creators, of whom each gains less than the one before."""
    for number in range(creators):
        seen: dict[int, int | Seen] = {}
        for at in range(days):
            views = 1_200_000 + (9_000 - 800 * number) * at + 2_000 * (at * (7 + number) % 5)
            seen[at] = (views, views // 9, views // 120, views // 200)
        name, title = f"creator-{number}-of-several-{'0123456789' * 2}", f"Video {number}"
        archive.video(name, f"{number}", seen, title=title, share_url=f"{PLACE}{number}?utm=x")


def spoil(archive: Archive) -> None:
    """What strangers would like a page to run stands wherever a text of theirs does."""
    for number, text in enumerate(SPOILERS):
        seen: dict[int, int | Seen] = {0: 10, LAST: 1_000 + number, 5: 400}
        hostile = f"javascript:window.spoiled=1//{text}"
        archive.video(f"{number} {text}", f"{number}{text}", seen, title=text, share_url=hostile)
        archive.creator(f"gone {number} {text}", aside=text)


def written(found: Report, note: str | None = None) -> str:
    return "".join(page(found, "/* Plotly */", noon(LAST) + 7_200, note))


# What is in it.


class Reader(HTMLParser):
    """The elements of a page, and its texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements, self.texts = list[tuple[str, dict[str, str | None]]](), list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.elements if name == tag]


def test_it_shows_what_there_is(archive: Archive) -> None:
    put(archive)
    archive.creator("nobody", aside="must log in again")
    found = Reader(written(told(archive, creators=7)))
    text = " ".join(found.texts)
    for expected in (
        "9 creators, 1 to 14 November 2026 (14 days)",
        "10,278,800",
        "+678,800 in all, most on ",
        "Video 7",
        "creator-0-of-several-",
        "And 2 more creators.",
        "must log in again",
        "14 November 2026, 12:00 UTC: 2 hours ago.",
        "1 creator needs a new login",
        "grows from 0",
    ):
        assert expected in text
    assert [link["href"] for link in found.all("a")] == [f"{PLACE}{n}" for n in range(8)]


def test_it_is_read_by_everybody(archive: Archive) -> None:
    put(archive)
    found = Reader(written(told(archive)))
    assert found.all("html") == [{"lang": "en"}]
    assert "Growth, 1 to 14 November 2026 (14 days)" in found.texts
    assert len(found.all("h1")) == 1
    assert len(found.all("caption")) == len(found.all("table")) == 3
    assert {head["scope"] for head in found.all("th")} == {"col", "row"}
    plots = [each for each in found.all("div") if "id" in each]
    assert [each["id"] for each in plots] == ["plot-total", "plot-gained", "plot-creators"]
    assert {each["role"] for each in plots} == {"img"}
    assert plots[0]["aria-label"] == "Views in total: 10,278,800 on 14 November 2026"


def test_it_asks_nobody_for_anything(archive: Archive) -> None:
    put(archive)
    found = Reader(written(told(archive)))
    assert not [each for _, each in found.elements if {"src", "srcset", "data", "action"} & {*each}]
    assert found.all("link") == []
    (policy,) = [each["content"] for each in found.all("meta") if "http-equiv" in each]
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert len(re.findall("'sha256-[A-Za-z0-9+/]{43}='", policy)) == 2


def test_the_texts_of_strangers_are_texts(archive: Archive) -> None:
    spoil(archive)
    found = Reader(written(told(archive)))
    assert {tag for tag, _ in found.elements}.isdisjoint({"img", "iframe", "object"})
    assert [each.get("type") for each in found.all("script")] == ["application/json", None, None]
    assert not [name for _, each in found.elements for name in each if name.startswith("on")]
    assert found.all("a") == []
    assert SPOILERS[0] in found.texts
    assert "x" * 200 + "…" in found.texts
    assert not [text for text in found.texts if "x" * 201 in text]
    assert "\u202e" not in "".join(found.texts)


def test_the_data_of_plots_end_no_script(archive: Archive) -> None:
    put(archive)
    text = written(told(archive))
    (data,) = re.findall(r'id="figures">(.*?)</script>', text)
    assert "<" not in data
    assert list(json.loads(data)) == ["total", "gained", "creators"]


def test_a_note_stands_above_everything(archive: Archive) -> None:
    put(archive)
    text = written(told(archive), "Nothing <in it> is real")
    assert text.index("Nothing &lt;in it&gt; is real") < text.index("<h1>")
    assert 'class="note"' not in written(told(archive))


def test_one_day_is_no_plot(archive: Archive) -> None:
    put(archive, days=1)
    text = written(told(archive))
    assert "From two days on" in text
    assert "<script" not in text
    assert "script-src 'none'" in text
    assert "No video has gained views." in text


def test_where_nothing_was_gained_that_is_said(archive: Archive) -> None:
    archive.video("anna", "1", {0: 7, LAST: 7})
    text = written(told(archive))
    assert "No views were gained." in text
    assert list(figures(told(archive))) == ["total"]


def test_a_loss_is_told_by_its_sign(archive: Archive) -> None:
    archive.video("anna", "1", {0: 1_700, 3: 500, LAST: 600})
    found = told(archive)
    assert '<span class="less">\N{MINUS SIGN}1.1K</span>' in written(found)
    (bars,) = figures(found)["gained"]["data"]  # type: ignore[misc]
    assert bars["y"][3] == -1_200
    assert len({*bars["marker"]["color"]}) == 2


def test_many_who_are_set_aside_are_counted(archive: Archive) -> None:
    put(archive, creators=1)
    for number in range(30):
        archive.creator(f"gone {number:02}", aside="revoked")
    text = written(told(archive))
    assert text.count("revoked") == 20
    assert "And 10 more creators." in text


# Its plots.


def test_one_creator_is_compared_with_nobody(archive: Archive) -> None:
    put(archive, creators=1)
    assert list(figures(told(archive))) == ["total", "gained"]


def test_those_who_gained_most_are_compared(archive: Archive) -> None:
    put(archive)
    archive.video("loser", "x", {0: 70, 5: 2})
    found = told(archive)
    assert compared(found) == [*found.creators[:6]]
    figure = figures(found)["creators"]
    assert len(figure["data"]) == 6  # type: ignore[arg-type]
    layout: Any = figure["layout"]
    labels = [label["text"] for label in layout["annotations"]]
    assert labels == [f"<b>{number}</b>" for number in range(1, 7)]


def test_no_text_of_a_stranger_is_plotted(archive: Archive) -> None:
    spoil(archive)
    assert "spoiled" not in json.dumps(figures(told(archive)))


@pytest.mark.parametrize(
    ("days", "names"),
    [
        (2, ["2 Nov", "1 Nov"]),
        (14, ["14 Nov", "10 Nov", "6 Nov", "2 Nov"]),
        (200, ["May 2027", "Mar 2027", "Feb 2027", "Dec 2026"]),
    ],
)
def test_an_axis_names_four_days_and_the_last_among_them(
    archive: Archive, days: int, names: list[str]
) -> None:
    archive.video("anna", "1", {0: 7, days - 1: 8})
    figure = figures(told(archive, days=3_650))["total"]
    layout: Any = figure["layout"]
    assert [name.replace("<br>", " ") for name in layout["xaxis"]["ticktext"]] == names
    data: Any = figure["data"]
    assert data[0]["mode"] == ("lines" if days == 200 else "lines+markers")


@pytest.mark.parametrize(
    ("values", "sign", "marks"),
    [
        ([0, 0], "", ["0", "1"]),
        ([5, 5], "", ["0", "1", "2", "3", "4", "5"]),
        ([0, 3], "+", ["0", "+1", "+2", "+3"]),
        ([-30, 90], "+", ["\N{MINUS SIGN}50", "0", "+50", "+100"]),
        ([0, 812_000], "+", ["0", "+200K", "+400K", "+600K", "+800K", "+1.0M"]),
        ([4_103_000, 4_190_000], "", ["4.10M", "4.12M", "4.14M"]),
        ([4_100_123_400, 4_100_123_460], "", ["4,100,123,400", "4,100,123,420"]),
        ([7_000_000_000, 9_000_000_000], "", ["7.0B", "7.5B", "8.0B", "8.5B", "9.0B"]),
    ],
)
def test_an_axis_has_round_numbers_around_all_values(
    values: list[int], sign: str, marks: list[str]
) -> None:
    drawn: Any = Axis.over(values, sign).drawn()
    assert drawn["ticktext"][: len(marks)] == marks
    assert drawn["range"][0] < min(values) <= max(values) < drawn["range"][1]


def test_labels_stand_apart() -> None:
    assert apart([5, 1, 40, 9], 2, 0) == [5, 1, 40, 9]
    assert apart([20, 10, 10, 11], 2, 0) == [20, 10.5, 8.5, 12.5]
    assert apart([0, 0, 90], 1, 0) == [1, 0, 90]


def test_without_plotly_the_page_names_the_cure() -> None:
    with pytest.raises(ConfigurationError, match=r"pip install 'tiktok-display\[report\]'"):
        plotly_js("no_such_package")


# Its file.


def test_the_page_is_written_whole_and_told(
    command: Command, archive: Archive, tmp_path: Path
) -> None:
    pytest.importorskip("plotly")
    put(archive)
    file = tmp_path / "report.html"
    ended = command("report", "--db", str(tmp_path / "videos.db"), "--html", str(file))
    assert (ended.code, ended.out, ended.err) == (0, "", f"written: {file}\n")
    text = file.read_text(encoding="utf-8")
    assert text.endswith("</html>\n")
    assert "Plotly.newPlot" in text
    assert not list(tmp_path.glob("*.new"))


def test_a_folder_is_no_file_for_a_page(command: Command, tmp_path: Path) -> None:
    assert command("report", "--sandbox", "--html", str(tmp_path)).code == 2


def test_the_page_of_a_sandbox_says_so(command: Command, tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    file = tmp_path / "report.html"
    ended = command("report", "--sandbox", "--html", str(file))
    assert ended.code == 0
    assert ended.err.splitlines()[1] == f"written: {file}"
    assert '<p class="note">sandbox: a TikTok invented on this machine' in file.read_text(
        encoding="utf-8"
    )


# In a browser.


class Visit:
    """A page in the browser, what it asked for and what it complained of."""

    def __init__(self, tab: Any, folder: Path) -> None:
        self.tab, self._file = tab, folder / "page.html"
        self.requests, self.complaints = list[str](), list[str]()
        tab.on("request", lambda request: self.requests.append(request.url))
        tab.on("console", lambda message: self.complaints.append(message.text))
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, found: Report) -> "Visit":
        pieces = page(found, plotly_js(), noon(LAST) + 7_200)
        self._file.write_text("".join(pieces), encoding="utf-8", newline="")
        self.tab.goto(self._file.as_uri())
        self.tab.wait_for_load_state("networkidle")
        return self

    def asks_only_for_itself(self) -> bool:
        return self.requests == [self._file.as_uri()] and self.complaints == []

    def fits(self) -> bool:
        """Whether nobody has to scroll sideways."""
        return bool(self.tab.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    pytest.importorskip("plotly")
    if BROWSER is None:
        pytest.skip(f"none of {', '.join(NAMES)} is installed")
    with sync_api.sync_playwright() as playwright:
        # Without its own sandbox, which a container's root does not get.
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(
    params=[(DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")],
    ids=["desk", "desk in the dark", "phone", "phone in the dark"],
)
def visit(browser: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Visit]:
    """A browser of one of two widths that has no network at all."""
    width, scheme = request.param
    view = {"width": width, "height": 900}
    with browser.new_context(viewport=view, color_scheme=scheme, offline=True) as context:
        yield Visit(context.new_page(), tmp_path)


SMALLEST = """
Math.min(...[...document.querySelectorAll("body *")]
    .filter(each => [...each.childNodes].some(
        child => child.nodeType == 3 && child.textContent.trim() && each.getClientRects().length))
    .map(each => parseFloat(getComputedStyle(each).fontSize)))
"""

CONTRASTS = """
[...document.querySelectorAll("h1, h2, h3, p, dt, dd, th, td, span, a, summary, bdi, .xtick text")]
    .filter(each => each.getClientRects().length && each.textContent.trim())
    .map(each => {
        let behind = each;
        const ground = () => getComputedStyle(behind).backgroundColor;
        while (!/^rgb\\(/.test(ground())) behind = behind.parentElement;
        const style = getComputedStyle(each);
        const front = each instanceof SVGElement ? style.fill : style.color;
        const [one, two] = [front, ground()].map(colour => {
            const [red, green, blue] = colour.match(/[\\d.]+/g).map(value => value / 255)
                .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
            return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
        });
        return Math.max(one, two) / Math.min(one, two);
    })
"""


def test_a_browser_shows_it_whole_and_legible(visit: Visit, archive: Archive) -> None:
    put(archive)
    visit.open(told(archive))
    assert visit.tab.locator(".plot .main-svg").count() >= 3
    assert visit.fits()
    assert visit.tab.evaluate(SMALLEST) >= 12
    assert min(visit.tab.evaluate(CONTRASTS)) >= 4.5
    visit.tab.locator("summary").click()
    assert visit.tab.get_by_role("table", name="What was gained each day").is_visible()
    assert visit.fits()
    assert visit.asks_only_for_itself()


def test_on_a_phone_too_the_creators_are_a_table(visit: Visit, archive: Archive) -> None:
    put(archive)
    visit.open(told(archive))
    table = visit.tab.get_by_role("table", name="Totals, and what was gained; views day by day")
    assert table.get_by_role("row").count() == 9
    assert table.get_by_role("columnheader").count() == 7
    assert table.get_by_role("rowheader").count() == 8


def test_a_finger_on_a_plot_scrolls_the_page(
    browser: Any, archive: Archive, tmp_path: Path
) -> None:
    put(archive)
    view = {"width": PHONE, "height": 700}
    with browser.new_context(
        viewport=view, has_touch=True, is_mobile=True, offline=True
    ) as context:
        visit = Visit(context.new_page(), tmp_path).open(told(archive))
        place = visit.tab.locator("#plot-total").bounding_box()
        finger, touch = {"x": place["x"] + 100, "y": place["y"] + 200}, "Input.dispatchTouchEvent"
        hand = context.new_cdp_session(visit.tab)
        hand.send(touch, {"type": "touchStart", "touchPoints": [finger]})
        for _ in range(20):
            finger["y"] -= 10
            hand.send(touch, {"type": "touchMove", "touchPoints": [finger]})
        hand.send(touch, {"type": "touchEnd", "touchPoints": []})
        visit.tab.wait_for_function("scrollY > 100")


def test_a_browser_runs_nothing_of_strangers(visit: Visit, archive: Archive) -> None:
    spoil(archive)
    visit.open(told(archive))
    assert visit.tab.evaluate("window.spoiled") is None
    assert visit.tab.get_by_text(SPOILERS[0]).first.is_visible()
    assert visit.tab.locator("h1").count() == 1
    assert visit.fits()
    assert visit.asks_only_for_itself()


def test_the_browser_itself_lets_nothing_else_run(
    browser: Any, archive: Archive, tmp_path: Path
) -> None:
    put(archive, creators=2)
    text = "".join(page(told(archive), plotly_js(), noon(LAST)))
    more = '<script>window.spoiled = 1</script><img src="https://example.org/image.png">'
    file = tmp_path / "more.html"
    file.write_text(text.replace("<header>", f"{more}<header>", 1), encoding="utf-8", newline="")
    with browser.new_context(offline=True) as context:
        tab, complaints = context.new_page(), list[str]()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.goto(file.as_uri())
        assert tab.evaluate("window.spoiled") is None
        assert tab.locator(".plot .main-svg").count() >= 3
    assert len(complaints) == 2
    assert all("Content Security Policy" in complaint for complaint in complaints)
