"""Running the command in this process and in its own, against a sandbox."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
import pytest
from click.testing import CliRunner

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
def env(box: Sandbox) -> dict[str, str]:
    """The environment of somebody who works with the sandbox."""
    return {
        "TIKTOK_DISPLAY_BASE_URL": box.base_url,
        "TIKTOK_DISPLAY_TOKEN": box.creators[0].access_token,
        "COLUMNS": "80",
    }


@pytest.fixture
def command(env: dict[str, str]) -> Callable[..., Ended]:
    """Runs the command in this process."""

    def command(*args: str, encoding: str = "utf-8", **changed: str | None) -> Ended:
        runner = CliRunner(charset=encoding)
        with runner.isolation(env={**env, **changed}) as (out, err, *_):
            code = run(app, args)
            sys.stdout.flush()
        return Ended(code, out.getvalue().decode(encoding), err.getvalue().decode())

    return command


@pytest.fixture
def process(env: Mapping[str, str]) -> Callable[..., "subprocess.Popen[bytes]"]:
    """Starts the command as a process of its own."""

    def process(*args: str, **options: Any) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "tiktok_display.cli", *args],
            env={**os.environ, **env, **options.get("env", {})},
            stdout=options.get("stdout", subprocess.PIPE),
            stderr=options.get("stderr", subprocess.PIPE),
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
