"""Places to keep something, by their addresses: files, and servers. Pure."""

from typing import NamedTuple

_KINDS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "redis": "redis",
    "rediss": "redis",
    "unix": "redis",
}


class Address(NamedTuple):
    """What is there: "sqlite", "postgresql", "redis", or None for what nobody knows."""

    kind: str | None
    path: str  # of a file


def address(url: str) -> Address:
    """A path alone means the same as ``sqlite:///path``."""
    kind, found, rest = url.partition("://")
    if not found:
        return Address("sqlite", url)
    return Address(_KINDS.get(kind), rest.removeprefix("/") if kind == "sqlite" else "")
