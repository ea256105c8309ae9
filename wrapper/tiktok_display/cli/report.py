"""The command that tells how videos grow."""

# ruff: noqa: D301 - a backspace is meant: click leaves a paragraph that it begins as it is

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import rich_click as click

from .. import ConfigurationError
from .databases import database_file, database_option, database_url
from .exits import notice
from .fetch import IS_SANDBOX
from .output import columns, stdout, target, write_whole

if TYPE_CHECKING:
    from ..sync.growth import Report

_HOW_TO_BEGIN = "to begin: tiktok-display sync; to see what comes of it: --sandbox"


@click.command()
@database_option
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=30,
    metavar="N",
    help="So many, up to that of the newest counts. Default: 30.",
)
@click.option(
    "--creators",
    type=click.IntRange(1, 1_000),
    default=20,
    metavar="N",
    help="Those who gained most views. Default: 20.",
)
@click.option("--html", metavar="FILE", help="Write a page with plots to FILE instead.")
@click.option("--sandbox", is_flag=True, help="Tell of an invented TikTok on this machine.")
def report(*, db: str | None, days: int, creators: int, html: str | None, sandbox: bool) -> None:
    """Tell how videos grow: all of them, creator by creator, and those that grew most.

    \b
    Examples:
        tiktok-display report
        tiktok-display report --days 90 --html report.html
        tiktok-display report --sandbox

    What it tells is in the database of tiktok-display sync. The page is one file, which asks no
    other computer for anything; it needs tiktok-display[report].
    """
    if html is None:
        stdout()  # closed, it is an error before anything is done
        with _database(db, sandbox) as url:
            _print(_found(url, days, creators))
        return
    from .page import page  # noqa: PLC0415 - no command but this one
    from .page_plots import plotly_js  # noqa: PLC0415

    path, script = target(html, "--html"), plotly_js()
    with _database(db, sandbox) as url:
        found = _found(url, days, creators)
    write_whole(path, page(found, script, time.time(), IS_SANDBOX if sandbox else None))
    notice(f"written: {path}")


@contextmanager
def _database(db: str | None, sandbox: bool) -> Iterator[str]:
    """The URL of the database that is meant."""
    if not sandbox:
        yield database_url(db)
        return
    if db is not None:
        raise ConfigurationError("--sandbox and --db exclude each other")
    from .sample import sample  # noqa: PLC0415 - a server, where it is asked for

    notice(IS_SANDBOX)
    with sample(datetime.now(UTC)) as url:
        yield url


def _found(url: str, days: int, creators: int) -> "Report":
    """What there is to tell; looking makes no database."""
    from ..sync import Database, growth  # noqa: PLC0415 - with all that a sync needs

    file = database_file(url)
    if file is None or file.exists():
        with closing(Database(url)) as database:
            found = growth.report(database, time.time(), days=days, creators=creators)
        if found is not None:
            return found
    place = "the database" if file is None else file
    raise click.ClickException(f"nothing has been synced into {place} yet; {_HOW_TO_BEGIN}")


def _print(found: "Report") -> None:
    from .report_table import as_lines  # noqa: PLC0415 - as above

    stream = stdout()
    stream.writelines(as_lines(found, time.time(), columns(), stream.encoding or "utf-8"))
    stream.flush()
