"""One TikTok, one store, and what stands between them and a replica: where things go wrong."""

from collections.abc import Callable, Iterator, Mapping
from json import dumps
from typing import TypeVar

import httpx
from attrs import Factory, define

from tests.doors import envelope, success
from tests.reliability.model.diary import Answer, Attempt, Diary, Question, Signed, Stored
from tests.reliability.model.stage import Actor, Pause, Stage
from tests.reliability.model.tiktok import TikTok, failure, is_failure
from tiktok_display import MemoryTokenStore, TokenRecord, TokenStoreError, TransportError
from tiktok_display.auth.unsaved import Keeper
from tiktok_display.stores import Key
from tiktok_display.stores.guard import Closing

START = 1_700_000_000.0  # Unix seconds
CLIENT_KEY = "app"
_T = TypeVar("_T")

# Some troubles are none, so that others are met more seldom.
STORING = ("deaf", "down", "", "", "", "", "", "")
FULL = ("down", "deaf", "down", "")
SENDING = ("unsent", "dropped", "busy", "overloaded", "bad client", "babble", "kept")
RECEIVING = ("lost", "gateway", "babble", "cut", "stranger", "longer", "unnamed")
BABBLE: tuple[Callable[[Mapping[str, object]], object], ...] = (
    lambda body: {**body, "access_token": None},
    lambda body: {**body, "access_token": "two words"},
    lambda body: {**body, "expires_in": float("nan")},
    lambda body: {**body, "expires_in": -1},
    lambda body: {**body, "expires_in": 10**12},
    lambda body: {**body, "expires_in": True},
    lambda body: {**body, "refresh_expires_in": float("inf")},
    lambda body: {**body, "refresh_token": ["rft.0"]},
    lambda body: [body],
    lambda body: "act.0",
)


@define(eq=False)
class World:
    """What all replicas have in common."""

    stage: Stage
    tiktok: TikTok
    diary: Diary
    store: MemoryTokenStore
    offsets: list[float]  # s by which the clock of each replica is wrong
    attempts: dict[Actor, Attempt] = Factory(dict)  # whose lease is whose
    jumps: int = 0
    is_full: bool = False  # whether the store takes no new pairs
    store_failed: bool = False  # whether it ever did
    was_frozen: bool = False  # amid something

    @property
    def now(self) -> float:
        """The true time, in Unix seconds."""
        return START + self.stage.now


class Shelf(Closing):
    """A replica's way to the store: down before a step, or deaf after it."""

    def __init__(self, world: World, number: int) -> None:
        self._world, self._number, self._store = world, number, world.store
        self.refused: set[str] = set()  # access tokens that TikTok has refused this replica

    def __repr__(self) -> str:
        return f"Shelf({self._number})"

    def read(self, key: Key) -> TokenRecord | None:
        return self._do("read", lambda: self._store.read(key))

    def put(self, key: Key, record: TokenRecord) -> None:
        self._do("put", lambda: self._store.put(key, record))

    def begin(
        self, key: Key, *, replaces: TokenRecord, owner: str, lease: float
    ) -> TokenRecord | None:
        def work() -> TokenRecord | None:
            before = self._store.begin(key, replaces=replaces, owner=owner, lease=lease)
            if before is not None:
                self._world.attempts[self._world.stage.running] = self._attempt(key, before)
            return before

        return self._do("begin", work)

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        def work() -> bool:
            before, tiktok = self._store.read(key), self._world.tiktok
            attempt = self._world.attempts.get(self._world.stage.running)
            token = replaces.refresh_token
            is_known = token in tiktok.by_refresh
            is_doubtful = self._world.diary.is_doubtful(key.open_id, token, attempt)
            is_done = self._store.commit(key, record, replaces=replaces)
            after = self._store.read(key)
            self._world.diary.stored.append(
                Stored(
                    "commit",
                    key.open_id,
                    before,
                    after,
                    replaces,
                    record,
                    attempt,
                    is_doubtful,
                    is_known and tiktok.is_ended(token),
                    is_known and tiktok.is_rotated(token),
                )
            )
            is_there = after is not None and after.access_token == record.access_token
            if is_there and attempt and attempt.before.refresh_token == replaces.refresh_token:
                self._end(attempt, "final" if record.needs_login else "stored")
            return is_done

        return self._do("commit", work)

    def fail(self, key: Key, owner: str, *, intent: bool, retry_at: float | None = None) -> None:
        def work() -> None:
            held = self._store._leases.get(key)
            before = self._store.read(key)
            self._store.fail(key, owner, intent=intent, retry_at=retry_at)
            after = self._store.read(key)
            self._world.diary.stored.append(Stored("fail", key.open_id, before, after))
            attempt = self._world.attempts[self._world.stage.running]
            self._end(attempt, "noted" if held and held.owner == owner else "outrun")

        self._do("fail", work)

    def delete(self, key: Key) -> None:
        raise NotImplementedError

    def keys(self) -> Iterator[Key]:
        raise NotImplementedError

    def close(self) -> None:
        pass

    def _do(self, act: str, work: Callable[[], _T]) -> _T:
        order = self._world.stage.pause(Pause(act, FULL if act == "commit" else STORING))
        order = order or ("down" if act == "commit" and self._world.is_full else "")
        result = None if order == "down" else work()
        if order:
            self._world.store_failed = True
            if attempt := self._world.attempts.get(self._world.stage.running):
                attempt.store_failed = True
            raise TokenStoreError(f"the store is {order}")
        return result  # type: ignore[return-value]

    def _attempt(self, key: Key, before: TokenRecord) -> Attempt:
        offset = self._world.offsets[self._number]
        early = min(1_800.0, max(60.0, 0.125 * before.lifetime), before.lifetime / 2)
        attempt = Attempt(
            open_id=key.open_id,
            before=before,
            begun_at=self._world.stage.now,
            is_due=self._world.now + offset >= before.expires_at - early,
            is_refused=before.access_token in self.refused,
            offset=offset,
        )
        self._world.diary.attempts.append(attempt)
        return attempt

    def _end(self, attempt: Attempt, how: str) -> None:
        attempt.end, attempt.ended_at = how, self._world.stage.now


class TokenEndpoint:
    """What a client lends to a refresh: unsent, unheard, misheard, or as TikTok said it."""

    def __init__(self, world: World, number: int, keeper: Keeper) -> None:
        self._world, self._number, self._keeper = world, number, keeper

    def __call__(
        self, path: str, form: Mapping[str, str], seconds: float
    ) -> httpx.Response | TransportError:
        stage, tiktok = self._world.stage, self._world.tiktok
        token = form["refresh_token"]
        wall = self._world.now + self._world.offsets[self._number]
        question, attempt = Question(token, stage.now, wall), self._world.attempts[stage.running]
        if attempt.end or attempt.before.refresh_token != token:
            self._world.diary.unleased.append(token)
        attempt.questions.append(question)
        attempt.has_unsaved = any(
            name[1].open_id == attempt.open_id for name in self._keeper._pairs
        )
        order = stage.pause(Pause("send", SENDING))
        if order == "unsent" or stage.now > question.at + seconds / 2:  # as `post_form` has it
            return self._ended(question, "unsent", TransportError("ConnectError", sent=False))
        question.is_sent = True
        unprocessed = {
            "busy": failure("temporarily_unavailable"),
            "bad client": failure("invalid_client"),
        }.get(order)
        if order in ("dropped", "overloaded", "babble"):
            body: Mapping[str, object] = {}
            fate = {"dropped": "lost", "overloaded": "gateway"}.get(order, "babble")
        else:
            body = unprocessed or tiktok.refresh(token, rotate=order != "kept")
            fate = stage.pause(Pause("receive", RECEIVING))
        return self._received(question, attempt, body, fate)

    def _received(
        self, question: Question, attempt: Attempt, body: Mapping[str, object], fate: str
    ) -> httpx.Response | TransportError:
        if fate == "lost":
            return self._ended(question, "unclear", TransportError("ReadTimeout"))
        if fate == "gateway":
            return self._ended(question, "unclear", httpx.Response(502, html="<html>"))
        if fate == "cut":
            return self._ended(question, "unclear", httpx.Response(200, content=b'{"access'))
        if is_failure(body):
            return self._ended(question, str(body["error"]), httpx.Response(200, json=body))
        if fate == "babble":
            said = BABBLE[len(self._world.diary.attempts) % len(BABBLE)](body)
            return self._ended(question, "malformed", httpx.Response(200, content=dumps(said)))
        changes: Mapping[str, Mapping[str, object]] = {
            "stranger": {"open_id": "somebody else"},
            "longer": {"refresh_expires_in": 31_536_000},
            "unnamed": {"open_id": None},
        }
        body = {**body, **changes.get(fate, {})}
        if fate == "stranger":
            return self._ended(question, "malformed", httpx.Response(200, json=body))
        answer = Answer(body, attempt.before, attempt.questions[0].wall)
        self._world.diary.answers.append(answer)
        return self._ended(question, "answered", httpx.Response(200, json=body))

    def _ended(
        self, question: Question, how: str, answer: httpx.Response | TransportError
    ) -> httpx.Response | TransportError:
        question.end, question.ended_at = how, self._world.stage.now
        return answer


class DataEndpoint(httpx.BaseTransport):
    """Answers calls: by the access token alone."""

    def __init__(self, world: World, number: int, shelf: Shelf) -> None:
        self._world, self._number, self._shelf = world, number, shelf

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        access = request.headers["Authorization"].removeprefix("Bearer ")
        diary, open_id = self._world.diary, self._world.stage.running.subject
        stored, told = diary.was_stored(open_id, access), diary.was_told(self._number, access)
        diary.signed.append(Signed(access, stored, told))
        if self._world.stage.pause(Pause("call", ("scope",))) == "scope":
            return envelope("scope_not_authorized", 401)
        if not self._world.tiktok.serves(access):
            self._shelf.refused.add(access)
            return envelope("access_token_invalid", 401)
        return success(videos=[])
