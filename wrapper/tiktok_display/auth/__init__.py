"""Tokens: who may sign, how long, and how the next pair is had without losing a login."""

from .credentials import AppCredentials, UserCredentials
from .events import TokenEvent, TokenEventKind
from .signing import BearerToken, UserSigner
from .tokens import is_token

__all__ = [
    "AppCredentials",
    "BearerToken",
    "TokenEvent",
    "TokenEventKind",
    "UserCredentials",
    "UserSigner",
    "is_token",
]
