"""Other processes: one on the same store, to be killed or frozen; and whole programs."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve

from tests.auth.test_tokens import RECORD
from tiktok_display import TokenStore
from tiktok_display.stores import Key
from tiktok_display.stores.postgres import PostgresTokenStore
from tiktok_display.stores.redis import RedisTokenStore

_ROOT = Path(__file__).parents[2]

KEY = Key("app", "creator")
FIRST, NEXT, THIRD = (
    evolve(RECORD, access_token=f"act.{number}", refresh_token=f"rft.{number}")
    for number in (1, 2, 3)
)


class Replica:
    """It has begun, with a lease of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process, self.id = process, process.pid

    def says(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def tell_to_commit(self) -> None:
        assert self._process.stdin
        self._process.stdin.write("commit\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def replica(kind: str, address: str, place: str, lease: float = 30.0) -> Iterator[Replica]:
    """One that has begun to replace FIRST, and commits NEXT when it is told to."""
    command = [sys.executable, "-m", __name__, kind, address, place, str(lease)]
    with subprocess.Popen(
        command, cwd=_ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            it = Replica(process)
            assert it.says() == "begun"
            yield it
        finally:
            process.kill()


def run(script: str, *arguments: str) -> str:
    """What a program says, which warnings end."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", script, *arguments], cwd=_ROOT,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout.strip() + done.stderr.strip()


def within(seconds: float, attempt: Callable[[], object]) -> bool:
    """Whether ``attempt`` succeeds some time."""
    end = time.monotonic() + seconds
    while not attempt():
        if time.monotonic() > end:
            return False
        threading.Event().wait(0.02)
    return True


def _store(kind: str, address: str, place: str) -> TokenStore:
    if kind == "postgres":
        return PostgresTokenStore(address, table=place)
    return RedisTokenStore(address, prefix=place)


def _say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    store = _store(*sys.argv[1:4])
    before = store.begin(KEY, replaces=FIRST, owner="replica", lease=float(sys.argv[4]))
    _say("begun" if before else "not begun")
    sys.stdin.readline()
    _say(str(store.commit(KEY, NEXT, replaces=FIRST)))
