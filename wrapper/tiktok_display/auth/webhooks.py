"""What TikTok tells an app by itself: checked, read, and where a login has ended, noted.

https://developers.tiktok.com/doc/webhooks-verification
https://developers.tiktok.com/doc/webhooks-events
"""

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from functools import partial

from attrs import evolve, field, frozen

from ..answers import text
from ..errors import ConfigurationError, TokenStoreError
from ..stores import Key, TokenStore
from .credentials import AppCredentials

AUTHORIZATION_REMOVED = "authorization.removed"

_MOMENT = re.compile(r"[0-9]{1,12}")
_LATEST = 1e11  # Unix seconds
_TRIES = 5  # to note an end while refreshes go on


@frozen(kw_only=True)
class WebhookEvent:
    """Something that has happened at TikTok. The same one may be told more than once.

    Attributes:
        event: what, e.g. ``authorization.removed``; an open list.
        client_key: to which app.
        open_id: to which creator.
        created_at: when; Unix seconds, UTC.
        content: more; empty where TikTok says no more.
    """

    event: str
    client_key: str
    open_id: str
    created_at: float
    content: Mapping[str, object] = field(hash=False)

    @property
    def reason(self) -> int | None:
        """Why a consent was removed: 0 unknown, 1 by the creator, 2 account deleted, 3 age changed,
        4 account banned, 5 by the developer; None for other events.
        """
        reason = self.content.get("reason")
        return reason if type(reason) is int else None


def verify_webhook(
    app: AppCredentials,
    body: bytes,
    signature: str | None,
    *,
    store: TokenStore | None = None,
    tolerance: float = 300.0,
    clock: Callable[[], float] = time.time,
) -> WebhookEvent:
    """The event that a request to an app's webhook address tells, if it is TikTok's.

    Args:
        app: whose secret has signed it.
        body: the request's, byte for byte as it came.
        signature: its header ``TikTok-Signature``; None where there is none.
        store: where the creator's tokens are: a consent that was removed ends them there, too,
            unless they were issued after it.
        tolerance: s by which the signature may be older or newer than ``clock``. TikTok tries to
            deliver for up to 72 hours, and does not say whether it signs anew each time.
        clock: Unix seconds.

    Raises:
        ConfigurationError: it is not TikTok's, not this app's, or not of now: bad input, refused.
            Answer with 400.
        TokenStoreError: the store does not note it. Answer with 500, and TikTok tells it again.
    """
    _check(app, body, signature, tolerance, clock())
    event = _event(body)
    if event is None:
        raise ConfigurationError("the webhook's body is no event")
    if event.client_key != app.client_key:
        raise ConfigurationError("the webhook is for another app")
    if store is not None and event.event == AUTHORIZATION_REMOVED:
        _end(store, Key(event.client_key, event.open_id), event.created_at)
    return event


async def verify_webhook_async(
    app: AppCredentials,
    body: bytes,
    signature: str | None,
    *,
    store: TokenStore | None = None,
    tolerance: float = 300.0,
    clock: Callable[[], float] = time.time,
) -> WebhookEvent:
    """The same for an event loop, which the store does not block."""
    work = partial(verify_webhook, store=store, tolerance=tolerance, clock=clock)
    return await asyncio.to_thread(work, app, body, signature)


def _check(
    app: AppCredentials, body: bytes, signature: str | None, tolerance: float, now: float
) -> None:
    if not isinstance(body, bytes):
        raise ConfigurationError("the webhook's body is bytes, as they came")
    parts = [part.partition("=") for part in (signature or "").split(",")]
    said = {name.strip(): value.strip() for name, _, value in parts}
    signed_at, given = said.get("t", ""), said.get("s", "")
    if len(said) != len(parts) or not _MOMENT.fullmatch(signed_at):
        raise ConfigurationError("the webhook's signature is missing or malformed")
    if not hmac.compare_digest(_signature(app, body, signed_at), given.encode(errors="replace")):
        raise ConfigurationError("the webhook's signature is wrong")
    is_of_now = abs(now - int(signed_at)) <= tolerance
    if not is_of_now:
        raise ConfigurationError("the webhook's signature is too old, or of a time to come")


def _signature(app: AppCredentials, body: bytes, signed_at: str) -> bytes:
    signed = b".".join([signed_at.encode(), body])
    return hmac.new(app.client_secret.encode(), signed, hashlib.sha256).hexdigest().encode()


def _event(body: bytes) -> WebhookEvent | None:
    said = _object(body)
    event, client_key = text(said.get("event")), text(said.get("client_key"))
    open_id, created_at = text(said.get("user_openid")), said.get("create_time")
    if not (event and client_key and open_id and isinstance(created_at, int | float)):
        return None
    if not 0 < created_at < _LATEST:
        return None
    return WebhookEvent(
        event=event,
        client_key=client_key,
        open_id=open_id,
        created_at=float(created_at),
        content=_object(text(said.get("content"))),
    )


def _object(said: str | bytes) -> dict[str, object]:
    """The JSON object that ``said`` is; an empty one, where it is none."""
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _end(store: TokenStore, key: Key, ended_at: float) -> None:
    """Note that a login has ended. By predecessor, so that a refresh under way cannot undo it; and
    not where the creator has logged in again since: a webhook may be late, or told twice.
    """
    for _ in range(_TRIES):
        record = store.read(key)
        if record is None or record.needs_login == "revoked":
            return
        issued_at = record.expires_at - record.lifetime
        ended = evolve(
            record, access_token="", refresh_token="", needs_login="revoked", intent=False
        )
        if issued_at > ended_at or store.commit(key, ended, replaces=record):
            return
    raise TokenStoreError("the record of a removed consent changes too often to note it")
