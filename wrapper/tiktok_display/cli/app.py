"""The commands and their options. What they do is loaded when they do it."""

# ruff: noqa: D301 - a backspace is meant: click leaves a paragraph that it begins as it is

from datetime import datetime
from pathlib import Path

import rich_click as click

from .. import __file__ as package_file
from .. import __version__
from .account_commands import accounts, import_, login, logout
from .exits import NAME, notice, run
from .fetch import IS_SANDBOX, connected, fetch_ids, fetch_videos, plan
from .options import date, fetching
from .output import columns, stdout
from .report import report
from .sync import sync

__all__ = ["app", "run"]

_EXIT_CODES = (
    "Exit codes: 0 done, 1 failure, 2 wrong usage, 4 login needed, 5 rate limited, 130 interrupted."
)


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_EXIT_CODES,
)
@click.version_option(__version__, prog_name=NAME, message="%(prog)s %(version)s")
@click.pass_context
def app(context: click.Context) -> None:
    """A TikTok creator's own videos, from TikTok's Display API.

    Log in once with tiktok-display login; or put an access token into the environment variable
    TIKTOK_DISPLAY_TOKEN. Secrets never are arguments, for other users of a machine can see those.

    \b
    Without either:
        tiktok-display demo
        tiktok-display videos --sandbox
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for _command in (login, logout, accounts, import_, sync, report):
    app.add_command(_command)


@app.command()
@click.option(
    "--since", callback=date, metavar="DATE", help="Only videos posted at this moment or later."
)
@click.option(
    "--until", callback=date, metavar="DATE", help="Only videos posted before this moment."
)
@click.option("--max-items", type=click.IntRange(min=0), metavar="N", help="N videos at most.")
@click.option(
    "--cursor", type=click.IntRange(min=1), metavar="MS", help="Go on where another run ended."
)
@fetching
def videos(
    *,
    fields: tuple[str, ...],
    format: str | None,
    output: str | None,
    account: str | None,
    sandbox: bool,
    since: datetime | None,
    until: datetime | None,
    max_items: int | None,
    cursor: int | None,
) -> None:
    """List a creator's videos, newest first, every page of them.

    \b
    Examples:
        tiktok-display videos --since yesterday
        tiktok-display videos --fields id,title,view_count --format csv
        tiktok-display videos --since 2026-03 --until 2026-06 -o spring.json

    DATE: 2026-03-01, '1 March 2026 18:30', 2026-03-01T18:30Z, monday, yesterday, today. Local time
    unless it says otherwise; 3/1/2026 begins with the month.

    An interrupted --output FILE leaves what it fetched in FILE.part. The same command with the
    --cursor it names goes on there, and FILE appears when all of it has come. Without --cursor, a
    FILE.part that holds videos is refused, not overwritten.

    In csv, a text that a spreadsheet would take for a formula begins with an apostrophe, and ids
    are longer than a spreadsheet's numbers: import them as text. json and jsonl hold everything as
    TikTok sent it.
    """
    order = plan(fields, format, output)
    with connected(sandbox, account) as client:
        fetch_videos(client, order, since=since, until=until, cursor=cursor, max_items=max_items)


@app.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@fetching
def query(
    *,
    ids: tuple[str, ...],
    fields: tuple[str, ...],
    format: str | None,
    output: str | None,
    account: str | None,
    sandbox: bool,
) -> None:
    """Look videos up by their ids, any number of them.

    \b
    Examples:
        tiktok-display query 7080213458555737986 7703061387669674323
        tiktok-display query 7080213458555737986 --fields id,title --format json

    They come in the order asked for. Ids that TikTok does not give (unknown, deleted, or another
    creator's) are named on stderr.
    """
    order = plan(fields, format, output)
    with connected(sandbox, account) as client:
        fetch_ids(client, order, ids)


@app.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--seed", type=int, default=7, help="Another seed, other creators and videos.")
def sandbox(port: int, seed: int) -> None:
    """Run a TikTok on this machine, until it is interrupted.

    When it is ready it prints one line of JSON, with its base_url, its app's client_key and
    client_secret, and its creators' access tokens.

    \b
    In another terminal:
        export TIKTOK_DISPLAY_BASE_URL=http://127.0.0.1:PORT
        export TIKTOK_DISPLAY_TOKEN='...'  # quoted: it may hold a !
        tiktok-display videos

    \b
    Or, to log in to it:
        export TIKTOK_DISPLAY_BASE_URL=http://127.0.0.1:PORT
        export TIKTOK_DISPLAY_CLIENT_KEY=... TIKTOK_DISPLAY_CLIENT_SECRET=...
        tiktok-display login
    """
    from ..sandbox import Sandbox, serve  # noqa: PLC0415 - a server, for this command alone

    notice(f"{IS_SANDBOX}; Ctrl-C ends it")
    serve(Sandbox(seed=seed), port, click.echo)


@app.command()
@click.option("--path", is_flag=True, help="Print where the file is instead.")
def spec(path: bool) -> None:
    """Print the OpenAPI document that this client is made from.

    \b
    Example:
        tiktok-display spec > openapi.yaml
    """
    file = specification()
    click.echo(str(file) if path else file.read_bytes(), file=stdout(), nl=path)


def specification(package: Path = Path(package_file).parent) -> Path:
    """The OpenAPI document: in the package, or in a source checkout above it."""
    inside = package / "openapi.yaml"
    return inside if inside.exists() else package.parents[1] / "openapi.yaml"


@app.command()
def demo() -> None:
    """See what the client does: the whole of it in a screen, against a sandbox."""
    from .demo import demo as tell  # noqa: PLC0415 - as above

    tell(columns())
