"""What to say when the optional half of the sandbox is not installed."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def server_extra() -> Iterator[None]:
    """Around an import that needs Starlette and uvicorn: names the cure if they are missing."""
    try:
        yield
    except ModuleNotFoundError as missing:
        raise ImportError(
            "as a server the sandbox needs Starlette and uvicorn: "
            "pip install 'tiktok-display[sandbox]'"
        ) from missing
