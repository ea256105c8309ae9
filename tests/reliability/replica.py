"""What a replica does: it lists a creator's videos when told to, and says how that went."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, TypeAlias, TypeVar

from attrs import field, frozen

from tests.reliability.places import Place
from tiktok_display import (
    AppCredentials,
    AsyncDisplayClient,
    DisplayClient,
    ReauthorizationRequired,
    TikTokError,
    TokenRecord,
    TokenStore,
    UserCredentials,
)
from tiktok_display.stores import Key
from tiktok_display.stores.guard import Closing

T = TypeVar("T")
Line: TypeAlias = "Connection[Any, Any]"


@frozen(kw_only=True)
class Settings:
    """What a replica is started with."""

    base_url: str
    client_key: str
    client_secret: str = field(repr=False)
    open_id: str
    place: Place
    lease: float | None = None  # s; no longer, whatever the refresh asks for
    halt: str | None = None  # before or after which step of its first refresh it waits


@frozen
class Call:
    """An order: one call. The clock is set ``ahead`` (s)."""

    ahead: float = 0.0


@frozen
class Rush:
    """An order: so many calls at once, at the next word that is heard after `READY` was said."""

    threads: int
    tasks: int


@frozen
class Halted:
    """Said at the step to halt at; the next word that is heard lets the replica go on."""

    step: str


@frozen
class Answer:
    """Said after an order: what each call came to, and when the last one did (monotonic s)."""

    outcomes: list[str]
    at: float


READY, GO, OK = "ready", "go", "ok"


class HaltingStore(Closing):
    """A store that halts its process at one step, and shortens leases."""

    def __init__(self, settings: Settings, line: Line) -> None:
        self._store = settings.place.open()
        self._lease, self._halt, self._line = settings.lease, settings.halt, line

    def read(self, key: Key) -> TokenRecord | None:
        return self._step("read", partial(self._store.read, key))

    def put(self, key: Key, record: TokenRecord) -> None:
        self._store.put(key, record)

    def begin(
        self, key: Key, *, replaces: TokenRecord, owner: str, lease: float
    ) -> TokenRecord | None:
        lease = lease if self._lease is None else min(lease, self._lease)
        work = partial(self._store.begin, key, replaces=replaces, owner=owner, lease=lease)
        return self._step("begin", work)

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        return self._step("commit", partial(self._store.commit, key, record, replaces=replaces))

    def fail(self, key: Key, owner: str, *, intent: bool, retry_at: float | None = None) -> None:
        work = partial(self._store.fail, key, owner, intent=intent, retry_at=retry_at)
        self._step("fail", work)

    def delete(self, key: Key) -> None:
        self._store.delete(key)

    def keys(self) -> Iterator[Key]:
        return self._store.keys()

    def close(self) -> None:
        self._store.close()

    def _step(self, name: str, work: Callable[[], T]) -> T:
        self._reach(f"before {name}")
        result = work()
        self._reach(f"after {name}")
        return result

    def _reach(self, step: str) -> None:
        if step == self._halt:
            self._halt = None
            self._line.send(Halted(step))
            self._line.recv()


class Replica:
    """One process's client, and all that its orders need."""

    def __init__(self, settings: Settings, store: TokenStore) -> None:
        self._settings, self._store, self._ahead = settings, store, 0.0
        self._credentials = self._login()
        self._client = DisplayClient(self._credentials, base_url=settings.base_url, deadline=100.0)

    def call(self, order: Call) -> Answer:
        self._ahead = order.ahead
        outcome = outcome_of(lambda: _first(self._client))
        return Answer([outcome], time.monotonic())

    def rush(self, order: Rush, line: Line) -> Answer:
        """Every thread and every task has credentials of its own, as careless callers do."""
        outcomes, released = list[str](), threading.Event()

        def in_thread() -> None:
            client = self._client.with_credentials(self._login())
            released.wait()
            outcomes.append(outcome_of(lambda: _first(client)))

        threads = [threading.Thread(target=in_thread) for _ in range(order.threads)]
        for thread in threads:
            thread.start()
        line.send(READY)
        line.recv()
        released.set()
        outcomes += asyncio.run(self._in_tasks(order.tasks))
        for thread in threads:
            thread.join()
        return Answer(outcomes, time.monotonic())

    async def _in_tasks(self, tasks: int) -> list[str]:
        async with AsyncDisplayClient(
            self._credentials, base_url=self._settings.base_url, deadline=100.0
        ) as client:

            async def in_task() -> str:
                sibling = client.with_credentials(self._login())
                return await outcome_of_async(_first_async(sibling))

            return await asyncio.gather(*(in_task() for _ in range(tasks)))

    def _login(self) -> UserCredentials:
        settings = self._settings
        app = AppCredentials(settings.client_key, settings.client_secret)
        return UserCredentials(
            app, self._store, settings.open_id, clock=lambda: time.time() + self._ahead
        )


def _first(client: DisplayClient) -> None:
    assert len(list(client.list_videos(max_items=1))) == 1


async def _first_async(client: AsyncDisplayClient) -> None:
    assert len([video async for video in client.list_videos(max_items=1)]) == 1


def outcome_of(call: Callable[[], None]) -> str:
    """`OK`, the reason why a new login is needed, or the class of another error."""
    try:
        call()
    except TikTokError as error:
        return _name(error)
    return OK


async def outcome_of_async(call: Awaitable[None]) -> str:
    """The same, awaited."""
    try:
        await call
    except TikTokError as error:
        return _name(error)
    return OK


def _name(error: TikTokError) -> str:
    return error.reason if isinstance(error, ReauthorizationRequired) else repr(error)


def serve(line: Line, settings: Settings) -> None:
    """Obey orders until there is nobody left to give any."""
    with HaltingStore(settings, line) as store:
        replica = Replica(settings, store)
        line.send(READY)
        while True:
            try:
                order = line.recv()
            except EOFError:
                return
            line.send(replica.call(order) if isinstance(order, Call) else replica.rush(order, line))
