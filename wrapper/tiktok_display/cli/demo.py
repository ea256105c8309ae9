"""A first look: the main job against a sandbox of its own, told as it happens."""

import asyncio

import rich_click as click

from .. import (
    ApiError,
    AppCredentials,
    AsyncDisplayClient,
    DisplayClient,
    MemoryTokenStore,
    UserCredentials,
    VideoPage,
)
from ..sandbox import Sandbox
from .fetch import IS_SANDBOX

_VIDEOS = 45  # two full pages and a short one
_NOBODYS_ID = "7000000000000000000"


class DemoFailed(click.ClickException):
    """What was listed is not what there is."""


def demo(width: int = 80) -> None:
    """Run it on ``width`` columns; `DemoFailed` unless each walk gave every video exactly once."""
    with Sandbox(creators=1, videos=_VIDEOS) as box:
        click.echo(f"{IS_SANDBOX}.")
        click.echo("To look around in it yourself: tiktok-display videos --sandbox")
        click.echo(f"A creator with {_VIDEOS} videos has logged in; access tokens live two hours.")

        _title("1. Every video of theirs, page by page")
        _list(box, _Walk(box, width))
        with DisplayClient(_credentials(box), base_url=box.base_url) as client:
            _title("2. Two ids looked up, one of them nobody's")
            _query(client, [box.creators[0].videos[0].id, _NOBODYS_ID])
            _title("3. An error, with the log_id that TikTok's support asks for")
            _fail(client.with_credentials("act.made-up"))

        _title("4. Every video once more, with asyncio")
        asyncio.run(_list_async(box, _Walk(box, width)))


def _list(box: Sandbox, walk: "_Walk") -> None:
    with DisplayClient(_credentials(box), base_url=box.base_url) as client:
        for page in client.list_videos(fields=["id"]).by_page():
            walk.tell(page)
    walk.check()


async def _list_async(box: Sandbox, walk: "_Walk") -> None:
    async with AsyncDisplayClient(_credentials(box), base_url=box.base_url) as client:
        async for page in client.list_videos(fields=["id"]).by_page():
            walk.tell(page)
    walk.check()


def _query(client: DisplayClient, ids: list[str]) -> None:
    found = client.query_videos(ids)
    click.echo(f"found:   {', '.join(str(video.id) for video in found.videos)}")
    click.echo(f"missing: {', '.join(found.missing)}")


def _fail(client: DisplayClient) -> None:
    try:
        next(client.list_videos())
    except ApiError as error:
        click.echo(f"{type(error).__name__}: {error}")
    else:
        raise DemoFailed("a made-up access token was accepted")


def _credentials(box: Sandbox) -> UserCredentials:
    """The creator's login, as an app gets it once and keeps it in its store."""
    app = AppCredentials(box.app.client_key, box.app.client_secret)
    answer = box.creators[0].token_answer
    return UserCredentials.from_token_answer(app, MemoryTokenStore(), answer)


class _Walk:
    """One walk through the creator's videos, told page by page; after the first the token dies."""

    def __init__(self, box: Sandbox, width: int) -> None:
        self._box, self._per_line = box, max(1, (width + 1) // 20)
        self._refreshes, self._pages = box.refreshes, 0
        self._ids: list[str] = []

    def tell(self, page: VideoPage) -> None:
        self._pages += 1
        ids = [str(video.id) for video in page.videos]
        self._ids += ids
        if self._box.refreshes > self._refreshes:
            self._refreshes = self._box.refreshes
            click.secho("the token was refused; the client refreshed it and asked again", fg="cyan")
        click.secho(f"page {self._pages}: {len(ids)} videos", fg="green")
        for start in range(0, len(ids), self._per_line):
            click.echo(" ".join(ids[start : start + self._per_line]))
        if self._pages == 1:
            self._box.advance(hours=3)
            click.secho("three hours pass: the access token has expired", fg="yellow")

    def check(self) -> None:
        truth = [video.id for video in self._box.creators[0].videos]
        if self._ids != truth:
            raise DemoFailed(f"there are {len(truth)} videos; what came is not what they are")
        click.echo(f"There are {len(truth)} videos, and each came exactly once.")


def _title(text: str) -> None:
    click.secho(f"\n{text}", bold=True)
