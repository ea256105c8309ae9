"""Many creators' videos, and how their numbers grow, in one database."""

from .creator import Synced, sync_creator
from .database import Database, SyncError
from .run import sync_all
from .settings import SyncSettings

__all__ = ["Database", "SyncError", "SyncSettings", "Synced", "sync_all", "sync_creator"]
