"""Stored logins: where they are, which is meant, how they are shown."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner

from tiktok_display import (
    ConfigurationError,
    MemoryTokenStore,
    RedisTokenStore,
    SqliteTokenStore,
    TokenRecord,
)
from tiktok_display.cli.accounts import (
    chosen,
    existing_store,
    open_store,
    store_name,
    store_place,
)
from tiktok_display.cli.exits import LoginNeeded
from tiktok_display.cli.listing import accounts_in, as_rows, as_table
from tiktok_display.sandbox import Sandbox
from tiktok_display.stores import Key

Command = Callable[..., Any]
Environment = dict[str, str]

RECORD = TokenRecord(
    access_token="act.secret",
    refresh_token="rft.secret",
    expires_at=1_800_000_000,
    lifetime=7_200,
    refresh_expires_at=1_900_000_000,
    scope=("user.info.basic", "video.list"),
)


# Where, and which.


def test_the_store_is_where_the_environment_says(tmp_path: Path) -> None:
    with CliRunner().isolation(env={"TIKTOK_DISPLAY_STORE": str(tmp_path / "a.db")}):
        assert store_place() == store_name() == str(tmp_path / "a.db")


@pytest.mark.parametrize("named", [":memory:", "a b.db", "~/x", "file:x?mode=memory"])
def test_whatever_the_environment_says_is_a_file(named: str) -> None:
    with CliRunner().isolation(env={"TIKTOK_DISPLAY_STORE": named}):
        assert store_place() == str(Path.cwd() / named)


@pytest.mark.skipif(os.name != "posix", reason="XDG's folders are for Unix")
@pytest.mark.parametrize("named", [None, ""])
def test_the_store_is_among_the_users_data(named: str | None, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    with CliRunner().isolation(env={**home, "TIKTOK_DISPLAY_STORE": named}):
        path = Path(store_place())
    assert path.name == "tokens.db"
    assert path.is_relative_to(tmp_path)


def test_the_store_may_be_a_server(redis_url: str) -> None:
    with CliRunner().isolation(env={"TIKTOK_DISPLAY_STORE": redis_url}):
        assert store_place() == redis_url
        assert store_name() == "the store of TIKTOK_DISPLAY_STORE"
        with existing_store() as store:
            assert isinstance(store, RedisTokenStore)
            assert list(store.keys()) == []


def test_looking_makes_no_store(command: Command, app_env: Environment) -> None:
    for args in (["accounts"], ["videos"], ["videos", "--account", "x"], ["logout"]):
        command(*args, **app_env)
    assert not Path(app_env["TIKTOK_DISPLAY_STORE"]).parent.exists()
    with CliRunner().isolation(env=app_env):
        with existing_store() as store:
            assert list(store.keys()) == []
        with open_store() as store:
            assert list(store.keys()) == []
        with existing_store() as store:
            assert isinstance(store, SqliteTokenStore)


KEYS = [Key("one", "b"), Key("one", "a"), Key("two", "c")]


def test_the_only_login_is_meant_where_none_is_named() -> None:
    assert chosen(KEYS, None, "two") == Key("two", "c")
    assert chosen(KEYS, "a", None) == Key("one", "a")
    assert chosen(KEYS, "b", "one") == Key("one", "b")


def test_of_several_logins_one_must_be_named() -> None:
    with pytest.raises(ConfigurationError, match=r"name one with --account: a, b$"):
        chosen(KEYS, None, "one")


@pytest.mark.parametrize("named", ["c", ""])
def test_a_login_that_is_not_there_is_needed(named: str) -> None:
    with pytest.raises(LoginNeeded, match=f"no login of '{named}' is stored for the app one; to"):
        chosen(KEYS, named, "one")
    with pytest.raises(LoginNeeded, match="no login is stored; to log in: tiktok-display login"):
        chosen([], None, None)


# What is shown.


def test_accounts_shows_every_login_and_no_token(
    command: Command, app_env: Environment, imported: Callable[[int], None], box: Sandbox
) -> None:
    imported(len(box.creators))
    ended = command("accounts", TIKTOK_DISPLAY_STORE=app_env["TIKTOK_DISPLAY_STORE"])
    assert (ended.code, ended.err) == (0, "")
    heading, *rows = ended.out.splitlines()
    assert heading.startswith("open_id ")
    assert [row.split()[0] for row in rows] == sorted(c.open_id for c in box.creators)
    assert all(row.split()[1] == "ok" for row in rows)
    tokens = [
        c.token_answer[name] for c in box.creators for name in c.token_answer if "token" in name
    ]
    shown = ended.out + command("accounts", "--format", "json", **app_env).out
    assert not [token for token in tokens if token in shown and token != "Bearer"]


def test_accounts_says_the_same_as_json(
    command: Command, app_env: Environment, imported: Callable[[int], None], box: Sandbox
) -> None:
    imported(1)
    (row,) = json.loads(command("accounts", "--format", "json", **app_env).out)
    assert row["open_id"] == box.creators[0].open_id
    assert row["client_key"] == box.app.client_key
    assert row["scopes"] == ["user.info.basic", "video.list"]
    assert (row["state"], row["reason"]) == ("ok", None)
    assert row["expires_at"].endswith("+00:00")


@pytest.mark.parametrize(("args", "out"), [([], ""), (["--format", "json"], "[]\n")])
def test_without_a_login_accounts_says_how_to_get_one(
    command: Command, app_env: Environment, args: list[str], out: str
) -> None:
    ended = command("accounts", *args, **app_env)
    assert (ended.code, ended.out) == (0, out)
    assert ended.err.endswith("; to log in: tiktok-display login\n")


def in_memory(records: Mapping[str, TokenRecord]) -> MemoryTokenStore:
    store = MemoryTokenStore()
    for open_id, record in records.items():
        store.put(Key("key", open_id), record)
    return store


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"expires_at": 1.0}, None),
        ({"refresh_expires_at": None}, None),
        ({"refresh_expires_at": 5.0}, "refresh_expired"),
        ({"refresh_token": ""}, "refresh_expired"),
        ({"needs_login": "rotation_lost"}, "rotation_lost"),
        ({"needs_login": "revoked", "refresh_expires_at": 5.0}, "revoked"),
    ],
)
def test_a_login_that_must_be_made_anew_says_why(changed: Any, reason: str | None) -> None:
    (account,) = accounts_in(in_memory({"creator": evolve(RECORD, **changed)}), 10.0)
    assert account.reason == reason
    (row,) = as_rows([account])
    assert row["state"] == ("login needed" if reason else "ok")
    shown = list(as_table([account]))[1].split("  ")[1].strip()
    assert shown == (f"login needed: {reason}" if reason else "ok")


def test_what_is_not_known_is_said_to_be_so() -> None:
    record = evolve(RECORD, expires_at=1e300, refresh_expires_at=None)
    accounts = accounts_in(in_memory({"a": record}), 10.0)
    assert list(as_table(accounts))[1].split()[2:4] == ["unknown", "unknown"]
    (row,) = as_rows(accounts)
    assert (row["expires_at"], row["refresh_expires_at"]) == (None, None)


def test_the_table_lines_up_cuts_nothing_short_and_steers_no_terminal() -> None:
    store = in_memory({"x" * 60: RECORD, "a\x1b[2J": RECORD})
    heading, short, long = as_table(accounts_in(store, 10.0))
    assert short.startswith("a\ufffd[2J ")
    assert long.startswith("x" * 60)
    assert (
        len({line.index(cell) for line, cell in ((heading, "state"), (short, "ok"), (long, "ok"))})
        == 1
    )


def test_a_login_that_goes_while_it_is_looked_at_is_left_out() -> None:
    class Going(MemoryTokenStore):
        def read(self, key: Key) -> None:
            return None

    store = Going()
    store.put(Key("key", "a"), RECORD)
    assert accounts_in(store, 10.0) == []


def test_a_stdout_that_knows_ascii_alone_is_served(command: Command, app_env: Environment) -> None:
    with SqliteTokenStore(app_env["TIKTOK_DISPLAY_STORE"]) as store:
        store.put(Key("key", "caf\u00e9"), RECORD)
    ended = command("accounts", encoding="ascii", **app_env)
    assert (ended.code, ended.out.splitlines()[1].split()[0]) == (0, "caf\\xe9")
