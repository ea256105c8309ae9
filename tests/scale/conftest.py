"""Real servers."""

from tests.stores.servers import postgres_dsn  # noqa: F401 - a fixture
