"""A sandbox with logins in a store, and every kind of database."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.stores.servers import postgres_dsn, redis_url  # noqa: F401 - fixtures
from tests.sync.office import Office
from tiktok_display.sandbox import Sandbox


def in_sqlite(request: pytest.FixtureRequest) -> Iterator[str]:
    folder: Path = request.getfixturevalue("tmp_path")
    yield f"sqlite:///{folder / 'videos.db'}"


def in_postgres(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of its own on the server."""
    dsn, name = str(request.getfixturevalue("postgres_dsn")), f"sync_{uuid.uuid4().hex}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield dsn.replace("/postgres?", f"/{name}?")
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


KINDS: dict[str, Callable[[pytest.FixtureRequest], Iterator[str]]] = {
    "sqlite": in_sqlite,
    "postgres": in_postgres,
}


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database, of each kind."""
    yield from KINDS[request.param](request)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A TikTok with three creators, of whom the last has no videos."""
    with Sandbox(seed=7, creators=3, videos=130, rate_limit=None) as box:
        yield box


@pytest.fixture
def office(box: Sandbox, database: str, tmp_path: Path) -> Iterator[Office]:
    """All that a sync of its creators needs."""
    with Office(box, database, tmp_path / "tokens.db") as office:
        yield office
