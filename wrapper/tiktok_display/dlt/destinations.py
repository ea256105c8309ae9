"""Where dlt loads to, as one shard of several sees it."""

from copy import copy
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from dlt.common.destination import Destination

_LAYOUT = "staging_dataset_name_layout"
_ONE_WRITER = ("dlt.destinations.duckdb",)  # https://duckdb.org/docs/stable/connect/concurrency


# Bytes of one INSERT. dlt has 32 MB, for whose parsing DuckDB takes gigabytes of memory, and twice
# the time. (Its way with JSON Lines is no way out: it takes texts for dates, and stumbles over an
# empty file.)
_QUERY = 100_000


def for_shard(
    destination: "str | Destination[Any, Any]", shard: tuple[int, int]
) -> "Destination[Any, Any]":
    """The destination with a staging dataset that is this shard's alone: dlt empties it before
    each load, and merges whatever it finds there.

    https://dlthub.com/docs/dlt-ecosystem/staging

    Raises:
        ConfigurationError: it is none.
    """
    from dlt.common.destination import Destination  # noqa: PLC0415 - an extra

    if (given := Destination.from_reference(destination)) is None:
        raise ConfigurationError("a load needs a destination: a name, or one of dlt.destinations")
    own = copy(given)
    if _LAYOUT in own.spec.get_resolvable_fields():
        layout = own.config_params.get(_LAYOUT, "%s_staging")
        own.config_params = {**own.config_params, _LAYOUT: f"{layout}_{shard[0]}_of_{shard[1]}"}
    if takes_one_writer(own):
        own.caps_params = {"max_query_length": _QUERY, **own.caps_params}
    return own


def takes_one_writer(destination: "Destination[Any, Any]") -> bool:
    """Whether it is for one process at a time."""
    return destination.destination_type in _ONE_WRITER
