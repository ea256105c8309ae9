"""A line to a server, for a test to spoil."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self


class Proxy:
    """Carries bytes between `port` of the loopback and a server's socket in the file system.

    ``alter`` may change what the server says. After `lose_next_answer` one answer is not handed
    on: its connection breaks instead, after ``meanwhile`` was done.
    """

    def __init__(self, path: str, alter: Callable[[bytes], bytes] = bytes) -> None:
        self._path, self._alter = path, alter
        self._meanwhile: Callable[[], object] | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lines: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def lose_next_answer(self, meanwhile: Callable[[], object] = bool) -> None:
        self._meanwhile = meanwhile

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._path)
                self._lines += [near, far]
                for way in ((near, far, bytes), (far, near, self._answer)):
                    self._threads.append(threading.Thread(target=_carry, args=way))
                    self._threads[-1].start()

    def _answer(self, said: bytes) -> bytes:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is None:
            return self._alter(said)
        meanwhile()
        return b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join()
        for line in self._lines:
            _hang_up(line)
        for thread in self._threads:
            thread.join()
        for line in self._lines:
            line.close()


def _carry(source: socket.socket, target: socket.socket, what: Callable[[bytes], bytes]) -> None:
    with suppress(OSError):
        while said := what(source.recv(65_536)):
            target.sendall(said)
    _hang_up(source)
    _hang_up(target)


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
