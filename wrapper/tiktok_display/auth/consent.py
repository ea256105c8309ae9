"""The page that asks a creator for consent: its address, and what comes back from it. Pure.

https://developers.tiktok.com/doc/login-kit-web
https://developers.tiktok.com/doc/login-kit-desktop
"""

import re
import secrets
from collections.abc import Iterable, Mapping
from hmac import compare_digest
from urllib.parse import parse_qs, urlencode, urlsplit

from attrs import field, frozen

from ..bearer import is_token
from ..errors import ConfigurationError, TikTokError, api_error
from ..secret import Secret, SecretForm
from ..transport.origin import TIKTOK, origin_of
from .credentials import AppCredentials
from .pkce import Pkce, challenge_of, check_pkce, new_verifier
from .tokens import scopes as scopes_of

_SITE, _PATH = "https://www.tiktok.com", "/v2/auth/authorize/"
_READ = ("code", "scopes", "state", "error", "error_description")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|/|\?", re.IGNORECASE)
_LONGEST = 300  # characters of a description


@frozen(kw_only=True)
class AuthorizationRequest(Secret):
    """Where to send a creator, and what must be kept until they come back.

    Attributes:
        url: TikTok's page, for the creator's browser.
        state: for `read_callback`. A web app keeps it in its user's session: that it comes back to
            the same session is what stops a stranger's login from being slipped in.
        code_verifier: for `exchange_code`, kept in the same place; None without PKCE.
        redirect_uri: where the creator comes back to; `exchange_code` needs the same.
        scopes: what is asked for.
    """

    url: str = field(repr=False)
    state: str = field(repr=False)
    code_verifier: str | None = field(repr=False)
    redirect_uri: str
    scopes: tuple[str, ...]


@frozen
class Callback(Secret):
    """A creator's consent: a ``code``, good once and not for long, and what they agreed to."""

    code: str = field(repr=False)
    scopes: tuple[str, ...]


def authorization_url(
    app: AppCredentials,
    redirect_uri: str,
    *,
    scopes: Iterable[str] = ("user.info.basic", "video.list"),
    state: str | None = None,
    pkce: Pkce = "hex",
    base_url: str | None = None,
) -> AuthorizationRequest:
    """Where to send a creator for their consent. Sends nothing.

    Args:
        app: the app that asks.
        redirect_uri: where they come back to, as registered with TikTok character by character:
            ``https://``, or ``http://`` with a port on ``localhost`` or ``127.0.0.1``.
        scopes: what to ask for.
        state: visible ASCII that nobody can guess; made up, if not given.
        pkce: how the verifier is hashed. TikTok's desktop apps need ``"hex"``; ``"base64url"`` is
            right by RFC 7636, and refused there; web apps may go without, ``"off"``.
        base_url: where the API is, if not at TikTok; the page is then expected there, too.

    Raises:
        ConfigurationError: an argument is none of these.
    """
    query = SecretForm(state=secrets.token_urlsafe(32) if state is None else state)
    del state  # so that no traceback's locals show it
    if not is_token(query["state"]):
        raise ConfigurationError("state is non-empty, visible ASCII")
    check_redirect_uri(redirect_uri)
    check_pkce(pkce)
    asked = checked_scopes(scopes)
    if not asked:
        raise ConfigurationError("scopes must name at least one")
    page = _page(base_url)
    query |= {
        "client_key": app.client_key,
        "scope": ",".join(asked),
        "redirect_uri": redirect_uri,
        "response_type": "code",
    }
    verifier = None if pkce == "off" else new_verifier()
    if verifier is not None:
        query |= {
            "code_challenge": challenge_of(verifier, pkce),
            "code_challenge_method": "S256",
        }
    return AuthorizationRequest(
        url=f"{page}?{urlencode(query)}",
        state=query["state"],
        code_verifier=verifier,
        redirect_uri=redirect_uri,
        scopes=asked,
    )


def read_callback(url: str, *, state: str) -> Callback:
    """What a creator has answered.

    Args:
        url: where their browser was sent, with its query; or the query alone.
        state: the `AuthorizationRequest.state` that was kept in this user's session.

    Raises:
        ApiError: they did not agree; its ``code`` says why, e.g. ``access_denied``.
        ConfigurationError: the state is missing or another one, or this is no answer of TikTok's at
            all; nothing of it is quoted. Whoever sent it is not to be logged in.
    """
    outcome = _answer(_parameters(url), state)
    del url, state  # so that no traceback's locals show them
    if isinstance(outcome, TikTokError):
        raise outcome
    return outcome


def _answer(given: Mapping[str, str] | None, state: str) -> Callback | TikTokError:
    if given is None:
        return ConfigurationError("the callback is no URL that says each thing once")
    returned = given.get("state")
    if not (is_token(state) and is_token(returned) and compare_digest(state, returned)):
        return ConfigurationError("the callback's state is not the one of this login")
    if error := given.get("error"):
        if not is_token(error):
            return ConfigurationError("the callback's error is malformed")
        # What may come from anybody's address bar writes no lines of its own into a log.
        words = given.get("error_description", "")[:_LONGEST]
        return api_error(error, "".join(c if c.isprintable() else " " for c in words))
    code = given.get("code")
    if not is_token(code):
        return ConfigurationError("the callback has no code")
    return Callback(code, scopes_of(given.get("scopes", "")))


def _parameters(url: object) -> Mapping[str, str] | None:
    """What the URL says, percent-decoded once; None where it says one thing twice."""
    if not isinstance(url, str):
        return None
    # A query alone may have a question mark of its own.
    query = url.partition("#")[0]
    query = query.partition("?")[2] if _ADDRESS.match(query) else query
    found = parse_qs(query, keep_blank_values=True)
    if any(len(found.get(name, [])) > 1 for name in _READ):
        return None
    return {name: values[0] for name, values in found.items()}


def check_redirect_uri(uri: object) -> None:
    """Refuse what TikTok cannot send a browser to. A query is left to TikTok, which denies it."""
    if not _is_redirect_uri(uri):
        raise ConfigurationError(
            "redirect_uri is an absolute https:// address, or http:// with a port on localhost or"
            " 127.0.0.1, without a fragment"
        )


def _is_redirect_uri(uri: object) -> bool:
    if not is_token(uri) or "#" in uri:
        return False
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return False
    if not parts.hostname or "@" in parts.netloc:
        return False
    is_here = parts.hostname in ("localhost", "127.0.0.1")
    return parts.scheme == "https" or (parts.scheme == "http" and is_here and bool(port))


def checked_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Each scope once, in the order given."""
    if isinstance(scopes, str):
        raise ConfigurationError("scopes is a list of names, not one string")
    names = tuple(dict.fromkeys(scopes))
    if not all(is_token(name) and "," not in name for name in names):
        raise ConfigurationError("a scope is a name without commas or spaces")
    return names


def _page(base_url: str | None) -> str:
    """TikTok's page is not at its API's origin."""
    origin = origin_of(base_url, 1.0).base_url
    return (_SITE if origin == TIKTOK else origin) + _PATH
