"""Parts of all creators, for processes that know nothing of each other. Pure."""

import zlib

from ..errors import ConfigurationError

Shard = tuple[int, int]


def checked(shard: Shard) -> Shard:
    """The shard ``(i, n)``, if there is such a one.

    Raises:
        ConfigurationError: i is not from 0 to n - 1.
    """
    number, count = shard
    if not 0 <= number < count:
        raise ConfigurationError("a shard is (i, n), with i from 0 to n - 1")
    return shard


def holds(shard: Shard, open_id: str) -> bool:
    """Whether a creator is of it; every creator is of one, the same on every machine."""
    number, count = shard
    return zlib.crc32(open_id.encode()) % count == number
