"""What a client signs with: when it refreshes, who waits, and who shares."""

import asyncio
import pickle
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import httpx
import pytest
from attrs import evolve

from tests.auth.test_refresh import KEY, failed, ok
from tests.auth.test_tokens import RECORD, answer
from tests.twins import assert_twins
from tiktok_display import (
    ApiError,
    AppCredentials,
    ConfigurationError,
    DeadlineExceeded,
    MemoryTokenStore,
    ReauthorizationRequired,
    RefreshUnavailable,
    TokenRecord,
    TokenStoreError,
    TransportError,
    UnexpectedResponse,
    UserCredentials,
)
from tiktok_display.auth import TokenEvent, TokenEventKind, UserSigner
from tiktok_display.auth.unsaved import keeper
from tiktok_display.bearer import BearerToken
from tiktok_display.stores import Key

APP = AppCredentials("app", "app-secret")
Reply = httpx.Response | TransportError
Ask = Callable[[UserSigner, TokenRecord | None, float | None], TokenRecord]


class World:
    """One creator, a clock, and a token endpoint that counts."""

    def __init__(self, *replies: Reply, record: TokenRecord = RECORD) -> None:
        self.now, self.asked, self.replies = 1_000.0, 0, list(replies)
        self.gate = threading.Event()
        self.gate.set()
        self.store: MemoryTokenStore = MemoryTokenStore()
        self.store.put(KEY, record)

    def credentials(self) -> UserCredentials:
        return UserCredentials(
            APP, self.store, "creator", clock=lambda: self.now, jitter=lambda: 0.0
        )

    def signer(self) -> UserSigner:
        return UserSigner(self.credentials(), self.post)

    @staticmethod
    def settle(signer: UserSigner) -> None:
        """Wait for the refresh in the background."""
        background = signer.credentials._background
        assert background is not None
        background.result(5)

    def post(self, path: str, form: Mapping[str, str], seconds: float) -> Reply:
        self.gate.wait()
        self.asked += 1
        return self.replies.pop(0)


def ask_sync(signer: UserSigner, refused: TokenRecord | None, timeout: float | None) -> TokenRecord:
    return signer.token(refused, timeout)


def ask_async(
    signer: UserSigner, refused: TokenRecord | None, timeout: float | None
) -> TokenRecord:
    return asyncio.run(signer.token_async(refused, timeout))


@pytest.fixture(params=[ask_sync, ask_async], ids=["sync", "async"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Either way to ask a signer for its token."""
    way: Ask = request.param
    return way


def test_a_good_token_is_used_as_it_is_stored(ask: Ask) -> None:
    world = World()
    signer = world.signer()
    assert ask(signer, None, 5) == RECORD
    world.store.delete(KEY)  # from here on it is at hand
    assert ask(signer, None, 5) == RECORD
    assert world.asked == 0


def test_a_token_is_refreshed_in_the_background_before_it_expires(ask: Ask) -> None:
    world = World(ok())
    signer = world.signer()
    world.now = 8_200.0 - 721
    assert ask(signer, None, 5).access_token == "act.1"
    assert signer.credentials._background is None
    world.now = 8_200.0 - 719
    world.gate.clear()
    for _ in range(3):
        assert ask(signer, None, 5).access_token == "act.1"  # nobody waits
    world.gate.set()
    world.settle(signer)
    assert ask(signer, None, 5).access_token == "act.2"
    assert world.asked == 1


def test_a_token_about_to_expire_is_waited_for(ask: Ask) -> None:
    world = World(ok())
    signer = world.signer()
    ask(signer, None, 5)
    world.now = 8_200.0 - 59
    assert ask(signer, None, 5).access_token == "act.2"


def test_a_process_that_begins_with_a_token_that_is_due_uses_it_at_once(ask: Ask) -> None:
    world = World(ok())
    world.now = 8_200.0 - 300
    signer = world.signer()
    assert ask(signer, None, 5).access_token == "act.1"
    assert ask(signer, None, 5).access_token == "act.1"
    world.settle(signer)
    assert ask(signer, None, 5).access_token == "act.2"


def test_a_refused_token_is_refreshed_however_fresh_it_looks(ask: Ask) -> None:
    world = World(ok())
    signer = world.signer()
    token = ask(signer, None, 5)
    bought = ask(signer, token, 5)
    assert bought.access_token == "act.2"
    assert (signer.has_bought(token), signer.has_bought(bought)) == (False, True)


def test_a_token_refused_after_another_replica_refreshed_costs_no_request(ask: Ask) -> None:
    world = World()
    signer = world.signer()
    token = ask(signer, None, 5)
    newer = evolve(RECORD, access_token="act.9", refresh_token="rft.9")
    world.store.put(KEY, newer)
    assert ask(signer, token, 5) == newer
    assert world.asked == 0


def test_many_refused_threads_and_tasks_make_one_request() -> None:
    world = World(ok())
    world.now = 9_000.0
    world.gate.clear()
    signers = [world.signer() for _ in range(16)]
    got: list[str] = []
    threads = [
        threading.Thread(target=lambda s=signer: got.append(s.token(None, 5).access_token))  # type: ignore[misc]
        for signer in signers[:8]
    ]
    for thread in threads:
        thread.start()

    async def tasks() -> list[TokenRecord]:
        calls = [asyncio.ensure_future(s.token_async(None, 5)) for s in signers[8:]]
        await asyncio.sleep(0)
        world.gate.set()
        return await asyncio.gather(*calls)

    got += [record.access_token for record in asyncio.run(tasks())]
    for thread in threads:
        thread.join()
    assert got == ["act.2"] * 16
    assert world.asked == 1


def test_a_bare_token_signs_as_it_stands() -> None:
    bare = BearerToken("act.1")
    assert not bare.has_bought(bare)
    assert bare.token(None, 5).authorization == "Bearer act.1"
    assert asyncio.run(bare.token_async(None, 5)) is bare


def test_whoever_cannot_wait_leaves_and_the_refresh_goes_on(ask: Ask) -> None:
    world = World(ok())
    world.now = 9_000.0
    world.gate.clear()
    signer = world.signer()
    with pytest.raises(DeadlineExceeded, match="which goes on"):
        ask(signer, None, 0.01)
    world.gate.set()
    assert ask(signer, None, 5).access_token == "act.2"
    assert world.asked == 1


def test_a_cancelled_task_does_not_cut_the_refresh_off() -> None:
    world = World(ok())
    world.now = 9_000.0
    world.gate.clear()
    signer = world.signer()

    async def cancel() -> None:
        task = asyncio.ensure_future(signer.token_async(None, None))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    world.gate.set()
    assert signer.token(None, 5).access_token == "act.2"
    assert world.asked == 1


def test_an_outage_does_not_stop_a_token_that_is_still_good(ask: Ask) -> None:
    world = World(*[failed("temporarily_unavailable")] * 4)
    signer = world.signer()
    ask(signer, None, 5)
    world.now = 8_200.0 - 600
    for _ in range(5):
        assert ask(signer, None, 5) == RECORD
        world.settle(signer)
    assert world.asked == 1
    world.now += 31.0
    assert ask(signer, None, 5) == RECORD
    world.settle(signer)
    assert world.asked == 2
    world.now = 8_200.0 - 30  # now it has to be waited for
    assert ask(signer, None, 5) == RECORD
    assert world.asked == 3
    world.now = 8_200.0
    with pytest.raises(RefreshUnavailable):
        ask(signer, None, 5)


def test_an_outage_is_reported_and_asked_about_once_in_thirty_seconds(ask: Ask) -> None:
    world = World(failed("temporarily_unavailable"), ok())
    world.now = 9_000.0
    signer = world.signer()
    errors = []
    for _ in range(3):
        with pytest.raises(RefreshUnavailable) as caught:
            ask(signer, None, 5)
        errors.append(caught.value)
    assert len({id(error) for error in errors}) == 3  # each caller marks its own
    assert world.asked == 1
    world.now += 30.0
    assert ask(signer, None, 5).access_token == "act.2"


def eventually(told: list[TokenEvent]) -> list[TokenEventKind]:
    """What the callback was told: after the outcome of a refresh is known to whoever waits."""
    for _ in range(500):
        if told:
            break
        threading.Event().wait(0.01)
    return [event.kind for event in told]


class Counting(MemoryTokenStore):
    """A store that counts how often it is read."""

    reads = 0

    def read(self, key: Key) -> TokenRecord | None:
        self.reads += 1
        return super().read(key)


@pytest.mark.parametrize(("code", "reads"), [("temporarily_unavailable", 4), ("invalid_client", 1)])
def test_after_a_failure_the_endpoint_is_not_asked_for_thirty_seconds(
    ask: Ask, code: str, reads: int
) -> None:
    world, store = World(*[failed(code)] * 3), Counting()
    world.now, world.store = 9_000.0, store
    store.put(KEY, RECORD)
    signer = world.signer()
    for now in (9_000.0, 9_000.0, 9_000.5, 9_029.9):
        world.now = now
        with pytest.raises((RefreshUnavailable, ApiError)):
            ask(signer, None, 5)
        assert world.asked == 1
    assert store.reads == reads
    world.now = 9_030.0
    with pytest.raises((RefreshUnavailable, ApiError)):
        ask(signer, None, 5)
    assert world.asked == 2


def test_what_another_replica_has_stored_during_an_outage_is_found_at_once(ask: Ask) -> None:
    world = World(failed("temporarily_unavailable"))
    world.now = 9_000.0
    signer = world.signer()
    with pytest.raises(RefreshUnavailable):
        ask(signer, None, 5)
    newer = evolve(RECORD, access_token="act.9", refresh_token="rft.9", expires_at=16_200.0)
    world.store.put(KEY, newer)
    assert ask(signer, None, 5) == newer


@pytest.mark.parametrize("code", ["temporarily_unavailable", "invalid_grant"])
def test_in_the_background_neither_is_asked_while_it_rests(ask: Ask, code: str) -> None:
    world, store = World(*[failed(code)] * 3), Counting()
    world.store = store
    store.put(KEY, RECORD)
    signer = world.signer()
    ask(signer, None, 5)
    world.now, store.reads = 8_200.0 - 700, 0
    for _ in range(3):
        ask(signer, None, 5)
        world.settle(signer)
    assert (world.asked, store.reads) == (1, 1)
    world.now += 30.0
    ask(signer, None, 5)
    world.settle(signer)
    assert store.reads == 2


def test_a_token_that_is_not_due_costs_nothing(ask: Ask) -> None:
    world, store = World(), Counting()
    world.store = store
    store.put(KEY, RECORD)
    signer = world.signer()
    for _ in range(3):
        ask(signer, None, 5)
    assert store.reads == 1


def test_what_happens_is_told_to_the_callback_and_the_secret_goes_to_the_endpoint(
    ask: Ask,
) -> None:
    world, told, forms = World(ok()), list[TokenEvent](), list[Mapping[str, str]]()
    world.now = 9_000.0

    def post(path: str, form: Mapping[str, str], seconds: float) -> Reply:
        forms.append(form)
        return world.post(path, form, seconds)

    credentials = UserCredentials(
        APP, world.store, "creator", on_event=told.append, clock=lambda: world.now
    )
    ask(UserSigner(credentials, post), None, 5)
    assert eventually(told) == [TokenEventKind.REFRESHED]
    assert forms[0]["client_secret"] == "app-secret"


def test_another_replicas_token_is_told_as_adopted_where_one_was_at_hand(ask: Ask) -> None:
    world, told = World(), list[TokenEvent]()
    credentials = UserCredentials(
        APP, world.store, "creator", on_event=told.append, clock=lambda: world.now
    )
    signer = UserSigner(credentials, world.post)
    token = ask(signer, None, 5)
    assert told == []
    newer = evolve(RECORD, access_token="act.9", refresh_token="rft.9")
    world.store.put(KEY, newer)
    assert ask(signer, token, 5) == newer
    assert eventually(told) == [TokenEventKind.ADOPTED]


def test_a_callback_may_use_the_credentials_or_fail_and_nobody_waits_for_it(ask: Ask) -> None:
    world, heard, is_over = World(ok()), list[str](), threading.Event()
    world.now = 9_000.0

    def on_event(event: TokenEvent) -> None:
        heard.append(signer.token(None, 5).access_token)
        is_over.set()
        sys.exit()

    credentials = UserCredentials(
        APP, world.store, "creator", on_event=on_event, clock=lambda: world.now
    )
    signer = UserSigner(credentials, world.post)
    assert ask(signer, None, 5).access_token == "act.2"
    assert is_over.wait(5)
    assert heard == ["act.2"]


def test_a_refused_token_is_not_used_again_during_an_outage(ask: Ask) -> None:
    world = World(failed("temporarily_unavailable"))
    signer = world.signer()
    token = ask(signer, None, 5)
    with pytest.raises(RefreshUnavailable):
        ask(signer, token, 5)
    assert ask(signer, None, 5) == token  # whoever was not refused tries it


def test_two_creators_on_two_stores_never_share_a_flight() -> None:
    first, second = World(ok()), World(ok())
    first.now = second.now = 9_000.0
    first.gate.clear()
    waiting = first.credentials()._renew(None, first.post)
    assert second.signer().token(None, 5).access_token == "act.2"
    assert not waiting.done()
    first.gate.set()
    waiting.result(5)


def test_a_lost_login_is_said_to_every_caller_and_asked_about_once(ask: Ask) -> None:
    world = World(failed("invalid_grant"))
    world.now = 9_000.0
    for signer in [world.signer(), world.signer()]:
        with pytest.raises(ReauthorizationRequired) as caught:
            ask(signer, None, 5)
        assert caught.value.reason == "refresh_rejected"
    assert world.asked == 1


def test_a_new_login_ends_it(ask: Ask) -> None:
    world = World(failed("invalid_grant"))
    world.now = 9_000.0
    signer = world.signer()
    with pytest.raises(ReauthorizationRequired):
        ask(signer, None, 5)
    UserCredentials.from_token_answer(APP, world.store, answer(), sent_at=9_000.0)
    assert ask(signer, None, 5).access_token == "act.2"


def test_the_answer_of_a_login_is_stored_under_its_creator() -> None:
    store = MemoryTokenStore()
    credentials = UserCredentials.from_token_answer(APP, store, answer(), sent_at=500.0)
    stored = store.read(KEY)
    assert (credentials.open_id, credentials.store, credentials.app) == ("creator", store, APP)
    assert stored is not None
    assert stored.expires_at == 7_700.0


def test_without_a_moment_of_sending_it_counts_from_now() -> None:
    store = MemoryTokenStore()
    UserCredentials.from_token_answer(APP, store, answer())
    stored = store.read(KEY)
    assert stored is not None
    assert stored.expires_at > 1.7e9


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"error": "invalid_grant", "error_description": "why"}, ApiError),
        ({"access_token": None}, UnexpectedResponse),
        ({"open_id": None}, UnexpectedResponse),
        ({"refresh_token": None}, UnexpectedResponse),
    ],
)
def test_what_is_no_login_is_refused_and_shows_no_secret(
    wrong: dict[str, object], expected: type[Exception]
) -> None:
    store, body = MemoryTokenStore(), answer(**wrong)
    with pytest.raises(expected) as caught:
        UserCredentials.from_token_answer(APP, store, body)
    assert store.read(KEY) is None
    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [frame for frame in report.stack if "tests" not in frame.filename]
    assert ours
    assert not [frame for frame in ours if "act.2" in str(frame.locals)]


@pytest.mark.parametrize("wrong", [("", "s"), ("k", ""), ("k\n", "s"), ("k", "s s"), (7, "s")])
def test_app_credentials_are_visible_ascii(wrong: tuple[str, str]) -> None:
    said = r"^client_key and client_secret are non-empty, visible ASCII$"
    with pytest.raises(ConfigurationError, match=said):
        AppCredentials(*wrong)


@pytest.mark.parametrize("open_id", ["", None, 7, "a\0", "\ud800", "a\n"])
def test_an_open_id_is_a_printable_string(open_id: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^open_id is a non-empty, printable string$"):
        UserCredentials(APP, MemoryTokenStore(), open_id)


def test_no_credentials_show_a_secret() -> None:
    world = World()
    signer = world.signer()
    signer.token(None, 5)
    for thing in (APP, world.credentials(), signer, signer.credentials):
        assert "app-secret" not in repr(thing)
        assert "act." not in repr(thing)


def test_a_flight_that_was_joined_does_not_bring_the_refused_token_back(ask: Ask) -> None:
    world = World(ok())
    signer, other = world.signer(), world.signer()
    token = ask(signer, None, 5)
    reading, gate = threading.Event(), threading.Event()

    class Slow(MemoryTokenStore):
        def read(self, key: Key) -> TokenRecord | None:
            found = super().read(key)
            reading.set()
            gate.wait()
            return found

    slow = Slow()
    slow.put(KEY, RECORD)
    signer.credentials.store = other.credentials.store = slow
    first = threading.Thread(target=other.token, args=(None, 5))
    first.start()
    reading.wait()
    threading.Timer(0.05, gate.set).start()
    assert ask(signer, token, 5).access_token == "act.2"
    first.join()


def test_however_many_flights_are_joined_the_refused_token_does_not_come_back(ask: Ask) -> None:
    class Slow(MemoryTokenStore):
        def read(self, key: Key) -> TokenRecord | None:
            is_over.wait(0.02)
            return super().read(key)

    is_over = threading.Event()
    world = World(*[ok()] * 3)
    world.store = Slow()
    world.store.put(KEY, RECORD)

    def begin_flights() -> None:
        while not is_over.is_set():
            world.signer().token(None, 5)

    others = [threading.Thread(target=begin_flights) for _ in range(4)]
    for other in others:
        other.start()
    assert ask(world.signer(), RECORD, 5).access_token == "act.2"
    is_over.set()
    for other in others:
        other.join()
    assert world.asked == 1


def test_a_refresh_that_brings_the_same_token_again_does_not_go_on_forever(ask: Ask) -> None:
    world = World(ok(access_token="act.1"))
    signer = world.signer()
    token = ask(signer, None, 5)
    assert ask(signer, token, 5).access_token == "act.1"
    assert world.asked == 1


class Outage(MemoryTokenStore):
    """A store that is down while it is told to be, with an error of its own making."""

    is_down = False

    class Down(TokenStoreError):
        def __init__(self, host: str, port: int) -> None:
            super().__init__(f"{host}:{port} is down")

    def read(self, key: Key) -> TokenRecord | None:
        if self.is_down:
            raise self.Down("db", 1)
        return super().read(key)


def test_a_store_that_is_down_does_not_stop_a_token_that_is_still_good(ask: Ask) -> None:
    world, store = World(ok()), Outage()
    store.put(KEY, RECORD)
    world.store = store
    signer = world.signer()
    ask(signer, None, 5)
    store.is_down, world.now = True, 8_200.0 - 600
    assert ask(signer, None, 5) == RECORD
    world.settle(signer)
    world.now = 8_200.0 - 30
    assert ask(signer, None, 5) == RECORD
    world.now = 9_000.0
    for _ in range(2):
        with pytest.raises(TokenStoreError, match="db:1 is down"):
            ask(signer, None, 5)
    store.is_down = False
    assert ask(signer, None, 5).access_token == "act.2"


def test_a_pair_that_could_not_be_stored_serves_and_then_comes_with_the_error(ask: Ask) -> None:
    class Full(MemoryTokenStore):
        is_full = True

        def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
            if self.is_full:
                raise OSError("disk full")
            return super().commit(key, record, replaces=replaces)

    world, full = World(ok()), Full()
    world.store = full
    full.put(KEY, RECORD)
    world.now = 9_000.0
    for signer in (world.signer(), world.signer()):
        assert ask(signer, None, 5).access_token == "act.2"
    world.now += 7_200.0
    with pytest.raises(TokenStoreError) as caught:
        ask(signer, None, 5)
    assert isinstance(caught.value.unsaved, TokenRecord)
    assert world.asked == 1
    full.is_full = False
    world.now -= 7_200.0
    assert keeper.offer(full, KEY)
    assert ask(world.signer(), None, 5) == full.read(KEY)


def test_a_store_of_somebody_elses_error_in_the_background_harms_nobody(ask: Ask) -> None:
    world = World(failed("invalid_grant"))
    signer = world.signer()
    ask(signer, None, 5)
    world.now = 8_200.0 - 600
    for _ in range(3):
        assert ask(signer, None, 5) == RECORD
        world.settle(signer)
    assert world.asked == 1
    world.now = 8_200.0 - 59
    with pytest.raises(ReauthorizationRequired) as caught:
        ask(signer, None, 5)
    assert caught.value.reason == "refresh_rejected"


def test_what_the_creator_has_not_granted_is_not_even_asked_for(ask: Ask) -> None:
    world = World(record=evolve(RECORD, scope=("user.info.basic",)))
    signer = evolve(world.signer(), scope="video.list")
    for _ in range(2):
        with pytest.raises(ReauthorizationRequired) as caught:
            ask(signer, None, 5)
        assert (caught.value.open_id, caught.value.reason) == ("creator", "scope")
    world.store.put(KEY, evolve(RECORD, access_token="act.9"))  # now it is granted
    assert ask(signer, None, 5).access_token == "act.9"


@pytest.mark.parametrize("scope", [(), ("video.list",)])
def test_what_is_granted_or_not_known_is_asked_for(ask: Ask, scope: tuple[str, ...]) -> None:
    world = World(record=evolve(RECORD, scope=scope))
    assert ask(evolve(world.signer(), scope="video.list"), None, 5).scope == scope


def test_the_end_of_the_consent_can_be_asked_for(ask: Ask) -> None:
    world = World()
    signer = world.signer()
    ends = datetime.fromtimestamp(50_000.0, UTC)
    assert signer.credentials.consent_ends_at() == ends
    ask(signer, None, 5)
    world.store.delete(KEY)
    assert signer.credentials.consent_ends_at() == ends
    assert world.credentials().consent_ends_at() is None


def test_a_clock_that_jumps_a_day_costs_one_refresh_at_most(ask: Ask) -> None:
    world = World(ok(), ok(), record=evolve(RECORD, refresh_expires_at=1e7))
    signer = world.signer()
    ask(signer, None, 5)
    world.now += 86_400.0
    for _ in range(3):
        assert ask(signer, None, 5).access_token == "act.2"
    assert world.asked == 1
    world.now -= 86_400.0
    for _ in range(3):
        assert ask(signer, None, 5).access_token == "act.2"
    assert world.asked == 1


@pytest.mark.parametrize("kind", ["app", "bearer", "user", "signer"])
def test_nothing_that_holds_a_secret_is_pickled(kind: str) -> None:
    world = World()
    things = {
        "app": APP,
        "bearer": BearerToken("act.1"),
        "user": world.credentials(),
        "signer": world.signer(),
    }
    with pytest.raises(TypeError, match="holds a secret"):
        pickle.dumps(things[kind])


def test_the_answer_of_a_login_is_stored_without_blocking_an_event_loop() -> None:
    threads: list[str] = []

    class Slow(MemoryTokenStore):
        def put(self, key: Key, record: TokenRecord) -> None:
            threads.append(threading.current_thread().name)
            super().put(key, record)

    store = Slow()
    login = UserCredentials.from_token_answer_async(APP, store, answer(), sent_at=500.0)
    credentials = asyncio.run(login)
    assert (credentials.open_id, credentials.store) == ("creator", store)
    assert threads != [threading.main_thread().name]
    stored = store.read(KEY)
    assert stored is not None
    assert stored.expires_at == 7_700.0


def test_a_clock_that_is_set_back_does_not_lengthen_the_pause(ask: Ask) -> None:
    world = World(failed("temporarily_unavailable"), ok())
    world.now = 40_000.0
    signer = world.signer()
    with pytest.raises(RefreshUnavailable):
        ask(signer, None, 5)
    world.now = 9_000.0
    assert ask(signer, None, 5).access_token == "act.2"


def test_the_pause_does_not_begin_again_with_every_call(ask: Ask) -> None:
    world = World(failed("temporarily_unavailable"), ok())
    world.now = 9_000.0
    signer = world.signer()
    for _ in range(3):
        with pytest.raises(RefreshUnavailable):
            ask(signer, None, 5)
        world.now += 9.0
    world.now += 3.0
    assert ask(signer, None, 5).access_token == "act.2"


def test_the_asynchronous_twins_have_the_same_faces() -> None:
    assert_twins(UserCredentials.from_token_answer, UserCredentials.from_token_answer_async)
    assert_twins(UserSigner.token, UserSigner.token_async)
    assert_twins(BearerToken.token, BearerToken.token_async)
