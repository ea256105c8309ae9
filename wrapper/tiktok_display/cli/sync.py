"""The command that keeps many creators' videos in a database."""

# ruff: noqa: D301 - a backspace is meant: click leaves a paragraph that it begins as it is

import rich_click as click
from click.exceptions import Exit

from .databases import database_file, database_option
from .durations import duration
from .exits import advised, notice

_TO_GO_ON = "what was had is kept; to go on: the same command"


@click.command()
@database_option
@click.option("--dask", metavar="local|ADDRESS", help="On a Dask cluster: tcp://scheduler:8786.")
@click.option(
    "--every",
    callback=duration,
    metavar="DURATION",
    help="Again and again: 15m, 1h, 1d. Default: once.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, 256),
    default=8,
    metavar="N",
    help="Creators at a time, without Dask. Default: 8.",
)
@click.option(
    "--rate",
    type=click.IntRange(1, 1_000_000),
    default=600,
    metavar="N",
    help="Requests a minute that TikTok admits to each endpoint. Default: 600.",
)
@click.option("--sandbox", is_flag=True, help="Sync an invented TikTok on this machine.")
def sync(
    *,
    db: str | None,
    dask: str | None,
    every: int | None,
    threads: int,
    rate: int,
    sandbox: bool,
) -> None:
    """Keep all creators' videos, and how their counters grow, in a database.

    \b
    Examples:
        tiktok-display sync
        tiktok-display sync --every 1h
        tiktok-display sync --db postgresql://db/videos --dask tcp://scheduler:8786
        tiktok-display sync --sandbox --db try.db

    Every creator whose login is stored (tiktok-display accounts) is visited when it is due: at
    least once a day for new videos, up to once an hour for the counters of a video of today. What
    was interrupted, or did not fit into TikTok's quota, comes first the next time.

    The logins are where TIKTOK_DISPLAY_STORE says, requests are counted where TIKTOK_DISPLAY_QUOTA
    says (sqlite:///path, postgresql://..., redis://...). With Dask, every worker needs the app's
    TIKTOK_DISPLAY_CLIENT_KEY and TIKTOK_DISPLAY_CLIENT_SECRET in its own environment.

    The exit code is 1 if a creator failed, 5 if one met TikTok's rate limit, 4 if one has to log in
    anew; all others are synced nevertheless.
    """
    from ..sync import SyncError, executors  # noqa: PLC0415 - with all that a sync needs
    from .offices import office  # noqa: PLC0415
    from .rounds import rounds  # noqa: PLC0415

    many = dask is not None
    with office(db, rate, many_processes=many, sandbox=sandbox) as settings:
        if file := database_file(settings.database):
            notice(f"database: {file}")
        executor = executors.threads(threads) if dask is None else executors.dask(dask)
        with executor as pool, advised(_TO_GO_ON, KeyboardInterrupt, SyncError):
            code = rounds(settings, pool, every)
    if code:
        raise Exit(code)
