"""The videos of many creators, from the database of a sync into any destination of dlt.

https://dlthub.com/docs
"""

from .load import Loaded, load
from .source import mark_loaded, videos_source

__all__ = ["Loaded", "load", "mark_loaded", "videos_source"]
