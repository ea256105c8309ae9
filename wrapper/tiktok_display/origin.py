"""Where requests go, and how: base URL, TLS, proxies. Nothing here sends."""

import functools
import ipaddress
import os
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import httpx
from attrs import field, frozen

from .errors import ConfigurationError

TIKTOK = "https://open.tiktokapis.com"
_Client = TypeVar("_Client")
_ONE = httpx.Limits(max_connections=1)
BASE_URL_VARIABLE = "TIKTOK_DISPLAY_BASE_URL"


@frozen
class Origin:
    """What a client shares with its siblings, and lends to the refresh of their tokens."""

    base_url: str
    timeout: float  # s to connect, and without a byte
    # Another way to carry requests, for tests in process.
    transport: httpx.BaseTransport | None = field(default=None, repr=False)
    async_transport: httpx.AsyncBaseTransport | None = field(default=None, repr=False)

    def client(self) -> httpx.Client:
        """A new client with one connection to here."""
        transport, trusted = self.transport, self._trust_env
        return _made(
            lambda: httpx.Client(
                transport=transport, verify=ssl_context(), trust_env=trusted, limits=_ONE
            )
        )

    def async_client(self) -> httpx.AsyncClient:
        """A new pool of connections for an event loop."""
        return _made(
            lambda: httpx.AsyncClient(
                transport=self.async_transport, verify=ssl_context(), trust_env=self._trust_env
            )
        )

    @property
    def _trust_env(self) -> bool:
        """Whether the environment's proxies apply: not to this machine itself, where they would
        carry a token in clear text to another one. Go makes the same exception:
        https://pkg.go.dev/net/http#ProxyFromEnvironment
        """
        return not _is_loopback(httpx.URL(self.base_url).host)


def origin_of(base_url: str | None, timeout: float) -> Origin:
    """The origin of an argument, else of the environment, else TikTok's own; checked."""
    parsed = _parsed(base_url or os.environ.get(BASE_URL_VARIABLE) or TIKTOK)
    if parsed is None:
        raise ConfigurationError("base_url is not a URL")
    has_more = parsed.userinfo or parsed.query or parsed.fragment
    if has_more or not 0 < (parsed.port or 443) < 65_536:
        raise ConfigurationError("base_url is an origin: a scheme, a host, perhaps port and path")
    if parsed.scheme != "https" and not (parsed.scheme == "http" and _is_loopback(parsed.host)):
        raise ConfigurationError("base_url must be https://; http:// only on this machine itself")
    return Origin(str(parsed).rstrip("/"), seconds("timeout", timeout))


def _parsed(url: str) -> httpx.URL | None:
    """``url`` in parts, or None: an exception would quote it, and its password."""
    with suppress(httpx.InvalidURL, TypeError, ValueError):
        if (parsed := httpx.URL(url)).host.encode("idna"):  # as the resolver will
            return parsed
    return None


def seconds(name: str, value: float) -> float:
    """``value`` where it is a number of seconds above 0, and at most a day."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigurationError(f"{name} is a number of seconds")
    if not 0 < value <= 86_400:
        raise ConfigurationError(f"{name} must be above 0 s, and a day at most")
    return float(value)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _made(make: Callable[[], _Client]) -> _Client:
    """What ``make`` gives, or what is wrong with the environment's proxies or certificates, said
    without quoting it and hanging on nothing that does: the URL of a proxy may hold a password.
    """
    try:
        return make()
    except ImportError:
        fault = "a SOCKS proxy needs `pip install httpx[socks]`"
    except OSError:
        fault = "SSL_CERT_FILE or SSL_CERT_DIR cannot be read"
    except (ValueError, httpx.InvalidURL):
        fault = "the environment's URL of a proxy is none"
    raise ConfigurationError(fault)


@functools.cache
def ssl_context() -> ssl.SSLContext:
    """One a process: reading the CA certificates is nearly all that a new client costs."""
    return httpx.create_ssl_context()
