"""Stored logins, shown without their secrets."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from attrs import frozen

from .. import TokenRecord, TokenStore
from ..stores import Key
from .formats import Row, plain

_HEADINGS = ("open_id", "state", "token until", "consent until", "scopes", "client_key")


@frozen
class Account:
    """What may be shown of a login."""

    key: Key
    scopes: tuple[str, ...]
    expires_at: datetime | None  # UTC, as the next
    refresh_expires_at: datetime | None
    reason: str | None  # why only a new login helps; None where it works


def accounts_in(store: TokenStore, now: float) -> list[Account]:
    """The logins in a store, in a lasting order; ``now`` in Unix seconds."""
    records = ((key, store.read(key)) for key in sorted(store.keys()))
    return [_account(key, record, now) for key, record in records if record is not None]


def _account(key: Key, record: TokenRecord, now: float) -> Account:
    ends = record.refresh_expires_at
    is_over = not record.refresh_token or (ends is not None and ends <= now)
    reason = record.needs_login or ("refresh_expired" if is_over else None)
    return Account(key, record.scope, _moment(record.expires_at), _moment(ends), reason)


def _moment(seconds: float | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):  # beyond the years a datetime can name
        return None


def as_rows(accounts: Sequence[Account]) -> Iterator[Row]:
    """For JSON, with moments in ISO 8601."""
    for account in accounts:
        yield {
            "open_id": account.key.open_id,
            "client_key": account.key.client_key,
            "scopes": account.scopes,
            "expires_at": _iso(account.expires_at),
            "refresh_expires_at": _iso(account.refresh_expires_at),
            "state": "login needed" if account.reason else "ok",
            "reason": account.reason,
        }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def as_table(accounts: Sequence[Account]) -> Iterator[str]:
    """Lines for people. Nothing is cut short, for an open_id is there to be copied."""
    rows = [_HEADINGS, *map(_cells, accounts)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _cells(account: Account) -> tuple[str, ...]:
    cells = (
        account.key.open_id,
        f"login needed: {account.reason}" if account.reason else "ok",
        local(account.expires_at),
        local(account.refresh_expires_at),
        ",".join(account.scopes),
        account.key.client_key,
    )
    return tuple(map(plain, cells))


def local(moment: datetime | None) -> str:
    """A moment in local time, as everything for people."""
    return "unknown" if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M")
