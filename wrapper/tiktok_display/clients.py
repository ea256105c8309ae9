"""The two clients, twins side by side."""

import copy
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Self

from tiktok_display_api.models import Video, VideoField, VideoPage

from .arguments import ALL, batches, check_amounts, names_of
from .bearer import BearerToken, is_token
from .crews.threads import Crew
from .errors import ConfigurationError
from .history import History
from .http import AsyncDoor, Door, Rules, Signer, operation
from .pages import AsyncVideoPager, QueryResult, VideoPager, page_from, query_result, videos_from
from .policies import Limiter, RetryPolicy, Shift
from .transport.exchange import post_form
from .transport.origin import Origin, origin_of, seconds
from .walks import walk

if TYPE_CHECKING:
    from .auth import UserCredentials

_RETRY = RetryPolicy()
_SCOPE = "video.list"  # what both endpoints need


# As in the generated package, whose functions take too long to import. A test compares them.
_LIST, _QUERY = "/v2/video/list/", "/v2/video/query/"


def _filters(ids: list[str]) -> dict[str, object]:
    return {"filters": {"video_ids": ids}}


class DisplayClient:
    """A creator's own videos, from TikTok's Display API.

    Args:
        credentials: a bare access token, or `UserCredentials`, which refresh by themselves.
        base_url: where TikTok is; else ``TIKTOK_DISPLAY_BASE_URL`` from the environment, else
            TikTok's own. ``http://`` only on this machine itself.
        timeout: s to connect, and s without a byte.
        deadline: s for one page, or one batch of ids, with its token refresh, repeats and waits;
            None for none.
        retry: how often and how patiently a request is repeated.
        limiter: paces requests; None for no limit but TikTok's own, whose 429s are waited out.

    Raises:
        ConfigurationError: an argument is no good.

    Threads may share a client. It keeps one pool of connections, which `close` or the end of a
    ``with`` lets go.
    """

    def __init__(
        self,
        credentials: "str | UserCredentials",
        *,
        base_url: str | None = None,
        timeout: float = 30.0,
        deadline: float | None = 120.0,
        retry: RetryPolicy = _RETRY,
        limiter: Limiter | None = None,
    ) -> None:
        hidden = _hidden(credentials)
        del credentials
        rules = Rules(deadline=_deadline(deadline), retry=retry, limiter=limiter)
        origin = origin_of(base_url, timeout)
        self._signer = _signer(hidden, origin)
        self._door = Door(origin, rules)
        self._is_sibling = False

    def list_videos(
        self,
        *,
        fields: Iterable[VideoField | str] = ALL,
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: int | None = None,
        page_size: int = 20,
        max_items: int | None = None,
        workers: int = 1,
    ) -> VideoPager:
        """The creator's videos, newest first; nothing is sent before the first is asked for.

        Args:
            fields: what to ask for of each video; ``id`` always comes, and ``create_time`` where
                ``since`` or ``until`` need it. A name this version does not know is sent on, with
                an `UnknownFieldWarning`.
            since: the earliest moment, inclusive; aware, rounded up to whole seconds.
            until: the first moment no longer wanted, likewise.
            cursor: ms; begin before this moment, e.g. at another pager's ``checkpoint``.
            page_size: videos in a request, 1 to 20.
            max_items: videos in all; None for every one.
            workers: how many read at once, 1 to 64. The list is the same, in the same order; more
                than one also ask for ``create_time``, and for more pages: 3 % for 10,000 videos,
                up to twice as many for a few hundred. They work while the caller waits for a page,
                and read up to 2,500 videos each ahead of it.

        Raises:
            ConfigurationError: an argument is no good; at once.
            TikTokError: while iterating; its ``checkpoint`` is the ``cursor`` to go on with.

        https://developers.tiktok.com/doc/tiktok-api-v2-video-list
        """
        check_amounts(max_items, workers)
        course = walk(since=since, until=until, cursor=cursor, page_size=page_size)
        names = names_of(fields, *course.needs(workers))
        target = operation(self._door.origin, _LIST, names)

        def fetch(body: dict[str, int], shift: Shift) -> VideoPage:
            return page_from(self._door.call(target, body, self._signer, shift))

        return VideoPager(fetch, History(course, workers), max_items)

    def query_videos(
        self,
        ids: Iterable[str],
        *,
        fields: Iterable[VideoField | str] = ALL,
        workers: int = 1,
    ) -> QueryResult:
        """The videos of these ids, any number, asked for twenty at a time; no ids, no request.

        Args:
            ids: as strings; what occurs twice is asked for once.
            fields: as for `list_videos`.
            workers: how many ask at once, 1 to 64.

        Raises:
            ConfigurationError: an argument is no good; before anything is sent.
            TikTokError: a batch of twenty could not be had; nothing is returned then.

        https://developers.tiktok.com/doc/tiktok-api-v2-video-query
        """
        check_amounts(None, workers)
        asked = batches(ids)
        names = names_of(fields, VideoField.ID)
        target = operation(self._door.origin, _QUERY, names)

        def fetch(batch: list[str], shift: Shift) -> list[Video]:
            return videos_from(self._door.call(target, _filters(batch), self._signer, shift))

        return query_result(asked, Crew(fetch).answers(asked, workers))

    def with_credentials(
        self, other: "str | UserCredentials", *, limiter: Limiter | None = None
    ) -> Self:
        """A light sibling for another creator, on the same connections and retry budget, with the
        same limiter unless another is given.

        Closing this client ends them all; closing a sibling does nothing.
        """
        hidden = _hidden(other)
        del other
        sibling = copy.copy(self)
        sibling._signer = _signer(hidden, self._door.origin)
        if limiter is not None:
            sibling._door = self._door.limited(limiter)
        sibling._is_sibling = True
        return sibling

    def close(self) -> None:
        """Close the connections. A token refresh under way is not cut off."""
        if not self._is_sibling:
            self._door.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncDisplayClient:
    """The same for asyncio: ``async with``, ``async for``, ``await``; one for each event loop."""

    def __init__(
        self,
        credentials: "str | UserCredentials",
        *,
        base_url: str | None = None,
        timeout: float = 30.0,
        deadline: float | None = 120.0,
        retry: RetryPolicy = _RETRY,
        limiter: Limiter | None = None,
    ) -> None:
        hidden = _hidden(credentials)
        del credentials
        rules = Rules(deadline=_deadline(deadline), retry=retry, limiter=limiter)
        origin = origin_of(base_url, timeout)
        self._signer = _signer(hidden, origin)
        self._door = AsyncDoor(origin, rules)
        self._is_sibling = False

    def list_videos(
        self,
        *,
        fields: Iterable[VideoField | str] = ALL,
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: int | None = None,
        page_size: int = 20,
        max_items: int | None = None,
        workers: int = 1,
    ) -> AsyncVideoPager:
        """The creator's videos, newest first: see `DisplayClient.list_videos`."""
        check_amounts(max_items, workers)
        course = walk(since=since, until=until, cursor=cursor, page_size=page_size)
        names = names_of(fields, *course.needs(workers))
        target = operation(self._door.origin, _LIST, names)

        async def fetch(body: dict[str, int], shift: Shift) -> VideoPage:
            return page_from(await self._door.call(target, body, self._signer, shift))

        return AsyncVideoPager(fetch, History(course, workers), max_items)

    async def query_videos(
        self,
        ids: Iterable[str],
        *,
        fields: Iterable[VideoField | str] = ALL,
        workers: int = 1,
    ) -> QueryResult:
        """The videos of these ids: see `DisplayClient.query_videos`."""
        check_amounts(None, workers)
        asked = batches(ids)
        names = names_of(fields, VideoField.ID)
        target = operation(self._door.origin, _QUERY, names)

        async def fetch(batch: list[str], shift: Shift) -> list[Video]:
            return videos_from(await self._door.call(target, _filters(batch), self._signer, shift))

        from .crews.tasks import AsyncCrew  # noqa: PLC0415 - nothing that threads need

        found = [videos async for videos in AsyncCrew(fetch).answers(asked, workers)]
        return query_result(asked, found)

    def with_credentials(
        self, other: "str | UserCredentials", *, limiter: Limiter | None = None
    ) -> Self:
        """A light sibling for another creator: see `DisplayClient.with_credentials`."""
        hidden = _hidden(other)
        del other
        sibling = copy.copy(self)
        sibling._signer = _signer(hidden, self._door.origin)
        if limiter is not None:
            sibling._door = self._door.limited(limiter)
        sibling._is_sibling = True
        return sibling

    async def close(self) -> None:
        """Close the connections. A token refresh under way is not cut off."""
        if not self._is_sibling:
            await self._door.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _hidden(credentials: "str | UserCredentials") -> "BearerToken | UserCredentials | None":
    """The credentials in a form that no traceback's locals show; None where they are none."""
    if is_token(credentials):
        return BearerToken(credentials)
    from .auth.credentials import UserCredentials  # noqa: PLC0415 - whoever has some has paid for it

    return credentials if isinstance(credentials, UserCredentials) else None


def _signer(hidden: "BearerToken | UserCredentials | None", origin: Origin) -> Signer:
    if hidden is None:
        raise ConfigurationError("an access token is a non-empty string of visible ASCII")
    if isinstance(hidden, BearerToken):
        return hidden
    from .auth.signing import UserSigner  # noqa: PLC0415 - as above

    return UserSigner(hidden, partial(post_form, origin), scope=_SCOPE)


def _deadline(value: float | None) -> float | None:
    return None if value is None else seconds("deadline", value)
