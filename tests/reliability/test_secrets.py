"""No secret can be read: in no error or its traceback, no log, no repr, no pickle, no file name."""

import asyncio
import json
import logging
import pickle
import re
import socket
import sqlite3
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import tiktok_display as lib
from tiktok_display import auth, bearer, errors
from tiktok_display.auth.unsaved import keeper
from tiktok_display.sandbox import Sandbox
from tiktok_display.stores import Key

# What these tests say in confidence, and how the sandbox's tokens, secret and codes look.
LEAK = re.compile(r"hush|(?:act|rft)\.sandbox|sandbox[0-9a-f]{32}|(?:!|%21)\d+\.(?:sandbox|va)")
LIST, TOKENS, REVOKE = "/v2/video/list/", "/v2/oauth/token/", "/v2/oauth/revoke/"
HERE, KEY = "http://127.0.0.1:8000/callback/", Key("app", "creator")
Kind = type[errors.TikTokError]
Logs = pytest.LogCaptureFixture
APP, SEALS = lib.AppCredentials("app", "hush"), (b"hush-hush-hush-1", b"hush-hush-hush-2")
PAIR: dict[str, Any] = {"access_token": "act.hush", "refresh_token": "rft.hush"}
RECORD = lib.TokenRecord(**PAIR, expires_at=1e9, lifetime=7200.0)
ANSWER: dict[str, object] = {**PAIR, "open_id": "x", "expires_in": 9}
SAID, moved = json.dumps(ANSWER), partial(auth.import_token_answers, APP)
STALLED = {"data": {"videos": [], "cursor": 0, "has_more": True}, "error": {"code": "ok"}}
CODE, BACK = "hush*1!2.va", f"{HERE}?code=hush*1!2.va&state=hush"
VERIFY = (auth.verify_webhook, auth.verify_webhook_async)
TAKE = (lib.UserCredentials.from_token_answer, lib.UserCredentials.from_token_answer_async)


def loud(step: str = "") -> lib.MemoryTokenStore:
    """A store of somebody's own; one of its steps may fail, and quote what it was given."""
    setattr(store := lib.MemoryTokenStore(), step, refuse)
    return store


def refuse(*_: object, **others: object) -> object:
    raise OSError("rft.hush")


class Stage:
    """A creator of a sandbox, a folder, a port where nobody listens, and a way to make calls."""

    def __init__(self, box: Sandbox, folder: Path, port: int, *, is_async: bool) -> None:
        self.box, self.folder, self.port, self.is_async = box, folder, port, is_async
        self.creator = box.add_creator(videos=3)
        self.app = lib.AppCredentials(box.app.client_key, box.app.client_secret)

    def do(self, twins: tuple[Callable[..., Any], ...], *said: Any, **more: Any) -> Any:
        answer = twins[self.is_async](*said, **more)
        return asyncio.run(answer, debug=True) if self.is_async else answer

    def user(self, late: float = 0.0, store: Any = None, **changes: object) -> lib.UserCredentials:
        """The creator's credentials, ``late`` s after the login."""
        store, answer = store or loud(), {**self.creator.token_answer, **changes}
        user = TAKE[0](self.app, store, answer)
        user._clock = lambda: time.time() + late
        return user

    def list(self, who: str | lib.UserCredentials, **options: Any) -> Any:
        retry = lib.RetryPolicy(attempts=2, base=0.0, patience=0.0)
        options = {"base_url": self.box.base_url, "retry": retry, **options}
        return self.do((listed, listed_async), who, **options)

    def buy(self, body: object = None, store: Any = None, **said: Any) -> Any:
        if body:
            self.box.fault(path=TOKENS, body=json.dumps(body))
        said = {"code": CODE, "code_verifier": "hush" * 11, "redirect_uri": HERE, **said}
        twins = auth.exchange_code, auth.exchange_code_async
        return self.do(twins, self.app, store or loud(), **{"base_url": self.box.base_url, **said})

    def revoke(self, user: lib.UserCredentials) -> Any:
        return self.do((auth.revoke, auth.revoke_async), user, base_url=self.box.base_url)


def listed(who: str | lib.UserCredentials, **options: Any) -> object:
    with lib.DisplayClient(who, **options) as client:
        return list(client.list_videos())


async def listed_async(who: str | lib.UserCredentials, **options: Any) -> object:
    async with lib.AsyncDisplayClient(who, **options) as client:
        return [video async for video in client.list_videos()]


def spoiled(stage: Stage, path: str, kind: str, **fault: Any) -> Any:
    """Calls while ``path`` goes wrong, perhaps quoting what it was sent."""
    is_refresh = path == TOKENS
    token = stage.creator.refresh_token if is_refresh else stage.creator.access_token
    words = {"TOKEN": token, "FORM": f"token={quote(token)}&", "SECRET": stage.app.client_secret}
    for name, said in fault.items():
        if isinstance(said, str):
            fault[name] = re.sub("TOKEN|FORM|SECRET", lambda found: words[found[0]], said)
    stage.box.fault(path=path, **fault)
    user, is_slow = stage.user(9e3 if is_refresh else 0.0), "drip" in fault or "latency" in fault
    if path == REVOKE:
        return stage.revoke(user)
    return stage.list(token if kind == "bare" else user, deadline=0.15 if is_slow else 9.0)


def unsaved(stage: Stage) -> Any:
    user = stage.user(9e3, store := loud("commit"))
    try:
        stage.list(user)
        user._clock = lambda: time.time() + 2e4
        return stage.list(user)
    finally:
        vars(store).pop("commit")
        keeper.offer(store, user.key)


def broken(stage: Stage, make: Callable[[Stage], lib.TokenStore], step: str) -> Any:
    with make(stage) as store:
        if step == "list":
            return stage.list(lib.UserCredentials(APP, store, KEY.open_id))
        return store.read(KEY) if step == "read" else store.commit(KEY, RECORD, replaces=RECORD)


def locked(_: Stage) -> lib.TokenStore:
    lib.EncryptedTokenStore(inner := loud(), SEALS[0]).put(KEY, RECORD)
    return lib.EncryptedTokenStore(inner, SEALS[1])


BROKEN: dict[str, Callable[[Stage], lib.TokenStore]] = {
    "a folder": lambda at: lib.SqliteTokenStore(at.folder),
    "another key": locked,
    "no server": lambda at: lib.PostgresTokenStore(f"postgresql://x:hush@127.0.0.1:{at.port}/x"),
    "no Redis": lambda at: lib.RedisTokenStore(f"redis://x:hush@127.0.0.1:{at.port}/0"),
}
FAULTS: list[tuple[Kind, str, dict[str, Any]]] = [
    (lib.TransportError, LIST, {"cut": 9}), (lib.TransportError, LIST, {"drop": True}),
    (lib.DeadlineExceeded, LIST, {"drip": 0.05}), (lib.RefreshUnavailable, TOKENS, {"cut": 99}),
    (lib.UnexpectedResponse, LIST, {"html": True}),
    (lib.DeadlineExceeded, TOKENS, {"latency": 0.4}),
    (lib.ApiError, TOKENS, {"code": "quoting:TOKEN"}),
    (lib.PaginationStalled, LIST, {"body": json.dumps(STALLED)}),
    (lib.UnexpectedResponse, LIST, {"body": '{"token": "TOKEN'}),
    (lib.ApiError, TOKENS, {"code": "quoting", "message": "FORM"}),
    (lib.RefreshUnavailable, TOKENS, {"body": SAID}),
    (lib.RefreshUnavailable, TOKENS, {"status": 503, "message": "TOKEN"}),
    (lib.ApiError, LIST, {"code": "quoting", "message": "What is TOKEN?"}),
    (lib.ApiError, REVOKE, {"code": "quoting", "message": "TOKEN of SECRET"}),
    (lib.ApiError, TOKENS, {"code": "quoting", "message": "TOKEN of SECRET"}),
    *((kind, LIST, {"code": code}) for code, kind in errors._BY_CODE.items()),
    (lib.ApiError, TOKENS, {"body": '{"error": "quoting", "log_id": "TOKEN"}'}),
    (lib.ReauthorizationRequired, TOKENS, {"code": "invalid_grant", "message": "TOKEN"}),
]  # fmt: skip
WRONG: dict[str, Callable[[Stage], Any]] = {
    "token": lambda at: at.list("hush hush"), "code": lambda at: at.buy(code="hush hush"),
    "origin": lambda at: at.buy(base_url="ftp://x"),
    "verifier": lambda at: at.buy(code_verifier="hush"),
    "deadline": lambda at: at.list("hush", deadline=-1),
    "DSN": lambda at: lib.PostgresTokenStore("user:hush@x"),
    "secret": lambda at: lib.AppCredentials("app", "hush\n"),
    "URL": lambda at: lib.RedisTokenStore("x://user:hush@x"),
    "open_id": lambda at: lib.UserCredentials(APP, loud(), ""),
    "key": lambda at: lib.EncryptedTokenStore(loud(), b"hush"),
    "signature": lambda at: at.do(VERIFY, APP, b"{}", f"t={time.time():.0f},s=x"),
    "state": lambda at: auth.read_callback(BACK, state="hush-hush"),
    "address": lambda at: auth.authorization_url(APP, "x", state="hush"),
    "callback": lambda at: auth.read_callback(f"{BACK}&code=x", state="hush"),
    "lines": lambda at: moved(loud(), SAID),
}  # fmt: skip
MORE: dict[str, tuple[Kind, Callable[[Stage], Any]]] = {
    "scope": (lib.ReauthorizationRequired, lambda at: at.list(at.user(scope="a"))),
    "ended": (lib.ReauthorizationRequired, lambda at: at.list(at.user(9e3, refresh_expires_in=9))),
    "unsaved": (lib.TokenStoreError, unsaved),
    "unread": (lib.TokenStoreError, lambda at: at.list(at.user(store=loud("begin"), late=9e3))),
    "login": (lib.TokenStoreError, lambda at: at.buy(ANSWER, loud("put"))),
    "bought": (lib.ApiError, lambda at: at.buy()),
    "quoted": (lib.ApiError, lambda at: at.buy({"error": "x", "error_description": CODE})),
    "sent": (lib.ApiError, lambda at: at.buy({"error": "x", "error_description": quote(CODE)})),
    "nobody": (lib.UnexpectedResponse, lambda at: at.buy({**ANSWER, "open_id": ""})),
    "failure": (lib.ApiError, lambda at: at.do(TAKE, APP, loud(), {**ANSWER, "error": "x"})),
    "denied": (lib.ApiError, lambda at: auth.read_callback(f"{BACK}&error=no", state="hush")),
    "import": (lib.TokenStoreError, lambda at: moved(lib.SqliteTokenStore(at.folder), [SAID])),
}  # fmt: skip
SCENES = MORE | {f"wrong {name}": (lib.ConfigurationError, act) for name, act in WRONG.items()}
for _kind, _path, _fault in FAULTS:
    for _who in ("user", "bare")[: 1 + (_path == LIST)]:
        _act = partial(spoiled, path=_path, kind=_who, **_fault)
        SCENES[f"{_who} {_path} {_fault}"[:80]] = _kind, _act
for _name, _make in BROKEN.items():
    for _step in ("read", "commit", "list"):
        SCENES[f"{_name} {_step}"] = lib.TokenStoreError, partial(broken, make=_make, step=_step)


def readable(error: BaseException) -> Iterator[tuple[str, str]]:
    """Wherever an error can be read, with those that it follows from, and what stands there."""
    chain = [error]
    for one in chain:
        chain += [it for it in (one.__cause__, one.__context__) if it and it not in chain]
        yield type(one).__name__, f"{one} {one!r} {vars(one)} {pickled(one)}"
        for frame in traceback.TracebackException.from_exception(one, capture_locals=True).stack:
            if "tests" not in Path(frame.filename).parts:
                yield f"{frame.filename}, {frame.name}", str(frame.locals)


def pickled(thing: object) -> str:
    """What a pickle would show; nothing, where it is refused."""
    with suppress(TypeError, AttributeError, pickle.PicklingError):
        return pickle.dumps(thing).decode("latin-1")
    return ""


def leaks(places: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{place}: {found[0]}" for place, text in places if (found := LEAK.search(text))]


def logged(caplog: Logs) -> list[tuple[str, str]]:
    return [(record.name, caplog.handler.format(record)) for record in caplog.records]


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with Sandbox(rate_limit=None) as box:
        yield box


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def stage(request: pytest.FixtureRequest, server: Sandbox, tmp_path: Path) -> Iterator[Stage]:
    server.clear_faults()
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        yield Stage(server, tmp_path, taken.getsockname()[1], is_async=request.param)


# A login waits for its store, once for both ways.
WAYS = [(name, way) for name in SCENES for way in (False, True) if way or name != "login"]


@pytest.mark.parametrize(("name", "stage"), WAYS, indirect=["stage"])
def test_no_error_and_no_log_shows_a_secret(name: str, stage: Stage, caplog: Logs) -> None:
    expected, act = SCENES[name]
    caplog.set_level(logging.DEBUG)
    with pytest.raises(expected) as caught:
        act(stage)
    assert type(caught.value) is expected
    assert leaks([*readable(caught.value), *logged(caplog)]) == []


def test_every_class_of_error_is_met() -> None:
    classes = [it for it in vars(errors).values() if isinstance(it, type)]
    kinds = {kind for kind in classes if issubclass(kind, errors.TikTokError)}
    assert {kind for kind, _ in SCENES.values()} == kinds - {errors.TikTokError}


def test_no_log_of_success_shows_a_secret(stage: Stage, caplog: Logs) -> None:
    caplog.set_level(logging.DEBUG)
    user = stage.user(9e3)
    assert stage.list(user)
    stage.revoke(user)
    heard = {name.partition(".")[0] for name, _ in logged(caplog)}
    assert heard >= {"httpcore", "tiktok_display", *["asyncio"][: stage.is_async]}
    assert leaks(logged(caplog)) == []


def test_no_public_object_shows_a_secret(tmp_path: Path) -> None:
    (memory := lib.MemoryTokenStore()).put(KEY, RECORD)
    user = lib.UserCredentials(APP, memory, KEY.open_id)
    user._record = RECORD
    client, other = lib.DisplayClient("hush"), lib.AsyncDisplayClient("hush")
    kept: dict[str, Any] = {"state": "hush", "code_verifier": "hush", "redirect_uri": HERE}
    post: Any = None
    known = [
        *(APP, RECORD, user, client, other, client.list_videos(), other.list_videos(), memory),
        *(lib.DisplayClient(user), lib.AsyncDisplayClient(user), bearer.BearerToken("hush")),
        *(lib.SqliteTokenStore(tmp_path / "x.db"), lib.EncryptedTokenStore(memory, SEALS[0])),
        *(lib.PostgresTokenStore("postgresql://:hush@h"), lib.RedisTokenStore("redis://:hush@h")),
        *(lib.RateLimit("redis://:hush@h"), lib.RateLimit("postgresql://:hush@h")),
        auth.AuthorizationRequest(url=BACK, scopes=(), **kept),
        *(auth.Callback("hush", ()), auth.Login(user, (), ()), auth.UserSigner(user, post)),
        lib.TokenEvent(kind=lib.TokenEventKind.SAVED, client_key="", open_id="", record=RECORD),
    ]
    assert leaks((repr(it), f"{it} {it!r} {pickled(it)}") for it in known) == []
    harmless = {lib.Video, lib.VideoPage, lib.QueryResult, lib.RetryPolicy, lib.TokenStore}
    harmless |= {lib.Limiter, auth.ImportReport, auth.WebhookEvent}
    public = {getattr(module, name) for module in (lib, auth) for name in module.__all__}
    classes = {it for it in public if isinstance(it, type) and not issubclass(it, Exception | Enum)}
    assert {bearer.BearerToken, *classes} == harmless | {type(it) for it in known}


def test_no_name_of_a_file_shows_a_token_or_a_creator(tmp_path: Path) -> None:
    with lib.SqliteTokenStore(path := tmp_path / "tokens.db") as store:
        store.put(key := Key("hush", "hush"), RECORD)
        before = store.begin(key, replaces=RECORD, owner="hush", lease=30.0)
        with closing(sqlite3.connect(path)) as reader:
            reader.execute("select * from sqlite_master").fetchall()
            names = [file.name for file in tmp_path.rglob("*")]
    assert before == RECORD
    assert len(names) == 4  # the database, its log, the index of that, and a sign of life
    assert leaks((name, name) for name in names) == []
