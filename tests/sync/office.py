"""A sandbox's creators, their logins, and the database that they are synced into."""

from pathlib import Path
from typing import Any, Self

from tiktok_display import AppCredentials, UserCredentials
from tiktok_display.sandbox import Sandbox
from tiktok_display.sandbox.creators import SandboxCreator
from tiktok_display.sync.creator import Synced, synced
from tiktok_display.sync.settings import SyncSettings
from tiktok_display.sync.workshop import Workshop


class Office:
    """Small steps: two pages are written at a time."""

    def __init__(self, box: Sandbox, database: str, tokens: Path) -> None:
        self.box = box
        self.settings = SyncSettings(
            database=database, tokens=str(tokens), base_url=box.base_url, pages=2
        )
        app = AppCredentials(box.app.client_key, box.app.client_secret)
        self.shop = Workshop(self.settings, app)
        for creator in box.creators:
            self.log_in(creator)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.shop.close()

    def log_in(self, creator: SandboxCreator) -> None:
        """Anew, if the creator was logged in before."""
        answer = self.box.login(creator)
        sent_at = self.box.now.timestamp()
        UserCredentials.from_token_answer(self.shop.app, self.shop.tokens, answer, sent_at=sent_at)

    def sync(self, creator: SandboxCreator) -> Synced:
        """One creator, at the sandbox's time."""
        return synced(self.shop, creator.open_id, self.now)

    def now(self) -> float:
        """The sandbox's time."""
        return self.box.now.timestamp()

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What the database says."""
        with self.shop.database.transaction() as session:
            return list(session.rows(statement))

    def videos(self, creator: SandboxCreator) -> list[tuple[str, int]]:
        """Those of a creator, newest first."""
        found = self.rows("SELECT video_id, view_count, open_id, create_time FROM videos")
        own = [row for row in found if row[2] == creator.open_id]
        return [(id, count) for id, count, _, at in sorted(own, key=lambda row: (-row[3], row[0]))]


def truth(creator: SandboxCreator) -> list[tuple[str, int]]:
    """The same, as the sandbox knows it."""
    newest_first = sorted(creator.videos, key=lambda video: (-video.create_time, video.id))
    return [(video.id, video.view_count) for video in newest_first]
