"""Prism, a mock server nobody here wrote, on `openapi.yaml`: it judges what reaches it.

https://github.com/stoplightio/prism
"""

import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from typing import IO

import pytest

from tests.node.relay import Relay
from tools.redocly import CURE, NODE
from tools.specification import SPEC

PRISM = NODE / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
SECONDS = 60.0  # to start, on a busy machine


@pytest.fixture(scope="session")
def prism() -> Iterator[str]:
    """The address of a running Prism."""
    with running() as address:
        yield address


@pytest.fixture
def relay(prism: str) -> Iterator[Relay]:
    """A recorder before Prism. In the end nothing of what passed may have broken the document:
    said here, so that no test can forget it.
    """
    with Relay(prism) as relay:
        yield relay
    assert relay.heard
    assert [heard.complaint for heard in relay.heard if heard.complaint] == []


@contextmanager
def running() -> Iterator[str]:
    """A Prism on a free port. It ends with the ``with``, and also where the tests are killed."""
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(
                _command(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                # A group of its own: `node` may be a script that has the true one as its child,
                # and a Ctrl-C in the terminal is the tests' to handle.
                start_new_session=True,
            )
        )
        watch = stack.enter_context(
            subprocess.Popen(
                ["sh", "-c", 'cat; kill -KILL "-$0"', str(process.pid)],
                stdin=subprocess.PIPE,
                start_new_session=True,
            )
        )
        address: Future[str] = Future()
        reader = threading.Thread(target=_listen, args=(process.stdout, address))
        reader.start()
        stack.callback(reader.join)
        stack.callback(watch.kill)
        stack.callback(_end, process)
        yield address.result(SECONDS)


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):  # it may never have started
        os.killpg(process.pid, signal.SIGKILL)


def _command() -> list[str]:
    node = shutil.which("node")
    if node is None or not PRISM.exists():
        raise RuntimeError(f"Prism needs Node 20.19 or newer on the PATH, and: {CURE}")
    return [
        node, str(PRISM), "mock", "--host", "127.0.0.1", "--port", "0",
        "--multiprocess", "false",  # one process, to be ended as one
        str(SPEC),
    ]  # fmt: skip


def _listen(output: IO[str], address: Future[str]) -> None:
    """Hears where Prism is, or what keeps it from starting; then reads on, lest the pipe fill."""
    said: list[str] = []
    for line in output:
        if address.done():
            continue
        said.append(line)
        if found := re.search(r"listening on (http://[\d.:]+)", line):
            address.set_result(found[1])
    if not address.done():
        address.set_exception(RuntimeError(f"Prism does not start: {''.join(said)}"))
