"""The commands for logins: what they take. What they do is loaded when they do it."""

# ruff: noqa: D301 - a backspace is meant: click leaves a paragraph that it begins as it is

import sys
import time
from functools import partial

import rich_click as click
from click.exceptions import Exit

from .. import TikTokError, UserCredentials
from ..auth import import_token_answers, revoke
from ..auth.environment import KEY_VARIABLE, app_of_environment, variable
from ..auth.pkce import Pkce
from .accounts import HOW_TO_LOG_IN, chosen, existing_store, open_store, store_name
from .exits import FAILURE, notice
from .formats import plain
from .options import names
from .output import Format, print_rows, stdout


@click.command()
@click.option(
    "--scope",
    callback=names,
    default="user.info.basic,video.list",
    metavar="A,B,...",
    help="What to ask for. Default: user.info.basic,video.list.",
)
@click.option("--no-browser", is_flag=True, help="Open none, and have its last address pasted.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="For the answer; 0 takes a free one."
)
@click.option(
    "--timeout",
    type=click.IntRange(1, 86_400),
    default=300,
    metavar="SECONDS",
    help="How long to wait for the browser. Default: 300.",
)
@click.option(
    "--pkce",
    type=click.Choice(["hex", "base64url", "off"]),
    default="hex",
    help="TikTok's desktop apps want hex.",
)
def login(*, scope: tuple[str, ...], no_browser: bool, port: int, timeout: int, pkce: Pkce) -> None:
    """Log a creator in, and keep the login on this machine.

    \b
    Examples:
        tiktok-display login
        tiktok-display login --no-browser

    The app is read from the environment, TIKTOK_DISPLAY_CLIENT_KEY and
    TIKTOK_DISPLAY_CLIENT_SECRET. Register http://127.0.0.1:*/callback/ as a redirect URI of its
    desktop platform; --port is for apps that have one port registered.

    The login is kept in the user's data folder, or where TIKTOK_DISPLAY_STORE says: a file,
    postgresql://... or redis://... Its tokens are refreshed as they are used, until TikTok asks for
    a new consent.
    """
    from .login import (  # noqa: PLC0415 - with what the browser's answer needs
        Question,
        pasted,
        told,
        warned,
        with_browser,
        with_paste,
    )

    app = app_of_environment()
    question = Question(scope, pkce, port)
    with open_store() as store:
        # What could not be told or kept in the end is known before anybody is asked.
        stdout()
        store.keys()
        if no_browser:
            login = with_paste(app, store, question, paste=partial(pasted, sys.stdin))
        else:
            login = with_browser(app, store, question, seconds=timeout)
        for line in told(login):
            _say(line)
    for line in warned(login):
        notice(line)


@click.command()
@click.argument("open_id", required=False)
@click.option("--account", metavar="OPEN_ID", help="The same as the argument.")
@click.option("--local", is_flag=True, help="Forget the login here, and do not ask TikTok.")
def logout(*, open_id: str | None, account: str | None, local: bool) -> None:
    """Give a login back: TikTok ends its tokens, and they are removed here.

    \b
    Examples:
        tiktok-display logout
        tiktok-display logout --local OPEN_ID

    OPEN_ID is needed where several logins are stored; tiktok-display accounts shows them.
    """
    if None not in (open_id, account) and open_id != account:
        raise click.UsageError("OPEN_ID and --account name two different accounts")
    app = None if local else app_of_environment()
    with existing_store() as store:
        client_key = app.client_key if app else variable(KEY_VARIABLE) or None
        key = chosen(store.keys(), account if open_id is None else open_id, client_key)
        if app is None:
            store.delete(key)
        else:
            _revoke(UserCredentials(app, store, key.open_id))
    _say(f"logged out: {plain(key.open_id)}")


def _revoke(credentials: UserCredentials) -> None:
    try:
        revoke(credentials)
    except TikTokError as error:
        error.add_note("to remove the login here without asking TikTok: --local")
        raise


@click.command()
@click.option(
    "--format", type=click.Choice(["table", "json"]), default="table", help="Default: table."
)
def accounts(*, format: str) -> None:
    """Show the logins that are kept on this machine, without their tokens.

    \b
    Examples:
        tiktok-display accounts
        tiktok-display accounts --format json
    """
    from .listing import accounts_in, as_rows, as_table  # noqa: PLC0415

    with existing_store() as store:
        found = accounts_in(store, time.time())
    if not found:
        notice(f"no login is stored in {store_name()}; {HOW_TO_LOG_IN}")
    if format == Format.JSON:
        print_rows(as_rows(found), Format.JSON, ())
    elif found:
        for line in as_table(found):
            _say(line)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--replace", is_flag=True, help="Also replace logins that are stored already.")
def import_(*, file: str, replace: bool) -> None:
    """Take over logins from elsewhere: FILE has the JSON of a token answer on each line.

    \b
    Examples:
        tiktok-display import answers.jsonl
        gpg --decrypt answers.jsonl.gpg | tiktok-display import -

    An answer has open_id, access_token, expires_in, refresh_token and refresh_expires_in, and may
    have a sent_at, when it was asked for (Unix seconds). A login that is stored already is left as
    it is: since an earlier import its tokens may have been refreshed, which has killed those of
    FILE.
    """
    app = app_of_environment()
    if file == "-" and sys.stdin is None:
        raise click.ClickException("stdin is closed")
    # What is no text makes its line a failure, not the whole of it.
    source = click.open_file(file, encoding="utf-8-sig", errors="replace")
    with source as lines, open_store() as store:
        report = import_token_answers(app, store, lines, replace=replace)
    for number, what in report.failures:
        notice(f"line {number}: {what}")
    _say(f"{report.imported} imported, {report.skipped} skipped, {len(report.failures)} failed")
    if report.failures:
        raise Exit(FAILURE)


def _say(line: str) -> None:
    """A line on stdout, in nothing but what its encoding has."""
    stream = stdout()
    encoding = stream.encoding or "utf-8"
    click.echo(line.encode(encoding, "backslashreplace").decode(encoding), file=stream)
