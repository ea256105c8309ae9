"""Where tokens are kept on a server, and what a test can do to that server."""

import re
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import ClassVar, Generic, TypeVar

import psycopg
from attrs import field, frozen
from redis import Redis

from tests.stores.proxy import Proxy
from tests.stores.replica import KEY, LEASE, run
from tests.stores.servers import Server, stopped
from tiktok_display import TokenStore
from tiktok_display.stores.postgres import PostgresTokenStore
from tiktok_display.stores.redis import RedisTokenStore

S_co = TypeVar("S_co", bound=TokenStore, covariant=True)

_OTHERS = "pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"


@frozen
class Site(ABC, Generic[S_co]):
    """A place of its own, by ``name``; the server is shared with other tests."""

    server: Server
    name: str = field(factory=lambda: f"tokens_{uuid.uuid4().hex}")
    opening: ClassVar[str]  # what `open_store()` is to a program with these two as its arguments

    @abstractmethod
    def opener(self, address: str | None = None, *, patience: float = 15.0) -> Callable[[], S_co]:
        """What opens one more store here, in this process or in another: it waits ``patience`` (s)
        for an answer. Another ``address`` may lead to the same server.
        """

    def open(self, address: str | None = None, *, patience: float = 15.0) -> S_co:
        return self.opener(address, patience=patience)()

    def run(self, script: str) -> str:
        """What a program says that opens stores here; warnings end it."""
        return run(f"import sys\n{self.opening}{script}", self.server.address, self.name)

    def proxy(self, alter: Callable[[bytes], bytes] = bytes) -> Proxy:
        """A line to the server, for `through` to give the address of."""
        return Proxy(self.socket, alter)

    @property
    @abstractmethod
    def socket(self) -> str:
        """Where the server listens, in the file system."""

    @abstractmethod
    def through(self, proxy: Proxy) -> str:
        """The address of the server by way of a proxy."""

    @abstractmethod
    def cut(self) -> None:
        """End every connection; nobody is told."""

    @abstractmethod
    def frozen(self) -> AbstractContextManager[None]:
        """Whatever is connected, or connects, gets no answer for a while."""

    @abstractmethod
    def move_lease(self, seconds: float) -> None:
        """Have the lease begin and end so much later."""

    def lapse(self) -> None:
        """The time of the lease is over."""
        self.move_lease(-LEASE - 1)


@frozen
class PostgresSite(Site[PostgresTokenStore]):
    """A table in PostgreSQL."""

    opening = """
from tiktok_display.stores.postgres import PostgresTokenStore
def open_store():
    return PostgresTokenStore(sys.argv[1], table=sys.argv[2])
"""

    def opener(
        self, address: str | None = None, *, patience: float = 15.0
    ) -> Callable[[], PostgresTokenStore]:
        address = address or self.server.address
        return partial(PostgresTokenStore, address, table=self.name, _patience=patience)

    def connect(self) -> psycopg.Connection:
        """A way to the server that knows nothing of stores."""
        return psycopg.connect(self.server.address, autocommit=True)

    @property
    def socket(self) -> str:
        return self.server.address.partition("host=")[2] + "/.s.PGSQL.5432"

    def through(self, proxy: Proxy) -> str:
        return re.sub(r"@/(\w+)\?host=.*", rf"@127.0.0.1:{proxy.port}/\1", self.server.address)

    def cut(self) -> None:
        with self.connect() as connection:
            connection.execute(f"select pg_terminate_backend(pid, 5000) from {_OTHERS}")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        with self.connect() as connection:
            backends = connection.execute(f"select pid from {_OTHERS}").fetchall()
        with ExitStack() as all_of_it:
            for (backend,) in backends:
                all_of_it.enter_context(stopped(backend))
            all_of_it.enter_context(self.server.frozen())
            yield

    def move_lease(self, seconds: float) -> None:
        with self.connect() as connection:
            connection.execute(
                f"update {self.name} set lease_from = lease_from + make_interval(secs => %(by)s),"
                " lease_until = lease_until + make_interval(secs => %(by)s)",
                {"by": seconds},
            )


@frozen
class RedisSite(Site[RedisTokenStore]):
    """A prefix in Redis."""

    name: str = field(factory=lambda: f"tokens:{uuid.uuid4().hex}:")
    opening = """
from tiktok_display.stores.redis import RedisTokenStore
def open_store():
    return RedisTokenStore(sys.argv[1], prefix=sys.argv[2])
"""

    def opener(
        self, address: str | None = None, *, patience: float = 15.0
    ) -> Callable[[], RedisTokenStore]:
        address = address or self.server.address
        return partial(RedisTokenStore, address, prefix=self.name, _seconds=patience)

    def connect(self) -> Redis:
        """A way to the server that knows nothing of stores."""
        return Redis.from_url(self.server.address, decode_responses=True)

    @property
    def socket(self) -> str:
        return self.server.address.partition("@")[2]

    def through(self, proxy: Proxy) -> str:
        host = rf"redis://\g<1>127.0.0.1:{proxy.port}"
        return re.sub(r"unix://(:\w+@).*", host, self.server.address)

    def cut(self) -> None:
        with self.connect() as client:
            client.client_kill_filter(_type="normal", skipme=True)

    def frozen(self) -> AbstractContextManager[None]:
        return self.server.frozen()

    def move_lease(self, seconds: float) -> None:
        with self.connect() as client:
            for moment in ("lease_from", "lease_until"):
                client.hincrbyfloat(self.name + ":".join(KEY), moment, seconds)
