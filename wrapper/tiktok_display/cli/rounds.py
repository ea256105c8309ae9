"""Rounds of a sync: who is due, one after another, told as it happens."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from contextlib import closing
from functools import partial
from typing import NoReturn

import rich_click as click

from .. import ConfigurationError, TikTokError
from ..sync import SyncSettings, due_creators, sync_all
from ..sync.cadence import DAY
from ..sync.roster import next_due
from .accounts import HOW_TO_LOG_IN, store_name
from .exits import LoginNeeded, notice
from .output import stdout
from .progress import progress
from .tally import Tally, nobody, summary


def rounds(
    settings: SyncSettings,
    pool: Executor,
    every: int | None,
    sleep: Callable[[float], object] = time.sleep,
) -> int:
    """One round; or one ``every`` so many seconds, until it is interrupted. The exit code."""
    if every is not None:
        repeated(partial(_round, settings, pool, every, every / 2), every, sleep)
    return _round(settings, pool, DAY)


def repeated(
    work: Callable[[], object],
    every: int,
    sleep: Callable[[float], object],
    clock: Callable[[], float] = time.time,
) -> NoReturn:
    """Do it every so many seconds, at once where it has taken longer."""
    while True:
        began = clock()
        try:
            work()
        except ConfigurationError:
            raise
        except (TikTokError, LoginNeeded) as error:  # a database that restarts, say
            notice(f"this round has ended early: {error}")
        sleep(max(0.0, began + every - clock()))


def _round(settings: SyncSettings, pool: Executor, seconds: int, ahead: float = 0.0) -> int:
    plan, tally = due_creators(settings, seconds=seconds, ahead=ahead), Tally()
    try:
        with (
            progress(None, what="creators") as done,
            closing(sync_all(plan, settings, pool)) as results,
        ):
            for synced in results:
                if trouble := tally.add(synced):
                    notice(trouble)
                done()
    finally:
        _say(summary(tally, plan.left))
    if not tally.states and not plan.left.creators:
        first = next_due(settings)
        if first is None:
            raise LoginNeeded(f"no login is stored in {store_name()}; {HOW_TO_LOG_IN}")
        _say([nobody(first)])
    return tally.exit_code


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line, file=stdout())
