"""The reference page as a text: what goes into it, and what stops it."""

import json
from typing import Any

import pytest

from tools.site import LOGO, PAGE, SiteError, embedded, reference

SCRIPT = f'load("{LOGO}")'
SPEC: dict[str, Any] = {
    "info": {"title": "An API", "summary": "A few calls.", "description": "Words.\n"},
    "paths": {"/one/": {}},
}


def built(script: str = SCRIPT, spec: dict[str, Any] = SPEC) -> str:
    return reference(spec, PAGE.read_text(encoding="utf-8"), script, "<svg/>")


def test_the_page_holds_the_document_the_script_and_their_names() -> None:
    page = built()
    assert "<title>An API: reference</title>" in page
    assert '"/one/"' in page
    assert "load(" in page


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert LOGO not in built()
    assert "default-src 'none'" in built()


@pytest.mark.parametrize("script", ["load()", SCRIPT + SCRIPT])
def test_a_script_that_loads_its_logo_in_another_way_stops_the_build(script: str) -> None:
    with pytest.raises(SiteError, match="instead of once"):
        built(script)


def test_a_script_that_would_end_its_own_element_stops_the_build() -> None:
    with pytest.raises(SiteError, match="would end the element"):
        built(f"{SCRIPT}</script>")


def test_no_text_of_the_document_ends_the_script_element() -> None:
    text = "</script><!-- <script>"
    assert "<" not in embedded(text)
    assert json.loads(embedded(text)) == text


def test_the_document_is_left_as_it_was() -> None:
    built()
    assert SPEC["info"]["description"] == "Words.\n"
