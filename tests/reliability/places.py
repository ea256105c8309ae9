"""Stores that processes can share: where one is, in words that another process can be given."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import field, frozen

from tiktok_display import TokenStore

KINDS = ("sqlite", "postgres", "redis")


@frozen
class Place:
    """A store's kind and address; ``open`` gives one more way into it."""

    kind: str
    address: str = field(repr=False)

    def open(self) -> TokenStore:
        """A store of this process's own, that keeps what all the others keep."""
        match self.kind:
            case "sqlite":
                from tiktok_display.stores.sqlite import SqliteTokenStore

                return SqliteTokenStore(self.address)
            case "postgres":
                from tiktok_display.stores.postgres import PostgresTokenStore

                return PostgresTokenStore(self.address)
            case _:
                from tiktok_display.stores.redis import RedisTokenStore

                return RedisTokenStore(self.address)

    @property
    def sees_death(self) -> bool:
        """Whether the system tells this store that the holder of a lease is dead."""
        return self.kind != "redis"


@contextmanager
def place(kind: str) -> Iterator[Place]:
    """A new and empty one, with a private server where it needs one."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield Place(kind, str(Path(folder) / "tokens.db"))
        return
    from tests.stores.servers import postgres, redis

    with postgres() if kind == "postgres" else redis() as address:
        yield Place(kind, address)
