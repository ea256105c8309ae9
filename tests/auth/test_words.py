"""What is said where an argument or an answer is refused: the words help, and quote nothing."""

import hashlib
import hmac
import json
from collections.abc import Callable

import httpx
import pytest

from tests.auth.test_credentials import APP
from tests.auth.test_tokens import answer
from tiktok_display import (
    ConfigurationError,
    EncryptedTokenStore,
    MemoryTokenStore,
    UnexpectedResponse,
    UserCredentials,
)
from tiktok_display.auth import exchange_code, import_token_answers, verify_webhook
from tiktok_display.auth.login import Exchange
from tiktok_display.secret import SecretForm
from tiktok_display.stores.encrypted import _ciphers

NO_LOGIN = "a login's answer without open_id or refresh_token"


def exchanged(code: str = "c", verifier: str | None = None) -> object:
    store, uri = MemoryTokenStore(), "https://example.org/"
    return exchange_code(APP, store, code=code, redirect_uri=uri, code_verifier=verifier)


def signed(body: bytes, at: int = 1_000) -> str:
    words = b"%d." % at + body
    digest = hmac.new(APP.client_secret.encode(), words, hashlib.sha256).hexdigest()
    return f"t={at},s={digest}"


def heard(body: bytes, signature: str | None = None) -> object:
    signature = signed(body) if signature is None else signature
    return verify_webhook(APP, body, signature, clock=lambda: 1_000.0)


OTHER = json.dumps(
    {"event": "e", "client_key": "other", "user_openid": "o", "create_time": 1}
).encode()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: exchanged(code=""), "code is non-empty, visible ASCII"),
        (
            lambda: exchanged(verifier="short"),
            "code_verifier is 43 to 128 letters, digits and -._~",
        ),
        (
            lambda: import_token_answers(APP, MemoryTokenStore(), "{}"),
            "lines are several, not one string",
        ),
        (lambda: heard("text", ""), "the webhook's body is bytes, as they came"),  # type: ignore[arg-type]
        (lambda: heard(b"{}", ""), "the webhook's signature is missing or malformed"),
        (lambda: heard(b"{}", "t=1000,s=00"), "the webhook's signature is wrong"),
        (
            lambda: heard(b"{}", signed(b"{}", at=1)),
            "the webhook's signature is too old, or of a time to come",
        ),
        (lambda: heard(b"{}"), "the webhook's body is no event"),
        (lambda: heard(OTHER), "the webhook is for another app"),
        (
            lambda: EncryptedTokenStore(MemoryTokenStore()),
            "an EncryptedTokenStore needs at least one key, each of 16, 24 or 32 bytes",
        ),
    ],
)
def test_a_bad_argument_is_refused_in_these_words(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        call()
    assert str(caught.value) == said


def test_a_missing_extra_is_named() -> None:
    said = _ciphers((bytes(16),), "no_such_module")
    assert said == "an EncryptedTokenStore needs `pip install tiktok-display[encryption]`"


def test_lines_that_are_no_login_are_named_in_these_words() -> None:
    lines = ["{", json.dumps({"error": "x"}), json.dumps(answer(open_id=None)), json.dumps([])]
    report = import_token_answers(APP, MemoryTokenStore(), lines)
    assert report.failures == (
        (1, "not JSON"),
        (2, "a failure of the token endpoint"),
        (3, "a token answer without open_id or refresh_token"),
        (4, "a token answer that is not an object"),
    )


def test_an_answer_that_is_no_login_is_named() -> None:
    with pytest.raises(UnexpectedResponse) as caught:
        UserCredentials.from_token_answer(APP, MemoryTokenStore(), answer(refresh_token=None))
    assert (caught.value.status, caught.value.detail) == (None, NO_LOGIN)
    silent = httpx.Response(200, json=answer(open_id=None))
    exchange = Exchange(
        app=APP, store=MemoryTokenStore(), form=SecretForm(), asked=(), post=lambda *_: silent
    )
    with pytest.raises(UnexpectedResponse) as caught:
        exchange.run()
    assert (caught.value.status, caught.value.detail) == (200, NO_LOGIN)


def test_a_new_key_has_the_longest_of_the_sizes() -> None:
    assert len(EncryptedTokenStore.new_key()) == 32
