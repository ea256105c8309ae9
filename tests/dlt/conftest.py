"""A sandbox, a sync of its creators, and a warehouse."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dlt.warehouses import Warehouse
from tests.stores.servers import postgres_dsn  # noqa: F401 - a fixture
from tests.sync.conftest import KINDS
from tests.sync.office import Office
from tiktok_display.sandbox import Sandbox


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A TikTok with three creators, of whom the last has no videos."""
    with Sandbox(seed=7, creators=3, videos=57, rate_limit=None) as box:
        yield box


@pytest.fixture
def postgres_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The DSN of an empty database in PostgreSQL."""
    yield from KINDS["postgres"](request)


@pytest.fixture
def place(tmp_path: Path) -> str:
    """Where the database of the sync is."""
    return f"sqlite:///{tmp_path / 'videos.db'}"


@pytest.fixture
def office(box: Sandbox, place: str, tmp_path: Path) -> Iterator[Office]:
    """All that a sync of its creators needs."""
    with Office(box, place, tmp_path / "tokens.db") as office:
        yield office


@pytest.fixture
def synced(office: Office) -> Office:
    """The same, after a sync of everybody."""
    for creator in office.box.creators:
        assert office.sync(creator).state == "active"
    return office


@pytest.fixture
def warehouse(synced: Office, tmp_path: Path) -> Warehouse:
    """Empty as yet."""
    return Warehouse(synced, tmp_path)
