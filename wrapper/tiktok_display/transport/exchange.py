"""One request and its whole answer, within its time; no repetition, no opinion on the answer."""

import time
from collections.abc import Mapping

import httpx

from ..answers import Answer
from ..errors import TransportError
from ..policies import Deadline
from ..version import VERSION
from .lines import Line
from .origin import Origin
from .wires import AsyncWire, Wire

USER_AGENT = f"tiktok-display/{VERSION}"


def exchange(
    wire: Wire, request: httpx.Request, timeout: float, deadline: Deadline
) -> Answer | TransportError:
    """One request and its whole answer. ``timeout`` (s) is for connecting and for silence."""
    try:
        _limit(request, timeout, deadline)
        return wire.answer(request)
    except Exception as failure:  # noqa: BLE001 - ssl, idna and the loop have errors of their own
        error = _transport_error(failure)
    return error


async def exchange_async(
    wire: AsyncWire, request: httpx.Request, timeout: float, deadline: Deadline
) -> Answer | TransportError:
    """The same for an event loop; here the deadline ends whatever is being waited for."""
    try:
        _limit(request, timeout, deadline)
        import asyncio  # noqa: PLC0415 - nothing that a synchronous program has to load

        from sniffio import current_async_library_cvar  # noqa: PLC0415 - nor this

        # httpcore asks seventeen times a request: https://sniffio.readthedocs.io
        current_async_library_cvar.set("asyncio")
        async with asyncio.timeout(deadline.timeout()):
            return await wire.answer(request)
    except Exception as failure:  # noqa: BLE001 - as above
        error = _transport_error(failure)
    return error


def post_form(
    origin: Origin, path: str, form: Mapping[str, str], seconds: float
) -> Answer | TransportError:
    """One form to the token endpoint, answered within ``seconds``, whatever drips in.

    On a connection of its own: closing the client, or the end of its event loop, must not cut off a
    refresh that is under way. It is not sent once half of the time is gone: what is not sent costs
    nothing, but an answer that is not waited for costs a login.
    """
    headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
    request = httpx.Request("POST", origin.base_url + path, headers=headers, data=dict(form))
    deadline = Deadline(seconds, time.monotonic)
    line = Line(origin.new_wire())
    try:
        with line.open_for(request, seconds, sent_within=seconds / 2) as wire:
            return exchange(wire, request, origin.timeout, deadline)
    finally:
        line.close()


def _limit(request: httpx.Request, timeout: float, deadline: Deadline) -> None:
    limit = min(timeout, deadline.left())
    if limit <= 0:
        raise httpx.ConnectTimeout("the deadline passed before anything was sent")
    # Each address of a name has this time to be connected to, one after another. A request is too
    # short to have to wait until it is written.
    connect = min(limit, max(limit / 4, 5.0))
    request.extensions["timeout"] = {"connect": connect, "read": limit}


def _transport_error(failure: Exception) -> TransportError:
    # A protocol error quotes the line it dislikes; of what others say, nothing is known.
    is_quotable = isinstance(failure, httpx.RequestError) and not isinstance(
        failure, httpx.ProtocolError
    )
    quoted = str(failure) if is_quotable else ""
    unsent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    message = f"{type(failure).__name__}: {quoted}".rstrip(": ")
    return TransportError(message, sent=not isinstance(failure, unsent))
