"""Stores by their addresses."""

from pathlib import Path

from tiktok_display import PostgresTokenStore, RedisTokenStore, SqliteTokenStore
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
