"""A creator's login: tokens bought with a code, and given back.

https://developers.tiktok.com/doc/oauth-user-access-token-management
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from functools import partial

from attrs import evolve, field, frozen

from ..answers import Response, said
from ..bearer import is_token
from ..errors import (
    AccessTokenInvalid,
    ConfigurationError,
    ReauthorizationRequired,
    TikTokError,
    TokenStoreError,
    TransportError,
    UnexpectedResponse,
    decode,
    error_from,
    hushed,
)
from ..secret import Secret, SecretForm
from ..stores import TokenRecord, TokenStore
from ..transport.exchange import post_form
from ..transport.origin import Origin, origin_of
from .asking import Post, ask
from .consent import check_redirect_uri, checked_scopes
from .credentials import AppCredentials, UserCredentials
from .pkce import is_verifier
from .signing import UserSigner
from .tokens import TokenAnswer, first_record

REVOKE_PATH = "/v2/oauth/revoke/"

_SAVE_PAUSES = (0.0, 0.1, 0.3, 1.0)  # s before each try to store a login


@frozen
class Login:
    """A creator who has logged in.

    Attributes:
        credentials: theirs, for a client; the tokens are in the store.
        granted: the scopes they agreed to.
        missing: what was asked for and they did not agree to.
    """

    credentials: UserCredentials
    granted: tuple[str, ...]
    missing: tuple[str, ...]


def exchange_code(
    app: AppCredentials,
    store: TokenStore,
    *,
    code: str,
    redirect_uri: str,
    code_verifier: str | None = None,
    scopes: Iterable[str] = (),
    base_url: str | None = None,
    timeout: float = 30.0,
) -> Login:
    """Buy tokens with a code, and store them.

    Args:
        app: the app that the creator has agreed to.
        store: where the login is kept, under the creator's ``open_id``.
        code: `Callback.code`.
        redirect_uri: the same as in `authorization_url`.
        code_verifier: `AuthorizationRequest.code_verifier`.
        scopes: what was asked for, to learn what of it is missing.
        base_url: where the API is, if not at TikTok.
        timeout: s to connect and without a byte; all of it takes some 20 s at most.

    Raises:
        ApiError: TikTok refused: ``invalid_grant`` for a code that has expired or was used before,
            ``invalid_request`` for another address or verifier.
        TransportError: no answer. What became of the code is not known: begin the login anew.
        UnexpectedResponse: an answer that is no login.
        TokenStoreError: the store did not take the login, which is in ``unsaved``.
        ConfigurationError: an argument is malformed.
    """
    form = _form(app, code, redirect_uri, code_verifier)
    del code, code_verifier  # so that no traceback's locals show them
    origin = origin_of(base_url, timeout)
    return _exchange(app, store, form, checked_scopes(scopes), origin).run()


async def exchange_code_async(
    app: AppCredentials,
    store: TokenStore,
    *,
    code: str,
    redirect_uri: str,
    code_verifier: str | None = None,
    scopes: Iterable[str] = (),
    base_url: str | None = None,
    timeout: float = 30.0,
) -> Login:
    """The same for an event loop. A caller who is cancelled leaves; the login is still stored."""
    form = _form(app, code, redirect_uri, code_verifier)
    del code, code_verifier
    origin = origin_of(base_url, timeout)
    exchange = _exchange(app, store, form, checked_scopes(scopes), origin)
    return await asyncio.shield(asyncio.to_thread(exchange.run))


def _form(app: AppCredentials, code: str, redirect_uri: str, verifier: str | None) -> SecretForm:
    form = SecretForm(
        client_key=app.client_key,
        client_secret=app.client_secret,
        grant_type="authorization_code",
        code=code,
        redirect_uri=redirect_uri,
    )
    if verifier is not None:
        form["code_verifier"] = verifier
    return form


def _exchange(
    app: AppCredentials,
    store: TokenStore,
    form: SecretForm,
    asked: tuple[str, ...],
    origin: Origin,
) -> "Exchange":
    if not is_token(form["code"]):
        raise ConfigurationError("code is non-empty, visible ASCII")
    if "code_verifier" in form and not is_verifier(form["code_verifier"]):
        raise ConfigurationError("code_verifier is 43 to 128 letters, digits and -._~")
    check_redirect_uri(form["redirect_uri"])
    post = partial(post_form, origin)
    return Exchange(app=app, store=store, form=form, asked=asked, post=post)


@frozen(kw_only=True)
class Exchange(Secret):
    """Everything that one exchange needs."""

    app: AppCredentials
    store: TokenStore = field(repr=False)
    form: SecretForm
    asked: tuple[str, ...]
    post: Post = field(repr=False)
    clock: Callable[[], float] = time.time  # Unix seconds
    sleep: Callable[[float], None] = time.sleep

    def run(self) -> Login:
        """The login, stored."""
        sent_at = self.clock()
        answer, _ = ask(self.post, self.form, sleep=self.sleep)
        if isinstance(answer, TikTokError):
            raise answer
        open_id = creator_of(answer)
        if open_id is None:
            raise UnexpectedResponse(200, "a login's answer without open_id or refresh_token")
        # What is not said is what was asked for: https://www.rfc-editor.org/rfc/rfc6749#section-5.1
        granted = self.asked if answer.scope is None else answer.scope
        credentials = UserCredentials(self.app, self.store, open_id)
        self._save(credentials, evolve(first_record(answer, sent_at), scope=granted))
        missing = tuple(scope for scope in self.asked if scope not in granted)
        return Login(credentials, granted, missing)

    def _save(self, credentials: UserCredentials, record: TokenRecord) -> None:
        failure = TokenStoreError("the store does not take the login")
        for pause in _SAVE_PAUSES:
            self.sleep(pause)
            try:
                return self.store.put(credentials.key, record)
            except Exception as error:  # noqa: BLE001 - a store of somebody's own may raise anything
                failure.args = (f"the store does not take the login: {type(error).__name__}",)
        failure.unsaved = record
        raise failure


def creator_of(answer: TokenAnswer) -> str | None:
    """Whose login an answer is; None where it is none, for want of a name or a refresh token."""
    is_named = answer.open_id is not None and answer.open_id.isprintable()
    return answer.open_id if is_named and answer.refresh_token is not None else None


def revoke(
    credentials: UserCredentials, *, base_url: str | None = None, timeout: float = 30.0
) -> None:
    """Give a login back: TikTok ends its tokens, and the store forgets them.

    A login that has ended already is only forgotten. Where anything else fails nothing is
    forgotten, and it may be asked for again.

    Args:
        credentials: whose.
        base_url: where the API is, if not at TikTok.
        timeout: s for the answer, and for the refresh of an expired token before it.

    Raises:
        ApiError: TikTok refused.
        TransportError: no answer.
        UnexpectedResponse: an answer that is not TikTok's.
        RefreshUnavailable: the access token has expired, and cannot be refreshed now.
        DeadlineExceeded: the same, within ``timeout``.
        TokenStoreError: the store does not read or forget.
    """
    post = partial(post_form, origin_of(base_url, timeout))
    signer, refused = UserSigner(credentials, post), None
    for _ in range(2):
        try:
            token = signer.token(refused, timeout)
        except ReauthorizationRequired:  # nothing is left that could be revoked
            break
        form = _revocation(credentials.app, token)
        error = _refusal(post(REVOKE_PATH, form, timeout))
        if error is None:
            break
        if not isinstance(error, AccessTokenInvalid):
            raise hushed(error, form.only("client_secret", "token"))
        refused = token
    credentials.store.delete(credentials.key)


async def revoke_async(
    credentials: UserCredentials, *, base_url: str | None = None, timeout: float = 30.0
) -> None:
    """The same for an event loop. A caller who is cancelled leaves; what is begun is ended."""
    work = partial(revoke, credentials, base_url=base_url, timeout=timeout)
    await asyncio.shield(asyncio.to_thread(work))


def _revocation(app: AppCredentials, token: TokenRecord) -> SecretForm:
    return SecretForm(
        client_key=app.client_key, client_secret=app.client_secret, token=token.access_token
    )


def _refusal(response: Response | TransportError) -> TikTokError | None:
    """What is wrong; None for a success: an empty answer, or an object that says no error."""
    if isinstance(response, TransportError):
        return response
    is_success = 200 <= response.status_code < 300
    if is_success and not response.content.strip():
        return None
    body = decode(response)
    if is_success and isinstance(body, dict) and said(body)[0] in ("", "ok"):
        return None
    return error_from(response)
