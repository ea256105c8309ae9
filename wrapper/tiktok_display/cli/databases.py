"""Where the database of a sync is: what the option, the environment, or the user's data say."""

import re
from pathlib import Path

import rich_click as click

from .. import ConfigurationError
from ..addresses import address
from ..auth.environment import variable
from .accounts import own_file

DATABASE_VARIABLE = "TIKTOK_DISPLAY_DB"

database_option = click.option(
    "--db",
    metavar="URL",
    help=f"A file, or postgresql://... Default: {DATABASE_VARIABLE}, else among the user's data.",
)

# Between the scheme and the host, or as a parameter of its own.
_PASSWORD = re.compile(r"://[^@]*:[^@]+@|password=", re.IGNORECASE)


def database_url(given: str | None) -> str:
    """The URL of the database: the one given as an argument, the environment's, or a file among the
    user's own data. It may hold a password: it is not to be shown.

    Raises:
        ConfigurationError: a password is given as an argument.
    """
    if given is None:
        return variable(DATABASE_VARIABLE) or str(own_file("videos.db"))
    if not given.startswith("sqlite:") and _PASSWORD.search(given):
        raise ConfigurationError(
            "a password is no argument, for other users of a machine can see those:"
            f" put the URL into {DATABASE_VARIABLE}"
        )
    return given


def database_file(url: str) -> Path | None:
    """The file of the database; None where it is on a server."""
    kind, path = address(url)
    return Path(path) if kind == "sqlite" else None
