"""A sign of life, which the system takes away from the dead."""

import os
import re
import secrets
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..forks import renewed_in_children

_NAME = re.compile("[0-9a-f]{16}")
_UNKNOWN = (OSError, ImportError)  # held by another, or no such locks on this system


def take_lock(descriptor: int) -> None:
    """Lock an open file until it is closed: by us, or by the kernel, however our process ends.

    Unlike a process id it means the same in every container that shares the folder. Raises
    `OSError` where another holds it, or the file system has no locks; `ImportError` on Windows.
    """
    import fcntl  # noqa: PLC0415

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Presence:
    """A locked file of our own beside the database; it is no longer locked when we are dead.

    `show` and `is_gone` are called under the database's write lock: so nobody takes a file that
    is made, but not yet locked, for one that a dead process has left.
    """

    def __init__(self, database: Path, lock: Callable[[int], None] = take_lock) -> None:
        self._database, self._lock = database, lock
        self._end: weakref.finalize[[Path, int], Presence] | None = None
        self.name: str | None = None
        renewed_in_children(self)

    def show(self) -> str | None:
        """The name under which others find our sign; None where there cannot be one."""
        if self.name is None or not self._file(self.name).exists():
            self.end()
            self._sweep()
            self.name = self._put_up(secrets.token_hex(8))
        return self.name

    def is_gone(self, name: str) -> bool:
        """Whether the holder of that sign is certainly dead; then nothing stays of it."""
        if not _NAME.fullmatch(name):
            return False
        try:
            descriptor = os.open(self._file(name), os.O_RDWR)
        except OSError as error:
            return isinstance(error, FileNotFoundError)
        try:
            self._lock(descriptor)
            self._file(name).unlink()
        except _UNKNOWN:
            return False
        finally:
            os.close(descriptor)
        return True

    def end(self) -> None:
        """Take our sign down."""
        self.name = None
        if self._end is not None:
            self._end()

    def after_fork(self) -> None:
        """A child closes its copy of the parent's sign, or the parent would outlive itself. To
        unlock it would unlock the parent's, for both are one open file.
        """
        self.name = None
        detached = None if self._end is None else self._end.detach()
        if detached is not None:
            os.close(detached[2][1])

    def _put_up(self, name: str) -> str | None:
        file = self._file(name)
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:
            return None
        try:
            self._lock(descriptor)
        except _UNKNOWN:
            os.close(descriptor)
            file.unlink()
            return None
        self._end = weakref.finalize(self, _take_down, file, descriptor)
        return name

    def _sweep(self) -> None:
        """Remove what the dead have left: nobody may ever ask for them by name."""
        start = self._file("").name
        with suppress(OSError):
            for file in self._database.parent.iterdir():
                if file.name.startswith(start):
                    self.is_gone(file.name.removeprefix(start))

    def _file(self, name: str) -> Path:
        return self._database.with_name(f"{self._database.name}-holder-{name}")


def _take_down(file: Path, descriptor: int) -> None:
    with suppress(OSError):
        file.unlink()
    os.close(descriptor)
