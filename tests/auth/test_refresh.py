"""One refresh against scripted answers: what it asks, what it stores, what it says."""

import asyncio
import threading
from collections.abc import Mapping

import httpx
import pytest
from attrs import evolve

from tests.auth.test_tokens import RECORD, answer
from tiktok_display import (
    ApiError,
    MemoryTokenStore,
    ReauthorizationRequired,
    RefreshUnavailable,
    TokenRecord,
    TokenStoreError,
    TransportError,
)
from tiktok_display.auth.refresh import Outcome, Refresh, _forget_flights, fly, landed
from tiktok_display.stores import Key

KEY = Key("app", "creator")
UNSENT = TransportError("ConnectError", sent=False)
UNCLEAR = TransportError("ReadTimeout", sent=True)


def ok(**changes: object) -> httpx.Response:
    return httpx.Response(200, json=answer(**changes))


def failed(code: str, status: int = 200) -> httpx.Response:
    body = {"error": code, "error_description": "why", "log_id": "L1"}
    return httpx.Response(status, json=body)


class Endpoint:
    """A token endpoint that answers from a script."""

    def __init__(self, *script: httpx.Response | TransportError) -> None:
        self.script, self.forms = list(script), list[dict[str, str]]()
        self.store: MemoryTokenStore = MemoryTokenStore()
        self.store.put(KEY, RECORD)
        self.now, self.waits = 8_000.0, list[float]()

    def post(
        self, path: str, form: Mapping[str, str], seconds: float
    ) -> httpx.Response | TransportError:
        assert path == "/v2/oauth/token/"
        assert 0 < seconds <= 20.0
        self.forms.append(dict(form))
        return self.script.pop(0)

    def refresh(self, fresh: bool = False) -> Outcome:
        return Refresh(
            key=KEY,
            client_secret="secret",
            store=self.store,
            post=self.post,
            clock=lambda: self.now,
            monotonic=lambda: sum(self.waits),
            sleep=self.waits.append,
        ).run(lambda record: fresh)

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


def test_a_fresh_token_in_the_store_is_adopted_without_a_request() -> None:
    assert Endpoint().refresh(fresh=True) == RECORD


def test_a_creator_nobody_knows_has_never_authorized() -> None:
    endpoint = Endpoint()
    endpoint.store.delete(KEY)
    outcome = endpoint.refresh()
    assert isinstance(outcome, ReauthorizationRequired)
    assert (outcome.open_id, outcome.reason) == ("creator", "never_authorized")


@pytest.mark.parametrize(
    "record", [evolve(RECORD, refresh_expires_at=8_000.0), evolve(RECORD, refresh_token="")]
)
def test_past_the_consent_deadline_nothing_is_asked(record: TokenRecord) -> None:
    endpoint = Endpoint()
    endpoint.store.put(KEY, record)
    outcome = endpoint.refresh()
    assert isinstance(outcome, ReauthorizationRequired)
    assert outcome.reason == "refresh_expired"


def test_a_request_that_never_left_is_repeated_freely() -> None:
    endpoint = Endpoint(UNSENT, UNSENT, UNSENT, ok())
    assert endpoint.refresh() == endpoint.stored
    assert endpoint.waits == [0.25, 0.5, 0.75, 0.0]


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
    assert endpoint.stored == RECORD


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
        assert outcome.reason == "refresh_rejected"
    assert len(endpoint.forms) == 1
    assert endpoint.stored.refresh_token == "rft.1"


def test_invalid_grant_carries_what_support_asks_for() -> None:
    outcome = Endpoint(failed("invalid_grant")).refresh()
    assert isinstance(outcome, ReauthorizationRequired)
    assert (outcome.code, outcome.status, outcome.log_id) == ("invalid_grant", 200, "L1")


def test_invalid_grant_after_an_unclear_end_is_a_lost_rotation() -> None:
    outcome = Endpoint(UNCLEAR, failed("invalid_grant")).refresh()
    assert isinstance(outcome, ReauthorizationRequired)
    assert outcome.reason == "rotation_lost"


class Overtaken(Endpoint):
    """While the endpoint answers, another replica stores the next pair, or a logout deletes it."""

    successor: TokenRecord | None = evolve(RECORD, access_token="act.9", refresh_token="rft.9")

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


def test_a_refresh_brings_no_login_back_that_was_removed_meanwhile() -> None:
    endpoint = Overtaken(ok())
    endpoint.successor = None
    outcome = endpoint.refresh()
    assert isinstance(outcome, ReauthorizationRequired)
    assert outcome.reason == "revoked"
    assert endpoint.store.read(KEY) is None


def test_an_answer_for_another_creator_is_refused_and_the_record_stays() -> None:
    endpoint = Endpoint(ok(open_id="somebody else"))
    assert isinstance(endpoint.refresh(), RefreshUnavailable)
    assert endpoint.stored == RECORD


def test_an_answer_that_names_no_creator_is_the_one_asked_for() -> None:
    endpoint = Endpoint(ok(open_id=None))
    assert endpoint.refresh() == endpoint.stored


def test_a_malformed_answer_leaves_the_record_as_it_was() -> None:
    endpoint = Endpoint(ok(access_token=None))
    assert isinstance(endpoint.refresh(), RefreshUnavailable)
    assert endpoint.stored == RECORD


def test_wrong_app_credentials_are_the_callers_to_mend() -> None:
    outcome = Endpoint(failed("invalid_client", 401)).refresh()
    assert type(outcome) is ApiError
    assert outcome.code == "invalid_client"


@pytest.mark.parametrize("code", ["temporarily_unavailable", "server_error"])
def test_an_endpoint_that_is_busy_is_an_outage_not_a_loss(code: str) -> None:
    outcome = Endpoint(failed(code)).refresh()
    assert isinstance(outcome, RefreshUnavailable)
    assert (outcome.code, outcome.log_id) == (code, "L1")


def test_callers_at_once_share_one_flight_and_the_next_takes_off_anew() -> None:
    gate, store, flown = threading.Event(), MemoryTokenStore(), list[int]()

    def work() -> Outcome:
        gate.wait()
        flown.append(1)
        return RECORD

    flights = [fly(store, KEY, work) for _ in range(5)]
    other = fly(store, Key("app", "another"), lambda: RECORD)
    assert other.result(5) == RECORD
    assert not flights[0].cancel()
    gate.set()
    assert [flight.result(5) for flight in flights] == [RECORD] * 5
    assert flown == [1]
    assert fly(store, KEY, work).result(5) == RECORD
    assert landed(RECORD).result(0) == RECORD


@pytest.mark.parametrize(
    "trouble", [TokenStoreError("locked"), OSError("disk full: act.1"), asyncio.CancelledError()]
)
def test_whatever_a_store_raises_arrives_as_a_store_error_that_quotes_nothing(
    trouble: BaseException,
) -> None:
    def work() -> Outcome:
        raise trouble

    outcome = fly(MemoryTokenStore(), KEY, work).result(5)
    assert isinstance(outcome, TokenStoreError)
    assert "act.1" not in str(outcome)


class Failing(MemoryTokenStore):
    """A store that refuses to commit so many times."""

    failures = 0

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        if self.failures:
            self.failures -= 1
            raise OSError("disk full")
        return super().commit(key, record, replaces=replaces)


def test_a_store_that_recovers_gets_the_pair_after_all() -> None:
    endpoint = Endpoint(ok())
    endpoint.store = Failing()
    endpoint.store.failures = 4
    endpoint.store.put(KEY, RECORD)
    assert endpoint.refresh() == endpoint.stored
    assert endpoint.stored.access_token == "act.2"
    assert endpoint.waits == [0.0, 0.1, 0.3, 1.0, 3.0]


def test_a_store_that_fails_for_good_leaves_the_pair_with_the_error() -> None:
    endpoint = Endpoint(ok())
    endpoint.store = Failing()
    endpoint.store.failures = 99
    endpoint.store.put(KEY, RECORD)
    outcome = endpoint.refresh()
    assert isinstance(outcome, TokenStoreError)
    assert isinstance(outcome.unsaved, TokenRecord)
    assert outcome.unsaved.refresh_token == "rft.2"
    assert "rft.2" not in f"{outcome} {outcome!r} {vars(outcome)}"


def test_the_child_of_a_fork_begins_anew() -> None:
    gate, store = threading.Event(), MemoryTokenStore()

    def work() -> Outcome:
        gate.wait()
        return RECORD

    parents = fly(store, KEY, work)
    _forget_flights()
    assert fly(store, KEY, lambda: RECORD).result(5) == RECORD
    gate.set()
    assert parents.result(5) == RECORD


def test_where_no_thread_can_be_started_a_refresh_is_unavailable() -> None:
    def no_more(target: object, args: object, name: str) -> threading.Thread:
        raise RuntimeError("can't start new thread")

    store = MemoryTokenStore()
    outcome = fly(store, KEY, lambda: RECORD, thread=no_more).result(0)
    assert isinstance(outcome, RefreshUnavailable)
    assert fly(store, KEY, lambda: RECORD).result(5) == RECORD
