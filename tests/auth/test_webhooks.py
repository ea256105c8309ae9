"""Webhooks: what is TikTok's, what it says, and which logins it ends."""

import asyncio
import hashlib
import hmac
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.auth.test_consent import APP, locals_shown
from tests.auth.test_refresh import KEY
from tests.auth.test_tokens import RECORD, Sample
from tests.twins import assert_twins
from tiktok_display import (
    AppCredentials,
    ConfigurationError,
    MemoryTokenStore,
    TokenRecord,
    TokenStoreError,
)
from tiktok_display.auth.webhooks import WebhookEvent, verify_webhook, verify_webhook_async
from tiktok_display.stores import Key

NOW = 1_615_338_700
ISSUED = evolve(RECORD, expires_at=NOW + 7_000.0, lifetime=7_200.0)  # 200 s ago
Verify = Callable[..., WebhookEvent]


def verify_sync(*args: Any, now: float = NOW, **kwargs: Any) -> WebhookEvent:
    return verify_webhook(*args, clock=lambda: now, **kwargs)


def verify_async(*args: Any, now: float = NOW, **kwargs: Any) -> WebhookEvent:
    return asyncio.run(verify_webhook_async(*args, clock=lambda: now, **kwargs))


@pytest.fixture(params=[verify_sync, verify_async], ids=["sync", "async"])
def verify(request: pytest.FixtureRequest) -> Verify:
    """Either way to verify."""
    way: Verify = request.param
    return way


def signed(body: bytes, at: object = NOW, secret: str = "app-secret") -> str:
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},s={digest}"


def told(**changes: object) -> bytes:
    """The body of a removed consent, changed; None leaves a key out."""
    whole = {
        "client_key": "app",
        "event": "authorization.removed",
        "create_time": NOW - 60,
        "user_openid": "creator",
        "content": '{"reason": 1 }',
    }
    said = {key: value for key, value in {**whole, **changes}.items() if value is not None}
    return json.dumps(said).encode()


BODY = told()


@pytest.mark.parametrize(
    "name", ["doc_webhook_authorization_removed", "real_webhook_authorization_removed_redacted"]
)
def test_a_recorded_event_is_read(verify: Verify, sample: Sample, name: str) -> None:
    said = sample(name)
    body, app = json.dumps(said).encode(), AppCredentials(said["client_key"], "app-secret")
    event = verify(app, body, signed(body))
    assert event == WebhookEvent(
        event="authorization.removed",
        client_key=said["client_key"],
        open_id=said["user_openid"],
        created_at=float(said["create_time"]),
        content={"reason": 1},
    )
    assert event.reason == 1


def test_a_signature_is_of_the_moment_a_dot_and_the_body() -> None:
    # printf '1615338610.{"client_key":"app"}' | openssl dgst -sha256 -hmac app-secret
    signature = "t=1615338610,s=aaa8317b56627f123999a23a5c9236402e0ad5f96120ec1e6f5ae3654c7a6f2d"
    with pytest.raises(ConfigurationError, match="no event"):
        verify_sync(APP, b'{"client_key":"app"}', signature)


@pytest.mark.parametrize("shape", ["{t},{s}", "{s},{t}", " {t} , {s} ", "{t},{s},v=2", "{t},{s},"])
def test_order_spaces_and_more_than_is_known_do_not_matter(verify: Verify, shape: str) -> None:
    t, s = signed(BODY).split(",")
    assert verify(APP, BODY, shape.format(t=t, s=s)).open_id == "creator"


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_a_changed_byte_of_the_body_is_refused(place: int, change: int) -> None:
    changed = BODY[:place] + bytes([BODY[place] ^ change]) + BODY[place + 1 :]
    with pytest.raises(ConfigurationError, match="wrong"):
        verify_sync(APP, changed, signed(BODY))


@given(st.integers(0, len(signed(BODY)) - 1), st.characters())
def test_a_changed_character_of_the_signature_is_refused(place: int, character: str) -> None:
    signature = signed(BODY)
    changed = signature[:place] + character + signature[place + 1 :]
    if changed != signature:
        with pytest.raises(ConfigurationError):
            verify_sync(APP, BODY, changed)


@given(st.binary(), st.text(), st.text())
def test_whatever_comes_unsigned_is_refused(body: bytes, signature: str, digest: str) -> None:
    for said in (signature, f"t={NOW},s={digest}", f"t={signature},s={digest}"):
        with pytest.raises(ConfigurationError):
            verify_sync(APP, body, said)


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        signed(BODY).split(",", maxsplit=1)[0],
        signed(BODY).split(",")[1],
        f"{signed(BODY)},t={NOW + 1}",
        f"{signed(BODY)},s=00",
        signed(BODY).upper(),
        signed(BODY, secret="another-secret"),
        signed(BODY, at=f"-{NOW}"),
        signed(BODY, at=f"{NOW}.0"),
        signed(BODY, at="1" * 5_000),
        signed(BODY, at="\u0661"),
        f"t={NOW},s=é\ud800",
    ],
)
def test_a_missing_or_wrong_signature_is_refused(verify: Verify, signature: str | None) -> None:
    with pytest.raises(ConfigurationError, match="signature") as caught:
        verify(APP, BODY, signature)
    assert isinstance(caught.value, ValueError)
    right = signed(BODY).split("=")[-1]
    if right not in str(signature):  # or it could be used
        assert right not in locals_shown(caught.value)
    assert "app-secret" not in locals_shown(caught.value)


def test_a_body_is_bytes() -> None:
    with pytest.raises(ConfigurationError, match="bytes"):
        verify_sync(APP, BODY.decode(), signed(BODY))


@pytest.mark.parametrize(
    ("age", "tolerance", "fits"),
    [
        (300, 300.0, True),
        (-300, 300.0, True),
        (301, 300.0, False),
        (-301, 300.0, False),
        (259_200, 259_200.0, True),
        (0, float("nan"), False),
        (1e9, float("inf"), True),
    ],
)
def test_a_signature_is_good_for_a_while(
    verify: Verify, age: float, tolerance: float, fits: bool
) -> None:
    if fits:
        assert verify(APP, BODY, signed(BODY), now=NOW + age, tolerance=tolerance)
    else:
        with pytest.raises(ConfigurationError, match="too old"):
            verify(APP, BODY, signed(BODY), now=NOW + age, tolerance=tolerance)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 100_000,
        told(event=None),
        told(event=7),
        told(client_key=None),
        told(user_openid=None),
        told(create_time=None),
        told(create_time="1615338610"),
        told(create_time=-1),
        told(create_time=10**400),
        told(create_time=float("nan")),
        told(client_key="another app"),
    ],
)
def test_what_is_no_event_of_this_app_is_refused(verify: Verify, body: bytes) -> None:
    store = MemoryTokenStore()
    store.put(KEY, ISSUED)
    with pytest.raises(ConfigurationError, match=r"no event|another app"):
        verify(APP, body, signed(body), store=store)
    assert store.read(KEY) == ISSUED


@pytest.mark.parametrize(
    ("content", "expected", "reason"),
    [
        (None, {}, None),
        ("", {}, None),
        ("no JSON", {}, None),
        ("[1]", {}, None),
        ('{"share_id": "v"}', {"share_id": "v"}, None),
        ('{"reason": 0}', {"reason": 0}, 0),
        ('{"reason": "1"}', {"reason": "1"}, None),
        ('{"reason": true}', {"reason": True}, None),
    ],
)
def test_content_is_json_in_a_string_where_it_is_any(
    content: str | None, expected: object, reason: int | None
) -> None:
    body = told(content=content)
    event = verify_sync(APP, body, signed(body))
    assert (event.content, event.reason) == (expected, reason)


def test_an_event_can_be_kept_in_a_set_and_in_a_queue() -> None:
    event = verify_sync(APP, BODY, signed(BODY))
    assert len({event, pickle.loads(pickle.dumps(event))}) == 1


def test_a_removed_consent_ends_the_login_where_it_is_stored(verify: Verify) -> None:
    store = MemoryTokenStore()
    store.put(KEY, evolve(ISSUED, intent=True))
    for _ in range(2):
        verify(APP, BODY, signed(BODY), store=store)
        assert store.read(KEY) == evolve(
            ISSUED, access_token="", refresh_token="", needs_login="revoked", intent=False
        )


def test_a_creator_nobody_knows_is_no_trouble(verify: Verify) -> None:
    store = MemoryTokenStore()
    assert verify(APP, BODY, signed(BODY), store=store).open_id == "creator"
    assert store.read(KEY) is None


def test_another_event_ends_nothing(verify: Verify) -> None:
    store, body = MemoryTokenStore(), told(event="video.publish.completed")
    store.put(KEY, ISSUED)
    assert verify(APP, body, signed(body), store=store).event == "video.publish.completed"
    assert store.read(KEY) == ISSUED


@pytest.mark.parametrize(("created", "ends"), [(-201, False), (-200, True), (0, True)])
def test_a_login_that_is_newer_than_the_event_lives_on(
    verify: Verify, created: int, ends: bool
) -> None:
    store, body = MemoryTokenStore(), told(create_time=NOW + created)
    store.put(KEY, ISSUED)
    verify(APP, body, signed(body), store=store)
    assert (store.read(KEY) != ISSUED) is ends


def test_a_refresh_under_way_does_not_undo_the_end_of_a_login() -> None:
    store = MemoryTokenStore()
    store.put(KEY, ISSUED)
    assert store.begin(KEY, replaces=ISSUED, owner="me", lease=30)
    verify_sync(APP, BODY, signed(BODY), store=store)
    newer = evolve(ISSUED, access_token="act.2", refresh_token="rft.2")
    assert not store.commit(KEY, newer, replaces=ISSUED)
    stored = store.read(KEY)
    assert stored is not None
    assert stored.needs_login == "revoked"


class Busy(MemoryTokenStore):
    """A store where somebody commits a new pair after so many reads."""

    changes = 0

    def read(self, key: Key) -> TokenRecord | None:
        found = super().read(key)
        if self.changes and found is not None:
            self.changes -= 1
            self.put(key, evolve(found, refresh_token=f"rft.{self.changes}"))
        return found


def test_a_record_that_changes_meanwhile_is_read_again() -> None:
    store = Busy()
    store.put(KEY, ISSUED)
    store.changes = 4
    verify_sync(APP, BODY, signed(BODY), store=store)
    stored = store.read(KEY)
    assert stored is not None
    assert stored.needs_login == "revoked"


def test_a_record_that_never_rests_is_an_error_so_that_tiktok_tells_it_again() -> None:
    store = Busy()
    store.put(KEY, ISSUED)
    store.changes = 99
    with pytest.raises(TokenStoreError) as caught:
        verify_sync(APP, BODY, signed(BODY), store=store)
    assert "act.1" not in locals_shown(caught.value)


def test_the_asynchronous_twin_has_the_same_face() -> None:
    assert_twins(verify_webhook, verify_webhook_async)
