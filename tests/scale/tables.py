"""The tables of a sync, and how they differ from the truth."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from tests.scale.town import VideoRow
from tiktok_display.sync import Database

_COUNTERS = "view_count, like_count, comment_count, share_count"
_VIDEOS = f"SELECT open_id, video_id, create_time, {_COUNTERS} FROM videos"
_SNAPSHOTS = f"SELECT video_id, day, {_COUNTERS} FROM video_snapshots ORDER BY day"
_CREATORS = "SELECT open_id, state, reason FROM creators"


class Differences(NamedTuple):
    """Videos, and their snapshots of the last day, by how they differ from the truth."""

    missing: int = 0
    strange: int = 0
    doubled: int = 0
    wrong: int = 0

    def plus(self, other: "Differences") -> "Differences":
        """Both together."""
        return Differences(*(sum(both) for both in zip(self, other, strict=True)))


class Aside(NamedTuple):
    """A creator who has to log in again, and why."""

    open_id: str
    reason: str


def differences(
    truth: Sequence[VideoRow],
    videos: Sequence[tuple[Any, ...]],
    snapshots: Sequence[tuple[Any, ...]],
) -> Differences:
    """How the rows of both tables differ from what TikTok has; those of a snapshot begin with id
    and day, oldest first. Pure.
    """
    right = {row[1]: row for row in truth}
    found = {row[1]: row for row in videos}
    latest = {row[0]: row[2:] for row in snapshots}
    counters = {video_id: row[3:] for video_id, row in right.items()}
    return Differences(
        missing=len(right.keys() - found) + len(right.keys() - latest),
        strange=len(found.keys() - right) + len(latest.keys() - right),
        doubled=len(videos) - len(found) + len(snapshots) - len({row[:2] for row in snapshots}),
        wrong=sum(found[id] != right[id] for id in found.keys() & right)
        + sum(latest[id] != counters[id] for id in latest.keys() & right),
    )


def compared(database: str, truth: Sequence[VideoRow]) -> Differences:
    """The tables there."""
    return differences(truth, read(database, _VIDEOS), read(database, _SNAPSHOTS))


def creators(database: str) -> int:
    """How many are known there."""
    return len(read(database, _CREATORS))


def set_aside(database: str) -> list[Aside]:
    """Those who need a new login."""
    rows = read(database, f"{_CREATORS} WHERE state <> 'active'")
    return [Aside(open_id, str(reason)) for open_id, _, reason in rows]


def make_due(database: str) -> None:
    """Everybody's turn has come, as after a month."""
    with _transaction(database) as session:
        session.run("UPDATE creators SET due_at = 0")


def make_due_again(database: str) -> None:
    """That of those who had to log in."""
    with _transaction(database) as session:
        session.run("UPDATE creators SET due_at = 0 WHERE state <> 'active'")


def read(database: str, statement: str) -> list[tuple[Any, ...]]:
    """What it says."""
    with _transaction(database) as session:
        return list(session.rows(statement))


@contextmanager
def _transaction(database: str) -> Iterator[Any]:
    there = Database(database)
    try:
        with there.transaction() as session:
            yield session
    finally:
        there.close()


@contextmanager
def in_postgres(dsn: str) -> Iterator[str]:
    """A database of its own on that server."""
    name = f"scale_{uuid.uuid4().hex}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield dsn.replace("/postgres?", f"/{name}?")
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))


def in_sqlite(folder: Path) -> str:
    """A new file."""
    return f"sqlite:///{folder / uuid.uuid4().hex}.db"
