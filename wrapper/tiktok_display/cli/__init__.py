"""The command ``tiktok-display``. The library imports none of it, nor of what it needs."""

import sys
from importlib import import_module


def main(commands: str = f"{__name__}.app") -> None:
    """Run the command that the arguments name, and leave with its exit code."""
    try:
        app = import_module(commands)
    except ModuleNotFoundError as missing:
        # The whole of what a library without its extra has to say; no traceback helps here.
        sys.exit(f'{missing.name} is not installed: pip install "tiktok-display[cli]"')
    sys.exit(app.run(app.app))
