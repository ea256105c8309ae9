"""The app as the environment of a process names it: a secret is no argument, for other users of a
machine can see those.
"""

import os
from typing import TYPE_CHECKING

from ..bearer import is_token
from ..errors import ConfigurationError

if TYPE_CHECKING:
    from .credentials import AppCredentials

KEY_VARIABLE = "TIKTOK_DISPLAY_CLIENT_KEY"
SECRET_VARIABLE = "TIKTOK_DISPLAY_CLIENT_SECRET"  # noqa: S105 - where it is, not what


def app_of_environment() -> "AppCredentials":
    """The app.

    Raises:
        ConfigurationError: it is not there, or not as TikTok gives it.
    """
    from .credentials import AppCredentials  # noqa: PLC0415 - the names alone cost nothing

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
