"""Tokens: who may sign, how long, and how the next pair is had without losing a login."""

from .credentials import AppCredentials, BearerToken, UserCredentials, UserSigner
from .tokens import is_token

__all__ = ["AppCredentials", "BearerToken", "UserCredentials", "UserSigner", "is_token"]
