"""The page that asks creators for their consent: here it decides at once and redirects."""

import re
from collections.abc import Collection, Mapping
from typing import Literal
from urllib.parse import urlencode, urlsplit

import attrs

from .oauth import SandboxApp

Consent = Literal["grant", "deny"]

_VISIBLE = re.compile(r"[!-~]+")
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@attrs.frozen
class Refusal:
    """A request with which nobody may be sent anywhere: a plain page says what is wrong."""

    text: str


@attrs.frozen
class Return:
    """Where the browser goes without a code."""

    redirect_uri: str
    state: str
    error: str
    description: str

    def location(self) -> str:
        """The address of the redirect."""
        parameters = {
            "error": self.error,
            "error_description": self.description,
            "state": self.state,
        }
        return with_query(self.redirect_uri, parameters)


@attrs.frozen
class Permission:
    """A well-formed request to which the creator says yes."""

    redirect_uri: str
    state: str
    scopes: tuple[str, ...]
    challenge: str | None

    def location(self, code: str) -> str:
        """The address of the redirect; ``scopes`` may be fewer than were asked for."""
        parameters = {"code": code, "scopes": ",".join(self.scopes), "state": self.state}
        return with_query(self.redirect_uri, parameters)


def decide(
    parameters: Mapping[str, str],
    app: SandboxApp,
    consent: Consent,
    granted: Collection[str] | None,
) -> Refusal | Return | Permission:
    """What the page does with one request.

    ``granted`` are the scopes the creator leaves ticked, ``None`` for all. What TikTok shows for
    each kind of mistake was never recorded; here an untrusted address gets no redirect, everything
    else goes back to the app as RFC 6749 has it.
    """
    redirect_uri, state = parameters.get("redirect_uri", ""), parameters.get("state", "")
    if parameters.get("client_key") != app.client_key:
        return Refusal("client_key is missing or unknown")
    if redirect_uri not in app.redirect_uris and not is_desktop(redirect_uri):
        return Refusal("redirect_uri is missing, not registered, or has no port")
    if not state:
        return Refusal("state is missing")
    mistake = _mistake(parameters, app)
    if mistake is not None:
        return Return(redirect_uri, state, *mistake)
    if consent == "deny":
        return Return(redirect_uri, state, "access_denied", "The user denied the request.")
    asked = parameters["scope"].split(",")
    scopes = tuple(scope for scope in asked if granted is None or scope in granted)
    return Permission(redirect_uri, state, scopes, parameters.get("code_challenge") or None)


def _mistake(parameters: Mapping[str, str], app: SandboxApp) -> tuple[str, str] | None:
    """What is wrong with a request whose sender is known: OAuth's error and its description."""
    if parameters.get("response_type") != "code":
        return "unsupported_response_type", "response_type must be code."
    asked = parameters.get("scope", "").split(",")
    if not set(asked) <= set(app.scopes):
        return "invalid_scope", "scope is missing, unknown, or not separated by commas."
    challenge = parameters.get("code_challenge", "")
    if not challenge:
        # Desktop apps have to send one; for web apps reports differ, so they may.
        web = parameters["redirect_uri"] in app.redirect_uris
        return None if web else ("invalid_request", "code_challenge is missing.")
    if parameters.get("code_challenge_method") != "S256":
        return "invalid_request", "code_challenge_method must be S256."
    # base64url passes here and fails at the exchange, as it does at TikTok.
    if _CHALLENGE.fullmatch(challenge) is None:
        return "invalid_request", "code_challenge is malformed."
    return None


def is_desktop(redirect_uri: str) -> bool:
    """Whether this is the address of a desktop app: this machine, with a port."""
    # What urlsplit would overlook must not reach the header of a redirect.
    if _VISIBLE.fullmatch(redirect_uri) is None:
        return False
    try:
        parts = urlsplit(redirect_uri)
        port = parts.port
    except ValueError:
        return False
    here = parts.hostname in {"localhost", "127.0.0.1"} and not parts.username
    return parts.scheme == "http" and here and bool(port) and not parts.fragment


def with_query(url: str, parameters: Mapping[str, str]) -> str:
    """The address with further parameters, percent-encoded once."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"
