"""The sandbox as its users see it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, Unpack

from . import control
from .authorize import Consent
from .clock import START, VirtualClock, utc
from .core import Core
from .creators import SandboxCreator, new_open_id, sizes
from .extra import server_extra
from .faults import FaultOptions, FaultRule
from .histories import History, history
from .messages import RecordedRequest, Request, Response
from .oauth import SandboxApp, TokenRules, register
from .pages import CursorMeaning
from .seeds import stream
from .settings import LimitKey, Settings
from .videos import SandboxVideo

if TYPE_CHECKING:
    from .server import Server

SCOPE = "user.info.basic,video.list"


class Sandbox:
    """A TikTok with a few creators, on this machine only. Everything follows from ``seed``.

    In ``with`` it is a server on a free loopback port; without, ``handle`` and ``SandboxTransport``
    reach it in process. Constructing starts nothing. Every method may be called from any thread.
    A value that makes no sense is a ``ValueError``.

    Args:
        seed: decides ids, tokens, histories, and the faults that have a probability.
        creators: how many; of several the last has no videos.
        videos: how many the first creator has; 1,000,000 are no trouble.
        histories: the creators' videos instead, one creator for each.
        scope: what the creators have granted, comma-separated.
        now: when it begins, an aware datetime; 2026-11-01T12:00:00Z by default.
        clock: the clock itself, where real time shall count otherwise: by default it counts while
            the server is up. Excludes ``now``.
        cursor_meaning: whether a cursor excludes its own moment. TikTok's way was never verified.
        rate_limit: requests in a sliding minute, for each endpoint; ``None`` for no limit.
        rate_limit_by: what is counted together, all creators of the app or each by itself.
        access_life, refresh_life: how long tokens live (s).
        refresh_grace: how long a replaced refresh token is still answered, with the pair that
            replaced it (s).
        reuse_detection: whether a replaced refresh token that comes again kills its family.
        refresh_kills_access: whether a refresh also ends the access tokens before it.
        redirect_uris: addresses of web apps; desktop addresses on this machine are always accepted.
    """

    def __init__(
        self,
        *,
        seed: int = 7,
        creators: int = 3,
        videos: int = 57,
        histories: Sequence[Iterable[SandboxVideo]] | None = None,
        scope: str = SCOPE,
        now: datetime | None = None,
        clock: VirtualClock | None = None,
        cursor_meaning: CursorMeaning = "exclusive",
        rate_limit: int | None = 600,
        rate_limit_by: LimitKey = "app",
        access_life: int = 7_200,
        refresh_life: int = 180 * 86_400,
        refresh_grace: float = 0.0,
        reuse_detection: bool = False,
        refresh_kills_access: bool = False,
        redirect_uris: Collection[str] = (),
    ) -> None:
        if clock is not None and now is not None:
            raise ValueError("give the sandbox a clock or its beginning, not both")
        self._rng = stream("creators", seed)
        self._seed = seed
        self._server: Server | None = None
        self._core = Core(
            register(self._rng, redirect_uris),
            clock or VirtualClock(now or START),
            seed=seed,
            rules=TokenRules(
                access_life, refresh_life, refresh_grace, reuse_detection, refresh_kills_access
            ),
            settings=Settings(
                cursor_meaning=cursor_meaning, rate_limit=rate_limit, rate_limit_by=rate_limit_by
            ),
        )
        for given in sizes(creators, videos, self._rng) if histories is None else histories:
            self.add_creator(given, scope=scope)

    # What is in it.

    @property
    def app(self) -> SandboxApp:
        """The registered app: ``client_key`` and ``client_secret``."""
        return self._core.app

    @property
    def creators(self) -> list[SandboxCreator]:
        """The creators, in the order in which they were added."""
        return list(self._core.creators)

    def add_creator(
        self, videos: int | Iterable[SandboxVideo] = 20, *, scope: str = SCOPE
    ) -> SandboxCreator:
        """One more creator, logged in: with so many videos made up, or with the ones given."""
        with self._core.lock:
            number = len(self._core.creators) + 1
            handle = f"sandbox_creator_{number}"
            if isinstance(videos, int):
                seed, key = self._seed * 1_000_003 + number, self.app.client_key
                truth = history(seed, videos, now=self.now, handle=handle, client_key=key)
            else:
                truth = History(videos)
            creator = SandboxCreator(new_open_id(self._rng), handle, truth)
            self.login(creator, scope=scope)
            self._core.creators.append(creator)
            return creator

    def add_video(self, creator: SandboxCreator, video: SandboxVideo | None = None) -> SandboxVideo:
        """Posts a video: the one given, else one made up and posted now."""
        with self._core.lock:
            if video is None:
                return creator.videos.new(int(self._core.clock.now()))
            creator.videos.add(video)
            return video

    def delete_video(self, creator: SandboxCreator, video_id: str) -> None:
        """Deletes a video; ``KeyError`` if there is none with that id."""
        with self._core.lock:
            creator.videos.remove(video_id)

    def login(self, creator: SandboxCreator, *, scope: str = SCOPE) -> Mapping[str, Any]:
        """A further login of a creator, without the browser: the answer of the token endpoint."""
        if not set(scope.split(",")) <= set(self.app.scopes):
            raise ValueError(f"scope must be some of {','.join(self.app.scopes)}, comma-separated")
        with self._core.lock:
            return self._core.office.login(creator, scope, self._core.clock.now())

    def revoke(self, creator: SandboxCreator) -> None:
        """The creator removes the app: every token dies."""
        with self._core.lock:
            self._core.office.revoke_creator(creator)

    @property
    def consent(self) -> Consent:
        """What creators answer on the authorize page: ``"grant"`` or ``"deny"``."""
        return self._core.settings.consent

    @consent.setter
    def consent(self, consent: Consent) -> None:
        self._core.settings.consent = consent

    @property
    def granted_scopes(self) -> Collection[str] | None:
        """The scopes creators agree to there; ``None`` for all that are asked."""
        return self._core.settings.granted_scopes

    @granted_scopes.setter
    def granted_scopes(self, scopes: Collection[str] | None) -> None:
        self._core.settings.granted_scopes = scopes

    # Its time, its faults, its memory.

    @property
    def now(self) -> datetime:
        """The virtual time, UTC."""
        with self._core.lock:
            return utc(self._core.clock.now())

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> None:
        """Moves the virtual time on; ``ValueError`` for a negative step."""
        self._core.advance(timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))

    def fault(self, **options: Unpack[FaultOptions]) -> FaultRule:
        """Makes requests go wrong from now on; ``FaultRule`` says which and how."""
        rule = FaultRule(**options)
        with self._core.lock:
            self._core.faults.rules.append(rule)
        return rule

    def clear_faults(self) -> None:
        """From now on everything goes right."""
        with self._core.lock:
            self._core.faults.rules.clear()

    @property
    def requests(self) -> list[RecordedRequest]:
        """What arrived at the API's paths, oldest first: the last 100,000."""
        with self._core.lock:
            return list(self._core.requests)

    def clear_requests(self) -> None:
        """Forgets what arrived and sets the counters to zero."""
        self._core.clear_requests()

    @property
    def token_requests(self) -> int:
        """How many requests arrived at the token endpoint, whatever became of them."""
        return self._core.token_requests

    @property
    def refreshes(self) -> int:
        """How many refresh tokens were replaced."""
        return self._core.office.refreshes

    @property
    def reuses(self) -> int:
        """How often a refresh token came that had been replaced already, outside the grace."""
        return self._core.office.reuses

    # Its faces.

    def handle(self, request: Request) -> Response:
        """The pure core: one request, one answer. Nothing sleeps; ``latency`` and the like are
        left to whoever delivers the answer.
        """
        if request.path.startswith(control.ROOT):
            return control.answer(self._core, request)
        return self._core.handle(request)

    @property
    def base_url(self) -> str:
        """Where the server listens; ``RuntimeError`` while it is down."""
        if self._server is None:
            raise RuntimeError("the sandbox is no server yet: use it in a with statement")
        return f"http://127.0.0.1:{self._server.port}"

    def start(self, port: int = 0) -> None:
        """Starts the server on this machine's loopback address, nowhere else; 0 for a free port.

        ``ImportError`` without the extra ``[sandbox]``, ``OSError`` where the port is taken.
        """
        if self._server is not None:
            raise RuntimeError("the sandbox is a server already")
        with server_extra():
            from .server import Server  # noqa: PLC0415 - optional, and heavy
        self._server = Server(self.handle, port)
        with self._core.lock:
            self._core.clock.run()

    def stop(self) -> None:
        """Stops the server, if it is up, and cuts whatever is under way."""
        if self._server is not None:
            self._server.stop()
            self._server = None
            with self._core.lock:
                self._core.clock.halt()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
