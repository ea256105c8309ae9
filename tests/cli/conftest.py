"""Running the command in this process and in its own, against a sandbox."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner

from tests.stores.servers import postgres_dsn, redis_url  # noqa: F401 - fixtures
from tiktok_display.cli.app import app, run
from tiktok_display.sandbox import Sandbox


@attrs.frozen
class Ended:
    """What a command left."""

    code: int
    out: str
    err: str


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as box:
        yield box


@pytest.fixture
def env(box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of somebody who works with the sandbox."""
    return {
        "TIKTOK_DISPLAY_BASE_URL": box.base_url,
        "TIKTOK_DISPLAY_TOKEN": box.creators[0].access_token,
        "TIKTOK_DISPLAY_STORE": str(tmp_path_factory.mktemp("data") / "own" / "tokens.db"),
        "COLUMNS": "80",
    }


@pytest.fixture
def app_env(env: dict[str, str], box: Sandbox) -> dict[str, str]:
    """The same, with an app in the place of a token."""
    return {
        **env,
        "TIKTOK_DISPLAY_TOKEN": "",
        "TIKTOK_DISPLAY_CLIENT_KEY": box.app.client_key,
        "TIKTOK_DISPLAY_CLIENT_SECRET": box.app.client_secret,
    }


class Typing(io.RawIOBase):
    """A stdin on which somebody types who sees what stands on stderr, a line for each reading."""

    def __init__(self, lines: Callable[[str], bytes]) -> None:
        self._lines = lines
        self.screen = io.BytesIO()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        line = self._lines(self.screen.getvalue().decode())
        buffer[: len(line)] = line
        return len(line)


@pytest.fixture
def command(env: dict[str, str]) -> Callable[..., Ended]:
    """Runs the command in this process."""

    def command(
        *args: str,
        encoding: str = "utf-8",
        typed: Callable[[str], bytes] = lambda _: b"",
        **changed: str | None,
    ) -> Ended:
        runner, stdin = CliRunner(charset=encoding), Typing(typed)
        with runner.isolation(io.BufferedReader(stdin), {**env, **changed}) as (out, err, *_):
            stdin.screen = err
            code = run(app, args)
            sys.stdout.flush()
        return Ended(code, out.getvalue().decode(encoding), err.getvalue().decode())

    return command


@pytest.fixture
def lines(box: Sandbox) -> list[str]:
    """The login of each creator, as it came."""
    return [json.dumps(dict(creator.token_answer)) for creator in box.creators]


@pytest.fixture
def imported(
    command: Callable[..., Ended], app_env: dict[str, str], lines: list[str], tmp_path: Path
) -> Callable[..., None]:
    """Has the first so many creators logged in."""

    def imported(count: int) -> None:
        file = tmp_path / "answers.jsonl"
        file.write_text("\n".join(lines[:count]))
        assert command("import", str(file), **app_env).code == 0

    return imported


@pytest.fixture
def process(env: Mapping[str, str]) -> Callable[..., "subprocess.Popen[bytes]"]:
    """Starts the command as a process of its own."""

    def process(*args: str, **options: Any) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "tiktok_display.cli", *args],
            env={**os.environ, **env, **options.get("env", {})},
            stdout=options.get("stdout", subprocess.PIPE),
            stderr=options.get("stderr", subprocess.PIPE),
            stdin=options.get("stdin"),
            start_new_session=options.get("start_new_session", False),
        )

    return process


@attrs.frozen
class Terminal:
    """A terminal of this machine: a command writes to one end, a test reads the other."""

    end: Any
    _screen: int

    def screen(self) -> str:
        """What was written to it so far, however the system cuts it: read up to a mark."""
        self.end.write("\0")
        self.end.flush()
        written = b""
        while not written.endswith(b"\0"):
            written += os.read(self._screen, 65_536)
        return written[:-1].decode()


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    pty = pytest.importorskip("pty")
    screen, end = pty.openpty()
    with contextlib.closing(os.fdopen(end, "w", encoding="utf-8", newline="")) as stream:
        yield Terminal(stream, screen)
    os.close(screen)
