"""The main job: a creator's videos, from the client to wherever they shall go."""

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from attrs import frozen

from .. import (
    AccessTokenInvalid,
    ConfigurationError,
    DisplayClient,
    VideoPager,
)
from ..auth.environment import variable
from ..errors import LOGIN_HELPS
from .accounts import HOW_TO_LOG_IN, stored_login
from .exits import TOKEN_VARIABLE, advised, notice
from .formats import FIELDS, Row, row_of
from .output import Format, PartFile, Style, format_for, print_rows, stdout, target, write_whole
from .progress import progress
from .table import DEFAULT_FIELDS

IS_SANDBOX = "sandbox: a TikTok invented on this machine; nothing in it is real"


@frozen
class Plan:
    """What to write, and where."""

    path: Path | None  # None for stdout
    format: Format
    fields: tuple[str, ...]

    @property
    def is_watched(self) -> bool:
        """Whether the data themselves appear on a terminal."""
        return self.path is None and sys.stdout.isatty()


def plan(fields: tuple[str, ...], format: str | None, output: str | None) -> Plan:
    """What the options come to; `ConfigurationError` where they contradict each other."""
    path = None if output is None else target(output)
    chosen = format_for(format, path, on_terminal=path is None and stdout().isatty())
    return Plan(path, chosen, fields or (DEFAULT_FIELDS if chosen is Format.TABLE else FIELDS))


@contextmanager
def connected(sandbox: bool, account: str | None) -> Iterator[DisplayClient]:
    """A client for a creator's stored login, for the token in the environment, for the only login
    that is stored, or for a creator of a sandbox of its own.
    """
    if sandbox and account is not None:
        raise ConfigurationError("--sandbox and --account exclude each other")
    token = variable(TOKEN_VARIABLE)
    if sandbox:
        with _sandbox() as client:
            yield client
    elif token and account is None:
        fresh = f"put a fresh access token into {TOKEN_VARIABLE}; they live two hours"
        with advised(fresh, AccessTokenInvalid), DisplayClient(token) as client:
            yield client
    else:
        with advised(HOW_TO_LOG_IN, *LOGIN_HELPS), stored_login(account) as credentials:
            if account is None:
                notice(f"account: {credentials.open_id}")
            with DisplayClient(credentials) as client:
                yield client


@contextmanager
def _sandbox() -> Iterator[DisplayClient]:
    from ..sandbox import Sandbox  # noqa: PLC0415 - only where it is asked for

    notice(IS_SANDBOX)
    with Sandbox() as box:
        token = box.creators[0].access_token
        with DisplayClient(token, base_url=box.base_url) as client:
            yield client


@contextmanager
def _warnings_noticed() -> Iterator[None]:
    """The library's warnings as lines on stderr, without the line of code that they name."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        notice(f"warning: {warning.message}")


class _Trail:
    """A walk, and the cursor to go on with after the last video that was dealt with."""

    def __init__(self, pager: VideoPager, cursor: int | None) -> None:
        self._pager, self.checkpoint = pager, cursor

    def rows(self, fields: tuple[str, ...], done: Callable[[], None]) -> Iterator[Row]:
        for video in self._pager:
            yield row_of(video, fields)
            # Only now: whoever is interrupted before has not written this video yet.
            self.checkpoint = self._pager.checkpoint
            done()


def fetch_videos(
    client: DisplayClient,
    plan: Plan,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: int | None = None,
    max_items: int | None = None,
) -> None:
    """List a creator's videos. What ends it early bears a note that says how to go on."""
    _notice_empty(since, until)
    with _warnings_noticed():
        pager = client.list_videos(fields=plan.fields, since=since, until=until, cursor=cursor)
    trail = _Trail(pager, cursor)
    with _way_on(trail):
        if plan.path is None:
            with progress(max_items, hidden=plan.is_watched) as done:
                rows = trail.rows(plan.fields, done)
                print_rows(islice(rows, max_items), plan.format, plan.fields)
            return
        with PartFile(plan.path, goes_on=cursor is not None) as part, _kept(part):
            left = None if max_items is None else max(0, max_items - part.count)
            with progress(left) as done:
                rows = trail.rows(plan.fields, done)
                new = (row for row in rows if row.get("id") not in part.ids)
                for row in islice(new, left):
                    part.add(row)
            part.finish(plan.format, plan.fields)


def _notice_empty(since: datetime | None, until: datetime | None) -> None:
    if since and since > datetime.now(UTC):
        notice(f"warning: --since is in the future, {since}: no video is that new")
    if since and until and since >= until:
        notice(f"warning: --since, {since}, is not before --until, {until}: no video is between")


@contextmanager
def _way_on(trail: _Trail) -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, Exception) as error:
        if trail.checkpoint is not None:
            error.add_note(f"to go on: the same command with --cursor {trail.checkpoint}")
        raise


@contextmanager
def _kept(part: PartFile) -> Iterator[None]:
    if part.count:
        notice(f"going on with {part.part}, which has {_videos(part.count)}")
    elif part.goes_on:
        notice(f"there is no {part.part}: {part.file} will hold only what is older than the cursor")
    try:
        yield
    except (KeyboardInterrupt, Exception) as error:
        if part.count:
            error.add_note(f"{_videos(part.count)} kept in {part.part}")
        raise


def _videos(count: int) -> str:
    return f"{count} video{'s' if count != 1 else ''}"


def fetch_ids(client: DisplayClient, plan: Plan, ids: tuple[str, ...]) -> None:
    """Look videos up. Ids that TikTok leaves out are named on stderr; that is no failure."""
    with _warnings_noticed():
        found = client.query_videos(ids, fields=plan.fields)
    rows = [row_of(video, plan.fields) for video in found.videos]
    if plan.path is None:
        print_rows(rows, plan.format, plan.fields)
    else:
        write_whole(plan.path, Style(plan.format, plan.fields).pieces(rows))
    if found.missing:
        notice(f"not found: {', '.join(found.missing)}")
