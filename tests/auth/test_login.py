"""Whole logins against the sandbox: bought with a code, and given back."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests.auth.test_consent import locals_shown
from tests.auth.test_tokens import answer
from tests.twins import assert_twins
from tiktok_display import (
    ApiError,
    AppCredentials,
    ConfigurationError,
    DisplayClient,
    MemoryTokenStore,
    RefreshUnavailable,
    TikTokError,
    TokenRecord,
    TokenStoreError,
    TransportError,
    UnexpectedResponse,
    UserCredentials,
)
from tiktok_display.auth.consent import AuthorizationRequest, authorization_url, read_callback
from tiktok_display.auth.login import (
    REVOKE_PATH,
    Exchange,
    Login,
    exchange_code,
    exchange_code_async,
    revoke,
    revoke_async,
)
from tiktok_display.auth.pkce import Pkce
from tiktok_display.sandbox import Sandbox
from tiktok_display.secret import SecretForm
from tiktok_display.stores import Key

DESKTOP = "http://127.0.0.1:8000/callback/"
SCOPES = ("user.info.basic", "video.list")
Sample = Callable[[str], Any]
Buy = Callable[..., Login]
GiveBack = Callable[..., None]


def buy_async(*args: Any, **kwargs: Any) -> Login:
    return asyncio.run(exchange_code_async(*args, **kwargs))


def give_back_async(*args: Any, **kwargs: Any) -> None:
    asyncio.run(revoke_async(*args, **kwargs))


@pytest.fixture(params=[exchange_code, buy_async], ids=["sync", "async"])
def buy(request: pytest.FixtureRequest) -> Buy:
    """Either way to exchange a code."""
    way: Buy = request.param
    return way


@pytest.fixture(params=[revoke, give_back_async], ids=["sync", "async"])
def give_back(request: pytest.FixtureRequest) -> GiveBack:
    """Either way to revoke."""
    way: GiveBack = request.param
    return way


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with Sandbox(seed=7, redirect_uris=["https://app.example/tiktok/"]) as box:
        yield box


@pytest.fixture
def box(server: Sandbox) -> Iterator[Sandbox]:
    """A sandbox where everything goes right and creators agree to all."""
    yield server
    server.clear_faults()
    server.clear_requests()
    server.consent, server.granted_scopes = "grant", None


def app_of(box: Sandbox) -> AppCredentials:
    return AppCredentials(box.app.client_key, box.app.client_secret)


def asked(box: Sandbox, **options: Any) -> AuthorizationRequest:
    return authorization_url(
        app_of(box), options.pop("redirect_uri", DESKTOP), base_url=box.base_url, **options
    )


def visited(request: AuthorizationRequest) -> str:
    """Where the creator's browser is sent by the page."""
    return httpx.get(request.url).headers["location"]


def bought(
    buy: Buy,
    box: Sandbox,
    store: MemoryTokenStore,
    request: AuthorizationRequest | None = None,
    **changes: Any,
) -> Login:
    """A whole login, but for the changes."""
    request = request or asked(box)
    given = {
        "redirect_uri": request.redirect_uri,
        "code_verifier": request.code_verifier,
        "scopes": request.scopes,
        "base_url": box.base_url,
        **changes,
    }
    if "code" not in given:
        given["code"] = read_callback(visited(request), state=request.state).code
    return buy(app_of(box), store, **given)


def test_a_login_is_stored_and_signs_requests(buy: Buy, box: Sandbox) -> None:
    store, creator = MemoryTokenStore(), box.creators[0]
    before = time.time()
    login = bought(buy, box, store)
    assert (login.granted, login.missing) == (SCOPES, ())
    stored = store.read(Key(box.app.client_key, creator.open_id))
    assert stored is not None
    assert (stored.access_token, stored.scope) == (creator.access_token, SCOPES)
    assert before <= stored.expires_at - 7_200 <= time.time()
    with DisplayClient(login.credentials, base_url=box.base_url) as client:
        assert [video.id for video in client.list_videos(max_items=3)] == [
            video.id for video in creator.videos[:3]
        ]
    assert not [
        secret for secret in (stored.access_token, box.app.client_secret) if secret in f"{login}"
    ]


def test_a_creator_who_denies_is_an_error_before_any_exchange(box: Sandbox) -> None:
    box.consent = "deny"
    request = asked(box)
    with pytest.raises(ApiError) as caught:
        read_callback(visited(request), state=request.state)
    assert caught.value.code == "access_denied"


def test_somebody_elses_callback_is_refused(box: Sandbox) -> None:
    with pytest.raises(ConfigurationError, match="state"):
        read_callback(visited(asked(box)), state=asked(box).state)


def test_what_a_creator_did_not_agree_to_is_missing(buy: Buy, box: Sandbox) -> None:
    box.granted_scopes, store = ["user.info.basic"], MemoryTokenStore()
    request = asked(box)
    callback = read_callback(visited(request), state=request.state)
    assert callback.scopes == ("user.info.basic",)
    login = bought(buy, box, store, request, code=callback.code)
    assert (login.granted, login.missing) == (("user.info.basic",), ("video.list",))


@pytest.mark.parametrize(
    ("pkce", "uri"), [("hex", DESKTOP), ("off", "https://app.example/tiktok/")]
)
def test_a_challenge_in_hex_or_none_is_what_tiktok_takes(
    buy: Buy, box: Sandbox, pkce: Pkce, uri: str
) -> None:
    login = bought(buy, box, MemoryTokenStore(), asked(box, pkce=pkce, redirect_uri=uri))
    assert login.credentials.open_id == box.creators[0].open_id


def test_a_challenge_in_base64url_fails_at_the_exchange(buy: Buy, box: Sandbox) -> None:
    store = MemoryTokenStore()
    with pytest.raises(ApiError, match="Code verifier or code challenge is invalid") as caught:
        bought(buy, box, store, asked(box, pkce="base64url"))
    assert caught.value.code == "invalid_request"
    assert caught.value.log_id
    assert not list(store.keys())


def test_a_code_is_good_once_and_not_for_long(buy: Buy, box: Sandbox) -> None:
    request, store = asked(box), MemoryTokenStore()
    code = read_callback(visited(request), state=request.state).code
    bought(buy, box, store, request, code=code)
    with pytest.raises(ApiError) as caught:
        bought(buy, box, store, request, code=code)
    assert caught.value.code == "invalid_grant"
    code = read_callback(visited(request), state=request.state).code
    box.advance(minutes=10)
    with pytest.raises(ApiError) as caught:
        bought(buy, box, store, request, code=code)
    assert caught.value.code == "invalid_grant"


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": DESKTOP + "other"},
        {"code_verifier": "hush" * 11},
        {"code_verifier": None},
        {"code": "hush"},
    ],
)
def test_what_tiktok_refuses_shows_no_secret(
    buy: Buy, box: Sandbox, wrong: Mapping[str, str]
) -> None:
    request = asked(box)
    code = read_callback(visited(request), state=request.state).code
    with pytest.raises(ApiError) as caught:
        bought(buy, box, MemoryTokenStore(), request, **{"code": code, **wrong})
    shown = f"{caught.value} {caught.value!r} {locals_shown(caught.value)}"
    secrets = (code, "hush", request.code_verifier, request.state, box.app.client_secret)
    assert not [secret for secret in secrets if secret and secret in shown]


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": ""},
        {"code": "hush hush"},
        {"code": None},
        {"code_verifier": "hush"},
        {"code_verifier": "hush!" * 10},
        {"redirect_uri": "http://app.example/"},
        {"scopes": "video.list"},
        {"base_url": "http://app.example"},
        {"timeout": 0},
    ],
)
def test_a_malformed_argument_is_refused_before_anything_is_sent(
    buy: Buy, box: Sandbox, wrong: Mapping[str, Any]
) -> None:
    given = {"code": "hush-hush", "code_verifier": "hush" * 11, **wrong}
    with pytest.raises(ConfigurationError) as caught:
        bought(buy, box, MemoryTokenStore(), asked(box), **given)
    assert "hush" not in f"{caught.value} {locals_shown(caught.value)}"
    assert box.token_requests == 0


@pytest.mark.parametrize(
    ("fault", "expected", "requests"),
    [
        ({"drop": True}, TransportError, 2),
        ({"drop": True, "processed": False}, TransportError, 2),
        ({"html": True}, UnexpectedResponse, 2),
        ({"body": "[]"}, UnexpectedResponse, 1),
        ({"code": "temporarily_unavailable"}, ApiError, 1),
    ],
)
def test_an_outage_is_raised_as_it_is(
    buy: Buy, box: Sandbox, fault: Any, expected: type[TikTokError], requests: int
) -> None:
    box.fault(path="/v2/oauth/token/", **fault)
    with pytest.raises(expected):
        bought(buy, box, MemoryTokenStore())
    assert box.token_requests == requests


def test_a_cancelled_caller_leaves_and_the_login_is_stored(box: Sandbox) -> None:
    entered, gate = threading.Event(), threading.Event()

    class Slow(MemoryTokenStore):
        def put(self, key: Key, record: TokenRecord) -> None:
            entered.set()
            gate.wait()
            super().put(key, record)

    async def cancel() -> None:
        request = asked(box)
        code = read_callback(visited(request), state=request.state).code
        task = asyncio.ensure_future(
            exchange_code_async(
                app_of(box),
                store,
                code=code,
                redirect_uri=DESKTOP,
                code_verifier=request.code_verifier,
                base_url=box.base_url,
            )
        )
        await asyncio.to_thread(entered.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gate.set()

    store = Slow()
    asyncio.run(cancel())
    assert list(store.keys()) == [Key(box.app.client_key, box.creators[0].open_id)]


def exchange(response: httpx.Response, store: MemoryTokenStore, waits: list[float]) -> Exchange:
    """An exchange that gets this answer, at 1,000 s."""
    return Exchange(
        app=AppCredentials("app", "app-secret"),
        store=store,
        form=SecretForm(code="hush"),
        asked=("user.info.basic", "video.list"),
        post=lambda path, form, seconds: response,
        clock=lambda: 1_000.0,
        sleep=waits.append,
    )


def test_a_documented_login_is_read(sample: Sample) -> None:
    said, store = sample("doc_oauth_token"), MemoryTokenStore()
    login = exchange(httpx.Response(200, json=said), store, []).run()
    stored = store.read(Key("app", said["open_id"]))
    assert stored is not None
    assert (stored.expires_at, login.granted) == (87_400.0, SCOPES)


@pytest.mark.parametrize("name", ["malformed", "redirect_uri", "client_secret_missing"])
def test_a_documented_failure_is_raised_with_its_log_id(sample: Sample, name: str) -> None:
    said = sample(f"doc_oauth_error_{name}")
    with pytest.raises(ApiError) as caught:
        exchange(httpx.Response(200, json=said), MemoryTokenStore(), []).run()
    assert (caught.value.code, caught.value.log_id) == ("invalid_request", said["log_id"])


@pytest.mark.parametrize("wrong", [{"open_id": None}, {"open_id": "a\nb"}, {"refresh_token": None}])
def test_an_answer_that_is_no_login_is_not_stored(wrong: dict[str, object]) -> None:
    store = MemoryTokenStore()
    with pytest.raises(UnexpectedResponse) as caught:
        exchange(httpx.Response(200, json=answer(**wrong)), store, []).run()
    assert "act.2" not in locals_shown(caught.value)
    assert not list(store.keys())


def test_scopes_that_are_not_said_are_those_that_were_asked_for() -> None:
    store = MemoryTokenStore()
    login = exchange(httpx.Response(200, json=answer(scope=None)), store, []).run()
    stored = store.read(login.credentials.key)
    assert stored is not None
    assert login.granted == stored.scope == SCOPES


class Full(MemoryTokenStore):
    """A store that refuses so many logins."""

    failures = 99

    def put(self, key: Key, record: TokenRecord) -> None:
        self.failures -= 1
        if self.failures >= 0:
            raise OSError(f"disk full: {record.access_token}")
        super().put(key, record)


def test_a_store_that_recovers_gets_the_login_after_all() -> None:
    store, waits = Full(), list[float]()
    store.failures = 3
    login = exchange(httpx.Response(200, json=answer()), store, waits).run()
    assert store.read(login.credentials.key) is not None
    assert waits == [0.0, 0.1, 0.3, 1.0]


def test_a_store_that_fails_for_good_leaves_the_login_with_the_error() -> None:
    with pytest.raises(TokenStoreError, match="OSError") as caught:
        exchange(httpx.Response(200, json=answer()), Full(), []).run()
    assert isinstance(caught.value.unsaved, TokenRecord)
    assert caught.value.unsaved.refresh_token == "rft.2"
    assert caught.value.__context__ is None
    assert "act.2" not in f"{caught.value!r} {locals_shown(caught.value)}"


def logged_in(box: Sandbox, age: float = 0.0) -> tuple[UserCredentials, MemoryTokenStore]:
    """The first creator, who has logged in so many seconds ago."""
    store, said = MemoryTokenStore(), box.login(box.creators[0])
    sent_at = time.time() - age
    return UserCredentials.from_token_answer(app_of(box), store, said, sent_at=sent_at), store


def revoked_tokens(box: Sandbox) -> list[str]:
    return [request.form["token"] for request in box.requests if request.path == REVOKE_PATH]


def test_a_login_that_is_given_back_is_dead_and_forgotten(
    give_back: GiveBack, box: Sandbox
) -> None:
    credentials, store = logged_in(box)
    token = box.creators[0].access_token
    give_back(credentials, base_url=box.base_url)
    assert not list(store.keys())
    assert revoked_tokens(box) == [token]
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{box.base_url}/v2/video/list/?fields=id"
    assert httpx.post(url, json={}, headers=headers).status_code == 401


def test_an_expired_token_is_refreshed_to_be_given_back(give_back: GiveBack, box: Sandbox) -> None:
    credentials, store = logged_in(box, age=8_000)
    give_back(credentials, base_url=box.base_url)
    assert (box.refreshes, revoked_tokens(box)) == (1, [box.creators[0].access_token])
    assert not list(store.keys())


def test_a_login_that_has_ended_is_only_forgotten(give_back: GiveBack, box: Sandbox) -> None:
    credentials, store = logged_in(box, age=8_000)
    box.revoke(box.creators[0])
    give_back(credentials, base_url=box.base_url)
    give_back(credentials, base_url=box.base_url)
    assert (revoked_tokens(box), list(store.keys())) == ([], [])


def test_a_token_that_is_refused_is_refreshed_once(give_back: GiveBack, box: Sandbox) -> None:
    credentials, store = logged_in(box)
    first = box.creators[0].access_token
    box.fault(path=REVOKE_PATH, code="access_token_invalid", times=1)
    give_back(credentials, base_url=box.base_url)
    assert revoked_tokens(box) == [first, box.creators[0].access_token]
    assert (box.refreshes, list(store.keys())) == (1, [])


def test_tokens_that_are_always_refused_count_as_given_back(
    give_back: GiveBack, box: Sandbox
) -> None:
    credentials, store = logged_in(box)
    box.fault(path=REVOKE_PATH, code="access_token_invalid")
    give_back(credentials, base_url=box.base_url)
    assert (len(revoked_tokens(box)), box.refreshes, list(store.keys())) == (2, 1, [])


@pytest.mark.parametrize(
    "fault",
    [
        {"body": ""},
        {"status": 204},
        {"body": '{"error": ""}'},
        {"body": '{"error": {"code": "ok", "message": "", "log_id": "L"}}'},
        {"body": '{"data": {}, "error": {"code": "ok", "message": "", "log_id": "L"}}'},
    ],
)
def test_every_way_to_say_yes_is_understood(give_back: GiveBack, box: Sandbox, fault: Any) -> None:
    credentials, store = logged_in(box)
    box.fault(path=REVOKE_PATH, **fault)
    give_back(credentials, base_url=box.base_url)
    assert not list(store.keys())


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"code": "invalid_client"}, ApiError),
        ({"body": '{"error": {"code": "internal_error", "log_id": "L"}}'}, ApiError),
        ({"html": True}, UnexpectedResponse),
        ({"status": 500, "body": ""}, UnexpectedResponse),
        ({"status": 404, "body": "{}"}, UnexpectedResponse),
        ({"body": "[]"}, UnexpectedResponse),
        ({"body": '{"error'}, UnexpectedResponse),
        ({"drop": True, "processed": False}, TransportError),
    ],
)
def test_where_giving_back_fails_nothing_is_forgotten(
    give_back: GiveBack, box: Sandbox, fault: Any, expected: type[TikTokError]
) -> None:
    credentials, store = logged_in(box)
    box.fault(path=REVOKE_PATH, **fault)
    with pytest.raises(expected) as caught:
        give_back(credentials, base_url=box.base_url)
    assert caught.value.log_id or expected is TransportError
    assert list(store.keys()) == [credentials.key]
    shown = f"{caught.value!r} {locals_shown(caught.value)}"
    secrets = (box.creators[0].access_token, box.creators[0].refresh_token, box.app.client_secret)
    assert not [secret for secret in secrets if secret in shown]


def test_where_an_expired_token_cannot_be_refreshed_nothing_is_forgotten(
    give_back: GiveBack, box: Sandbox
) -> None:
    credentials, store = logged_in(box, age=8_000)
    box.fault(path="/v2/oauth/token/", code="temporarily_unavailable")
    with pytest.raises(RefreshUnavailable):
        give_back(credentials, base_url=box.base_url)
    assert (revoked_tokens(box), list(store.keys())) == ([], [credentials.key])


def test_the_asynchronous_twins_have_the_same_faces() -> None:
    assert_twins(exchange_code, exchange_code_async)
    assert_twins(revoke, revoke_async)
