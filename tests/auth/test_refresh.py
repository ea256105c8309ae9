"""One refresh against scripted answers: what it asks, what it stores, what it says."""

import pickle
import threading
from collections.abc import Mapping

import httpx
import pytest
from attrs import evolve

from tests.auth.test_tokens import RECORD, answer
from tiktok_display import (
    ApiError,
    ConfigurationError,
    MemoryTokenStore,
    ReauthorizationRequired,
    RefreshUnavailable,
    TokenRecord,
    TokenStoreError,
    TransportError,
)
from tiktok_display.auth import TokenEvent
from tiktok_display.auth.events import Teller
from tiktok_display.auth.flights import Outcome
from tiktok_display.auth.refresh import Refresh
from tiktok_display.auth.unsaved import Keeper
from tiktok_display.stores import Key

KEY = Key("app", "creator")
UNSENT = TransportError("ConnectError", sent=False)
UNCLEAR = TransportError("ReadTimeout", sent=True)
NEWER = evolve(RECORD, access_token="act.9", refresh_token="rft.9")


def ok(**changes: object) -> httpx.Response:
    return httpx.Response(200, json=answer(**changes))


def failed(code: str, status: int = 200) -> httpx.Response:
    body = {"error": code, "error_description": "why", "log_id": "L1"}
    return httpx.Response(status, json=body)


class Endpoint:
    """A token endpoint that answers from a script."""

    def __init__(self, *script: httpx.Response | TransportError) -> None:
        self.script, self.forms = list(script), list[dict[str, str]]()
        self.now, self.waits = 8_000.0, list[float]()
        self.store: MemoryTokenStore = MemoryTokenStore(clock=self.monotonic)
        self.store.put(KEY, RECORD)
        self.events = list[TokenEvent]()
        self.keeper = Keeper(self.wait)

    def monotonic(self) -> float:
        return sum(self.waits)

    is_over = threading.Event()

    def wait(self, seconds: float) -> None:
        """The keeper's sleep: it wakes when all the tests are over."""
        while threading.main_thread().is_alive() and not self.is_over.wait(0.1):
            pass

    def post(
        self, path: str, form: Mapping[str, str], seconds: float
    ) -> httpx.Response | TransportError:
        assert path == "/v2/oauth/token/"
        assert 0 < seconds < 20.001
        self.forms.append(dict(form))
        return self.script.pop(0)

    def refresh(self, fresh: bool = False, at_hand: TokenRecord | None = None) -> Outcome:
        refresh = Refresh(
            key=KEY,
            client_secret="secret",
            store=self.store,
            post=self.post,
            is_good=lambda record: fresh or record.access_token != RECORD.access_token,
            at_hand=at_hand,
            teller=Teller(KEY, self.events.append),
            clock=lambda: self.now,
            monotonic=self.monotonic,
            sleep=self.waits.append,
            keeper=self.keeper,
        )
        try:
            return refresh.run()
        finally:
            refresh.tell()

    @property
    def told(self) -> list[str]:
        return [str(event.kind) for event in self.events]

    @property
    def stored(self) -> TokenRecord:
        record = self.store.read(KEY)
        assert record is not None
        return record


def test_the_next_pair_is_stored_before_it_is_handed_out() -> None:
    endpoint = Endpoint(ok())
    record = endpoint.refresh()
    assert record == endpoint.stored
    assert endpoint.stored.access_token == "act.2"
    assert endpoint.stored.expires_at == 15_200.0
    assert endpoint.forms == [
        {
            "client_key": "app",
            "client_secret": "secret",
            "grant_type": "refresh_token",
            "refresh_token": "rft.1",
        }
    ]


def test_a_good_token_in_the_store_is_taken_without_a_request() -> None:
    endpoint = Endpoint()
    assert endpoint.refresh(fresh=True, at_hand=RECORD) == RECORD
    assert endpoint.told == []


def test_another_replicas_token_is_adopted_and_the_operator_told() -> None:
    endpoint = Endpoint()
    endpoint.store.put(KEY, NEWER)
    assert endpoint.refresh(at_hand=RECORD) == NEWER
    assert endpoint.told == ["adopted"]


def test_a_creator_nobody_knows_has_never_authorized() -> None:
    endpoint = Endpoint()
    endpoint.store.delete(KEY)
    outcome = endpoint.refresh()
    assert isinstance(outcome, ReauthorizationRequired)
    assert (outcome.open_id, outcome.reason) == ("creator", "never_authorized")
    assert endpoint.forms == []


@pytest.mark.parametrize(
    "record", [evolve(RECORD, refresh_expires_at=8_000.0), evolve(RECORD, refresh_token="")]
)
def test_past_the_consent_deadline_nothing_is_asked(record: TokenRecord) -> None:
    endpoint = Endpoint()
    endpoint.store.put(KEY, record)
    outcome = endpoint.refresh()
    assert isinstance(outcome, ReauthorizationRequired)
    assert (outcome.open_id, outcome.reason) == ("creator", "refresh_expired")


def test_a_request_that_never_left_is_repeated_freely() -> None:
    endpoint = Endpoint(UNSENT, UNSENT, UNSENT, ok())
    assert endpoint.refresh() == endpoint.stored
    assert endpoint.waits == [0.25, 0.5, 0.75, 0.0]


def test_after_a_request_that_never_left_an_unclear_one_is_repeated_at_once() -> None:
    endpoint = Endpoint(UNSENT, UNCLEAR, ok())
    assert endpoint.refresh() == endpoint.stored
    assert endpoint.waits == [0.25, 0.0, 0.0]


def test_what_the_headers_of_a_refusal_say_is_kept() -> None:
    headers = {"x-tt-logid": "L9", "retry-after": "7"}
    busy = httpx.Response(429, json={"error": "rate_limit_exceeded"}, headers=headers)
    outcome = Endpoint(busy).refresh()
    assert isinstance(outcome, RefreshUnavailable)
    assert (outcome.log_id, outcome.retry_after, outcome.status) == ("L9", 7.0, 429)


def test_it_is_not_repeated_forever() -> None:
    endpoint = Endpoint(*[UNSENT] * 9)
    assert isinstance(endpoint.refresh(), RefreshUnavailable)
    assert len(endpoint.forms) == 4


@pytest.mark.parametrize(
    "unclear",
    [
        UNCLEAR,
        httpx.Response(502, html="<html>"),
        httpx.Response(200, content=b"{"),
        failed("server_error", 500),
    ],
)
def test_after_an_unclear_end_it_is_asked_exactly_once_more_and_at_once(
    unclear: httpx.Response | TransportError,
) -> None:
    endpoint = Endpoint(unclear, ok())
    assert endpoint.refresh() == endpoint.stored
    assert endpoint.waits == [0.0, 0.0]
    endpoint = Endpoint(*[unclear] * 9)
    assert isinstance(endpoint.refresh(), RefreshUnavailable)
    assert len(endpoint.forms) == 2
    assert endpoint.stored == evolve(RECORD, intent=True, retry_at=8_030.0)


def test_twenty_seconds_are_enough_for_all_of_it() -> None:

    class Slow(Endpoint):
        def post(
            self, path: str, form: Mapping[str, str], seconds: float
        ) -> httpx.Response | TransportError:
            self.waits.append(20.0)
            return super().post(path, form, seconds)

    slow = Slow(UNSENT, ok())
    assert isinstance(slow.refresh(), RefreshUnavailable)
    assert len(slow.forms) == 1


def test_invalid_grant_is_final_and_nobody_asks_twice() -> None:
    endpoint = Endpoint(failed("invalid_grant"))
    for _ in range(3):
        outcome = endpoint.refresh()
        assert isinstance(outcome, ReauthorizationRequired)
        assert (outcome.open_id, outcome.reason) == ("creator", "refresh_rejected")
    assert len(endpoint.forms) == 1
    assert endpoint.stored == evolve(RECORD, needs_login="refresh_rejected")


def test_invalid_grant_carries_what_support_asks_for() -> None:
    outcome = Endpoint(failed("invalid_grant")).refresh()
    assert isinstance(outcome, ReauthorizationRequired)
    assert (outcome.code, outcome.status, outcome.log_id) == ("invalid_grant", 200, "L1")


def test_invalid_grant_after_an_unclear_end_is_a_lost_rotation() -> None:
    endpoint = Endpoint(UNCLEAR, failed("invalid_grant"))
    outcome = endpoint.refresh()
    assert isinstance(outcome, ReauthorizationRequired)
    assert outcome.reason == "rotation_lost"
    assert endpoint.stored == evolve(RECORD, needs_login="rotation_lost", intent=True)


class Overtaken(Endpoint):
    """While the endpoint answers, another replica stores the next pair, or a logout deletes it."""

    successor: TokenRecord | None = NEWER

    def post(
        self, path: str, form: Mapping[str, str], seconds: float
    ) -> httpx.Response | TransportError:
        self.store.delete(KEY)
        if self.successor:
            self.store.put(KEY, self.successor)
        return super().post(path, form, seconds)


@pytest.mark.parametrize("said", [failed("invalid_grant"), ok()])
def test_whoever_was_overtaken_adopts_the_newer_pair_and_overwrites_nothing(
    said: httpx.Response,
) -> None:
    endpoint = Overtaken(said)
    assert endpoint.refresh() == endpoint.stored == Overtaken.successor
    assert len(endpoint.forms) == 1


def test_a_refresh_brings_no_login_back_that_was_removed_meanwhile() -> None:
    endpoint = Overtaken(ok())
    endpoint.successor = None
    outcome = endpoint.refresh()
    assert isinstance(outcome, ReauthorizationRequired)
    assert outcome.reason == "never_authorized"
    assert endpoint.told == ["late_commit"]
    assert endpoint.events[0].detail == "refused: another pair is stored by now"
    assert endpoint.store.read(KEY) is None


def test_an_answer_for_another_creator_is_refused_and_the_record_stays() -> None:
    endpoint = Endpoint(ok(open_id="somebody else"))
    outcome = endpoint.refresh()
    assert isinstance(outcome, RefreshUnavailable)
    assert str(outcome) == "the token endpoint answered for another creator"
    assert endpoint.stored.refresh_token == "rft.1"


def test_an_answer_that_names_no_creator_is_the_one_asked_for() -> None:
    endpoint = Endpoint(ok(open_id=None))
    assert endpoint.refresh() == endpoint.stored


def test_a_malformed_answer_leaves_the_record_as_it_was() -> None:
    endpoint = Endpoint(ok(access_token=None))
    assert isinstance(endpoint.refresh(), RefreshUnavailable)
    assert endpoint.stored.refresh_token == "rft.1"


def test_wrong_app_credentials_are_the_callers_to_mend() -> None:
    outcome = Endpoint(failed("invalid_client", 401)).refresh()
    assert type(outcome) is ApiError
    assert outcome.code == "invalid_client"


@pytest.mark.parametrize("code", ["temporarily_unavailable", "server_error"])
def test_an_endpoint_that_is_busy_is_an_outage_not_a_loss(code: str) -> None:
    outcome = Endpoint(failed(code)).refresh()
    assert isinstance(outcome, RefreshUnavailable)
    assert (outcome.code, outcome.log_id) == (code, "L1")
    assert str(outcome).startswith("the token endpoint: why")


class Failing(MemoryTokenStore):
    """A store that refuses to commit so many times."""

    failures = 0

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        if self.failures:
            self.failures -= 1
            raise OSError("disk full")
        return super().commit(key, record, replaces=replaces)


def failing(times: int, *script: httpx.Response) -> Endpoint:
    endpoint = Endpoint(*script)
    store = Failing(clock=endpoint.monotonic)
    store.failures = times
    store.put(KEY, RECORD)
    endpoint.store = store
    return endpoint


def test_a_store_that_recovers_gets_the_pair_after_all() -> None:
    endpoint = failing(2, ok())
    assert endpoint.refresh() == endpoint.stored
    assert endpoint.stored.access_token == "act.2"
    assert endpoint.waits == [0.0, 0.1, 0.3]
    assert endpoint.told == ["refreshed"]


def test_a_pair_that_the_store_does_not_take_serves_from_memory_and_is_offered_again() -> None:
    endpoint = failing(4, ok())
    outcome = endpoint.refresh()
    assert isinstance(outcome, TokenRecord)
    assert outcome.access_token == "act.2"
    assert endpoint.stored.access_token == "act.1"
    assert endpoint.refresh() == outcome  # and costs no request
    assert not endpoint.keeper.offer(endpoint.store, KEY)
    assert endpoint.keeper.offer(endpoint.store, KEY)
    assert endpoint.refresh() == endpoint.stored == outcome
    assert endpoint.told == ["unsaved", "saved"]
    assert (endpoint.events[0].record, endpoint.events[0].detail) == (outcome, "OSError")
    assert "rft.2" not in repr(endpoint.events)


def test_a_pair_in_memory_that_serves_no_longer_is_carried_by_the_error() -> None:
    endpoint = failing(99, ok(access_token="act.1"))
    endpoint.refresh()
    outcome = endpoint.refresh()
    assert isinstance(outcome, TokenStoreError)
    assert str(outcome) == "the store does not take the new pair, which has expired by now"
    assert isinstance(outcome.unsaved, TokenRecord)
    assert outcome.unsaved.refresh_token == "rft.2"
    assert "rft.2" not in f"{outcome} {outcome!r} {vars(outcome)}"
    assert len(endpoint.forms) == 1


def test_a_pickled_error_leaves_the_pair_behind() -> None:
    endpoint = failing(99, ok(access_token="act.1"))
    endpoint.refresh()
    outcome = endpoint.refresh()
    assert isinstance(outcome, TokenStoreError)
    outcome.checkpoint = 7
    pickled = pickle.dumps(outcome)
    assert b"rft.2" not in pickled
    copy = pickle.loads(pickled)
    assert (str(copy), copy.unsaved, copy.checkpoint) == (str(outcome), None, 7)


class Deaf(MemoryTokenStore):
    """A store that commits, and then says that it has failed."""

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        if super().commit(key, record, replaces=replaces):
            raise OSError("connection lost")
        return False


def test_a_commit_that_was_not_heard_of_is_found_to_be_done() -> None:
    endpoint = Endpoint(ok())
    endpoint.store = Deaf()
    endpoint.store.put(KEY, RECORD)
    assert endpoint.refresh() == endpoint.stored
    assert endpoint.told == ["refreshed"]


class Shared(Endpoint):
    """Another replica has the lease, and stores the next pair after so many polls."""

    def __init__(self, polls: int, *script: httpx.Response) -> None:
        super().__init__(*script)
        self.polls = polls
        self.store.begin(KEY, replaces=RECORD, owner="another", lease=30.0)

    def monotonic(self) -> float:
        if len(self.waits) == self.polls:
            self.polls = -1
            self.store.put(KEY, NEWER)
        return super().monotonic()


def test_while_another_replica_refreshes_it_is_waited_for() -> None:
    endpoint = Shared(3)
    assert endpoint.refresh() == NEWER
    assert endpoint.waits == [0.02, 0.05, 0.1, 0.2]
    assert endpoint.told == ["adopted"]


def test_a_replica_that_died_is_waited_for_until_its_lease_is_over_and_its_intent_remembered() -> (
    None
):
    endpoint = Shared(-1, failed("invalid_grant"))
    outcome = endpoint.refresh()
    assert isinstance(outcome, ReauthorizationRequired)
    assert outcome.reason == "rotation_lost"
    assert 30.0 <= sum(endpoint.waits) < 31.0
    assert endpoint.told == ["rotation_lost"]
    assert endpoint.events[0].detail == "log_id L1"


def test_a_lease_that_is_renewed_for_ever_is_not_waited_for_for_ever() -> None:
    class Held(MemoryTokenStore):
        def begin(
            self, key: Key, *, replaces: TokenRecord, owner: str, lease: float
        ) -> TokenRecord | None:
            return None

    endpoint = Endpoint()
    endpoint.store = Held()
    endpoint.store.put(KEY, RECORD)
    outcome = endpoint.refresh()
    assert isinstance(outcome, RefreshUnavailable)
    assert str(outcome) == "another replica refreshes, and does not come to an end"
    assert 60.0 <= sum(endpoint.waits) < 61.0
    assert endpoint.waits[:7] == [0.02, 0.05, 0.1, 0.2, 0.5, 0.5, 0.5]


def test_what_has_changed_before_the_lease_was_had_is_seen() -> None:
    class Quick(MemoryTokenStore):
        def begin(
            self, key: Key, *, replaces: TokenRecord, owner: str, lease: float
        ) -> TokenRecord | None:
            super().put(key, self.becomes)
            return super().begin(key, replaces=replaces, owner=owner, lease=lease)

        becomes = evolve(NEWER, refresh_token="rft.1")  # not every answer brings a new one

    endpoint, quick = Endpoint(), Quick()
    endpoint.store = quick
    endpoint.store.put(KEY, RECORD)
    assert endpoint.refresh() == endpoint.stored == quick.becomes
    quick.becomes = evolve(RECORD, needs_login="revoked", intent=True, retry_at=8_010.0)
    quick.put(KEY, RECORD)
    outcome = endpoint.refresh()
    assert isinstance(outcome, ReauthorizationRequired)
    assert outcome.open_id == "creator"
    assert endpoint.stored == quick.becomes
    assert MemoryTokenStore.begin(quick, KEY, replaces=RECORD, owner="next", lease=1)


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ([failed("temporarily_unavailable")], False),
        ([UNSENT] * 4, False),
        ([UNCLEAR] * 2, True),
        ([UNCLEAR, failed("temporarily_unavailable")], True),
        ([ok(access_token=None)], True),
        ([ok(open_id="somebody else")], True),
    ],
)
def test_an_outage_is_noted_for_every_replica_with_whether_the_request_was_heard(
    said: list[httpx.Response | TransportError], intent: bool
) -> None:
    endpoint = Endpoint(*said)
    outcomes = [endpoint.refresh() for _ in range(3)]
    assert all(isinstance(outcome, RefreshUnavailable) for outcome in outcomes)
    assert str(outcomes[-1]) == "the token endpoint was down a moment ago"
    assert len(endpoint.forms) == len(said)
    assert endpoint.stored == evolve(RECORD, intent=intent, retry_at=8_030.0)
    endpoint.now = 8_029.5
    assert isinstance(endpoint.refresh(), RefreshUnavailable)
    endpoint.now = 8_030.0
    endpoint.script = [ok()]
    assert endpoint.refresh() == endpoint.stored
    assert endpoint.stored.retry_at is None
    assert not endpoint.stored.intent


def test_a_clock_that_is_set_back_does_not_lengthen_the_rest() -> None:
    endpoint = Endpoint(failed("temporarily_unavailable"), ok())
    endpoint.refresh()
    endpoint.now -= 1.0
    assert endpoint.refresh() == endpoint.stored


def test_settings_that_make_no_connection_are_no_outage_and_leave_no_trace() -> None:
    class Broken(Endpoint):
        def post(
            self, path: str, form: Mapping[str, str], seconds: float
        ) -> httpx.Response | TransportError:
            raise ConfigurationError("the environment's URL of a proxy is none")

    endpoint = Broken()
    assert isinstance(endpoint.refresh(), ConfigurationError)
    assert endpoint.stored == RECORD


def test_wrong_app_credentials_leave_the_lease_free_and_no_rest() -> None:
    endpoint = Endpoint(failed("invalid_client"), ok())
    assert isinstance(endpoint.refresh(), ApiError)
    assert endpoint.stored == RECORD
    assert endpoint.refresh() == endpoint.stored


def test_a_holder_that_was_frozen_past_its_lease_still_stores_the_living_pair() -> None:
    class Frozen(Endpoint):
        def post(
            self, path: str, form: Mapping[str, str], seconds: float
        ) -> httpx.Response | TransportError:
            self.waits.append(31.0)
            lost = evolve(RECORD, needs_login="rotation_lost", intent=True)
            self.store.commit(KEY, lost, replaces=RECORD)  # what another replica concludes
            return super().post(path, form, 20.0)

    endpoint = Frozen(ok())
    endpoint.waits.append(7.0)  # counts from the lease, not from the beginning of time
    assert endpoint.refresh() == endpoint.stored
    assert (endpoint.stored.access_token, endpoint.stored.needs_login) == ("act.2", None)
    assert endpoint.stored.intent  # the other's request may yet cost this pair
    assert endpoint.told == ["late_commit", "refreshed"]
    assert endpoint.events[0].detail == "stored"


def test_a_freeze_between_the_answer_and_the_store_is_seen_as_well() -> None:
    class Freezing(MemoryTokenStore):
        waits: list[float]

        def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
            done = super().commit(key, record, replaces=replaces)
            self.waits.append(31.0)
            return done

        def fail(
            self, key: Key, owner: str, *, intent: bool, retry_at: float | None = None
        ) -> None:
            super().fail(key, owner, intent=intent, retry_at=retry_at)
            raise OSError("down again")

    endpoint, store = Endpoint(ok()), Freezing()
    endpoint.store, store.waits = store, endpoint.waits
    store.put(KEY, RECORD)
    assert endpoint.refresh() == endpoint.stored
    assert endpoint.stored.intent
    assert endpoint.told == ["late_commit", "refreshed"]


def test_that_the_consent_ends_soon_is_told_by_the_refresh_that_crosses_the_day() -> None:
    day = 86_400.0
    endpoint = Endpoint(ok(refresh_expires_in=None), ok(access_token="act.1", refresh_token="3"))
    endpoint.store.put(KEY, evolve(RECORD, refresh_expires_at=8_000.0 + 7 * day - 1))
    endpoint.refresh()
    assert endpoint.told == ["refreshed", "consent_ends_soon"]
    assert endpoint.events[1].days == 7
    assert endpoint.events[1].detail == "within 7 days, only a new login can extend it"


def test_an_answer_within_the_lease_is_not_late() -> None:
    endpoint = Endpoint(ok())
    endpoint.waits.append(100.0)
    endpoint.refresh()
    assert endpoint.told == ["refreshed"]


class Slow(MemoryTokenStore):
    """A store in whose `begin` its caller is frozen for a while."""

    freezes: tuple[float, ...] = ()

    def __init__(self, endpoint: Endpoint, *freezes: float) -> None:
        super().__init__(clock=endpoint.monotonic)
        self.waits, self.freezes = endpoint.waits, freezes

    def begin(
        self, key: Key, *, replaces: TokenRecord, owner: str, lease: float
    ) -> TokenRecord | None:
        before = super().begin(key, replaces=replaces, owner=owner, lease=lease)
        if self.freezes:
            freeze, *rest = self.freezes
            self.waits.append(freeze)
            self.freezes = tuple(rest)
        return before


@pytest.mark.parametrize(("freeze", "pauses"), [(9.9, [0.0]), (10.1, [0.0, 0.02, 0.0])])
def test_whoever_was_frozen_with_the_lease_asks_under_a_new_one(
    freeze: float, pauses: list[float]
) -> None:
    endpoint = Endpoint(ok())
    endpoint.store = Slow(endpoint, freeze)
    endpoint.store.put(KEY, RECORD)
    assert endpoint.refresh() == endpoint.stored
    assert endpoint.told == ["refreshed"]
    assert endpoint.waits == [freeze, *pauses]


def test_whoever_was_frozen_for_long_and_overtaken_adopts_what_is_there() -> None:
    class Frozen(Overtaken):
        def post(
            self, path: str, form: Mapping[str, str], seconds: float
        ) -> httpx.Response | TransportError:
            self.waits.append(3_600.0)
            return super().post(path, form, seconds)

    endpoint = Frozen(ok())
    assert endpoint.refresh() == NEWER
    assert endpoint.told == ["late_commit", "adopted"]


class Once(MemoryTokenStore):
    """A store that fails once, at one of its steps."""

    def __init__(self, endpoint: Endpoint, step: str) -> None:
        super().__init__(clock=endpoint.monotonic)
        self.step = step

    def hiccup(self, step: str) -> None:
        if self.step == step:
            self.step = ""
            raise OSError("locked")

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        self.hiccup("commit")
        return super().commit(key, record, replaces=replaces)

    def fail(self, key: Key, owner: str, *, intent: bool, retry_at: float | None = None) -> None:
        self.hiccup("fail")
        super().fail(key, owner, intent=intent, retry_at=retry_at)


def test_a_verdict_is_stored_as_stubbornly_as_a_pair() -> None:
    endpoint = Endpoint(failed("invalid_grant"))
    endpoint.store = Once(endpoint, "commit")
    endpoint.store.put(KEY, RECORD)
    assert isinstance(endpoint.refresh(), ReauthorizationRequired)
    assert endpoint.stored.needs_login == "refresh_rejected"


def test_a_verdict_that_is_not_stored_is_none_for_another_may_have_been_faster() -> None:
    endpoint = failing(99, failed("invalid_grant"))
    outcome = endpoint.refresh()
    assert isinstance(outcome, TokenStoreError)
    assert str(outcome) == "the store does not say whether the refused token is its own"
    assert endpoint.stored.needs_login is None


def test_a_lease_is_given_back_as_stubbornly() -> None:
    endpoint = Endpoint(failed("invalid_client"), failed("invalid_grant"))
    endpoint.store = Once(endpoint, "fail")
    endpoint.store.put(KEY, RECORD)
    assert isinstance(endpoint.refresh(), ApiError)
    assert endpoint.stored == RECORD
    outcome = endpoint.refresh()
    assert isinstance(outcome, ReauthorizationRequired)
    assert outcome.reason == "refresh_rejected"


def test_a_store_that_stands_still_is_not_tried_three_times() -> None:
    class Still(Failing):
        def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
            endpoint.waits.append(15.0)
            return super().commit(key, record, replaces=replaces)

    endpoint, still = Endpoint(ok()), Still()
    still.failures = 9
    endpoint.store = still
    still.put(KEY, RECORD)
    outcome = endpoint.refresh()
    assert isinstance(outcome, TokenRecord)
    assert outcome.access_token == "act.2"
    assert endpoint.waits == [0.0, 15.0]


def test_a_post_that_raises_something_gives_the_lease_back_and_counts_as_unheard() -> None:
    class Raising(Endpoint):
        def post(
            self, path: str, form: Mapping[str, str], seconds: float
        ) -> httpx.Response | TransportError:
            raise RuntimeError("can't start new thread: rft.1")

    endpoint = Raising()
    outcome = endpoint.refresh()
    assert isinstance(outcome, RefreshUnavailable)
    assert "rft.1" not in str(outcome)
    assert endpoint.stored == evolve(RECORD, intent=True, retry_at=8_030.0)


def test_an_endpoint_that_quotes_what_it_was_sent_is_not_quoted() -> None:
    said = {"error": "invalid_client", "error_description": "secret is not the secret of rft.1"}
    outcome = Endpoint(httpx.Response(200, json={**said, "log_id": "L\nforged"})).refresh()
    assert isinstance(outcome, ApiError)
    assert (outcome.message, outcome.log_id) == ("*** is not the *** of ***", None)
    assert "rft.1" not in f"{outcome!r} {outcome}"
