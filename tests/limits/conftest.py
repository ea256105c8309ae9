"""Every place where requests are counted for several processes."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stores.servers import postgres_dsn, redis_url  # noqa: F401 - fixtures


def in_sqlite(request: pytest.FixtureRequest) -> str:
    folder: Path = request.getfixturevalue("tmp_path")
    return f"sqlite:///{folder / 'quota.db'}"


def in_postgres(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("postgres_dsn"))


def in_redis(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("redis_url"))


PLACES: dict[str, Callable[[pytest.FixtureRequest], str]] = {
    "sqlite": in_sqlite,
    "postgres": in_postgres,
    "redis": in_redis,
}


@pytest.fixture(params=PLACES)
def shared(request: pytest.FixtureRequest) -> str:
    """The URL of each kind of place."""
    return PLACES[request.param](request)


@pytest.fixture
def key() -> str:
    """One that nobody else counts by."""
    return uuid.uuid4().hex
