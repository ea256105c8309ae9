"""A town in a process of its own, so that it and its callers have a core each."""

import os
import subprocess
import sys
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, Self

from tests.reliability.replica import Line
from tests.scale.tied import ROOT
from tests.scale.town import Counted, Pair, Town, VideoRow

PATIENCE = 60.0  # s for its end


class TikTok:
    """The town as its parent sees it: each method is the town's own."""

    def __init__(self, **settings: object) -> None:
        self._line: Line
        self._line, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.scale.tiktok"],
                stdin=theirs.fileno(),
                cwd=ROOT,
                start_new_session=True,
            )
        self._line.send(settings)
        self.base_url, self.client_key, self.client_secret = self._line.recv()

    def truth(self) -> list[VideoRow]:
        return self._ask("truth")

    def answers(self) -> list[dict[str, Any]]:
        return self._ask("answers")

    def login_of(self, open_id: str) -> dict[str, Any]:
        return self._ask("login_of", open_id)

    def pairs(self) -> dict[str, Pair]:
        return self._ask("pairs")

    def post(self, burst: int = 0) -> None:
        self._ask("post", burst)

    def grow(self) -> None:
        self._ask("grow")

    def misbehave(self, lists: int) -> None:
        self._ask("misbehave", lists)

    def behave(self) -> None:
        self._ask("behave")

    def expire(self) -> None:
        self._ask("expire")

    def count_anew(self, expiry: int = 0, moment: int = 0) -> None:
        self._ask("count_anew", expiry, moment)

    def has_come(self, seconds: float) -> bool:
        return self._ask("has_come", seconds)

    def counted(self) -> Counted:
        return self._ask("counted")

    def _ask(self, name: str, *arguments: object) -> Any:
        self._line.send((name, arguments))
        return self._line.recv()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()


def main() -> None:
    """Do as told, until nobody is left to tell."""
    line: Line = Connection(os.dup(sys.stdin.fileno()))
    with Town(**line.recv()) as town:
        line.send((town.base_url, town.app.client_key, town.app.client_secret))
        while True:
            try:
                name, arguments = line.recv()
            except EOFError:
                return
            line.send(getattr(town, name)(*arguments))


if __name__ == "__main__":
    main()
