"""What an answer of TikTok's says, before anybody judges it."""

import functools
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any, Protocol


class Response(Protocol):
    """What is read of an answer, so that the HTTP library can change one day."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def content(self) -> bytes: ...


class Answer:
    """A `Response` that was read to its end. It may hold a token, so its repr shows nothing."""

    __slots__ = ("content", "headers", "status_code")

    def __init__(self, status_code: int, headers: Mapping[str, str], content: bytes) -> None:
        self.status_code, self.headers, self.content = status_code, headers, content


@functools.cache
def _parser() -> Callable[[bytes], Any]:
    """The fastest there is. Like what sends it is loaded when something is sent: orjson brings
    three modules along, for what it writes and nobody here has written.
    """
    parse: Callable[[bytes], Any] = json.loads
    with suppress(ImportError):  # the extra ``[fast]``
        from orjson import loads as parse  # noqa: PLC0415
    return parse


def loads(content: bytes) -> Any:
    """The JSON of an answer; `ValueError` where it is none."""
    try:
        return _parser()(content)
    except ValueError:
        return json.loads(content)  # orjson is stricter: whether it is none, is for this one to say


def said(body: Mapping[str, object]) -> tuple[str, str, str | None]:
    """Code, message and log_id of a body; a code of ``""`` where it has none.

    The data endpoints' ``error`` is an object, of a success too, and the documentation prints that
    object alone; the token endpoint's is a string.
    """
    error = body.get("error", body)
    if isinstance(error, Mapping):
        inner, code, message = error, error.get("code"), error.get("message")
    else:
        inner, code, message = body, error, body.get("error_description")
    return text(code), text(message), printable(inner.get("log_id"))


def printable(value: object) -> str | None:
    """``value`` where it is a string that writes no line of its own into a log."""
    return value if isinstance(value, str) and value and value.isprintable() else None


def text(value: object) -> str:
    """``value`` where it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def seconds_to_wait(header: str | None, now: float) -> float | None:
    """What a ``Retry-After`` header asks for, in seconds: RFC 9110 allows seconds or a date."""
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - now)
    except (ValueError, OverflowError):
        return None
