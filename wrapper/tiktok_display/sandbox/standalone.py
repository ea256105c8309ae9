"""The sandbox as a program of its own."""

import contextlib
import json
import threading
from collections.abc import Callable

from .box import Sandbox


def serve(box: Sandbox, port: int, announce: Callable[[str], None]) -> None:
    """Runs the sandbox as a server until it is interrupted (``KeyboardInterrupt``).

    ``announce`` is given one line of JSON when it is ready. The secret and the tokens in it are the
    sandbox's own, worth nothing elsewhere. ``OSError`` where the port is taken; 0 for a free one.
    """
    with contextlib.suppress(KeyboardInterrupt):
        box.start(port)
        try:
            announce(json.dumps(_introduction(box)))
            threading.Event().wait()
        finally:
            box.stop()


def _introduction(box: Sandbox) -> dict[str, object]:
    return {
        "sandbox": True,
        "base_url": box.base_url,
        "client_key": box.app.client_key,
        "client_secret": box.app.client_secret,
        "creators": [
            {
                "open_id": creator.open_id,
                "access_token": creator.access_token,
                "videos": len(creator.videos),
            }
            for creator in box.creators
        ],
    }
