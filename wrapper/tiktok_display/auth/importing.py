"""Moving in: token answers that were stored by other means."""

import json
import time
from collections.abc import Callable, Iterable
from functools import partial

from attrs import evolve, frozen

from ..errors import ConfigurationError, TikTokError, TokenStoreError, UnexpectedResponse
from ..stores import Key, TokenRecord, TokenStore
from .credentials import AppCredentials
from .login import creator_of
from .tokens import first_record, token_answer

_DAY = 86_400.0  # s
_NOT_PAST = "sent_at is a moment in the past, in Unix seconds"

# What a line is: an open_id with its record, or what is wrong with it, or blank.
_Entry = tuple[str, TokenRecord] | str | None


@frozen
class ImportReport:
    """What became of the lines.

    Attributes:
        imported: how many logins the store has taken.
        skipped: how many it had already.
        failures: the lines that are no login: their number, from 1 on, and what is wrong.
    """

    imported: int
    skipped: int
    failures: tuple[tuple[int, str], ...]


def import_token_answers(
    app: AppCredentials,
    store: TokenStore,
    lines: Iterable[str],
    *,
    sent_at: float | None = None,
    replace: bool = False,
    clock: Callable[[], float] = time.time,
) -> ImportReport:
    """Store logins that were kept by other means. Sends nothing.

    Each line is the JSON of one answer of the token endpoint, whole: ``open_id``, both tokens and
    how long they live; blank lines do not count. It may have a ``sent_at`` of its own, when its
    request was sent (Unix seconds). Where that is not known, the access token counts as expired and
    is refreshed at its first use, and the day of the next login is not known either.

    Args:
        app: the app that the creators have logged in to.
        store: where the logins go. It is asked here and now, so not in an event loop.
        lines: such as an open file.
        sent_at: for lines that do not say it themselves.
        replace: whether a line replaces what the store has of its creator. By default it does not,
            for since an earlier import the stored tokens may have been refreshed, which has killed
            those of the line.
        clock: Unix seconds.

    Raises:
        TokenStoreError: the store does not read or write; a note says how many it has taken.
        ConfigurationError: an argument is malformed.
    """
    is_text = isinstance(lines, str)
    read = partial(_entry, sent_at=sent_at, now=clock())
    entries = map(read, () if is_text else lines)
    del lines  # so that no traceback's locals show them
    if is_text:
        raise ConfigurationError("lines are several, not one string")
    if sent_at is not None and not _is_past(sent_at, clock()):
        raise ConfigurationError(_NOT_PAST)
    imported = skipped = 0
    failures: list[tuple[int, str]] = []
    for number, entry in enumerate(entries, 1):
        if isinstance(entry, str):
            failures.append((number, entry))
        elif entry is not None:
            try:
                is_taken = _taken(store, Key(app.client_key, entry[0]), entry[1], replace)
            except TokenStoreError as error:
                error.add_note(f"{imported} logins were imported before line {number}")
                raise
            imported, skipped = imported + is_taken, skipped + (not is_taken)
    return ImportReport(imported, skipped, tuple(failures))


def _taken(store: TokenStore, key: Key, record: TokenRecord, replace: bool) -> bool:
    if not replace and store.read(key) is not None:
        return False
    store.put(key, record)
    return True


def _entry(line: str, *, sent_at: float | None, now: float) -> _Entry:
    if not line.strip():
        return None
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return "not JSON"
    answer = token_answer(said)
    if isinstance(answer, UnexpectedResponse):
        return answer.detail
    if isinstance(answer, TikTokError):  # whose words are TikTok's, and may quote anything
        return "a failure of the token endpoint"
    open_id = creator_of(answer)
    if open_id is None:
        return "a token answer without open_id or refresh_token"
    own = said.get("sent_at")
    moment = sent_at if own is None else own
    if moment is None:
        unknown = evolve(answer, refresh_expires_in=None)
        return open_id, first_record(unknown, now - answer.expires_in)
    return (open_id, first_record(answer, moment)) if _is_past(moment, now) else _NOT_PAST


def _is_past(moment: object, now: float) -> bool:
    """Whether it can be when a request was sent; the clocks of two machines may differ by a day."""
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        return False
    return 0 < moment <= now + _DAY
