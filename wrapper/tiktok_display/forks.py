"""What the child of a fork must not share with its parent is made anew there."""

import os
import weakref
from contextlib import suppress
from typing import Protocol


class Forkable(Protocol):
    """Something with locks, files, sockets or threads."""

    def after_fork(self) -> None:
        """In the child: let go of the parent's, without ending them for the parent."""
        ...


_things: "weakref.WeakSet[Forkable]" = weakref.WeakSet()


def renewed_in_children(thing: Forkable) -> None:
    """Have ``thing.after_fork()`` called in the child of every fork, while ``thing`` lives."""
    _things.add(thing)


def _renew() -> None:
    for thing in list(_things):
        with suppress(Exception):  # what one of them meets must not keep the others from it
            thing.after_fork()


getattr(os, "register_at_fork", lambda **_: None)(after_in_child=_renew)
