"""The unit of work: what is new of one creator, and the counters that are due."""

import time
from collections.abc import Callable, Iterator
from itertools import islice

from tiktok_display_api.models import VideoPage

from ..errors import TikTokError
from ..stores import Key
from . import statements as sql
from .cadence import HOUR, Seen, lookups, next_visit
from .database import SyncError
from .dialects import Session
from .rows import FIELDS, Rows, rows
from .settings import SyncSettings
from .standing import Standing
from .synced import Synced, state_after
from .workshop import Asked, Workshop, workshops


def sync_creator(open_id: str, settings: SyncSettings) -> Synced:
    """List what is new of a creator, look up the older videos that are due, and write both.

    What is had is written together with the place where to go on, in one transaction: to repeat
    this, at any point and any number of times, loses nothing and doubles nothing.

    Raises:
        SyncError: the database cannot be read or written.
        ConfigurationError: the app's credentials are not in the environment.
    """
    return synced(workshops.opened(settings), open_id)


def synced(shop: Workshop, open_id: str, clock: Callable[[], float] = time.time) -> Synced:
    """The same with what is at hand; ``clock`` gives Unix seconds."""
    job = _Job(shop, open_id, clock)
    try:
        if reason := job.refused():
            return job.told("login", reason)
        job.run()
    except SyncError:
        raise
    except TikTokError as error:
        state = state_after(error)
        if state == "login":
            job.set_aside(str(error))
        return job.told(state, str(error))
    return job.told("active")


class _Job:
    """One creator, in steps that are written one by one."""

    def __init__(self, shop: Workshop, open_id: str, clock: Callable[[], float]) -> None:
        self._shop, self._open_id, self._clock = shop, open_id, clock
        self._key = {"open_id": open_id}
        self._asked = Asked(shop.limit)
        self._client = shop.client(open_id, self._asked)
        self._videos = self._expected = 0
        self._began = int(clock())

    def told(self, state: str, reason: str | None = None) -> Synced:
        """What became of it."""
        took = (self._asked.lists, self._asked.lookups, self._expected)
        return Synced(self._open_id, self._videos, state, reason, *took)

    def refused(self) -> str | None:
        """Why the creator is set aside, as long as nobody has logged in anew."""
        with self._shop.database.transaction() as session:
            session.run(sql.ADD_CREATOR, self._key)
            ((state, reason, login, self._expected),) = session.rows(sql.READ_STATE, self._key)
            if state == "active":
                return None
            if login == self._login():
                session.run(sql.COME_AGAIN, {**self._key, "due_at": self._began + HOUR})
                return str(reason)
            session.run(sql.TAKE_BACK, self._key)
        return None

    def set_aside(self, reason: str) -> None:
        """Only a new login helps; whether there is one is looked up within the hour."""
        again = {"login": self._login(), "due_at": self._began + HOUR}
        with self._shop.database.transaction() as session:
            session.run(sql.SET_ASIDE, {**self._key, "reason": reason, **again})

    def run(self) -> None:
        """All of it: the rest of an unfinished walk, what is new, what is due; and when to come
        again.
        """
        standing = self._standing()
        if standing.is_unfinished:
            self._walk(standing)
            standing = self._standing()
        self._walk(standing)
        with self._shop.database.reading() as session:
            ids = lookups(self._seen(session), self._began)
        size = 20 * self._shop.settings.pages
        for start in range(0, len(ids), size):
            self._look_up(ids[start : start + size])
        with self._shop.database.transaction() as session:
            visit = next_visit(self._seen(session), int(self._clock()))
            session.run(sql.PLAN_VISIT, {**self._key, **visit._asdict()})

    def _standing(self) -> Standing:
        with self._shop.database.reading() as session:
            (found,) = session.rows(sql.READ_STANDING, self._key)
        return Standing(*found)

    def _seen(self, session: Session) -> list[Seen]:
        return [Seen(*found) for found in session.rows(sql.READ_SEEN, self._key)]

    def _walk(self, standing: Standing) -> None:
        since, cursor = standing.walk
        # What is new is on one page, as a rule: to read on meanwhile would be for nothing.
        workers = self._shop.settings.workers if since is None else 1
        pager = self._client.list_videos(fields=FIELDS, cursor=cursor, workers=workers)
        pages, most = _down_to(since, pager.by_page()), self._shop.settings.pages
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
            if trouble is not None:
                raise trouble

    def _rows(self, pages: list[VideoPage]) -> Rows:
        videos = [video for page in pages for video in page.videos]
        return rows(self._open_id, videos, self._clock())

    def _move(self, found: Rows, before: Standing, after: Standing, *, is_over: bool) -> bool:
        values = {
            **self._key,
            **after._asdict(),
            "old_newest": before.newest,
            "old_cursor": before.cursor,
            "synced_at": int(self._clock()) if is_over else None,
        }
        with self._shop.database.transaction() as session:
            self._put(session, found)
            return session.run(sql.MOVE_CREATOR, values) == 1

    def _look_up(self, ids: list[str]) -> None:
        answer = self._client.query_videos(ids, fields=FIELDS, workers=self._shop.settings.workers)
        found, now = rows(self._open_id, answer.videos, self._clock()), int(self._clock())
        missing = [{"video_id": id, "now": now} for id in answer.missing]
        with self._shop.database.transaction() as session:
            self._put(session, found)
            session.run_all(sql.MISS_VIDEO, missing)

    def _put(self, session: Session, found: Rows) -> None:
        session.run(sql.HOLD_CREATOR, self._key)
        session.run_all(sql.PUT_VIDEO, found.videos)
        session.run_all(sql.PUT_SNAPSHOT, found.snapshots)
        self._videos += len(found.videos)

    def _login(self) -> int | None:
        """Which login it is, told from others by when it ends at the latest."""
        record = self._shop.tokens.read(Key(self._shop.app.client_key, self._open_id))
        ends = None if record is None else record.refresh_expires_at
        return None if ends is None else int(ends)


def _down_to(since: int | None, pages: Iterator[VideoPage]) -> Iterator[VideoPage]:
    """The pages that may have videos posted at ``since`` (s) or later: whole, for the counters of
    what is older come with them.
    """
    for page in pages:
        yield page
        if since is not None and 0 < page.cursor < since * 1000:
            return


def _some(pages: Iterator[VideoPage], most: int) -> tuple[list[VideoPage], TikTokError | None]:
    """Some pages, and what kept the next one from coming."""
    part = list[VideoPage]()
    try:
        for page in islice(pages, most):
            part.append(page)  # one by one, for those before an error count
    except TikTokError as error:
        return part, error
    return part, None
