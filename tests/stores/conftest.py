"""Every kind of store, empty, with a way to let time pass for it."""

import threading
import traceback
import uuid
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import attrs
import pytest

from tests.stores.servers import postgres_dsn, redis_url  # noqa: F401 - fixtures
from tiktok_display import MemoryTokenStore, TokenStore
from tiktok_display.stores.encrypted import EncryptedTokenStore
from tiktok_display.stores.sqlite import SqliteTokenStore

ENCRYPTION_KEY = EncryptedTokenStore.new_key()


@attrs.define
class Clock:
    """Seconds, which pass when somebody says so."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@attrs.frozen
class Place:
    """Where tokens are kept: `open` gives one more store that looks there, and `lapse` lets
    seconds pass; for servers, which have a clock of their own, by waiting.
    """

    open: Callable[[], TokenStore]
    lapse: Callable[[float], object] = threading.Event().wait


def in_memory(request: pytest.FixtureRequest) -> Place:
    clock = Clock()
    return Place(lambda: MemoryTokenStore(clock=clock), clock.advance)


def in_sqlite(request: pytest.FixtureRequest) -> Place:
    clock, folder = Clock(), request.getfixturevalue("tmp_path")
    return Place(lambda: SqliteTokenStore(folder / "tokens.db", clock=clock), clock.advance)


def in_postgres(request: pytest.FixtureRequest) -> Place:
    from tiktok_display.stores.postgres import PostgresTokenStore

    dsn, table = request.getfixturevalue("postgres_dsn"), f"tokens_{uuid.uuid4().hex}"
    return Place(lambda: PostgresTokenStore(dsn, table=table))


def in_redis(request: pytest.FixtureRequest) -> Place:
    from tiktok_display.stores.redis import RedisTokenStore

    url, prefix = request.getfixturevalue("redis_url"), f"tokens:{uuid.uuid4().hex}:"
    return Place(lambda: RedisTokenStore(url, prefix=prefix))


def encrypted(place: Place) -> Place:
    return attrs.evolve(place, open=lambda: EncryptedTokenStore(place.open(), ENCRYPTION_KEY))


SHARED = {
    "sqlite": in_sqlite,
    "postgres": in_postgres,
    "redis": in_redis,
    "encrypted sqlite": lambda request: encrypted(in_sqlite(request)),
}
KINDS = {
    "memory": in_memory,
    "encrypted memory": lambda request: encrypted(in_memory(request)),
    **SHARED,
}


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest) -> Place:
    """One place of each kind."""
    return KINDS[request.param](request)


@pytest.fixture
def store(place: Place) -> Iterator[TokenStore]:
    """Each kind of store."""
    with place.open() as store:
        yield store


@pytest.fixture(params=SHARED)
def shared(request: pytest.FixtureRequest) -> Place:
    """One place of each kind that several processes can share."""
    return SHARED[request.param](request)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where a SQLite store may be."""
    return tmp_path / "tokens.db"


@pytest.fixture(scope="session")
def told() -> Callable[[BaseException], str]:
    """All that an error tells a log: its text, and the locals of every frame but the tests' own."""

    def told(error: BaseException) -> str:
        assert error.__context__ is None
        assert error.__cause__ is None
        report = traceback.TracebackException.from_exception(error, capture_locals=True)
        frames = [frame for frame in report.stack if "tests" not in Path(frame.filename).parts]
        assert frames
        locals_ = chain.from_iterable((frame.locals or {}).values() for frame in frames)
        return "\n".join([str(error), repr(error), *locals_])

    return told
