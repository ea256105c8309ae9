"""What the specification shows and what was recorded fit what it says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.spec.edits import edits
from tools import examples
from tools.specification import SPEC, Specification

SOURCE = SPEC.read_text(encoding="utf-8")
LIST, QUERY = "#/paths/~1v2~1video~1list~1/post", "#/paths/~1v2~1video~1query~1/post"
SCHEMAS, ANSWERS = "#/components/schemas", "#/components/responses"

FAULTS = {fault.name: fault for fault in edits(Path(__file__).with_name("faults.diff"))}
MISFITS = {
    "an example that does not fit": f"{LIST}/requestBody/content/application~1json/examples/first",
    "a type misspelt": f"{SCHEMAS}/Video/properties/height/examples/0",
    "a reference to nothing": f"{QUERY}/requestBody/content/application~1json/examples/two",
    "a default beyond its bound": f"{SCHEMAS}/ListVideosRequest/properties/max_count/default",
    "the documented length of a title": f"{SCHEMAS}/Video",
    "more than a page may hold": f"{SCHEMAS}/ListVideosRequest",
    "a recorded answer embellished": (
        f"{LIST}/responses/200/content/application~1json/examples/empty"
    ),
    "a documented answer embellished": (
        f"{QUERY}/responses/200/content/application~1json/examples/documentation"
    ),
    "a documented failure in other words": (
        f"{ANSWERS}/Unauthorized/content/application~1json/examples/accessTokenInvalid"
    ),
    "a documented answer that is called something else": "#/paths",
    "a code misspelt": (
        f"{ANSWERS}/TooManyRequests/content/application~1json/examples/rateLimitExceeded"
    ),
    "a cursor that must be of today": f"{SCHEMAS}/ListVideosRequest",
    "two videos a page at least": f"{SCHEMAS}/ListVideosRequest",
    "fewer than a page may hold": f"{SCHEMAS}/ListVideosRequest",
}


def test_every_example_and_every_recorded_answer_fits(spec: Specification) -> None:
    assert list(examples.complaints(spec)) == []


def test_every_example_and_default_of_the_text_is_looked_at(spec: Specification) -> None:
    shown = [pointer for pointer, _, _ in examples.shown(spec)]
    assert len(shown) == len(set(shown)) == len(list(written()))


def written() -> Iterator[str]:
    """The places in the text where an example or a default begins."""
    yield from re.findall(r"^ +(?:value|default|examples): *\S.*", SOURCE, re.MULTILINE)
    yield from re.findall(r"^ +(?:value):$", SOURCE, re.MULTILINE)
    for listed in re.findall(r"^( +)examples:\n((?:\1  .*\n)+)", SOURCE, re.MULTILINE):
        yield from re.findall(rf"^{listed[0]}  - ", listed[1], re.MULTILINE)


def test_every_answer_of_the_two_endpoints_that_was_kept_is_looked_at() -> None:
    kept = {path.stem for path in examples.SAMPLES.glob("*.json")}
    elsewhere = re.compile("oauth|v1|user_info|webhook")
    assert {name for name in kept if not elsewhere.search(name)} == set(examples.ANSWERED)


@pytest.mark.parametrize(("fault", "pointer"), MISFITS.items())
def test_what_does_not_fit_is_named(fault: str, pointer: str) -> None:
    broken = Specification(FAULTS[fault].apply(SOURCE))
    assert pointer in {found.pointer for found in examples.complaints(broken)}
