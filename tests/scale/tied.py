"""Processes that end with whoever has started them: `python -m tests.scale.tied MODULE ARGUMENT...`

Their standard input is a pipe that only the starter holds, and that nobody writes to: its end is
the starter's.
"""

import os
import runpy
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]


class Process:
    """A module that runs as a program of its own, in a session of its own: a Ctrl-C in the terminal
    is for its starter. What it says goes into two files of ``folder``.
    """

    def __init__(
        self, folder: Path, name: str, *command: str, environment: Mapping[str, str]
    ) -> None:
        self._name, self._out, self._log = name, folder / f"{name}.out", folder / f"{name}.log"
        with self._out.open("wb") as out, self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.scale.tied", *command],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, **environment},
                start_new_session=True,
            )

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    @property
    def lines(self) -> list[str]:
        """What it has said; of one that was killed the last line may be missing."""
        return [
            line for line in self._out.read_text().splitlines(keepends=True) if line[-1] == "\n"
        ]

    def wait(self, seconds: float) -> bool:
        """Whether it comes to a good end by itself; `TimeoutError` where it comes to none."""
        try:
            return self._process.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            raise TimeoutError(self.said()) from None

    def said(self) -> str:
        """The end of its log, for whoever has to find out."""
        return f"{self._name}:\n{self._log.read_text(errors='replace')[-3_000:]}"

    def kill(self) -> None:
        """``kill -9``, if it still runs, and wait until nothing is left of it."""
        with self._process:
            self._process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def main() -> None:
    """Run the module as if it had been called."""
    threading.Thread(target=_end_with_the_starter, daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _end_with_the_starter() -> None:
    while os.read(0, 1):  # not `sys.stdin`, whose lock the end of the program waits for
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
