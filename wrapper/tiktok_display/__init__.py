"""TikTok's Display API: a creator's own videos, with paging, retries and token refresh done right.

>>> from tiktok_display import DisplayClient
>>> with DisplayClient("act.…") as client:
...     for video in client.list_videos():
...         print(video.id, video.title)
"""

from typing import TYPE_CHECKING

from tiktok_display_api.models import Video, VideoField, VideoPage
from tiktok_display_api.provenance import GENERATOR, SPEC_SHA256, SPEC_VERSION

from .arguments import ALL
from .clients import AsyncDisplayClient, DisplayClient
from .errors import (
    AccessTokenInvalid,
    ApiError,
    ConfigurationError,
    DeadlineExceeded,
    InvalidParams,
    PaginationStalled,
    RateLimited,
    ReauthorizationRequired,
    RefreshUnavailable,
    ScopeNotAuthorized,
    ServerError,
    TikTokError,
    TokenStoreError,
    TransportError,
    UnexpectedResponse,
    UnknownFieldWarning,
)
from .lazy import opened
from .pages import AsyncVideoPager, QueryResult, VideoPager
from .policies import Limiter, RetryPolicy
from .version import VERSION

if TYPE_CHECKING:
    from .auth import AppCredentials, TokenEvent, TokenEventKind, UserCredentials
    from .limits import RateLimit
    from .stores import (
        EncryptedTokenStore,
        MemoryTokenStore,
        PostgresTokenStore,
        RedisTokenStore,
        SqliteTokenStore,
        TokenRecord,
        TokenStore,
    )
    from .videos import canonical_url, cover_expires_at, is_photo, posted_at
else:
    __getattr__, __dir__ = opened(
        __name__,
        {
            "auth": "AppCredentials TokenEvent TokenEventKind UserCredentials",
            "limits": "RateLimit",
            "stores": "EncryptedTokenStore MemoryTokenStore PostgresTokenStore RedisTokenStore"
            " SqliteTokenStore TokenRecord TokenStore",
            "videos": "canonical_url cover_expires_at is_photo posted_at",
        },
    )

__all__ = [
    "ALL",
    "GENERATOR",
    "SPEC_SHA256",
    "SPEC_VERSION",
    "AccessTokenInvalid",
    "ApiError",
    "AppCredentials",
    "AsyncDisplayClient",
    "AsyncVideoPager",
    "ConfigurationError",
    "DeadlineExceeded",
    "DisplayClient",
    "EncryptedTokenStore",
    "InvalidParams",
    "Limiter",
    "MemoryTokenStore",
    "PaginationStalled",
    "PostgresTokenStore",
    "QueryResult",
    "RateLimit",
    "RateLimited",
    "ReauthorizationRequired",
    "RedisTokenStore",
    "RefreshUnavailable",
    "RetryPolicy",
    "ScopeNotAuthorized",
    "ServerError",
    "SqliteTokenStore",
    "TikTokError",
    "TokenEvent",
    "TokenEventKind",
    "TokenRecord",
    "TokenStore",
    "TokenStoreError",
    "TransportError",
    "UnexpectedResponse",
    "UnknownFieldWarning",
    "UserCredentials",
    "Video",
    "VideoField",
    "VideoPage",
    "VideoPager",
    "canonical_url",
    "cover_expires_at",
    "is_photo",
    "posted_at",
]
__version__ = VERSION
