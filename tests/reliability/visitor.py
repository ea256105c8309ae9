"""Another process at a creator's home: `python -m tests.reliability.visitor`.

Its settings come as JSON on standard input; what it is told and how it ends goes to standard
output, a line each.
"""

import json
import sys
import time
from typing import Any

from tests.reliability.homes import ask_async, ask_sync
from tests.reliability.table import say
from tiktok_display import (
    AppCredentials,
    SqliteTokenStore,
    TikTokError,
    TokenRecord,
    TokenStoreError,
    UserCredentials,
)
from tiktok_display.auth import TokenEvent
from tiktok_display.stores import Key


class Full(SqliteTokenStore):
    """Takes no new pair, so many times."""

    refusals = 0

    def commit(self, key: Key, record: TokenRecord, *, replaces: TokenRecord) -> bool:
        self.refusals -= 1
        if self.refusals >= 0:
            raise TokenStoreError("the disk is full")
        return super().commit(key, record, replaces=replaces)


def tell(event: TokenEvent) -> None:
    """To whoever has started us."""
    say(f"{event.kind} {event.detail}")


def main(settings: dict[str, Any]) -> None:
    """One query."""
    store = Full(settings["path"])
    store.refusals = settings["refusals"]
    offset = settings["now"] - time.time()
    credentials = UserCredentials(
        AppCredentials(settings["client_key"], settings["client_secret"]),
        store,
        settings["open_id"],
        on_event=tell,
        clock=lambda: time.time() + offset,
    )
    ask = ask_async if settings["is_async"] else ask_sync
    try:
        ask(credentials, settings["url"])
    except TikTokError as error:
        say(type(error).__name__)
    else:
        say("served")


if __name__ == "__main__":
    main(json.load(sys.stdin))
