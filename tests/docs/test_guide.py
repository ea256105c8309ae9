"""The guide: every block of it runs, and prints what the page says."""

import contextlib
import re
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import CodeBlockParser

from tests.docs.programs import compare, run_console, run_python

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("index", "start", "paging", "tokens", "errors", "testing", "scaling", "changing-the-spec")
PARSERS = [
    CodeBlockParser("python", run_python),
    CodeBlockParser("text", compare),
    CodeBlockParser("console", run_console),
]
DIRECTIVES = {"{include}", "{toctree}"}  # they show no code of their own


def languages(page: str) -> list[str]:
    """What each fence of a page opens with."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    return [language for language in re.findall(r"^```(\S*)", text, re.MULTILINE) if language]


@pytest.mark.parametrize("page", PAGES)
def test_every_block_runs_by_itself_and_prints_what_stands_below_it(
    page: str, tmp_path: Path
) -> None:
    document = Sybil(parsers=PARSERS).parse(DOCS / f"{page}.md")
    examples = list(document.examples())
    for number, example in enumerate(examples):
        alone = tmp_path / str(number)
        alone.mkdir()
        with contextlib.chdir(alone):
            example.evaluate()
    assert "printed" not in document.namespace
    assert len(examples) == sum(language not in DIRECTIVES for language in languages(page))


def test_the_guide_shows_code_on_each_of_its_five_subjects() -> None:
    shown = {page: languages(page).count("python") for page in PAGES}
    assert all(shown[page] >= 3 for page in ("start", "paging", "tokens", "errors", "testing"))
