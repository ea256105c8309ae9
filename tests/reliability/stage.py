"""One creator, one server, one store, and as many replicas as are wanted."""

import itertools
import json
import threading
import time
from collections.abc import Callable
from typing import Self

from attrs import evolve, frozen

from tests.reliability.places import Place
from tests.reliability.replica import Settings
from tests.reliability.zygote import Child, Zygote
from tiktok_display import AppCredentials, TokenRecord, UserCredentials
from tiktok_display.auth.tokens import TOKEN_PATH
from tiktok_display.sandbox import Request, Response, Sandbox, SandboxCreator

LOST = "rotation_lost"
_seeds = itertools.count(1)


@frozen
class Server:
    """What becomes of a refresh token that was replaced, when it comes again.

    Attributes:
        grace: s for which it is answered once more with the pair that replaced it: a login
            survives an answer that nobody stored.
        detection: whether it then kills all that descends from the same login. With a grace this
            punishes what comes too late; without, every token that is used twice, so that not even
            the answer which the first one got is of use.
    """

    name: str
    grace: float
    detection: bool


STRICT = Server("no grace, reuse detected", 0.0, detection=True)
PLAIN = Server("no grace", 0.0, detection=False)
FORGIVING = Server("grace, reuse detected", 60.0, detection=True)
SERVERS = (STRICT, PLAIN, FORGIVING)


class Truth(Sandbox):
    """A sandbox with one creator, that remembers which tokens came in one answer."""

    def __init__(self, server: Server) -> None:
        self._pairs: dict[str, str] = {}
        super().__init__(
            seed=next(_seeds),
            creators=1,
            videos=1,
            rate_limit=None,
            refresh_life=3_600 * 86_400,
            refresh_grace=server.grace,
            reuse_detection=server.detection,
        )
        self._remember(self.creator.token_answer)

    @property
    def creator(self) -> SandboxCreator:
        return self.creators[0]

    def handle(self, request: Request) -> Response:
        answer = super().handle(request)
        if request.path == TOKEN_PATH and answer.status == 200:
            self._remember(json.loads(answer.body))
        return answer

    def log_in(self) -> dict[str, object]:
        """The answer of a new login."""
        answer = dict(self.login(self.creator))
        self._remember(answer)
        return answer

    def is_pair(self, record: TokenRecord) -> bool:
        """Whether both tokens came in one answer."""
        return self._pairs.get(record.access_token) == record.refresh_token

    def is_latest(self, record: TokenRecord) -> bool:
        """Whether they came in the latest one."""
        latest = self.creator.access_token, self.creator.refresh_token
        return (record.access_token, record.refresh_token) == latest

    def _remember(self, answer: object) -> None:
        if isinstance(answer, dict) and "access_token" in answer:
            self._pairs[answer["access_token"]] = answer["refresh_token"]


class Stage:
    """Everything a scene needs, from the parent's side."""

    def __init__(
        self, zygote: Zygote, place: Place, server: Server, *, lease: float | None = None
    ) -> None:
        self.box, self.place, self.server, self.lease = Truth(server), place, server, lease
        self._zygote = zygote
        self.app = AppCredentials(self.box.app.client_key, self.box.app.client_secret)
        self._store = place.open()

    def __enter__(self) -> Self:
        self.box.start()
        self.log_in()
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()
        self.box.stop()

    def replica(self, halt: str | None = None) -> Child:
        """One more process."""
        settings = Settings(
            base_url=self.box.base_url,
            client_key=self.app.client_key,
            client_secret=self.app.client_secret,
            open_id=self.box.creator.open_id,
            place=self.place,
            lease=self.lease,
            halt=halt,
        )
        return Child(self._zygote, settings)

    def log_in(self) -> None:
        """A new login, as when the creator comes back."""
        self.credentials = UserCredentials.from_token_answer(
            self.app, self._store, self.box.log_in()
        )

    def record(self) -> TokenRecord:
        """What the store holds."""
        record = self._store.read(self.credentials.key)
        assert record is not None
        return record

    def expire(self, *, is_known: bool = True) -> None:
        """Two hours later, for the server. Where it is known the store says so to those who ask;
        who does not ask, or is not told, finds out by a refusal.
        """
        self.box.clear_requests()
        self.box.advance(hours=2)
        if is_known:
            self._store.put(self.credentials.key, evolve(self.record(), expires_at=0.0))


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for another process; `TimeoutError` where it does not come to that."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("it did not come to that")
        pause.wait(0.001)
