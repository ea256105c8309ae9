"""How far a creator's videos are known, and what to ask for next. Pure.

A list comes newest first, and may end half-way; what is new meanwhile lies above it. So two things
are known of each creator: down to where an unfinished walk has come, and up to where all is had.
"""

from typing import NamedTuple, Self


class Walk(NamedTuple):
    """What to list: videos posted from ``since`` (s, inclusive) on and before ``cursor`` (ms)."""

    since: int | None
    cursor: int | None


class Standing(NamedTuple):
    """What is known of a creator's list."""

    newest: int | None = None  # s; all that was posted until then is had, None for nothing
    top: int | None = None  # s; what `newest` will be when the walk is over
    cursor: int | None = None  # ms; where the walk goes on, None while there is none

    @property
    def walk(self) -> Walk:
        """What to list now: the rest of an unfinished walk, else what is new. The second that was
        the newest comes again, for another video may have been posted in it.
        """
        return Walk(self.newest, self.cursor)

    @property
    def is_unfinished(self) -> bool:
        """Whether a walk was begun and not ended."""
        return self.cursor is not None

    def went_on(self, newest: int | None, checkpoint: int | None) -> Self:
        """After a part of the walk, whose newest video is of that second, if it had any."""
        top = self.top if self.is_unfinished else _later(self.newest, newest)
        return self if checkpoint is None else self._replace(top=top, cursor=checkpoint)

    def ended(self, newest: int | None) -> Self:
        """After the last part."""
        top = self.top if self.is_unfinished else _later(self.newest, newest)
        return type(self)(newest=top)


def _later(first: int | None, second: int | None) -> int | None:
    return max((at for at in (first, second) if at is not None), default=None)
