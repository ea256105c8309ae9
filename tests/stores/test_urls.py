"""Stores by their addresses."""

from pathlib import Path

import pytest

from tiktok_display import (
    ConfigurationError,
    PostgresTokenStore,
    RedisTokenStore,
    SqliteTokenStore,
)
from tiktok_display.stores import Key
from tiktok_display.stores.urls import token_store


def test_an_address_says_which_store_it_is(
    tmp_path: Path, postgres_dsn: str, redis_url: str
) -> None:
    path = str(tmp_path / "tokens.db")
    for url, kind in (
        (path, SqliteTokenStore),
        (f"sqlite:///{path}", SqliteTokenStore),
        (postgres_dsn, PostgresTokenStore),
        (redis_url, RedisTokenStore),
    ):
        with token_store(url) as store:
            assert isinstance(store, kind)
            assert store.read(Key("app", "nobody")) is None


@pytest.mark.parametrize("url", ["mysql://host/tokens", "sqlite://", ""])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="logins are in a file"):
        token_store(url)
