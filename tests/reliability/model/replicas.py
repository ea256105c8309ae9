"""Replicas on a stage: the real credentials, refreshes, flights and doors, in virtual time."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TypeVar

from tests.doors import list_operation
from tests.reliability.model.diary import Call
from tests.reliability.model.stage import Pause, Stage
from tests.reliability.model.worlds import CLIENT_KEY, DataEndpoint, Shelf, TokenEndpoint, World
from tiktok_display import (
    AppCredentials,
    RetryPolicy,
    TikTokError,
    TokenStoreError,
    UserCredentials,
)
from tiktok_display.auth import TokenEvent, UserSigner
from tiktok_display.auth.asking import Post
from tiktok_display.auth.flights import Flights, Outcome
from tiktok_display.auth.refresh import IsGood, Refresh
from tiktok_display.auth.unsaved import Keeper
from tiktok_display.auth.webhooks import AUTHORIZATION_REMOVED, verify_webhook
from tiktok_display.http import Door, Rules
from tiktok_display.policies import Shift
from tiktok_display.transport.origin import Origin

APP = AppCredentials(CLIENT_KEY, "app-secret")
_ONCE = RetryPolicy(attempts=1)
_T = TypeVar("_T")


class Ticket(Future[Outcome]):
    """A flight to wait for on a stage."""

    def __init__(self, flight: Future[Outcome], stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        flight.add_done_callback(lambda done: self.set_result(done.result()))

    def result(self, timeout: float | None = None) -> Outcome:
        while not self.done():
            order = self._stage.pause(Pause("await", ("timeout",), is_ready=self.done))
            if order == "timeout":
                raise TimeoutError
        return super().result(0)


class Crew(ThreadPoolExecutor):
    """Threads that are actors."""

    def __init__(self, replica: "Replica") -> None:
        super().__init__(1)
        self._replica = replica

    def submit(self, fn: Callable[..., _T], /, *args: object, **kwargs: object) -> Future[_T]:
        name = args[0]
        assert isinstance(name, tuple)
        self._replica.enter(lambda: fn(*args, **kwargs), str(name[1].open_id))
        return Future()


class Login(UserCredentials):
    """A creator's credentials in one replica, in virtual time."""

    def __init__(self, replica: "Replica", open_id: str) -> None:
        super().__init__(
            APP,
            replica.shelf,
            open_id,
            on_event=replica.tell,
            clock=replica.clock,
            jitter=lambda: replica.number / 2,
        )
        self._replica = replica

    def _fly(self, refused: object, is_good: IsGood, post: Post) -> Future[Outcome]:
        replica, stage = self._replica, self._replica.world.stage
        refresh = Refresh(
            key=self.key,
            client_secret=self.app.client_secret,
            store=self.store,
            post=post,
            is_good=is_good,
            at_hand=self._record,
            teller=self._teller,
            bought=self._note_bought,
            clock=self._clock,
            monotonic=lambda: stage.now,
            sleep=stage.sleep,
            keeper=replica.keeper,
        )
        flight = replica.flights.fly(self.store, self.key, refused, refresh.run, refresh.tell)
        return replica.tickets.setdefault(flight, Ticket(flight, stage))


class Replica:
    """One process: what it holds in memory, and its way to the store and to TikTok."""

    def __init__(self, world: World, number: int, open_ids: list[str]) -> None:
        self.world, self.number = world, number
        self.shelf = Shelf(world, number)
        self.keeper = Still()  # whose offers are the director's
        self.flights = Flights(1)
        self.flights._pool = Crew(self)
        self.tickets: dict[Future[Outcome], Ticket] = {}
        self.logins = {open_id: Login(self, open_id) for open_id in open_ids}
        origin = Origin("https://tiktok.example", 30.0, DataEndpoint(world, number, self.shelf))
        rules = Rules(deadline=None, retry=_ONCE, clock=lambda: world.stage.now)
        self.door = Door(origin, rules, world.stage.sleep)
        self.post = TokenEndpoint(world, number, self.keeper)

    def clock(self) -> float:
        """Unix seconds, as this replica has them."""
        return self.world.now + self.world.offsets[self.number]

    def tell(self, event: TokenEvent) -> None:
        """What the operator is told."""
        self.world.diary.told.append((self.number, event))

    def enter(self, work: Callable[[], object], subject: str) -> None:
        """Put a thread of this process on the stage."""
        self.world.stage.enter(work, self, subject)

    def call(self, open_id: str) -> None:
        """A listing, from its beginning to its end."""
        call = Call(self.number, open_id, self.world.stage.now)
        self.world.diary.calls.append(call)
        signer = UserSigner(self.logins[open_id], self.post)

        def work() -> None:
            call.actor = self.world.stage.running
            try:
                self.door.call(list_operation(self.door.origin), {}, signer, Shift())
            except TikTokError as error:
                call.error = error
            call.is_over, call.ended_at = True, self.world.stage.now
            call.wall = self.clock()

        self.enter(work, open_id)

    def offer(self) -> None:
        """Offer all pairs that it keeps to the store."""
        for _, key in list(self.keeper._pairs):
            self.enter(partial(self.keeper.offer, self.shelf, key), key.open_id)

    def hear_of_removal(self, open_id: str, moment: float) -> None:
        """A webhook of TikTok's."""
        event = {
            "client_key": APP.client_key,
            "event": AUTHORIZATION_REMOVED,
            "create_time": int(moment),
            "user_openid": open_id,
            "content": '{"reason": 1}',
        }
        body, told_at = json.dumps(event).encode(), b"%d" % self.clock()
        digest = hmac.new(APP.client_secret.encode(), told_at + b"." + body, hashlib.sha256)
        signature = f"t={told_at.decode()},s={digest.hexdigest()}"
        self.world.diary.removed.add(open_id)

        def work() -> None:
            with suppress(TokenStoreError):
                verify_webhook(
                    APP, body, signature, store=self.shelf, tolerance=9e9, clock=self.clock
                )

        self.enter(work, open_id)


class Still(Keeper):
    """A keeper without a thread of its own."""

    def _started(self) -> threading.Thread:
        raise RuntimeError("the director offers")
