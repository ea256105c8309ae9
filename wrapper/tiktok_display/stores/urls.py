"""Stores by their addresses."""

from ..addresses import address
from ..errors import ConfigurationError
from . import PostgresTokenStore, RedisTokenStore, SqliteTokenStore, TokenStore


def token_store(url: str) -> TokenStore:
    """The store that is meant: the file at a path or under ``sqlite:///path``, ``postgresql://…``,
    or ``redis://…`` (or ``rediss://``, ``unix://``).

    Raises:
        ConfigurationError: there is no such kind, or its extra is missing.
    """
    kind, path = address(url)
    if kind == "postgresql":
        return PostgresTokenStore(url)
    if kind == "redis":
        return RedisTokenStore(url)
    if not path:
        raise ConfigurationError(
            "logins are in a file, or at postgresql://..., redis://... or unix://..."
        )
    return SqliteTokenStore(path)
