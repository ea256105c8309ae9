"""Contains all the data models used in inputs/outputs"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .error_envelope import ErrorEnvelope
    from .error_info import ErrorInfo
    from .list_videos_request import ListVideosRequest
    from .query_videos_request import QueryVideosRequest
    from .video import Video
    from .video_field import VideoField
    from .video_filters import VideoFilters
    from .video_page import VideoPage
    from .video_page_envelope import VideoPageEnvelope

_MODULES = {
    "ErrorEnvelope": ".error_envelope",
    "ErrorInfo": ".error_info",
    "ListVideosRequest": ".list_videos_request",
    "QueryVideosRequest": ".query_videos_request",
    "Video": ".video",
    "VideoField": ".video_field",
    "VideoFilters": ".video_filters",
    "VideoPage": ".video_page",
    "VideoPageEnvelope": ".video_page_envelope",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)


__all__ = (
    "ErrorEnvelope",
    "ErrorInfo",
    "ListVideosRequest",
    "QueryVideosRequest",
    "Video",
    "VideoField",
    "VideoFilters",
    "VideoPage",
    "VideoPageEnvelope",
)
