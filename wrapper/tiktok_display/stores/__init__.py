"""Where tokens are kept between refreshes. Drivers are loaded by whoever makes such a store."""

from typing import TYPE_CHECKING

from ..lazy import opened
from .base import Key, TokenRecord, TokenStore

if TYPE_CHECKING:
    from .encrypted import EncryptedTokenStore
    from .memory import MemoryTokenStore
    from .postgres import PostgresTokenStore
    from .redis import RedisTokenStore
    from .sqlite import SqliteTokenStore
else:
    __getattr__, __dir__ = opened(
        __name__,
        {
            "encrypted": "EncryptedTokenStore",
            "memory": "MemoryTokenStore",
            "postgres": "PostgresTokenStore",
            "redis": "RedisTokenStore",
            "sqlite": "SqliteTokenStore",
        },
    )

__all__ = [
    "EncryptedTokenStore",
    "Key",
    "MemoryTokenStore",
    "PostgresTokenStore",
    "RedisTokenStore",
    "SqliteTokenStore",
    "TokenRecord",
    "TokenStore",
]
