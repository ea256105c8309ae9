"""Rooms that are opened when something in them is named."""

import subprocess
import sys

import pytest

import tiktok_display
from tiktok_display import auth, clients, stores
from tiktok_display_api.api.videos import list_videos, query_videos
from tiktok_display_api.models import ListVideosRequest, QueryVideosRequest, VideoFilters


@pytest.mark.parametrize("package", [tiktok_display, auth, stores])
def test_every_name_of_a_package_is_there_and_is_shown(package: object) -> None:
    names: list[str] = package.__all__  # type: ignore[attr-defined]
    assert all(hasattr(package, name) for name in names)
    assert set(names) <= set(dir(package))
    assert not hasattr(package, "novel")


def test_an_import_of_the_client_opens_no_room_that_it_does_not_need() -> None:
    program = "import sys, tiktok_display; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    ours = {name for name in told if name.startswith("tiktok_display")}
    assert not {name for name in ours if name.startswith("tiktok_display.stores")}
    assert not {name for name in ours if name.startswith("tiktok_display.auth")}
    assert "tiktok_display_api.client" not in ours
    assert not {"asyncio", "aiohttp", "orjson", "sqlite3"} & set(told)


def test_the_paths_and_bodies_are_those_of_the_generated_package() -> None:
    listing = list_videos._get_kwargs(body=ListVideosRequest(cursor=1, max_count=2), fields=[])
    query = QueryVideosRequest(VideoFilters(["7"]))
    lookup = query_videos._get_kwargs(body=query, fields=[])
    assert (listing["url"], lookup["url"]) == (clients._LIST, clients._QUERY)
    assert clients._filters(["7"]) == lookup["json"]
    walk = clients.walk(since=None, until=None, cursor=1, page_size=2)
    assert walk.request() == listing["json"]
