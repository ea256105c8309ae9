"""Whose logins are kept on this machine, where, and for which app."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import (
    AppCredentials,
    ConfigurationError,
    MemoryTokenStore,
    SqliteTokenStore,
    TokenStore,
    UserCredentials,
)
from ..bearer import is_token
from ..stores import Key
from .exits import SECRET_VARIABLE, TOKEN_VARIABLE, LoginNeeded

STORE_VARIABLE = "TIKTOK_DISPLAY_STORE"
KEY_VARIABLE = "TIKTOK_DISPLAY_CLIENT_KEY"
HOW_TO_LOG_IN = "to log in: tiktok-display login"


def store_path() -> Path:
    """The file of the token store: the environment's, else one among the user's own data."""
    if named := os.environ.get(STORE_VARIABLE):
        # Absolute, for ":memory:" and the like are no files to SQLite.
        return Path(named).absolute()
    from platformdirs import user_data_path  # noqa: PLC0415 - few commands need a store

    return user_data_path("tiktok-display", appauthor=False) / "tokens.db"


def open_store() -> TokenStore:
    """The token store, which is made where there is none yet."""
    return SqliteTokenStore(store_path())


@contextmanager
def existing_store() -> Iterator[TokenStore]:
    """The token store; an empty one where there is none yet, for looking leaves no files behind."""
    with open_store() if store_path().exists() else MemoryTokenStore() as store:
        yield store


def app_of_environment() -> AppCredentials:
    """The app. Its secret never is an argument, for other users of a machine can see those.

    Raises:
        ConfigurationError: it is not there, or not as TikTok gives it.
    """
    bad = [name for name in (KEY_VARIABLE, SECRET_VARIABLE) if not is_token(variable(name))]
    if bad:
        raise ConfigurationError(
            f"no app: put its client key and client secret into {KEY_VARIABLE} and"
            f" {SECRET_VARIABLE}, as https://developers.tiktok.com/apps/ shows them;"
            f" {' and '.join(bad)} {'is' if len(bad) == 1 else 'are'} missing or malformed"
        )
    return AppCredentials(variable(KEY_VARIABLE), variable(SECRET_VARIABLE))


def variable(name: str) -> str:
    """A variable of the environment, without the blanks that a file may have put around it."""
    return os.environ.get(name, "").strip()


@contextmanager
def stored_login(open_id: str | None) -> Iterator[UserCredentials]:
    """The login of this creator; without a name, of the only one."""
    with existing_store() as store:
        keys = list(store.keys())
        if open_id is None and not keys:
            raise LoginNeeded(
                f"no access token: put one into the environment variable {TOKEN_VARIABLE},"
                " log in with tiktok-display login, or try --sandbox, which needs none"
            )
        app = app_of_environment()
        yield UserCredentials(app, store, chosen(keys, open_id, app.client_key).open_id)


def chosen(keys: Iterable[Key], open_id: str | None, client_key: str | None) -> Key:
    """The one login that is meant; None stands for any creator, or any app.

    Raises:
        LoginNeeded: there is none.
        ConfigurationError: there are several.
    """
    fitting = sorted(
        key
        for key in keys
        if open_id in (None, key.open_id) and client_key in (None, key.client_key)
    )
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(key.open_id for key in fitting)
        raise ConfigurationError(f"several accounts are stored, name one with --account: {names}")
    whose = "" if open_id is None else f" of {open_id!r}"
    app = f" for the app {client_key}" if client_key else ""
    raise LoginNeeded(f"no login{whose} is stored{app}; {HOW_TO_LOG_IN}")
