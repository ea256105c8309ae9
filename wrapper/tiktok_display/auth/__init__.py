"""Tokens: how they are had, who may sign, how long, and how no login is lost on the way."""

from .consent import AuthorizationRequest, Callback, authorization_url, read_callback
from .credentials import AppCredentials, UserCredentials
from .events import TokenEvent, TokenEventKind
from .importing import ImportReport, import_token_answers
from .login import Login, exchange_code, exchange_code_async, revoke, revoke_async
from .signing import BearerToken, UserSigner
from .tokens import is_token
from .webhooks import WebhookEvent, verify_webhook, verify_webhook_async

__all__ = [
    "AppCredentials",
    "AuthorizationRequest",
    "BearerToken",
    "Callback",
    "ImportReport",
    "Login",
    "TokenEvent",
    "TokenEventKind",
    "UserCredentials",
    "UserSigner",
    "WebhookEvent",
    "authorization_url",
    "exchange_code",
    "exchange_code_async",
    "import_token_answers",
    "is_token",
    "read_callback",
    "revoke",
    "revoke_async",
    "verify_webhook",
    "verify_webhook_async",
]
