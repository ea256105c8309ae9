"""A service for the creators of a town: their logins, and the program that syncs them."""

import json
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from attrs import asdict

from tests.scale.tied import Process
from tests.scale.tiktok import TikTok
from tiktok_display import AppCredentials, SqliteTokenStore, UserCredentials
from tiktok_display.auth.environment import KEY_VARIABLE, SECRET_VARIABLE
from tiktok_display.stores import Key
from tiktok_display.sync import SyncSettings

PLENTY = 1_000_000  # requests a minute: the proofs are not about the quota


class Run(Process):
    """The program under way."""

    @property
    def visits(self) -> list[dict[str, Any]]:
        """What has become of whom so far: each a `Synced`, by its names."""
        return [json.loads(line) for line in self.lines]


class Service:
    """All that it needs is in one folder."""

    def __init__(self, tiktok: TikTok, folder: Path, pages: int = 50) -> None:
        self._tiktok, self._folder, self._pages = tiktok, folder, pages
        self._tokens, self._numbers = folder / "tokens.db", count()
        self._app = AppCredentials(tiktok.client_key, tiktok.client_secret)
        self.environment: Mapping[str, str] = {
            KEY_VARIABLE: tiktok.client_key,
            SECRET_VARIABLE: tiktok.client_secret,
        }
        for answer in tiktok.answers():
            self._log_in(answer)

    def run(self, database: str, where: int | str) -> Run:
        """Start the program, with so many threads, or on the Dask cluster at an address."""
        settings = SyncSettings(
            database=database,
            tokens=str(self._tokens),
            base_url=self._tiktok.base_url,
            rate=PLENTY,
            pages=self._pages,
        )
        name = f"run {next(self._numbers)}"
        order = self._folder / f"{name}.json"
        order.write_text(json.dumps({"settings": asdict(settings), "where": where}))
        command = ("tests.scale.driver", str(order))
        return Run(self._folder, name, *command, environment=self.environment)

    def log_in_again(self, open_id: str) -> None:
        """As when the creator comes back."""
        self._log_in(self._tiktok.login_of(open_id))

    def strangers(self) -> list[str]:
        """Those of whom the store has other tokens than TikTok, or none that are of use."""
        found = []
        with SqliteTokenStore(self._tokens) as store:
            for open_id, pair in self._tiktok.pairs().items():
                record = store.read(Key(self._app.client_key, open_id))
                tokens = record and (record.access_token, record.refresh_token)
                if record is None or tokens != pair or record.needs_login is not None:
                    found.append(open_id)
        return found

    def _log_in(self, answer: dict[str, Any]) -> None:
        with SqliteTokenStore(self._tokens) as store:
            UserCredentials.from_token_answer(self._app, store, answer)
