"""The core: a request goes in, a response comes out. No framework, no sockets, no sleeping."""

import threading
from collections import deque
from datetime import timedelta

import attrs

from .answers import (
    EnvelopeError,
    OAuthError,
    failure,
    json_response,
    notice,
    oauth_failure,
    page,
    unsupported_path,
)
from .authorize import Permission, Refusal, decide
from .clock import VirtualClock, utc
from .creators import SandboxCreator
from .faults import FaultBook
from .limits import SlidingMinute
from .messages import RecordedRequest, Request, Response, last_values
from .oauth import CODE_LIFE, CodeGrant, Grant, SandboxApp, TokenOffice, TokenRules
from .pages import listed, queried
from .seeds import stream
from .settings import Settings

FORM = "application/x-www-form-urlencoded"
MARK = {"x-sandbox": "tiktok-display"}
LOG_LIMIT = 100_000


@attrs.frozen
class Call:
    """A request that has arrived, and what is known about it at once."""

    request: Request
    grant: Grant | None
    """The login behind its access token, if that token is good."""
    now: float
    log_id: str


class Core:
    """The state of a sandbox, and its answer to each request. Its lock guards all of it."""

    def __init__(
        self,
        app: SandboxApp,
        clock: VirtualClock,
        *,
        seed: int,
        rules: TokenRules,
        settings: Settings,
    ) -> None:
        self.lock = threading.RLock()
        self.app = app
        self.clock = clock
        self.settings = settings
        self.creators: list[SandboxCreator] = []
        self.office = TokenOffice(app, rules, stream("tokens", seed))
        self.faults = FaultBook(stream("faults", seed))
        self._log_ids = stream("log ids", seed)
        self.limiter = SlidingMinute(settings.rate_limit)
        self.requests: deque[RecordedRequest] = deque(maxlen=LOG_LIMIT)
        self.token_requests = 0

    def handle(self, request: Request) -> Response:
        """Answers one request of the API."""
        with self.lock:
            return marked(self._recorded(request))

    def advance(self, step: timedelta) -> None:
        """Moves the time on."""
        with self.lock:
            self.clock.advance(step)

    def clear_requests(self) -> None:
        """Forgets what arrived and sets the counters to zero."""
        with self.lock:
            self.requests.clear()
            self.token_requests = self.office.reuses = self.office.refreshes = 0

    def _recorded(self, request: Request) -> Response:
        now = self.clock.now()
        log_id = f"{utc(now):%Y%m%d%H%M%S}{self._log_ids.getrandbits(80):020X}"
        grant = self.office.holder(bearer(request), now)
        rule = self.faults.choose(request.path)
        if request.path == "/v2/oauth/token/":
            self.token_requests += 1
        call = Call(request, grant, now, log_id)
        if rule is None:
            answer = self._answer(call)
        else:
            real = self._answer(call, sparse=rule.sparse) if rule.processes else None
            answer = rule.spoil(real, request.path, log_id)
        self.requests.append(record(call, answer, fault=rule is not None))
        return attrs.evolve(answer, headers={"x-tt-logid": log_id, **answer.headers})

    def _answer(self, call: Call, *, sparse: bool = False) -> Response:
        try:
            return self._routed(call, sparse)
        except EnvelopeError as refused:
            return failure(refused.code, call.log_id, message=refused.message)
        except OAuthError as refused:
            return oauth_failure(refused.error, refused.description, call.log_id)

    def _routed(self, call: Call, sparse: bool) -> Response:
        request, now = call.request, call.now
        match request.method, request.path:
            case "POST", "/v2/video/list/":
                videos = self._admitted(call).creator.videos
                meaning = self.settings.cursor_meaning
                data = listed(request, videos, now, meaning=meaning, sparse=sparse)
                return page(data, call.log_id)
            case "POST", "/v2/video/query/":
                videos = self._admitted(call).creator.videos
                return page(queried(request, videos, now), call.log_id)
            case "POST", "/v2/oauth/token/":
                return json_response(self.office.token(form_of(request), now))
            case "POST", "/v2/oauth/revoke/":
                self.office.revoke(form_of(request))
                return json_response({})
            case "GET", "/v2/auth/authorize/":
                return self._authorize(request, now)
            case _:
                return unsupported_path()

    def _admitted(self, call: Call) -> Grant:
        """The grant of a request that may read videos."""
        grant = call.grant
        if grant is None:
            raise EnvelopeError("access_token_invalid")
        if "video.list" not in grant.scope.split(","):
            raise EnvelopeError("scope_not_authorized")
        holder = None if self.settings.rate_limit_by == "app" else grant.creator.open_id
        if not self.limiter.admits((call.request.path, holder), call.now):
            raise EnvelopeError("rate_limit_exceeded")
        return grant

    def _authorize(self, request: Request, now: float) -> Response:
        parameters = last_values(request.parameters())
        creator = self.creator(parameters.get("open_id"))
        if creator is None:
            return notice("there is no such creator")
        decision = decide(parameters, self.app, self.settings.consent, self.settings.granted_scopes)
        if isinstance(decision, Refusal):
            return notice(decision.text)
        if isinstance(decision, Permission):
            scope, address = ",".join(decision.scopes), decision.redirect_uri
            granted = CodeGrant(creator, scope, address, decision.challenge, now + CODE_LIFE)
            location = decision.location(self.office.code(granted))
        else:
            location = decision.location()
        return Response(302, {"location": location, "cache-control": "no-store"}, b"")

    def creator(self, open_id: str | None) -> SandboxCreator | None:
        """The creator with this open_id; for ``None`` the first."""
        matching = (c for c in self.creators if open_id is None or c.open_id == open_id)
        return next(matching, None)


def marked(answer: Response) -> Response:
    """The answer with the header that every answer of a sandbox carries."""
    return attrs.evolve(answer, headers={**answer.headers, **MARK})


def bearer(request: Request) -> str:
    """The access token a request carries, else an empty string."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def form_of(request: Request) -> dict[str, list[str]]:
    """The form in a request to the token endpoints, which take nothing else."""
    if request.media_type() != FORM:
        raise OAuthError("invalid_request", f"Only `{FORM}` is accepted as Content-Type.")
    return request.form()


def record(call: Call, answer: Response, *, fault: bool) -> RecordedRequest:
    """The line a request leaves in the log."""
    request = call.request
    return RecordedRequest(
        time=utc(call.now),
        method=request.method,
        path=request.path,
        query=last_values(request.parameters()),
        json=request.json() if request.media_type() == "application/json" else None,
        form=last_values(request.form()) if request.media_type() == FORM else {},
        headers=dict(request.headers),
        open_id=None if call.grant is None else call.grant.creator.open_id,
        status=None if answer.drop else answer.status,
        log_id=call.log_id,
        fault=fault,
    )
