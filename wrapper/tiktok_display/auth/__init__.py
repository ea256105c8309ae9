"""Tokens: how they are had, who may sign, how long, and how no login is lost on the way."""

from typing import TYPE_CHECKING

from ..lazy import opened

if TYPE_CHECKING:
    from .consent import AuthorizationRequest, Callback, authorization_url, read_callback
    from .credentials import AppCredentials, UserCredentials
    from .events import TokenEvent, TokenEventKind
    from .importing import ImportReport, import_token_answers
    from .login import Login, exchange_code, exchange_code_async, revoke, revoke_async
    from .signing import UserSigner
    from .webhooks import WebhookEvent, verify_webhook, verify_webhook_async
else:
    __getattr__, __dir__ = opened(
        __name__,
        {
            "consent": "AuthorizationRequest Callback authorization_url read_callback",
            "credentials": "AppCredentials UserCredentials",
            "events": "TokenEvent TokenEventKind",
            "importing": "ImportReport import_token_answers",
            "login": "Login exchange_code exchange_code_async revoke revoke_async",
            "signing": "UserSigner",
            "webhooks": "WebhookEvent verify_webhook verify_webhook_async",
        },
    )

__all__ = [
    "AppCredentials",
    "AuthorizationRequest",
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
    "read_callback",
    "revoke",
    "revoke_async",
    "verify_webhook",
    "verify_webhook_async",
]
