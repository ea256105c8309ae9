"""Stored logins at work: fetching with them, and how they come in and go."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tiktok_display.cli.app import app, run
from tiktok_display.sandbox import Sandbox

Command = Callable[..., Any]
Environment = dict[str, str]
LIST = "/v2/video/list/"


def ids(lines: str) -> list[str]:
    return [json.loads(line)["id"] for line in lines.splitlines()]


def truth(box: Sandbox, creator: int = 0) -> list[str]:
    return [video.id for video in box.creators[creator].videos]


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, creators=2) as box:
        box.add_video(box.creators[1])
        yield box


# Fetching with them.


def test_the_only_login_is_used_where_there_is_no_token(
    command: Command, app_env: Environment, imported: Callable[[int], None], box: Sandbox
) -> None:
    imported(1)
    ended = command("videos", **app_env)
    assert (ended.code, ids(ended.out)) == (0, truth(box))
    assert ended.err == f"account: {box.creators[0].open_id}\n"
    ended = command("query", truth(box)[3], **app_env)
    assert (ended.code, ids(ended.out)) == (0, truth(box)[3:4])


def test_a_named_login_is_used_though_there_is_a_token(
    command: Command, app_env: Environment, imported: Callable[[int], None], box: Sandbox
) -> None:
    imported(2)
    one, two = box.creators
    env = {**app_env, "TIKTOK_DISPLAY_TOKEN": one.access_token}
    ended = command("videos", "--account", two.open_id, **env)
    assert (ended.code, ids(ended.out), ended.err) == (0, truth(box, 1), "")
    assert ids(command("videos", **env).out) == truth(box)
    ended = command("query", truth(box, 1)[0], "--account", two.open_id, **env)
    assert (ended.code, ids(ended.out)) == (0, truth(box, 1)[:1])


def test_a_stored_login_refreshes_by_itself_and_stays_good(
    command: Command, app_env: Environment, imported: Callable[[int], None], box: Sandbox
) -> None:
    imported(1)
    box.advance(hours=3)
    for refreshes in (1, 1):
        assert ids(command("videos", **app_env).out) == truth(box)
        assert box.refreshes == refreshes


def test_of_several_logins_without_a_name_none_is_taken(
    command: Command, app_env: Environment, imported: Callable[[int], None], box: Sandbox
) -> None:
    imported(2)
    ended = command("videos", **app_env)
    assert (ended.code, ended.out) == (2, "")
    assert all(creator.open_id in ended.err for creator in box.creators)


def test_a_login_that_nobody_has_is_needed(
    command: Command, app_env: Environment, imported: Callable[[int], None]
) -> None:
    imported(1)
    ended = command("videos", "--account", "nobody", **app_env)
    assert (ended.code, ended.out) == (4, "")
    assert "no login of 'nobody' is stored" in ended.err


def test_a_login_to_another_app_is_not_taken(
    command: Command, app_env: Environment, imported: Callable[[int], None]
) -> None:
    imported(1)
    ended = command("videos", **{**app_env, "TIKTOK_DISPLAY_CLIENT_KEY": "another"})
    assert (ended.code, ended.out) == (4, "")
    assert "for the app another" in ended.err


def test_a_stored_login_without_its_app_says_what_is_missing(
    command: Command, app_env: Environment, imported: Callable[[int], None]
) -> None:
    imported(1)
    ended = command("videos", **{**app_env, "TIKTOK_DISPLAY_CLIENT_SECRET": ""})
    assert (ended.code, ended.out) == (2, "")
    assert "TIKTOK_DISPLAY_CLIENT_SECRET is missing" in ended.err


def test_without_anything_it_says_what_there_is_to_do(
    command: Command, app_env: Environment
) -> None:
    ended = command("videos", **app_env)
    assert (ended.code, ended.out) == (4, "")
    for way in ("TIKTOK_DISPLAY_TOKEN", "tiktok-display login", "--sandbox"):
        assert way in ended.err


def test_a_login_and_the_sandbox_exclude_each_other(command: Command) -> None:
    ended = command("videos", "--sandbox", "--account", "x")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "error: --sandbox and --account exclude each other\n"


def test_a_creator_who_took_the_consent_back_must_log_in(
    command: Command, app_env: Environment, imported: Callable[[int], None], box: Sandbox
) -> None:
    imported(1)
    box.revoke(box.creators[0])
    ended = command("videos", **app_env)
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.splitlines()[-1] == "to log in: tiktok-display login"
    assert "login needed: " in command("accounts", **app_env).out


# Coming and going.


def test_an_import_counts_and_names_the_lines_that_are_none(
    command: Command, app_env: Environment, lines: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "answers.jsonl"
    file.write_text("\ufeff" + "\n".join([lines[0], "", "{act.secret", lines[0], '{"a": 1}']))
    ended = command("import", str(file), **app_env)
    assert (ended.code, ended.out) == (1, "1 imported, 1 skipped, 2 failed\n")
    first, second = ended.err.splitlines()
    assert first.startswith("line 3: ")
    assert second.startswith("line 5: ")
    assert "act.secret" not in ended.err


def test_an_import_from_stdin_may_replace(
    command: Command, app_env: Environment, imported: Callable[[int], None], lines: list[str]
) -> None:
    imported(1)
    text = iter([b"\xff\n", *(f"{line}\n".encode() for line in lines)])
    ended = command("import", "--replace", "-", typed=lambda _: next(text, b""), **app_env)
    assert (ended.code, ended.out) == (1, "2 imported, 0 skipped, 1 failed\n")
    assert ended.err == "line 1: not JSON\n"


def test_an_import_wants_a_file_and_an_app(
    command: Command, app_env: Environment, tmp_path: Path
) -> None:
    ended = command("import", str(tmp_path / "none"), **app_env)
    assert (ended.code, ended.out) == (2, "")
    ended = command("import", str(tmp_path), **app_env)
    assert (ended.code, ended.out) == (2, "")
    ended = command("import", "-", **{**app_env, "TIKTOK_DISPLAY_CLIENT_KEY": ""})
    assert (ended.code, ended.out) == (2, "")


def test_an_import_from_a_closed_stdin_is_an_error_in_a_line(app_env: Environment) -> None:
    with CliRunner().isolation(env=app_env) as (_, err, *_rest):
        sys.stdin = None
        assert run(app, ["import", "-"]) == 1
    assert err.getvalue() == b"error: stdin is closed\n"


def test_a_logout_ends_the_tokens_and_forgets_them(
    command: Command, app_env: Environment, imported: Callable[[int], None], box: Sandbox
) -> None:
    imported(1)
    creator = box.creators[0]
    ended = command("logout", **app_env)
    assert (ended.code, ended.out, ended.err) == (0, f"logged out: {creator.open_id}\n", "")
    assert command("accounts", "--format", "json", **app_env).out == "[]\n"
    assert command("videos", TIKTOK_DISPLAY_TOKEN=creator.access_token).code == 4


@pytest.mark.parametrize("option", [[], ["--account"]])
def test_of_several_logins_the_named_one_is_given_back(
    command: Command,
    app_env: Environment,
    imported: Callable[[int], None],
    box: Sandbox,
    option: list[str],
) -> None:
    imported(2)
    one, two = box.creators
    for args in ([], [""], ["--account", ""], [one.open_id, "--account", two.open_id]):
        assert command("logout", *args, **app_env).code in (2, 4)
    assert command("logout", *option, two.open_id, **app_env).code == 0
    (left,) = json.loads(command("accounts", "--format", "json", **app_env).out)
    assert left["open_id"] == one.open_id


def test_an_empty_name_does_not_stand_for_the_only_login(
    command: Command, app_env: Environment, imported: Callable[[int], None]
) -> None:
    imported(1)
    for args in (["logout", ""], ["logout", "--local", ""], ["videos", "--account", ""]):
        assert command(*args, **app_env).code == 4
    assert command("videos", **app_env).code == 0


def test_a_logout_that_tiktok_refuses_keeps_the_login_and_names_a_way_out(
    command: Command, app_env: Environment, imported: Callable[[int], None], box: Sandbox
) -> None:
    imported(1)
    env = {**app_env, "TIKTOK_DISPLAY_CLIENT_SECRET": "wrong-secret"}
    ended = command("logout", **env)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.splitlines()[-1] == "to remove the login here without asking TikTok: --local"
    assert "wrong-secret" not in ended.err
    assert len(json.loads(command("accounts", "--format", "json", **app_env).out)) == 1


def test_a_local_logout_asks_nobody_and_needs_no_app(
    command: Command, app_env: Environment, imported: Callable[[int], None], box: Sandbox
) -> None:
    imported(1)
    asked = len(box.requests)
    ended = command("logout", "--local", TIKTOK_DISPLAY_STORE=app_env["TIKTOK_DISPLAY_STORE"])
    assert ended.code == 0
    assert command("accounts", "--format", "json", **app_env).out == "[]\n"
    assert len(box.requests) == asked


def test_a_logout_without_a_login_says_so(command: Command, app_env: Environment) -> None:
    ended = command("logout", **app_env)
    assert (ended.code, ended.out) == (4, "")
    assert "no login is stored" in ended.err


@pytest.mark.parametrize("args", [["accounts"], ["login"], ["videos"], ["logout", "--local"]])
def test_a_store_that_is_no_database_is_an_error_in_a_line(
    command: Command, app_env: Environment, tmp_path: Path, args: list[str]
) -> None:
    file = tmp_path / "tokens.db"
    file.write_bytes(b"act.secret " * 1_000)
    ended = command(*args, **{**app_env, "TIKTOK_DISPLAY_STORE": str(file)})
    assert (ended.code, ended.out) == (1, "")
    assert len(ended.err.splitlines()) == 1
    assert "act.secret" not in ended.err


def test_an_answer_that_quotes_the_secret_shows_it_nowhere(
    command: Command, app_env: Environment, imported: Callable[[int], None], box: Sandbox
) -> None:
    imported(1)
    secret = app_env["TIKTOK_DISPLAY_CLIENT_SECRET"]
    box.fault(path=LIST, code="invalid_params", message=f"{secret} {secret[:9]} is odd")
    env = {**app_env, "TIKTOK_DISPLAY_TOKEN": secret[:9]}
    ended = command("videos", "--account", box.creators[0].open_id, **env)
    assert ended.code == 1
    assert ended.err.startswith("error: *** *** is odd ")
