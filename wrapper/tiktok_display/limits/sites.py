"""Places where several processes count what they ask for."""

import os
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from ..addresses import address
from ..errors import ConfigurationError
from ..secret import Secret

if TYPE_CHECKING:
    from pyrate_limiter import AbstractBucket, Rate

PATIENCE = 1.0  # s for a place to answer


class Site(Protocol):
    """A place, connected to when it is first needed."""

    def bucket(self, table: str, rates: "list[Rate]") -> "AbstractBucket":
        """Where a name is counted."""
        ...

    def now(self) -> int:
        """What time it is there (ms)."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class Address(Secret):
    """Where a place is, and how it lets us in; or what is wrong with that."""

    def __init__(self, url: object, driver: str = "pyrate_limiter") -> None:
        self._url, kind = str(url), _kind(url)
        self.error: ConfigurationError | None = None
        if kind is None:
            self.error = ConfigurationError(
                "a quota is shared by sqlite:///path, postgresql://..., redis://... or unix://..."
            )
            return
        self._site, *needs = _KINDS[kind]
        try:
            for name in (driver, *needs):
                import_module(name)
        except ImportError:
            extras = "quota" if kind == "sqlite" else f"quota,{kind.removesuffix('ql')}"
            self.error = ConfigurationError(
                f"a quota that is shared needs `pip install 'tiktok-display[{extras}]'`"
            )

    def open(self) -> Site:
        """The place."""
        return cast("Site", self._site(self._url))


def _kind(url: object) -> str | None:
    if not isinstance(url, str) or not url.partition("://")[2]:
        return None
    return address(url).kind


class Sqlite:
    """A file on this machine; its lock makes counting and adding one step."""

    def __init__(self, url: str) -> None:
        # Absolute: its lock is looked for by name each time, wherever the program has gone since.
        self._path = os.path.abspath(address(url).path)  # noqa: PTH100
        self._open: list[AbstractBucket] = []

    def bucket(self, table: str, rates: "list[Rate]") -> "AbstractBucket":
        """A table."""
        from pyrate_limiter import SQLiteBucket  # noqa: PLC0415 - an extra

        bucket = SQLiteBucket.init_from_file(rates, table, self._path, use_file_lock=True)
        self._open.append(bucket)
        return bucket

    def now(self) -> int:
        """The machine's clock, which may be set."""
        return time.time_ns() // 1_000_000

    def close(self) -> None:
        """Close the file, as often as it is open."""
        for bucket in self._open:
            bucket.close()


class Postgresql(Secret):
    """Rows in a database, by the clock of its server."""

    def __init__(self, url: str) -> None:
        from psycopg_pool import ConnectionPool  # noqa: PLC0415 - an extra

        self._pool: ConnectionPool[Any]
        self._pool = ConnectionPool(url, min_size=0, max_size=1, timeout=PATIENCE, open=True)

    def bucket(self, table: str, rates: "list[Rate]") -> "AbstractBucket":
        """A table."""
        from pyrate_limiter import PostgresBucket  # noqa: PLC0415 - as above

        return PostgresBucket(self._pool, table, rates)

    def now(self) -> int:
        """The server's clock."""
        with self._pool.connection() as connection:
            (row,) = connection.execute("SELECT extract(epoch FROM clock_timestamp()) * 1000")
        return int(row[0])

    def close(self) -> None:
        """Close the connection, and end the pool's threads."""
        self._pool.close(timeout=0)


class RedisSite(Secret):
    """A sorted set, by the clock of its server."""

    def __init__(self, url: str) -> None:
        from redis import Redis  # noqa: PLC0415 - an extra
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        self._client: Redis = Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
            protocol=2,  # Redis 5 knows no other
        )

    def bucket(self, table: str, rates: "list[Rate]") -> "AbstractBucket":
        """A key."""
        from .redis import PUT, Bucket  # noqa: PLC0415 - needs an extra

        return Bucket(rates, self._client, table, str(self._client.script_load(PUT)))

    def now(self) -> int:
        """The server's clock."""
        seconds, microseconds = self._client.time()
        return int(seconds * 1000 + microseconds // 1000)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


_KINDS: dict[str, tuple[Any, ...]] = {  # and what each of them needs
    "sqlite": (Sqlite, "filelock"),
    "postgresql": (Postgresql, "psycopg", "psycopg_pool"),
    "redis": (RedisSite, "redis"),
}
