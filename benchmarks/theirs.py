"""What the client replaces, as programs to be measured: ``KIND URL [CREATORS]``.

Calls by hand have no models, no refresh, no repetition; the other libraries are called as their own
documentation does it.
"""

import asyncio
import json
import sys
from typing import Any

from measure import WALKS, Work, serve

TOKEN, PATH = "act.benchmark", "v2/video/list/"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
ALL = (
    "id,create_time,cover_image_url,share_url,video_description,duration,height,width,title,"
    "embed_html,embed_link,like_count,comment_count,share_count,view_count,is_aigc"
)
FIELDS = {"fields": ALL}


def after(page: dict[str, Any]) -> dict[str, int] | None:
    """What to send for the page after this one; before the first, an empty one is meant."""
    if not page:
        return {"max_count": 20}
    return {"max_count": 20, "cursor": page["cursor"]} if page["has_more"] else None


def httpx(url: str) -> Work:
    """`httpx.Client.post(...).json()`."""
    import httpx

    client = httpx.Client(base_url=f"{url}/", headers=HEADERS)

    def work() -> int:
        pages, page = 0, dict[str, Any]()
        while (body := after(page)) is not None:
            page = client.post(PATH, params=FIELDS, json=body).json()["data"]
            pages += 1
        return pages

    return work


def httpx_async(url: str) -> Work:
    """The same with `httpx.AsyncClient`."""
    import httpx

    loop, client = asyncio.new_event_loop(), httpx.AsyncClient(base_url=f"{url}/", headers=HEADERS)

    async def walk() -> int:
        pages, page = 0, dict[str, Any]()
        while (body := after(page)) is not None:
            page = (await client.post(PATH, params=FIELDS, json=body)).json()["data"]
            pages += 1
        return pages

    return lambda: loop.run_until_complete(walk())


def aiohttp(url: str, creators: str) -> Work:
    """So many walks at once with one session of aiohttp, and `json.loads`; and again."""
    import aiohttp

    loop, many = asyncio.new_event_loop(), int(creators)

    async def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(headers=HEADERS, connector=aiohttp.TCPConnector(limit=0))

    client, address = loop.run_until_complete(session()), f"{url}/{PATH}"

    async def walk() -> int:
        pages, page = 0, dict[str, Any]()
        while (body := after(page)) is not None:
            async with client.post(address, params=FIELDS, json=body) as answer:
                page = json.loads(await answer.read())["data"]
            pages += 1
        return pages

    async def walks() -> int:
        pages = 0
        for _ in range(WALKS // many):
            pages += sum(await asyncio.gather(*[walk() for _ in range(many)]))
        return pages

    return lambda: loop.run_until_complete(walks())


def generated(url: str) -> Work:
    """The generated package alone."""
    from tiktok_display_api import AuthenticatedClient
    from tiktok_display_api.api.videos import list_videos
    from tiktok_display_api.models import ListVideosRequest, VideoField

    client = AuthenticatedClient(base_url=url, token=TOKEN)
    fields = list(VideoField)

    def work() -> int:
        pages, body = 0, ListVideosRequest(max_count=20)
        while body is not None:
            page = list_videos.sync(client=client, body=body, fields=fields).data
            body = ListVideosRequest(max_count=20, cursor=page.cursor) if page.has_more else None
            pages += 1
        return pages

    return work


def generated_crowd(url: str, creators: str) -> Work:
    """Its `asyncio()`, so many at once."""
    from tiktok_display_api import AuthenticatedClient
    from tiktok_display_api.api.videos import list_videos
    from tiktok_display_api.models import ListVideosRequest, VideoField

    loop, client = asyncio.new_event_loop(), AuthenticatedClient(base_url=url, token=TOKEN)
    fields = list(VideoField)

    async def walk() -> int:
        pages, body = 0, ListVideosRequest(max_count=20)
        while body is not None:
            page = (await list_videos.asyncio(client=client, body=body, fields=fields)).data
            body = ListVideosRequest(max_count=20, cursor=page.cursor) if page.has_more else None
            pages += 1
        return pages

    async def walks() -> int:
        return sum(await asyncio.gather(*[walk() for _ in range(int(creators))]))

    return lambda: loop.run_until_complete(walks())


def openapi_generator(url: str) -> Work:
    """The Python client that openapi-generator makes of the same document."""
    import tiktok

    api = tiktok.VideosApi(tiktok.ApiClient(tiktok.Configuration(host=url, access_token=TOKEN)))
    fields = list(tiktok.VideoField)

    def work() -> int:
        pages, body = 0, tiktok.ListVideosRequest(max_count=20)
        while body is not None:
            page = api.list_videos(fields, body).data
            more = page.has_more
            body = tiktok.ListVideosRequest(max_count=20, cursor=page.cursor) if more else None
            pages += 1
        return pages

    return work


def python_tiktok(url: str) -> Work:
    """python-tiktok, which speaks the first version of the API."""
    from pytiktok import KitApi

    api, fields = KitApi(access_token=TOKEN, base_url=f"{url}/v1"), ALL.split(",")[:15]

    def work() -> int:
        pages, cursor, has_more = 0, None, True
        while has_more:
            page = api.get_user_videos("creator", fields, cursor, max_count=20).data
            cursor, has_more, pages = page.cursor, page.has_more, pages + 1
        return pages

    return work


if __name__ == "__main__":
    kind, *arguments = sys.argv[1:]
    serve(globals()[kind](*arguments))
