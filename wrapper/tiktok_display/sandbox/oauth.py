"""The token endpoint: codes, grants, rotation, revocation. Nothing here knows HTTP.

A *grant* is one login of a creator: the family of all tokens that descend from it. Its refresh
token is replaced on every refresh, its deadline never moves.
"""

import hashlib
import random
import re
import string
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import attrs

from .answers import OAuthError
from .checks import kind, number
from .creators import SandboxCreator

CODE_LIFE = 600
"""How long an authorization code lives (s). TikTok's was never observed; RFC 6749 allows this."""

_ALPHABET = string.ascii_letters + string.digits
_LIFE = [kind(int, float), number(0)]
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@attrs.frozen
class SandboxApp:
    """The registered app of a sandbox."""

    client_key: str
    client_secret: str = attrs.field(repr=False)
    scopes: Collection[str] = (
        "user.info.basic",
        "user.info.profile",
        "user.info.stats",
        "video.list",
    )
    """What it may ask creators for."""
    redirect_uris: Collection[str] = ()
    """Addresses of web apps, matched character by character. Desktop addresses on this machine
    (``http://127.0.0.1:PORT/...``, ``http://localhost:PORT/...``) are always accepted."""


def register(rng: random.Random, redirect_uris: Iterable[str]) -> SandboxApp:
    """An app whose key and secret are made up."""
    return SandboxApp(
        client_key=f"sbaw{rng.getrandbits(56):014x}",
        client_secret=f"sandbox{rng.getrandbits(128):032x}",
        redirect_uris=tuple(redirect_uris),
    )


@attrs.frozen
class TokenRules:
    """How tokens live and die; the defaults are TikTok's."""

    access_life: int = attrs.field(default=7_200, validator=_LIFE)
    """Seconds."""
    refresh_life: int = attrs.field(default=180 * 86_400, validator=_LIFE)
    """Seconds from the login; a refresh does not start them again."""
    refresh_grace: float = attrs.field(default=0.0, validator=_LIFE)
    """For so long (s) a replaced refresh token is answered with the pair that replaced it."""
    reuse_detection: bool = False
    """Whether a replaced refresh token that comes again kills its whole family."""
    refresh_kills_access: bool = False
    """Whether a refresh also ends the access tokens before it. TikTok's way was never observed."""


@attrs.frozen
class CodeGrant:
    """What an authorization code stands for."""

    creator: SandboxCreator
    scope: str
    redirect_uri: str
    challenge: str | None
    expires_at: float


@attrs.define(eq=False)
class Grant:
    """One login, and the tokens that descend from it."""

    creator: SandboxCreator
    scope: str
    deadline: float
    refresh_token: str = ""
    access: dict[str, float] = attrs.field(factory=dict[str, float])
    """The expiry of each living access token (s, UTC)."""
    alive: bool = True


@attrs.define(eq=False)
class _Refresh:
    grant: Grant
    replaced_at: float | None = None
    successor: tuple[str, str] = ("", "")


class TokenOffice:
    """Issues tokens and knows them again. Not thread-safe by itself: the sandbox holds its lock."""

    def __init__(self, app: SandboxApp, rules: TokenRules, rng: random.Random) -> None:
        self.app = app
        self.rules = rules
        self.reuses = 0
        self.refreshes = 0
        self._rng = rng
        self._codes: dict[str, CodeGrant] = {}
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, _Refresh] = {}

    def holder(self, access_token: str, now: float) -> Grant | None:
        """The grant of a good access token."""
        grant = self._access.get(access_token)
        good = grant is not None and grant.alive and now < grant.access.get(access_token, 0.0)
        return grant if good else None

    def login(self, creator: SandboxCreator, scope: str, now: float) -> dict[str, Any]:
        """A new grant. Those before it stay good: what TikTok does was never observed."""
        return self._issue(Grant(creator, scope, now + self.rules.refresh_life), now)

    def code(self, grant: CodeGrant) -> str:
        """A code to be exchanged once. ``*`` and ``!`` occur in TikTok's too."""
        code = f"{self._secret(40)}*{self._rng.randrange(10)}!{self._rng.randrange(10_000)}.sandbox"
        self._codes[code] = grant
        return code

    def token(self, form: Mapping[str, list[str]], now: float) -> dict[str, Any]:
        """The answer to one token request; ``OAuthError`` if there is none."""
        self._check_app(form)
        grant_type = self._one(form, "grant_type", "Grant type")
        if grant_type == "authorization_code":
            return self._exchange(form, now)
        if grant_type == "refresh_token":
            return self._rotate(self._one(form, "refresh_token", "Refresh token"), now)
        raise OAuthError("unsupported_grant_type", "The grant type is not supported.")

    def revoke(self, form: Mapping[str, list[str]]) -> None:
        """Ends every grant of the creator an access token belongs to. A token that is not known is
        no error (RFC 7009).
        """
        self._check_app(form)
        grant = self._access.get(self._one(form, "token", "Token"))
        if grant is not None:
            self.revoke_creator(grant.creator)

    def revoke_creator(self, creator: SandboxCreator) -> None:
        """What happens when creators remove the app in their settings."""
        for record in self._refresh.values():
            if record.grant.creator is creator:
                record.grant.alive = False

    def _exchange(self, form: Mapping[str, list[str]], now: float) -> dict[str, Any]:
        # A code is used up by the first attempt, also by a failed one: never observed, the
        # stricter way.
        found = self._codes.pop(self._one(form, "code", "Code"), None)
        redirect_uri = self._one(form, "redirect_uri", "Redirect_uri")
        if found is None or now >= found.expires_at:
            raise OAuthError("invalid_grant", "Authorization code is expired.")
        if redirect_uri != found.redirect_uri:
            raise OAuthError(
                "invalid_request",
                "Redirect_uri is not matched with the uri when requesting code.",
            )
        if not verified(form.get("code_verifier", [""])[-1], found.challenge):
            raise OAuthError("invalid_request", "Code verifier or code challenge is invalid.")
        return self.login(found.creator, found.scope, now)

    def _rotate(self, token: str, now: float) -> dict[str, Any]:
        record = self._refresh.get(token)
        if record is not None and record.replaced_at is not None:
            return self._reused(record, record.replaced_at, now)
        if record is None or not record.grant.alive or now >= record.grant.deadline:
            raise OAuthError("invalid_grant", "Refresh token is invalid or expired.")
        if self.rules.refresh_kills_access:
            record.grant.access.clear()
        answer = self._issue(record.grant, now)
        record.replaced_at = now
        record.successor = (answer["access_token"], answer["refresh_token"])
        self.refreshes += 1
        return answer

    def _reused(self, record: _Refresh, replaced_at: float, now: float) -> dict[str, Any]:
        """A replaced refresh token came again."""
        grant = record.grant
        access_token, refresh_token = record.successor
        in_grace = now < replaced_at + self.rules.refresh_grace
        if in_grace and grant.alive and grant.refresh_token == refresh_token:
            return self._answer(grant, access_token, now)
        self.reuses += 1
        if self.rules.reuse_detection:
            grant.alive = False
        raise OAuthError("invalid_grant", "Refresh token is invalid or expired.")

    def _issue(self, grant: Grant, now: float) -> dict[str, Any]:
        access_token = f"act.sandbox{self._secret(40)}!{self._rng.randrange(10_000)}.va"
        grant.refresh_token = f"rft.sandbox{self._secret(40)}!{self._rng.randrange(10_000)}.va"
        grant.access[access_token] = now + self.rules.access_life
        self._access[access_token] = grant
        self._refresh[grant.refresh_token] = _Refresh(grant)
        grant.creator.token_answer = self._answer(grant, access_token, now)
        return dict(grant.creator.token_answer)

    def _answer(self, grant: Grant, access_token: str, now: float) -> dict[str, Any]:
        return {
            "access_token": access_token,
            "expires_in": max(0, int(grant.access.get(access_token, now) - now)),
            "open_id": grant.creator.open_id,
            "refresh_expires_in": int(grant.deadline - now),
            "refresh_token": grant.refresh_token,
            "scope": grant.scope,
            "token_type": "Bearer",
        }

    def _check_app(self, form: Mapping[str, list[str]]) -> None:
        key = self._one(form, "client_key", "Client key")
        secret = self._one(form, "client_secret", "Client secret")
        if (key, secret) != (self.app.client_key, self.app.client_secret):
            raise OAuthError("invalid_client", "Client key or secret is incorrect.")

    @staticmethod
    def _one(form: Mapping[str, list[str]], name: str, title: str) -> str:
        values = form.get(name, [])
        if len(values) > 1:
            raise OAuthError("invalid_request", "The request parameters are malformed.")
        if not values or not values[0]:
            raise OAuthError("invalid_request", f"{title} is missed in request.")
        return values[0]

    def _secret(self, length: int) -> str:
        return "".join(self._rng.choices(_ALPHABET, k=length))


def verified(verifier: str, challenge: str | None) -> bool:
    """Whether a PKCE verifier fits its challenge: lower-case *hexadecimal* SHA-256. A challenge in
    base64url, right by RFC 7636, fails here as it does at TikTok.
    """
    if challenge is None:
        return True
    digest = hashlib.sha256(verifier.encode()).hexdigest()
    return _VERIFIER.fullmatch(verifier) is not None and digest == challenge
