"""Rooms that are opened by whoever asks for something in them: an import of the client costs little
more than one of httpx as long as nobody asks for a login or for a token store.
"""

from collections.abc import Callable, Mapping
from importlib import import_module


def opened(
    package: str, rooms: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of a package, for the names (with blanks between them) that
    its rooms have: https://docs.python.org/3/reference/datamodel.html#module.__getattr__
    """
    where = {name: room for room, names in rooms.items() for name in names.split()}

    def look(name: str) -> object:
        if name not in where:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{where[name]}"), name)

    def names() -> list[str]:
        return sorted({*vars(import_module(package)), *where})

    return look, names
