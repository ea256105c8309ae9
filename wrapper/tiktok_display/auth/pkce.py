"""Proof that whoever exchanges a code is the one who asked for it (RFC 7636), TikTok's way. Pure.

https://developers.tiktok.com/doc/login-kit-desktop
"""

import base64
import hashlib
import re
import secrets
from typing import Literal

from ..errors import ConfigurationError

Pkce = Literal["hex", "base64url", "off"]

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def new_verifier() -> str:
    """A fresh secret of 64 unreserved characters."""
    return secrets.token_urlsafe(48)


def is_verifier(value: object) -> bool:
    """Whether ``value`` is 43 to 128 unreserved characters."""
    return isinstance(value, str) and _VERIFIER.fullmatch(value) is not None


def challenge_of(verifier: str, pkce: Pkce) -> str:
    """What the page is told of a verifier: its SHA-256, in lower-case hex as TikTok has it, or in
    base64url as the RFC has it.
    """
    digest = hashlib.sha256(verifier.encode()).digest()
    return digest.hex() if pkce == "hex" else base64.urlsafe_b64encode(digest).decode().rstrip("=")


def check_pkce(pkce: object) -> None:
    """Refuse a way that does not exist."""
    if pkce not in ("hex", "base64url", "off"):
        raise ConfigurationError('pkce is "hex", "base64url" or "off"')
