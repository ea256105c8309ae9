"""Where a sync finds everything: what the options and the environment say, or a sandbox."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import AppCredentials, UserCredentials
from ..addresses import address
from ..auth.environment import KEY_VARIABLE, SECRET_VARIABLE, variable
from ..sync import SyncSettings
from ..sync.workshop import workshops
from .accounts import own_file, store_place
from .databases import database_file, database_url
from .exits import notice
from .fetch import IS_SANDBOX

QUOTA_VARIABLE = "TIKTOK_DISPLAY_QUOTA"


@contextmanager
def office(
    db: str | None, rate: int, *, many_processes: bool, sandbox: bool
) -> Iterator[SyncSettings]:
    """The settings of a sync; what was opened by them is closed again."""
    # What is invented goes into no database that was meant for something else.
    database = database_url(db or str(own_file("sandbox.db")) if sandbox else db)
    if (file := database_file(database)) and file.parent == own_file(file.name).parent:
        file.parent.mkdir(parents=True, exist_ok=True)
    quota = variable(QUOTA_VARIABLE) or (beside(database) if many_processes else None)
    try:
        if not sandbox:
            yield SyncSettings(database=database, tokens=store_place(), quota=quota, rate=rate)
            return
        notice(IS_SANDBOX)
        with _sandbox() as (base_url, tokens):
            yield SyncSettings(
                database=database, tokens=tokens, quota=quota, rate=rate, base_url=base_url
            )
    finally:
        workshops.close()


def beside(database: str) -> str:
    """Where several processes count their requests: in the database, or in a file beside it."""
    path = address(database).path
    return f"sqlite:///{Path(path).absolute()}-quota" if path else database


@contextmanager
def _sandbox() -> Iterator[tuple[str, str]]:
    """Where it is, and where the logins of its creators are."""
    from ..sandbox import Sandbox  # noqa: PLC0415 - only where it is asked for
    from ..stores.sqlite import SqliteTokenStore  # noqa: PLC0415

    # A thread that nobody waits for may still be writing.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, Sandbox() as box:
        app, tokens = AppCredentials(box.app.client_key, box.app.client_secret), f"{folder}/tokens"
        with SqliteTokenStore(tokens) as store:
            for creator in box.creators:
                UserCredentials.from_token_answer(app, store, creator.token_answer)
        names = {KEY_VARIABLE: box.app.client_key, SECRET_VARIABLE: box.app.client_secret}
        with environment(names):
            yield box.base_url, tokens


@contextmanager
def environment(names: dict[str, str]) -> Iterator[None]:
    """For workers, which find the app there; for a while."""
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            del os.environ[name]
            os.environ.update({} if value is None else {name: value})
