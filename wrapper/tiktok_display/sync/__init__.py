"""Many creators' videos, and how their numbers grow, in one database."""

from .creator import sync_creator
from .database import Database, SyncError
from .plan import Left, Plan, Requests
from .roster import due_creators
from .run import sync_all
from .settings import SyncSettings
from .synced import Synced

__all__ = [
    "Database",
    "Left",
    "Plan",
    "Requests",
    "SyncError",
    "SyncSettings",
    "Synced",
    "due_creators",
    "sync_all",
    "sync_creator",
]
