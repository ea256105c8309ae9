"""The unit of work: what is new of one creator, and the counters that are due."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple

from tiktok_display_api.models import VideoPage

from ..errors import AccessTokenInvalid, ReauthorizationRequired, ScopeNotAuthorized, TikTokError
from ..stores import Key
from . import statements as sql
from .database import SyncError
from .rows import FIELDS, Rows, rows
from .settings import SyncSettings
from .standing import Standing
from .workshop import Workshop, workshops

_LOGIN_HELPS = (AccessTokenInvalid, ReauthorizationRequired, ScopeNotAuthorized)


class Synced(NamedTuple):
    """What became of one creator."""

    open_id: str
    videos: int  # that were written
    state: str  # "active"; "login", where only a new login helps; "failed", for another time
    reason: str | None = None


def sync_creator(open_id: str, settings: SyncSettings, ids: Iterable[str] = ()) -> Synced:
    """List what is new of a creator, look up the videos of ``ids``, and write both.

    What is had is written together with the place where to go on, in one transaction: to repeat
    this, at any point and any number of times, loses nothing and doubles nothing.

    Raises:
        SyncError: the database cannot be read or written.
        ConfigurationError: the app's credentials are not in the environment.
    """
    return synced(workshops.opened(settings), open_id, ids)


def synced(
    shop: Workshop, open_id: str, ids: Iterable[str] = (), clock: Callable[[], float] = time.time
) -> Synced:
    """The same with what is at hand; ``clock`` gives Unix seconds."""
    job, written = _Job(shop, open_id, clock), 0
    try:
        if reason := job.refused():
            return Synced(open_id, 0, "login", reason)
        for count in job.steps(list(ids)):
            written += count
    except _LOGIN_HELPS as error:
        job.set_aside(str(error))
        return Synced(open_id, written, "login", str(error))
    except SyncError:
        raise
    except TikTokError as error:
        return Synced(open_id, written, "failed", str(error))
    return Synced(open_id, written, "active")


class _Job:
    """One creator, in steps that are written one by one."""

    def __init__(self, shop: Workshop, open_id: str, clock: Callable[[], float]) -> None:
        self._shop, self._open_id, self._clock = shop, open_id, clock
        self._client = shop.client(open_id)

    def refused(self) -> str | None:
        """Why the creator is set aside, as long as nobody has logged in anew."""
        key = {"open_id": self._open_id}
        with self._shop.database.transaction() as session:
            session.run(sql.ADD_CREATOR, key)
            ((state, reason, login),) = session.rows(sql.READ_STATE, key)
            if state == "active":
                return None
            if login == self._login():
                return str(reason)
            session.run(sql.TAKE_BACK, key)
        return None

    def set_aside(self, reason: str) -> None:
        """Only a new login helps."""
        values = {"open_id": self._open_id, "reason": reason, "login": self._login()}
        with self._shop.database.transaction() as session:
            session.run(sql.SET_ASIDE, values)

    def steps(self, ids: list[str]) -> Iterator[int]:
        """All of it: the rest of an unfinished walk, what is new, and what is due; each number is
        that of videos which were written.
        """
        if self._standing().is_unfinished:
            yield from self._walk(self._standing())
        yield from self._walk(self._standing())
        size = 20 * self._shop.settings.pages
        for start in range(0, len(ids), size):
            yield self._look_up(ids[start : start + size])

    def _standing(self) -> Standing:
        with self._shop.database.transaction() as session:
            (found,) = session.rows(sql.READ_STANDING, {"open_id": self._open_id})
        return Standing(*found)

    def _walk(self, standing: Standing) -> Iterator[int]:
        since, cursor = standing.walk
        pager = self._client.list_videos(
            fields=FIELDS,
            since=None if since is None else datetime.fromtimestamp(since, UTC),
            cursor=cursor,
            workers=self._shop.settings.workers,
        )
        pages, most = pager.by_page(), self._shop.settings.pages
        is_over = False
        while not is_over:
            part, trouble = _some(pages, most)
            found = self._rows(part)
            is_over = trouble is None and len(part) < most
            newest = found.newest
            after = (
                standing.ended(newest) if is_over else standing.went_on(newest, pager.checkpoint)
            )
            if not self._move(found, standing, after, is_over=is_over):
                return  # another run is at it, and has come further
            standing = after
            yield len(found.videos)
            if trouble is not None:
                raise trouble

    def _rows(self, pages: list[VideoPage]) -> Rows:
        videos = [video for page in pages for video in page.videos]
        return rows(self._open_id, videos, self._clock())

    def _move(self, found: Rows, before: Standing, after: Standing, *, is_over: bool) -> bool:
        values = {
            "open_id": self._open_id,
            **after._asdict(),
            "old_newest": before.newest,
            "old_cursor": before.cursor,
            "synced_at": int(self._clock()) if is_over else None,
        }
        with self._shop.database.transaction() as session:
            session.run_all(sql.PUT_VIDEO, found.videos)
            session.run_all(sql.PUT_SNAPSHOT, found.snapshots)
            return session.run(sql.MOVE_CREATOR, values) == 1

    def _look_up(self, ids: list[str]) -> int:
        answer = self._client.query_videos(ids, fields=FIELDS, workers=self._shop.settings.workers)
        found, now = rows(self._open_id, answer.videos, self._clock()), int(self._clock())
        missing = [{"video_id": id, "now": now} for id in answer.missing]
        with self._shop.database.transaction() as session:
            session.run_all(sql.PUT_VIDEO, found.videos)
            session.run_all(sql.PUT_SNAPSHOT, found.snapshots)
            session.run_all(sql.MISS_VIDEO, missing)
        return len(found.videos)

    def _login(self) -> int | None:
        """Which login it is, told from others by when it ends at the latest."""
        record = self._shop.tokens.read(Key(self._shop.app.client_key, self._open_id))
        ends = None if record is None else record.refresh_expires_at
        return None if ends is None else int(ends)


def _some(pages: Iterator[VideoPage], most: int) -> tuple[list[VideoPage], TikTokError | None]:
    """Some pages, and what kept the next one from coming."""
    part = list[VideoPage]()
    try:
        for page in islice(pages, most):
            part.append(page)  # one by one, for those before an error count
    except TikTokError as error:
        return part, error
    return part, None
