"""Where requests go, and how: base URL, TLS, proxies. Nothing here sends."""

import functools
import ipaddress
import os
import ssl
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeVar

import httpx

from ..errors import ConfigurationError
from .wires import AsyncHttpxWire, AsyncWire, HttpxWire, Wire

TIKTOK = "https://open.tiktokapis.com"
_Wire = TypeVar("_Wire")
_ONE = httpx.Limits(max_connections=1)
BASE_URL_VARIABLE = "TIKTOK_DISPLAY_BASE_URL"


class Origin:
    """What a client shares with its siblings, and lends to the refresh of their tokens."""

    def __init__(
        self,
        base_url: str,
        timeout: float,
        transport: httpx.BaseTransport | None = None,
        async_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.base_url, self.timeout = base_url, timeout  # s to connect, and without a byte
        # Another way to carry requests, for tests in process.
        self.transport, self.async_transport = transport, async_transport

    def new_wire(self) -> Wire:
        """A new way to here, for one request at a time."""
        if self.transport is not None:
            return HttpxWire(self.transport)
        return _made(lambda: _wire(self._context, self._proxy))

    def new_async_wire(self) -> AsyncWire:
        """The same for an event loop."""
        if self.async_transport is not None:
            return AsyncHttpxWire(self.async_transport, is_for_many=True)
        return _made(lambda: _async_wire(self._context, self._proxy))

    @property
    def _context(self) -> ssl.SSLContext:
        """Without certificates, and so for nobody, where there is no TLS: it takes long to read
        them.
        """
        is_secure = self.base_url.startswith("https:")
        return ssl_context() if is_secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    @property
    def _proxy(self) -> httpx.Proxy | None:
        """The environment's proxy, but none to this machine itself: it would carry a token in clear
        text to another one. Go makes the same exception:
        https://pkg.go.dev/net/http#ProxyFromEnvironment
        """
        url = httpx.URL(self.base_url)
        if _is_loopback(url.host) or urllib.request.proxy_bypass(url.netloc.decode()):
            return None
        return proxy_of(url.scheme, urllib.request.getproxies())


def proxy_of(scheme: str, found: Mapping[str, str]) -> httpx.Proxy | None:
    """The proxy for a scheme, among those of the environment; a bare host speaks HTTP."""
    proxy = found.get(scheme) or found.get("all")
    if not proxy:
        return None
    return httpx.Proxy(proxy if "://" in proxy else f"http://{proxy}")


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


def _wire(context: ssl.SSLContext, proxy: httpx.Proxy | None) -> Wire:
    if proxy is not None:
        return HttpxWire(httpx.HTTPTransport(verify=context, limits=_ONE, proxy=proxy))
    from .connections import ConnectionWire  # noqa: PLC0415 - loads what httpx loads when it sends

    return ConnectionWire(context)


def _async_wire(context: ssl.SSLContext, proxy: httpx.Proxy | None) -> AsyncWire:
    from importlib.util import find_spec  # noqa: PLC0415 - only asynchronous programs need it

    is_for_aiohttp = proxy is None or not proxy.url.scheme.startswith("socks")
    if is_for_aiohttp and find_spec("aiohttp"):
        from .aiohttp_wire import AiohttpWire  # noqa: PLC0415 - more to import than all the rest

        return AiohttpWire(context, proxy)
    return _plain_async_wire(context, proxy)


def _plain_async_wire(context: ssl.SSLContext, proxy: httpx.Proxy | None) -> AsyncWire:
    if proxy is not None:
        return AsyncHttpxWire(httpx.AsyncHTTPTransport(verify=context, limits=_ONE, proxy=proxy))
    from .connections import AsyncConnectionWire  # noqa: PLC0415 - as above

    return AsyncConnectionWire(context)


def _made(make: Callable[[], _Wire]) -> _Wire:
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
