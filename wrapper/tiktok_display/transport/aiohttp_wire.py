"""The pool of connections of the extra ``[fast]``: aiohttp's, for one event loop.

Not by way of ``httpx-aiohttp``: there each request and answer is made twice, at a fifth of what a
page costs, and a server that hangs up is taken for one that was never reached.
"""

import ssl
from base64 import b64encode
from typing import Literal

import aiohttp
import httpx

from ..answers import Answer

_LONGEST = 65_536  # bytes of a header; httpx takes more than the 8 kB of aiohttp
# What goes wrong has the names that it has without aiohttp; the first that fits.
_NAMES: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (aiohttp.ClientHttpProxyError, httpx.ProxyError),
    (aiohttp.ClientProxyConnectionError, httpx.ProxyError),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientOSError, httpx.ReadError),
    (aiohttp.ClientError, httpx.RemoteProtocolError),
)


class AiohttpWire:
    """Carries any number of requests at a time."""

    is_good: Literal[True] = True
    is_for_many: Literal[True] = True

    def __init__(self, context: ssl.SSLContext, proxy: httpx.Proxy | None) -> None:
        self._context = context
        self._proxy = None if proxy is None else str(proxy.url)
        self._proxy_headers = None if proxy is None else _authorization(proxy)
        self._session: aiohttp.ClientSession | None = None

    async def answer(self, request: httpx.Request) -> Answer:
        """The whole answer."""
        limits = request.extensions["timeout"]
        session = self._session = self._session or self._new_session()
        try:
            async with session.request(
                request.method,
                str(request.url),
                headers={name.decode(): value.decode() for name, value in request.headers.raw},
                data=request.read(),
                timeout=aiohttp.ClientTimeout(
                    # With a proxy's greeting, which may be silence.
                    connect=limits["read"] if self._proxy else None,
                    sock_connect=limits["connect"],
                    sock_read=limits["read"],
                ),
                proxy=self._proxy,
                proxy_headers=self._proxy_headers,
                allow_redirects=False,
            ) as response:
                return Answer(response.status, response.headers, await response.read())
        except aiohttp.ClientError as failure:
            error = next(name for kind, name in _NAMES if isinstance(failure, kind))(str(failure))
        raise error

    async def close(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()

    def _new_session(self) -> aiohttp.ClientSession:
        """For the loop that runs now; without cookies, for one pool serves many creators."""
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=self._context),
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=_LONGEST,
            max_field_size=_LONGEST,
        )


def _authorization(proxy: httpx.Proxy) -> dict[str, str] | None:
    """In UTF-8, as httpx writes it; aiohttp writes Latin-1."""
    if proxy.raw_auth is None:
        return None
    return {"Proxy-Authorization": "Basic " + b64encode(b":".join(proxy.raw_auth)).decode()}
