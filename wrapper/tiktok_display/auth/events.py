"""What happens to tokens, told to the operator: by a callback, and in the log, without secrets."""

import logging
from collections.abc import Callable
from enum import StrEnum

from attrs import field, frozen

from ..secret import Secret
from ..stores import Key, TokenRecord

_log = logging.getLogger("tiktok_display.auth")

_DAY = 86_400.0  # s
_CONSENT_DAYS = (1, 7, 30)


class TokenEventKind(StrEnum):
    """What has happened."""

    REFRESHED = "refreshed"  # a new pair was bought and stored
    ADOPTED = "adopted"  # another replica's new pair was taken from the store
    LATE_COMMIT = "late_commit"  # a pair came after its lease was over; ``detail`` says what became
    UNSAVED = "unsaved"  # the store does not take a new pair, which serves from memory meanwhile
    SAVED = "saved"  # and now it has taken it
    ROTATION_LOST = "rotation_lost"  # a pair was bought and never stored: its creator must log in
    REFRESH_REJECTED = "refresh_rejected"  # TikTok takes the login no more: its creator must log in
    CONSENT_ENDS_SOON = "consent_ends_soon"  # within ``days`` days: 30, 7, 1


@frozen(kw_only=True)
class TokenEvent(Secret):
    """Something that happened to one creator's tokens.

    Attributes:
        kind: what.
        client_key: of which app.
        open_id: to whose tokens.
        detail: more, in words; without secrets.
        days: how many days of consent are left at most, where ``kind`` is that it ends soon.
        record: the pair that the store does not take, where ``kind`` is ``unsaved``: the only
            living one, for whoever can save it elsewhere. In no repr, log or pickle.
    """

    kind: TokenEventKind
    client_key: str
    open_id: str
    detail: str = ""
    days: int | None = None
    record: TokenRecord | None = field(default=None, repr=False)


OnEvent = Callable[[TokenEvent], None]

_LEVELS = {
    TokenEventKind.REFRESHED: logging.INFO,
    TokenEventKind.ADOPTED: logging.DEBUG,
    TokenEventKind.SAVED: logging.INFO,
    TokenEventKind.UNSAVED: logging.ERROR,
    TokenEventKind.ROTATION_LOST: logging.ERROR,
}


@frozen
class Teller:
    """Tells the log and one callback, from the thread of a refresh."""

    key: Key
    on_event: OnEvent | None = None

    def tell(
        self,
        kind: TokenEventKind,
        detail: str = "",
        *,
        days: int | None = None,
        record: TokenRecord | None = None,
    ) -> None:
        """Tell it; a callback that fails must not stop what goes on."""
        client_key, open_id = self.key
        level = _LEVELS.get(kind, logging.WARNING)
        more = ": ".join(part for part in (kind, detail) if part)
        _log.log(level, "tokens of creator %s: %s", open_id, more)
        if self.on_event is None:
            return
        event = TokenEvent(
            kind=kind, client_key=client_key, open_id=open_id, detail=detail, days=days,
            record=record,
        )  # fmt: skip
        try:
            self.on_event(event)
        except BaseException as error:  # noqa: BLE001 - somebody else's code, even sys.exit
            # Neither its text nor its traceback, which may quote anything.
            _log.error("the callback for token events raised %s", type(error).__name__)


def consent_days(ends: float | None, since: float, now: float) -> int | None:
    """The least of 30, 7 and 1 days before ``ends`` that lies between ``since`` and ``now`` (Unix
    seconds): with ``since`` the refresh before, each is met once, by whichever replica refreshes.
    """
    if ends is None:
        return None
    return next((days for days in _CONSENT_DAYS if since < ends - days * _DAY <= now), None)
