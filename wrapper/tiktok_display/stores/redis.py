"""A token store in Redis: for any number of machines, where Redis is set up to keep its data.

Every step is one script, or one command, on one key: atomic, also behind the proxy of a cluster.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote, unquote

from attrs import asdict, field, fields, frozen

from ..errors import ConfigurationError
from ..forks import renewed_in_children
from ..secret import Secret
from .base import Key, TokenRecord
from .guard import Closing, raising_store_errors

if TYPE_CHECKING:
    from redis import Redis

_T = TypeVar("_T")

_FIELDS = [field.name for field in fields(TokenRecord)]

# A record is a hash of JSON texts, which Lua compares and moves, but does not read: its numbers are
# not Python's. `intent` is of attempts before the one that has the lease, which itself is one.
# A lease does not hold that begins in the future: the server's clock was set back.
_READ: Final = "return redis.call('HGETALL', KEYS[1])"
_BEGIN: Final = """
local replaces, owner, lease, again = unpack(ARGV)
local refresh_token, intent, holder, from, till = unpack(redis.call('HMGET', KEYS[1],
    'refresh_token', 'intent', 'lease_owner', 'lease_from', 'lease_until'))
if refresh_token ~= replaces then return false end
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
if holder and not (again == 'true' and holder == owner) then
    if tonumber(from) - 60 <= now and now < tonumber(till) then return false end
    intent = 'true'
end
redis.call('HDEL', KEYS[1], 'lease_owner')
redis.call('HSET', KEYS[1], 'intent', intent)
local before = redis.call('HGETALL', KEYS[1])
redis.call('HSET', KEYS[1], 'lease_owner', owner, 'lease_from', string.format('%.6f', now),
    'lease_until', string.format('%.6f', now + tonumber(lease)))
return before"""
_PUT: Final = """
redis.call('HDEL', KEYS[1], 'lease_owner')
redis.call('HSET', KEYS[1], unpack(ARGV))"""
_COMMIT: Final = """
if redis.call('HGET', KEYS[1], 'refresh_token') ~= ARGV[1] then return false end
redis.call('HDEL', KEYS[1], 'lease_owner')
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return true"""
_FAIL: Final = """
if redis.call('HGET', KEYS[1], 'lease_owner') ~= ARGV[1] then return false end
redis.call('HDEL', KEYS[1], 'lease_owner')
redis.call('HSET', KEYS[1], 'intent', ARGV[2], 'retry_at', ARGV[3])"""


@frozen
class _Address(Secret):
    """Where the server is, and how it lets us in; ``seconds`` for an answer."""

    url: str = field(repr=False)
    seconds: float

    def client(self, driver: str = "redis") -> "Redis | ConfigurationError":
        try:
            import_module(driver)
        except ImportError:
            return ConfigurationError("a RedisTokenStore needs `pip install tiktok-display[redis]`")
        from redis import ConnectionPool, Redis, RedisError  # noqa: PLC0415 - an extra, and slow
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        # Whose texts quote the URL.
        with suppress(RedisError, ValueError, TypeError, AttributeError):
            pool = ConnectionPool.from_url(
                self.url,
                decode_responses=True,
                socket_timeout=self.seconds,
                socket_connect_timeout=self.seconds,
                health_check_interval=30,  # s
                max_connections=2**31,
                protocol=2,  # Redis 5 knows no other
                retry=Retry(NoBackoff(), 0),  # how often a script was sent matters to us
            )
            pool.make_connection()  # says now what a wrong option would say later
            return Redis(connection_pool=pool)
        return ConfigurationError("not a URL of Redis: redis://, rediss:// or unix://")


class RedisTokenStore(Secret, Closing):
    """Shared by whatever reaches the server; needs ``tiktok-display[redis]``, and Redis 5 or later.

    **As durable as Redis is made to be.** A pair that Redis forgets is a login lost, for TikTok has
    killed the one before: it needs ``appendonly yes``, and no eviction (``maxmemory-policy
    noeviction``). A failover to a replica that lags behind can lose a pair just stored, or a lease:
    https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    A replica that dies or freezes delays the others until its lease is over, by the server's clock.
    An answer is waited for ``_seconds`` (s), twice at most, also where the server stands still.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``, as redis-py reads it:
            https://redis.readthedocs.io/en/stable/connections.html#redis.Redis.from_url
        prefix: what the names of its keys begin with.

    Raises:
        ConfigurationError: ``url`` is none, or redis is not installed.
    """

    _place = "?"  # for the repr of one that is not made yet

    def __init__(self, url: str, *, prefix: str = "tiktok-display:", _seconds: float = 5.0) -> None:
        self._address = _Address(url, _seconds)
        del url  # it may hold a password, and a traceback shows locals
        self._prefix = prefix
        self._is_closed = False
        self._connect()
        renewed_in_children(self)

    def __repr__(self) -> str:
        return f"<RedisTokenStore at {self._place}, prefix {self._prefix!r}>"

    def read(self, key: Key) -> TokenRecord | None:
        """The record, or None."""
        return self._run(lambda _: _record(self._script(_READ, key, _Words())))[0]

    def put(self, key: Key, record: TokenRecord) -> None:
        """Store what a login gave."""
        self._run(lambda _: self._script(_PUT, key, _texts(record)))

    def begin(
        self, key: Key, *, replaces: TokenRecord, owner: str, lease: float
    ) -> TokenRecord | None:
        """Take the lease and note the intent; None where that cannot be."""
        before, _ = self._run(
            lambda again: _record(
                self._script(_BEGIN, key, _json(replaces.refresh_token, owner, lease, again))
            )
        )
        return before

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        """Store what a refresh gave, if its predecessor is still the stored one."""
        is_stored, again = self._run(
            lambda _: self._script(
                _COMMIT, key, _Words([*_json(replaces.refresh_token), *_texts(record)])
            )
        )
        # Refused the second time: the first may have been done, unheard.
        return bool(is_stored) or (again and self._holds(key, record))

    def fail(self, key: Key, owner: str, *, intent: bool, retry_at: float | None = None) -> None:
        """End the owner's lease without a new pair."""
        self._run(lambda _: self._script(_FAIL, key, _json(owner, intent, retry_at)))

    def delete(self, key: Key) -> None:
        """Forget the record."""
        self._run(lambda _: self._client.delete(self._name(key)))

    def keys(self) -> Iterator[Key]:
        """Whose records there are."""
        pattern = re.sub(r"([\\*?[\]])", r"\\\1", self._prefix) + "*"
        names, _ = self._run(lambda _: set(self._client.scan_iter(pattern, count=1_000)))
        return iter([key for name in names if (key := self._key(name)) is not None])

    def close(self) -> None:
        """Disconnect; what is done later connects for its own time."""
        self._is_closed = True
        self._disconnect()

    def after_fork(self) -> None:
        """redis-py notices a fork by itself, but waits for a lock that a thread of the parent may
        have held. The old connections close without a word to the server.
        """
        self._connect()

    def _connect(self) -> None:
        client = self._address.client()
        if isinstance(client, ConfigurationError):
            raise client
        self._client = client
        said = client.connection_pool.connection_kwargs
        self._place = (
            said.get("path") or f"{said.get('host', 'localhost')}:{said.get('port', 6379)}"
        )

    def _disconnect(self) -> None:
        self._client.connection_pool.disconnect(inuse_connections=False)

    def _run(self, step: Callable[[bool], _T]) -> tuple[_T, bool]:
        """What a step brings, and whether it was tried twice: the first got no answer, as of a line
        that died long ago, and nobody knows whether it was carried out. The second is told so.
        """
        from redis import RedisError  # noqa: PLC0415

        kinds = (RedisError, ValueError, TypeError, KeyError)  # the latter from what is no record
        try:
            return raising_store_errors(kinds, self._describe)(_twice)(step)
        finally:
            if self._is_closed:
                self._disconnect()

    def _script(self, text: str, key: Key, words: "_Words") -> Any:
        return self._client.register_script(text)(keys=[self._name(key)], args=words)

    def _holds(self, key: Key, record: TokenRecord) -> bool:
        stored = self.read(key)
        return stored is not None and _pair(stored) == _pair(record)

    def _name(self, key: Key) -> str:
        return self._prefix + ":".join(quote(part, "", errors="surrogatepass") for part in key)

    def _key(self, name: str) -> Key | None:
        parts = name.removeprefix(self._prefix).split(":")
        if len(parts) != 2:
            return None
        return Key(*(unquote(part, errors="surrogatepass") for part in parts))

    def _describe(self, error: Exception) -> str:
        """What went wrong, with one of the server's words at most: others may quote a record."""
        import redis  # noqa: PLC0415

        name = type(error).__name__
        if isinstance(error, redis.ConnectionError | redis.TimeoutError):
            return (
                f"no connection to Redis at {self._place}, or no answer within "
                f"{self._address.seconds:g} s: {name}; is it up, and are user and password right?"
            )
        code = re.search(r"(?:^|: )([A-Z]{3,}) ", str(error))
        return f"the Redis token store: {name}" + (f", {code[1]}" if code else "")


def _twice(step: Callable[[bool], _T]) -> tuple[_T, bool]:
    import redis  # noqa: PLC0415

    with suppress(redis.ConnectionError, redis.TimeoutError):
        return step(False), False
    return step(True), True


class _Words(Secret, list[str]):
    """What a script is told; no traceback's locals show it."""

    def __repr__(self) -> str:
        return f"<{len(self)} words>"


def _json(*values: object) -> _Words:
    return _Words(json.dumps(value) for value in values)


def _texts(record: TokenRecord) -> _Words:
    """Names and values, in turn."""
    return _Words(
        text for name, value in asdict(record).items() for text in (name, json.dumps(value))
    )


def _record(said: Sequence[str] | None) -> TokenRecord | None:
    """The record of names and values in turn, as Redis says a hash."""
    if not said:
        return None
    texts = dict(zip(said[::2], said[1::2], strict=True))
    read = {name: json.loads(texts[name]) for name in _FIELDS}
    read["scope"] = tuple(read["scope"])
    read["intent"] |= "lease_owner" in texts
    return TokenRecord(**read)


def _pair(record: TokenRecord) -> tuple[str, str]:
    return record.access_token, record.refresh_token
