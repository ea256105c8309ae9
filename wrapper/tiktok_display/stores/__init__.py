"""Where tokens are kept between refreshes. Drivers are loaded by whoever makes such a store."""

from .base import Key, TokenRecord, TokenStore
from .encrypted import EncryptedTokenStore
from .memory import MemoryTokenStore
from .postgres import PostgresTokenStore
from .redis import RedisTokenStore
from .sqlite import SqliteTokenStore

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
