"""What goes into the sandbox's core and what comes out: no framework, no sockets."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import attrs

Form = Mapping[str, str]


@attrs.frozen
class Request:
    """One request, wherever it came from."""

    method: str
    path: str
    """As it was sent, still percent-encoded."""
    query: str = ""
    """As it was sent, still percent-encoded."""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    """Names in lower case."""
    body: bytes = attrs.field(default=b"", repr=False)

    def parameters(self) -> dict[str, list[str]]:
        """The query string, decoded; a parameter that is repeated has several values."""
        return parse_qs(self.query, keep_blank_values=True)

    def media_type(self) -> str:
        """The content type in lower case, without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def form(self) -> dict[str, list[str]]:
        """The body read as a form, whatever it says it is."""
        return parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    def json(self) -> Any:
        """The body read as JSON, whatever it says it is; None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@attrs.frozen
class Response:
    """One answer, and what happens to it on its way."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    latency: float = 0.0
    """How long the answer is held back (s)."""
    drop: bool = False
    """The connection ends without an answer."""
    processed: bool = True
    """Whether the request was acted upon; of interest where the answer is lost."""
    cut: int | None = None
    """The connection ends after so many bytes of the body."""
    drip: float | None = None
    """The body comes byte by byte, with this pause before each (s)."""

    @property
    def delivered(self) -> bytes:
        """The part of the body that reaches the client."""
        return self.body if self.cut is None else self.body[: self.cut]

    @property
    def broken(self) -> bool:
        """Whether the body ends too early."""
        return len(self.delivered) < len(self.body)

    def pieces(self) -> list[tuple[float, bytes]]:
        """The body as it arrives: a pause (s) and what comes after it, again and again."""
        body = self.delivered
        if self.drip is None:
            return [(0.0, body)]
        return [(self.drip, body[place : place + 1]) for place in range(len(body))]


@attrs.frozen
class RecordedRequest:
    """One line of the request log. What holds secrets is kept out of its ``repr``."""

    time: datetime
    """Virtual, UTC."""
    method: str
    path: str
    query: Mapping[str, str]
    """Decoded; of a repeated parameter the last value."""
    json: Any = None
    """The body, where it was JSON."""
    form: Form = attrs.field(factory=dict[str, str], repr=False)
    """The body, where it was a form; of a repeated name the last value."""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    """Names in lower case."""
    open_id: str | None = None
    """The creator whose access token it carried, if that token was good."""
    status: int | None = None
    """What was answered; ``None`` where nothing was."""
    log_id: str = ""
    fault: bool = False
    """Whether a rule made it go wrong."""


def last_values(parameters: Mapping[str, list[str]]) -> dict[str, str]:
    """One value per name: the last."""
    return {name: values[-1] for name, values in parameters.items()}
