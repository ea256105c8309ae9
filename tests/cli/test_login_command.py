"""The command that logs in: what it prints, what it refuses, how it is interrupted."""

import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cli.browsing import LONG, follow, page_on, sent_back, typing
from tiktok_display.sandbox import Sandbox

Command = Callable[..., Any]
Process = Callable[..., "subprocess.Popen[bytes]"]


def test_the_command_logs_in_by_a_pasted_address(
    command: Command, app_env: dict[str, str], box: Sandbox
) -> None:
    ended = command("login", "--no-browser", typed=typing(sent_back), **app_env)
    assert ended.code == 0
    who, granted, until = ended.out.splitlines()
    assert who == f"logged in: {box.creators[0].open_id}"
    assert granted == "granted:   user.info.basic, video.list"
    assert re.fullmatch(
        r"until:     \d{4}-\d\d-\d\d \d\d:\d\d; then the creator must log in again", until
    )
    assert ended.err.splitlines()[0] == "open this address in a browser:"


def test_a_login_shows_no_secret_and_is_for_its_owners_eyes_alone(
    command: Command, app_env: dict[str, str], box: Sandbox
) -> None:
    addresses: list[str] = []

    def paste(url: str) -> str:
        addresses.append(sent_back(url))
        return addresses[0]

    ended = command("login", "--no-browser", typed=typing(paste), **app_env)
    file = Path(app_env["TIKTOK_DISPLAY_STORE"])
    with sqlite3.connect(file) as database:
        pair = database.execute("SELECT access_token, refresh_token FROM records").fetchone()
    database.close()
    code = parse_qs(urlsplit(addresses[0]).query)["code"][0]
    secrets = (*pair, code, box.app.client_secret)
    assert not [secret for secret in secrets if secret in ended.out + ended.err]
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_wrong_paste_may_be_repeated(command: Command, app_env: dict[str, str]) -> None:
    lines = [lambda _: "", lambda _: "http://127.0.0.1:1/callback/?code=x&state=theirs", sent_back]
    ended = command("login", "--no-browser", typed=typing(*lines), **app_env)
    assert ended.code == 0
    assert ended.err.count("not that one: ") == 2


def test_five_wrong_pastes_are_enough(command: Command, app_env: dict[str, str]) -> None:
    ended = command("login", "--no-browser", typed=lambda _: b"nonsense\n", **app_env)
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.count("not that one: ") == 5


@pytest.mark.parametrize("typed", [b"", b"\xff\xfe\n"])
def test_a_stdin_without_an_address_ends_it(
    command: Command, app_env: dict[str, str], typed: bytes
) -> None:
    lines = iter([typed])
    ended = command("login", "--no-browser", typed=lambda _: next(lines, b""), **app_env)
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.splitlines()[-1] == "error: stdin has ended before an address came"


@pytest.mark.parametrize(
    ("consent", "args", "code", "told"),
    [
        ("deny", [], 4, "code access_denied"),
        ("grant", ["--scope", "made.up"], 1, "code invalid_scope"),
        ("grant", ["--pkce", "off"], 1, "code invalid_request"),
        ("grant", ["--pkce", "base64url"], 1, "code invalid_request"),
    ],
)
def test_a_refusal_of_tiktoks_ends_it(
    command: Command,
    app_env: dict[str, str],
    box: Sandbox,
    *,
    consent: Any,
    args: list[str],
    code: int,
    told: str,
) -> None:
    box.consent = consent
    ended = command("login", "--no-browser", *args, typed=typing(sent_back), **app_env)
    assert (ended.code, ended.out) == (code, "")
    assert told in ended.err.splitlines()[-1]


def test_an_address_that_was_used_before_needs_another_login(
    command: Command, app_env: dict[str, str], box: Sandbox
) -> None:
    def late(url: str) -> str:
        address = sent_back(url)
        box.advance(hours=1)
        return address

    ended = command("login", "--no-browser", typed=typing(late), **app_env)
    assert (ended.code, ended.out) == (4, "")
    assert "code invalid_grant" in ended.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("granted", "args", "warnings"),
    [
        (["video.list"], [], ["warning: not granted: user.info.basic"]),
        (
            ["user.info.basic"],
            [],
            [
                "warning: not granted: video.list",
                "warning: without video.list no videos can be listed; log in again with it",
            ],
        ),
        (
            None,
            ["--scope", " user.info.basic ,"],
            ["warning: without video.list no videos can be listed; log in again with it"],
        ),
    ],
)
def test_what_the_creator_did_not_agree_to_is_told(
    command: Command,
    app_env: dict[str, str],
    box: Sandbox,
    *,
    granted: list[str] | None,
    args: list[str],
    warnings: list[str],
) -> None:
    box.granted_scopes = granted
    ended = command("login", "--no-browser", *args, typed=typing(sent_back), **app_env)
    assert ended.code == 0
    assert ended.err.splitlines()[3:] == warnings


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"TIKTOK_DISPLAY_CLIENT_KEY": None}, "TIKTOK_DISPLAY_CLIENT_KEY is"),
        ({"TIKTOK_DISPLAY_CLIENT_SECRET": " "}, "TIKTOK_DISPLAY_CLIENT_SECRET is"),
        ({"TIKTOK_DISPLAY_CLIENT_SECRET": "two words"}, "TIKTOK_DISPLAY_CLIENT_SECRET is"),
        ({"TIKTOK_DISPLAY_CLIENT_SECRET": "caf\u00e9\udc80"}, "TIKTOK_DISPLAY_CLIENT_SECRET is"),
        (
            {"TIKTOK_DISPLAY_CLIENT_KEY": "", "TIKTOK_DISPLAY_CLIENT_SECRET": ""},
            "TIKTOK_DISPLAY_CLIENT_KEY and TIKTOK_DISPLAY_CLIENT_SECRET are",
        ),
    ],
)
def test_without_an_app_it_says_how_to_give_one(
    command: Command, app_env: dict[str, str], changed: dict[str, str | None], named: str
) -> None:
    ended = command("login", **{**app_env, **changed})
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.rstrip().endswith(f"{named} missing or malformed")
    assert "developers.tiktok.com" in ended.err
    assert "two words" not in ended.err
    assert "caf" not in ended.err


def test_an_app_from_a_file_may_end_in_a_newline(command: Command, app_env: dict[str, str]) -> None:
    secret = f"{app_env['TIKTOK_DISPLAY_CLIENT_SECRET']}\r\n"
    env = {**app_env, "TIKTOK_DISPLAY_CLIENT_SECRET": secret}
    assert command("login", "--no-browser", typed=typing(sent_back), **env).code == 0


@pytest.mark.parametrize(
    "args",
    [
        ["--timeout", "0"],
        ["--timeout", "nan"],
        ["--port", "70000"],
        ["--pkce", "S256"],
        ["--scope", ","],
        ["--scope", "a b"],
    ],
)
def test_wrong_usage_asks_nobody(
    command: Command, app_env: dict[str, str], args: list[str]
) -> None:
    ended = command("login", "--no-browser", *args, **app_env)
    assert (ended.code, ended.out) == (2, "")
    assert "authorize" not in ended.err


def test_a_store_that_cannot_be_written_is_known_before_anybody_is_asked(
    command: Command, app_env: dict[str, str], tmp_path: Path
) -> None:
    ended = command("login", "--no-browser", **{**app_env, "TIKTOK_DISPLAY_STORE": str(tmp_path)})
    assert (ended.code, ended.out) == (1, "")
    assert "authorize" not in ended.err


def test_a_taken_port_is_told_in_a_line(
    command: Command, app_env: dict[str, str], box: Sandbox
) -> None:
    ended = command("login", "--port", box.base_url.rpartition(":")[2], **app_env)
    assert (ended.code, ended.out) == (1, "")
    assert "use" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_port_that_is_asked_for_is_the_one_tiktok_is_told(
    command: Command, app_env: dict[str, str]
) -> None:
    ended = command("login", "--no-browser", "--port", "4711", **app_env)
    assert "127.0.0.1%3A4711%2Fcallback%2F" in ended.err


posix = pytest.mark.skipif(os.name != "posix", reason="signals and terminals as Unix has them")


@pytest.fixture
def browser(tmp_path: Path) -> str:
    """A browser's command, for the environment variable that names one."""
    script = tmp_path / "browser.py"
    script.write_text(
        "import sys, httpx; httpx.get(sys.argv[1], follow_redirects=True, trust_env=False)"
    )
    return f"{sys.executable} {script} %s"


@posix
def test_the_command_opens_the_browser_of_the_environment(
    process: Process, app_env: dict[str, str], box: Sandbox, browser: str
) -> None:
    with process("login", env={**app_env, "BROWSER": browser}) as login:
        out, err = login.communicate(timeout=LONG)
    assert login.returncode == 0
    assert out.decode().splitlines()[0] == f"logged in: {box.creators[0].open_id}"
    assert len(err.splitlines()) == 2


@posix
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_login_closes_its_port(
    process: Process, app_env: dict[str, str], sent: int, code: int
) -> None:
    with process("login", env={**app_env, "BROWSER": "true"}) as login:
        assert login.stderr
        login.stderr.readline()
        query = parse_qs(urlsplit(login.stderr.readline().decode().strip()).query)
        home = urlsplit(query["redirect_uri"][0])
        address = (str(home.hostname), int(home.port or 0))
        # Once it answers it waits, and is not just beginning to.
        assert follow(f"http://127.0.0.1:{home.port}/").status_code == 404
        with socket.create_connection(address):
            login.send_signal(sent)
            out, err = login.communicate(timeout=LONG)
    assert (login.returncode, out) == (code, b"")
    assert err in (b"interrupted\n", b"terminated\n")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


@posix
def test_an_address_pasted_at_a_terminal_does_not_show(
    process: Process, app_env: dict[str, str]
) -> None:
    pty = pytest.importorskip("pty")
    screen, end = pty.openpty()
    options = {"stdin": end, "stderr": end, "start_new_session": True}
    with process("login", "--no-browser", env=app_env, **options) as login:
        os.close(end)
        shown = b""
        while b"(it will not show): " not in shown:
            shown += os.read(screen, 65_536)
        address = sent_back(page_on(shown.decode()))
        os.write(screen, f"{address}\n".encode())
        assert login.wait(LONG) == 0
        rest = os.read(screen, 65_536)
    os.close(screen)
    assert address.encode() not in rest
