"""One creator at home with us: a sandbox's creator, a store, and credentials that tell."""

import asyncio
import os
import select
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from tiktok_display import (
    AppCredentials,
    AsyncDisplayClient,
    DisplayClient,
    RetryPolicy,
    SqliteTokenStore,
    TokenRecord,
    TokenStore,
    UserCredentials,
)
from tiktok_display.auth import TokenEvent
from tiktok_display.auth.tokens import TOKEN_PATH
from tiktok_display.sandbox import Sandbox

TOKEN = TOKEN_PATH
ONCE = (1, 1, 0)  # one token request, one token replaced, none that came again
SOON = 10.0  # s in which whatever is promised to end must have ended, on a busy machine
QUICK = RetryPolicy(attempts=1)


class Home:
    """What a service knows of its creator. Its clock is the sandbox's, plus ``ahead`` (s)."""

    def __init__(self, box: Sandbox, path: Path) -> None:
        self.box, self.path, self.ahead = box, path, 0.0
        self.store: TokenStore = SqliteTokenStore(path)
        self.app = AppCredentials(box.app.client_key, box.app.client_secret)
        self.events: list[TokenEvent] = []
        self.login()

    def login(self) -> None:
        """The creator's answer of the sandbox, as it is now."""
        answer = self.box.creators[0].token_answer
        UserCredentials.from_token_answer(self.app, self.store, answer, sent_at=self.clock())

    def clock(self) -> float:
        """Unix seconds."""
        return self.box.now.timestamp() + self.ahead

    def credentials(self, store: TokenStore | None = None) -> UserCredentials:
        """As another part of the service has them, or with ``store`` another replica."""
        return UserCredentials(
            self.app,
            self.store if store is None else store,
            self.box.creators[0].open_id,
            on_event=self.events.append,
            clock=self.clock,
            jitter=lambda: 0.0,
        )

    @property
    def record(self) -> TokenRecord:
        """What is stored, read anew."""
        with SqliteTokenStore(self.path) as store:
            record = store.read(self.credentials().key)
        assert record is not None
        return record

    @property
    def told(self) -> list[str]:
        """What the operator was told."""
        return [str(event.kind) for event in self.events]

    @property
    def counts(self) -> tuple[int, int, int]:
        """By the server: token requests, tokens replaced, replaced tokens that came again."""
        return self.box.token_requests, self.box.refreshes, self.box.reuses

    def is_well(self) -> bool:
        """Whether the stored pair is the one that lives."""
        answer = self.box.creators[0].token_answer
        tokens = (self.record.access_token, self.record.refresh_token)
        return tokens == (answer["access_token"], answer["refresh_token"])

    def slow_down(self, seconds: float = 0.3) -> None:
        """The next token request takes so long, after it was processed."""
        self.box.fault(path=TOKEN, times=1, latency=seconds)

    def wait_for_a_refresh(self, number: int = 1) -> None:
        """Until that many token requests have come."""
        until(lambda: self.box.token_requests >= number)


class Ask(Protocol):
    """One query of a client of its own."""

    def __call__(
        self,
        credentials: UserCredentials | str,
        url: str,
        *,
        deadline: float | None = ...,
        retry: RetryPolicy = ...,
    ) -> None: ...


def ask_sync(
    credentials: UserCredentials | str,
    url: str,
    *,
    deadline: float | None = 120.0,
    retry: RetryPolicy = QUICK,
) -> None:
    """By the synchronous client."""
    with DisplayClient(credentials, base_url=url, deadline=deadline, retry=retry) as client:
        client.query_videos(["1"])


def ask_async(
    credentials: UserCredentials | str,
    url: str,
    *,
    deadline: float | None = 120.0,
    retry: RetryPolicy = QUICK,
) -> None:
    """By the asynchronous one, in an event loop of its own."""

    async def run() -> None:
        async with AsyncDisplayClient(
            credentials, base_url=url, deadline=deadline, retry=retry
        ) as client:
            await client.query_videos(["1"])

    asyncio.run(run())


both = pytest.mark.parametrize("ask", [ask_sync, ask_async], ids=["sync", "async"])


@contextmanager
def at_home(folder: Path) -> Iterator[Home]:
    """A creator whose access token has expired."""
    with Sandbox(seed=7, creators=1, videos=3, rate_limit=None) as box:
        home = Home(box, folder / "tokens.db")
        box.advance(hours=3)
        yield home


def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that another thread or process does."""
    end = time.monotonic() + SOON
    while not is_so():
        assert time.monotonic() < end, "it does not come to pass"
        time.sleep(0.002)


def in_a_child(work: Callable[[], object]) -> str:
    """What ``work`` comes to in the child of a fork: "ok", or its error's name."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # with threads it is a risk indeed
        pid = os.fork()
    if not pid:  # pragma: no cover - in another process
        _do(work, writing)
    os.close(writing)
    is_readable, _, _ = select.select([reading], [], [], SOON)
    said = os.read(reading, 1_000).decode() if is_readable else "it hangs"
    os.close(reading)
    if not is_readable:
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return said


def _do(work: Callable[[], object], writing: int) -> None:  # pragma: no cover
    said = "ok"
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - a child must not go on as pytest
        said = f"{type(error).__name__}: {error}"
    os.write(writing, said.encode())
    sys.stderr.flush()
    os._exit(0)
