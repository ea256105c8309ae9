"""The site that `python -m tools.site` has built, as a browser shows it: at a desk, on a phone."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml
from playwright import sync_api

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)

ROOT = Path(__file__).parents[2]
SITE = ROOT / "build" / "site"
SPEC = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
GUIDE = sorted(path.stem for path in (ROOT / "docs").glob("*.md"))
DESK, PHONE = 1280, 390  # pixels


@attrs.define
class Visit:
    """A page in the browser, and what it has asked for and complained about."""

    page: Any
    requests: list[str] = attrs.field(factory=list)
    complaints: list[str] = attrs.field(factory=list)

    def listen(self) -> None:
        def hear(message: Any) -> None:
            if message.type in {"error", "warning"}:
                self.complaints.append(message.text)

        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: Path) -> "Visit":
        """Open a file and scroll through it; whatever it loads later has been asked for then."""
        self.page.goto(path.as_uri())
        self.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        self.page.wait_for_load_state("networkidle")
        return self

    def outside(self, *own: str) -> list[str]:
        """The requests for anything but ``own`` and what a page carries in itself."""
        return [url for url in self.requests if not url.startswith((*own, "data:", "blob:"))]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    assert BROWSER, f"none of {', '.join(NAMES)} is installed"
    assert (SITE / "reference.html").exists(), "first build it: python -m tools.site"
    with sync_api.sync_playwright() as playwright:
        # Without its own sandbox, which a container's root does not get.
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def visit(browser: Any, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A browser of one of two widths that has no network at all."""
    view = {"width": request.param, "height": 900}
    with browser.new_context(viewport=view, offline=True) as context:
        visit = Visit(context.new_page())
        visit.listen()
        yield visit


def fits(visit: Visit) -> bool:
    """Whether nobody has to scroll sideways."""
    return bool(visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("name", [*GUIDE, "search"])
def test_a_page_of_the_guide_asks_no_other_host_and_complains_of_nothing(
    visit: Visit, name: str
) -> None:
    visit.open(SITE / f"{name}.html")
    assert visit.outside(SITE.as_uri()) == []
    assert visit.complaints == []
    assert fits(visit)


def test_the_reference_is_one_file_that_asks_for_nothing(visit: Visit, tmp_path: Path) -> None:
    alone = tmp_path / "alone.html"
    shutil.copy(SITE / "reference.html", alone)
    visit.open(alone)
    assert visit.outside() == [alone.as_uri()]
    assert visit.complaints == []
    assert fits(visit)


def test_the_reference_shows_both_operations(visit: Visit) -> None:
    visit.open(SITE / "reference.html")
    text = visit.page.inner_text("body")
    for path, methods in SPEC["paths"].items():
        assert visit.page.get_by_role("heading", name=methods["post"]["summary"]).is_visible()
        assert path in text
    assert len(SPEC["paths"]) == 2


def test_the_reference_shows_every_field_without_a_click(visit: Visit) -> None:
    visit.open(SITE / "reference.html")
    shown = visit.page.locator(".property-name:visible").all_inner_texts()
    schemas = SPEC["components"]["schemas"]
    fields = {name for schema in schemas.values() for name in schema.get("properties", {})}
    assert fields - set(shown) == set()
    # A video's fields stand with either operation.
    assert {name for name in schemas["Video"]["properties"] if shown.count(name) < 2} == set()
    assert len(schemas["Video"]["properties"]) >= 16


def test_the_reference_tells_how_a_token_is_had_without_a_click(visit: Visit) -> None:
    visit.open(SITE / "reference.html")
    assert "https://www.tiktok.com/v2/auth/authorize/" in visit.page.inner_text("body")


def test_the_browser_itself_keeps_the_reference_from_asking_another_host(
    visit: Visit, tmp_path: Path
) -> None:
    page = (SITE / "reference.html").read_text(encoding="utf-8")
    asking = tmp_path / "asking.html"
    image = '<img src="https://example.org/image.png">'
    asking.write_text(page.replace("<body>", f"<body>{image}"), encoding="utf-8")
    visit.open(asking)
    (complaint,) = visit.complaints
    assert "https://example.org/image.png' violates" in complaint
    assert "Content Security Policy" in complaint


def test_a_page_that_asks_another_host_is_noticed(visit: Visit, tmp_path: Path) -> None:
    asking = tmp_path / "asking.html"
    asking.write_text('<img src="https://example.org/image.png">', encoding="utf-8")
    visit.open(asking)
    assert visit.outside(tmp_path.as_uri()) == ["https://example.org/image.png"]
    assert visit.complaints != []


def test_the_guide_leads_to_the_reference(visit: Visit) -> None:
    visit.open(SITE / "index.html")
    visit.page.locator("article").get_by_role("link", name="reference").click()
    assert visit.page.title() == f"{SPEC['info']['title']}: reference"
