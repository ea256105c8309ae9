"""The script ``tiktok-display``.

A module of its own beside the package: it is there before anything of the package is imported,
which takes long enough for somebody to interrupt it.
"""

import sys
from importlib import import_module


def main(package: str = "tiktok_display.cli") -> None:
    """Run the command line, and leave quietly where that is interrupted before it begins."""
    try:
        import_module(package).main()
    except KeyboardInterrupt:
        sys.exit(130)
