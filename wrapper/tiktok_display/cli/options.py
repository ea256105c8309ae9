"""Options that several commands have, and how their texts are read."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import rich_click as click

from .output import Format

_Command = TypeVar("_Command", bound=Callable[..., Any])


def date(_: object, __: object, value: str | None) -> datetime | None:
    """A date as people type it."""
    if value is None:
        return None
    from .dates import moment  # noqa: PLC0415 - few commands name a date

    try:
        return moment(value, datetime.now().astimezone())
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def names(_: object, __: object, value: str | None) -> tuple[str, ...]:
    """Names with commas between them, each once; none where the option is not given."""
    stripped = (name.strip() for name in (value or "").split(","))
    names = tuple(dict.fromkeys(name for name in stripped if name))
    if value is not None and not names:
        raise click.BadParameter("give a name, or several with commas between them")
    return names


def fetching(command: _Command) -> _Command:
    """The options of both commands that fetch videos."""
    for option in (
        click.option("--sandbox", is_flag=True, help="Ask an invented TikTok on this machine."),
        click.option("--account", metavar="OPEN_ID", help="Use this creator's stored login."),
        click.option("-o", "--output", metavar="FILE", help="Write to FILE: whole, or not at all."),
        click.option(
            "--format",
            type=click.Choice([kind.value for kind in Format]),
            help="Default: by FILE's ending; a table on a terminal; else jsonl.",
        ),
        click.option(
            "--fields", callback=names, metavar="A,B,...", help="Default: all; in a table a few."
        ),
    ):
        command = option(command)
    return command
