"""Rules by which things go wrong, and the decision which of them applies to a request."""

import random
from collections.abc import Mapping
from types import NoneType
from typing import Any, TypedDict

import attrs

from .answers import STATUS, failure, gateway_page, oauth_failure
from .checks import headers, kind, number
from .messages import Response

_OAUTH_PATHS = "/v2/oauth/"
_BODILESS = {204, 205, 304}


@attrs.define(eq=False, kw_only=True)
class FaultRule:
    """One way in which requests go wrong.

    Which requests: every rule counts the requests to its ``path`` (``None``: any path of the API)
    from the moment it is made, the first being 1. It applies from the ``nth`` on (default: the
    first), at most ``times`` times (default: once with ``nth``, else for ever), each time with the
    ``probability`` given (default: certainly; drawn from the sandbox's seed). At most one rule
    applies to a request: the oldest that would; the others keep their ``times``.

    What happens, first to the answer:

    - ``body`` (sent as it is), ``html`` (a gateway's page, status 502) or ``status`` and ``code``
      (with ``message``) put another answer in the place of the real one. A ``code`` alone comes
      with its documented status, an unknown one with 200; a ``status`` alone with the code that
      belongs to it, else as a gateway's page; 204, 205 and 304 have no body. ``headers`` are added
      to whatever is answered.
    - ``sparse``: a list page has half of its videos (of one: none) while ``has_more`` is true, and
      still nothing is lost.

    and then on its way:

    - ``latency`` (s) before it starts;
    - ``drop``: the connection ends without an answer;
    - ``cut``: the connection ends after so many bytes of the body;
    - ``drip`` (s): a pause before each byte of the body.

    ``processed`` says whether the request is acted upon before its answer is lost or replaced: what
    a token request has changed stays changed. By default it is, unless the answer is replaced.
    """

    path: str | None = attrs.field(default=None, validator=kind(str, NoneType))
    nth: int | None = attrs.field(default=None, validator=number(1, whole=True))
    times: int | None = attrs.field(default=None, validator=number(1, whole=True))
    probability: float | None = attrs.field(default=None, validator=number(0, 1))
    status: int | None = attrs.field(default=None, validator=number(200, 599, whole=True))
    code: str | None = attrs.field(default=None, validator=kind(str, NoneType))
    message: str | None = attrs.field(default=None, validator=kind(str, NoneType))
    latency: float = attrs.field(default=0.0, validator=[kind(int, float), number(0)])
    drop: bool = attrs.field(default=False, validator=kind(bool))
    cut: int | None = attrs.field(default=None, validator=number(0, whole=True))
    drip: float | None = attrs.field(default=None, validator=number(0))
    html: bool = attrs.field(default=False, validator=kind(bool))
    sparse: bool = attrs.field(default=False, validator=kind(bool))
    body: str | bytes | None = attrs.field(default=None, validator=kind(str, bytes, NoneType))
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], validator=headers)
    processed: bool | None = attrs.field(default=None, validator=kind(bool, NoneType))

    seen: int = attrs.field(default=0, init=False)
    """Requests to its path so far."""
    applied: int = attrs.field(default=0, init=False)
    """How many of them went wrong by it."""

    def __attrs_post_init__(self) -> None:
        if self.processed is False and not (self.drop or self.replaces):
            raise ValueError("a request that is not processed needs drop, or another answer")

    @property
    def replaces(self) -> bool:
        """Whether another answer takes the place of the real one."""
        return self.html or (self.status, self.code, self.body) != (None, None, None)

    @property
    def processes(self) -> bool:
        """Whether the request is acted upon."""
        return not self.replaces if self.processed is None else self.processed

    def spoil(self, answer: Response | None, path: str, log_id: str) -> Response:
        """What arrives instead of ``answer``, which is ``None`` if nothing was done."""
        if answer is None or self.replaces:
            answer = self._other(path, log_id)
        return attrs.evolve(
            answer,
            body=b"" if answer.status in _BODILESS else answer.body,
            headers={**answer.headers, **{k.lower(): v for k, v in self.headers.items()}},
            latency=self.latency,
            drop=self.drop,
            processed=self.processes,
            cut=self.cut,
            drip=self.drip,
        )

    def _other(self, path: str, log_id: str) -> Response:
        if self.body is not None:
            body = self.body.encode() if isinstance(self.body, str) else self.body
            return Response(self.status or 200, {"content-type": "application/json"}, body)
        if self.html:
            return gateway_page(self.status or 502)
        if path.startswith(_OAUTH_PATHS):
            usual = "invalid_request" if (self.status or 500) < 500 else "server_error"
            return oauth_failure(
                self.code or usual, self.message or "", log_id, status=self.status or 200
            )
        code = self.code or next((c for c, s in STATUS.items() if s == self.status), None)
        if code is None:
            return gateway_page(self.status or 502)
        return failure(code, log_id, message=self.message, status=self.status)


class FaultOptions(TypedDict, total=False):
    """The keywords of a ``FaultRule``."""

    path: str | None
    nth: int | None
    times: int | None
    probability: float | None
    status: int | None
    code: str | None
    message: str | None
    latency: float
    drop: bool
    cut: int | None
    drip: float | None
    html: bool
    sparse: bool
    body: str | bytes | None
    headers: Mapping[str, str]
    processed: bool | None


class FaultBook:
    """The rules in force. Not thread-safe by itself: the sandbox holds its lock."""

    def __init__(self, rng: random.Random) -> None:
        self.rules: list[FaultRule] = []
        self._rng = rng

    def choose(self, path: str) -> FaultRule | None:
        """The rule that applies to a request which has just come, if any does."""
        chosen = None
        for rule in self.rules:
            if rule.path is None or rule.path == path:
                rule.seen += 1
                if chosen is None and self._applies(rule):
                    rule.applied += 1
                    chosen = rule
        return chosen

    def _applies(self, rule: FaultRule) -> bool:
        limit = (1 if rule.nth else None) if rule.times is None else rule.times
        if rule.seen < (rule.nth or 1) or (limit is not None and rule.applied >= limit):
            return False
        return rule.probability is None or self._rng.random() < rule.probability


def described(rule: FaultRule) -> dict[str, Any]:
    """A rule as JSON, without what it leaves at its default."""
    defaults = FaultRule()
    return {
        name: value if not isinstance(value, bytes) else value.decode("latin-1")
        for name, value in attrs.asdict(rule).items()
        if name in {"seen", "applied"} or value != getattr(defaults, name)
    }
