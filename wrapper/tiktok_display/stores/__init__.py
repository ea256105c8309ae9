"""Where tokens are kept between refreshes."""

from .base import Key, TokenRecord, TokenStore
from .memory import MemoryTokenStore

__all__ = ["Key", "MemoryTokenStore", "TokenRecord", "TokenStore"]
