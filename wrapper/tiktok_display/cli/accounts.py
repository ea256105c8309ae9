"""Whose logins are kept on this machine, where, and for which app."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import ConfigurationError, MemoryTokenStore, TokenStore, UserCredentials
from ..auth.environment import app_of_environment
from ..stores import Key
from ..stores.urls import token_store
from .exits import TOKEN_VARIABLE, LoginNeeded

STORE_VARIABLE = "TIKTOK_DISPLAY_STORE"
HOW_TO_LOG_IN = "to log in: tiktok-display login"


def store_place() -> str:
    """Where the logins are: the URL or file of the environment, else a file among the user's data.
    A URL may hold a password: it is not to be shown.
    """
    named = os.environ.get(STORE_VARIABLE)
    if named and "://" in named:
        return named
    # Absolute, for ":memory:" and the like are no files to SQLite.
    return str(Path(named).absolute() if named else own_file("tokens.db"))


def own_file(name: str) -> Path:
    """A file among the user's own data."""
    from platformdirs import user_data_path  # noqa: PLC0415 - few commands need one

    return user_data_path("tiktok-display", appauthor=False) / name


def store_name() -> str:
    """What the place may be called on a screen."""
    place = store_place()
    return f"the store of {STORE_VARIABLE}" if "://" in place else place


def open_store() -> TokenStore:
    """The token store, which is made where there is none yet."""
    return token_store(store_place())


@contextmanager
def existing_store() -> Iterator[TokenStore]:
    """The token store; an empty one where there is none yet, for looking leaves no files behind."""
    place = store_place()
    with open_store() if "://" in place or Path(place).exists() else MemoryTokenStore() as store:
        yield store


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
