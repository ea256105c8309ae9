"""The query string by RFC 6570, to which OpenAPI hands it: a second opinion on both clients.

https://spec.openapis.org/oas/v3.1.0#style-values
"""

from pathlib import Path
from typing import Any

import httpx
import uritemplate
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tiktok_display.arguments import names_of
from tiktok_display.http import operation
from tiktok_display.transport.origin import Origin
from tiktok_display_api.api.videos import list_videos, query_videos
from tiktok_display_api.models import (
    ListVideosRequest,
    QueryVideosRequest,
    VideoField,
    VideoFilters,
)

SPEC = yaml.safe_load((Path(__file__).parents[2] / "openapi.yaml").read_text(encoding="utf-8"))
PARAMETER: dict[str, Any] = SPEC["components"]["parameters"]["Fields"]
TIKTOK = "https://open.tiktokapis.com"
SELECTIONS = st.lists(st.sampled_from(VideoField), min_size=1, unique=True)


def expansion(path: str, fields: list[VideoField]) -> str:
    """The request target that the document defines; its commas may also be written ``%2C``."""
    name, explode = PARAMETER["name"], "*" if PARAMETER["explode"] else ""
    return str(uritemplate.expand(f"{path}{{?{name}{explode}}}", {name: fields}))


def written(url: httpx.URL) -> str:
    """The target as it goes over the wire, but for the commas."""
    return url.raw_path.decode("ascii").replace("%2C", ",")


@given(fields=SELECTIONS)
def test_the_wrapper_writes_the_query_that_the_document_defines(fields: list[VideoField]) -> None:
    for path in SPEC["paths"]:
        url = operation(Origin(TIKTOK, 30.0), path, names_of(fields)).url
        assert written(url) == expansion(path, fields)


@given(fields=SELECTIONS)
def test_the_generated_package_writes_the_query_that_the_document_defines(
    fields: list[VideoField],
) -> None:
    listing = list_videos._get_kwargs(body=ListVideosRequest(), fields=fields)
    lookup = query_videos._get_kwargs(body=QueryVideosRequest(VideoFilters(["7"])), fields=fields)
    for asked in (listing, lookup):
        url = httpx.URL(TIKTOK + asked["url"], params=asked["params"])
        assert written(url) == expansion(asked["url"], fields)
