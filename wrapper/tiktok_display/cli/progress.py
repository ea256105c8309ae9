"""How far a download is, on stderr, where somebody may be looking."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(
    total: int | None, *, hidden: bool = False, what: str = "videos"
) -> Iterator[Callable[[], None]]:
    """A bar, if stderr is a terminal; what it gives is called once for each video.

    Args:
        total: how many videos there will be at most, where that is known.
        what: what is counted instead.
        hidden: whether the data themselves go to the terminal, which shows enough.
    """
    if hidden or sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415 - only for somebody who looks
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    with Progress(
        TextColumn(f"{{task.completed}} {what}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(file=sys.stderr),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)
