"""How a command ends: its exit code, and what it says on stderr where it went wrong."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import rich_click as click
from click.exceptions import Exit

from .. import (
    ApiError,
    ConfigurationError,
    RateLimited,
    TikTokError,
)
from ..auth.environment import SECRET_VARIABLE
from ..errors import LOGIN_HELPS
from .formats import plain

NAME = "tiktok-display"
TOKEN_VARIABLE = "TIKTOK_DISPLAY_TOKEN"  # noqa: S105 - its name, not its value

FAILURE, USAGE, LOGIN, LIMITED, INTERRUPTED, TERMINATED = 1, 2, 4, 5, 130, 143

# What the token endpoint and the consent page say where only another login helps.
_LOGIN_CODES = ("access_denied", "invalid_grant")


class LoginNeeded(click.ClickException):
    """There is no login, and no access token, to sign with."""

    exit_code = LOGIN


class Terminated(KeyboardInterrupt):
    """SIGTERM, made an exception so that whatever is open is closed in order."""


def exit_code(error: BaseException) -> int:
    """The exit code that an error deserves."""
    if isinstance(error, click.ClickException):
        return error.exit_code
    if isinstance(error, ConfigurationError):
        return USAGE
    if isinstance(error, LOGIN_HELPS):
        return LOGIN
    if isinstance(error, ApiError) and error.code in _LOGIN_CODES:
        return LOGIN
    # A deadline that passed while a 429 was waited out carries the status of that 429.
    if isinstance(error, RateLimited) or (isinstance(error, TikTokError) and error.status == 429):
        return LIMITED
    if isinstance(error, KeyboardInterrupt):
        return TERMINATED if isinstance(error, Terminated) else INTERRUPTED
    return FAILURE


def complaint(error: BaseException) -> list[str]:
    """What to say about an error, a line each: what it is, then what helps."""
    notes: list[str] = list(getattr(error, "__notes__", ()))
    if isinstance(error, click.UsageError) and error.ctx is not None:
        notes.append(f"try: {error.ctx.command_path} --help")
    return [_what(error), *notes]


def _what(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "terminated" if isinstance(error, Terminated) else "interrupted"
    if isinstance(error, click.ClickException):
        return f"error: {error.format_message()}"
    if isinstance(error, OSError):
        named = f": {os.fsdecode(error.filename)}" if error.filename else ""
        return f"error: {error.strerror or error}{named}"
    if isinstance(error, TikTokError | ImportError):
        return f"error: {error}"
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" ({Path(frame.filename).name}:{frame.lineno})" for frame in place)
    return f"error: {type(error).__name__}: {error}{where}; this is a bug, please report it"


def notice(text: object) -> None:
    """One line on stderr. Whatever a server put into it, no control characters, and no secret of
    the environment.
    """
    line = plain(str(text))
    secrets = (os.environ.get(name, "").strip() for name in (TOKEN_VARIABLE, SECRET_VARIABLE))
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        line = line.replace(secret, "***")
    click.echo(line, err=True)


@contextmanager
def advised(advice: str, *kinds: type[BaseException]) -> Iterator[None]:
    """An error of these kinds says what helps."""
    try:
        yield
    except kinds as error:
        error.add_note(advice)
        raise


def run(command: click.Command, args: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; errors become a line or two on stderr."""
    arguments = sys.argv[1:] if args is None else list(args)
    try:
        with _on(signal.SIGTERM, _terminate), command.make_context(NAME, arguments) as context:
            command.invoke(context)
    except Exit as end:
        return end.exit_code
    except BrokenPipeError:
        # The reader has what it wanted. A closed stdout is not flushed again at the exit.
        with suppress(OSError):
            sys.stdout.close()
    except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001 - never a traceback
        # Whoever is impatient and interrupts once more still learns how to go on.
        with suppress(OSError), _on(signal.SIGINT, signal.SIG_IGN):
            for line in complaint(error):
                notice(line)
        return exit_code(error)
    return 0


def _terminate(*_: object) -> NoReturn:
    raise Terminated


@contextmanager
def _on(number: int, answer: Callable[..., Any] | signal.Handlers) -> Iterator[None]:
    before = signal.signal(number, answer)
    try:
        yield
    finally:
        signal.signal(number, before)
