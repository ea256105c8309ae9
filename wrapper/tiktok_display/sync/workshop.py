"""What a worker needs besides its settings: opened once in a process, shared by its threads."""

import atexit
import threading

from ..auth import AppCredentials, UserCredentials
from ..auth.environment import app_of_environment
from ..clients import DisplayClient
from ..forks import renewed_in_children
from ..limits import RateLimit
from ..secret import Secret
from ..stores.urls import token_store
from .database import Database
from .settings import SyncSettings

_LIST = "/v2/video/list/"


class Workshop(Secret):
    """The database, the logins, and a client with one pool and one limiter for all creators."""

    def __init__(self, settings: SyncSettings, app: AppCredentials) -> None:
        self.settings, self.app = settings, app
        self.database, self.tokens = Database(settings.database), token_store(settings.tokens)
        nobody = UserCredentials(app, self.tokens, "nobody")
        self.limit = RateLimit(settings.quota, quota=settings.rate)
        self._client = DisplayClient(nobody, base_url=settings.base_url)

    def client(self, open_id: str, asked: "Asked") -> DisplayClient:
        """One for this creator, whose requests are counted there."""
        creator = UserCredentials(self.app, self.tokens, open_id)
        return self._client.with_credentials(creator, limiter=asked)

    def close(self) -> None:
        """Let go of connections, and of those of this thread to the database."""
        self._client.close()
        self.tokens.close()
        self.database.close()


class Asked:
    """A limiter that counts what it lets through."""

    def __init__(self, limit: RateLimit) -> None:
        self._limit, self._counting = limit, threading.Lock()
        self.lists = self.lookups = 0

    def reserve(self, endpoint: str) -> float:
        """Seconds until ``endpoint`` may be asked again; 0.0 takes the turn."""
        wait = self._limit.reserve(endpoint)
        if not wait:
            with self._counting:  # workers come from threads of their own
                is_list = endpoint == _LIST
                self.lists += is_list
                self.lookups += not is_list
        return wait


class _Workshops:
    """Those of this process, one for all who come with the same settings."""

    def __init__(self) -> None:
        self.after_fork()
        renewed_in_children(self)

    def after_fork(self) -> None:
        """What is in them knows by itself what it must not share with the parent."""
        self._lock = threading.Lock()
        self._open: dict[SyncSettings, Workshop] = vars(self).get("_open", {})

    def opened(self, settings: SyncSettings) -> Workshop:
        """The one for these settings, with the app of the environment."""
        with self._lock:
            if settings not in self._open:
                self._open[settings] = Workshop(settings, app_of_environment())
            return self._open[settings]

    def close(self) -> None:
        """Close them all; whoever comes later opens another."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()


workshops = _Workshops()
atexit.register(workshops.close)
